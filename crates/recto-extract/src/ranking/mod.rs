//! Ranks all values on a sheet that a field may have, by what was learned from documents with known values.
//!
//! The rules lead from labels to values. Here, every value of the right kind on the sheet is a candidate, wherever it
//! stands, and each has features: what the words around it say of the field's name, what it looks like, where it stands,
//! and what the rules think of it. Gradient-boosted trees tell from these how likely it is right. The trees are trained by
//! `just train-ranking`; they are in `trees.json`, with the date, the corpora and the resulting figures.

mod features;
mod model;
mod spans;
mod surroundings;

use std::ops::Range;

use recto_domain::{FieldSchema, Pattern};
use serde_json::Value;

use crate::assignment::Choice;
use crate::candidate::{Candidate, Origin};
use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::labels::Label;
use crate::search::Search;
use crate::shapes;
use features::Paper;
use surroundings::{Place, Surroundings};

pub use features::ranking_features;
pub use model::RANKING_FILE;

/// A value that is less likely right is not given, …
const LEAST: f32 = 0.2;
/// … or one that the rules lead to. It is in doubt then.
const LEAST_IF_FOUND: f32 = 0.1;
/// A place says of a field where a value of it stands if it says this much of the field's name.
const TELLS: f32 = 0.3;

/// A possible value of a field, as the ranking sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The value.
    pub value: Value,
    /// The features in the order of [`ranking_features`].
    pub features: Vec<f32>,
}

/// The candidates of the fields of a document, from the whole sheet.
pub(crate) struct Ranking<'s> {
    search: &'s Search<'s>,
    surroundings: Surroundings<'s>,
    paper: Paper,
}

impl<'s> Ranking<'s> {
    /// Prepares a searched sheet for the fields of a template.
    pub(crate) fn of(search: &'s Search<'s>, query: &[FieldQuery]) -> Self {
        Self { search, surroundings: Surroundings::of(search.sheet, &search.labels, query), paper: Paper::of(search) }
    }

    /// The likely values of the field with that index, from those that the rules found and all others.
    pub(crate) fn choice(&self, index: usize, schema: &FieldSchema, query: &FieldQuery, found: Choice) -> Choice {
        // What comes from no words has no surroundings.
        if found.candidates.iter().any(|candidate| candidate.words.is_empty()) {
            return found;
        }
        let all = self.candidates(index, schema, query, found);
        let features = features::of(self.search, &self.surroundings, &self.paper, index, query, &all);
        let likely = features.into_iter().zip(all).filter_map(|(features, (candidate, found))| {
            let score = model::probability(&features);
            let least = if found > 0.0 { LEAST_IF_FOUND } else { LEAST };
            (score >= least).then(|| Candidate { score, origin: self.origin(index, query, &candidate), ..candidate })
        });
        Choice { candidates: likely.collect(), is_told: false, is_ranked: true }
    }

    /// All possible values of the field with that index, with their features.
    pub(crate) fn examples(
        &self,
        index: usize,
        schema: &FieldSchema,
        query: &FieldQuery,
        found: Choice,
    ) -> Vec<Ranked> {
        let all = self.candidates(index, schema, query, found);
        let features = features::of(self.search, &self.surroundings, &self.paper, index, query, &all);
        let pairs = all.into_iter().zip(features);
        pairs.map(|((candidate, _), features)| Ranked { value: candidate.value, features }).collect()
    }

    /// The values of the rules, and then all others; with the score that the rules give them.
    fn candidates(
        &self,
        index: usize,
        schema: &FieldSchema,
        query: &FieldQuery,
        found: Choice,
    ) -> Vec<(Candidate, f32)> {
        let mut all: Vec<(Candidate, f32)> = Vec::new();
        for candidate in found.candidates {
            // Of one value at one place, the rules may be sure for several reasons.
            match all.iter_mut().find(|(other, _)| other.words == candidate.words && other.value == candidate.value) {
                Some(known) if known.1 < candidate.score => *known = (candidate.clone(), candidate.score),
                Some(_) => {}
                None => all.push((candidate.clone(), candidate.score)),
            }
        }
        let pattern = schema.pattern.as_ref().and_then(Pattern::regex);
        let mark = self.search.matches.mark;
        let known = all.len();
        let spans = spans::of_kind(self.search, &self.surroundings, index, query.kind).into_iter();
        let spans = spans
            .filter(|candidate| shapes::is_allowed(schema, pattern, candidate))
            .filter_map(|candidate| shapes::typed(schema.kind, candidate, mark));
        for candidate in spans {
            let is_known =
                |(other, _): &(Candidate, f32)| other.words == candidate.words && other.value == candidate.value;
            if !all[..known].iter().any(is_known) {
                all.push((candidate, 0.0));
            }
        }
        let is_due = query.is_whole && matches!(query.concept, Some(Concept::DueDate | Concept::AmountDue));
        let is_other = |candidate: &Candidate| is_due && self.search.is_of_discount(candidate);
        all.retain(|(candidate, _)| !candidate.words.is_empty() && !is_other(candidate));
        all
    }

    /// The origin of a candidate. If the rules did not find it, the words led to it that say most of the field's name,
    /// unless they are the label of something else.
    fn origin(&self, index: usize, query: &FieldQuery, candidate: &Candidate) -> Origin {
        let Some(&(first, end)) = candidate.words.first().filter(|_| candidate.origin == Origin::Kind) else {
            return candidate.origin;
        };
        let around = self.surroundings.around(first, end);
        let said = |place: Place| self.surroundings.said(&around[place as usize], index).of_name;
        let best = [Place::Before, Place::Left, Place::Above, Place::Head].into_iter();
        let best = best.reduce(|best, next| if said(next) > said(best) { next } else { best });
        let is_own = |place: &Place| !self.names_another(index, query, &around[*place as usize]);
        match best.filter(|place| said(*place) >= TELLS).filter(is_own) {
            Some(place) => {
                let words = &around[place as usize];
                let (first, end) = (words.start, words.end);
                if matches!(place, Place::Before | Place::Left) {
                    Origin::Beside { first, end }
                } else {
                    Origin::Below { first, end }
                }
            }
            None => candidate.origin,
        }
    }

    /// Whether some words are known labels, and none of them is that of the field, whose labels are known.
    fn names_another(&self, index: usize, query: &FieldQuery, words: &Range<usize>) -> bool {
        let Some(concept) = query.concept.filter(|_| query.is_whole) else { return false };
        let over = || self.search.labels.iter().filter(|label| label.first < words.end && words.start < label.end);
        let is_own = |label: &Label| [concept, Concept::Own(index)].iter().any(|own| label.strength(*own).is_some());
        over().any(|label| label.meanings.iter().any(|meaning| !meaning.is_weak)) && !over().any(is_own)
    }
}
