//! The features of the confidence model.

use crate::candidate::{Candidate, Origin};
use crate::concept::Kind;
use crate::sheet::Sheet;

/// The names of the features, in order.
pub const FEATURES: [&str; COUNT] = [
    "score",
    "lead",
    "is_alone",
    "is_repeated",
    "legibility",
    "is_beside_label",
    "is_below_label",
    "is_of_party",
    "is_sum",
    "sums_add_up",
    "has_shape",
    "is_computed",
    "depth",
    "is_amount",
    "is_date",
    "is_code",
    "is_party",
    "is_address",
    "is_text",
];

const COUNT: usize = 19;

/// The features of a value, from 0 to 1, except for the score, which is in log odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Features([f32; COUNT]);

impl Features {
    /// The features of one candidate among all.
    pub(super) fn of(sheet: &Sheet, kind: Kind, candidate: &Candidate, all: &[Candidate]) -> Self {
        let rivals = all.iter().filter(|other| other.value != candidate.value);
        let rival = rivals.map(|other| other.score).fold(0.0, f32::max);
        let again = |other: &&Candidate| other.value == candidate.value && other.words != candidate.words;
        let score = candidate.score.clamp(0.02, 0.98);
        let least = candidate.words.iter().map(|(first, end)| sheet.confidence(*first, *end)).fold(1.0, f32::min);
        let row = candidate.words.first().map(|(first, _)| sheet.words[*first].row);
        let flag = |is: bool| f32::from(u8::from(is));
        Self([
            (score / (1.0 - score)).ln(),
            1.0 - (rival / candidate.score.max(f32::MIN_POSITIVE)).min(1.0),
            flag(rival == 0.0),
            flag(all.iter().any(|other| again(&other))),
            least,
            flag(matches!(candidate.origin, Origin::Beside { .. })),
            flag(matches!(candidate.origin, Origin::Below { .. })),
            flag(candidate.origin == Origin::Party),
            flag(matches!(candidate.origin, Origin::Sums { .. })),
            flag(candidate.origin == Origin::Sums { add_up: true }),
            flag(candidate.origin == Origin::Shape),
            flag(candidate.is_computed),
            row.map_or(0.5, |row| sheet.depth_in_document(row)),
            flag(matches!(kind, Kind::Amount | Kind::Quantity | Kind::Percent)),
            flag(kind == Kind::Date),
            flag(matches!(kind, Kind::Code | Kind::Vat | Kind::Iban | Kind::Bic)),
            flag(kind == Kind::Party),
            flag(kind == Kind::Address),
            flag(kind == Kind::Text),
        ])
    }

    pub(super) fn values(&self) -> &[f32] {
        &self.0
    }

    /// The feature with that name; 0 for an unknown name.
    pub(super) fn get(&self, name: &str) -> f32 {
        FEATURES.iter().position(|other| *other == name).map_or(0.0, |at| self.0[at])
    }
}
