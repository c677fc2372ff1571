//! Reading a page whose language is unknown.

use recto_domain::Languages;

use super::choice::Choice;
use super::missing::MissingLanguage;
use super::reading::Reading;
use super::{AtHand, ChosenLanguages, languages, tongue, upright};
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::read::{Before, ReadError};
use crate::read_page::{FirstReading, ReadPage, Reader};
use crate::registry::EngineRegistry;
use crate::statistics::PageStatistics;

/// The least share of the letter-like spots that must have been read as letters.
const LEAST_READ: f32 = 0.3;

/// The reading of a page for which nobody named the language.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadAny {
    /// The engine that read it.
    pub engine: String,
    /// The reading.
    pub page: ReadPage,
    /// The languages it was read in.
    pub languages: Languages,
    /// The apparent language of the page, if it is not installed.
    pub missing: Option<MissingLanguage>,
}

/// The first reading of a page before its language is known.
struct InScript {
    /// The engine that read it.
    engine: String,
    first: FirstReading,
    /// The languages, if the text shows them.
    chosen: Option<ChosenLanguages>,
    /// The cost so far, in seconds of one core.
    spent: f32,
}

impl EngineRegistry {
    /// Like [`EngineRegistry::read`], in the languages that [`choose_languages`](crate::choose_languages) finds.
    ///
    /// If a few lines show letters of a script that the engine reads in any language, it reads the page before the
    /// language is known. The whole text then shows the language, and no further reading is needed for that. What the
    /// search costs is paid from the budget of the page.
    pub fn read_any(
        &mut self,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
    ) -> Result<ReadAny, ReadError> {
        let at_hand = match AtHand::of(self, name) {
            Ok(at_hand) => at_hand,
            Err(only) => {
                let chosen = ChosenLanguages { languages: only, missing: None };
                return self.read_in(chosen, Before::default(), name, image, statistics);
            }
        };
        let upright = upright(image, statistics);
        let Some(mut choice) = Choice::of(self, name, upright.as_ref().unwrap_or(image), statistics, &at_hand) else {
            let chosen = ChosenLanguages::installed(at_hand.usual);
            return self.read_in(chosen, Before::default(), name, image, statistics);
        };
        let look = choice.first_look()?;
        let in_script = if choice.is_in_the_script(look.as_ref()) {
            let before = Before { spent: choice.spent, turn: choice.turn(), first: None };
            let read = choice.engines.read_in_script(&before, name, image, statistics, &at_hand)?;
            choice.spent = read.as_ref().map_or(choice.spent, |read| read.spent);
            read
        } else {
            None
        };
        let shown = in_script.as_ref().and_then(|read| read.chosen.clone());
        let chosen = match shown {
            Some(chosen) => chosen,
            None => choice.languages(look)?,
        };
        let mut before = Before { spent: choice.spent, turn: choice.turn(), first: None };
        if let Some(InScript { engine, first, .. }) = in_script {
            let is_upright = before.turn.is_none_or(|turn| turn == first.turn());
            let is_in_script =
                tongue::only(&chosen.languages).is_some_and(|tongue| tongue.script == at_hand.usual.script);
            before.turn = before.turn.or(Some(first.turn()));
            if is_upright && is_in_script && self.choose(name, statistics, &chosen.languages)?.name() == engine {
                before.first = Some(first);
            }
        }
        self.read_in(chosen, before, name, image, statistics)
    }

    /// Reads the page in the languages that were chosen for it.
    fn read_in(
        &mut self,
        chosen: ChosenLanguages,
        before: Before,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
    ) -> Result<ReadAny, ReadError> {
        let ChosenLanguages { languages, missing } = chosen;
        self.language_before = tongue::only(&languages);
        let (engine, page) = self.read_after(before, name, image, statistics, &languages)?;
        Ok(ReadAny { engine, page, languages, missing })
    }

    /// Reads the page in the usual language, if the engine reads its script in any language; `None` if it does not. Its
    /// text does not show the languages if the page turns out to have other letters, or a language that the engine does
    /// not read.
    fn read_in_script(
        &mut self,
        before: &Before,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
        at_hand: &AtHand,
    ) -> Result<Option<InScript>, ReadError> {
        let usual = languages(at_hand.usual.code);
        let engine = self.choose(name, statistics, &usual)?;
        let profile = engine.profile();
        if !profile.scripts.contains(&at_hand.usual.script) {
            return Ok(None);
        }
        let mut budget = Budget::of(engine, image, statistics);
        budget.spend(before.spent);
        let first = Reader::of(engine, &profile, image, statistics, &usual, &mut budget).first(image, before.turn)?;
        let reading = Reading::of(first.blocks(), profile.sound, LEAST_READ * statistics.letters as f32);
        let chosen = shown_languages(&reading, at_hand, |languages| engine.reads(languages));
        Ok(Some(InScript { engine: engine.name().to_owned(), first, chosen, spent: budget.spent() }))
    }
}

/// The languages that the text of a page shows, among those in which it need not be read again; `reads` tells whether
/// the engine that read it reads some languages.
fn shown_languages(reading: &Reading, at_hand: &AtHand, reads: impl Fn(&Languages) -> bool) -> Option<ChosenLanguages> {
    if reading.confidence() < reading.sound {
        return None;
    }
    // A short text may consist of similar letters of another script.
    let likeliest = reading.likeliest(|_| true)?;
    let found = if likeliest.tongue == at_hand.usual { None } else { reading.clear() };
    match found {
        Some(tongue) if reads(&languages(tongue.code)) => Some(ChosenLanguages::installed(tongue)),
        Some(tongue) if at_hand.has(tongue) => None,
        found => {
            let missing = found.map(MissingLanguage::of);
            Some(ChosenLanguages { missing, ..ChosenLanguages::installed(at_hand.usual) })
        }
    }
}
