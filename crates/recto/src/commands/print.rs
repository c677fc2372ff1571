//! The output of administration commands: JSON for programs, or aligned lines for people.

use std::io::{self, Write};

use serde::Serialize;

use crate::terminal;

/// Prints JSON and a line end on stdout.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    terminal::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// Prints names and values, one pair to a line.
pub(super) fn fields(fields: &[(&str, String)]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = fields.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
    io::stdout().write_all(aligned(&rows).as_bytes())
}

/// Prints a table with a header. Without rows, it prints `none` instead.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>, none: &str) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(io::stdout(), "{none}");
    }
    let head = head.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    io::stdout().write_all(aligned(&rows).as_bytes())
}

/// The rows as lines. Each column is as wide as its widest cell, with two spaces between columns. Control characters in
/// cells are escaped for the terminal.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let shown = |row: &Vec<String>| row.iter().map(|cell| terminal::one_line(cell).into_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let chars = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|row| row.get(c)).map(chars).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: &[&str]| cells.iter().map(|&c| c.to_owned()).collect::<Vec<_>>();
        assert_eq!(aligned(&[row(&["id", "name"]), row(&["1234", "é"]), row(&["5"])]), "id    name\n1234  é\n5\n");
    }

    #[test]
    fn names_that_people_gave_stay_in_their_cell() {
        let rows = [vec!["\u{1b}[2Ja\nb".to_owned(), "c".to_owned()]];
        assert_eq!(aligned(&rows), "\\u{1b}[2Ja\\nb  c\n");
    }
}
