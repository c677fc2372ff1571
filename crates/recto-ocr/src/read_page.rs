//! Reading a page that may lie any way: enlarge, straighten, recognise, doubt, turn, look again.

use std::borrow::Cow;

use recto_domain::document::mean_confidence;
use recto_domain::{Affine, Block, Languages, Line, Rect, Rotation, Size, Word};

use crate::engine::{OcrEngine, OcrError};
use crate::page_image::PageImage;
use crate::profile::{LetterHeights, OtherWay};
use crate::resample::{self, Levelled};
use crate::survey::{Survey, survey};

/// Lines that fall or rise by less than this many degrees are left to the engine.
const SKEW_THAT_MATTERS: f32 = 0.5;
/// Lines that stand out less than this from the other angles tell no skew.
const CLEAR_LINES: f32 = 1.2;
/// Words of two readings are the same when their boxes share this part of the larger one.
const SAME_PLACE: f32 = 0.5;

/// What was read of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadPage {
    /// Blocks in reading order. Boxes in points from the top left of the picture after [`ReadPage::turn`].
    pub blocks: Vec<Block>,
    /// The quarter turn, clockwise, that sets the picture upright.
    pub turn: Rotation,
}

/// Reads a picture that may be turned by any quarter turn and skewed by up to 15 degrees besides.
///
/// A blank picture costs a look at its pixels and no recognition. An upright and clean one costs one recognition; only
/// when that finds little or doubts what it finds, other turns, then a larger picture and the engine's other ways are
/// tried. The most certain reading is kept, with words of the others that the engine's dictionary has and its own not.
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
    if survey.blank {
        return Ok(ReadPage::default());
    }
    let profile = engine.profile();
    let enlarged = |low: fn(&LetterHeights) -> f32| {
        profile.letters.and_then(|wanted| enlarged(image, survey.letter_height, low(&wanted), &wanted))
    };
    let degrees = skew(survey);
    let page = enlarged(|wanted| wanted.low).map_or(Cow::Borrowed(image), Cow::Owned);
    let reading = upright(engine, &page, survey, degrees, languages)?;
    if reading.is_sure(profile.sure) {
        return Ok(reading.finish());
    }
    let mut others = Vec::new();
    let (page, reading) = if matches!(page, Cow::Owned(_)) {
        others.push(Attempt::make(engine, image, reading.turn, reading.degrees, languages, None)?);
        (page, reading)
    } else if let Some(larger) = enlarged(|wanted| wanted.low_in_doubt) {
        others.push(reading);
        let reading = upright(engine, &larger, survey, degrees, languages)?;
        (Cow::Owned(larger), reading)
    } else {
        (page, reading)
    };
    let mut best = looked_at_again(engine, &page, reading, &mut others, languages)?;
    best.take_known_words(engine, &others, languages)?;
    Ok(best.finish())
}

/// The picture with letters as large as they are wanted, if it has lower ones than `low`.
fn enlarged(image: &PageImage, letter_height: Option<f32>, low: f32, wanted: &LetterHeights) -> Option<PageImage> {
    let factor = (wanted.good / letter_height.filter(|&height| height < low)?).min(wanted.most);
    Some(resample::at_dpi(image, (image.dpi() as f32 * factor) as u32))
}

/// The degrees by which to level the lines.
fn skew(survey: &Survey) -> f32 {
    let slant = if survey.is_sideways() { survey.columns } else { survey.rows };
    if slant.strength > CLEAR_LINES && slant.degrees.abs() >= SKEW_THAT_MATTERS { slant.degrees } else { 0.0 }
}

/// The best of the quarter turns that the page may need.
fn upright(
    engine: &mut dyn OcrEngine,
    image: &PageImage,
    survey: &Survey,
    degrees: f32,
    languages: &Languages,
) -> Result<Attempt, OcrError> {
    let sideways = survey.is_sideways();
    let guesses = if sideways {
        [Rotation::Clockwise, Rotation::CounterClockwise, Rotation::None, Rotation::Half]
    } else {
        [Rotation::None, Rotation::Half, Rotation::Clockwise, Rotation::CounterClockwise]
    };
    let told = |engine: &mut dyn OcrEngine| engine.orientation(&straight(image, degrees).image);
    let first = if sideways { told(engine)?.unwrap_or(guesses[0]) } else { guesses[0] };

    let sound = engine.profile().sound;
    let mut best = Attempt::make(engine, image, first, degrees, languages, None)?;
    if best.is_sound(sound) {
        return Ok(best);
    }
    let others = guesses.into_iter().filter(|&turn| turn != first);
    let order: Vec<Rotation> = if sideways {
        others.collect()
    } else {
        match told(engine)? {
            Some(turn) if turn == first => Vec::new(),
            // Rows this clear are rows: at most the page stands on its head.
            told if survey.has_clear_rows() && told != Some(Rotation::Half) => Vec::new(),
            Some(turn) => std::iter::once(turn).chain(others.filter(|&other| other != turn)).collect(),
            None => others.collect(),
        }
    };
    for turn in order.into_iter().take(2) {
        let attempt = Attempt::make(engine, image, turn, degrees, languages, None)?;
        let is_sound = attempt.is_sound(sound);
        if attempt.worth() > best.worth() {
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
    engine: &mut dyn OcrEngine,
    image: &PageImage,
    reading: Attempt,
    others: &mut Vec<Attempt>,
    languages: &Languages,
) -> Result<Attempt, OcrError> {
    let (turn, degrees) = (reading.turn, reading.degrees);
    let profile = engine.profile();
    if reading.is_sure(profile.sure) {
        return Ok(reading);
    }
    let mut best = reading;
    for way in profile.other_ways {
        let other = Attempt::make(engine, image, turn, degrees, languages, Some(way))?;
        if other.certainty() > best.certainty() + way.lead * best.certainty().abs() {
            others.push(std::mem::replace(&mut best, other));
        } else {
            others.push(other);
        }
    }
    Ok(best)
}

fn straight(image: &PageImage, degrees: f32) -> Levelled {
    if degrees == 0.0 {
        Levelled { image: image.clone(), back: Affine::IDENTITY }
    } else {
        resample::levelled(image, degrees)
    }
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
    fn make(
        engine: &mut dyn OcrEngine,
        image: &PageImage,
        turn: Rotation,
        degrees: f32,
        languages: &Languages,
        way: Option<&OtherWay>,
    ) -> Result<Self, OcrError> {
        let mut read = |image: &PageImage| match way {
            None => engine.recognize(image, languages),
            Some(way) => engine.recognize_otherwise(image, languages, way),
        };
        let upright = if turn == Rotation::None { Cow::Borrowed(image) } else { Cow::Owned(image.turned(turn)) };
        let (mut blocks, back) = if degrees == 0.0 {
            (read(&upright)?.blocks, Affine::IDENTITY)
        } else {
            let levelled = resample::levelled(&upright, degrees);
            (read(&levelled.image)?.blocks, levelled.back)
        };
        engine.profile().calibration.apply(&mut blocks);
        Ok(Self { turn, degrees, page: upright.size(), back, blocks })
    }

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
        ReadPage { blocks: blocks.into_iter().filter_map(block).collect(), turn }
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
    use crate::profile::{Expectation, Profile};

    const WAYS: [OtherWay; 2] =
        [OtherWay { name: "uneven ground", lead: 0.05 }, OtherWay { name: "one block", lead: 0.15 }];

    /// Reads `usual`, or what stands beside the way that it is asked for.
    struct Scripted {
        usual: f32,
        others: [f32; 2],
        readings: usize,
        /// The dictionary.
        known: &'static [&'static str],
    }

    impl Scripted {
        fn new(usual: f32, uneven_ground: f32, one_block: f32) -> Self {
            Self { usual, others: [uneven_ground, one_block], readings: 0, known: &[] }
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

        fn recognize(&mut self, _: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
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

    /// As [`read`], with letters so many pixels high.
    fn read_letters(mut engine: Scripted, height: u32) -> (String, usize) {
        let ink = |i: u32| (i / 400) % 30 < height && (i % 400) % 9 < 5;
        let luma = (0..400u32 * 300).map(|i| if ink(i) { 0 } else { 255 }).collect();
        let page = read_page(&mut engine, &PageImage::new(400, 300, 72, luma), &"eng".parse().unwrap()).unwrap();
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
        assert_eq!(read_letters(Scripted::new(0.75, 0.7, 0.7), 12), ("percent75".to_owned(), 4));
        assert_eq!(read_letters(Scripted::new(0.75, 0.7, 0.7), 8), ("percent75".to_owned(), 4));
        assert_eq!(read_letters(Scripted::new(0.95, 0.7, 0.7), 8), ("percent95".to_owned(), 1));
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
