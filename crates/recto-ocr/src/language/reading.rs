//! Reading a page in whatever language it is.

use recto_domain::Languages;

use super::missing::MissingLanguage;
use super::{ChosenLanguages, Reading, Tongue, at_hand, choose_languages, languages};
use crate::page_image::PageImage;
use crate::read::ReadError;
use crate::read_page::{ReadPage, read_surveyed_page};
use crate::registry::EngineRegistry;
use crate::survey::Survey;

/// A page with no more letters than this is read by an engine that knows the usual script before its language is looked
/// for: a look at some lines would cost a good part of that.
const FEW_LETTERS: usize = 1500;

/// What was read of a page of which nobody named the language.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadAny {
    /// The engine that read it.
    pub engine: String,
    /// What it read.
    pub page: ReadPage,
    /// The languages that it was read in.
    pub languages: Languages,
    /// What the page seems to be in, if that is not installed.
    pub missing: Option<MissingLanguage>,
}

impl EngineRegistry {
    /// As [`EngineRegistry::read`], in the languages that [`choose_languages`] finds.
    ///
    /// An engine that reads a script, whatever the language, has read a page of it before the language is known: then all
    /// of its text tells that, and nothing is read for it alone.
    pub fn read_any(&mut self, name: &str, image: &PageImage, survey: &Survey) -> Result<ReadAny, ReadError> {
        if let Ok((installed, usual)) = at_hand(self, name)
            && survey.letters <= FEW_LETTERS
            && !survey.blank
            && let Some(read) = self.read_in_script(name, image, survey, usual, &installed)?
        {
            return Ok(read);
        }
        let ChosenLanguages { languages, missing } = choose_languages(self, name, image, survey)?;
        let (engine, page) = self.read(name, image, survey, &languages)?;
        Ok(ReadAny { engine, page, languages, missing })
    }

    /// Reads the page in the usual language, if the engine takes its script as a whole; `None` if it does not, or if the
    /// page turns out to be in other letters, or in a language that it does not read.
    fn read_in_script(
        &mut self,
        name: &str,
        image: &PageImage,
        survey: &Survey,
        usual: &'static Tongue,
        installed: &[&'static Tongue],
    ) -> Result<Option<ReadAny>, ReadError> {
        let first = languages(usual.code);
        let engine = self.choose(name, survey, &first)?;
        let profile = engine.profile();
        if !profile.scripts.contains(&usual.script) {
            return Ok(None);
        }
        let page = read_surveyed_page(engine, image, survey, &first)?;
        let reading = Reading::of(&page.blocks, profile.sound, survey.letters as f32);
        if reading.confidence() < reading.sound {
            return Ok(None);
        }
        // Few letters may be others that look alike.
        let Some(likeliest) = reading.likeliest(|_| true) else { return Ok(None) };
        let found = if likeliest.tongue == usual { None } else { reading.clear() };
        let (taken, missing) = match found {
            Some(tongue) if engine.reads(&languages(tongue.code)) => (languages(tongue.code), None),
            Some(tongue) if installed.iter().any(|other| other.code == tongue.code) => return Ok(None),
            Some(tongue) => (first, Some(MissingLanguage::of(tongue))),
            None => (first, None),
        };
        let engine = engine.name().to_owned();
        let (engine, page) = self.looked_at_again(name, engine, page, image, survey, &taken)?;
        Ok(Some(ReadAny { engine, page, languages: taken, missing }))
    }
}
