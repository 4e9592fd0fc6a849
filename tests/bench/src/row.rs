//! One line of the table.

use serde::Serialize;
use std::collections::BTreeMap;

/// Which side of the target is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The ratio is to be no more than the target.
    AtMost,
    /// The ratio is to be no less than the target.
    AtLeast,
}

/// What was measured, against its floor. Value and floor are medians; the ratio is the median of the rounds' ratios.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `search-hot`.
    pub name: &'static str,
    /// What in words.
    pub what: &'static str,
    /// Measured.
    pub value: f64,
    /// Of value and floor.
    pub unit: &'static str,
    /// The least that the same work can cost.
    pub floor: f64,
    /// Value over floor.
    pub ratio: f64,
    /// Lowest and highest ratio of the rounds.
    pub spread: (f64, f64),
    /// Rounds.
    pub rounds: usize,
    /// What the ratio is to reach.
    pub target: f64,
    /// Which side of it is good.
    pub bound: Bound,
    /// Whether it is reached.
    pub met: bool,
    /// Figures that stand beside it: requests a second, latencies, sizes.
    pub beside: BTreeMap<&'static str, f64>,
}

/// Pairs of one row, measured round by round: the value, and the floor of the same round.
#[derive(Debug, Default)]
pub struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    /// One round.
    pub fn push(&mut self, value: f64, floor: f64) {
        self.0.push((value, floor));
    }

    /// The row of these rounds.
    pub fn row(self, name: &'static str, what: &'static str, unit: &'static str, (bound, target): (Bound, f64)) -> Row {
        let of = |part: fn(&(f64, f64)) -> f64| median(self.0.iter().map(part).collect());
        let ratios: Vec<f64> = self.0.iter().map(|(value, floor)| value / floor).collect();
        let spread = ratios.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &one| (low.min(one), high.max(one)));
        let ratio = median(ratios);
        let met = match bound {
            Bound::AtMost => ratio <= target,
            Bound::AtLeast => ratio >= target,
        };
        Row {
            name,
            what,
            value: of(|pair| pair.0),
            unit,
            floor: of(|pair| pair.1),
            ratio,
            spread,
            rounds: self.0.len(),
            target,
            bound,
            met,
            beside: BTreeMap::new(),
        }
    }
}

impl Row {
    /// Puts a figure beside it.
    #[must_use]
    pub fn with(mut self, name: &'static str, figure: f64) -> Self {
        self.beside.insert(name, figure);
        self
    }
}

/// The middle one; of an even number the mean of the two.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    match figures.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => figures[odd / 2],
        even => f64::midpoint(figures[even / 2 - 1], figures[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_median_of_its_rounds_and_knows_whether_it_is_good() {
        let mut pairs = Pairs::default();
        for (value, floor) in [(3.0, 2.0), (2.2, 2.0), (2.4, 2.0)] {
            pairs.push(value, floor);
        }
        let row = pairs.row("a", "b", "µs", (Bound::AtMost, 1.25));
        assert_eq!((row.value, row.floor, row.ratio, row.met), (2.4, 2.0, 1.2, true));
        assert_eq!(row.spread, (1.1, 1.5));
        let mut pairs = Pairs::default();
        pairs.push(40.0, 100.0);
        assert!(!pairs.row("a", "b", "/s", (Bound::AtLeast, 0.5)).met);
    }
}
