//! Things that have no concept in the lexicon and are found by their labels alone: the terms of the languages' files.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use recto_values::words::LANGUAGES;

use crate::label_key::{is_small, key_of, keys_of, tokens_in};
use crate::lexicon::LEXICON;
use crate::likeness::likeness;

/// The least likeness of a name and that of a thing.
const CLOSE: f32 = 0.7;

/// Terms that are found by their label alone. The key is a name used in templates: the English name, or one of the
/// English labels. The values are the labels on pages in any language, without spaces.
static TERMS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut terms: HashMap<String, Vec<String>> = HashMap::new();
    for (name, labels) in LANGUAGES.iter().flat_map(|language| &language.terms) {
        let keys = terms.entry(key_of(&name.replace('_', " "))).or_default();
        keys.extend(labels.iter().flat_map(|label| keys_of(label)));
    }
    for labels in terms.values_mut() {
        labels.sort();
        labels.dedup();
    }
    // The first language is English.
    for (name, labels) in LANGUAGES.iter().take(1).flat_map(|language| &language.terms) {
        for label in labels {
            if let Some(keys) = terms.get(&key_of(&name.replace('_', " "))).cloned() {
                terms.entry(key_of(label)).or_insert(keys);
            }
        }
    }
    terms
});

/// The labels on pages for a name used in templates, all without spaces.
pub(crate) fn terms(name: &str) -> &'static [String] {
    TERMS.get(name).map_or(&[], Vec::as_slice)
}

/// The labels of the thing whose name agrees best with the words of a name: those of a `departure_time` for a
/// `scheduled_departure_time`. The thing that is called exactly so is left out.
pub(crate) fn terms_like(name: &[String]) -> &'static [String] {
    // The names of all things come before their other names, so that of equals the first one is meant.
    static NAMES: LazyLock<Vec<(Vec<String>, String)>> = LazyLock::new(|| {
        let english = || LANGUAGES.iter().take(1).flat_map(|language| &language.terms);
        let names = english().map(|(name, _)| (name.replace('_', " "), name));
        let others = english().flat_map(|(name, labels)| labels.iter().map(move |label| (label.clone(), name)));
        let words = |called: &str| tokens_in(called).filter(|word| !is_small(word)).collect();
        names.chain(others).map(|(called, name)| (words(&called), key_of(&name.replace('_', " ")))).collect()
    });
    let words: Vec<&str> = name.iter().map(String::as_str).filter(|word| !is_small(word)).collect();
    let own = terms(&name.concat());
    let others = NAMES.iter().filter(|(_, term)| own.is_empty() || terms(term) != own);
    let alike = others.map(|(called, term)| (likeness(called, &words), term));
    // The first one of equals.
    let best = alike.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(likeness, _)| *likeness >= CLOSE).map_or(&[], |(_, term)| terms(term))
}

/// Whether pages call anything so, without spaces: by a label of a concept, or by one of the terms.
pub(crate) fn names_anything(key: &str) -> bool {
    static ALL: LazyLock<HashSet<&str>> = LazyLock::new(|| TERMS.values().flatten().map(String::as_str).collect());
    let is_label = || LEXICON.exactly(key).is_some_and(|meanings| meanings.iter().any(|meaning| !meaning.is_weak));
    ALL.contains(key) || is_label()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_known_by_its_english_names_in_all_languages() {
        let english: Vec<&String> = LANGUAGES[0].terms.keys().collect();
        for term in LANGUAGES.iter().flat_map(|language| language.terms.keys()) {
            assert!(english.contains(&term), "{term}");
        }
        for name in ["shipper", "consignor"] {
            for label in ["Ship From", "Absender", "托运人"] {
                assert!(terms(name).contains(&key_of(label)), "{label} for {name}");
            }
        }
        assert!(terms("unheard of").is_empty());
    }

    #[test]
    fn a_name_that_is_nearly_that_of_a_thing_has_its_labels() {
        let like = |name: &str| terms_like(&tokens_in(name).collect::<Vec<_>>());
        assert_eq!(like("scheduled departure time"), terms("departuretime"));
        assert_eq!(like("number of the policy"), terms("policynumber"));
        assert_ne!(like("departure time"), terms("departuretime"), "the labels of its own are known already");
        assert!(like("colour of the sky").is_empty());
    }
}
