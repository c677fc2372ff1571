//! The place of a known value on a sheet, and the text around it.

use std::ops::Range;

use recto_domain::{FieldType, Rect};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde_json::Value;

use crate::lexicon::MAX_LABEL_TOKENS;
use crate::matches::Matches;
use crate::same::{is_alike, letters, plain};
use crate::sheet::{Cell, Row, Sheet, tokens_of};

/// The largest distance of a label above a value, in line heights.
const ABOVE: f32 = 4.5;
/// The number of rows above a value that may contain labels.
const ROWS_ABOVE: usize = 2;
/// The most lines of a value.
const MAX_LINES: usize = 8;
/// The most words before a value that form a label.
const MAX_WORDS: usize = 4;

/// A place where a known value is printed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownPlace {
    /// Indices of its words in its first line: `first..end`.
    pub(super) first: usize,
    pub(super) end: usize,
    /// The bounding box of all its lines.
    pub(super) bbox: Rect,
    /// The page number, from 1.
    pub(super) page: u32,
}

impl KnownPlace {
    /// The words of its first line.
    pub(super) fn words(&self) -> Range<usize> {
        self.first..self.end
    }

    fn of(sheet: &Sheet, words: &[usize]) -> Option<Self> {
        let first = *words.first()?;
        let row = sheet.words[first].row;
        let end = words.iter().take_while(|word| sheet.words[**word].row == row).last()? + 1;
        let bbox = Rect::around(words.iter().map(|word| sheet.words[*word].bbox))?;
        Some(Self { first, end, bbox, page: sheet.page_of(first) })
    }
}

/// All places of a value of some type, in reading order.
pub(super) fn places(sheet: &Sheet, matches: &Matches, kind: FieldType, value: &Value) -> Vec<KnownPlace> {
    let place = |first: usize, end: usize| KnownPlace::of(sheet, &(first..end).collect::<Vec<usize>>());
    match kind {
        FieldType::Number | FieldType::Integer => {
            let Some(wanted) = value.as_f64().and_then(Decimal::from_f64) else { return Vec::new() };
            let same = matches.amounts.iter().filter(|find| find.amount.value.normalize() == wanted.normalize());
            same.filter_map(|find| place(find.first, find.end)).collect()
        }
        FieldType::Date => {
            let same = matches.dates.iter().filter(|find| value.as_str() == Some(find.date.to_string().as_str()));
            same.filter_map(|find| place(find.first, find.end)).collect()
        }
        FieldType::String => texts(sheet, &plain(value)),
        FieldType::Boolean | FieldType::Array | FieldType::Object => Vec::new(),
    }
}

/// All places of a text, in one row or in consecutive lines.
fn texts(sheet: &Sheet, wanted: &str) -> Vec<KnownPlace> {
    let most = wanted.len() + wanted.len() / 5 + 2;
    let mut found: Vec<KnownPlace> = Vec::new();
    let mut first = 0;
    while first < sheet.words.len() && !wanted.is_empty() {
        let row: Vec<usize> = (first..sheet.rows[sheet.words[first].row].end).collect();
        let ways = [row, lines_from(sheet, first)];
        let words = ways.iter().find_map(|words| {
            let mut text = String::new();
            let mut best = None;
            for (count, word) in words.iter().enumerate() {
                text.push_str(&letters(&sheet.words[*word].text));
                if text.len() > most {
                    break;
                }
                if text == wanted {
                    return words.get(..=count);
                }
                if is_alike(wanted, &text) {
                    best = words.get(..=count);
                }
            }
            best
        });
        match words.and_then(|words| KnownPlace::of(sheet, words)) {
            Some(place) => {
                first = place.end;
                found.push(place);
            }
            None => first += 1,
        }
    }
    found
}

/// The words from a given one to the end of its cell, and those of the cells below it.
fn lines_from(sheet: &Sheet, first: usize) -> Vec<usize> {
    let word = &sheet.words[first];
    let mut words: Vec<usize> = (first..sheet.cells[word.cell].end).collect();
    let (page, mut last) = (sheet.rows[word.row].page, word.bbox);
    for row in sheet.rows.iter().skip(word.row + 1).take(MAX_LINES - 1) {
        let under = sheet.cells_of(row).iter().find(|cell| (cell.bbox.x - word.bbox.x).abs() < word.bbox.height);
        match under {
            Some(cell) if row.page == page && cell.bbox.y - last.bottom() < 2.0 * word.bbox.height => {
                words.extend(cell.first..cell.end);
                last = cell.bbox;
            }
            _ => break,
        }
    }
    words
}

/// The texts around a place that may be its label. Known values, whose words are in `values`, are excluded.
pub(super) fn labels_around(sheet: &Sheet, place: &KnownPlace, values: &[Range<usize>]) -> Vec<String> {
    let mut ranges = Vec::new();
    let row = &sheet.rows[sheet.words[place.first].row];
    if place.first > row.first {
        let before = &sheet.cells[sheet.words[place.first - 1].cell];
        let start = before.first.max(place.first.saturating_sub(MAX_WORDS));
        ranges.extend((start..place.first).map(|first| first..place.first));
        let head = &sheet.cells[sheet.words[row.first].cell];
        ranges.push(head.first..head.end.min(place.first));
    }
    let is_over = |bbox: &Rect| bbox.x < place.bbox.right() && bbox.right() > place.bbox.x;
    let above = sheet.rows.iter().take(sheet.words[place.first].row).rev();
    let near = above.take_while(|row| {
        row.page == place.page
            && place.bbox.y - row.bbox.bottom() <= ABOVE * sheet.line_height.max(place.bbox.height.min(20.0))
    });
    let cells_over =
        |row: &Row| -> Vec<&Cell> { sheet.cells_of(row).iter().filter(|cell| is_over(&cell.bbox)).collect() };
    for cells in near.map(cells_over).filter(|cells| !cells.is_empty()).take(ROWS_ABOVE) {
        for cell in cells {
            ranges.push(cell.first..cell.end);
            let mut over = (cell.first..cell.end).filter(|word| is_over(&sheet.words[*word].bbox));
            if let Some(first) = over.next() {
                ranges.push(first..over.next_back().unwrap_or(first) + 1);
            }
        }
    }
    ranges.retain(|range| values.iter().all(|value| value.end <= range.start || range.end <= value.start));
    let texts = ranges.into_iter().map(|range| sheet.text(range.start, range.end));
    let trimmed = texts.map(|text| text.trim_matches(|c: char| !c.is_alphanumeric() && c != '#').to_owned());
    trimmed.filter(|label| can_be_label(label)).collect()
}

/// Whether a text can be a label: a few words that are not a number.
pub(super) fn can_be_label(text: &str) -> bool {
    let tokens = text.split_whitespace().flat_map(|word| tokens_of(word, 0)).count();
    let (letters, figures) = (count(text, char::is_alphabetic), count(text, |c| c.is_ascii_digit()));
    (1..=MAX_LABEL_TOKENS).contains(&tokens) && letters >= 2 && figures * 3 <= letters
}

fn count(text: &str, is_one: impl Fn(char) -> bool) -> usize {
    text.chars().filter(|c| is_one(*c)).count()
}
