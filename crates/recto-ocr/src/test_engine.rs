//! An engine for tests of combining readings.

use recto_domain::{Block, BlockKind, Languages, Line};

use crate::{Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized};

/// Reads English, in one mode, by calling a function.
pub(crate) struct TestEngine<F> {
    pub(crate) name: &'static str,
    pub(crate) calibration: Calibration,
    /// The share of words that it expects to get right on any page.
    pub(crate) expected: f32,
    /// The function that gives the lines of a picture.
    pub(crate) reads: F,
}

impl<F: Fn(&PageImage) -> Vec<Line> + Send> OcrEngine for TestEngine<F> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> String {
        String::new()
    }

    fn languages(&self) -> Vec<String> {
        vec!["eng".to_owned()]
    }

    fn profile(&self) -> Profile {
        Profile { calibration: self.calibration, sound: 0.0, sure: 0.0, letters: None, other_modes: &[], scripts: &[] }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: self.expected, seconds: 0.0 }
    }

    fn recognize(&mut self, image: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
        Ok(Recognized { blocks: Block::of(BlockKind::Paragraph, (self.reads)(image)).into_iter().collect() })
    }
}
