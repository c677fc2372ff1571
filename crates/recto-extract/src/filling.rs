//! How a page is filled in: what is asked for may be told behind its key, under it, or over it.
//!
//! `Vessel:   Port of loading:` and a row under it, or `Vessel:   GLOBAL VOYAGER` and the next key under it: where a key
//! has something on both sides, the other keys of the page decide.

use recto_domain::Rect;

use crate::labels::{self, Label};
use crate::sheet::{Cell, Sheet};

/// Beginnings of lines differ by no more than this many line heights, or they are not under each other.
const ALIGNED: f32 = 0.6;
/// What is told under a key, or over it, is no farther away than this many line heights.
const NEAR: f32 = 1.6;
/// A key has at most so many words.
const MAX_KEY: usize = 7;

/// Where the values of a page stand that are in no cell with their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Filling {
    #[default]
    Behind,
    Under,
}

impl Filling {
    /// That of each page, by its number less one.
    pub(crate) fn of_pages(sheet: &Sheet, labels: &[Label]) -> Vec<Self> {
        let mut votes = vec![(0usize, 0usize); sheet.sizes.len()];
        for cell in sheet.cells.iter().filter(|cell| is_key(sheet, labels, cell)) {
            let page = sheet.rows[cell.row].page as usize - 1;
            let is_value = |other: &Cell| !is_key(sheet, labels, other);
            let behind = next_in_row(sheet, cell).is_some_and(is_value);
            let under = aligned(sheet, cell, Side::Under).is_some_and(is_value);
            match (behind, under) {
                (true, false) => votes[page].0 += 1,
                (false, true) => votes[page].1 += 1,
                _ => {}
            }
        }
        votes.into_iter().map(|(behind, under)| if under > behind { Self::Under } else { Self::Behind }).collect()
    }
}

/// Whether a word is in a cell under a line that is filled in above it: a line lies between the cell and what stands over
/// it, and none under it.
pub(crate) fn is_under_its_line(sheet: &Sheet, word: usize) -> bool {
    let cell = &sheet.cells[sheet.words[word].cell];
    let ruling = &sheet.rulings[sheet.page_of(word) as usize - 1];
    let Some(over) = aligned(sheet, cell, Side::Over) else { return false };
    let between = |upper: &Rect, lower: &Rect| ruling.runs_between(upper, lower);
    let under = aligned(sheet, cell, Side::Under);
    between(&over.bbox, &cell.bbox) && under.is_none_or(|under| !between(&cell.bbox, &under.bbox))
}

/// Whether a label ends its cell, and something that is no key begins where it does right under it.
pub(crate) fn has_value_under(sheet: &Sheet, labels: &[Label], label: &Label) -> bool {
    let cell = &sheet.cells[sheet.words[label.end - 1].cell];
    let is_value = |other: &Cell| !is_key(sheet, labels, other);
    cell.end == label.end && aligned(sheet, cell, Side::Under).is_some_and(is_value)
}

fn is_key(sheet: &Sheet, labels: &[Label], cell: &Cell) -> bool {
    let is_called = |text: &str| text.ends_with(':') && text.chars().count() > 1;
    let words = &sheet.words[cell.first..cell.end];
    let is_short = words.len() <= MAX_KEY && words.iter().any(|word| word.text.contains(char::is_alphabetic));
    let ends_so = words.last().is_some_and(|word| is_called(&word.text) || word.text == ":");
    let is_label = || {
        let has_figures = words.iter().any(|word| word.text.contains(|c: char| c.is_ascii_digit()));
        !has_figures
            && labels::in_row(labels, cell.row)
                .any(|label| label.first == cell.first && label.meanings.iter().any(|meaning| !meaning.is_weak))
    };
    is_short && (ends_so || is_label())
}

fn next_in_row<'a>(sheet: &'a Sheet, cell: &Cell) -> Option<&'a Cell> {
    let row = &sheet.rows[cell.row];
    (cell.end < row.end).then(|| &sheet.cells[sheet.words[cell.end].cell])
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Under,
    Over,
}

/// The nearest cell under a cell, or over it, that begins where it does.
fn aligned<'a>(sheet: &'a Sheet, cell: &Cell, side: Side) -> Option<&'a Cell> {
    let height = cell.bbox.height.max(sheet.line_height);
    let page = sheet.rows[cell.row].page;
    let away = |other: &Rect| match side {
        Side::Under => other.y - cell.bbox.bottom(),
        Side::Over => cell.bbox.y - other.bottom(),
    };
    let next = |row: &usize| match side {
        Side::Under => Some(row + 1).filter(|row| *row < sheet.rows.len()),
        Side::Over => row.checked_sub(1),
    };
    let near = std::iter::successors(next(&cell.row), next)
        .take_while(|row| sheet.rows[*row].page == page && away(&sheet.rows[*row].bbox) <= NEAR * height)
        .flat_map(|row| sheet.cells_of(&sheet.rows[row]));
    let mut over_or_under = near.filter(|other| {
        other.bbox.x < cell.bbox.right() && other.bbox.right() > cell.bbox.x && away(&other.bbox) <= NEAR * height
    });
    let nearest = over_or_under.next()?;
    ((nearest.bbox.x - cell.bbox.x).abs() <= ALIGNED * height).then_some(nearest)
}
