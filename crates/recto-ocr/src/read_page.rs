//! Reading a page that may lie any way: enlarge, straighten, recognise, doubt, turn, look again.

use std::borrow::Cow;

use recto_domain::document::mean_confidence;
use recto_domain::{Affine, Block, Languages, Line, Rect, Rotation, Size, Word};

use crate::engine::{OcrEngine, OcrError};
use crate::letter_boxes::{BoxRow, joined, without_boxes};
use crate::page_image::PageImage;
use crate::profile::{LetterHeights, OtherWay, Profile};
use crate::resample;
use crate::screen::smoothed;
use crate::survey::{Survey, survey};

/// Lines that fall or rise by less than this many degrees are left to the engine.
const SKEW_THAT_MATTERS: f32 = 0.5;
/// Lines that stand out less than this from the other angles tell no skew.
const CLEAR_LINES: f32 = 1.2;
/// A page is read again at most so often, so that no page costs more than a few plain recognitions of it.
pub(crate) const MOST_AGAIN: usize = 2;
/// No picture is enlarged to more pixels than this: A4 at 400 dots per inch. Where letters are low on a picture of that
/// size, they are specks.
const MOST_PIXELS: f32 = 15.5e6;
/// To enlarge a picture by less than this is not worth a reading.
const WORTH_ENLARGING: f32 = 1.1;
/// A page is turned when so many letters and digits are likely right then: dirt has one or two, whichever way it lies,
const LEAST_TURNED: f32 = 4.0;
/// and so many times more than before: the wrong way up, "No" reads as "ON", and a page of text as next to nothing.
const CLEARLY_TURNED: f32 = 1.5;
/// Words of two readings are the same when their boxes share this part of the larger one.
const SAME_PLACE: f32 = 0.5;

/// What was read of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadPage {
    /// Blocks in reading order. Boxes in points from the top left of the picture after [`ReadPage::turn`].
    pub blocks: Vec<Block>,
    /// The quarter turn, clockwise, that sets the picture upright.
    pub turn: Rotation,
    /// The share of the letters on the picture, from 0 to 1, that no word covers; `None` when it is no more than dust, or
    /// was not measured, as only [`EngineRegistry`](crate::EngineRegistry) does.
    pub unread: Option<f32>,
}

/// Reads a picture that may be turned by any quarter turn and skewed by up to 15 degrees besides.
///
/// A blank picture costs a look at its pixels and no recognition. An upright and clean one costs one recognition; only
/// when that finds little or doubts what it finds, other turns, then a larger picture and the engine's other ways are
/// tried, as far as the page may be read again. The most certain reading is kept, with words of the others that the engine's
/// dictionary has and its own not.
pub fn read_page(engine: &mut dyn OcrEngine, image: &PageImage, languages: &Languages) -> Result<ReadPage, OcrError> {
    read_surveyed_page(engine, image, &survey(image), languages)
}

/// As [`read_page`], of a picture that was looked at already, such as to choose the engine.
pub fn read_surveyed_page(
    engine: &mut dyn OcrEngine,
    image: &PageImage,
    survey: &Survey,
    languages: &Languages,
) -> Result<ReadPage, OcrError> {
    let profile = engine.profile();
    read_as(engine, &profile, image, survey, languages, MOST_AGAIN)
}

/// As [`read_surveyed_page`], with that profile in place of the engine's own, and no more than so many readings after the
/// first.
pub(crate) fn read_as(
    engine: &mut dyn OcrEngine,
    profile: &Profile,
    image: &PageImage,
    survey: &Survey,
    languages: &Languages,
    most_again: usize,
) -> Result<ReadPage, OcrError> {
    if survey.blank {
        return Ok(ReadPage::default());
    }
    let letter_height = survey.letter_height.map(|pixels| pixels * image.scale());
    let mut reader = Reader { engine, profile, languages, letter_height, left: most_again };
    let image = &*smoothed(image, survey.smoothing);
    let enlarged = |low: fn(&LetterHeights) -> f32| {
        profile.letters.and_then(|wanted| enlarged(image, survey.letter_height, low(&wanted), &wanted))
    };
    let degrees = skew(survey);
    let page = enlarged(|wanted| wanted.low).map_or(Cow::Borrowed(image), Cow::Owned);
    let reading = reader.upright(&page, survey, degrees)?;
    if reading.is_sure(profile.sure) {
        return Ok(reading.finish());
    }
    let mut others = Vec::new();
    let (page, reading) = if let Cow::Owned(_) = page {
        if let Some(other) = reader.read_again(image, reading.turn, reading.degrees, None)? {
            others.push(other);
        }
        (page, reading)
    } else if let Some(larger) = enlarged(|wanted| wanted.low_in_doubt)
        && let Some(other) = reader.read_again(&larger, reading.turn, reading.degrees, None)?
    {
        others.push(reading);
        (Cow::Owned(larger), other)
    } else {
        (page, reading)
    };
    let mut best = reader.looked_at_again(&page, reading, &mut others)?;
    best.take_known_words(reader.engine, &others, languages)?;
    Ok(best.finish())
}

/// The picture with letters as large as they are wanted, if it has lower ones than `low`.
fn enlarged(image: &PageImage, letter_height: Option<f32>, low: f32, wanted: &LetterHeights) -> Option<PageImage> {
    let pixels = image.luma().len() as f32;
    let factor = (wanted.good / letter_height.filter(|&height| height < low)?).min(wanted.most);
    let factor = factor.min((MOST_PIXELS / pixels).sqrt());
    (factor >= WORTH_ENLARGING).then(|| resample::at_dpi(image, (image.dpi() as f32 * factor) as u32))
}

/// The degrees by which to level the lines.
fn skew(survey: &Survey) -> f32 {
    let slant = if survey.is_sideways() { survey.columns } else { survey.rows };
    if slant.strength > CLEAR_LINES && slant.degrees.abs() >= SKEW_THAT_MATTERS { slant.degrees } else { 0.0 }
}

/// An engine that reads a page, and how often it may yet.
struct Reader<'a> {
    engine: &'a mut dyn OcrEngine,
    profile: &'a Profile,
    languages: &'a Languages,
    /// Of the page's letters, in points.
    letter_height: Option<f32>,
    left: usize,
}

impl Reader<'_> {
    /// The best of the quarter turns that the page may need.
    fn upright(&mut self, image: &PageImage, survey: &Survey, degrees: f32) -> Result<Attempt, OcrError> {
        let sideways = survey.is_sideways();
        let guesses = if sideways {
            [Rotation::Clockwise, Rotation::CounterClockwise, Rotation::None, Rotation::Half]
        } else {
            [Rotation::None, Rotation::Half, Rotation::Clockwise, Rotation::CounterClockwise]
        };
        let told = |engine: &mut dyn OcrEngine| engine.orientation(&straight(Cow::Borrowed(image), degrees).0);
        let first = if sideways { told(self.engine)?.unwrap_or(guesses[0]) } else { guesses[0] };

        let mut best = self.read(image, first, degrees, None)?;
        if best.is_sound(self.profile.sound) {
            return Ok(best);
        }
        let others = guesses.into_iter().filter(|&turn| turn != first);
        let order: Vec<Rotation> = if sideways {
            others.collect()
        } else {
            match told(self.engine)? {
                Some(turn) if turn == first => Vec::new(),
                // Rows this clear are rows: at most the page stands on its head.
                told if survey.has_clear_rows() && told != Some(Rotation::Half) => Vec::new(),
                Some(turn) => std::iter::once(turn).chain(others.filter(|&other| other != turn)).collect(),
                None => others.collect(),
            }
        };
        for turn in order {
            let Some(attempt) = self.read_again(image, turn, degrees, None)? else { break };
            let is_sound = attempt.is_sound(self.profile.sound);
            if attempt.worth() >= LEAST_TURNED.max(best.worth() * CLEARLY_TURNED) {
                best = attempt;
            }
            if is_sound {
                break;
            }
        }
        Ok(best)
    }

    /// The reading, or a more certain one that another way of reading gives if this one is doubtful.
    fn looked_at_again(
        &mut self,
        image: &PageImage,
        reading: Attempt,
        others: &mut Vec<Attempt>,
    ) -> Result<Attempt, OcrError> {
        let (turn, degrees) = (reading.turn, reading.degrees);
        if reading.is_sure(self.profile.sure) {
            return Ok(reading);
        }
        let mut best = reading;
        for way in self.profile.other_ways {
            let Some(other) = self.read_again(image, turn, degrees, Some(way))? else { break };
            if other.certainty() > best.certainty() + way.lead * best.certainty().abs() {
                others.push(std::mem::replace(&mut best, other));
            } else {
                others.push(other);
            }
        }
        Ok(best)
    }

    /// As [`Reader::read`]; `None` when the page was read often enough.
    fn read_again(
        &mut self,
        image: &PageImage,
        turn: Rotation,
        degrees: f32,
        way: Option<&OtherWay>,
    ) -> Result<Option<Attempt>, OcrError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.read(image, turn, degrees, way).map(Some)
    }

    /// Reads the picture turned and set level.
    fn read(
        &mut self,
        image: &PageImage,
        turn: Rotation,
        degrees: f32,
        way: Option<&OtherWay>,
    ) -> Result<Attempt, OcrError> {
        let upright = if turn == Rotation::None { Cow::Borrowed(image) } else { Cow::Owned(image.turned(turn)) };
        let page = upright.size();
        let (level, back) = straight(upright, degrees);
        let boxes = BoxRow::all_of(&level, self.letter_height);
        let image = if boxes.is_empty() { level } else { Cow::Owned(without_boxes(&level, &boxes)) };
        let recognized = match way {
            None => self.engine.recognize(&image, self.languages),
            Some(way) => self.engine.recognize_otherwise(&image, self.languages, way),
        };
        let mut blocks = recognized?.blocks;
        self.profile.calibration.apply(&mut blocks);
        let blocks = joined(blocks, &boxes, image.scale());
        Ok(Attempt { turn, degrees, page, back, blocks })
    }
}

/// The picture with lines set level that fall by so many degrees, and the way back from its points.
fn straight(image: Cow<'_, PageImage>, degrees: f32) -> (Cow<'_, PageImage>, Affine) {
    if degrees == 0.0 {
        return (image, Affine::IDENTITY);
    }
    let levelled = resample::levelled(&image, degrees);
    (Cow::Owned(levelled.image), levelled.back)
}

/// One recognition of the page lying one way.
struct Attempt {
    turn: Rotation,
    degrees: f32,
    page: Size,
    back: Affine,
    blocks: Vec<Block>,
}

impl Attempt {
    fn is_sound(&self, sound: f32) -> bool {
        mean_confidence(&self.blocks).is_some_and(|c| c >= sound) && self.worth() >= 10.0
    }

    /// Whether the letters and digits are believed; punctuation and dirt that was taken for it do not count.
    fn is_sure(&self, sure: f32) -> bool {
        let (sum, all) = self.letters().fold((0.0, 0.0), |(sum, all), (n, confidence)| (sum + n * confidence, all + n));
        all > 0.0 && sum >= sure * all
    }

    /// Letters and digits that are likely right.
    fn worth(&self) -> f32 {
        self.letters().map(|(letters, confidence)| letters * confidence.powi(2)).sum()
    }

    /// Letters and digits that are more likely right than not, less those that are more likely wrong: between readings
    /// of one picture, more words count for a reading only as far as they are believed.
    fn certainty(&self) -> f32 {
        self.letters().map(|(letters, confidence)| letters * (confidence - 0.5)).sum()
    }

    /// How many letters and digits each word has, and its confidence.
    fn letters(&self) -> impl Iterator<Item = (f32, f32)> {
        let words = self.blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
        words.map(|w| (w.text.chars().filter(|c| c.is_alphanumeric()).count() as f32, w.confidence))
    }

    /// Takes words that the engine's dictionary has from other readings of the page, where this has others in their
    /// place that it has not.
    fn take_known_words(
        &mut self,
        engine: &mut dyn OcrEngine,
        others: &[Self],
        languages: &Languages,
    ) -> Result<(), OcrError> {
        let others = others.iter().filter(|other| other.turn == self.turn).flat_map(|other| &other.blocks);
        let others: Vec<&Word> = others.flat_map(|b| &b.lines).flat_map(|l| &l.words).collect();
        for word in self.blocks.iter_mut().flat_map(|b| &mut b.lines).flat_map(|l| &mut l.words) {
            let Some(own) = bare(&word.text) else { continue };
            if engine.knows(own, languages)? {
                continue;
            }
            for other in others.iter().filter(|other| is_same_place(&other.bbox, &word.bbox)) {
                if let Some(text) = bare(&other.text)
                    && can_stand_for(text, own)
                    && engine.knows(text, languages)?
                {
                    (word.text, word.confidence) = (other.text.clone(), other.confidence);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The blocks with their boxes on the upright page.
    fn finish(self) -> ReadPage {
        let Self { turn, degrees, page, back, blocks } = self;
        let line = |line: Line| {
            let words = line.words.into_iter().filter_map(|mut word| {
                word.bbox = back.apply_rect(&word.bbox).clipped(page)?;
                Some(word)
            });
            Line::of(line.angle + degrees, words.collect())
        };
        let block = |b: Block| Block::of(b.kind, b.lines.into_iter().filter_map(line).collect());
        ReadPage { blocks: blocks.into_iter().filter_map(block).collect(), turn, unread: None }
    }
}

/// Whether the boxes are those of one word in two readings.
pub(crate) fn is_same_place(a: &Rect, b: &Rect) -> bool {
    let shared = a.intersection(b).map_or(0.0, |shared| shared.area());
    shared > SAME_PLACE * a.area().max(b.area())
}

/// A word without the marks around it; `None` when it has too few letters for a dictionary to tell.
fn bare(text: &str) -> Option<&str> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    (bare.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(bare)
}

/// Whether a word of the dictionary is long enough to be another reading of a word, and not one that it is easily
/// mistaken for, as short ones are, or a part of it.
fn can_stand_for(known: &str, word: &str) -> bool {
    let (letters, others) = (known.chars().count(), word.chars().count());
    letters >= 4 && 10 * letters >= 7 * others && known != word
}

#[cfg(test)]
mod tests {
    use recto_domain::BlockKind;

    use super::*;
    use crate::calibration::Calibration;
    use crate::engine::Recognized;
    use crate::profile::Expectation;

    const WAYS: [OtherWay; 2] =
        [OtherWay { name: "uneven ground", lead: 0.05 }, OtherWay { name: "one block", lead: 0.15 }];

    /// Reads `usual`, or what stands beside the way that it is asked for.
    struct Scripted {
        usual: f32,
        others: [f32; 2],
        readings: usize,
        /// The pixels of the largest picture that it was given.
        largest: usize,
        /// The dictionary.
        known: &'static [&'static str],
    }

    impl Scripted {
        fn new(usual: f32, uneven_ground: f32, one_block: f32) -> Self {
            Self { usual, others: [uneven_ground, one_block], readings: 0, largest: 0, known: &[] }
        }

        /// A page of words that tell the confidence they are read with.
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
                other_ways: &WAYS,
                scripts: &[],
            }
        }

        fn expectation(&self, _: &Survey) -> Expectation {
            Expectation { right: 1.0, seconds: 1.0 }
        }

        fn recognize_otherwise(
            &mut self,
            _: &PageImage,
            _: &Languages,
            way: &OtherWay,
        ) -> Result<Recognized, OcrError> {
            let index = WAYS.iter().position(|other| other == way).unwrap();
            Ok(self.page(self.others[index]))
        }

        fn knows(&mut self, word: &str, _: &Languages) -> Result<bool, OcrError> {
            Ok(self.known.contains(&word))
        }

        fn orientation(&mut self, _: &PageImage) -> Result<Option<Rotation>, OcrError> {
            Ok(Some(Rotation::None))
        }
    }

    /// The first word that the engine's reading of a page with large letters ends in, and how many readings it took.
    fn read(engine: Scripted) -> (String, usize) {
        read_letters(engine, 16)
    }

    /// A picture with letters so many pixels high.
    fn letters(width: u32, height: u32, high: u32) -> PageImage {
        let ink = |i: u32| (i / width) % 30 < high && (i % width) % 9 < 5;
        let luma = (0..width * height).map(|i| if ink(i) { 0 } else { 255 }).collect();
        PageImage::new(width, height, 72, luma)
    }

    /// As [`read`], with letters so many pixels high.
    fn read_letters(mut engine: Scripted, high: u32) -> (String, usize) {
        let page = read_page(&mut engine, &letters(400, 300, high), &"eng".parse().unwrap()).unwrap();
        (page.blocks[0].lines[0].words[0].text.clone(), engine.readings)
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
    fn no_page_is_read_more_than_three_times() {
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
    fn short_words_and_parts_of_words_stand_for_no_other() {
        assert!(can_stand_for("Summary", "Sunmimiary") && can_stand_for("Amount", "fimount"));
        assert!(!can_stand_for("PUS", "PJS") && !can_stand_for("AWAY", "T.AWAY") && !can_stand_for("away", "away"));
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
