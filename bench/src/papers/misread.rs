//! The errors of recognition, put into words that were never read: transcripts without pictures are too clean to learn from.

use recto_domain::Word;

use crate::papers::dice::Dice;

/// Letters that engines take for each other.
const CONFUSED: &[(&str, &str)] = &[
    ("0", "O"),
    ("O", "0"),
    ("1", "l"),
    ("l", "1"),
    ("I", "l"),
    ("5", "S"),
    ("S", "5"),
    ("8", "B"),
    ("B", "8"),
    ("6", "G"),
    ("2", "Z"),
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("vv", "w"),
    ("e", "c"),
    ("c", "e"),
    (".", ","),
    (",", "."),
    (":", "."),
    ("ü", "u"),
    ("é", "e"),
    ("ł", "l"),
];

/// The words of a line with errors in about `percent` of them: letters taken for others, letters and blanks lost.
pub(crate) fn misread(dice: &mut Dice, line: Vec<Word>, percent: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for mut word in line {
        if !dice.chance(percent) {
            words.push(word);
            continue;
        }
        word.confidence = dice.within(0.4, 0.9);
        match words.last_mut() {
            // A lost blank.
            Some(last) if dice.chance(20) => {
                last.text.push_str(&word.text);
                last.bbox.width = word.bbox.right() - last.bbox.x;
                last.confidence = last.confidence.min(word.confidence);
            }
            _ => {
                word.text = confused(dice, &word.text);
                words.push(word);
            }
        }
    }
    words
}

/// A word with one of its letters taken for another, or lost.
pub(crate) fn confused(dice: &mut Dice, word: &str) -> String {
    let fitting: Vec<(usize, &str, &str)> = CONFUSED
        .iter()
        .flat_map(|(right, wrong)| word.match_indices(right).map(move |(at, _)| (at, *right, *wrong)))
        .collect();
    if fitting.is_empty() {
        let count = word.chars().count();
        let lost = dice.below(count.max(1));
        return if count < 3 { word.to_owned() } else { without(word, lost) };
    }
    let (at, right, wrong) = *dice.pick(&fitting);
    format!("{}{wrong}{}", &word[..at], &word[at + right.len()..])
}

fn without(word: &str, lost: usize) -> String {
    word.chars().enumerate().filter(|(at, _)| *at != lost).map(|(_, letter)| letter).collect()
}
