//! The confidence in a value: a probability from a small model trained on documents with known values, and its reasons
//! in words.
//!
//! The values of papers are ranked by learned probabilities, and those stand. On receipts, the rules find the candidates
//! of a field and rank them, and the model judges the first one by its origin, its lead
//! over the others, and its legibility. It is a logistic regression whose weights are trained by `just train-fields`. They
//! are in `weights.json`, with the date, the corpus and the resulting figures.

mod features;
mod model;
mod reasons;

use recto_domain::{Field, FieldSchema};
use serde_json::Value;

use crate::assignment::Choice;
use crate::candidate::Candidate;
use crate::concept::Kind;
use crate::sheet::Sheet;
use features::Features;

pub use features::FEATURES;
pub use model::WEIGHTS_FILE;

/// The best candidate of a field, with its confidence.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    candidate: Candidate,
    why: Vec<String>,
    /// `None` if the template itself gives the value, or the ranking its probability.
    features: Option<Features>,
}

impl Judgement {
    /// A value that the template gives.
    pub(crate) fn told(candidate: Candidate) -> Self {
        Self { candidate, why: vec!["the template says so".to_owned()], features: None }
    }

    /// The field with this value.
    pub(crate) fn into_field(self, sheet: &Sheet, schema: &FieldSchema) -> Field {
        Field { why: self.why, ..self.candidate.into_field(sheet, schema, "rules") }
    }

    /// The data for training the model; `None` if there is nothing to learn.
    pub(crate) fn assessed(self, name: &str) -> Option<Assessed> {
        let features = self.features?.values().to_vec();
        Some(Assessed { name: name.to_owned(), value: self.candidate.value, features })
    }
}

/// A value that was found, with its features.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The field's name.
    pub name: String,
    /// The value that was found.
    pub value: Value,
    /// The features in the order of [`FEATURES`].
    pub features: Vec<f32>,
}

/// The factor on the probability of a value that another field has the better claim to.
const CONTESTED: f32 = 0.4;

/// The most likely candidate, with its probability as its score.
pub(crate) fn judge(sheet: &Sheet, kind: Kind, choice: &Choice) -> Option<Judgement> {
    let best = choice.best()?;
    if choice.is_told {
        return Some(Judgement::told(best.clone()));
    }
    let features = Features::of(sheet, kind, best, &choice.candidates);
    let likely = if choice.is_ranked { best.score } else { model::probability(&features) };
    let why = reasons::decisive(sheet, best, &features);
    let probability = if best.is_contested { CONTESTED } else { 1.0 } * likely;
    let candidate = Candidate { score: probability, ..best.clone() };
    Some(Judgement { candidate, why, features: Some(features).filter(|_| !choice.is_ranked) })
}

/// The probability that the most likely candidate of a field is right, regardless of other fields; 0 without candidates.
pub(crate) fn probability(sheet: &Sheet, kind: Kind, choice: &Choice) -> f32 {
    if choice.is_ranked {
        return choice.best().map_or(0.0, |best| best.score);
    }
    let of = |best: &Candidate| model::probability(&Features::of(sheet, kind, best, &choice.candidates));
    choice.best().map_or(0.0, of)
}
