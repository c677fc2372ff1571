//! The rows of a table that are items, and what belongs to which.

use std::ops::Range;

use recto_domain::FieldSchema;
use recto_values::amount::ROUNDING;
use rust_decimal::Decimal;

use super::columns::Columns;
use super::head::{self, ToldColumn};
use super::item::{self, Item};
use crate::labels::{self, Label};
use crate::lexicon::{Concept, Kind, LEXICON};
use crate::matches::{AmountMatch, Matches};
use crate::sheet::{Row, Sheet};
use crate::tables::TableCell;

/// The most rows by which the text of an item goes on.
const MAX_CONTINUED: usize = 4;
/// A row that is further below another than this many line heights does not go on with it.
const NEAR: f32 = 1.8;
/// A gap that is so many line heights wider than the others between two items parts what belongs to each.
const WIDER: f32 = 0.35;
/// A gap of this many line heights ends a table without amounts.
const END_GAP: f32 = 3.0;

/// What ends a table.
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
/// What stands in a row of its own among the items or below them, and is none.
const NO_ITEMS: [Concept; 4] =
    [Concept::TotalQuantity, Concept::OpeningBalance, Concept::ClosingBalance, Concept::Carried];
/// What is taken off or put on between the items and their sums.
const EXTRAS: [Concept; 2] = [Concept::Discount, Concept::Shipping];

/// What a sheet is searched with for items.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) matches: &'a Matches,
    pub(crate) labels: &'a [Label],
    /// The columns that are asked for.
    pub(crate) properties: &'a [FieldSchema],
}

/// The items of a sheet, and the columns that they stand in: none without a head.
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

/// A table below its head, or a sheet whose rows need no head.
struct Table<'a> {
    search: Search<'a>,
    /// Empty without a head.
    columns: Columns,
    /// The rows below the head, up to its next one.
    rows: Range<usize>,
}

/// What a row below the head of a table is.
enum Line {
    Item(Box<Item>),
    /// Only texts, which belong to the item over or under them.
    Text,
    /// Neither, and nothing goes on beyond it.
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

    /// Whether a row is enough for an item: a price alone is not where the table has amounts too.
    fn is_item(&self, item: &Item) -> bool {
        item.is_priced() && (item.total.is_some() || item.is_counted() || !self.columns.have(Concept::LineTotal))
    }

    fn amounts(&self, row: &Row) -> Vec<&AmountMatch> {
        self.search.matches.amounts_in(row.first, row.end).collect()
    }

    /// The items of a table whose rows say what they cost.
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
            // An item may be called a total, or have a tax that is called so, where it says how many and at what price.
            let says_all = item.adds_up || (item.is_complete() && !self.starts_with_sum(index));
            if !says_all && (self.is_sum(index) || is_sum_of(&totals, &item)) {
                // The sums end the table, unless it has not begun: a letterhead may speak of amounts too.
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

    /// Gives each text to the item that it goes on with, or that it begins.
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
        // A number alone under a price is some other.
        if self.columns.have(Concept::Description) {
            items.retain(|item| item.is_counted() || item.adds_up || !item.description.is_empty());
        }
        items
    }

    /// Where among the lines between two items the second one begins: at a gap that is clearly the widest, or else
    /// where a row of recto-layout's table does, or else where the names of this table stand.
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

    /// Where among the lines between two items the second one begins by the rows of recto-layout's table, if these part
    /// the two.
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

    /// Whether the table is over: it has its sums, or another begins.
    fn ends(&self, index: usize) -> bool {
        let Search { sheet, matches, labels, .. } = self.search;
        let goes_on = self.cells(index).next().is_some();
        self.is_sum(index) || !goes_on && head::heads_another_table(sheet, matches, labels, index)
    }

    /// The cells of recto-layout's table, in which the head stands, that the words of a row stand in.
    fn cells(&self, index: usize) -> impl Iterator<Item = TableCell> {
        let Search { sheet, .. } = self.search;
        let Row { first, end, .. } = sheet.rows[index];
        let cells = sheet.words[first..end].iter().filter_map(|word| word.in_table);
        cells.filter(|cell| self.columns.stand_in(cell.table))
    }

    /// Whether two rows of the sheet are one of recto-layout's table.
    fn are_one(&self, upper: usize, lower: usize) -> bool {
        let row = |cell: TableCell| (cell.table, cell.row);
        self.cells(upper).map(row).any(|upper| self.cells(lower).map(row).any(|lower| lower == upper))
    }

    /// Whether the first words of a row are the label of a sum.
    fn starts_with_sum(&self, index: usize) -> bool {
        let Search { sheet, labels, .. } = self.search;
        let row = &sheet.rows[index];
        let words = (row.first..row.end).find(|at| sheet.words[*at].text.chars().any(char::is_alphabetic));
        let is_sum = |label: &Label| is_of(label, &SUMS) || is_of(label, &NO_ITEMS);
        labels::in_row(labels, index).any(|label| Some(label.first) == words && is_sum(label))
    }

    /// Whether a row has an amount behind the label of a sum, a payment or a rounding.
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

    /// Whether a row begins with the label of something that is told of a document or of an item, as a day is.
    fn starts_with_data(&self, index: usize, row: &Row) -> bool {
        labels::in_row(self.search.labels, index)
            .any(|label| label.first == row.first && label.meanings.iter().any(|m| !m.is_weak && is_data(m.concept)))
    }

    /// Whether a row says more of an item: it has words in the column of descriptions, and is no note across the table.
    fn is_text(&self, index: usize, row: &Row) -> bool {
        let Search { sheet, .. } = self.search;
        let phrase = sheet.phrase_around(row.first);
        !self.starts_with_data(index, row)
            && !self.starts_with_sum(index)
            && !item::continued(sheet, &self.columns, row.first, row.end).is_empty()
            && !self.columns.is_across(sheet, phrase)
    }

    /// Whether items have their names in the row above them: most have no words of their own, and something stands
    /// between the head and the first.
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

    /// The items of a page without a head: lines that end with what they cost. Those without words have their names in
    /// the row above.
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
                // A letterhead may speak of amounts too.
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

    /// The items of a table that the template tells and whose rows do not say what they cost: each row under the head
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

/// Whether an item that says nothing but an amount is what those before it come to.
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
