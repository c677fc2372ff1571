//! The words around a value, and what they say of the names of fields.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::label_key::tokens_in;
use crate::labels::{self, Label};
use crate::likeness::{Said, said};
use crate::sheet::{Cell, Row, Sheet};
use crate::vocabulary::{NUMBER, content_words, meanings, parts};

/// So many words are read at each place.
const WORDS: usize = 8;
/// So many words are read after a value: its unit.
const WORDS_AFTER: usize = 4;
/// The lines of a sentence are less apart than this many line heights.
const LEADING: f32 = 1.0;
/// The number of rows above a value in which the words over it are sought, …
const ROWS_ABOVE: usize = 5;
/// … and those in which the head of its column is.
const ROWS_TO_HEAD: usize = 60;

/// A place around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before it in its cell, from the last figure on.
    Before,
    /// The next words to the left of its cell.
    Left,
    /// The next words over it.
    Above,
    /// The next words over it without figures: the head of its column.
    Head,
    /// After it in its cell.
    After,
    /// The last words before it, across figures and lines: what a sentence says.
    Sentence,
}

impl Place {
    /// All places.
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Before, "before"),
        (Self::Left, "left"),
        (Self::Above, "above"),
        (Self::Head, "head"),
        (Self::After, "after"),
        (Self::Sentence, "sentence"),
    ];
}

/// The indices of the words at each place, in the order of [`Place::ALL`]; empty where there are none.
pub(super) type Around = [Range<usize>; Place::ALL.len()];

/// What the words at a place say of each field, in the order of the fields.
type OfFields = Rc<Vec<Said>>;

/// The surroundings of all values of a sheet.
pub(super) struct Surroundings<'s> {
    sheet: &'s Sheet,
    labels: &'s [Label],
    /// The words of the fields' names.
    names: Vec<Vec<String>>,
    concepts: Vec<Option<Concept>>,
    known: RefCell<HashMap<Range<usize>, OfFields>>,
}

impl<'s> Surroundings<'s> {
    /// The surroundings for the fields of a template.
    pub(super) fn of(sheet: &'s Sheet, labels: &'s [Label], query: &[FieldQuery]) -> Self {
        Self {
            sheet,
            labels,
            names: query.iter().map(|query| content_words(query.name.iter().cloned())).collect(),
            concepts: query.iter().map(|query| query.concept).collect(),
            known: RefCell::default(),
        }
    }

    /// The words of a field's name.
    pub(super) fn name(&self, field: usize) -> &[String] {
        &self.names[field]
    }

    /// What words say of a field.
    pub(super) fn said(&self, words: &Range<usize>, field: usize) -> Said {
        self.of_fields(words)[field]
    }

    /// The most that words say of any other field than this one.
    pub(super) fn said_of_others(&self, words: &Range<usize>, field: usize) -> f32 {
        let all = self.of_fields(words);
        let others = all.iter().enumerate().filter(|(other, _)| *other != field);
        others.map(|(_, said)| said.agreement()).fold(0.0, f32::max)
    }

    fn of_fields(&self, words: &Range<usize>) -> OfFields {
        if let Some(known) = self.known.borrow().get(words) {
            return known.clone();
        }
        let texts = words.clone().flat_map(|at| tokens_in(&self.sheet.words[at].text).collect::<Vec<_>>());
        let mut texts = content_words(texts);
        texts.retain(|text| text == NUMBER || text == "%" || text.contains(char::is_alphabetic));
        let texts: Vec<String> = texts.iter().flat_map(|text| parts(text)).collect();
        let meanings: Vec<_> = texts.iter().map(|text| meanings(text)).collect();
        let of_name = |name: &Vec<String>| said(name, &texts, &meanings);
        let all = Rc::new(self.names.iter().map(of_name).collect::<Vec<Said>>());
        self.known.borrow_mut().insert(words.clone(), Rc::clone(&all));
        all
    }

    /// How strongly the known labels among words stand for a field, 0 to 1.
    pub(super) fn labelled(&self, words: &Range<usize>, field: usize) -> f32 {
        if words.is_empty() {
            return 0.0;
        }
        let labels = labels::in_row(self.labels, self.sheet.words[words.start].row)
            .filter(|label| label.first >= words.start && label.end <= words.end);
        let concepts = || [Some(Concept::Own(field)), self.concepts[field]].into_iter().flatten();
        labels.flat_map(|label| concepts().filter_map(|concept| label.strength(concept))).fold(0.0, f32::max)
    }

    /// The words around those from `first` to `end`.
    pub(super) fn around(&self, first: usize, end: usize) -> Around {
        let sheet = self.sheet;
        let cell = &sheet.cells[sheet.words[first].cell];
        let row = &sheet.rows[cell.row];
        let has_figures = |at: &usize| sheet.words[*at].text.contains(char::is_numeric);
        let furthest = cell.first.max(first.saturating_sub(WORDS));
        let figure = (furthest..first).rev().find(has_figures).map(|at| at + 1).filter(|after| *after < first);
        let beside = sheet.cells_of(row).iter().filter(|other| other.end <= cell.first).rev();
        let left = { beside }.find(|other| is_words(sheet, other));
        let bbox = sheet.bbox(first, end);
        let over = |row: usize| {
            let cells = sheet.cells_of(&sheet.rows[row]).iter();
            { cells }.find(|cell| cell.bbox.x < bbox.right() && cell.bbox.right() > bbox.x)
        };
        let rows = || (0..cell.row).rev().take_while(|above| sheet.rows[*above].page == row.page);
        let above = rows().take(ROWS_ABOVE).filter_map(over).find(|cell| is_words(sheet, cell));
        let head = rows().take(ROWS_TO_HEAD).filter_map(over).find(|cell| is_head(sheet, cell));
        let start_of =
            |cell: Option<&Cell>| cell.map_or(first..first, |cell| cell.first..cell.end.min(cell.first + WORDS));
        let end_of = |cell: &Cell| cell.first.max(cell.end.saturating_sub(WORDS))..cell.end;
        let stop = cell.end.max(end).min(end + WORDS_AFTER);
        [
            figure.unwrap_or(furthest)..first,
            left.map_or(first..first, end_of),
            start_of(above),
            start_of(head),
            end..(end..stop).find(has_figures).unwrap_or(stop),
            self.sentence(cell).max(first.saturating_sub(WORDS))..first,
        ]
    }

    /// Where the sentence of a cell may begin: in the row before, if both rows are one cell each.
    fn sentence(&self, cell: &Cell) -> usize {
        let sheet = self.sheet;
        let is_whole = |row: &Row| sheet.cells_of(row).len() == 1;
        let row = &sheet.rows[cell.row];
        let before = cell.row.checked_sub(1).map(|before| &sheet.rows[before]);
        let goes_on = |before: &&Row| {
            let gap = row.bbox.y - before.bbox.bottom();
            before.page == row.page && is_whole(before) && gap < LEADING * sheet.line_height
        };
        before.filter(|_| is_whole(row)).filter(goes_on).map_or(cell.first, |before| before.first)
    }
}

/// Whether a cell has words rather than numbers.
fn is_words(sheet: &Sheet, cell: &Cell) -> bool {
    let text = sheet.cell_text(cell);
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    has_letters(&text) && 2 * count(char::is_numeric) < count(char::is_alphabetic)
}

fn is_head(sheet: &Sheet, cell: &Cell) -> bool {
    let text = sheet.cell_text(cell);
    has_letters(&text) && !text.contains(char::is_numeric)
}

/// Whether a text has at least two letters, or one that is a word.
fn has_letters(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    letters().count() > 1 || letters().any(|c| c >= '\u{2E80}')
}
