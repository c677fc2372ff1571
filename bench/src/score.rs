//! How close a text is to the truth.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Word recall (bag of words) and character error rate (edit distance over the length of the truth, at most 1).
#[derive(Clone, Copy, Default)]
pub(crate) struct Score {
    pub(crate) recall: f64,
    pub(crate) cer: f64,
}

/// Scores a text, without regard to case, white space and typographic quotes and dashes.
pub(crate) fn score(truth: &str, text: &str) -> Score {
    let (truth, text) = (fold(truth), fold(text));
    let distance = rapidfuzz::distance::levenshtein::distance(truth.chars(), text.chars());
    let cer = (distance as f64 / truth.chars().count().max(1) as f64).min(1.0);
    let (wanted, mut found) = (bag(&truth), bag(&text));
    let total: usize = wanted.values().sum();
    let hit: usize = wanted.iter().map(|(word, n)| *n.min(found.entry(word).or_default())).sum();
    Score { recall: hit as f64 / total.max(1) as f64, cer }
}

/// The words of a text as runs of letters and digits, without regard to case.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(str::to_lowercase)
}

/// Word-F1: twice the words that truth and text share, over the sum of what both have; a word is a run of letters and
/// digits and counts as often as it stands.
pub(crate) fn word_f1(truth: &str, text: &str) -> f64 {
    let mut wanted: HashMap<String, usize> = HashMap::new();
    let mut all = 0;
    for word in tokens(truth) {
        *wanted.entry(word).or_default() += 1;
        all += 1;
    }
    let mut hit = 0;
    for word in tokens(text) {
        all += 1;
        if let Some(left) = wanted.get_mut(&word).filter(|left| **left > 0) {
            *left -= 1;
            hit += 1;
        }
    }
    2.0 * f64::from(hit) / f64::from(all.max(1))
}

/// How alike two texts are without regard to case, blanks and punctuation: 0 to 1, by Levenshtein's distance.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let (a, b) = (plain(a), plain(b));
    if a.is_empty() && b.is_empty() {
        return 0.0;
    }
    rapidfuzz::distance::levenshtein::normalized_similarity(a.chars(), b.chars())
}

fn bag(text: &str) -> HashMap<&str, usize> {
    let mut bag = HashMap::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        *bag.entry(word).or_default() += 1;
    }
    bag
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            '’' | '‘' => folded.push('\''),
            '“' | '”' => folded.push('"'),
            '—' | '–' => folded.push('-'),
            'ſ' => folded.push('s'),
            'ﬁ' => folded.push_str("fi"),
            'ﬂ' => folded.push_str("fl"),
            '\u{ad}' => {}
            c if c.is_whitespace() => folded.push(' '),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_close_to_itself() {
        let s = score("The “quick”  brown\nfox", "the \"quick\" brown fox");
        assert!(s.recall > 0.999 && s.cer < 0.001);
    }

    #[test]
    fn the_f1_of_words_weighs_what_is_missing_and_what_is_too_much() {
        assert!((word_f1("Total: RM 9.00", "total RM 9,00") - 1.0).abs() < 1e-9);
        assert!((word_f1("a b c d", "a b x") - 4.0 / 7.0).abs() < 1e-9);
        assert!(word_f1("a", "").abs() < 1e-9);
    }

    #[test]
    fn words_count_as_often_as_they_stand() {
        let s = score("a a b", "a b b");
        assert!((s.recall - 2.0 / 3.0).abs() < 0.001);
    }
}
