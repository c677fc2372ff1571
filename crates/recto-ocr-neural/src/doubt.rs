//! Selects the parts of a line that are read again.
//!
//! The careful recogniser takes five times as long as the quick one, but on most lines only a word or two are in doubt.
//! So it gets only those words: a part of the line's picture that begins and ends between words.

use std::ops::Range;

use crate::line_reader::Reading;

/// Words are in doubt when the probability that all their characters are right is below this. It was measured on 31
/// receipts and on 8 dense pages, as the share of words that are right (F1) and the seconds of a core per page:
///
/// | words read again | receipts | dense pages |
/// |---|---|---|
/// | none | 0.918 in 0.16 s | 0.979 in 0.42 s |
/// | those below 0.8 | 0.951 in 0.29 s | 0.996 in 0.55 s |
/// | those below 0.9 | 0.952 in 0.35 s | 0.996 in 0.66 s |
/// | all | | 0.995 in 1.8 s |
const SURE_WORD: f32 = 0.8;
/// This many words on each side are read along, because they give the recogniser context. Without any, the same
/// receipts reach only 0.944 and the dense pages 0.994.
const NEIGHBOURS: usize = 1;
/// If more than this share of the line is in doubt, the whole line is read again.
const MOST: f32 = 0.6;

/// The least number of places in a part, if the line has that many.
const LEAST_PLACES: usize = 3;

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The range of its characters in the reading.
    pub(crate) characters: Range<usize>,
    /// The range of its places in the line.
    pub(crate) places: Range<usize>,
}

/// The doubtful parts of a reading, from left to right; all of it when nothing was read.
pub(crate) fn parts(reading: &Reading) -> Vec<Part> {
    let all = Part { characters: 0..reading.characters.len(), places: 0..reading.places };
    let mut doubtful: Vec<Range<usize>> = Vec::new();
    let words = words(reading);
    for (at, word) in words.iter().enumerate() {
        let likelihood: f32 = reading.characters[word.clone()].iter().map(|c| c.likelihood).product();
        if likelihood >= SURE_WORD {
            continue;
        }
        let start = words[at.saturating_sub(NEIGHBOURS)].start;
        let end = words[(at + NEIGHBOURS).min(words.len() - 1)].end;
        match doubtful.last_mut() {
            // Only a blank is between them.
            Some(last) if start <= last.end + 1 => last.end = end,
            _ => doubtful.push(start..end),
        }
    }
    if words.is_empty() {
        return vec![all];
    }
    let parts: Vec<Part> = doubtful.into_iter().map(|characters| part(reading, characters)).collect();
    let places: usize = parts.iter().map(|part| part.places.len()).sum();
    if places as f32 > MOST * reading.places as f32 { vec![all] } else { parts }
}

/// The range of characters of each word.
fn words(reading: &Reading) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, character) in reading.characters.iter().enumerate() {
        if character.letter == ' ' {
            if start < at {
                words.push(start..at);
            }
            start = at + 1;
        }
    }
    if start < reading.characters.len() {
        words.push(start..reading.characters.len());
    }
    words
}

/// The part around some words. It reaches halfway to the words before and after them.
fn part(reading: &Reading, characters: Range<usize>) -> Part {
    let of = &reading.characters;
    let letter = |at: &usize| of[*at].letter != ' ';
    let before = (0..characters.start).rev().find(letter);
    let after = (characters.end..of.len()).find(letter);
    let start = before.map_or(0, |at| usize::midpoint(of[at].to, of[characters.start].from));
    let end = after.map_or(reading.places, |at| (of[characters.end - 1].to + of[at].from).div_ceil(2));
    // The networks do not take narrower pictures.
    let end = end.max(start + LEAST_PLACES).min(reading.places);
    Part { characters, places: start.min(end.saturating_sub(LEAST_PLACES))..end }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ctc::Character;

    /// A reading with one character for every two places. Words in capitals are in doubt.
    fn reading(text: &str) -> Reading {
        let character = |(i, letter): (usize, char)| {
            let likelihood = if letter.is_uppercase() { 0.5 } else { 0.99 };
            Character { letter, likelihood, blank: -9.0, from: 2 * i, to: 2 * i + 1 }
        };
        Reading { characters: text.chars().enumerate().map(character).collect(), places: 2 * text.chars().count() }
    }

    fn texts(text: &str) -> Vec<String> {
        let reading = reading(text);
        let of = |part: Part| reading.characters[part.characters].iter().map(|c| c.letter).collect();
        parts(&reading).into_iter().map(of).collect()
    }

    #[test]
    fn words_in_doubt_are_read_again_with_their_neighbours() {
        assert_eq!(texts("a line of which ONE word is not certain at all"), ["which ONE word"]);
        assert_eq!(texts("FIRST word of a line and the very LAST"), ["FIRST word", "very LAST"]);
        assert_eq!(texts("nothing wrong here"), Vec::<String>::new());
    }

    #[test]
    fn a_line_that_is_mostly_in_doubt_is_read_again_as_a_whole() {
        assert_eq!(texts("it IS NOT good"), ["it IS NOT good"]);
        let empty = Reading { characters: Vec::new(), places: 9 };
        assert_eq!(parts(&empty), [Part { characters: 0..0, places: 0..9 }]);
    }

    proptest! {
        #[test]
        fn parts_lie_in_the_line_one_after_the_other(text in "[a-cA-C ]{0,40}") {
            let reading = reading(&text);
            let mut from = 0;
            for part in parts(&reading) {
                prop_assert!(part.characters.start >= from && part.characters.end <= reading.characters.len());
                prop_assert!(part.places.start < part.places.end.max(1) && part.places.end <= reading.places);
                from = part.characters.end;
            }
        }
    }
}
