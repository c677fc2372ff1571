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

/// The F1 of the bags of words of two texts: how many of the words that either has, both have. A word is a run of
/// letters and figures, without regard to case.
pub(crate) fn word_f1(truth: &str, text: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (truth, text) = (words(truth), words(text));
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in &truth {
        *left.entry(word).or_default() += 1;
    }
    let both = text.iter().filter(|word| {
        left.get_mut(word.as_str()).is_some_and(|n| {
            let is_left = *n > 0;
            *n -= usize::from(is_left);
            is_left
        })
    });
    2.0 * both.count() as f64 / (truth.len() + text.len()).max(1) as f64
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
    fn words_too_many_cost_as_much_as_words_too_few() {
        assert!((word_f1("Total: 9.50", "total 9,50") - 1.0).abs() < 1e-9);
        assert!((word_f1("a a b", "a b b") - 2.0 / 3.0).abs() < 1e-9);
        assert!((word_f1("a b", "a b c d") - word_f1("a b c d", "a b")).abs() < 1e-9);
        assert!(word_f1("a", "").abs() < 1e-9 && word_f1("", "").abs() < 1e-9);
    }

    #[test]
    fn words_count_as_often_as_they_stand() {
        let s = score("a a b", "a b b");
        assert!((s.recall - 2.0 / 3.0).abs() < 0.001);
    }
}
