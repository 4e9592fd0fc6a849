//! A reader of packed facts: columns looked up by id, kinds and lengths checked once.

use crate::{RuleError, Table, Values};

/// Packed facts, checked: every column is as long as the table has rows.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    table: &'a Table,
    rows: usize,
}

impl<'a> Facts<'a> {
    /// Reads a table.
    ///
    /// # Errors
    /// `out-of-range` if a column is longer or shorter than the table.
    pub fn of(table: &'a Table) -> Result<Self, RuleError> {
        let rows = table.rows as usize;
        for column in &table.columns {
            let length = match &column.values {
                Values::Codes(values) => values.len(),
                Values::Amounts(values) => values.len(),
            };
            if length != rows {
                let message = format!("column {} has {length} values for {rows} rows", column.id);
                return Err(RuleError::OutOfRange(message));
            }
        }
        Ok(Self { table, rows })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A constant; 0 if it is missing.
    pub fn constant(&self, id: u16) -> i64 {
        self.table.constants.iter().find(|constant| constant.id == id).map_or(0, |constant| constant.value)
    }

    /// A constant that the rules can't do without.
    ///
    /// # Errors
    /// `missing-column` if it is missing or 0.
    pub fn required_constant(&self, id: u16) -> Result<i64, RuleError> {
        match self.constant(id) {
            0 => Err(RuleError::MissingColumn(id)),
            value => Ok(value),
        }
    }

    /// A column of codes; zeros if it is missing.
    ///
    /// # Errors
    /// `missing-column` if it is one of amounts.
    pub fn codes(&self, id: u16) -> Result<Lane<'a, u32>, RuleError> {
        match self.column(id) {
            None => Ok(Lane(&[])),
            Some(Values::Codes(values)) => Ok(Lane(values)),
            Some(Values::Amounts(_)) => Err(RuleError::MissingColumn(id)),
        }
    }

    /// A column of amounts, times or durations; zeros if it is missing.
    ///
    /// # Errors
    /// `missing-column` if it is one of codes.
    pub fn amounts(&self, id: u16) -> Result<Lane<'a, i64>, RuleError> {
        match self.column(id) {
            None => Ok(Lane(&[])),
            Some(Values::Amounts(values)) => Ok(Lane(values)),
            Some(Values::Codes(_)) => Err(RuleError::MissingColumn(id)),
        }
    }

    /// A column of amounts that the rules can't do without.
    ///
    /// # Errors
    /// `missing-column` if it is missing, or one of codes.
    pub fn required_amounts(&self, id: u16) -> Result<Lane<'a, i64>, RuleError> {
        match self.column(id) {
            Some(Values::Amounts(values)) => Ok(Lane(values)),
            _ => Err(RuleError::MissingColumn(id)),
        }
    }

    fn column(&self, id: u16) -> Option<&'a Values> {
        self.table.columns.iter().find(|column| column.id == id).map(|column| &column.values)
    }
}

/// The values of one column, or zeros.
#[derive(Debug, Clone, Copy)]
pub struct Lane<'a, T>(&'a [T]);

impl<T: Copy + Default> Lane<'_, T> {
    /// The value of a row.
    pub fn at(&self, row: usize) -> T {
        self.0.get(row).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Constant};

    fn table() -> Table {
        Table {
            rows: 2,
            constants: vec![Constant { id: 1, value: 7 }],
            columns: vec![
                Column { id: 100, values: Values::Amounts(vec![10, 20]) },
                Column { id: 110, values: Values::Codes(vec![1, 2]) },
            ],
        }
    }

    #[test]
    fn what_is_missing_reads_as_zero() {
        let table = table();
        let facts = Facts::of(&table).unwrap();
        assert_eq!(facts.codes(999).unwrap().at(1), 0);
        assert_eq!(facts.amounts(100).unwrap().at(1), 20);
        assert_eq!((facts.constant(1), facts.constant(2)), (7, 0));
    }

    #[test]
    fn what_is_indispensable_is_named_when_it_is_missing_or_of_another_kind() {
        let table = table();
        let facts = Facts::of(&table).unwrap();
        assert_eq!(facts.required_amounts(999).unwrap_err(), RuleError::MissingColumn(999));
        assert_eq!(facts.required_amounts(110).unwrap_err(), RuleError::MissingColumn(110));
        assert_eq!(facts.codes(100).unwrap_err(), RuleError::MissingColumn(100));
        assert_eq!(facts.required_constant(2).unwrap_err(), RuleError::MissingColumn(2));
    }

    #[test]
    fn a_column_of_another_length_is_refused() {
        let mut table = table();
        table.rows = 3;
        assert!(matches!(Facts::of(&table), Err(RuleError::OutOfRange(_))));
    }
}
