//! The neural engine.

use recto_domain::{Block, BlockKind, Languages, Line, Rect};
use recto_ocr::{Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, RecognitionMode, Recognized};

use crate::alphabet;
use crate::arrange::arrange;
use crate::classifier;
use crate::cut::LineImage;
use crate::detector::{Detector, PictureSize};
use crate::doubt;
use crate::expectation::{self, PROFILE};
use crate::line_reader::{LineReader, Reading};
use crate::models::Models;
use crate::region::Region;
use crate::runtime::Runtime;
use crate::words::ReadLine;

/// The name by which the engine is chosen.
pub const NAME: &str = "neural";

/// Lines whose mean character probability is below this are not text, but a pattern or a picture.
const NO_TEXT: f32 = 0.5;

/// A neural engine. It finds lines, reads them, and puts them in order. Models are loaded when they are first needed.
pub struct NeuralEngine {
    runtime: Runtime,
    models: Models,
    detector: Option<Detector>,
    recogniser: Option<LineReader>,
    careful: Option<LineReader>,
    languages: Vec<String>,
}

impl NeuralEngine {
    /// An engine with these models.
    #[must_use]
    pub fn new(runtime: Runtime, models: Models) -> Self {
        let characters = classifier::characters(models.recogniser.dictionary).unwrap_or_default();
        let languages = alphabet::languages(&characters);
        Self { runtime, models, detector: None, recogniser: None, careful: None, languages }
    }

    /// Where the lines of text are on the picture, in no particular order.
    pub fn find_lines(&mut self, image: &PageImage) -> Result<Vec<Region>, OcrError> {
        self.find_lines_on(image, PictureSize::Usual)
    }

    fn find_lines_on(&mut self, image: &PageImage, size: PictureSize) -> Result<Vec<Region>, OcrError> {
        let Self { runtime, models, detector, .. } = self;
        loaded(detector, || Detector::load(runtime, models.detector))?.lines(image, size)
    }

    fn read_page(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        size: PictureSize,
    ) -> Result<Recognized, OcrError> {
        self.check(languages)?;
        let mut lines = Vec::new();
        for region in self.find_lines_on(image, size)? {
            lines.push(self.read_line(&Self::cut(image, region), languages, image.scale())?);
        }
        Ok(Recognized { blocks: arrange(lines) })
    }

    /// Cuts the picture of one of the lines.
    #[must_use]
    pub fn cut(image: &PageImage, region: Region) -> LineImage {
        LineImage::of(image, region)
    }

    /// The words of a line, with boxes in points; none when there is no text on it. `scale` is in points per pixel of
    /// the page.
    pub fn read_line(&mut self, line: &LineImage, languages: &Languages, scale: f32) -> Result<ReadLine, OcrError> {
        let mut reading = self.read_quickly(line, languages)?;
        for part in doubt::parts(&reading).into_iter().rev() {
            let Some(again) = self.read_carefully(&line.places(&part.places, reading.places), languages)? else {
                break;
            };
            reading.replace(&part, again);
        }
        if reading.certainty() < NO_TEXT {
            reading.characters.clear();
        }
        Ok(ReadLine::of(line, &reading, scale))
    }

    fn check(&self, languages: &Languages) -> Result<(), OcrError> {
        match languages.codes().iter().find(|code| !self.languages.contains(code)) {
            Some(language) => {
                Err(OcrError::MissingLanguage { language: language.clone(), installed: self.languages.clone() })
            }
            None => Ok(()),
        }
    }

    pub(crate) fn read_quickly(&mut self, line: &LineImage, languages: &Languages) -> Result<Reading, OcrError> {
        let Self { runtime, models, recogniser, .. } = self;
        loaded(recogniser, || LineReader::load(runtime, models.recogniser))?.read(line, languages)
    }

    /// Reads doubtful words again. `None` when there is no careful recogniser.
    fn read_carefully(&mut self, line: &LineImage, languages: &Languages) -> Result<Option<Reading>, OcrError> {
        let Self { runtime, models, careful, .. } = self;
        let Some(model) = models.careful else { return Ok(None) };
        loaded(careful, || LineReader::load(runtime, model))?.read(line, languages).map(Some)
    }
}

fn loaded<T>(place: &mut Option<T>, load: impl FnOnce() -> Result<T, OcrError>) -> Result<&mut T, OcrError> {
    match place {
        Some(loaded) => Ok(loaded),
        None => Ok(place.insert(load()?)),
    }
}

impl OcrEngine for NeuralEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        "PP-OCRv6".to_owned()
    }

    fn languages(&self) -> Vec<String> {
        self.languages.clone()
    }

    fn profile(&self) -> Profile {
        PROFILE
    }

    fn expectation(&self, page: &PageStatistics, _: &Languages) -> Expectation {
        expectation::estimate(page)
    }

    fn cost(&self, _pixels: usize, letters: usize) -> f32 {
        expectation::cost(letters)
    }

    fn cost_of_skimming(&self, _pixels: usize, letters: usize) -> f32 {
        expectation::cost_of_skimming(letters)
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        self.read_page(image, languages, PictureSize::Usual)
    }

    /// Reads the picture after looking for lines on a larger one.
    fn recognize_otherwise(
        &mut self,
        image: &PageImage,
        languages: &Languages,
        _: &RecognitionMode,
    ) -> Result<Recognized, OcrError> {
        self.read_page(image, languages, PictureSize::Larger)
    }

    /// Reads given lines with the quick recogniser alone, without the detector.
    fn skim(&mut self, sheet: &PageImage, lines: &[Rect], languages: &Languages) -> Result<Recognized, OcrError> {
        self.check(languages)?;
        let mut read = Vec::new();
        for rect in lines {
            let line = LineImage::of(sheet, Region::of(rect.center(), 0.0, rect.width, rect.height, 1.0));
            let reading = self.read_quickly(&line, languages)?;
            read.extend(Line::of(0.0, ReadLine::of(&line, &reading, sheet.scale()).words));
        }
        Ok(Recognized { blocks: Block::of(BlockKind::Paragraph, read).into_iter().collect() })
    }
}
