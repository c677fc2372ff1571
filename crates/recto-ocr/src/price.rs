//! What reading a page may cost.
//!
//! All that is done for a page besides one plain recognition, such as turning it, enlarging it, reading it in other ways or
//! with another engine, is paid from what is left of a budget. Costs are those that engines expect, not those that a clock
//! shows, so that a page is read in the same way however busy the machine is.

use crate::engine::OcrEngine;
use crate::page_image::PageImage;
use crate::statistics::PageStatistics;

/// A page costs no more than so many times what its engine takes to recognise it once, as it is. The rest up to 3 is for
/// what is not known before, and for looking at the page.
const MOST: f32 = 2.75;

/// What a page may still cost, in seconds of one core.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    left: f32,
}

impl Budget {
    /// For a page that this engine reads.
    pub(crate) fn of(engine: &dyn OcrEngine, image: &PageImage, statistics: &PageStatistics) -> Self {
        Self { left: MOST * engine.cost(image.luma().len(), statistics.letters) }
    }

    /// Takes what has to be done, whatever is left.
    pub(crate) fn spend(&mut self, seconds: f32) {
        self.left -= seconds;
    }

    /// Takes so much, if it is left.
    pub(crate) fn takes(&mut self, seconds: f32) -> bool {
        let is_left = self.has(seconds);
        if is_left {
            self.left -= seconds;
        }
        is_left
    }

    /// Whether so much is left.
    pub(crate) fn has(self, seconds: f32) -> bool {
        seconds <= self.left
    }
}
