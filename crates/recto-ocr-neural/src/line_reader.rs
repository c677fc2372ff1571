//! Reads pictures of lines.

use recto_domain::Languages;
use recto_ocr::OcrError;

use crate::classifier::Classifier;
use crate::ctc::{self, Character};
use crate::cut::{HEIGHT, LineImage};
use crate::models::Recogniser;
use crate::network::Network;
use crate::onnx;
use crate::runtime::{Runtime, not_started};

pub(crate) struct LineReader {
    body: Network,
    classifier: Classifier,
}

/// What stands on a picture of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) characters: Vec<Character>,
    /// Into how many places the width of the picture is parted.
    pub(crate) places: usize,
}

impl Reading {
    /// The mean likelihood of the characters; 0 without any.
    pub(crate) fn certainty(&self) -> f32 {
        let letters = self.characters.iter().filter(|c| c.letter != ' ');
        let (sum, all) = letters.fold((0.0, 0), |(sum, all), c| (sum + c.likelihood, all + 1));
        if all == 0 { 0.0 } else { sum / all as f32 }
    }
}

impl LineReader {
    pub(crate) fn load(runtime: &Runtime, recogniser: Recogniser) -> Result<Self, OcrError> {
        let parted = onnx::parted(recogniser.model)
            .ok_or_else(|| not_started("a recogniser does not end in a matrix, a bias and a softmax"))?;
        let classifier = Classifier::of(&parted, recogniser.dictionary)
            .ok_or_else(|| not_started("a dictionary does not belong to its recogniser"))?;
        Ok(Self { body: Network::load(runtime, &parted.body)?, classifier })
    }

    pub(crate) fn read(&mut self, line: &LineImage, languages: &Languages) -> Result<Reading, OcrError> {
        let columns = self.classifier.columns(languages);
        let guesses = self.body.run(line.width, HEIGHT, &line.planes(), |shape, features| match shape {
            [1, places, _] => Some(columns.guesses(features, usize::try_from(*places).ok()?)),
            _ => None,
        })?;
        Ok(Reading { characters: ctc::characters(&guesses), places: guesses.len() })
    }
}
