//! The last layer of a recogniser: it tells which of the possible characters is at each place.

use std::collections::HashMap;

use recto_domain::Languages;

use crate::alphabet::{is_needed, spelled};
use crate::ctc::Guess;
use crate::onnx::Parted;

/// The whole layer.
pub(crate) struct Classifier {
    matrix: Vec<f32>,
    bias: Vec<f32>,
    /// The meaning of each column: no character, the characters of the dictionary, and the blank.
    characters: Vec<Option<char>>,
    /// The selected columns for each set of languages asked for so far.
    chosen: HashMap<Languages, Columns>,
}

/// The number of columns that are computed together.
const TILE: usize = 16;

/// A selection of the layer's columns.
pub(crate) struct Columns {
    tiles: Vec<Tile>,
    /// The number of features at each place.
    features: usize,
    characters: Vec<Option<char>>,
    /// The column of the blank between words.
    blank: usize,
}

struct Tile {
    /// The weights of the columns, one row for each feature.
    weights: Vec<[f32; TILE]>,
    bias: [f32; TILE],
}

impl Classifier {
    /// The layer of a parted recogniser. `None` when the dictionary does not belong to the model.
    pub(crate) fn of(parted: &Parted, dictionary: &[u8]) -> Option<Self> {
        let characters = characters(dictionary)?;
        let all: Vec<Option<char>> =
            std::iter::once(None).chain(characters.into_iter().map(Some)).chain([Some(' ')]).collect();
        (all.len() == parted.bias.len()).then(|| Self {
            matrix: parted.matrix.clone(),
            bias: parted.bias.clone(),
            characters: all,
            chosen: HashMap::new(),
        })
    }

    /// The columns that a page in these languages needs.
    pub(crate) fn columns(&mut self, languages: &Languages) -> &Columns {
        let Self { matrix, bias, characters, chosen } = self;
        chosen.entry(languages.clone()).or_insert_with(|| {
            let is_wanted = |c: Option<char>| c.is_none_or(|c| c == ' ' || is_needed(c, languages));
            let wanted: Vec<usize> = (0..characters.len()).filter(|&i| is_wanted(characters[i])).collect();
            let mut columns = Columns::of(matrix, bias, characters, &wanted);
            for c in columns.characters.iter_mut().flatten() {
                *c = spelled(*c, languages);
            }
            columns
        })
    }
}

impl Columns {
    /// The chosen columns of the matrix, padded with columns that never have the highest score.
    fn of(matrix: &[f32], bias: &[f32], characters: &[Option<char>], chosen: &[usize]) -> Self {
        let tiles = chosen.chunks(TILE).map(|chosen| {
            let weights = |row: &[f32]| std::array::from_fn(|i| chosen.get(i).map_or(0.0, |&at| row[at]));
            Tile {
                weights: matrix.chunks_exact(characters.len()).map(weights).collect(),
                bias: std::array::from_fn(|i| chosen.get(i).map_or(f32::NEG_INFINITY, |&at| bias[at])),
            }
        });
        let is_blank = |&at: &usize| characters[at] == Some(' ');
        Self {
            // Every layer has such a column.
            blank: chosen.iter().position(is_blank).unwrap_or(0),
            tiles: tiles.collect(),
            features: matrix.len() / characters.len(),
            characters: chosen.iter().map(|&at| characters[at]).collect(),
        }
    }

    /// The most probable character at each of the places described by the features, with its probability.
    pub(crate) fn guesses(&self, features: &[f32], places: usize) -> Vec<Guess> {
        let mut scores = vec![0.0f32; self.tiles.len() * TILE];
        let guess = |features: &[f32]| {
            for (tile, scores) in self.tiles.iter().zip(scores.as_chunks_mut::<TILE>().0) {
                *scores = tile.scores(features);
            }
            let (mut best, mut most) = (0, f32::NEG_INFINITY);
            for (i, &score) in scores.iter().enumerate() {
                if score > most {
                    (best, most) = (i, score);
                }
            }
            let character = self.characters[best];
            // The probability of "no character", which wins at every other place, is never used.
            let all = if character.is_some() { scores.iter().map(|&score| (score - most).exp()).sum() } else { 1.0 };
            Guess { character, likelihood: 1.0 / all, blank: scores[self.blank] - most }
        };
        features.chunks_exact(self.features).take(places).map(guess).collect()
    }
}

impl Tile {
    /// The scores of the tile's columns, summed in registers.
    fn scores(&self, features: &[f32]) -> [f32; TILE] {
        let mut scores = self.bias;
        for (&feature, weights) in features.iter().zip(&self.weights) {
            for (score, &weight) in scores.iter_mut().zip(weights) {
                *score += feature * weight;
            }
        }
        scores
    }
}

/// The characters of a dictionary, one per line.
pub(crate) fn characters(dictionary: &[u8]) -> Option<Vec<char>> {
    let lines = std::str::from_utf8(dictionary).ok()?.split('\n');
    let mut characters = Vec::new();
    for line in lines {
        let mut line = line.trim_end_matches('\r').chars();
        match (line.next(), line.next()) {
            (Some(c), None) => characters.push(c),
            // The last line of the file is empty.
            (None, _) => {}
            (Some(_), Some(_)) => return None,
        }
    }
    Some(characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classifier() -> Classifier {
        // Columns: no character, a, 的, blank. Rows: two features.
        let parted = Parted {
            body: Vec::new(),
            matrix: vec![0.0, 2.0, 9.0, 0.0, 0.0, 0.0, 0.0, 4.0],
            bias: vec![1.0, 0.0, 0.0, 0.0],
        };
        Classifier::of(&parted, "a\n的\n".as_bytes()).unwrap()
    }

    #[test]
    fn only_the_characters_in_question_are_compared() {
        let mut classifier = classifier();
        let features = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let read = |columns: &Columns| columns.guesses(&features, 3).iter().map(|g| g.character).collect::<Vec<_>>();
        assert_eq!(read(classifier.columns(&"eng".parse().unwrap())), [Some('a'), Some(' '), None]);
        assert_eq!(read(classifier.columns(&"chi_sim".parse().unwrap())), [Some('的'), Some(' '), None]);
    }

    #[test]
    fn likelihoods_are_shares_of_one() {
        let mut classifier = classifier();
        let guess = classifier.columns(&"eng".parse().unwrap()).guesses(&[1.0, 0.0], 1)[0];
        let expected = 2.0f32.exp() / (1.0f32.exp() + 2.0f32.exp() + 1.0);
        assert!((guess.likelihood - expected).abs() < 1e-6);
    }

    #[test]
    fn a_dictionary_of_another_model_is_refused() {
        let parted = Parted { body: Vec::new(), matrix: vec![0.0; 8], bias: vec![0.0; 4] };
        assert!(Classifier::of(&parted, b"a\nb\nc\n").is_none());
        assert!(Classifier::of(&parted, b"ab\nc\n").is_none());
    }
}
