//! What an OCR engine is.

use recto_domain::{Block, Languages, Rect, Rotation, Word};

use crate::page_image::PageImage;
use crate::profile::{Expectation, Profile, RecognitionMode};
use crate::statistics::PageStatistics;

/// What an engine found on a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognized {
    /// Blocks in reading order; boxes in points from the top left of the picture as it was given.
    pub blocks: Vec<Block>,
}

/// What letters stand on a picture, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lettering {
    /// The script, as in ISO 15924: `Latn`, `Latf` for Fraktur, `Hani` for Chinese, `Jpan` for Japanese.
    pub script: &'static str,
    /// The quarter turn, clockwise, that would set them upright.
    pub turn: Rotation,
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

/// An OCR engine: what languages it has, and page image in, recognised text out.
///
/// An engine may keep models warm between pages, which is why it is taken by `&mut`; one thread uses it at a time.
pub trait OcrEngine {
    /// The name it is chosen by, such as `tesseract`.
    fn name(&self) -> &str;

    /// The version of the engine, for `recto doctor`.
    fn version(&self) -> String;

    /// The languages it can read now, sorted.
    fn languages(&self) -> Vec<String>;

    /// How its readings are to be taken.
    fn profile(&self) -> Profile;

    /// What it would make of a page that looks so and is in those languages, which it reads; it is chosen by this when
    /// nobody names an engine.
    fn expectation(&self, page: &PageStatistics, languages: &Languages) -> Expectation;

    /// The seconds of one core that it takes to recognise a picture of so many pixels with so many letters, by what is
    /// known before: how often a page is read is decided by this, never by a clock.
    fn cost(&self, pixels: usize, letters: usize) -> f32 {
        0.02 + pixels as f32 * 2e-8 + letters as f32 * 1.2e-4
    }

    /// Whether it can read all of the languages now.
    fn reads(&self, languages: &Languages) -> bool {
        let installed = self.languages();
        languages.codes().iter().all(|code| installed.contains(code))
    }

    /// Reads an upright picture.
    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError>;

    /// Reads lines that stand one below the other on a picture, roughly and at little cost: enough to tell whether the
    /// letters are known, and the language. `lines` says where, in pixels from the top left.
    fn skim(&mut self, sheet: &PageImage, lines: &[Rect], languages: &Languages) -> Result<Recognized, OcrError> {
        let _ = lines;
        self.recognize(sheet, languages)
    }

    /// Reads the picture of one line, which is level and has little around it: its words, with boxes in points from the
    /// picture's top left.
    fn recognize_line(&mut self, line: &PageImage, languages: &Languages) -> Result<Vec<Word>, OcrError> {
        let lines = self.recognize(line, languages)?.blocks.into_iter().flat_map(|block| block.lines);
        Ok(lines.flat_map(|line| line.words).collect())
    }

    /// Reads an upright picture in one of the [`Profile::other_modes`].
    fn recognize_otherwise(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        way: &RecognitionMode,
    ) -> Result<Recognized, OcrError> {
        let _ = way;
        self.recognize(image, languages)
    }

    /// Whether the engine's dictionary has a word; an engine without one knows none.
    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        let _ = (word, languages);
        Ok(false)
    }

    /// The script of the picture's text, and how it lies; `None` when the engine cannot tell, as most cannot.
    fn lettering(&mut self, image: &PageImage) -> Result<Option<Lettering>, OcrError> {
        let _ = image;
        Ok(None)
    }
}
