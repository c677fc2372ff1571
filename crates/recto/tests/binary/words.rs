//! How much of what stands on a page was read.

use std::collections::HashMap;

use serde_json::Value;

/// What stands on `letter.tif` and its turned likenesses.
pub const LETTER: &str = include_str!("../documents/phototest.gt.txt");

/// The share of the words of `truth` that stand in `text`, each as often as it does.
pub fn recall(truth: &str, text: &str) -> f64 {
    let mut there: HashMap<&str, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *there.entry(word).or_default() += 1;
    }
    let words: Vec<&str> = truth.split_whitespace().collect();
    let found = words.iter().filter(|word| {
        let left = there.get_mut(**word).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    found.count() as f64 / words.len() as f64
}

/// Checks that nearly all of the letter stands in a document of the JSON export.
#[track_caller]
pub fn assert_reads_letter(document: &Value) {
    let text = document["text"].as_str().unwrap();
    let recall = recall(LETTER, text);
    assert!(recall >= 0.95, "{}: recall {recall:.2}:\n{text}", document["fileName"]);
}
