//! Settles the fields of a document together: one place on a page is the value of one field.
//!
//! Each field has candidates of its own. Where two fields would take the same words, the one that is less likely right
//! takes its next candidate.

use std::cmp::Ordering;

use crate::candidate::{Candidate, Origin};
use crate::concept::{Concept, Kind};
use crate::confidence;
use crate::field_query::FieldQuery;
use crate::sheet::Sheet;

/// The candidates of a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub(crate) candidates: Vec<Candidate>,
    /// Whether the template leads to them. They are then never taken away.
    pub(crate) is_told: bool,
    /// Whether their scores are learned probabilities.
    pub(crate) is_ranked: bool,
}

impl Choice {
    /// The likeliest candidate; the first one of equals.
    pub(crate) fn best(&self) -> Option<&Candidate> {
        self.candidates.iter().reduce(|best, next| if next.score > best.score { next } else { best })
    }

    /// How much less likely the likeliest candidate from other words is.
    fn loss(&self, best: &Candidate) -> f32 {
        let others = self.candidates.iter().filter(|other| other.words != best.words);
        best.score - others.map(|other| other.score).fold(0.0, f32::max)
    }

    /// Whether nothing but its kind speaks for its likeliest candidate.
    fn is_left_over(&self) -> bool {
        self.best().is_some_and(|best| match best.origin {
            Origin::Remaining => true,
            Origin::Kind => self.is_ranked,
            _ => false,
        })
    }

    fn has_other(&self, best: &Candidate) -> bool {
        self.candidates.iter().any(|other| other.words != best.words)
    }
}

/// Takes the candidates away from fields whose words another field has the better claim to. A field without any other
/// candidate keeps its own, marked as contested, unless it was only left over. `choices` are in the order of `query`.
pub(crate) fn settle(sheet: &Sheet, query: &[FieldQuery], choices: &mut [Choice]) {
    while let Some((loser, words)) = conflict(sheet, query, choices) {
        let choice = &mut choices[loser];
        let has_other = choice.best().is_some_and(|best| choice.has_other(best));
        // What another field has is not left over.
        if has_other || choice.is_left_over() {
            choice.candidates.retain(|candidate| candidate.words != words);
        } else {
            for candidate in &mut choice.candidates {
                candidate.is_contested = true;
            }
        }
    }
}

/// The first field that would take the same words as another one that is likelier right, and the words.
fn conflict(sheet: &Sheet, query: &[FieldQuery], choices: &[Choice]) -> Option<(usize, Vec<(usize, usize)>)> {
    let best: Vec<Option<&Candidate>> = choices.iter().map(Choice::best).collect();
    let is_open = |at: usize| !choices[at].is_told;
    let may_share = |one: usize, other: usize| {
        let is_left_over = choices[one].is_left_over() || choices[other].is_left_over();
        match (query[one].kind, query[other].kind) {
            // Two days are seldom the same, so that something must say so.
            (Kind::Date, Kind::Date) if is_left_over && query[one].concept != query[other].concept => false,
            _ => may_share(&query[one], &query[other]),
        }
    };
    (0..best.len()).flat_map(|one| (one + 1..best.len()).map(move |other| (one, other))).find_map(|(one, other)| {
        let (a, b) = (best[one]?, best[other]?);
        // A template may read several fields from one place.
        let is_template = a.origin == Origin::Template || b.origin == Origin::Template;
        let is_settled = is_template || a.is_contested || b.is_contested || may_share(one, other);
        let is_same = !a.words.is_empty() && a.words == b.words && !is_settled;
        let loser = match (is_open(one), is_open(other)) {
            _ if !is_same => return None,
            (false, false) => return None,
            (true, false) => one,
            (false, true) => other,
            (true, true) => {
                // Of equals, the one that loses less by it, then the one of which the name is known in part.
                let claim = |at: usize, best: &Candidate| {
                    let probability = confidence::probability(sheet, query[at].kind, &choices[at]);
                    (probability, choices[at].loss(best), query[at].is_whole)
                };
                if claim(one, a).partial_cmp(&claim(other, b)) == Some(Ordering::Less) { one } else { other }
            }
        };
        Some((loser, a.words.clone()))
    })
}

/// Whether two fields may have one value: both have the same meaning, or are among the sums, days or parties that are
/// often one and the same.
fn may_share(one: &FieldQuery, other: &FieldQuery) -> bool {
    let is_sum = |concept: Concept| {
        matches!(
            concept,
            Concept::TotalGross | Concept::TotalNet | Concept::AmountDue | Concept::AmountPaid | Concept::LateAmount
        )
    };
    let (Some(a), Some(b)) = (one.concept, other.concept) else { return false };
    let are_whole = one.is_whole && other.is_whole;
    are_whole && (a == b || (is_sum(a) && is_sum(b)) || (one.kind == Kind::Date && other.kind == Kind::Date))
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::{Value, json};

    use super::*;
    use crate::sheet::tests::page;

    /// A field's name and type, and the words and scores of its candidates.
    type Given<'a> = (&'a str, &'a str, &'a [(usize, f32)]);

    /// Settles two fields. Returns the word of each, and whether it is contested.
    fn settled(fields: [Given<'_>; 2]) -> Vec<(usize, bool)> {
        let sheet = Sheet::of(&[page(&["11 12 13 14 15"])]);
        let query = fields.map(|(name, kind, _)| {
            let schema = TemplateSchema::parse(&json!({name: {"type": kind}})).unwrap();
            FieldQuery::of(&schema.fields[0], false)
        });
        let candidate = |(word, score): &(usize, f32)| {
            Candidate::printed(&sheet, *word, word + 1, Value::String(word.to_string()), *score)
        };
        let mut choices = fields.map(|(_, _, all)| Choice {
            candidates: all.iter().map(candidate).collect(),
            is_told: false,
            is_ranked: false,
        });
        settle(&sheet, &query, &mut choices);
        let best = choices.iter().filter_map(Choice::best);
        best.map(|best| (best.words[0].0, best.is_contested)).collect()
    }

    #[test]
    fn the_field_that_is_less_likely_right_gives_way() {
        let settled = settled([("meter_code", "string", &[(0, 0.6), (1, 0.5)]), ("lot_code", "string", &[(0, 0.9)])]);
        assert_eq!(settled, [(1, false), (0, false)]);
    }

    #[test]
    fn a_field_without_another_candidate_keeps_its_own_in_doubt() {
        let settled = settled([("meter_code", "string", &[(0, 0.6)]), ("lot_code", "string", &[(0, 0.9)])]);
        assert_eq!(settled, [(0, true), (0, false)]);
    }

    #[test]
    fn one_sum_may_be_several_totals() {
        let sums: [&[_]; 2] = [&[(0, 0.9), (1, 0.5)], &[(0, 0.8), (1, 0.5)]];
        let settled = settled([("total_gross", "number", sums[0]), ("amount_due", "number", sums[1])]);
        assert_eq!(settled, [(0, false), (0, false)]);
    }
}
