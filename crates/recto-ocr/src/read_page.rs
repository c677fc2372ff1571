//! Reading a page that may lie any way: straighten, recognise, doubt, turn.

use recto_domain::document::mean_confidence;
use recto_domain::{Affine, Block, Languages, Line, Rotation, Size};

use crate::engine::{OcrEngine, OcrError};
use crate::page_image::PageImage;
use crate::resample::{self, Levelled};
use crate::survey::survey;

/// Lines that fall or rise by less than this many degrees are left to the engine.
const SKEW_THAT_MATTERS: f32 = 0.5;
/// A result with at least this mean confidence is not doubted.
const SOUND_CONFIDENCE: f32 = 0.7;

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
/// A blank picture costs a look at its pixels and no recognition. An upright one costs one recognition; only when
/// that finds little or doubts what it finds, other turns are tried.
pub fn read_page(engine: &mut dyn OcrEngine, image: &PageImage, languages: &Languages) -> Result<ReadPage, OcrError> {
    let survey = survey(image);
    if survey.blank {
        return Ok(ReadPage::default());
    }
    let lab = |n: &str, d: f32| std::env::var(n).ok().and_then(|v| v.parse().ok()).unwrap_or(d);
    let scaled;
    let mut image = image;
    if let Some(h) = survey.letter_height {
        if h < lab("UPMIN", 14.0) {
            let f = (lab("UPTO", 20.0) / h).min(3.0);
            scaled = resample::at_dpi(image, (image.dpi() as f32 * f) as u32);
            image = &scaled;
        } else if h > lab("DOWNMIN", 1000.0) {
            let f = lab("DOWNTO", 23.0) / h;
            scaled = resample::at_dpi(image, (image.dpi() as f32 * f) as u32);
            image = &scaled;
        }
    }
    let relabelled;
    if let (Some(h), true) = (survey.letter_height, lab("DPIBYH", 0.0) > 0.0) {
        let k = if h < lab("UPMIN", 14.0) {
            lab("UPTO", 20.0)
        } else if h > lab("DOWNMIN", 1000.0) {
            lab("DOWNTO", 23.0)
        } else {
            h
        };
        relabelled = PageImage::new(
            image.width(),
            image.height(),
            ((k * lab("DPIBYH", 0.0)) as u32).clamp(70, 2400),
            image.luma().to_vec(),
        );
        image = &relabelled;
    }
    if lab("SHOW", 0.0) > 0.0 {
        eprintln!("{survey:?}");
    }
    let sideways = survey.is_sideways();
    let skew = if sideways { survey.columns } else { survey.rows };
    let degrees = if skew.strength > 1.2 && skew.degrees.abs() >= lab("SKEWMIN", 0.5) { skew.degrees } else { 0.0 };

    let mut tried = Vec::new();
    let mut best: Option<Attempt> = None;
    let mut next = if sideways { engine.orientation(&straight(image, degrees).image)? } else { Some(Rotation::None) };
    loop {
        let guesses = if sideways {
            [Rotation::Clockwise, Rotation::CounterClockwise, Rotation::None, Rotation::Half]
        } else {
            [Rotation::None, Rotation::Half, Rotation::Clockwise, Rotation::CounterClockwise]
        };
        let Some(turn) = next.or_else(|| guesses.into_iter().find(|g| !tried.contains(g))) else { break };
        tried.push(turn);
        let attempt = Attempt::make(engine, image, turn, degrees, languages)?;
        let sound = attempt.is_sound();
        if best.as_ref().is_none_or(|b| attempt.worth() > b.worth()) {
            best = Some(attempt);
        }
        if sound || tried.len() == 3 {
            break;
        }
        if survey.rows.strength > 1.3 * survey.columns.strength
            && tried.len() == 1
            && engine.orientation(&straight(image, degrees).image)? != Some(Rotation::Half)
        {
            break;
        }
        next = if tried.len() == 1 && !sideways {
            match engine.orientation(&straight(image, degrees).image)? {
                Some(upright) if tried.contains(&upright) => break,
                other => other,
            }
        } else {
            None
        };
    }
    Ok(best.map(Attempt::finish).unwrap_or_default())
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
    ) -> Result<Self, OcrError> {
        let turned;
        let upright = if turn == Rotation::None {
            image
        } else {
            turned = image.turned(turn);
            &turned
        };
        let page = upright.size();
        let (blocks, back) = if degrees == 0.0 {
            (engine.recognize(upright, languages)?.blocks, Affine::IDENTITY)
        } else {
            let levelled = resample::levelled(upright, degrees);
            (engine.recognize(&levelled.image, languages)?.blocks, levelled.back)
        };
        Ok(Self { turn, degrees, page, back, blocks })
    }

    fn is_sound(&self) -> bool {
        mean_confidence(&self.blocks).is_some_and(|c| c >= SOUND_CONFIDENCE) && self.worth() >= 10.0
    }

    /// Letters and digits that are likely right.
    fn worth(&self) -> f32 {
        let words = self.blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
        words.map(|w| w.text.chars().filter(|c| c.is_alphanumeric()).count() as f32 * w.confidence.powi(2)).sum()
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
