//! The world `fare-rules`: what the traveller pays.

pub use crate::bindings::fares::exports::interline::rules0_2_0::fares::{Guest, Priced};

/// What a line of a price is, by its number in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LineKind {
    /// Added.
    Markup = 1,
    /// Added.
    ServiceFee = 2,
    /// Added, below zero.
    Discount = 3,
    /// The agency's share within the supplier's total: told, not added.
    Commission = 4,
    /// Added.
    Rounding = 5,
}

/// One line of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Which row of the facts.
    pub row: u32,
    /// Which rule made it, as `describe` numbers it.
    pub rule: u32,
    /// What it is.
    pub kind: LineKind,
    /// Minor units of the display currency.
    pub amount: i64,
}

/// Lines of prices, kept as the columns that the contract wants.
#[derive(Debug, Default)]
pub struct Lines {
    rows: Vec<u32>,
    rules: Vec<u32>,
    kinds: Vec<u8>,
    amounts: Vec<i64>,
}

impl Lines {
    /// With room for so many.
    pub fn with_capacity(lines: usize) -> Self {
        Self {
            rows: Vec::with_capacity(lines),
            rules: Vec::with_capacity(lines),
            kinds: Vec::with_capacity(lines),
            amounts: Vec::with_capacity(lines),
        }
    }

    /// Adds a line; rows come in order.
    #[inline]
    pub fn push(&mut self, line: Line) {
        self.rows.push(line.row);
        self.rules.push(line.rule);
        self.kinds.push(line.kind as u8);
        self.amounts.push(line.amount);
    }

    /// The answer: these lines, and from when there may be others.
    pub fn priced(self, changes_at: Option<i64>) -> Priced {
        let Self { rows, rules, kinds, amounts } = self;
        Priced { rows, rules, kinds, amounts, changes_at }
    }
}

impl Priced {
    /// The answer line by line; a kind that the contract does not number ends it.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let kinds = self.kinds.iter().map_while(|kind| LineKind::numbered(*kind));
        let places = self.rows.iter().zip(&self.rules).zip(&self.amounts);
        places.zip(kinds).map(|(((row, rule), amount), kind)| Line { row: *row, rule: *rule, kind, amount: *amount })
    }
}

impl LineKind {
    fn numbered(number: u8) -> Option<Self> {
        [Self::Markup, Self::ServiceFee, Self::Discount, Self::Commission, Self::Rounding]
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_as_they_were_added() {
        let line = |row, rule, kind, amount| Line { row, rule, kind, amount };
        let added = [
            line(0, 101, LineKind::Markup, 500),
            line(0, 501, LineKind::Rounding, 3),
            line(2, 301, LineKind::Discount, -20),
            line(2, 401, LineKind::Commission, 7),
            line(3, 201, LineKind::ServiceFee, 400),
        ];
        let mut lines = Lines::with_capacity(added.len());
        added.into_iter().for_each(|line| lines.push(line));
        let priced = lines.priced(Some(9));
        assert_eq!(priced.lines().collect::<Vec<_>>(), added);
        assert_eq!((priced.kinds, priced.changes_at), (vec![1, 5, 3, 4, 2], Some(9)));
    }
}
