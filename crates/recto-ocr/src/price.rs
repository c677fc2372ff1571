//! The budget for reading a page.
//!
//! Everything beyond one plain recognition is paid from a budget: finding the language, turning the page, enlarging it,
//! reading it in other ways or with another engine. Costs are the engines' estimates rather than measured times, so that
//! a page is read in the same way however busy the machine is.

use crate::engine::OcrEngine;
use crate::page_image::PageImage;
use crate::statistics::PageStatistics;

/// The most that a page may cost, in plain recognitions by its engine. The remainder up to 3 covers the error of the
/// estimate and the first look at the page.
const MOST: f32 = 2.75;

/// The remaining budget of a page, in seconds of one core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    total: f32,
    left: f32,
}

impl Budget {
    /// The budget of a page that this engine reads.
    pub(crate) fn of(engine: &dyn OcrEngine, image: &PageImage, statistics: &PageStatistics) -> Self {
        let total = MOST * engine.cost(image.luma().len(), statistics.letters);
        Self { total, left: total }
    }

    /// What was spent of it so far.
    pub(crate) fn spent(self) -> f32 {
        self.total - self.left
    }

    /// Spends what is unavoidable, regardless of what is left.
    pub(crate) fn spend(&mut self, seconds: f32) {
        self.left -= seconds;
    }

    /// Spends that much if it is left; returns whether it was.
    pub(crate) fn takes(&mut self, seconds: f32) -> bool {
        let is_left = self.has(seconds);
        if is_left {
            self.left -= seconds;
        }
        is_left
    }

    /// Whether that much is left.
    pub(crate) fn has(self, seconds: f32) -> bool {
        seconds <= self.left
    }
}
