//! The heading rows of tables.

use std::ops::Range;

use super::columns::{Column, Columns};
use crate::concept::Concept;
use crate::label_key::key_of;
use crate::labels::{self, Label};
use crate::lexicon::{LEXICON, Meaning};
use crate::matches::Matches;
use crate::sheet::{Row, Sheet};

/// The column concepts in the lexicon.
const KNOWN: [Concept; 8] = [
    Concept::Description,
    Concept::Quantity,
    Concept::Unit,
    Concept::UnitPrice,
    Concept::LineTotal,
    Concept::ArticleNumber,
    Concept::Position,
    Concept::TaxRate,
];

/// The most rows of a head above and below the examined row.
const MAX_AROUND: usize = 3;
/// The largest gap between the rows of a head, in line heights.
const CLOSE: f32 = 0.9;

/// The number of rows below the head by which the content of a column is judged.
const ROWS_TO_JUDGE: usize = 6;

/// A column heading given by the template.
#[derive(Debug, Clone)]
pub(crate) struct ToldColumn<'a> {
    /// A concept used for calculation, or [`Concept::Own`] with the property's index.
    pub(crate) concept: Concept,
    /// The headings without spaces.
    pub(crate) heads: &'a [String],
}

/// The head of a table: its heading rows.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Columns,
}

/// The words above a column, which may be in several rows.
#[derive(Debug, Clone)]
struct TextBlock {
    /// The indices of the words, row by row.
    parts: Vec<Range<usize>>,
    concept: Option<Concept>,
    is_told: bool,
    has_code: bool,
}

/// The heads of the table that names the most columns, in reading order. A table that continues over several pages may
/// have a head on each.
pub(crate) fn heads(sheet: &Sheet, matches: &Matches, labels: &[Label], told: &[ToldColumn]) -> Vec<Head> {
    let mut all: Vec<Head> = Vec::new();
    for index in 0..sheet.rows.len() {
        let head = Head::around(sheet, matches, labels, told, index);
        if !head.is_of_items(told.len()) {
            continue;
        }
        // The rows of one head are found from each of them.
        match all.last_mut().filter(|last| last.rows.end > head.rows.start) {
            Some(last) if head.rank() > last.rank() => *last = head,
            Some(_) => {}
            None => all.push(head),
        }
    }
    // The first one of equals.
    let Some(best) = all.iter().rev().max_by_key(|head| head.rank()) else { return Vec::new() };
    let columns = best.columns.clone();
    let is_same = |head: &Head| {
        if columns.are_told() {
            head.columns.told_count() == columns.told_count()
        } else {
            head.columns.meanings().eq(columns.meanings())
        }
    };
    all.retain(is_same);
    all
}

/// Whether a row without numbers heads a table of another kind: several of its words are stand-alone labels of
/// different concepts, or most of them are labels.
pub(crate) fn heads_another_table(sheet: &Sheet, matches: &Matches, labels: &[Label], index: usize) -> bool {
    let row = &sheet.rows[index];
    if has_numbers(matches, row) {
        return false;
    }
    let different = |labels: &mut dyn Iterator<Item = &Label>| {
        let mut concepts: Vec<Concept> = labels.filter_map(|label| Some(label.meanings.first()?.concept)).collect();
        concepts.sort();
        concepts.dedup();
        concepts.len()
    };
    let stands_alone = |label: &&Label| sheet.phrase_around(label.first) == (label.first, label.end);
    let named: usize = labels::in_row(labels, index).map(|label| label.end - label.first).sum();
    different(&mut labels::in_row(labels, index).filter(stands_alone)) >= 2
        || (different(&mut labels::in_row(labels, index)) >= 3 && 2 * named > row.end - row.first)
}

fn has_numbers(matches: &Matches, row: &Row) -> bool {
    matches.amounts_in(row.first, row.end).next().is_some() || matches.dates_in(row.first, row.end).next().is_some()
}

impl Head {
    /// The head that a row belongs to.
    fn around(sheet: &Sheet, matches: &Matches, labels: &[Label], told: &[ToldColumn], index: usize) -> Self {
        let mut text_blocks = text_blocks_of_row(sheet, labels, told, index);
        let mut rows = index..index + 1;
        if !text_blocks.iter().any(|text_block| text_block.is_told)
            && text_blocks.iter().any(|text_block| text_block.concept.is_some())
        {
            let above = (index.saturating_sub(MAX_AROUND)..index).rev();
            let below = index + 1..(index + 1 + MAX_AROUND).min(sheet.rows.len());
            for next in above.chain(below) {
                let (upper, lower) = if next < rows.start { (next, rows.start) } else { (rows.end - 1, next) };
                let is_next = next + 1 == rows.start || next == rows.end;
                if !is_next || !is_close(sheet, upper, lower) || has_numbers(matches, &sheet.rows[next]) {
                    continue;
                }
                if let Some(higher) = with_row(sheet, labels, &text_blocks, next) {
                    text_blocks = higher;
                    rows = rows.start.min(next)..rows.end.max(next + 1);
                }
            }
        }
        let column = |text_block: &TextBlock| {
            let boxes = text_block.parts.iter().map(|part| sheet.bbox(part.start, part.end));
            let all = boxes.reduce(|all, next| all.union(&next)).unwrap_or_default();
            let TextBlock { concept, is_told, has_code, .. } = *text_block;
            Column { concept, is_told, has_code, left: all.x, right: all.right(), in_table: text_block.in_table(sheet) }
        };
        let mut columns: Vec<Column> = text_blocks.iter().map(column).collect();
        leave_shared_columns(&mut columns);
        columns.sort_by(|a, b| a.left.total_cmp(&b.left));
        tell_codes(sheet, rows.end, &mut columns);
        settle(&mut columns);
        Self { rows, columns: Columns::of(columns) }
    }

    /// Whether it heads a table of items. It must name the items or their quantity, and their cost; or match the
    /// template, which gives that many columns.
    fn is_of_items(&self, told: usize) -> bool {
        use Concept::{ArticleNumber, Description, Position, Quantity};
        let found = self.columns.told_count();
        let names = [Description, Quantity, ArticleNumber, Position].iter().any(|c| self.columns.have(*c));
        (names && self.columns.have_amounts()) || found >= 2 || (found > 0 && found == told)
    }

    fn rank(&self) -> (usize, usize) {
        (self.columns.told_count(), self.columns.meanings().count())
    }
}

/// The columns that a row names; those given by the template come first.
fn text_blocks_of_row(sheet: &Sheet, labels: &[Label], told: &[ToldColumn], index: usize) -> Vec<TextBlock> {
    let row = &sheet.rows[index];
    let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    let mut text_blocks: Vec<TextBlock> = Vec::new();
    let add = |text_blocks: &mut Vec<TextBlock>, part: Range<usize>, concept: Option<Concept>, is_told: bool| {
        if !text_blocks.iter().any(|text_block| overlap(&text_block.parts[0], &part)) {
            text_blocks.push(TextBlock { parts: vec![part], concept, is_told, has_code: false });
        }
    };
    for column in told {
        let find = |head: &String| labels::first_place_of(sheet, std::slice::from_ref(row), head);
        if let Some((first, end)) = column.heads.iter().find_map(find) {
            add(&mut text_blocks, first..end, Some(column.concept), true);
        }
    }
    for label in labels::in_row(labels, index) {
        if let Some(concept) = concept_of(&label.meanings) {
            add(&mut text_blocks, label.first..label.end, Some(concept), false);
        }
    }
    let mut at = row.first;
    while at < row.end {
        let (first, end) = sheet.phrase_around(at);
        add(&mut text_blocks, first..end, None, false);
        at = end;
    }
    text_blocks
}

/// The text blocks extended by the words of another row above or below; `None` when that row is not part of the head,
/// because it names no further column.
fn with_row(sheet: &Sheet, labels: &[Label], text_blocks: &[TextBlock], index: usize) -> Option<Vec<TextBlock>> {
    let mut higher = text_blocks.to_vec();
    for text_block in text_blocks_of_row(sheet, labels, &[], index) {
        let part = &text_block.parts[0];
        let bbox = sheet.bbox(part.start, part.end);
        let is_in_column = |other: &TextBlock| {
            let over = sheet.bbox(other.parts[0].start, other.parts[0].end);
            over.x < bbox.right() && over.right() > bbox.x
        };
        let mut columns = (0..text_blocks.len()).filter(|at| is_in_column(&text_blocks[*at]));
        match (columns.next(), columns.next()) {
            (None, _) => higher.push(text_block),
            (Some(only), None) => higher[only].put(sheet, &text_block),
            _ => return None,
        }
    }
    let named = |text_blocks: &[TextBlock]| {
        let mut concepts: Vec<Concept> = text_blocks.iter().filter_map(|text_block| text_block.concept).collect();
        concepts.sort();
        concepts.dedup();
        concepts.len()
    };
    (named(&higher) > named(text_blocks)).then_some(higher)
}

/// Assigns a column of recto-layout's table only to a heading that is alone in it.
fn leave_shared_columns(columns: &mut [Column]) {
    let taken: Vec<_> = columns.iter().filter_map(|column| column.in_table).collect();
    let is_shared = |place| taken.iter().filter(|other| **other == place).count() > 1;
    for column in columns {
        column.in_table = column.in_table.filter(|place| !is_shared(*place));
    }
}

impl TextBlock {
    /// The column of a recto-layout table that contains all of its words.
    fn in_table(&self, sheet: &Sheet) -> Option<(usize, usize)> {
        let mut places = self.parts.iter().flat_map(Clone::clone).map(|at| {
            let cell = sheet.words[at].in_table.filter(|cell| cell.columns == 1)?;
            Some((cell.table, cell.column))
        });
        let first = places.next().flatten()?;
        places.all(|other| other == Some(first)).then_some(first)
    }

    /// Adds the words of another row above or below, because only all of them together may have a meaning.
    fn put(&mut self, sheet: &Sheet, other: &Self) {
        self.parts.extend(other.parts.iter().cloned());
        self.parts.sort_by_key(|part| part.start);
        let text: String = self.parts.iter().map(|part| sheet.text(part.start, part.end)).collect();
        let together = LEXICON.exactly(&key_of(&text)).and_then(concept_of);
        let pair = [self.concept, other.concept];
        if pair.contains(&Some(Concept::Description)) && pair.contains(&Some(Concept::ArticleNumber)) {
            (self.concept, self.has_code) = (Some(Concept::Description), true);
        } else {
            self.concept = together.or(self.concept).or(other.concept);
        }
    }
}

/// If several columns may be the description, such as `Item` and `Description`, a column of codes becomes that of the
/// article numbers. `below` is the first row below the head.
fn tell_codes(sheet: &Sheet, below: usize, columns: &mut [Column]) {
    let is_description = |column: &Column| column.concept == Some(Concept::Description) && !column.is_told;
    if columns.iter().filter(|column| is_description(column)).count() < 2 {
        return;
    }
    let is_numbered = columns.iter().any(|column| column.concept == Some(Concept::ArticleNumber));
    let codes = columns.iter().position(|column| is_description(column) && is_of_codes(sheet, below, column));
    if let Some(at) = codes {
        columns[at].concept = (!is_numbered).then_some(Concept::ArticleNumber);
    }
}

/// Whether most of the first words below a heading, in the following rows, are codes: single words with digits, or
/// short words in capitals.
fn is_of_codes(sheet: &Sheet, below: usize, column: &Column) -> bool {
    let rows = sheet.rows.iter().skip(below).take(ROWS_TO_JUDGE);
    let under = |row: &Row| {
        let is_under = |at: &usize| {
            let bbox = &sheet.words[*at].bbox;
            bbox.x < column.right && bbox.right() > column.left
        };
        (row.first..row.end).find(is_under)
    };
    let firsts: Vec<usize> = rows.filter_map(under).collect();
    let is_code = |at: &&usize| {
        let text = &sheet.words[**at].text;
        let (first, end) = sheet.phrase_around(**at);
        let is_loud = text.chars().count() <= 6 && !text.chars().any(char::is_lowercase);
        end - first == 1 && (text.chars().any(|c| c.is_ascii_digit()) || is_loud)
    };
    !firsts.is_empty() && 2 * firsts.iter().filter(is_code).count() > firsts.len()
}

/// Assigns each meaning to one column; columns given by the template come first. Of several columns for the line
/// amount, the last one is it; the same holds for several prices if there is no line amount.
fn settle(columns: &mut [Column]) {
    let is = |column: &Column, concept: Concept| column.concept == Some(concept);
    let prices = columns.iter().filter(|column| is(column, Concept::UnitPrice)).count();
    if prices > 1
        && !columns.iter().any(|column| is(column, Concept::LineTotal))
        && let Some(last) = columns.iter_mut().rev().find(|column| is(column, Concept::UnitPrice) && !column.is_told)
    {
        last.concept = Some(Concept::LineTotal);
    }
    let amounts = |column: &&mut Column| is(column, Concept::LineTotal) && !column.is_told;
    columns.iter_mut().filter(amounts).rev().skip(1).for_each(|column| column.concept = None);
    columns.sort_by_key(|column| !column.is_told);
    for at in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        if before.iter().any(|other| other.concept.is_some() && other.concept == rest[0].concept) {
            rest[0].concept = None;
        }
    }
}

fn is_close(sheet: &Sheet, upper: usize, lower: usize) -> bool {
    let (upper, lower) = (&sheet.rows[upper], &sheet.rows[lower]);
    upper.page == lower.page && lower.bbox.y - upper.bbox.bottom() < CLOSE * sheet.line_height
}

/// The concept of a label's meanings when it is a column heading.
fn concept_of(meanings: &[Meaning]) -> Option<Concept> {
    let names = |concept| meanings.iter().any(|meaning| meaning.concept == concept);
    KNOWN.into_iter().find(|concept| names(*concept)).or_else(|| {
        // As column headings, `Total` and `Net` are about the line, and `VAT` is its rate.
        if names(Concept::TotalGross) || names(Concept::TotalNet) {
            Some(Concept::LineTotal)
        } else {
            names(Concept::TotalTax).then_some(Concept::TaxRate)
        }
    })
}
