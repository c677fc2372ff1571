//! Which way up a page lies: by what an engine makes of a few of its lines, read either way round.
//!
//! An engine reads letters that stand on their heads as well, though with little sense. So no turn is taken on the look of
//! a page alone, and none for a few letters more: the same lines are compared, and what is read must make clearly more of
//! them.

use recto_domain::{Block, Languages, Rotation};

use crate::attempt::worth;
use crate::engine::{OcrEngine, OcrError};
use crate::lay::Lines;
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::profile::Profile;
use crate::resample;
use crate::specimen::Specimen;
use crate::statistics::PageStatistics;
use crate::text_lines::Run;

/// A way up is believed when so many letters and digits are likely right: dirt has one or two, whichever way it lies,
pub(crate) const LEAST_TURNED: f32 = 4.0;
/// and so many times more than the other way: the wrong way up, "No" reads as "ON", and a page of text as next to nothing.
pub(crate) const CLEARLY_TURNED: f32 = 1.5;

/// Reads specimens of a page either way round.
pub(crate) struct WaysUp<'a> {
    pub(crate) engine: &'a mut dyn OcrEngine,
    pub(crate) profile: &'a Profile,
    pub(crate) statistics: &'a PageStatistics,
    pub(crate) languages: &'a Languages,
    pub(crate) budget: &'a mut Budget,
}

impl WaysUp<'_> {
    /// The quarter turn that a page seems to need whose lines run from top to bottom: the one of the two that makes more
    /// sense of them; `None` when neither makes any.
    pub(crate) fn of_sideways(&mut self, image: &PageImage) -> Result<Option<Rotation>, OcrError> {
        let Some(senses) = self.senses(image, &Lines::of(image), Run::Down)? else { return Ok(None) };
        let [(turn, sense), (other_turn, other)] = senses;
        Ok(if sense.max(other) < LEAST_TURNED {
            None
        } else if sense >= other {
            Some(turn)
        } else {
            Some(other_turn)
        })
    }

    /// The turn that a page seems to need which reads badly as it is turned now: one that clearly makes more sense of its
    /// lines than to read them the other way round.
    pub(crate) fn instead_of(&mut self, turn: Rotation, image: &PageImage) -> Result<Option<Rotation>, OcrError> {
        let lines = Lines::of(image);
        let runs: &[Run] = match (self.statistics.has_clear_rows(), turn) {
            (true, Rotation::None) => &[Run::Across],
            (_, Rotation::None | Rotation::Half) => &[Run::Across, Run::Down],
            (_, Rotation::Clockwise | Rotation::CounterClockwise) => &[Run::Down, Run::Across],
        };
        for &run in runs {
            let Some([(turn_a, a), (turn_b, b)]) = self.senses(image, &lines, run)? else { continue };
            let found = if a >= b { turn_a } else { turn_b };
            if a.max(b) >= LEAST_TURNED.max(a.min(b) * CLEARLY_TURNED) {
                return Ok((found != turn).then_some(found));
            }
        }
        Ok(None)
    }

    /// The two turns that set lines of that direction upright or on their heads, and how many of the letters of some lines
    /// are likely right then; `None` when there are no lines, or that costs more than is left.
    fn senses(&mut self, image: &PageImage, lines: &Lines, run: Run) -> Result<Option<[(Rotation, f32); 2]>, OcrError> {
        let Some(specimen) = Specimen::of(image, lines, run) else { return Ok(None) };
        let specimen = self.enlarged(specimen);
        // Where the lines stand is known.
        let cost = self.engine.cost(specimen.image.luma().len(), specimen.letters as usize) - self.engine.cost(0, 0);
        if !self.budget.takes(2.0 * cost) {
            return Ok(None);
        }
        // Lines that run down the page as they are read come from one that was turned clockwise.
        let turns = match run {
            Run::Across => [Rotation::None, Rotation::Half],
            Run::Down => [Rotation::CounterClockwise, Rotation::Clockwise],
        };
        let sense = worth(&self.read(&specimen)?);
        let other = worth(&self.read(&specimen.turned_around())?);
        Ok(Some([(turns[0], sense), (turns[1], other)]))
    }

    fn enlarged(&self, specimen: Specimen) -> Specimen {
        let low = self.profile.letters.filter(|wanted| specimen.height < wanted.low_in_doubt);
        let Some(wanted) = low else { return specimen };
        let factor = (wanted.good / specimen.height).min(wanted.most);
        let image = resample::at_dpi(&specimen.image, (specimen.image.dpi() as f32 * factor) as u32);
        let lines = specimen.lines.into_iter().map(|line| line.times(factor)).collect();
        Specimen { image, lines, ..specimen }
    }

    fn read(&mut self, specimen: &Specimen) -> Result<Vec<Block>, OcrError> {
        match self.engine.skim(&specimen.image, &specimen.lines, self.languages) {
            Ok(mut recognized) => {
                self.profile.calibration.apply(&mut recognized.blocks);
                Ok(recognized.blocks)
            }
            // The page as a whole may still be read.
            Err(OcrError::Page { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
