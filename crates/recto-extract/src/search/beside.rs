//! Values near a label: after it, below it, above it, or in its box.

use recto_values::currency;

use super::{Search, scaled};
use crate::candidate::{Candidate, Origin};
use crate::concept::Kind;
use crate::filling::{self, Filling};
use crate::label_key::{is_small, key_of};
use crate::labels::{self, Label};
use crate::lexicon::{ends_labels, is_other_column};
use crate::shapes;
use crate::text_blocks;

/// The largest distance of a value below its label, in line heights.
const BELOW: f32 = 4.5;
/// The factor on the probability of a value below a label.
const NEXT_ROW: f32 = 0.88;
/// The factor for a tax number that has no country's shape.
const UNKNOWN_SHAPE: f32 = 0.6;
/// The factor for a text that goes on from its label.
const GOES_ON: f32 = 0.85;
/// So many words in the cell of a label make a sentence.
const SENTENCE: usize = 8;
/// The factor for a text that follows a label in a sentence.
const IN_SENTENCE: f32 = 0.4;
/// This many words in lower case beside a label make its line a line of prose.
const PROSE: usize = 5;
/// The factor for a date or a number in prose. Small print names laws, other papers and other days.
const IN_PROSE: f32 = 0.5;
/// The factor for a value below a label on a page that is filled in that way …
const UNDER: f32 = 0.95;
/// … and for a value after the label there.
const NOT_UNDER: f32 = 0.7;

impl Search<'_> {
    /// Values of a kind near a label: in its ruled box, after it, below it, or above it.
    pub(crate) fn beside(&self, label: &Label, kind: Kind, strength: f32) -> Vec<Candidate> {
        let right = self.right_of(label, kind);
        let boxed = self.in_box(label, kind, &right);
        let (next, elsewhere): (Vec<Candidate>, Vec<Candidate>) =
            right.into_iter().partition(|candidate| self.is_in_line_of_boxes(label, candidate));
        let found = some(boxed)
            .or_else(|| self.behind_or_under(label, kind, next))
            .or_else(|| self.over_its_line(label, kind))
            .or_else(|| self.unknown_number(label, kind))
            .or_else(|| some(scaled_from(self.below(label, kind), NEXT_ROW, label.below())))
            .or_else(|| some(scaled_from(elsewhere, 1.0, label.beside())))
            .or_else(|| self.capitals_behind(label, kind));
        found.unwrap_or_default().into_iter().map(|candidate| scaled(candidate, strength)).collect()
    }

    /// The values to the right of a label; on a page that is filled in below its keys, the values below come first.
    fn behind_or_under(&self, label: &Label, kind: Kind, next: Vec<Candidate>) -> Option<Vec<Candidate>> {
        let right: Vec<Candidate> =
            next.into_iter().filter(|found| !self.is_key_under_its_line(label, found)).collect();
        if right.is_empty() {
            return None;
        }
        let under = if self.is_filled_under(label, &right) { self.below(label, kind) } else { Vec::new() };
        let of_right = if under.is_empty() { 1.0 } else { NOT_UNDER };
        let right = scaled_from(right, of_right, label.beside());
        Some(scaled_from(under, UNDER, label.below()).into_iter().chain(right).collect())
    }

    /// The values above a label that stands below its line.
    fn over_its_line(&self, label: &Label, kind: Kind) -> Option<Vec<Candidate>> {
        let is_under_line = filling::is_under_its_line(self.sheet, &self.labels, label.first);
        some(if is_under_line { scaled_from(self.over(label, kind), 1.0, label.below()) } else { Vec::new() })
    }

    /// A tax number in an unknown shape; after its label it counts all the same.
    fn unknown_number(&self, label: &Label, kind: Kind) -> Option<Vec<Candidate>> {
        let codes = if kind == Kind::Vat { self.right_of(label, Kind::Code) } else { Vec::new() };
        some(scaled_from(codes, UNKNOWN_SHAPE, label.beside()))
    }

    /// A code without digits.
    fn capitals_behind(&self, label: &Label, kind: Kind) -> Option<Vec<Candidate>> {
        let is_code = kind == Kind::Code;
        let capitals =
            is_code.then(|| shapes::capitals(self.sheet, label.end, self.sheet.rows[label.row].end)).flatten()?;
        // The label is weaker evidence for it than for a code with digits.
        Some(vec![capitals])
    }

    /// Whether the text to the right of a label is in another cell, on a page that is filled in below its keys.
    fn is_filled_under(&self, label: &Label, right: &[Candidate]) -> bool {
        let page = self.sheet.rows[label.row].page as usize - 1;
        let cell = self.sheet.words[label.end - 1].cell;
        let is_elsewhere =
            right.iter().flat_map(|found| &found.words).all(|(at, _)| self.sheet.words[*at].cell != cell);
        let is_filled_under =
            || self.filling[page] == Filling::Under && filling::has_value_under(self.sheet, &self.labels, label);
        is_elsewhere && (is_filled_under() || filling::is_head(self.sheet, label.row))
    }

    /// Whether a candidate in another cell than its label is itself a key below its line.
    fn is_key_under_its_line(&self, label: &Label, candidate: &Candidate) -> bool {
        let own = self.sheet.words[label.end - 1].cell;
        candidate.words.first().is_some_and(|(first, _)| {
            let has_figures = candidate.raw.as_deref().is_some_and(|raw| raw.contains(|c: char| c.is_ascii_digit()));
            let is_elsewhere = self.sheet.words[*first].cell != own;
            is_elsewhere && !has_figures && filling::is_under_its_line(self.sheet, &self.labels, *first)
        })
    }

    /// The values in the row above a label that overlap it horizontally.
    fn over(&self, label: &Label, kind: Kind) -> Vec<Candidate> {
        let place = self.sheet.bbox(label.first, label.end);
        let Some(row) = label.row.checked_sub(1).map(|row| &self.sheet.rows[row]) else { return Vec::new() };
        let is_over = |candidate: &Candidate| {
            candidate.words.first().is_some_and(|(first, end)| {
                let bbox = self.sheet.bbox(*first, *end);
                bbox.x < place.right() && bbox.right() > place.x
            })
        };
        self.values(row.first, row.end, kind).into_iter().filter(is_over).collect()
    }

    /// Values of a kind in the ruled box of a label: those to its right, or below it, or above it when it is the last
    /// text there. Other boxes are other entries of the form.
    fn in_box(&self, label: &Label, kind: Kind, right: &[Candidate]) -> Vec<Candidate> {
        let words = &self.sheet.words;
        let Some(ruled) = words[label.first].ruled else { return Vec::new() };
        let is_inside = |at: &usize| words[*at].ruled == Some(ruled);
        let all_inside =
            |candidate: &Candidate| candidate.words.iter().all(|(first, end)| (*first..*end).all(|at| is_inside(&at)));
        let inside: Vec<Candidate> = right.iter().filter(|candidate| all_inside(candidate)).cloned().collect();
        if !inside.is_empty() {
            return scaled_from(inside, 1.0, label.beside());
        }
        let in_row = |row: usize| {
            let row = &self.sheet.rows[row];
            let first = (row.first..row.end).find(is_inside)?;
            let end = (first..row.end).take_while(is_inside).last()? + 1;
            let mut found = self.values(first, end, kind);
            found.retain(|candidate| !is_text(kind) || is_value(candidate));
            some(found)
        };
        let page = self.sheet.rows[label.row].page;
        let place = self.sheet.boxes[ruled];
        let is_near = |row: &usize| {
            let row = &self.sheet.rows[*row];
            row.page == page && row.bbox.bottom() > place.y && row.bbox.y < place.bottom()
        };
        let is_labelled = |row: usize| labels::in_row(&self.labels, row).any(|label| is_inside(&label.first));
        let under = (label.row + 1..self.sheet.rows.len()).take_while(is_near).take_while(|row| !is_labelled(*row));
        let over = (0..label.row).rev().take_while(is_near).take_while(|row| !is_labelled(*row));
        let found = under.chain(over).find_map(in_row).unwrap_or_default();
        let nth = |n: usize| 0.95 - 0.25 * n.min(3) as f32;
        found.into_iter().enumerate().map(|(n, candidate)| scaled(candidate, nth(n)).from(label.below())).collect()
    }

    /// The words to the right of a label, up to the next label.
    pub(crate) fn right_of(&self, label: &Label, kind: Kind) -> Vec<Candidate> {
        let row = &self.sheet.rows[label.row];
        let next = labels::in_row(&self.labels, label.row).filter(|other| other.first >= label.end);
        // Texts may contain words that are labels elsewhere; these end a text only at the beginning of a cell.
        let is_text = is_text(kind);
        let begins_cell = |other: &Label| self.sheet.cells[self.sheet.words[other.first].cell].first == other.first;
        let limit = next
            .filter(|other| !is_text || begins_cell(other))
            .filter(|other| !matches!(kind, Kind::Date) || !other.meanings.iter().all(|m| m.is_weak))
            .filter(|other| {
                let end = self.sheet.cells[self.sheet.words[other.first].cell].end;
                !is_text || !text_blocks::is_name_part(self.sheet, other, end)
            })
            .map(|other| other.first)
            .min()
            .unwrap_or(row.end);
        // In `Total EUR 9.00`, the currency is part of the label and of the amount.
        let last = label.end - 1;
        let names_currency =
            kind == Kind::Amount && last > label.first && currency::is_sign(&self.sheet.words[last].text);
        let mut found = self.values(if names_currency { last } else { label.end }, limit, kind);
        // Of several amounts after one label, any may be meant: a tax table has a row of totals too.
        if matches!(kind, Kind::Amount) && found.len() > 1 {
            found = found.into_iter().map(|candidate| scaled(candidate, 0.85)).collect();
        }
        if let Some(inside) = shapes::inside_word(self.sheet, label, kind) {
            found.insert(0, inside);
        }
        // Totals are at the end of their row; all other values come first after their label.
        if matches!(kind, Kind::Amount) {
            found.reverse();
        }
        found.retain(|candidate| !is_text || is_value(candidate) && !self.is_rest_of_label(label, candidate));
        let has_key = |(first, end): &(usize, usize)| {
            let words = &self.sheet.words[*first..*end];
            let is_key = |text: &str| text.ends_with(':') && text.chars().count() > 1;
            words[0].cell != self.sheet.words[label.end - 1].cell && words.iter().any(|word| is_key(&word.text))
        };
        found.retain(|candidate| !is_text || !candidate.words.iter().any(has_key));
        if is_text && self.is_in_sentence(label) {
            found = found.into_iter().map(|candidate| scaled(candidate, IN_SENTENCE)).collect();
        } else if is_text && self.goes_on(label) {
            found = found.into_iter().map(|candidate| scaled(candidate, GOES_ON)).collect();
        } else if matches!(kind, Kind::Date | Kind::Code) && self.is_in_prose(label) {
            found = found.into_iter().map(|candidate| scaled(candidate, IN_PROSE)).collect();
        }
        found.into_iter().enumerate().map(|(n, candidate)| scaled(candidate, 1.0 - 0.25 * n.min(3) as f32)).collect()
    }

    /// The values in the next rows below a label.
    fn below(&self, label: &Label, kind: Kind) -> Vec<Candidate> {
        let place = self.sheet.bbox(label.first, label.end);
        let page = self.sheet.rows[label.row].page;
        let height = place.height.max(self.sheet.line_height);
        let is_text = is_text(kind);
        for (index, row) in self.sheet.rows.iter().enumerate().skip(label.row + 1) {
            if row.page != page || row.bbox.y - place.bottom() > BELOW * height {
                break;
            }
            let mut under: Vec<(f32, Candidate)> = Vec::new();
            for candidate in self.values(row.first, row.end, kind) {
                let Some(&(first, end)) = candidate.words.first() else { continue };
                if is_text && !is_value(&candidate) {
                    continue;
                }
                let bbox = self.sheet.bbox(first, end);
                let overlaps = bbox.x < place.right() + 0.5 * height && bbox.right() > place.x - 0.5 * height;
                let off = (bbox.x - place.x)
                    .abs()
                    .min((bbox.right() - place.right()).abs())
                    .min((bbox.center().x - place.center().x).abs());
                // Another label that is closer above the value takes it.
                let mut between = (label.row + 1..index).flat_map(|row| labels::in_row(&self.labels, row));
                let taken = between.any(|other| {
                    let over = self.sheet.bbox(other.first, other.end);
                    over.x < bbox.right() && over.right() > bbox.x && other.meanings.iter().any(|m| !m.is_weak)
                });
                if overlaps && !taken {
                    under.push((off / height, candidate));
                }
            }
            if !under.is_empty() {
                under.sort_by(|a, b| a.0.total_cmp(&b.0));
                return under.into_iter().map(|(off, c)| scaled(c, (1.0 - 0.06 * off).max(0.4))).collect();
            }
        }
        Vec::new()
    }

    /// Of several amounts in a row, prefers the first. Amounts in columns of rates or of year-to-date values come last.
    pub(super) fn of_this_period(&self, found: Vec<Candidate>) -> Vec<Candidate> {
        let start = |candidate: &Candidate| candidate.words.first().map_or(0, |(first, _)| *first);
        let row = |candidate: &Candidate| self.sheet.words[start(candidate)].row;
        let best = found.iter().map(|candidate| candidate.score).fold(0.0, f32::max);
        let is_row = found.len() > 1 && found.windows(2).all(|pair| row(&pair[0]) == row(&pair[1]));
        if !is_row {
            return found;
        }
        let mut ranked: Vec<(bool, Candidate)> =
            found.into_iter().map(|candidate| (self.is_in_other_column(start(&candidate)), candidate)).collect();
        ranked.sort_by_key(|(is_other, candidate)| (*is_other, start(candidate)));
        let nth = |n: usize| 1.0 - 0.2 * n.min(3) as f32;
        ranked
            .into_iter()
            .enumerate()
            .map(|(n, (_, candidate))| Candidate { score: best * nth(n), ..candidate })
            .collect()
    }

    /// Whether a number is in a column of rates, bases, or cumulative values.
    fn is_in_other_column(&self, word: usize) -> bool {
        let place = self.sheet.words[word].bbox;
        let own = &self.sheet.rows[self.sheet.words[word].row];
        let above = self.sheet.rows[..self.sheet.words[word].row].iter().rev().take_while(|row| row.page == own.page);
        let cells = above.flat_map(|row| self.sheet.cells_of(row));
        let mut heads = cells.filter(|cell| cell.bbox.x < place.right() && cell.bbox.right() > place.x);
        let is_words = |text: &str| text.contains(char::is_alphabetic) && !text.contains(|c: char| c.is_ascii_digit());
        let head = heads.find(|cell| is_words(&self.sheet.cell_text(cell)));
        head.is_some_and(|cell| is_other_column(&self.sheet.cell_text(cell)))
    }

    /// Whether a value to the right of a label in a ruled box is in that box, or in a box of the same height.
    fn is_in_line_of_boxes(&self, label: &Label, candidate: &Candidate) -> bool {
        let ruled = |at: usize| self.sheet.words[at].ruled.map(|ruled| self.sheet.boxes[ruled]);
        let Some(own) = ruled(label.first) else { return true };
        let Some(other) = candidate.words.first().and_then(|(first, _)| ruled(*first)) else { return false };
        let is_near = |a: f32, b: f32| (a - b).abs() <= 0.5 * self.sheet.line_height;
        is_near(own.y, other.y) && is_near(own.bottom(), other.bottom())
    }

    /// Whether a label and the text after it are one text, without a sign or a gap between them.
    fn goes_on(&self, label: &Label) -> bool {
        let last = &self.sheet.words[label.end - 1];
        let next = self.sheet.words.get(label.end).filter(|next| next.cell == last.cell);
        last.text.ends_with(char::is_alphabetic)
            && next.is_some_and(|next| next.text.starts_with(char::is_alphanumeric))
    }

    /// Whether a text goes on from a label as a part of it: the `of death` of `Cause of death`.
    fn is_rest_of_label(&self, label: &Label, candidate: &Candidate) -> bool {
        let next = &self.sheet.words[label.end.min(self.sheet.words.len() - 1)];
        let is_next = candidate.words.first().is_some_and(|(first, _)| *first == label.end);
        is_next && self.goes_on(label) && next.text.starts_with(char::is_lowercase) && is_small(&key_of(&next.text))
    }

    /// Whether a label stands in a line of prose.
    pub(super) fn is_in_prose(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        let words = (cell.first..cell.end).filter(|at| !(label.first..label.end).contains(at));
        words.filter(|at| self.sheet.words[*at].text.starts_with(char::is_lowercase)).count() >= PROSE
    }

    /// Whether a label is a word in a sentence: the next word of its cell begins in lower case, or many words follow,
    /// without a colon between them.
    fn is_in_sentence(&self, label: &Label) -> bool {
        let last = &self.sheet.words[label.end - 1];
        let next = self.sheet.words.get(label.end).filter(|next| next.cell == last.cell);
        let is_long = self.sheet.cells[last.cell].end - label.end >= SENTENCE;
        last.text.ends_with(char::is_alphabetic)
            && next.is_some_and(|next| is_long || next.text.starts_with(char::is_lowercase))
    }
}

fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Party | Kind::Address)
}

/// Whether words are a value rather than part of the label: `Nome / Nome Empresarial` is one label in two wordings, and
/// `Shipper (name and address)` and `Shipper's Name and Address` say what to fill in.
fn is_value(candidate: &Candidate) -> bool {
    let raw = candidate.raw.as_deref().unwrap_or_default().trim();
    let is_bracketed = raw.starts_with('(') && raw.ends_with([')', ':']);
    let is_rest_of_label = !raw.is_empty() && raw.split_whitespace().all(ends_labels);
    !(raw.starts_with('/') || is_bracketed || is_rest_of_label)
}

/// `None` if the list is empty.
fn some(found: Vec<Candidate>) -> Option<Vec<Candidate>> {
    (!found.is_empty()).then_some(found)
}

fn scaled_from(found: Vec<Candidate>, by: f32, origin: Origin) -> Vec<Candidate> {
    found.into_iter().map(|candidate| scaled(candidate, by).from(origin)).collect()
}
