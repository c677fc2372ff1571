//! The meaning of a label, as far as it depends on its position.

use super::Search;
use crate::candidate::Candidate;
use crate::concept::{Concept, Side};
use crate::labels::{self, Label};
use crate::text_blocks;

/// How strongly a plain label such as `No.` stands for the document's number when it follows the document's title.
const NUMBER_OF_TITLE: f32 = 0.95;
/// The factor on its strength in the part of a form about a party, which may have a number too.
const NUMBER_OF_PARTY: f32 = 0.6;
/// The most words of a key after the label that begins it.
const MAX_KEY: usize = 3;

impl Search<'_> {
    /// How strongly a label stands for the document's number. `Nr.` after the title certainly does; in the part of a
    /// form about a party it hardly does.
    pub(super) fn in_title(&self, label: &Label, strength: f32) -> f32 {
        if label.meanings.iter().any(|meaning| meaning.concept == Concept::InvoiceNumber && !meaning.is_weak) {
            return strength;
        }
        let before = self.sheet.text(self.sheet.rows[label.row].first, label.first);
        if text_blocks::is_title_head(&before) {
            return NUMBER_OF_TITLE;
        }
        let is_of_party = label.meanings.len() == 1 && self.side_over(label.row).is_some();
        if is_of_party { strength * NUMBER_OF_PARTY } else { strength }
    }

    /// The party whose part of a form contains a row: that of the last party label above it.
    pub(super) fn side_over(&self, row: usize) -> Option<Side> {
        let above = self.labels.iter().rev().filter(|label| label.row < row);
        let mut sides = above.filter_map(|label| {
            let strong = label.meanings.iter().find(|meaning| !meaning.is_weak && meaning.concept.side().is_some())?;
            self.heads_a_name(label).then_some(strong.concept)
        });
        sides.next().and_then(Concept::side)
    }

    /// Whether a value belongs to a label of a concept: the last label before it in its row, or the one above it.
    pub(super) fn is_told(&self, candidate: &Candidate, concept: Concept) -> bool {
        let Some(&(first, end)) = candidate.words.first() else { return false };
        let row = self.sheet.words[first].row;
        let is_meant = |label: &Label| label.strength(concept).is_some();
        // `zur Rechnung RE-7 vom 31.03.2025`: weak words between the label and the date are part of the label's phrase.
        let strong = |label: &&Label| is_meant(label) || label.meanings.iter().any(|meaning| !meaning.is_weak);
        let before = || labels::in_row(&self.labels, row).filter(|label| label.end <= first);
        if let Some(label) = before().filter(strong).max_by_key(|label| label.end) {
            return is_meant(label);
        }
        if before().next().is_some() {
            return false;
        }
        let place = self.sheet.bbox(first, end);
        let above = row.checked_sub(1).into_iter().flat_map(|row| labels::in_row(&self.labels, row));
        above.filter(|label| is_meant(label)).any(|label| {
            let over = self.sheet.bbox(label.first, label.end);
            over.x < place.right() && over.right() > place.x
        })
    }

    /// Whether a date is the last one for a discount, or an amount one that is left after it: its part of the sentence
    /// mentions a discount.
    pub(crate) fn is_of_discount(&self, candidate: &Candidate) -> bool {
        let Some(&(first, end)) = candidate.words.first() else { return false };
        let row = &self.sheet.rows[self.sheet.words[first].row];
        let ends = |at: usize| self.sheet.words[at].text.ends_with([',', ';', '.']);
        let from = (row.first..first).rev().find(|at| ends(*at)).map_or(row.first, |at| at + 1);
        let to = (end - 1..row.end).find(|at| ends(*at)).map_or(row.end, |at| at + 1);
        labels::in_row(&self.labels, self.sheet.words[first].row)
            .filter(|label| from <= label.first && label.end <= to)
            .any(|label| label.strength(Concept::Discount).is_some_and(|strength| strength > 0.7))
    }

    /// Whether a label is a plain `Name:` at the beginning of its cell.
    pub(super) fn is_plain_name(&self, label: &Label) -> bool {
        let is_name = label.meanings.iter().any(|meaning| meaning.concept == Concept::PersonName);
        is_name && self.heads_a_name(label)
    }

    /// The party whose part of a form contains the first plain `Name:`, if the paper has such parts.
    pub(super) fn side_of_name(&self) -> Option<Side> {
        let first = self.labels.iter().find(|label| self.is_plain_name(label))?;
        self.side_over(first.row)
    }

    /// Whether a label is the beginning of a longer key: the patient in `Patient Gender: Male`.
    pub(super) fn is_part_of_key(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        if self.sheet.words[label.end - 1].text.contains(':') {
            return false;
        }
        let rest = &self.sheet.words[label.end..cell.end.max(label.end)];
        let ends_key = rest.iter().take(MAX_KEY).position(|word| word.text.ends_with(':'));
        // A separate colon ends the label itself.
        ends_key.is_some_and(|at| at > 0 || rest[0].text.chars().count() > 1)
    }

    /// Whether a label is part of the document's title: the bank in `Bank statement`.
    pub(super) fn is_in_title(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        label.end < cell.end && text_blocks::is_title(&self.sheet.cell_text(cell))
    }

    /// Whether a label stands by itself, and is not part of a name or a sentence.
    pub(super) fn heads_a_name(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        // `Third Party Freight Charges Bill To:` is a heading for the text below it.
        let is_heading = label.end == cell.end && self.sheet.words[label.end - 1].text.ends_with(':');
        let begins_cell = cell.first == label.first && !text_blocks::is_name_part(self.sheet, label, cell.end);
        label.starts_word && (begins_cell || is_heading)
    }
}
