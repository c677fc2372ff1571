//! The words that templates and documents use for concepts. Words of templates are in `lexicon.toml`, words of pages in
//! [`recto_values::words`].

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rapidfuzz::distance::osa;
use recto_values::words::{LANGUAGES, LINES, Language, plain};
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Deserializer};

use crate::concept::{Concept, Head, Kind, Role, Side, TimeOfDays};
use crate::label_key::{key_of, keys_of};
use crate::sheet::tokens_of;

/// The lexicon's entry for a concept.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "id")]
    pub(crate) concept: Concept,
    pub(crate) kind: Kind,
    /// Its names in templates, split into words.
    #[serde(deserialize_with = "phrases")]
    pub(crate) names: Vec<Vec<String>>,
}

/// Splits texts into words once, rather than for every field that is examined.
fn phrases<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<String>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(texts.iter().map(|text| words_of(text)).collect())
}

/// A meaning of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) concept: Concept,
    pub(crate) is_weak: bool,
}

/// The lexicon, arranged for look-ups.
#[derive(Default)]
pub(crate) struct Lexicon {
    /// The names in templates for those who issue papers, without spaces.
    issuers: HashSet<String>,
    /// The names in templates for the addressees of papers, without spaces.
    addressees: HashSet<String>,
    heads: HashMap<String, Head>,
    days: HashMap<String, TimeOfDays>,
    roles: HashMap<String, Vec<Role>>,
    entries: Vec<Entry>,
    /// The meanings of each label; labels are without spaces.
    labels: HashMap<String, Vec<Meaning>>,
    /// The labels by their length in characters, each with the set of its letters.
    by_length: Vec<Vec<(u64, String)>>,
}

/// The built-in lexicon.
pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Book {
        issuers: Vec<String>,
        addressees: Vec<String>,
        heads: HashMap<Head, Vec<String>>,
        days: HashMap<TimeOfDays, Vec<String>>,
        roles: HashMap<Role, Vec<String>>,
        concept: Vec<Entry>,
    }
    let book: Book = toml::from_str(include_str!("lexicon.toml")).expect("the lexicon in the crate is sound");
    let keys = |names: Vec<String>| names.iter().map(|name| key_of(name)).collect();
    let heads = book.heads.into_iter().flat_map(|(head, words)| words.into_iter().map(move |word| (word, head)));
    let days = book.days.into_iter().flat_map(|(time, words)| words.into_iter().map(move |word| (word, time)));
    let mut roles: HashMap<String, Vec<Role>> = HashMap::new();
    for (role, words) in book.roles {
        for word in words {
            roles.entry(word).or_default().push(role);
        }
    }
    Lexicon {
        issuers: keys(book.issuers),
        addressees: keys(book.addressees),
        heads: heads.collect(),
        days: days.collect(),
        roles,
        ..Lexicon::new(book.concept)
    }
});

/// The most tokens of a label.
pub(crate) const MAX_LABEL_TOKENS: usize = 8;

impl Lexicon {
    fn new(entries: Vec<Entry>) -> Self {
        let mut labels: HashMap<String, Vec<Meaning>> = HashMap::new();
        for entry in &entries {
            for (label, is_weak) in labels_of(entry.concept) {
                for key in keys_of(label) {
                    let meanings = labels.entry(key).or_default();
                    if !meanings.iter().any(|meaning| meaning.concept == entry.concept) {
                        meanings.push(Meaning { concept: entry.concept, is_weak });
                    }
                }
            }
        }
        let mut by_length: Vec<Vec<(u64, String)>> = Vec::new();
        for key in labels.keys().filter(|key| !key.contains('#') && may_be_misread(key)) {
            let length = key.chars().count();
            if by_length.len() <= length {
                by_length.resize_with(length + 1, Vec::new);
            }
            by_length[length].push((letters(key), key.clone()));
        }
        // The order of a hash map must not decide between two labels that are equally similar to a text.
        for keys in &mut by_length {
            keys.sort();
        }
        Self { entries, labels, by_length, ..Self::default() }
    }

    /// All concepts.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The party that a template means by a name, given without spaces, on a paper that does not use that name.
    pub(crate) fn side_of(&self, name: &str) -> Option<Side> {
        let is_in = |names: &HashSet<String>, side| names.contains(name).then_some(side);
        is_in(&self.issuers, Side::Seller).or_else(|| is_in(&self.addressees, Side::Buyer))
    }

    /// The side that words of a template name, either by a role or as one of the parties.
    pub(crate) fn side_named(&self, words: &[String]) -> Option<Side> {
        let party = |entry: &&Entry| entry.kind == Kind::Party && entry.names.iter().any(|name| name == words);
        let by_name = || self.entries.iter().find(party).and_then(|entry| entry.concept.side());
        self.side_of(&words.concat()).or_else(by_name)
    }

    /// What a word says as the last one of a name.
    pub(crate) fn head(&self, word: &str) -> Option<Head> {
        self.heads.get(word).copied()
    }

    /// When the day with that name, in words, comes among the days of a paper; `None` if the name does not tell.
    pub(crate) fn time_of_day(&self, name: &[String]) -> Option<TimeOfDays> {
        name.iter().find_map(|word| self.days.get(word).copied())
    }

    /// Whom a word of a name means on a paper.
    pub(crate) fn roles(&self, word: &str) -> &[Role] {
        self.roles.get(word).map_or(&[], Vec::as_slice)
    }

    /// The kind of a concept's value.
    pub(crate) fn kind(&self, concept: Concept) -> Kind {
        self.entries.iter().find(|entry| entry.concept == concept).map_or(Kind::Text, |entry| entry.kind)
    }

    /// The meanings of a label, given without spaces.
    pub(crate) fn exactly(&self, key: &str) -> Option<&[Meaning]> {
        self.labels.get(key).map(Vec::as_slice)
    }

    /// The meanings of the label that a misread text may stand for: with one wrong character in five, or two in nine.
    pub(crate) fn nearly(&self, key: &str) -> Option<&[Meaning]> {
        let length = key.chars().count();
        let slips = slips_allowed(length);
        if slips == 0 || !key.chars().all(char::is_alphabetic) || LINES.months.contains_key(key) {
            return None;
        }
        let set = letters(key);
        let scorer = osa::BatchComparator::new(key.chars());
        let lengths = length.saturating_sub(slips)..=length + slips;
        let near = lengths.filter_map(|length| Some((length, self.by_length.get(length)?))).flat_map(|(n, labels)| {
            let allowed = slips_allowed(length.min(n));
            let args = osa::Args::default().score_cutoff(allowed);
            let scorer = &scorer;
            labels.iter().filter_map(move |(other, label)| {
                // Each error changes at most one letter of either set.
                let is_near = |a: u64, b: u64| (a & !b).count_ones() as usize <= allowed;
                let slips = (is_near(set, *other) && is_near(*other, set))
                    .then(|| scorer.distance_with_args(label.chars(), &args))?;
                Some((slips?, label)).filter(|_| excludes(key) == excludes(label))
            })
        });
        let best = near.min_by_key(|(slips, _)| *slips)?;
        self.exactly(best.1)
    }
}

/// The names of a concept on pages in any language; names that are also used for other concepts come last.
fn labels_of(concept: Concept) -> impl Iterator<Item = (&'static String, bool)> {
    let strong = LABELS.iter().filter_map(move |labels| labels.strong.get(&concept).copied());
    let weak = LABELS.iter().filter_map(move |labels| labels.weak.get(&concept).copied());
    strong.flatten().map(|label| (label, false)).chain(weak.flatten().map(|label| (label, true)))
}

/// The names of the concepts on pages in one language.
struct Labels {
    strong: HashMap<Concept, &'static Vec<String>>,
    /// Names that are also used for other concepts.
    weak: HashMap<Concept, &'static Vec<String>>,
}

/// The labels of each language, in the order of [`LANGUAGES`].
static LABELS: LazyLock<Vec<Labels>> = LazyLock::new(|| {
    let by_concept = |labels: &'static HashMap<String, Vec<String>>| {
        let concept = |name: &str| {
            let name: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
            Concept::deserialize(name).expect("a test reads the labels of all languages")
        };
        labels.iter().map(|(name, labels)| (concept(name), labels)).collect()
    };
    let of =
        |language: &'static Language| Labels { strong: by_concept(&language.labels), weak: by_concept(&language.weak) };
    LANGUAGES.iter().map(of).collect()
});

/// Whether a word continues a label, rather than being a value after it.
pub(crate) fn ends_labels(word: &str) -> bool {
    LINES.label_ends.contains(&key_of(word))
}

/// Whether a column with that name contains a rate, a base, a count, or a cumulative amount.
pub(crate) fn is_other_column(name: &str) -> bool {
    let name = format!(" {}", plain(name));
    LINES.other_columns.iter().any(|column| name.contains(&format!(" {column}")))
}

/// Whether a text may be a misread label. Short words of one language are often one letter away from those of another,
/// so short labels are considered only in the languages that recognition knows best.
fn may_be_misread(key: &str) -> bool {
    static SHORT: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let of = |language: &'static Language| language.labels.values().chain(language.weak.values()).flatten();
        LANGUAGES.iter().take(KNOWN_BEST).flat_map(of).map(|label| key_of(label)).collect()
    });
    key.chars().count() > SHORT_LABEL || SHORT.contains(key)
}

/// The longest label that counts as short, in characters.
const SHORT_LABEL: usize = 6;
/// The number of languages, from the first, whose short labels are considered too.
const KNOWN_BEST: usize = 4;

/// The number of characters by which a text differs from a label because of recognition errors; `None` when they differ
/// too much.
pub(crate) fn slips(text: &str, label: &str) -> Option<usize> {
    if text == label {
        return Some(0);
    }
    let lengths = (text.chars().count(), label.chars().count());
    let allowed = slips_allowed(lengths.0.min(lengths.1));
    if lengths.0.abs_diff(lengths.1) > allowed || !text.chars().all(char::is_alphabetic) {
        return None;
    }
    let slips = osa::distance_with_args(text.chars(), label.chars(), &osa::Args::default().score_cutoff(allowed))?;
    (excludes(text) == excludes(label)).then_some(slips)
}

/// The most errors in a label of any length.
pub(crate) const MAX_SLIPS: usize = 2;

fn slips_allowed(length: usize) -> usize {
    match length {
        0..=4 => 0,
        5..=8 => 1,
        _ => MAX_SLIPS,
    }
}

/// Whether a label is about something that is excluded, and thus two letters away from the opposite.
fn excludes(label: &str) -> bool {
    ["excl", "exkl"].iter().any(|word| label.contains(word))
}

/// The folded words of a name in any spelling (`invoiceNumber`, `invoice_number`, `Invoice number`).
pub(crate) fn words_of(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let begins_word = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
                || (before.is_some_and(|b| b.is_uppercase()) && after.is_some_and(|a| a.is_lowercase())));
        if begins_word {
            spaced.push(' ');
        }
        spaced.push(if c.is_alphanumeric() || *c == '\'' { *c } else { ' ' });
    }
    spaced.split_whitespace().flat_map(|word| tokens_of(word, 0)).map(|token| token.text).collect()
}

/// The letters of a text as a set; letters that are not Latin share a few places.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |set, c| {
        let place = match c {
            'a'..='z' => c as u32 - 'a' as u32,
            '0'..='9' => 26 + (c as u32 - '0' as u32),
            other => 36 + other as u32 % 28,
        };
        set | 1 << place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concepts(meanings: Option<&[Meaning]>) -> Vec<Concept> {
        meanings.unwrap_or_default().iter().map(|meaning| meaning.concept).collect()
    }

    #[test]
    fn labels_are_known_however_they_are_spaced() {
        for label in ["Rechnungs-Nr.", "Rechnungsnr", "Facture N°", "INVOICE #"] {
            assert!(concepts(LEXICON.exactly(&key_of(label))).contains(&Concept::InvoiceNumber), "{label}");
        }
    }

    #[test]
    fn a_misread_label_is_recognised_and_a_short_one_must_be_right() {
        assert!(concepts(LEXICON.nearly("tctal")).contains(&Concept::TotalGross));
        assert!(concepts(LEXICON.nearly("rechnungsnumner")).contains(&Concept::InvoiceNumber));
        assert_eq!(concepts(LEXICON.nearly("dale")), []);
    }

    #[test]
    fn every_label_fits_the_window_that_looks_for_it() {
        for entry in LEXICON.entries() {
            for (label, _) in labels_of(entry.concept) {
                let tokens = label.split_whitespace().flat_map(|word| tokens_of(word, 0)).count();
                assert!((1..=MAX_LABEL_TOKENS).contains(&tokens), "{label}");
            }
        }
        for label in LANGUAGES.iter().flat_map(|language| language.terms.values()).flatten() {
            let tokens = label.split_whitespace().flat_map(|word| tokens_of(word, 0)).count();
            assert!((1..=MAX_LABEL_TOKENS).contains(&tokens), "{label}");
        }
    }
}
