//! What an OCR engine is.

use recto_domain::{Block, Languages, Rotation};

use crate::page_image::PageImage;

/// What an engine found on a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognized {
    /// Blocks in reading order; boxes in points from the top left of the picture as it was given.
    pub blocks: Vec<Block>,
}

/// Why an engine gave no result. None of these is the fault of one page alone, but for [`OcrError::Page`].
#[derive(Debug, thiserror::Error)]
pub enum OcrError {
    /// No model of that language is installed.
    #[error("language {language:?} is not installed; installed are {}", .installed.join(", "))]
    MissingLanguage {
        /// As it was asked for.
        language: String,
        /// What there is.
        installed: Vec<String>,
    },
    /// The engine could not be started.
    #[error("{engine} did not start: {reason}")]
    Start {
        /// The engine's name.
        engine: String,
        /// What it said.
        reason: String,
    },
    /// The engine gave up on this page.
    #[error("{engine} could not read the page: {reason}")]
    Page {
        /// The engine's name.
        engine: String,
        /// What it said.
        reason: String,
    },
}

/// A way to read a picture other than an engine's usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtherWay {
    /// As one block of lines across the whole picture, whatever gaps there are: a receipt, a form.
    OneBlock,
    /// With ink told from its ground place by place: a shadow, a stain, a photo.
    UnevenGround,
}

/// An OCR engine: what languages it has, and page image in, recognised text out.
///
/// An engine may keep models warm between pages, which is why it is taken by `&mut`; one thread uses it at a time.
pub trait OcrEngine {
    /// The name it is chosen by, such as `tesseract`.
    fn name(&self) -> &'static str;

    /// The version of the engine, for `recto doctor`.
    fn version(&self) -> String;

    /// The languages it can read now, sorted.
    fn languages(&self) -> Vec<String>;

    /// Reads an upright picture.
    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError>;

    /// The other ways in which the engine can read a picture that came out doubtful.
    fn other_ways(&self) -> &'static [OtherWay] {
        &[]
    }

    /// Reads an upright picture in one of its [`OcrEngine::other_ways`].
    fn recognize_otherwise(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        way: OtherWay,
    ) -> Result<Recognized, OcrError> {
        let _ = way;
        self.recognize(image, languages)
    }

    /// Whether the engine's dictionary has a word; an engine without one knows none.
    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        let _ = (word, languages);
        Ok(false)
    }

    /// The quarter turn, clockwise, that would set the picture's text upright; `None` when the engine cannot tell.
    fn orientation(&mut self, image: &PageImage) -> Result<Option<Rotation>, OcrError>;
}
