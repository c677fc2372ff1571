//! What the words of labels mean in the English of names: `police` and `policy`, `ausstellung` and `issue`.
//!
//! The meanings are learned from the labels that the languages' files give to things with English names. A phrase of two
//! words for a thing with a name of two words does not say which word means which, but many phrases together do: this is
//! IBM Model 1 (Brown et al., The Mathematics of Statistical Machine Translation, 1993), with names as one language and
//! labels of any language as the other. So a label is understood that no file has, if its words are in other labels.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use recto_values::words::LANGUAGES;

use crate::label_key::{is_number, is_small, tokens_in};
use crate::lexicon::words_of;

/// Passes over the phrases; later ones change little.
const PASSES: usize = 8;
/// The weight of a word that means nothing of the name, relative to the likeliest meaning of a new word.
const MEANINGLESS: f32 = 0.3;
/// A word that phrases used less often than this is not certain of any meaning.
const FEW: f32 = 0.5;
/// A less likely meaning is none.
const LIKELY: f32 = 0.1;
/// Words with the same beginning of this many characters may be forms of one word,
const STEM: usize = 4;
/// if they have no more than this many characters after it.
const ENDING: usize = 3;
/// What the meaning of another form of a word counts.
const OTHER_FORM: f32 = 0.8;
/// A shorter word is no compound, and a shorter part is none of one.
const COMPOUND: usize = 7;
const PART: usize = 3;
/// The letters that may join the parts of a compound.
const JOINTS: [&str; 6] = ["", "s", "es", "n", "en", "e"];
/// Every word for "number".
pub(crate) const NUMBER: &str = "#";

/// The meanings of a word, with their probabilities.
type Meanings = Vec<(String, f32)>;

/// The words of labels.
struct Vocabulary {
    words: HashMap<String, Meanings>,
    /// The words by their beginnings.
    stems: HashMap<String, Vec<String>>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::learned(&phrases()));

/// The words of a name or a label, without articles and prepositions, and with one sign for every word for "number".
pub(crate) fn content_words(tokens: impl Iterator<Item = String>) -> Vec<String> {
    let tokens = tokens.map(|token| if is_number(&token) { NUMBER.to_owned() } else { token });
    tokens.filter(|token| !is_small(token)).collect()
}

/// The meanings of a word of a label.
pub(crate) fn meanings(word: &str) -> Cow<'static, [(String, f32)]> {
    match VOCABULARY.words.get(word) {
        Some(meanings) => Cow::Borrowed(meanings),
        None => Cow::Owned(VOCABULARY.of_other_forms(word)),
    }
}

/// The parts of a compound, if all of them are known words; otherwise, the word alone. The one with the longest shorter
/// part is taken: `versicherungs` and `beginn`.
pub(crate) fn parts(word: &str) -> Vec<String> {
    let words = &VOCABULARY.words;
    if words.contains_key(word) || word.chars().count() < COMPOUND {
        return vec![word.to_owned()];
    }
    let known = |part: &str| {
        let stripped = JOINTS.iter().filter_map(|joint| part.strip_suffix(joint));
        { stripped }.find(|part| part.chars().count() >= PART && words.contains_key(*part)).map(str::to_owned)
    };
    let split = word.char_indices().skip(PART).filter_map(|(at, _)| {
        let (first, second) = word.split_at(at);
        let second = Some(second).filter(|part| part.chars().count() >= PART && words.contains_key(*part))?;
        Some((known(first)?, second.to_owned()))
    });
    let best = split.max_by_key(|(first, second)| first.chars().count().min(second.chars().count()));
    best.map_or_else(|| vec![word.to_owned()], |(first, second)| vec![first, second])
}

/// Whether two words are forms of one.
pub(crate) fn is_same(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    a == b || shared >= STEM && shared + ENDING >= a.chars().count().max(b.chars().count())
}

/// The English names of things with the labels that they have in all languages, in words.
fn phrases() -> Vec<(Vec<String>, Vec<String>)> {
    let labels = LANGUAGES.iter().flat_map(|language| language.labels.iter().chain(&language.weak));
    let terms = LANGUAGES.iter().flat_map(|language| &language.terms);
    let words = LANGUAGES.iter().flat_map(|language| &language.vocabulary);
    let all = labels.chain(terms).chain(words).flat_map(|(name, labels)| {
        let name = content_words(words_of(name).into_iter());
        labels.iter().map(move |label| (name.clone(), content_words(tokens_in(label))))
    });
    let mut all: Vec<_> = all.collect();
    // Sums of floating-point numbers depend on their order, and that of a hash map is another one in each process.
    all.sort_unstable();
    all
}

impl Vocabulary {
    /// Learns which word of a label means which word of the name.
    fn learned(phrases: &[(Vec<String>, Vec<String>)]) -> Self {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let mut texts: Vec<&str> = Vec::new();
        let mut id = |text| {
            *ids.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() - 1
            })
        };
        // Each pair of a word and a word of the name has a number, so that passes need no look-ups.
        let mut numbers: HashMap<(usize, usize), usize> = HashMap::new();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        let mut together: Vec<Vec<usize>> = Vec::new();
        for (name, label) in phrases {
            let name: Vec<usize> = name.iter().map(|word| id(word.as_str())).collect();
            for word in label.iter().map(|word| id(word.as_str())) {
                let number = |meaning: &usize| {
                    *numbers.entry((word, *meaning)).or_insert_with(|| {
                        pairs.push((word, *meaning));
                        pairs.len() - 1
                    })
                };
                together.push(name.iter().map(number).collect());
            }
        }
        let mut likely = vec![1.0; pairs.len()];
        for _ in 0..PASSES {
            let mut counts = vec![0.0; pairs.len()];
            for numbers in &together {
                let all = MEANINGLESS + numbers.iter().map(|number| likely[*number]).sum::<f32>();
                for number in numbers {
                    counts[*number] += likely[*number] / all;
                }
            }
            let mut of_word = vec![0.0_f32; texts.len()];
            for ((word, _), count) in pairs.iter().zip(&counts) {
                of_word[*word] += count;
            }
            likely = pairs.iter().zip(counts).map(|((word, _), count)| count / of_word[*word].max(FEW)).collect();
        }
        let mut all: Vec<Meanings> = vec![Vec::new(); texts.len()];
        for ((word, meaning), likelihood) in pairs.iter().zip(likely) {
            if likelihood >= LIKELY {
                all[*word].push((texts[*meaning].to_owned(), likelihood));
            }
        }
        let mut words = HashMap::new();
        let mut stems: HashMap<String, Vec<String>> = HashMap::new();
        for (word, mut meanings) in texts.iter().zip(all) {
            meanings.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            if !meanings.is_empty() {
                stems.entry(stem(word)).or_default().push((*word).to_owned());
                words.insert((*word).to_owned(), meanings);
            }
        }
        Self { words, stems }
    }

    /// The meanings of the known words that are other forms of a word.
    fn of_other_forms(&self, word: &str) -> Meanings {
        let forms = self.stems.get(&stem(word)).into_iter().flatten().filter(|form| is_same(form, word));
        let mut all: HashMap<&str, f32> = HashMap::new();
        for (meaning, likelihood) in forms.flat_map(|form| &self.words[form]) {
            let best = all.entry(meaning).or_default();
            *best = best.max(OTHER_FORM * likelihood);
        }
        all.into_iter().map(|(meaning, likelihood)| (meaning.to_owned(), likelihood)).collect()
    }
}

fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_the_labels_that_have_them() {
        for (word, meaning) in [("fecha", "date"), ("naissance", "birth"), ("poliza", "policy"), ("motivo", "reason")] {
            let meanings = meanings(word);
            assert_eq!(meanings.first().map(|(first, _)| first.as_str()), Some(meaning), "{word}: {meanings:?}");
        }
        assert!(meanings("xyzzy").is_empty());
    }

    #[test]
    fn compounds_have_parts() {
        assert_eq!(parts("fecha"), ["fecha"]);
        assert_eq!(parts("bibliotheksbetrag").len(), 1, "an unknown part");
        assert_eq!(parts("kautionsdatum"), ["kaution", "datum"]);
    }

    #[test]
    fn forms_of_a_word_are_the_same() {
        assert!(is_same("insured", "insurer") && is_same("depart", "departure"));
        assert!(!is_same("date", "data") && !is_same("port", "portfolio"));
    }
}
