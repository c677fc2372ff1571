//! How sure a found value is: a probability that a small model learned from documents with known values, and the
//! reasons in words.
//!
//! The rules find the candidates of a field and put them in order. The model looks at the first of them: what led to it,
//! how far the others are behind, how well it can be read. It is a logistic regression, whose weights `just train-fields`
//! learns; they lie in `weights.json` with the day, the corpus and the figures that they reach.

mod features;
mod model;
mod reasons;

use recto_domain::{Field, FieldSchema};
use serde_json::Value;

use crate::candidate::Candidate;
use crate::lexicon::Kind;
use crate::sheet::Sheet;
use features::Features;

pub use features::FEATURES;
pub use model::WEIGHTS_FILE;

/// The first candidate of a field, judged.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    candidate: Candidate,
    why: Vec<String>,
    /// `None` where the template itself tells the value.
    features: Option<Features>,
}

impl Judgement {
    /// A value that the template tells.
    pub(crate) fn told(candidate: Candidate) -> Self {
        Self { candidate, why: vec!["the template says so".to_owned()], features: None }
    }

    /// The field with this value.
    pub(crate) fn into_field(self, sheet: &Sheet, schema: &FieldSchema) -> Field {
        Field { why: self.why, ..self.candidate.into_field(sheet, schema, "rules") }
    }

    /// What the model learns from; `None` where there is nothing to learn.
    pub(crate) fn assessed(self, name: &str) -> Option<Assessed> {
        let features = self.features?.values().to_vec();
        Some(Assessed { name: name.to_owned(), value: self.candidate.value, features })
    }
}

/// A value that was found, and what the model judges it by.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The field's name.
    pub name: String,
    /// The value that was found.
    pub value: Value,
    /// In the order of [`FEATURES`].
    pub features: Vec<f32>,
}

/// The likeliest of some candidates, with its probability as its score. `is_told` says that the template leads to them.
pub(crate) fn judge(sheet: &Sheet, kind: Kind, candidates: &[Candidate], is_told: bool) -> Option<Judgement> {
    // The first of equals.
    let best = candidates.iter().reduce(|best, next| if next.score > best.score { next } else { best })?;
    if is_told {
        return Some(Judgement::told(best.clone()));
    }
    let features = Features::of(sheet, kind, best, candidates);
    let why = reasons::of(sheet, best, &features);
    let candidate = Candidate { score: model::probability(&features), ..best.clone() };
    Some(Judgement { candidate, why, features: Some(features) })
}
