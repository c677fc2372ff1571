//! The owner of a number: both parties of a paper have numbers of the same kind, usually with the same label.

use std::sync::LazyLock;

use recto_domain::Rect;
use regex::Regex;

use super::{Search, scaled};
use crate::candidate::Candidate;
use crate::concept::{Concept, Kind, Side};
use crate::labels;
use crate::shapes;

/// The factor on the probability of one party's number in the part about the other.
const OF_OTHER_SIDE: f32 = 0.75;
/// The factor in the column below the other party's name.
const UNDER_OTHER_SIDE: f32 = 0.3;
/// The factor on the probability of the buyer's number after a label that only names the kind of number.
const PLAIN_LABEL: f32 = 0.9;
/// The factor for the seller's number if it has the shape of numbers of people, not of companies.
const OF_PERSON: f32 = 0.8;
/// The height of a column below its head, in line heights.
const COLUMN: f32 = 12.0;
/// Lines of a column begin at most this many line heights apart horizontally.
const ALIGNED: f32 = 2.0;

impl Search<'_> {
    /// Lowers the score of the seller's number in the part of a form about the buyer, and the other way round.
    pub(super) fn of_side(&self, candidate: Candidate, concept: Option<Concept>) -> Candidate {
        let Some(other) = other_side(concept) else { return candidate };
        let row = candidate.words.first().map(|(first, _)| self.sheet.words[*first].row);
        let is_others = row.is_some_and(|row| self.side_over(row) == Some(other));
        if is_others { scaled(candidate, OF_OTHER_SIDE) } else { candidate }
    }

    /// The same, by the column that a number is in.
    pub(super) fn of_column(&self, candidate: Candidate, concept: Option<Concept>) -> Candidate {
        let Some(other) = other_side(concept) else { return candidate };
        if self.side_of_column(&candidate) == Some(other) { scaled(candidate, UNDER_OTHER_SIDE) } else { candidate }
    }

    /// A tax number of a person is less likely the seller's.
    pub(super) fn unless_personal(candidate: Candidate, concept: Option<Concept>) -> Candidate {
        let is_persons = candidate.value.as_str().is_some_and(is_of_person);
        if concept == Some(Concept::SellerVatId) && is_persons { scaled(candidate, OF_PERSON) } else { candidate }
    }

    /// Tax numbers below the buyer's name whose label does not name their owner.
    pub(super) fn tax_numbers_of_buyer(&self) -> Vec<Candidate> {
        let plain = shapes::by_shape(self.sheet, Kind::Vat, &self.labels, Some(Concept::SellerVatId)).into_iter();
        let labelled = self
            .labels
            .iter()
            .filter(|label| label.strength(Concept::SellerVatId).is_some())
            .flat_map(|label| self.beside(label, Kind::Vat, 1.0));
        let of_buyer = |candidate: &Candidate| self.side_of_column(candidate) == Some(Side::Buyer);
        plain.chain(labelled).filter(of_buyer).map(|candidate| scaled(candidate, PLAIN_LABEL)).collect()
    }

    /// The party whose name heads the column of a value: by a party label above it, or by the name itself.
    fn side_of_column(&self, candidate: &Candidate) -> Option<Side> {
        let &(first, end) = candidate.words.first()?;
        let row = self.sheet.words[first].row;
        let height = self.sheet.line_height;
        // The line begins with the label of the value.
        let labels = labels::in_row(&self.labels, row).filter(|label| label.first < first);
        let label = labels.max_by_key(|label| label.first);
        let start = label.map_or(first, |label| label.first);
        let line = self.sheet.bbox(start, end);
        let page = self.sheet.page_of(first);
        let is_over = |place: &Rect| {
            place.y < line.y && line.y - place.y < COLUMN * height && (place.x - line.x).abs() < ALIGNED * height
        };
        let heads = self.labels.iter().rev().filter(|label| label.row < row && self.sheet.page_of(label.first) == page);
        let mut sides = heads.filter_map(|label| {
            let strong = label.meanings.iter().find(|meaning| !meaning.is_weak && meaning.concept.side().is_some())?;
            let is_head = is_over(&self.sheet.bbox(label.first, label.end)) && self.heads_a_name(label);
            if is_head { strong.concept.side() } else { None }
        });
        sides.next().or_else(|| self.parties.side_over(page, is_over))
    }
}

fn other_side(concept: Option<Concept>) -> Option<Side> {
    match concept {
        Some(Concept::SellerVatId) => Some(Side::Buyer),
        Some(Concept::BuyerVatId) => Some(Side::Seller),
        _ => None,
    }
}

/// Whether a tax number has the shape of those that people have: the CPF of Brazil, the DNI and NIE of Spain, the codice
/// fiscale of Italy.
fn is_of_person(number: &str) -> bool {
    static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
        let shapes =
            r"^(?:\d{3}\.\d{3}\.\d{3}-\d{2}|(?:\d|[XYZ]-?)\d{7}-?[A-Z]|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z])$";
        Regex::new(shapes).expect("a static pattern compiles")
    });
    SHAPES.is_match(number)
}
