//! Detection of a page's languages, when none are named, from an engine's reading of a few lines.
//!
//! The lines are read in the usual language first ([`Sample`] chooses them). Letters that an engine knows come out with
//! high confidence, and the text then shows its language even if accents were lost. Letters that it does not know come
//! out doubtful; then the script is determined and a language of that script is tried. All this reads a few hundred
//! letters of a page of thousands. An engine that reads a script in any language then reads the whole page, whose text
//! shows the language.

mod choice;
mod identify;
mod missing;
mod read_any;
mod reading;
mod sample;
#[cfg(test)]
mod tests;
mod tongue;

use recto_domain::{Languages, Rotation};

pub use identify::language_of;
pub use missing::MissingLanguage;
pub use read_any::ReadAny;
pub(crate) use tongue::Tongue;
pub use tongue::script_of;

use crate::engine::OcrError;
use crate::page_image::PageImage;
use crate::registry::EngineRegistry;
use crate::statistics::PageStatistics;
use choice::Choice;
use tongue::TONGUES;

/// The language in which a page is read unless it shows another one.
const USUAL: &str = "eng";

/// The chosen languages for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenLanguages {
    /// The languages to read it in, all of them installed.
    pub languages: Languages,
    /// The apparent language of the page, if it is not installed.
    pub missing: Option<MissingLanguage>,
}

impl ChosenLanguages {
    fn installed(tongue: &Tongue) -> Self {
        Self { languages: languages(tongue.code), missing: None }
    }

    /// The same with another language added.
    fn and(self, tongue: &Tongue) -> Self {
        Self { languages: languages(&format!("{}+{}", self.languages, tongue.code)), ..self }
    }
}

/// Chooses the languages of a page among those of the named engine, or of all engines for
/// [`ANY_ENGINE`](recto_domain::ANY_ENGINE). A page with too little evidence is read as English, or in the first
/// available language.
pub fn choose_languages(
    engines: &mut EngineRegistry,
    engine: &str,
    image: &PageImage,
    statistics: &PageStatistics,
) -> Result<ChosenLanguages, OcrError> {
    let at_hand = match AtHand::of(engines, engine) {
        Ok(at_hand) => at_hand,
        Err(only) => return Ok(ChosenLanguages { languages: only, missing: None }),
    };
    let upright = upright(image, statistics);
    match Choice::of(engines, engine, upright.as_ref().unwrap_or(image), statistics, &at_hand) {
        Some(mut choice) => {
            let look = choice.first_look()?;
            choice.languages(look)
        }
        None => Ok(ChosenLanguages::installed(at_hand.usual)),
    }
}

/// The picture turned so that its lines run from left to right or are upside down; `None` when they already do.
fn upright(image: &PageImage, statistics: &PageStatistics) -> Option<PageImage> {
    statistics.is_sideways().then(|| image.turned(Rotation::Clockwise))
}

/// The languages available with the engines of a name.
struct AtHand {
    installed: Vec<&'static Tongue>,
    usual: &'static Tongue,
}

impl AtHand {
    /// The languages; or `Err` with the language to read in when none can be determined.
    fn of(engines: &mut EngineRegistry, engine: &str) -> Result<Self, Languages> {
        let codes = engines.languages(engine);
        let installed: Vec<&'static Tongue> =
            TONGUES.iter().filter(|tongue| codes.iter().any(|c| c == tongue.code)).collect();
        match installed.iter().find(|tongue| tongue.code == USUAL).or(installed.first()).copied() {
            Some(usual) => Ok(Self { installed, usual }),
            // The reading of the page reports what is missing. A single unknown language of an engine is used as it is.
            None => Err(codes.first().and_then(|code| code.parse().ok()).unwrap_or_else(|| languages(USUAL))),
        }
    }

    fn has(&self, tongue: &Tongue) -> bool {
        self.installed.iter().any(|installed| installed.code == tongue.code)
    }

    /// The scripts of the installed languages, except for the usual one.
    fn other_scripts(&self) -> Vec<&'static str> {
        let mut scripts: Vec<&'static str> = Vec::new();
        for tongue in &self.installed {
            if tongue.script != self.usual.script && !scripts.contains(&tongue.script) {
                scripts.push(tongue.script);
            }
        }
        scripts
    }
}

/// Languages from codes of known languages, separated by `+`.
fn languages(codes: &str) -> Languages {
    codes.parse().expect("codes of known languages are well-formed")
}
