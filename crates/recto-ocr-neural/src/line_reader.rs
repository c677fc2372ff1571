//! Reads pictures of lines.

use recto_domain::Languages;
use recto_ocr::OcrError;

use crate::classifier::Classifier;
use crate::ctc::{self, Character};
use crate::cut::{HEIGHT, LineImage};
use crate::doubt::Part;
use crate::models::Recogniser;
use crate::network::Network;
use crate::onnx;
use crate::runtime::{Runtime, not_started};

pub(crate) struct LineReader {
    body: Network,
    classifier: Classifier,
}

/// The characters read on a picture of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) characters: Vec<Character>,
    /// The number of places that the width of the picture is divided into.
    pub(crate) places: usize,
}

impl Reading {
    /// The mean probability of the characters; 0 if there are none.
    pub(crate) fn certainty(&self) -> f32 {
        let letters = self.characters.iter().filter(|c| c.letter != ' ');
        let (sum, all) = letters.fold((0.0, 0), |(sum, all), c| (sum + c.likelihood, all + 1));
        if all == 0 { 0.0 } else { sum / all as f32 }
    }

    /// Replaces a part by another reading of it.
    pub(crate) fn replace(&mut self, part: &Part, again: Self) {
        // The places of both readings are equally wide, except for the rounding of the part's width.
        let scale = part.places.len() as f32 / again.places.max(1) as f32;
        let place = |at: usize| part.places.start + (at as f32 * scale) as usize;
        let read = again.characters.into_iter();
        let read = read.map(|c| Character { from: place(c.from), to: place(c.to).max(place(c.from) + 1), ..c });
        self.characters.splice(part.characters.clone(), read);
    }
}

impl LineReader {
    pub(crate) fn load(runtime: &Runtime, recogniser: Recogniser) -> Result<Self, OcrError> {
        let parted = onnx::parted(recogniser.model)
            .ok_or_else(|| not_started("a recognition model does not end in a matrix, a bias and a softmax"))?;
        let classifier = Classifier::of(&parted, recogniser.dictionary)
            .ok_or_else(|| not_started("a dictionary does not belong to its recognition model"))?;
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
