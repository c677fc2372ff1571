//! Reading a page with the engine that suits it, and with another one when the result is doubtful.

use recto_domain::document::mean_confidence;
use recto_domain::{ANY_ENGINE, Languages, Rotation};
use recto_layout::set_words_in_order;

use crate::engine::OcrError;
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::profile::Profile;
use crate::read_page::{FirstReading, ReadPage, Reader, read_as};
use crate::registry::{Confidences, EngineRegistry, UnknownEngine};
use crate::screen::smoothed;
use crate::second_look::merged;
use crate::statistics::PageStatistics;
use crate::stray::{is_sparse, without_dirt};

/// Another engine is asked if the share of words that it expects to get right exceeds the first reading's by more than
/// this. Readings of clean print score up to .025 too low.
const CLEAR_LEAD: f32 = 0.03;

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no engine with that name.
    #[error(transparent)]
    Unknown(#[from] UnknownEngine),
    /// The engine gave no result.
    #[error(transparent)]
    Engine(#[from] OcrError),
}

/// What is known of a page before it is read, and what that cost.
#[derive(Default)]
pub(crate) struct Before {
    /// The cost so far, in seconds of one core.
    pub(crate) spent: f32,
    /// The turn that brings the picture upright.
    pub(crate) turn: Option<Rotation>,
    /// The first reading, by the engine that is to read the page.
    pub(crate) first: Option<FirstReading>,
}

impl EngineRegistry {
    /// Reads a page after a first look, with the named engine; or, for [`ANY_ENGINE`], with the one that suits it. In
    /// the latter case, the next best engine reads it too if it expects to get clearly more right than the first
    /// reading has, or if nothing was found where the first look saw letters. The better parts of the second reading
    /// then replace those of the first.
    ///
    /// The result also names the engine that read it; the first one if there were two.
    pub fn read(
        &mut self,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
        languages: &Languages,
    ) -> Result<(String, ReadPage), ReadError> {
        self.read_after(Before::default(), name, image, statistics, languages)
    }

    /// Like [`EngineRegistry::read`], for a page of which something is known.
    pub(crate) fn read_after(
        &mut self,
        before: Before,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
        languages: &Languages,
    ) -> Result<(String, ReadPage), ReadError> {
        let confidences = self.confidences;
        let engine = self.choose(name, statistics, languages)?;
        let profile = confidences.profile(engine);
        let mut budget = Budget::of(engine, image, statistics);
        budget.spend(before.spent);
        let first = engine.name().to_owned();
        let read = if statistics.blank {
            Ok(ReadPage::default())
        } else {
            let mut reader = Reader::of(engine, &profile, image, statistics, languages, &mut budget);
            let first = before.first.map_or_else(|| reader.first(image, before.turn), Ok);
            first.and_then(|first| reader.rest(image, first))
        };
        let read = read.map_err(|error| self.with_all_languages(name, error))?;
        let (first, read) = self.looked_at_again(name, first, read, image, statistics, languages, &mut budget)?;
        let read = self.without_dirt(name, &first, read, image, statistics, languages, &mut budget)?;
        let mut read = self.with_unread(name, &first, read, image, statistics, languages, &mut budget)?;
        // Words of two readings are ordered by their position.
        set_words_in_order(&mut read.blocks);
        Ok((first, read))
    }

    /// The reading without what is dirt on a page with almost no text; see [`without_dirt`]. If no engine was named,
    /// two engines are asked.
    #[allow(clippy::too_many_arguments, reason = "what is asked for, what was read, and what that may cost")]
    pub(crate) fn without_dirt(
        &mut self,
        name: &str,
        first: &str,
        read: ReadPage,
        image: &PageImage,
        statistics: &PageStatistics,
        languages: &Languages,
        budget: &mut Budget,
    ) -> Result<ReadPage, ReadError> {
        // If nothing was read, nothing shows which way up the page is.
        if read.blocks.is_empty() {
            return Ok(ReadPage::default());
        }
        // Calibration is fitted on everything that was read.
        if self.confidences == Confidences::Raw || !is_sparse(&read) {
            return Ok(read);
        }
        let mut others = Vec::new();
        if name == ANY_ENGINE
            && let Some(beside) =
                self.choose_beside(first, statistics, languages).map(|engine| engine.name().to_owned())
        {
            // The reading may come from either engine, so both are asked.
            for engine in [first, &beside] {
                let confidences = self.confidences;
                let engine = self.choose(engine, statistics, languages)?;
                let profile = Profile { other_modes: &[], letters: None, ..confidences.profile(engine) };
                if !budget.has(engine.cost(image.luma().len(), statistics.letters)) {
                    return Ok(read);
                }
                match read_as(engine, &profile, image, statistics, languages, budget) {
                    Ok(other) => others.push(other),
                    // An engine that cannot read the page says nothing about its content.
                    Err(OcrError::Page { .. }) => others.push(ReadPage::default()),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        // Strokes of a dithered picture consist of dots.
        Ok(without_dirt(read, &smoothed(image, statistics.smoothing), &others))
    }

    /// Like [`EngineRegistry::read`], after the first engine has read the page.
    #[allow(clippy::too_many_arguments, reason = "what is asked for, what was read, and what that may cost")]
    pub(crate) fn looked_at_again(
        &mut self,
        name: &str,
        first: String,
        read: ReadPage,
        image: &PageImage,
        statistics: &PageStatistics,
        languages: &Languages,
        budget: &mut Budget,
    ) -> Result<(String, ReadPage), ReadError> {
        let confidences = self.confidences;
        if name != ANY_ENGINE {
            return Ok((first, read));
        }
        let Some(other) = self.choose_beside(&first, statistics, languages) else { return Ok((first, read)) };
        let is_doubtful = match mean_confidence(&read.blocks) {
            Some(confidence) => confidence < other.expectation(statistics, languages).right - CLEAR_LEAD,
            None => statistics.letter_height.is_some(),
        };
        if !is_doubtful || !budget.has(other.cost(image.luma().len(), statistics.letters)) {
            return Ok((first, read));
        }
        let profile = confidences.profile(other);
        // An engine that cannot read the page has nothing to add.
        match read_as(other, &profile, image, statistics, languages, budget) {
            Ok(second) => Ok((first, merged(read, second))),
            Err(OcrError::Page { .. }) => Ok((first, read)),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::{Line, Rect, Word};

    use super::*;
    use crate::test_engine::TestEngine;
    use crate::{Calibration, OcrEngine};

    /// An engine that reads one word on every page, with the given confidence.
    fn reader(name: &'static str, confidence: f32, expected: f32) -> impl OcrEngine {
        let reads = move |_: &PageImage| {
            let bbox = Rect { x: 10.0, y: 10.0, width: 90.0, height: 10.0 };
            let word = Word { text: format!("by-{name}-engine"), bbox, confidence };
            Vec::from_iter(Line::of(0.0, vec![word]))
        };
        let base = if name == "shy" { 9.0 } else { Calibration::IDENTITY.base };
        TestEngine { name, calibration: Calibration { base, ..Calibration::IDENTITY }, expected, reads }
    }

    fn read(mut engines: EngineRegistry) -> (String, f32) {
        let ink = |i: u32| (i / 400) % 30 < 16 && (i % 400) % 9 < 5;
        let page = PageImage::new(400, 300, 72, (0..400 * 300).map(|i| if ink(i) { 0 } else { 255 }).collect());
        let looks = crate::statistics(&page);
        let (_, read) = engines.read(ANY_ENGINE, &page, &looks, &"eng".parse().unwrap()).unwrap();
        let word = &read.blocks[0].lines[0].words[0];
        (word.text.clone(), word.confidence)
    }

    #[test]
    fn another_engine_is_asked_where_it_expects_to_get_more_right() {
        let with = |confidence| {
            let first = reader("first", confidence, 0.97);
            let second = reader("second", 0.99, 0.96);
            read(EngineRegistry::new().with(first).with(second)).0
        };
        assert_eq!(with(0.95), "by-first-engine", "pages of clean print come out below what they are worth");
        assert_eq!(with(0.9), "by-second-engine");
    }

    #[test]
    fn raw_confidences_are_those_of_the_engine() {
        let engines = || EngineRegistry::new().with(reader("shy", 0.3, 0.9));
        assert!(read(engines()).1 > 0.99);
        assert!((read(engines().with_raw_confidences()).1 - 0.3).abs() < 1e-3);
    }
}
