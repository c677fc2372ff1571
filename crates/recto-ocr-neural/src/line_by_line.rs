//! Pages in letters that the recognisers have not learnt. The detector finds their lines, which look alike in any
//! script, and another engine reads them.

use recto_domain::{Languages, Rect, Word};
use recto_ocr::{
    Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized, calibrated,
};

use crate::arrange::arrange;
use crate::cut::{LineImage, level};
use crate::engine::NeuralEngine;
use crate::expectation::PROFILE;
use crate::mixture::{Letters, mixture};
use crate::region::Region;
use crate::words::ReadLine;

/// The name by which the engine is chosen.
pub const NAME: &str = "mixed";

/// The margin around a line that is shown to the other engine, as a part of the line's thickness. Marks above and below
/// letters extend into it.
const MARGIN: f32 = 0.1;
/// A region belongs to the marks of a line when it is shorter than the line is thick and meets the three limits below.
/// The first: its thickness is below this part of the line's.
const MARKS: f32 = 0.5;
/// More than this part of it is within the line, extended by [`REACH`].
const COVERED: f32 = 0.5;
/// The extension of the line on each side, as a part of its thickness.
const REACH: f32 = 0.3;
/// The width of the background added around the picture, in pixels. Engines take what touches the edge for a part of
/// something larger.
const GROUND: usize = 10;

/// Two engines combined: the first finds the lines of a page and reads numbers, the second reads the letters.
///
/// Layout analysis made for Latin print separates Thai letters from the marks above and below them, and models for one
/// script often recognise digits badly. This engine reads those languages of the second engine that the first has no
/// letters for.
pub struct LineByLine<R> {
    neural: NeuralEngine,
    reader: R,
}

impl<R: OcrEngine> LineByLine<R> {
    /// An engine that takes its lines from `neural` and has `reader` read their letters.
    #[must_use]
    pub fn new(neural: NeuralEngine, reader: R) -> Self {
        Self { neural, reader }
    }

    /// The words of one line, from left to right, with boxes in points. Their confidences are calibrated probabilities
    /// of being right.
    fn read_line(
        &mut self,
        image: &PageImage,
        region: Region,
        languages: &Languages,
        letters: Letters,
    ) -> Result<ReadLine, OcrError> {
        let latin = "eng".parse().expect("a language code");
        let line = LineImage::of(image, region);
        let reading = self.neural.read_quickly(&line, &latin)?;
        let own = calibrated(&PROFILE.calibration, ReadLine::of(&line, &reading, image.scale()).words);
        let picture = LinePicture::of(image, region);
        let read = self.reader.recognize_line(&picture.image, languages)?;
        let read = read.into_iter().map(|word| Word { bbox: picture.on_page(&word.bbox), ..word }).collect();
        let read = calibrated(&self.reader.profile().calibration, read);
        let mut words = mixture(read, own, letters);
        words.sort_by(|a, b| a.bbox.center().x.total_cmp(&b.bbox.center().x));
        Ok(ReadLine { region, words })
    }
}

impl<R: OcrEngine> OcrEngine for LineByLine<R> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("{} {}, {} {}", self.neural.name(), self.neural.version(), self.reader.name(), self.reader.version())
    }

    fn languages(&self) -> Vec<String> {
        let known = self.neural.languages();
        self.reader.languages().into_iter().filter(|code| !known.contains(code)).collect()
    }

    fn profile(&self) -> Profile {
        // Each word is already calibrated for the engine that read it.
        Profile { calibration: Calibration::IDENTITY, letters: None, other_modes: &[], ..self.reader.profile() }
    }

    /// It expects the same share of right words as for a page in letters that the first engine knows.
    fn expectation(&self, page: &PageStatistics, languages: &Languages) -> Expectation {
        let (found, read) = (self.neural.expectation(page, languages), self.reader.expectation(page, languages));
        Expectation { right: found.right, seconds: found.seconds + read.seconds }
    }

    fn cost(&self, pixels: usize, letters: usize) -> f32 {
        self.neural.cost(pixels, letters) + self.reader.cost(pixels, letters)
    }

    fn cost_of_skimming(&self, pixels: usize, letters: usize) -> f32 {
        self.reader.cost_of_skimming(pixels, letters)
    }

    /// It needs at least one language that the first engine has no letters for; there may be others.
    fn reads(&self, languages: &Languages) -> bool {
        self.reader.reads(languages) && !self.neural.reads(languages)
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        let letters = Letters::of(languages, &self.neural.languages());
        let mut lines = Vec::new();
        for region in without_marks(&self.neural.find_lines(image)?) {
            lines.push(self.read_line(image, region, languages, letters)?);
        }
        Ok(Recognized { blocks: arrange(lines) })
    }

    fn skim(&mut self, sheet: &PageImage, lines: &[Rect], languages: &Languages) -> Result<Recognized, OcrError> {
        let mut read = self.reader.skim(sheet, lines, languages)?;
        self.reader.profile().calibration.apply(&mut read.blocks);
        Ok(read)
    }

    fn knows(&mut self, word: &str, languages: &Languages) -> Result<bool, OcrError> {
        self.reader.knows(word, languages)
    }
}

/// The lines without regions that are only marks above or below the letters of another line.
fn without_marks(regions: &[Region]) -> Vec<Region> {
    let is_of = |mark: &Region, line: &Region| {
        let (small, large) = (mark.bounds(), line.grown(REACH * line.thickness).bounds());
        let shared = small.intersection(&large).map_or(0.0, |shared| shared.width * shared.height);
        mark.length < line.thickness
            && mark.thickness < MARKS * line.thickness
            && shared > COVERED * small.width * small.height
    };
    regions.iter().filter(|mark| !regions.iter().any(|line| is_of(mark, line))).copied().collect()
}

/// The picture of a line for another engine, and its position on the page.
struct LinePicture {
    image: PageImage,
    /// The region shown by the picture, without the added background.
    region: Region,
    /// The points per pixel of the page.
    scale: f32,
}

impl LinePicture {
    fn of(page: &PageImage, region: Region) -> Self {
        let region = region.grown(MARGIN * region.thickness);
        let side = |length: f32| (length.round() as usize).max(1);
        let (width, height) = (side(region.length), side(region.thickness));
        let line = level(page, &region, width, height);
        let ground = ground(&line);
        let (full_width, full_height) = (width + 2 * GROUND, height + 2 * GROUND);
        let mut luma = vec![ground; full_width * full_height];
        for (row, pixels) in luma.chunks_exact_mut(full_width).skip(GROUND).zip(line.chunks_exact(width)) {
            row[GROUND..GROUND + width].copy_from_slice(pixels);
        }
        let image = PageImage::new(full_width as u32, full_height as u32, page.dpi(), luma);
        Self { image, region, scale: page.scale() }
    }

    /// Converts a box on the picture to a box on the page, both in points.
    fn on_page(&self, bbox: &Rect) -> Rect {
        let place = |points: f32| points / self.scale - GROUND as f32;
        let part = self.region.part((place(bbox.x), place(bbox.right())), (place(bbox.y), place(bbox.bottom())));
        Rect {
            x: part.x * self.scale,
            y: part.y * self.scale,
            width: part.width * self.scale,
            height: part.height * self.scale,
        }
    }
}

/// The most frequent grey level of the background.
fn ground(luma: &[u8]) -> u8 {
    let mut levels = luma.to_vec();
    let middle = levels.len() / 2;
    *levels.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use recto_domain::Point;

    use super::*;

    #[test]
    fn marks_over_a_line_are_no_line_and_small_print_over_it_is() {
        let region = |x: f32, y: f32, length: f32, thickness: f32| Region {
            center: Point { x, y },
            length,
            thickness,
            angle: 0.0,
            score: 0.9,
        };
        let (line, marks) = (region(200.0, 50.0, 300.0, 50.0), region(270.0, 22.0, 30.0, 16.0));
        let (note, next) = (region(250.0, 15.0, 120.0, 16.0), region(200.0, 105.0, 300.0, 48.0));
        assert_eq!(without_marks(&[marks, line, note, next]), [line, note, next]);
    }

    #[test]
    fn boxes_on_the_picture_of_a_line_are_where_they_are_on_the_page() {
        let page = PageImage::new(600, 200, 144, vec![255; 600 * 200]);
        let region =
            Region { center: Point { x: 300.0, y: 100.0 }, length: 400.0, thickness: 40.0, angle: 0.0, score: 1.0 };
        let picture = LinePicture::of(&page, region);
        // The picture begins with the background, followed by the margin of a tenth of the thickness.
        let (dx, dy) = (100.0 - 4.0 - GROUND as f32, 100.0 - 20.0 - 4.0 - GROUND as f32);
        assert_eq!((picture.image.width(), picture.image.height()), (408 + 20, 48 + 20));
        let found = picture.on_page(&Rect { x: 30.0, y: 12.0, width: 20.0, height: 10.0 });
        let expected = Rect { x: 30.0 + dx / 2.0, y: 12.0 + dy / 2.0, width: 20.0, height: 10.0 };
        for (a, b) in [(found.x, expected.x), (found.y, expected.y), (found.width, 20.0), (found.height, 10.0)] {
            assert!((a - b).abs() < 0.01, "{found:?} {expected:?}");
        }
    }
}
