//! Whether words are right as often as their confidence says.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use recto_domain::Block;
use recto_domain::document::mean_confidence;
use recto_ocr::{ReadPage, WordFeatures};

use crate::score::tokens;

/// A word that was read, and whether the page has it.
pub(crate) struct JudgedWord {
    pub(crate) text: String,
    pub(crate) features: WordFeatures,
    pub(crate) is_right: bool,
}

/// The words with letters or digits of some blocks. One is right when the truth has all its runs of letters and digits,
/// each as often as they were read so far.
pub(crate) fn judged(truth: &str, blocks: &[Block]) -> Vec<JudgedWord> {
    let mut left: HashMap<String, usize> = HashMap::new();
    for token in tokens(truth) {
        *left.entry(token).or_default() += 1;
    }
    let mut words = Vec::new();
    for line in blocks.iter().flat_map(|block| &block.lines) {
        for word in &line.words {
            let mut is_right = true;
            let mut any = false;
            for token in tokens(&word.text) {
                any = true;
                match left.get_mut(&token).filter(|left| **left > 0) {
                    Some(left) => *left -= 1,
                    None => is_right = false,
                }
            }
            if any {
                words.push(JudgedWord { text: word.text.clone(), features: WordFeatures::of(word, line), is_right });
            }
        }
    }
    words
}

/// Upper ends of the table's rows.
const ROWS: [f32; 10] = [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01];

/// A table: of the words with a confidence between two levels, how high that is on average, and how many are right.
pub(crate) struct Reliability {
    rows: Vec<(f32, f64, f64, usize)>,
    error: f64,
}

impl Reliability {
    pub(crate) fn of(words: &[&JudgedWord]) -> Self {
        let mut rows = Vec::new();
        let mut from = 0.0;
        let mut error = 0.0;
        for to in ROWS {
            let inside = words.iter().filter(|word| (from..to).contains(&word.features.confidence));
            let (mut said, mut right, mut n) = (0.0, 0.0, 0);
            for word in inside {
                said += f64::from(word.features.confidence);
                right += f64::from(u8::from(word.is_right));
                n += 1;
            }
            error += (said - right).abs();
            rows.push((to, said / f64::from(n.max(1)), right / f64::from(n.max(1)), n as usize));
            from = to;
        }
        Self { rows, error: error / words.len().max(1) as f64 }
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "below    said   right       n")?;
        for (to, said, right, n) in &self.rows {
            writeln!(f, "{:5.2}   {said:.3}   {right:.3}  {n:>6}", to.min(1.0))?;
        }
        write!(f, "expected calibration error {:.4}", self.error)
    }
}

/// A page that was read: what it says of itself, and how much of it is right.
pub(crate) struct JudgedPage {
    /// As the page is given out, unread ink counted.
    pub(crate) confidence: f32,
    /// Of the words that stand on it, or of those that were read if these are more.
    pub(crate) right: f64,
}

impl JudgedPage {
    /// `None` for a page on which nothing was read.
    pub(crate) fn of(truth: &str, read: &ReadPage, words: &[JudgedWord]) -> Option<Self> {
        let confidence = mean_confidence(&read.blocks)? * (1.0 - read.unread.unwrap_or(0.0));
        let right: usize = words.iter().filter(|word| word.is_right).map(|word| tokens(&word.text).count()).sum();
        let all: usize = words.iter().map(|word| tokens(&word.text).count()).sum();
        let all = all.max(tokens(truth).count()).max(1);
        Some(Self { confidence, right: right as f64 / all as f64 })
    }
}

/// Upper ends of the rows of the table of pages.
const PAGE_ROWS: [f32; 7] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01];

/// A table: of the pages with a confidence between two levels, how high that is on average, and which share of their
/// words is right.
pub(crate) fn page_table(pages: &[&JudgedPage]) -> String {
    let mut table = String::from("below    said   right   pages");
    let mut from = 0.0;
    let mut error = 0.0;
    for to in PAGE_ROWS {
        let inside: Vec<_> = pages.iter().filter(|page| (from..to).contains(&page.confidence)).collect();
        let mean =
            |of: fn(&JudgedPage) -> f64| inside.iter().map(|page| of(page)).sum::<f64>() / inside.len().max(1) as f64;
        let (said, right) = (mean(|page| f64::from(page.confidence)), mean(|page| page.right));
        error += (said - right).abs() * inside.len() as f64;
        let _ = write!(table, "\n{:5.2}   {said:.3}   {right:.3}  {:>6}", to.min(1.0), inside.len());
        from = to;
    }
    let _ = write!(table, "\nexpected calibration error {:.4}", error / pages.len().max(1) as f64);
    table
}

#[cfg(test)]
mod tests {
    use recto_domain::{BlockKind, Line, Rect, Word};

    use super::*;

    fn block(words: &[(&str, f32)]) -> Block {
        let word =
            |&(text, confidence): &(&str, f32)| Word { text: text.to_owned(), bbox: Rect::default(), confidence };
        let line = Line::of(0.0, words.iter().map(word).collect()).unwrap();
        Block::of(BlockKind::Paragraph, vec![line]).unwrap()
    }

    #[test]
    fn a_word_is_right_as_often_as_the_truth_has_it() {
        let words = judged("Total RM 9.00", &[block(&[("TOTAL:", 0.9), ("total", 0.8), ("RM9.00", 0.7), ("--", 0.1)])]);
        let right: Vec<(&str, bool)> = words.iter().map(|word| (word.text.as_str(), word.is_right)).collect();
        assert_eq!(right, [("TOTAL:", true), ("total", false), ("RM9.00", false)]);
    }

    #[test]
    fn a_page_says_which_share_of_its_words_is_right() {
        let read =
            ReadPage { blocks: vec![block(&[("one", 0.8), ("twa", 0.8)])], unread: Some(0.5), ..ReadPage::default() };
        let truth = "one two three four";
        let page = JudgedPage::of(truth, &read, &judged(truth, &read.blocks)).unwrap();
        assert!((page.confidence - 0.4).abs() < 1e-6 && (page.right - 0.25).abs() < 1e-6);
        let table = page_table(&[&page]);
        assert!(table.contains(" 0.50   0.400   0.250       1"), "{table}");
        assert!(table.ends_with("error 0.1500"), "{table}");
    }

    #[test]
    fn the_error_is_how_far_the_rows_are_from_what_they_say() {
        let words = judged("a b", &[block(&[("a", 0.75), ("b", 0.75), ("c", 0.75), ("d", 0.75)])]);
        let table = Reliability::of(&words.iter().collect::<Vec<_>>());
        assert!((table.error - 0.25).abs() < 1e-6, "{table}");
    }
}
