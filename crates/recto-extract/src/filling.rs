//! How a form is filled in: a value may be beside its key, below it, or above it.
//!
//! For example, `Vessel:   Port of loading:` has its values in the row below, while `Vessel:   GLOBAL VOYAGER` has the
//! next key below. If a key has something on both sides, the other keys of the page decide.

use recto_domain::Rect;

use crate::labels::{self, Label};
use crate::sheet::{Cell, Sheet};

/// The largest difference between the beginnings of aligned lines, in line heights.
const ALIGNED: f32 = 0.6;
/// The largest distance of a value below or above its key, in line heights.
const NEAR: f32 = 1.6;
/// The least cells of a row that is the head of the next.
const HEAD_CELLS: usize = 3;
/// The most words of a key.
const MAX_KEY: usize = 7;

/// Where a page has the values that are not in one cell with their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Filling {
    #[default]
    Behind,
    Under,
}

impl Filling {
    /// The filling of each page; the index is the page number minus one.
    pub(crate) fn of_pages(sheet: &Sheet, labels: &[Label]) -> Vec<Self> {
        let mut votes = vec![(0usize, 0usize); sheet.sizes.len()];
        for cell in sheet.cells.iter().filter(|cell| is_key(sheet, labels, cell)) {
            let page = sheet.rows[cell.row].page as usize - 1;
            let is_value = |other: &Cell| !is_key(sheet, labels, other);
            let behind = next_in_row(sheet, cell).is_some_and(is_value);
            let under = aligned(sheet, cell, Neighbour::Under).is_some_and(is_value);
            match (behind, under) {
                (true, false) => votes[page].0 += 1,
                (false, true) => votes[page].1 += 1,
                _ => {}
            }
        }
        votes.into_iter().map(|(behind, under)| if under > behind { Self::Under } else { Self::Behind }).collect()
    }
}

/// Whether a row is the head of the row below it: it has several short cells without figures or colons, and below each of
/// them is a cell of the next row, which has figures: `Ship Via   F.O.B.   Terms` over `UPS   Origin   Net 30`.
pub(crate) fn is_head(sheet: &Sheet, row: usize) -> bool {
    let has_figures = |cell: &Cell| sheet.cell_text(cell).contains(|c: char| c.is_numeric());
    let is_head = |cell: &Cell| {
        let words = &sheet.words[cell.first..cell.end];
        words.len() <= MAX_KEY && !has_figures(cell) && !words.iter().any(|word| word.text.ends_with(':'))
    };
    let Some(next) = sheet.rows.get(row + 1) else { return false };
    let (heads, under) = (sheet.cells_of(&sheet.rows[row]), sheet.cells_of(next));
    let is_near = next.page == sheet.rows[row].page
        && next.bbox.y - sheet.rows[row].bbox.bottom() <= NEAR * sheet.line_height.max(sheet.rows[row].bbox.height);
    let is_over = |cell: &Cell| {
        under.iter().filter(|other| other.bbox.x < cell.bbox.right() && other.bbox.right() > cell.bbox.x).count() == 1
    };
    is_near
        && heads.len() >= HEAD_CELLS
        && heads.iter().all(|cell| is_head(cell) && is_over(cell))
        && under.iter().any(has_figures)
}

/// Whether a word is in a row of keys below a line, where the values are filled in above the line. There must be a line
/// between its cell and the text above, which is not a key, and no line below. The last row of a table has such a line
/// too, but has a value beside its key.
pub(crate) fn is_under_its_line(sheet: &Sheet, labels: &[Label], word: usize) -> bool {
    let cell = &sheet.cells[sheet.words[word].cell];
    let ruling = &sheet.rulings[sheet.page_of(word) as usize - 1];
    let Some(over) = aligned(sheet, cell, Neighbour::Over) else { return false };
    let between = |upper: &Rect, lower: &Rect| ruling.runs_between(upper, lower);
    let under = aligned(sheet, cell, Neighbour::Under);
    between(&over.bbox, &cell.bbox)
        && under.is_none_or(|under| !between(&cell.bbox, &under.bbox))
        && !is_key(sheet, labels, over)
        && is_row_of_keys(sheet, labels, cell.row)
}

/// Whether at least half of the cells of a row are labels, and at least two if it has several cells; notes in brackets
/// are ignored.
fn is_row_of_keys(sheet: &Sheet, labels: &[Label], row: usize) -> bool {
    let cells = sheet.cells_of(&sheet.rows[row]);
    let fills = |label: &Label, cell: &Cell| {
        label.first == cell.first && (label.end == cell.end || sheet.words[label.end].text.starts_with('('))
    };
    let is_label = |cell: &&Cell| labels::in_row(labels, row).any(|label| fills(label, cell));
    let keys = cells.iter().filter(is_label).count();
    2 * keys >= cells.len() && keys >= cells.len().min(2)
}

/// Whether a label ends its cell, and text that is not a key is aligned directly below it.
pub(crate) fn has_value_under(sheet: &Sheet, labels: &[Label], label: &Label) -> bool {
    let cell = &sheet.cells[sheet.words[label.end - 1].cell];
    let is_value = |other: &Cell| !is_key(sheet, labels, other);
    cell.end == label.end && aligned(sheet, cell, Neighbour::Under).is_some_and(is_value)
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
enum Neighbour {
    Under,
    Over,
}

/// The nearest cell below or above a cell, if it begins at the same x.
fn aligned<'a>(sheet: &'a Sheet, cell: &Cell, which: Neighbour) -> Option<&'a Cell> {
    let height = cell.bbox.height.max(sheet.line_height);
    let page = sheet.rows[cell.row].page;
    let away = |other: &Rect| match which {
        Neighbour::Under => other.y - cell.bbox.bottom(),
        Neighbour::Over => cell.bbox.y - other.bottom(),
    };
    let next = |row: &usize| match which {
        Neighbour::Under => Some(row + 1).filter(|row| *row < sheet.rows.len()),
        Neighbour::Over => row.checked_sub(1),
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
