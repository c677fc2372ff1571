//! The rows of a table that are items, and the texts that belong to each.

use std::ops::Range;

use recto_domain::FieldSchema;
use recto_values::amount::ROUNDING;
use rust_decimal::Decimal;

use super::columns::Columns;
use super::head::{self, ToldColumn};
use super::item::{self, Item};
use crate::concept::{Concept, Kind};
use crate::labels::{self, Label};
use crate::lexicon::LEXICON;
use crate::matches::{AmountMatch, Matches};
use crate::sheet::{Row, Sheet};
use crate::tables::TableCell;

/// The most rows that continue the text of an item.
const MAX_CONTINUED: usize = 4;
/// A row does not continue another one that is further above than this many line heights.
const NEAR: f32 = 1.8;
/// A gap between two items that exceeds the others by this many line heights separates their texts.
const WIDER: f32 = 0.35;
/// A gap of this many line heights ends a table without amounts.
const END_GAP: f32 = 3.0;

/// The concepts that end a table.
const SUMS: [Concept; 8] = [
    Concept::TotalGross,
    Concept::TotalNet,
    Concept::TotalTax,
    Concept::AmountPaid,
    Concept::AmountDue,
    Concept::Change,
    Concept::Rounding,
    Concept::ServiceCharge,
];
/// The concepts whose rows among or below the items are not items.
const NO_ITEMS: [Concept; 4] =
    [Concept::TotalQuantity, Concept::OpeningBalance, Concept::ClosingBalance, Concept::Carried];
/// Additions and deductions between the items and their totals.
const EXTRAS: [Concept; 2] = [Concept::Discount, Concept::Shipping];

/// The inputs of the search for items.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) matches: &'a Matches,
    pub(crate) labels: &'a [Label],
    /// The requested columns.
    pub(crate) properties: &'a [FieldSchema],
}

/// The items of a sheet, and their columns; no columns if there are no headings.
pub(crate) fn items(search: Search, told: &[ToldColumn]) -> (Columns, Vec<Item>) {
    let Search { sheet, matches, labels, .. } = search;
    let heads = head::heads(sheet, matches, labels, told);
    let Some(first) = heads.first() else {
        let table = Table { search, columns: Columns::default(), rows: 0..sheet.rows.len() };
        return (Columns::default(), table.unheaded());
    };
    let columns = first.columns.clone();
    let mut items = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        let end = heads.get(at + 1).map_or(sheet.rows.len(), |next| next.rows.start);
        let table = Table { search, columns: head.columns.clone(), rows: head.rows.end..end };
        items.extend(if columns.have_amounts() { table.priced() } else { table.unpriced() });
    }
    (columns, items)
}

/// A table below its headings, or a sheet whose rows need no headings.
struct Table<'a> {
    search: Search<'a>,
    /// Empty without headings.
    columns: Columns,
    /// The rows from the headings to the next headings.
    rows: Range<usize>,
}

/// The role of a row below the headings of a table.
enum Line {
    Item(Box<Item>),
    /// Text only, which belongs to the item above or below.
    Text,
    /// Neither; no text continues across it.
    Other,
}

impl Table<'_> {
    fn rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.clone().map(|index| (index, &self.search.sheet.rows[index]))
    }

    fn item(&self, row: &Row) -> Item {
        let Search { sheet, matches, properties, .. } = self.search;
        Item::of_row(sheet, matches, &self.columns, properties, (row.first, row.end))
    }

    /// Whether a row is enough for an item: a price alone is not enough if the table has amounts too.
    fn is_item(&self, item: &Item) -> bool {
        item.is_priced() && (item.total.is_some() || item.is_counted() || !self.columns.have(Concept::LineTotal))
    }

    fn amounts(&self, row: &Row) -> Vec<&AmountMatch> {
        self.search.matches.amounts_in(row.first, row.end).collect()
    }

    /// The items of a table whose rows show what they cost.
    fn priced(&self) -> Vec<Item> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        let mut totals = Vec::new();
        for (index, row) in self.rows() {
            let is_item = |item: &Item| self.is_item(item) && !self.starts_with_data(index, row);
            let item = Some(self.item(row)).filter(is_item);
            let Some(item) = item else {
                if !totals.is_empty() && self.ends(index) {
                    break;
                }
                lines.push((index, if self.is_text(index, row) { Line::Text } else { Line::Other }));
                continue;
            };
            // An item may be called a total, or include a tax with such a name, if it has a quantity and a price.
            let says_all = item.adds_up || (item.is_complete() && !self.starts_with_sum(index));
            if !says_all && (self.is_sum(index) || is_sum_of(&totals, &item)) {
                // The totals end the table, unless it has not begun: a letterhead may mention amounts too.
                if totals.is_empty() {
                    continue;
                }
                break;
            }
            if !item.is_counted() && !item.adds_up && has_any(self.search.labels, index, &EXTRAS) {
                lines.push((index, Line::Other));
                continue;
            }
            totals.push(item.total.unwrap_or_default());
            lines.push((index, Line::Item(Box::new(item))));
        }
        self.joined(lines)
    }

    /// Assigns each text to the item that it continues or begins.
    fn joined(&self, mut lines: Vec<(usize, Line)>) -> Vec<Item> {
        let starts_above = self.names_stand_above(&lines);
        let items: Vec<usize> = (0..lines.len()).filter(|at| matches!(lines[*at].1, Line::Item(_))).collect();
        let mut from = 0;
        for next in items.iter().copied().map(Some).chain([None]) {
            let texts = from..next.unwrap_or(lines.len());
            let before = from.checked_sub(1);
            let cut = self.cut(&lines, before, texts.clone(), next, starts_above);
            if let Some(item) = before {
                self.append(&mut lines, item, texts.start..cut);
            }
            if let Some(item) = next {
                self.prepend(&mut lines, item, cut..texts.end);
                from = item + 1;
            }
        }
        let item = |(_, line)| if let Line::Item(item) = line { Some(*item) } else { None };
        let mut items: Vec<Item> = lines.into_iter().filter_map(item).collect();
        // A single number below a price is something else.
        if self.columns.have(Concept::Description) {
            items.retain(|item| item.is_counted() || item.adds_up || !item.description.is_empty());
        }
        items
    }

    /// Where the second of two items begins among the lines between them: at a clearly widest gap; otherwise at the
    /// beginning of a row of recto-layout's table; otherwise according to where this table has its names.
    fn cut(
        &self,
        lines: &[(usize, Line)],
        before: Option<usize>,
        texts: Range<usize>,
        next: Option<usize>,
        starts_above: bool,
    ) -> usize {
        let usual = if starts_above { texts.start } else { texts.end };
        let usual = self.cut_by_rows(lines, before, texts.clone(), next).unwrap_or(usual);
        let Some(next) = next else { return usual };
        let above = before.map_or_else(|| self.rows.start.saturating_sub(1), |at| lines[at].0);
        let rows: Vec<usize> = std::iter::once(above).chain((texts.start..=next).map(|at| lines[at].0)).collect();
        let gaps: Vec<f32> = rows.windows(2).map(|pair| self.gap(pair[0], pair[1])).collect();
        let Some(widest) = (0..gaps.len()).max_by(|a, b| gaps[*a].total_cmp(&gaps[*b])) else { return usual };
        let others = gaps.iter().enumerate().filter(|(at, _)| *at != widest).map(|(_, gap)| *gap);
        let wider = others.fold(f32::MIN, f32::max) + WIDER * self.search.sheet.line_height;
        if gaps[widest] > wider { texts.start + widest } else { usual }
    }

    /// Where the second of two items begins among the lines between them, according to the rows of recto-layout's
    /// table, if these separate the two.
    fn cut_by_rows(
        &self,
        lines: &[(usize, Line)],
        before: Option<usize>,
        mut texts: Range<usize>,
        next: Option<usize>,
    ) -> Option<usize> {
        let are_one = |one: Option<usize>, other: Option<usize>| {
            one.zip(other).is_some_and(|(one, other)| self.are_one(lines[one].0, lines[other].0))
        };
        if are_one(before, next) {
            return None;
        }
        let of_next = texts.clone().find(|at| are_one(Some(*at), next));
        of_next.or_else(|| texts.rfind(|at| are_one(before, Some(*at))).map(|last| last + 1))
    }

    fn append(&self, lines: &mut [(usize, Line)], item: usize, texts: Range<usize>) {
        let mut last = lines[item].0;
        for at in texts.take(MAX_CONTINUED) {
            let row = lines[at].0;
            if !matches!(lines[at].1, Line::Text) || !self.is_near(last, row) {
                return;
            }
            self.put(&mut lines[item].1, row, Item::append);
            last = row;
        }
    }

    fn prepend(&self, lines: &mut [(usize, Line)], item: usize, texts: Range<usize>) {
        let mut last = lines[item].0;
        for at in texts.rev().take(MAX_CONTINUED) {
            let row = lines[at].0;
            if !matches!(lines[at].1, Line::Text) || !self.is_near(row, last) {
                return;
            }
            self.put(&mut lines[item].1, row, Item::prepend);
            last = row;
        }
    }

    fn put(&self, line: &mut Line, row: usize, put: fn(&mut Item, String, (usize, usize))) {
        let Search { sheet, .. } = self.search;
        let Row { first, end, .. } = sheet.rows[row];
        if let Line::Item(item) = line {
            put(item, item::continued(sheet, &self.columns, first, end), (first, end));
        }
    }

    /// Whether the table has ended: its totals have come, or another table begins.
    fn ends(&self, index: usize) -> bool {
        let Search { sheet, matches, labels, .. } = self.search;
        let goes_on = self.cells(index).next().is_some();
        self.is_sum(index) || !goes_on && head::heads_another_table(sheet, matches, labels, index)
    }

    /// The cells of recto-layout's table with the headings that contain the words of a row.
    fn cells(&self, index: usize) -> impl Iterator<Item = TableCell> {
        let Search { sheet, .. } = self.search;
        let Row { first, end, .. } = sheet.rows[index];
        let cells = sheet.words[first..end].iter().filter_map(|word| word.in_table);
        cells.filter(|cell| self.columns.stand_in(cell.table))
    }

    /// Whether two rows of the sheet are one row of recto-layout's table.
    fn are_one(&self, upper: usize, lower: usize) -> bool {
        let row = |cell: TableCell| (cell.table, cell.row);
        self.cells(upper).map(row).any(|upper| self.cells(lower).map(row).any(|lower| lower == upper))
    }

    /// Whether the first words of a row are the label of a total.
    fn starts_with_sum(&self, index: usize) -> bool {
        let Search { sheet, labels, .. } = self.search;
        let row = &sheet.rows[index];
        let words = (row.first..row.end).find(|at| sheet.words[*at].text.chars().any(char::is_alphabetic));
        let is_sum = |label: &Label| is_of(label, &SUMS) || is_of(label, &NO_ITEMS);
        labels::in_row(labels, index).any(|label| Some(label.first) == words && is_sum(label))
    }

    /// Whether a row has an amount after the label of a total, a payment or a rounding.
    fn is_sum(&self, index: usize) -> bool {
        let Search { sheet, matches, labels, .. } = self.search;
        let end = sheet.rows[index].end;
        let has_amount = |label: &Label| {
            // `Total:9.00` is one word.
            let mut behind = matches.amounts_in(label.end - 1, end);
            behind.any(|find| !find.amount.is_percent)
        };
        labels::in_row(labels, index).any(|label| is_of(label, &SUMS) && has_amount(label))
    }

    /// Whether a row begins with the label of data about the document or an item, such as a date.
    fn starts_with_data(&self, index: usize, row: &Row) -> bool {
        labels::in_row(self.search.labels, index)
            .any(|label| label.first == row.first && label.meanings.iter().any(|m| !m.is_weak && is_data(m.concept)))
    }

    /// Whether a row continues the text of an item: it has words in the description column, and is not a note across
    /// the table.
    fn is_text(&self, index: usize, row: &Row) -> bool {
        let Search { sheet, .. } = self.search;
        let phrase = sheet.phrase_around(row.first);
        !self.starts_with_data(index, row)
            && !self.starts_with_sum(index)
            && !item::continued(sheet, &self.columns, row.first, row.end).is_empty()
            && !self.columns.is_across(sheet, phrase)
    }

    /// Whether items have their names in the row above them: most have no words of their own, and there is text between
    /// the headings and the first item.
    fn names_stand_above(&self, lines: &[(usize, Line)]) -> bool {
        let items = || lines.iter().filter_map(|(_, line)| if let Line::Item(item) = line { Some(item) } else { None });
        let nameless = items().filter(|item| item.description.is_empty()).count();
        let first = lines.iter().position(|(_, line)| matches!(line, Line::Item(_))).unwrap_or_default();
        let begins_above =
            first > 0 && matches!(lines[first - 1].1, Line::Text) && self.is_near(lines[first - 1].0, lines[first].0);
        2 * nameless > items().count() && begins_above
    }

    fn gap(&self, upper: usize, lower: usize) -> f32 {
        let (upper, lower) = (&self.search.sheet.rows[upper], &self.search.sheet.rows[lower]);
        if upper.page == lower.page { lower.bbox.y - upper.bbox.bottom() } else { f32::INFINITY }
    }

    fn is_near(&self, upper: usize, lower: usize) -> bool {
        self.gap(upper, lower) < NEAR * self.search.sheet.line_height
    }

    /// The items of a page without headings: lines that end with an amount. Those without words have their names in the
    /// row above.
    fn unheaded(&self) -> Vec<Item> {
        let Search { sheet, matches, .. } = self.search;
        let mut items: Vec<Item> = Vec::new();
        let mut above: Option<(usize, String)> = None;
        for (index, row) in self.rows() {
            if !self.amounts(row).iter().any(|find| find.is_money) {
                let text = item::continued(sheet, &self.columns, row.first, row.end);
                if !self.starts_with_data(index, row) && !text.is_empty() {
                    above = Some((index, text));
                }
                continue;
            }
            if self.is_sum(index) {
                // A letterhead may mention amounts too.
                if items.is_empty() {
                    continue;
                }
                break;
            }
            if self.starts_with_data(index, row) || matches.dates_in(row.first, row.end).next().is_some() {
                continue;
            }
            let mut item = self.item(row);
            if let Some((at, name)) = above.take()
                && item.description.is_empty()
                && at + 1 == index
            {
                item.prepend(name, (sheet.rows[at].first, sheet.rows[at].end));
            }
            if item.is_priced() && !item.description.is_empty() {
                items.push(item);
            }
        }
        items
    }

    /// The items of a table whose headings the template gives and whose rows show no costs: each row below the headings
    /// that fills two columns.
    fn unpriced(&self) -> Vec<Item> {
        let Search { sheet, labels, .. } = self.search;
        let mut items: Vec<Item> = Vec::new();
        let mut last = self.rows.start.saturating_sub(1);
        for (index, row) in self.rows() {
            let gap = self.gap(last, index);
            let phrase = sheet.phrase_around(row.first);
            let is_note = phrase.1 >= row.end && self.columns.is_across(sheet, phrase);
            if gap > END_GAP * sheet.line_height || has_any(labels, index, &SUMS) || is_note {
                break;
            }
            let filled = self.columns.filled(sheet, row.first, row.end);
            let goes_on = filled == [Concept::Description] && gap < NEAR * sheet.line_height;
            match items.last_mut() {
                _ if filled.len() >= self.columns.meanings().count().min(2) => items.push(self.item(row)),
                Some(item) if goes_on => item.append(sheet.text(row.first, row.end), (row.first, row.end)),
                _ => break,
            }
            last = index;
        }
        items
    }
}

/// Whether an item with nothing but an amount is the sum of those before it.
fn is_sum_of(totals: &[Decimal], item: &Item) -> bool {
    let sum: Decimal = totals.iter().copied().sum();
    totals.len() > 1 && item.is_bare() && item.total.is_some_and(|total| (total - sum).abs() <= ROUNDING)
}

fn has_any(labels: &[Label], row: usize, concepts: &[Concept]) -> bool {
    labels::in_row(labels, row).any(|label| is_of(label, concepts))
}

fn is_of(label: &Label, concepts: &[Concept]) -> bool {
    label.meanings.iter().any(|meaning| !meaning.is_weak && concepts.contains(&meaning.concept))
}

fn is_data(concept: Concept) -> bool {
    matches!(
        LEXICON.kind(concept),
        Kind::Date | Kind::Phone | Kind::Iban | Kind::Bic | Kind::Vat | Kind::Email | Kind::Time
    )
}
