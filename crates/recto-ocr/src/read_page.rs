//! Reading a page in any orientation: enlarge, deskew, recognise, check, turn, read again.

use std::borrow::Cow;

use recto_domain::{Affine, Block, Languages, Rotation};

use crate::attempt::{Attempt, take_known_words};
use crate::engine::{OcrEngine, OcrError};
use crate::letter_boxes::{BoxRow, joined, without_boxes};
use crate::page_image::PageImage;
use crate::parts::{LEAST_LETTERS, read_parts};
use crate::price::Budget;
use crate::profile::{LetterHeights, Profile, RecognitionMode};
use crate::resample;
use crate::screen::smoothed;
use crate::second_look::merged;
use crate::sheet::sheet_alone;
use crate::statistics::{PageStatistics, Slant, statistics};
use crate::upright::{CLEARLY_TURNED, LEAST_TURNED, WaysUp};

/// Smaller skews, in degrees, are left to the engine.
pub(crate) const SKEW_THAT_MATTERS: f32 = 0.5;
/// When no letters determine the skew, a profile that exceeds the other angles by less than this factor shows none.
const CLEAR_LINES: f32 = 1.2;
/// The largest enlarged picture, in pixels: A4 at 400 dpi. Letters that are low even on a picture of that size are
/// specks.
const MOST_PIXELS: f32 = 15.5e6;
/// If a larger picture costs too much, the enlargement is reduced by this factor.
const SMALLER: f32 = 0.9;
/// A smaller enlargement is not worth a reading.
const WORTH_ENLARGING: f32 = 1.1;

/// The reading of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadPage {
    /// Blocks in reading order. Boxes in points from the top left of the picture after [`ReadPage::turn`].
    pub blocks: Vec<Block>,
    /// The clockwise quarter turn that brings the picture upright.
    pub turn: Rotation,
    /// The share of the letters on the picture, from 0 to 1, that no word covers. `None` if it is mere dust or was not
    /// measured; only [`EngineRegistry`](crate::EngineRegistry) measures it.
    pub unread: Option<f32>,
}

/// Reads a picture that may be turned by any quarter turn and skewed by up to 25 degrees.
///
/// A blank picture costs one pass over its pixels and no recognition. A clean upright one costs one recognition. Only
/// if that finds little or is doubtful, other turns are tried, then a larger picture and the engine's other modes. All
/// of that costs at most two further recognitions of the original picture. The most certain reading is kept; words that
/// the engine's dictionary contains replace its unknown words.
pub fn read_page(engine: &mut dyn OcrEngine, image: &PageImage, languages: &Languages) -> Result<ReadPage, OcrError> {
    let sheet = sheet_alone(image);
    read_measured_page(engine, &sheet, &statistics(&sheet), languages)
}

/// Like [`read_page`], for a picture that was already examined, for example to choose the engine.
pub fn read_measured_page(
    engine: &mut dyn OcrEngine,
    image: &PageImage,
    statistics: &PageStatistics,
    languages: &Languages,
) -> Result<ReadPage, OcrError> {
    let profile = engine.profile();
    let mut budget = Budget::of(engine, image, statistics);
    read_as(engine, &profile, image, statistics, languages, &mut budget)
}

/// The first reading of a page in the orientation that it needs.
pub(crate) struct FirstReading {
    /// The picture that was read, if it was enlarged because its letters are low.
    enlarged: Option<PageImage>,
    attempt: Attempt,
}

impl FirstReading {
    /// The blocks that were read, with their boxes on the picture as it was read.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.attempt.blocks
    }

    /// The turn in which the picture was read.
    pub(crate) fn turn(&self) -> Rotation {
        self.attempt.turn
    }
}

/// Like [`read_measured_page`], with `profile` in place of the engine's own, and within a budget. The first reading is
/// made regardless of what is left.
pub(crate) fn read_as(
    engine: &mut dyn OcrEngine,
    profile: &Profile,
    image: &PageImage,
    statistics: &PageStatistics,
    languages: &Languages,
    budget: &mut Budget,
) -> Result<ReadPage, OcrError> {
    if statistics.blank {
        return Ok(ReadPage::default());
    }
    let mut reader = Reader::of(engine, profile, image, statistics, languages, budget);
    let first = reader.first(image, None)?;
    reader.rest(image, first)
}

/// An engine reading a page, and the remaining budget.
pub(crate) struct Reader<'a> {
    engine: &'a mut dyn OcrEngine,
    profile: &'a Profile,
    statistics: &'a PageStatistics,
    languages: &'a Languages,
    /// The height of the page's letters, in points.
    letter_height: Option<f32>,
    budget: &'a mut Budget,
}

impl<'a> Reader<'a> {
    /// A reader of a page that is not blank.
    pub(crate) fn of(
        engine: &'a mut dyn OcrEngine,
        profile: &'a Profile,
        image: &PageImage,
        statistics: &'a PageStatistics,
        languages: &'a Languages,
        budget: &'a mut Budget,
    ) -> Self {
        let letter_height = statistics.letter_height.map(|pixels| pixels * image.scale());
        Self { engine, profile, statistics, languages, letter_height, budget }
    }

    /// The first reading, made regardless of what is left of the budget. `turn` is the one that brings the page upright,
    /// if it is known.
    pub(crate) fn first(&mut self, image: &PageImage, turn: Option<Rotation>) -> Result<FirstReading, OcrError> {
        let image = &*smoothed(image, self.statistics.smoothing);
        let enlarged = self.enlarged(image, |wanted| wanted.low);
        let attempt = self.upright(enlarged.as_ref().unwrap_or(image), enlarged.is_some(), turn)?;
        Ok(FirstReading { enlarged, attempt })
    }

    /// The reading of the page, after the first one: the most certain one of the page as a whole, and of its parts.
    pub(crate) fn rest(mut self, image: &PageImage, first: FirstReading) -> Result<ReadPage, OcrError> {
        let image = &*smoothed(image, self.statistics.smoothing);
        let page = self.most_certain(image, first)?;
        if self.statistics.apart < LEAST_LETTERS {
            return Ok(page);
        }
        let Self { engine, profile, statistics, languages, budget, .. } = self;
        read_parts(engine, profile, image, statistics, languages, budget, page)
    }

    /// The most certain reading of the page as a whole.
    fn most_certain(&mut self, image: &PageImage, first: FirstReading) -> Result<ReadPage, OcrError> {
        let FirstReading { enlarged, attempt: reading } = first;
        let page = enlarged.map_or(Cow::Borrowed(image), Cow::Owned);
        if reading.is_sure(self.profile.sure) {
            return Ok(reading.finish());
        }
        let mut others = Vec::new();
        let (page, reading) = if let Cow::Owned(_) = page {
            if let Some(other) = self.read_again(image, reading.turn, None)? {
                others.push(other);
            }
            (page, reading)
        } else if let Some(larger) = self.enlarged(image, |wanted| wanted.low_in_doubt)
            && let Some(other) = self.read_again(&larger, reading.turn, None)?
        {
            others.push(reading);
            (Cow::Owned(larger), other)
        } else {
            (page, reading)
        };
        let best = self.looked_at_again(&page, reading, &mut others)?;
        let others = others.into_iter().filter(|other| other.turn == best.turn);
        let others: Vec<ReadPage> = others.map(Attempt::finish).collect();
        let mut page = others.iter().cloned().fold(best.finish(), merged);
        take_known_words(&mut page, &others, self.engine, self.languages)?;
        Ok(page)
    }

    /// The picture enlarged to the wanted letter size, as far as the budget allows, if its letters are lower than
    /// `low`.
    fn enlarged(&self, image: &PageImage, low: fn(&LetterHeights) -> f32) -> Option<PageImage> {
        let wanted = self.profile.letters?;
        let height = self.statistics.letter_height.filter(|&height| height < low(&wanted))?;
        let pixels = image.luma().len() as f32;
        let factor = (wanted.good / height).min(wanted.most).min((MOST_PIXELS / pixels).sqrt());
        let cost = |factor: f32| self.engine.cost((pixels * factor * factor) as usize, self.statistics.letters);
        let steps = (0..).map(|step| factor * SMALLER.powi(step)).take_while(|&factor| factor >= WORTH_ENLARGING);
        let factor = { steps }.find(|&factor| self.budget.has(cost(factor)))?;
        Some(resample::at_dpi(image, (image.dpi() as f32 * factor) as u32))
    }

    /// The reading of the page in the orientation that it needs, which is tried first if it is known.
    fn upright(&mut self, image: &PageImage, is_enlarged: bool, known: Option<Rotation>) -> Result<Attempt, OcrError> {
        let first = if known.is_some() {
            known
        } else if self.statistics.is_sideways() {
            self.ways_up().of_sideways(image)?
        } else if is_enlarged {
            // A larger picture cannot be read twice within the budget, so the orientation is determined first.
            self.ways_up().instead_of(Rotation::None, image)?
        } else {
            None
        };
        let first = first.unwrap_or(Rotation::None);
        self.budget.spend(self.cost(image, None));
        let best = self.read(image, first, None)?;
        if best.is_sound(self.profile.sound) || is_enlarged {
            return Ok(best);
        }
        let found = self.ways_up().instead_of(first, image)?;
        // A page that was taken to lie on its side and makes no sense that way may have no lines for a specimen: its
        // rules ran down the page and outnumbered its letters.
        let is_sideways = matches!(first, Rotation::Clockwise | Rotation::CounterClockwise);
        let Some(turn) = found.or(is_sideways.then_some(Rotation::None)) else { return Ok(best) };
        // The search for the language may have left little, but a page that is read the wrong way up is worth nothing.
        self.budget.spend(self.cost(image, None));
        let other = self.read(image, turn, None)?;
        let is_clear = other.worth() >= LEAST_TURNED.max(best.worth() * CLEARLY_TURNED);
        Ok(if is_clear { other } else { best })
    }

    fn ways_up(&mut self) -> WaysUp<'_> {
        let Self { engine, profile, statistics, languages, budget, .. } = self;
        WaysUp { engine: *engine, profile, statistics, languages, budget }
    }

    /// The reading, or, if it is doubtful, a more certain one from another mode.
    fn looked_at_again(
        &mut self,
        image: &PageImage,
        reading: Attempt,
        others: &mut Vec<Attempt>,
    ) -> Result<Attempt, OcrError> {
        let turn = reading.turn;
        if reading.is_sure(self.profile.sure) {
            return Ok(reading);
        }
        let mut best = reading;
        for way in self.profile.other_modes {
            let Some(other) = self.read_again(image, turn, Some(way))? else { continue };
            if other.certainty() > best.certainty() + way.lead * best.certainty().abs() {
                others.push(std::mem::replace(&mut best, other));
            } else {
                others.push(other);
            }
        }
        Ok(best)
    }

    /// Like [`Reader::read`]; `None` if it exceeds the budget.
    fn read_again(
        &mut self,
        image: &PageImage,
        turn: Rotation,
        way: Option<&RecognitionMode>,
    ) -> Result<Option<Attempt>, OcrError> {
        if !self.budget.takes(self.cost(image, way)) {
            return Ok(None);
        }
        self.read(image, turn, way).map(Some)
    }

    fn cost(&self, image: &PageImage, way: Option<&RecognitionMode>) -> f32 {
        self.engine.cost(image.luma().len(), self.statistics.letters) * way.map_or(1.0, |way| way.cost)
    }

    /// Reads the picture after turning and deskewing it.
    fn read(&mut self, image: &PageImage, turn: Rotation, way: Option<&RecognitionMode>) -> Result<Attempt, OcrError> {
        let degrees = self.skew(turn);
        let upright = if turn == Rotation::None { Cow::Borrowed(image) } else { Cow::Owned(image.turned(turn)) };
        let page = upright.size();
        let (level, back) = straight(upright, degrees);
        let boxes = BoxRow::all_of(&level, self.letter_height);
        let image = if boxes.is_empty() { level } else { Cow::Owned(without_boxes(&level, &boxes)) };
        let recognized = match way {
            None => self.engine.recognize(&image, self.languages),
            Some(way) => self.engine.recognize_otherwise(&image, self.languages, way),
        };
        let mut blocks: Vec<Block> = recognized?.blocks;
        self.profile.calibration.apply(&mut blocks);
        let blocks = joined(blocks, &boxes, image.scale());
        Ok(Attempt { turn, degrees, page, back, blocks })
    }

    /// The skew of the lines in degrees when the page is turned so.
    fn skew(&self, turn: Rotation) -> f32 {
        let Slant { degrees, strength, letters } = match turn {
            Rotation::None | Rotation::Half => self.statistics.rows,
            Rotation::Clockwise | Rotation::CounterClockwise => self.statistics.columns,
        };
        let is_clear = letters > 0.0 || strength > CLEAR_LINES;
        if is_clear && degrees.abs() >= SKEW_THAT_MATTERS { degrees } else { 0.0 }
    }
}

/// The picture deskewed by that many degrees, and the map back from its points.
fn straight(image: Cow<'_, PageImage>, degrees: f32) -> (Cow<'_, PageImage>, Affine) {
    if degrees == 0.0 {
        return (image, Affine::IDENTITY);
    }
    let deskewed = resample::deskewed(&image, degrees);
    (Cow::Owned(deskewed.image), deskewed.back)
}

#[cfg(test)]
mod tests {
    use recto_domain::{BlockKind, Line, Rect, Word};

    use super::*;
    use crate::calibration::Calibration;
    use crate::engine::Recognized;
    use crate::profile::Expectation;
    use crate::test_engine::TestEngine;

    const WAYS: [RecognitionMode; 2] = [
        RecognitionMode { name: "uneven ground", lead: 0.05, cost: 0.7 },
        RecognitionMode { name: "one block", lead: 0.15, cost: 0.7 },
    ];

    /// Reads `usual`, or the text listed for the requested mode.
    struct Scripted {
        usual: f32,
        others: [f32; 2],
        readings: usize,
        /// The number of pixels of the largest picture it was given.
        largest: usize,
        /// The dictionary.
        known: &'static [&'static str],
    }

    impl Scripted {
        fn new(usual: f32, uneven_ground: f32, one_block: f32) -> Self {
            Self { usual, others: [uneven_ground, one_block], readings: 0, largest: 0, known: &[] }
        }

        /// A page of words that name the confidence they are read with.
        fn page(&mut self, confidence: f32) -> Recognized {
            self.readings += 1;
            let word = |i: u8| Word {
                text: format!("percent{:.0}", confidence * 100.0),
                bbox: Rect { x: 10.0 + f32::from(i) * 60.0, y: 10.0, width: 50.0, height: 10.0 },
                confidence,
            };
            let line = Line::of(0.0, (0..5).map(word).collect());
            Recognized { blocks: Block::of(BlockKind::Paragraph, line.into_iter().collect()).into_iter().collect() }
        }
    }

    impl OcrEngine for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn version(&self) -> String {
            String::new()
        }

        fn languages(&self) -> Vec<String> {
            Vec::new()
        }

        fn cost(&self, _: usize, _: usize) -> f32 {
            1.0
        }

        fn cost_of_skimming(&self, _: usize, _: usize) -> f32 {
            0.01
        }

        /// A specimen makes no more sense to it one way up than the other.
        fn skim(&mut self, _: &PageImage, _: &[Rect], _: &Languages) -> Result<Recognized, OcrError> {
            Ok(Recognized::default())
        }

        fn recognize(&mut self, image: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
            self.largest = self.largest.max(image.luma().len());
            Ok(self.page(self.usual))
        }

        fn profile(&self) -> Profile {
            let letters = LetterHeights { low: 10.0, low_in_doubt: 14.0, good: 20.0, most: 3.0 };
            Profile {
                calibration: Calibration::IDENTITY,
                sound: 0.7,
                sure: 0.86,
                letters: Some(letters),
                other_modes: &WAYS,
                scripts: &[],
            }
        }

        fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
            Expectation { right: 1.0, seconds: 1.0 }
        }

        fn recognize_otherwise(
            &mut self,
            _: &PageImage,
            _: &Languages,
            way: &RecognitionMode,
        ) -> Result<Recognized, OcrError> {
            let index = WAYS.iter().position(|other| other == way).unwrap();
            Ok(self.page(self.others[index]))
        }

        fn knows(&mut self, word: &str, _: &Languages) -> Result<bool, OcrError> {
            Ok(self.known.contains(&word))
        }
    }

    /// The first word of the final reading of a page with large letters, and the number of readings.
    fn read(engine: Scripted) -> (String, usize) {
        read_letters(engine, 16)
    }

    /// A picture with letters of that height in pixels.
    fn letters(width: u32, height: u32, high: u32) -> PageImage {
        let ink = |i: u32| (i / width) % 30 < high && (i % width) % 9 < 5;
        let luma = (0..width * height).map(|i| if ink(i) { 0 } else { 255 }).collect();
        PageImage::new(width, height, 72, luma)
    }

    /// Like [`read`], with letters of that height in pixels.
    fn read_letters(mut engine: Scripted, high: u32) -> (String, usize) {
        let page = read_page(&mut engine, &letters(400, 300, high), &"eng".parse().unwrap()).unwrap();
        (page.blocks[0].lines[0].words[0].text.clone(), engine.readings)
    }

    #[test]
    fn a_page_that_makes_no_sense_on_its_side_is_read_upright() {
        // As on a dark page whose rules outnumber its letters: a few lines make sense on their side, but the page does
        // not.
        let image = letters(400, 300, 16).turned(Rotation::Clockwise);
        let looks = statistics(&image);
        assert!(looks.is_sideways());
        let reads = |confidence: fn(&PageImage) -> f32| TestEngine {
            name: "one",
            calibration: Calibration::IDENTITY,
            expected: 1.0,
            reads: move |image: &PageImage| {
                let bbox = Rect { x: 10.0, y: 10.0, width: 90.0, height: 10.0 };
                let word = Word { text: "likeness".to_owned(), bbox, confidence: confidence(image) };
                Vec::from_iter(Line::of(0.0, vec![word]))
            },
        };
        let turn = |confidence| {
            let (mut engine, languages) = (reads(confidence), "eng".parse().unwrap());
            let profile = Profile { sound: 0.7, ..engine.profile() };
            let mut budget = Budget::of(&engine, &image, &looks);
            read_as(&mut engine, &profile, &image, &looks, &languages, &mut budget).unwrap().turn
        };
        assert_eq!(
            turn(|image| if (image.width(), image.height()) == (400, 300) { 0.2 } else { 0.95 }),
            Rotation::None
        );
        assert_ne!(
            turn(|image| if (image.width(), image.height()) == (300, 400) { 0.2 } else { 0.95 }),
            Rotation::None
        );
    }

    #[test]
    fn a_sure_reading_costs_one_recognition() {
        assert_eq!(read(Scripted::new(0.95, 0.99, 0.99)), ("percent95".to_owned(), 1));
    }

    #[test]
    fn a_doubtful_reading_gives_way_to_a_more_certain_one() {
        assert_eq!(read(Scripted::new(0.75, 0.85, 0.8)), ("percent85".to_owned(), 3));
        assert_eq!(read(Scripted::new(0.75, 0.7, 0.85)), ("percent85".to_owned(), 3));
        assert_eq!(read(Scripted::new(0.75, 0.7, 0.6)), ("percent75".to_owned(), 3));
    }

    #[test]
    fn low_letters_are_read_again_on_an_enlarged_picture_when_they_are_doubtful() {
        assert_eq!(read_letters(Scripted::new(0.95, 0.99, 0.99), 12), ("percent95".to_owned(), 1));
        assert_eq!(read_letters(Scripted::new(0.75, 0.7, 0.7), 12), ("percent75".to_owned(), 3));
        assert_eq!(read_letters(Scripted::new(0.75, 0.7, 0.7), 8), ("percent75".to_owned(), 3));
        assert_eq!(read_letters(Scripted::new(0.95, 0.7, 0.7), 8), ("percent95".to_owned(), 1));
    }

    #[test]
    fn no_page_costs_more_than_three_readings() {
        for (confidence, high) in [(0.75, 12), (0.75, 8), (0.1, 12), (0.1, 8), (0.1, 16)] {
            assert!(read_letters(Scripted::new(confidence, 0.7, 0.7), high).1 <= 3, "{confidence}, {high}");
        }
    }

    #[test]
    fn large_pictures_are_not_made_larger() {
        for (side, high, most) in [(400, 6, 9.0), (1700, 6, 5.37), (3500, 9, 1.27), (4500, 9, 1.0)] {
            let mut engine = Scripted::new(0.75, 0.7, 0.7);
            read_page(&mut engine, &letters(side, side, high), &"eng".parse().unwrap()).unwrap();
            let factor = engine.largest as f32 / (side * side) as f32;
            assert!(factor <= most && factor > most * 0.95, "{side}: {factor}");
        }
    }

    #[test]
    fn words_of_the_dictionary_are_taken_from_the_other_readings_of_a_doubtful_page() {
        let with = |known: &'static [&'static str]| Scripted { known, ..Scripted::new(0.75, 0.7, 0.6) };
        assert_eq!(read(with(&["percent60"])), ("percent60".to_owned(), 3));
        assert_eq!(read(with(&["percent60", "percent75"])), ("percent75".to_owned(), 3));
        let sure = Scripted { known: &["percent60"], ..Scripted::new(0.95, 0.7, 0.6) };
        assert_eq!(read(sure), ("percent95".to_owned(), 1));
    }

    #[test]
    fn a_way_must_lead_by_as_much_as_the_engine_says() {
        assert_eq!(read(Scripted::new(0.8, 0.7, 0.805)), ("percent80".to_owned(), 3));
    }

    #[test]
    fn a_reading_worse_than_chance_is_still_improved_on() {
        assert_eq!(read(Scripted::new(0.2, 0.3, 0.25)), ("percent30".to_owned(), 3));
    }
}
