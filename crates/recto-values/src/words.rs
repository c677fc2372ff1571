//! The words of each language: the labels of values, and the words by which the lines of letterheads are recognised.
//! Each language has a file of its own in `words/`. All of them apply to every page, because pages mix languages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::fold;

/// The content of a language's file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// The labels of a value, by its name in the lexicon of `recto-extract`, such as `invoice_number`.
    #[serde(default)]
    pub labels: HashMap<String, Vec<String>>,
    /// Labels that are also used for other values.
    #[serde(default)]
    pub weak: HashMap<String, Vec<String>>,
    /// Labels of values that are found by their label alone, by their English names.
    #[serde(default)]
    pub terms: BTreeMap<String, Vec<String>>,
    /// Words of labels, by the English words of names that they mean: `policy = ["police", "vertrags"]`.
    #[serde(default)]
    pub vocabulary: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    lines: LineWords,
}

/// The words by which lines of letterheads are recognised.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LineWords {
    /// Titles of documents.
    titles: Vec<String>,
    /// Titles of driving licences.
    driving_licences: Vec<String>,
    /// Words of streets and buildings.
    streets: Vec<String>,
    /// Endings of street names that are written as one word with the word for "street".
    street_ends: Vec<String>,
    /// Abbreviations of the legal forms of companies.
    legal_forms: Vec<String>,
    /// Words before the name of the addressee.
    greetings: Vec<String>,
    /// The months from January, each with its names.
    months: Vec<Vec<String>>,
    /// Words and abbreviations for "number" in labels: `Rechnungs-Nr.`.
    number_words: Vec<String>,
    /// Articles and prepositions, which labels may leave out: `Date of Issue`, `Issue Date`.
    small_words: Vec<String>,
    /// Words that continue a label and are not a value after it: `Shipper's Name and Address`.
    label_ends: Vec<String>,
    /// Names of columns that hold a rate, a base, a count or a running total.
    other_columns: Vec<String>,
}

/// The files, English first. If a label has different meanings in two languages, the earlier one wins.
const FILES: [&str; 41] = [
    include_str!("words/en.toml"),
    include_str!("words/de.toml"),
    include_str!("words/fr.toml"),
    include_str!("words/es.toml"),
    include_str!("words/it.toml"),
    include_str!("words/nl.toml"),
    include_str!("words/pt.toml"),
    include_str!("words/ca.toml"),
    include_str!("words/th.toml"),
    include_str!("words/pl.toml"),
    include_str!("words/cs.toml"),
    include_str!("words/sk.toml"),
    include_str!("words/sv.toml"),
    include_str!("words/da.toml"),
    include_str!("words/nb.toml"),
    include_str!("words/fi.toml"),
    include_str!("words/et.toml"),
    include_str!("words/lv.toml"),
    include_str!("words/lt.toml"),
    include_str!("words/hu.toml"),
    include_str!("words/hr.toml"),
    include_str!("words/sl.toml"),
    include_str!("words/ro.toml"),
    include_str!("words/tr.toml"),
    include_str!("words/el.toml"),
    include_str!("words/ru.toml"),
    include_str!("words/uk.toml"),
    include_str!("words/bg.toml"),
    include_str!("words/sr.toml"),
    include_str!("words/ar.toml"),
    include_str!("words/fa.toml"),
    include_str!("words/ur.toml"),
    include_str!("words/he.toml"),
    include_str!("words/hi.toml"),
    include_str!("words/bn.toml"),
    include_str!("words/vi.toml"),
    include_str!("words/id.toml"),
    include_str!("words/ms.toml"),
    include_str!("words/zh.toml"),
    include_str!("words/ja.toml"),
    include_str!("words/ko.toml"),
];

/// The words of all languages.
pub static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    FILES.iter().map(|file| toml::from_str(file).expect("the words in the crate are sound")).collect()
});

/// The words by which lines of letterheads are recognised, in all languages, folded.
#[derive(Debug, Default)]
pub struct Lines {
    /// The titles of documents, with single spaces and no punctuation, as [`plain`] makes them.
    pub titles: Vec<String>,
    /// The titles of driving licences, as [`plain`] makes them.
    pub driving_licences: Vec<String>,
    /// Words of streets and buildings.
    pub streets: HashSet<String>,
    /// Endings of street names that are written as one word with the word for "street".
    pub street_ends: Vec<String>,
    /// The legal forms, without spaces and full stops.
    pub legal_forms: HashSet<String>,
    /// Words before the name of the addressee, as [`plain`] makes them, the longest first.
    pub greetings: Vec<String>,
    /// The number of a month, from 1, by its names, without a full stop at the end.
    pub months: HashMap<String, i8>,
    /// Words and abbreviations for "number" in labels.
    pub number_words: HashSet<String>,
    /// Articles and prepositions, which labels may leave out.
    pub small_words: HashSet<String>,
    /// Words that continue a label and are not a value after it.
    pub label_ends: HashSet<String>,
    /// Beginnings of the names of columns, or of words in them, for columns that hold a rate, a base, a count or a
    /// running total. They are in the form of [`plain`].
    pub other_columns: Vec<String>,
}

/// The words for lines of all languages together.
pub static LINES: LazyLock<Lines> = LazyLock::new(|| {
    let mut all = Lines::default();
    for language in LANGUAGES.iter() {
        let LineWords {
            titles,
            driving_licences,
            streets,
            street_ends,
            legal_forms,
            greetings,
            months,
            number_words,
            small_words,
            label_ends,
            other_columns,
        } = &language.lines;
        all.number_words.extend(number_words.iter().map(|word| fold(word)));
        all.small_words.extend(small_words.iter().map(|word| fold(word)));
        all.label_ends.extend(label_ends.iter().map(|end| fold(end)));
        all.other_columns.extend(other_columns.iter().map(|column| plain(column)));
        all.titles.extend(titles.iter().map(|title| plain(title)));
        all.driving_licences.extend(driving_licences.iter().map(|title| plain(title)));
        all.streets.extend(streets.iter().map(|street| fold(street)));
        all.street_ends.extend(street_ends.iter().map(|end| fold(end)));
        all.legal_forms.extend(legal_forms.iter().map(|form| plain(form).replace(' ', "")));
        all.greetings.extend(greetings.iter().map(|greeting| plain(greeting)));
        for (number, names) in (1..).zip(months) {
            all.months.extend(names.iter().map(|name| (fold(name), number)));
        }
    }
    all.greetings.sort_by_key(|greeting| std::cmp::Reverse(greeting.len()));
    all
});

/// The folded text, with single spaces in place of everything that is neither a letter nor a digit.
#[must_use]
pub fn plain(text: &str) -> String {
    let folded = fold(text);
    let plain: String = folded.chars().map(|c| if c.is_alphanumeric() || !c.is_ascii() { c } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_names_the_months_in_order_and_what_invoices_say() {
        for language in LANGUAGES.iter() {
            let months = &language.lines.months;
            assert!(months.is_empty() || months.len() == 12, "{:?}", language.lines.titles);
            assert!(!language.lines.titles.is_empty());
            for concept in ["invoice_number", "date", "total_gross", "total_tax"] {
                assert!(language.labels.contains_key(concept), "{concept} in {:?}", language.lines.titles);
            }
        }
    }

    #[test]
    fn no_language_calls_a_month_what_another_calls_another() {
        for language in LANGUAGES.iter() {
            for (number, names) in (1..).zip(&language.lines.months) {
                for name in names {
                    assert_eq!(LINES.months.get(&fold(name)), Some(&number), "{name}");
                }
            }
        }
    }
}
