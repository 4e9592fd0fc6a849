//! A table of facts under construction, column by column.

use interline_runtime::{FactTable, Values};

/// Columns of codes and of amounts, by id, filled row by row.
pub struct Sheet<const C: usize, const A: usize> {
    rows: u32,
    codes: [(u16, Vec<u32>); C],
    amounts: [(u16, Vec<i64>); A],
}

impl<const C: usize, const A: usize> Sheet<C, A> {
    /// An empty table with these columns, and room for so many rows.
    pub fn new(codes: [u16; C], amounts: [u16; A], room: usize) -> Self {
        let codes = codes.map(|id| (id, Vec::with_capacity(room)));
        Self { rows: 0, codes, amounts: amounts.map(|id| (id, Vec::with_capacity(room))) }
    }

    /// Adds a row: values in the order of the columns.
    pub fn push(&mut self, codes: [u32; C], amounts: [i64; A]) {
        for ((_, column), value) in self.codes.iter_mut().zip(codes) {
            column.push(value);
        }
        for ((_, column), value) in self.amounts.iter_mut().zip(amounts) {
            column.push(value);
        }
        self.rows += 1;
    }

    /// Number of rows so far.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// As rule sets take it.
    pub fn into_facts(self, constants: Vec<(u16, i64)>) -> FactTable {
        let codes = self.codes.into_iter().map(|(id, values)| (id, Values::Codes(values)));
        let amounts = self.amounts.into_iter().map(|(id, values)| (id, Values::Amounts(values)));
        FactTable { rows: self.rows, constants, columns: codes.chain(amounts).collect() }
    }
}

/// Up to four ASCII characters, big-endian; 0 for anything else.
pub fn pack(code: &str) -> u32 {
    if code.len() > 4 || !code.is_ascii() {
        return 0;
    }
    code.bytes().fold(0, |packed, byte| (packed << 8) | u32::from(byte))
}
