//! All values of a kind on a sheet, wherever they stand.

use serde_json::Value;

use super::surroundings::Surroundings;
use crate::candidate::Candidate;
use crate::concept::Kind;
use crate::labels;
use crate::search::Search;
use crate::sheet::{Cell, Sheet};

/// The score of a text: all are alike.
const TEXT: f32 = 0.5;
/// The most words of a text.
const LONGEST: usize = 14;
/// The most words of a name.
const LONGEST_NAME: usize = 6;
/// A text may end at the first commas.
const COMMAS: usize = 2;
/// A point after a shorter word belongs to an abbreviation.
const ABBREVIATION: usize = 4;
/// A value begins after a word that says this much of the field's name.
const TELLS: f32 = 0.05;

/// The values of a kind for the field with that index.
pub(super) fn of_kind(
    search: &Search<'_>,
    surroundings: &Surroundings<'_>,
    field: usize,
    kind: Kind,
) -> Vec<Candidate> {
    let sheet = search.sheet;
    let in_rows = |kind: Kind| sheet.rows.iter().flat_map(|row| search.values(row.first, row.end, kind)).collect();
    match kind {
        Kind::Amount | Kind::Quantity | Kind::Percent => in_rows(Kind::Percent),
        Kind::Date => in_rows(kind),
        Kind::Text | Kind::Party | Kind::Address => {
            sheet.cells.iter().flat_map(|cell| texts(search, surroundings, field, cell)).collect()
        }
        _ => sheet.cells.iter().flat_map(|cell| codes(search, cell, kind)).collect(),
    }
}

/// The codes in a cell, each one also if it is not the first after what goes before.
fn codes(search: &Search<'_>, cell: &Cell, kind: Kind) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let covers = |candidate: &Candidate, at: usize| {
        candidate.words.first().is_some_and(|(first, end)| (*first..*end).contains(&at))
    };
    for at in cell.first..cell.end {
        let has_figures = search.sheet.words[at].text.contains(char::is_numeric);
        if has_figures && !found.iter().any(|known| covers(known, at)) {
            found.extend(search.values(at, cell.end, kind).into_iter().find(|code| covers(code, at)));
        }
    }
    found
}

/// The texts in a cell: from its beginning, a punctuation mark or a label on, to its end, a punctuation mark or the end of
/// a name.
fn texts(search: &Search<'_>, surroundings: &Surroundings<'_>, field: usize, cell: &Cell) -> Vec<Candidate> {
    let sheet = search.sheet;
    let begins = |at: usize| {
        let text = &sheet.words[at].text;
        let is_mark = text.ends_with([':', ',', ';', '(']) || text == "-" || text == "–";
        is_mark || surroundings.said(&(at..at + 1), field).of_name > TELLS
    };
    let labelled = labels::in_row(&search.labels, cell.row).map(|label| label.end);
    let mut starts: Vec<usize> = std::iter::once(cell.first)
        .chain((cell.first..cell.end).filter(|at| begins(*at)).map(|at| at + 1))
        .chain(labelled.filter(|end| (cell.first..cell.end).contains(end)))
        .filter(|start| *start < cell.end)
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let from = |start: usize| ends(sheet, cell, start).into_iter().filter_map(move |end| text(sheet, start, end));
    starts.into_iter().flat_map(from).collect()
}

/// Where a text that begins at a word may end.
fn ends(sheet: &Sheet, cell: &Cell, start: usize) -> Vec<usize> {
    let stop = cell.end.min(start + LONGEST);
    let is_name = |at: usize| sheet.words[at].text.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    let mut ends = vec![stop];
    let mut commas = 0;
    for at in start..stop {
        let text = &sheet.words[at].text;
        let ends_part = text.ends_with([',', ';', ')']);
        commas += usize::from(ends_part);
        let ends_sentence = text.ends_with('.') && text.chars().count() > ABBREVIATION;
        let is_in_name = at > start && at < start + LONGEST_NAME && is_name(start) && is_name(at);
        let ends_name = is_in_name && at + 1 < cell.end && !is_name(at + 1);
        if (ends_part && commas <= COMMAS) || ends_sentence || ends_name {
            ends.push(at + 1);
        }
        if at > start && text.starts_with('(') {
            ends.push(at);
        }
    }
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Words as a text, without the marks around it.
fn text(sheet: &Sheet, first: usize, end: usize) -> Option<Candidate> {
    let text = sheet.text(first, end);
    let is_mark = |c: char| c.is_whitespace() || matches!(c, ':' | ';' | '|' | '*' | '=' | '#' | ',' | '(' | '-' | '–');
    let value = text.trim_matches(is_mark).trim_end_matches('.');
    let value = if value.contains('(') { value } else { value.trim_end_matches(')') };
    let value = Some(value).filter(|value| value.contains(char::is_alphanumeric))?;
    Some(Candidate::printed(sheet, first, end, Value::String(value.to_owned()), TEXT))
}
