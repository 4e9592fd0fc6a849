//! The table for people, and the file for machines.

use crate::row::{Bound, Row};
use anyhow::{Context, Result};
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use std::path::Path;

/// Prints the rows.
pub fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["row", "value", "floor", "unit", "ratio", "spread", "target", "", "beside"]);
    for row in rows {
        let sign = if row.bound == Bound::AtMost { '≤' } else { '≥' };
        let beside: Vec<String> =
            row.beside.iter().map(|(name, figure)| format!("{name} {}", short(*figure))).collect();
        table.add_row([
            row.name.to_owned(),
            short(row.value),
            short(row.floor),
            row.unit.to_owned(),
            format!("{:.2}", row.ratio),
            format!("{:.2}–{:.2} of {}", row.spread.0, row.spread.1, row.rounds),
            format!("{sign} {}", row.target),
            if row.met { "met" } else { "MISSED" }.to_owned(),
            beside.join(", "),
        ]);
    }
    for column in [1, 2, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
}

/// Writes the rows as JSON, one object each.
pub fn write(rows: &[Row], file: &Path) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let json = serde_json::to_string_pretty(rows)?;
    std::fs::write(file, json + "\n").with_context(|| format!("{} can't be written", file.display()))
}

/// Three digits that matter, or all before the point.
fn short(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        medium if medium >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
