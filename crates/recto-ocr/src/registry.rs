//! The engines that are available to a process.

use recto_domain::{ANY_ENGINE, EngineInfo, Languages};

use crate::calibration::Calibration;
use crate::engine::{OcrEngine, OcrError};
use crate::language::Tongue;
use crate::profile::Profile;
use crate::statistics::PageStatistics;

/// Engines by name.
#[derive(Default)]
pub struct EngineRegistry {
    engines: Vec<Box<dyn OcrEngine>>,
    /// The language of the previous page if it had to be detected; the next page is probably in it too.
    pub(crate) language_before: Option<&'static Tongue>,
    pub(crate) confidences: Confidences,
}

/// The meaning of words' confidences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Confidences {
    /// The probability that a word is right, comparable between engines.
    #[default]
    Calibrated,
    /// The engine's own value.
    Raw,
}

impl Confidences {
    /// The profile for readings of the engine.
    pub(crate) fn profile(self, engine: &dyn OcrEngine) -> Profile {
        match self {
            Self::Calibrated => engine.profile(),
            Self::Raw => Profile { calibration: Calibration::IDENTITY, ..engine.profile() },
        }
    }
}

/// There is no engine with that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no OCR engine {name:?}; available are {}", .known.join(", "))]
pub struct UnknownEngine {
    /// The name as requested.
    pub name: String,
    /// The names of the available engines.
    pub known: Vec<String>,
}

impl EngineRegistry {
    /// A registry without engines.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an engine. An engine with the same name is replaced, and the new one takes its place in the order.
    #[must_use]
    pub fn with(mut self, engine: impl OcrEngine + 'static) -> Self {
        let engine: Box<dyn OcrEngine> = Box::new(engine);
        match self.engines.iter_mut().find(|e| e.name() == engine.name()) {
            Some(taken) => *taken = engine,
            None => self.engines.push(engine),
        }
        self
    }

    /// Uses the engines' own confidences, which have no common scale. Calibrations are fitted on these.
    #[must_use]
    pub fn with_raw_confidences(mut self) -> Self {
        self.confidences = Confidences::Raw;
        self
    }

    /// The engine with that name; or, for [`ANY_ENGINE`], the one whose reading of a page with those statistics is
    /// worth most among those that read the languages. If none reads them, the first engine, which reports what is
    /// missing.
    pub fn choose(
        &mut self,
        name: &str,
        page: &PageStatistics,
        languages: &Languages,
    ) -> Result<&mut dyn OcrEngine, UnknownEngine> {
        let found = if name == ANY_ENGINE {
            self.best(page, languages, None).or_else(|| (!self.engines.is_empty()).then_some(0))
        } else {
            self.engines.iter().position(|engine| engine.name() == name)
        };
        match found {
            Some(index) => Ok(self.engines[index].as_mut()),
            None => Err(UnknownEngine {
                name: name.to_owned(),
                known: self.engines.iter().map(|e| e.name().to_owned()).collect(),
            }),
        }
    }

    /// The engines that a name stands for: all of them for [`ANY_ENGINE`].
    pub(crate) fn named(&mut self, name: &str) -> impl Iterator<Item = &mut Box<dyn OcrEngine>> {
        self.engines.iter_mut().filter(move |engine| name == ANY_ENGINE || engine.name() == name)
    }

    /// The languages that the engines with that name read, sorted.
    pub(crate) fn languages(&mut self, name: &str) -> Vec<String> {
        let mut codes: Vec<String> = self.named(name).flat_map(|engine| engine.languages()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// An engine's error about a language that it does not read, with the languages of all engines of that name, unless
    /// another one reads it.
    pub(crate) fn with_all_languages(&mut self, name: &str, error: OcrError) -> OcrError {
        let all = self.languages(name);
        match error {
            OcrError::MissingLanguage { language, .. } if !all.contains(&language) => {
                OcrError::MissingLanguage { language, installed: all }
            }
            error => error,
        }
    }

    /// The best of the other engines that read the languages.
    pub(crate) fn choose_beside(
        &mut self,
        name: &str,
        page: &PageStatistics,
        languages: &Languages,
    ) -> Option<&mut dyn OcrEngine> {
        let found = self.best(page, languages, Some(name))?;
        Some(self.engines[found].as_mut())
    }

    /// The engine whose reading of the page is worth most, among those that read the languages.
    fn best(&self, page: &PageStatistics, languages: &Languages, but: Option<&str>) -> Option<usize> {
        let worth = |engine: &dyn OcrEngine| engine.expectation(page, languages).worth();
        let suits = |engine: &dyn OcrEngine| but != Some(engine.name()) && engine.reads(languages);
        let reading = self.engines.iter().enumerate().filter(|(_, engine)| suits(engine.as_ref()));
        let best = reading.max_by(|(i, a), (j, b)| worth(a.as_ref()).total_cmp(&worth(b.as_ref())).then(j.cmp(i)));
        best.map(|(index, _)| index)
    }

    /// Name, version and languages of every engine, in the order of registration.
    #[must_use]
    pub fn infos(&self) -> Vec<EngineInfo> {
        let info = |e: &dyn OcrEngine| EngineInfo {
            name: e.name().to_owned(),
            version: e.version(),
            languages: e.languages(),
        };
        self.engines.iter().map(|e| info(e.as_ref())).collect()
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::Languages;

    use super::*;
    use crate::{Expectation, PageImage, Recognized};

    /// An engine that reads one language, and every page equally well.
    struct Named {
        name: &'static str,
        version: &'static str,
        language: &'static str,
        right: f32,
    }

    impl OcrEngine for Named {
        fn name(&self) -> &'static str {
            self.name
        }
        fn version(&self) -> String {
            self.version.to_owned()
        }
        fn languages(&self) -> Vec<String> {
            vec![self.language.to_owned()]
        }
        fn profile(&self) -> Profile {
            Profile {
                calibration: Calibration::IDENTITY,
                sound: 0.7,
                sure: 0.9,
                letters: None,
                other_modes: &[],
                scripts: &["Latn"],
            }
        }
        fn expectation(&self, page: &PageStatistics, _: &Languages) -> Expectation {
            Expectation { right: self.right, seconds: page.letters as f32 / 1000.0 }
        }
        fn recognize(&mut self, _: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
            Ok(Recognized::default())
        }
    }

    fn registry() -> EngineRegistry {
        let engine = |name, version, language, right| Named { name, version, language, right };
        EngineRegistry::new()
            .with(engine("a", "1", "eng", 0.1))
            .with(engine("b", "1", "eng", 0.8))
            .with(engine("c", "1", "tha", 0.9))
            .with(engine("a", "2", "eng", 0.7))
    }

    #[test]
    fn a_missing_language_is_named_with_the_languages_of_all_engines() {
        let said = |name: &str, language: &str| {
            let missing =
                OcrError::MissingLanguage { language: language.to_owned(), installed: vec!["eng".to_owned()] };
            registry().with_all_languages(name, missing).to_string()
        };
        assert_eq!(said(ANY_ENGINE, "tlh"), "language \"tlh\" is not installed; installed are eng, tha");
        assert_eq!(said("a", "tlh"), "language \"tlh\" is not installed; installed are eng");
        assert_eq!(said(ANY_ENGINE, "tha"), "language \"tha\" is not installed; installed are eng", "of that engine");
    }

    #[test]
    fn engines_go_by_name_and_a_later_one_takes_the_place_of_its_namesake() {
        let (mut registry, page, english) = (registry(), PageStatistics::default(), "eng".parse().unwrap());
        assert_eq!(registry.choose("a", &page, &english).unwrap().version(), "2");
        assert_eq!(registry.choose("c", &page, &english).unwrap().name(), "c");
        let refusal = registry.choose("d", &page, &english).err().unwrap();
        assert_eq!(refusal.to_string(), "there is no OCR engine \"d\"; available are a, b, c");
        assert_eq!(registry.infos().len(), 3);
    }

    #[test]
    fn without_a_name_the_best_of_those_that_read_the_languages_is_chosen() {
        let (mut registry, page) = (registry(), PageStatistics::default());
        let mut chosen = |languages: &str| {
            registry.choose(ANY_ENGINE, &page, &languages.parse().unwrap()).unwrap().name().to_owned()
        };
        assert_eq!(chosen("eng"), "b");
        assert_eq!(chosen("tha"), "c");
        assert_eq!(chosen("eng+tha"), "a", "none reads both, and the first one says so");
    }
}
