//! An engine whose confidences are taken as they come, for fitting what they are worth.

use recto_domain::{Languages, Rotation};
use recto_ocr::{Calibration, Expectation, OcrEngine, OcrError, OtherWay, PageImage, Profile, Recognized, Survey};

/// The engine with a profile that calibrates nothing.
pub(crate) struct Raw<E>(pub(crate) E);

impl<E: OcrEngine> OcrEngine for Raw<E> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn version(&self) -> String {
        self.0.version()
    }

    fn languages(&self) -> Vec<String> {
        self.0.languages()
    }

    fn profile(&self) -> Profile {
        Profile { calibration: Calibration::IDENTITY, ..self.0.profile() }
    }

    fn expectation(&self, page: &Survey) -> Expectation {
        self.0.expectation(page)
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        self.0.recognize(image, languages)
    }

    fn recognize_otherwise(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        way: &OtherWay,
    ) -> Result<Recognized, OcrError> {
        self.0.recognize_otherwise(image, languages, way)
    }

    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        self.0.knows(word, languages)
    }

    fn orientation(&mut self, image: &PageImage) -> Result<Option<Rotation>, OcrError> {
        self.0.orientation(image)
    }
}
