//! The interface of OCR engines.

use recto_domain::{Block, Languages, Rect, Rotation, Word};

use crate::page_image::PageImage;
use crate::profile::{Expectation, Profile, RecognitionMode};
use crate::statistics::PageStatistics;

/// The result of recognising a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognized {
    /// Blocks in reading order; boxes in points from the top left of the picture as it was given.
    pub blocks: Vec<Block>,
}

/// The script and orientation of the text on a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lettering {
    /// The script, as in ISO 15924: `Latn`, `Latf` for Fraktur, `Hani` for Chinese, `Jpan` for Japanese.
    pub script: &'static str,
    /// The clockwise quarter turn that brings the text upright.
    pub turn: Rotation,
}

/// Why an engine gave no result. Except for [`OcrError::Page`], the cause is not a single page.
#[derive(Debug, thiserror::Error)]
pub enum OcrError {
    /// No model for that language is installed.
    #[error("language {language:?} is not installed; installed are {}", .installed.join(", "))]
    MissingLanguage {
        /// The language as requested.
        language: String,
        /// The installed languages.
        installed: Vec<String>,
    },
    /// The engine could not be started.
    #[error("{engine} did not start: {reason}")]
    Start {
        /// The engine's name.
        engine: String,
        /// The engine's message.
        reason: String,
    },
    /// The engine failed on this page.
    #[error("{engine} could not read the page: {reason}")]
    Page {
        /// The engine's name.
        engine: String,
        /// The engine's message.
        reason: String,
    },
}

/// An OCR engine: it turns the image of a page into recognised text.
///
/// An engine may keep models loaded between pages and is therefore used through `&mut`; one thread uses it at a time.
pub trait OcrEngine {
    /// The name by which it is chosen, such as `tesseract`.
    fn name(&self) -> &str;

    /// The version of the engine, for `recto doctor`.
    fn version(&self) -> String;

    /// The languages it can currently read, sorted.
    fn languages(&self) -> Vec<String>;

    /// How to interpret its readings.
    fn profile(&self) -> Profile;

    /// The expected result for a page with those statistics in those languages, which the engine reads. If no engine is
    /// named, this decides which one is chosen.
    fn expectation(&self, page: &PageStatistics, languages: &Languages) -> Expectation;

    /// The expected seconds of one core to recognise a picture with that many pixels and letters. This estimate, rather
    /// than measured time, decides how often a page is read.
    fn cost(&self, pixels: usize, letters: usize) -> f32 {
        0.02 + pixels as f32 * 2e-8 + letters as f32 * 1.2e-4
    }

    /// The expected seconds of one core to skim lines with that many letters on a picture with that many pixels; see
    /// [`OcrEngine::skim`]. What any picture costs is for finding lines, which are known here.
    fn cost_of_skimming(&self, pixels: usize, letters: usize) -> f32 {
        self.cost(pixels, letters) - self.cost(0, 0)
    }

    /// Whether it can currently read all of the languages.
    fn reads(&self, languages: &Languages) -> bool {
        let installed = self.languages();
        languages.codes().iter().all(|code| installed.contains(code))
    }

    /// Reads an upright picture.
    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError>;

    /// Reads lines that are stacked on a picture, roughly and at low cost: enough to tell whether the engine knows the
    /// letters, and the language. `lines` are their boxes in pixels from the top left.
    fn skim(&mut self, sheet: &PageImage, lines: &[Rect], languages: &Languages) -> Result<Recognized, OcrError> {
        let _ = lines;
        self.recognize(sheet, languages)
    }

    /// Reads the picture of one level line with little around it. The boxes of the words are in points from the
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

    /// Whether the engine's dictionary contains a word; an engine without a dictionary knows no words.
    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        let _ = (word, languages);
        Ok(false)
    }

    /// The script and orientation of the picture's text; `None` when the engine cannot tell, which is true of most
    /// engines.
    fn lettering(&mut self, image: &PageImage) -> Result<Option<Lettering>, OcrError> {
        let _ = image;
        Ok(None)
    }
}
