//! Reading a page whose language is unknown.

use recto_domain::Languages;

use super::choice::Choice;
use super::missing::MissingLanguage;
use super::reading::Reading;
use super::{AtHand, ChosenLanguages, languages, tongue, upright};
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::read::ReadError;
use crate::read_page::{ReadPage, read_as};
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

impl EngineRegistry {
    /// Like [`EngineRegistry::read`], in the languages that [`choose_languages`](crate::choose_languages) finds.
    ///
    /// If a few lines show letters of a script that the engine reads in any language, it reads the page before the
    /// language is known. The whole text then shows the language, and no further reading is needed for that.
    pub fn read_any(
        &mut self,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
    ) -> Result<ReadAny, ReadError> {
        let at_hand = match AtHand::of(self, name) {
            Ok(at_hand) => at_hand,
            Err(only) => {
                return self.read_in(name, image, statistics, ChosenLanguages { languages: only, missing: None });
            }
        };
        let upright = upright(image, statistics);
        let Some(mut choice) = Choice::of(self, name, upright.as_ref().unwrap_or(image), statistics, &at_hand) else {
            return self.read_in(name, image, statistics, ChosenLanguages::installed(at_hand.usual));
        };
        let look = choice.first_look()?;
        if choice.is_in_the_script(look.as_ref())
            && let Some(read) = choice.engines.read_in_script(name, image, statistics, &at_hand)?
        {
            return Ok(read);
        }
        let chosen = choice.languages(look)?;
        self.read_in(name, image, statistics, chosen)
    }

    /// Reads the page in the languages that were chosen for it.
    fn read_in(
        &mut self,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
        chosen: ChosenLanguages,
    ) -> Result<ReadAny, ReadError> {
        let ChosenLanguages { languages, missing } = chosen;
        self.language_before = tongue::only(&languages);
        let (engine, page) = self.read(name, image, statistics, &languages)?;
        Ok(ReadAny { engine, page, languages, missing })
    }

    /// Reads the page in the usual language, if the engine reads its script in any language. `None` if it does not, or
    /// if the page turns out to have other letters, or a language that the engine does not read.
    fn read_in_script(
        &mut self,
        name: &str,
        image: &PageImage,
        statistics: &PageStatistics,
        at_hand: &AtHand,
    ) -> Result<Option<ReadAny>, ReadError> {
        let first = languages(at_hand.usual.code);
        let engine = self.choose(name, statistics, &first)?;
        let profile = engine.profile();
        if !profile.scripts.contains(&at_hand.usual.script) {
            return Ok(None);
        }
        let mut budget = Budget::of(engine, image, statistics);
        let page = read_as(engine, &profile, image, statistics, &first, &mut budget)?;
        let reading = Reading::of(&page.blocks, profile.sound, LEAST_READ * statistics.letters as f32);
        if reading.confidence() < reading.sound {
            return Ok(None);
        }
        // A short text may consist of similar letters of another script.
        let Some(likeliest) = reading.likeliest(|_| true) else { return Ok(None) };
        let found = if likeliest.tongue == at_hand.usual { None } else { reading.clear() };
        let (taken, missing) = match found {
            Some(tongue) if engine.reads(&languages(tongue.code)) => (languages(tongue.code), None),
            Some(tongue) if at_hand.has(tongue) => return Ok(None),
            Some(tongue) => (first, Some(MissingLanguage::of(tongue))),
            None => (first, None),
        };
        let engine = engine.name().to_owned();
        self.language_before = tongue::only(&taken);
        let (engine, page) = self.looked_at_again(name, engine, page, image, statistics, &taken, &mut budget)?;
        let page = self.without_dirt(name, &engine, page, image, statistics, &taken, &mut budget)?;
        let page = self.with_unread(name, &engine, page, image, statistics, &taken, &mut budget)?;
        Ok(Some(ReadAny { engine, page, languages: taken, missing }))
    }
}
