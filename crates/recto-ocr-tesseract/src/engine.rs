//! Tesseract as an OCR engine.

use recto_domain::{Languages, Rotation, Word};
use recto_ocr::{
    Expectation, Lettering, OcrEngine, OcrError, PageImage, PageStatistics, Profile, RecognitionMode, Recognized,
};
use tesseract_rs::TesseractAPI;

use crate::expectation::{self, PROFILE};
use crate::script;
use crate::session::Session;
use crate::traineddata::Traineddata;

/// The name by which the engine is chosen.
pub const NAME: &str = "tesseract";
/// The number of language sets that are kept loaded. Each takes some 10 to 50 MB.
const WARM_SETS: usize = 3;
/// The least margin at which the script detector's orientation is trusted.
const CREDIBLE_MARGIN: f32 = 1.0;

/// The Tesseract engine. Models are loaded when they are first needed and kept for later pages.
pub struct TesseractEngine {
    models: Traineddata,
    /// The loaded sets; the one used last is at the end.
    warm: Vec<(Languages, Session)>,
    detector: Option<Session>,
}

impl TesseractEngine {
    /// An engine with these models.
    #[must_use]
    pub fn new(models: Traineddata) -> Self {
        Self { models, warm: Vec::new(), detector: None }
    }

    /// Loads the models of the languages now, so that the first page does not wait for them.
    pub fn warm_up(&mut self, languages: &Languages) -> Result<(), OcrError> {
        self.session(languages).map(|_| ())
    }

    /// The detector of scripts and orientation; `None` without its model.
    fn detector(&mut self) -> Result<Option<&Session>, OcrError> {
        if self.detector.is_none() {
            self.detector = match Session::start_detector(&self.models) {
                Ok(session) => Some(session),
                Err(OcrError::MissingLanguage { .. }) => return Ok(None),
                Err(other) => return Err(other),
            };
        }
        Ok(self.detector.as_ref())
    }

    fn session(&mut self, languages: &Languages) -> Result<&Session, OcrError> {
        let set = match self.warm.iter().position(|(set, _)| set == languages) {
            Some(i) => self.warm.remove(i),
            None => (languages.clone(), Session::start(&self.models, languages)?),
        };
        if self.warm.len() >= WARM_SETS {
            self.warm.remove(0);
        }
        self.warm.push(set);
        Ok(&self.warm[self.warm.len() - 1].1)
    }
}

impl OcrEngine for TesseractEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        TesseractAPI::version()
    }

    fn languages(&self) -> Vec<String> {
        self.models.languages()
    }

    fn profile(&self) -> Profile {
        PROFILE
    }

    fn expectation(&self, page: &PageStatistics, languages: &Languages) -> Expectation {
        expectation::estimate(page, languages)
    }

    fn cost(&self, pixels: usize, letters: usize) -> f32 {
        expectation::cost(pixels, letters)
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        Ok(Recognized { blocks: self.session(languages)?.recognize(image, None)? })
    }

    fn recognize_line(&mut self, line: &PageImage, languages: &Languages) -> Result<Vec<Word>, OcrError> {
        self.session(languages)?.recognize_line(line)
    }

    fn recognize_otherwise(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        way: &RecognitionMode,
    ) -> Result<Recognized, OcrError> {
        Ok(Recognized { blocks: self.session(languages)?.recognize(image, Some(way))? })
    }

    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        self.session(languages)?.knows(word)
    }

    fn lettering(&mut self, image: &PageImage) -> Result<Option<Lettering>, OcrError> {
        let Some(session) = self.detector()? else { return Ok(None) };
        let found = session.lettering(image)?;
        Ok(found.and_then(|found| {
            let turn = if found.margin >= CREDIBLE_MARGIN { found.turn } else { Rotation::None };
            Some(Lettering { script: script::code(&found.script)?, turn })
        }))
    }
}
