//! The orientation of a page, determined by an engine's reading of a few of its lines both ways up.
//!
//! An engine reads upside-down letters too, though with little sense. A page is therefore not turned because of its
//! look alone, nor for a few more letters. The same lines are compared, and one reading must be clearly better.

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

/// An orientation is trusted when at least this many letters and digits are probably right: dirt has one or two in any
/// orientation.
pub(crate) const LEAST_TURNED: f32 = 4.0;
/// The required ratio to the other way up: upside down, "No" reads as "ON", and a page of text as almost nothing.
pub(crate) const CLEARLY_TURNED: f32 = 1.5;

/// Reads specimens of a page both ways up.
pub(crate) struct WaysUp<'a> {
    pub(crate) engine: &'a mut dyn OcrEngine,
    pub(crate) profile: &'a Profile,
    pub(crate) statistics: &'a PageStatistics,
    pub(crate) languages: &'a Languages,
    pub(crate) budget: &'a mut Budget,
}

impl WaysUp<'_> {
    /// The quarter turn that a page with vertical lines seems to need: the one of the two that makes more sense of
    /// them; `None` when neither makes any.
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

    /// The turn that a page seems to need if it reads badly in its current turn: one in which its lines clearly make
    /// more sense than the other way up.
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

    /// The two turns that bring lines of that direction upright or upside down, and the expected number of correct
    /// letters of some lines in each. `None` when there are no lines.
    fn senses(&mut self, image: &PageImage, lines: &Lines, run: Run) -> Result<Option<[(Rotation, f32); 2]>, OcrError> {
        let Some(specimen) = Specimen::of(image, lines, run) else { return Ok(None) };
        let specimen = self.enlarged(specimen);
        let cost = self.engine.cost_of_skimming(specimen.image.luma().len(), specimen.letters as usize);
        self.budget.spend(2.0 * cost);
        // If lines run down the page in reading direction, the page was turned clockwise.
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
            // The page as a whole may still be readable.
            Err(OcrError::Page { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
