//! Which languages a page is in, when nobody says: by what an engine reads of a few of its lines.
//!
//! The lines are read in the usual language first ([`Sample`] says which ones). Letters that an engine knows come out
//! sure, and the text tells which language it is even where its accents were lost; letters that it does not know come out
//! doubtful, and then the script is asked for and a language of that script tried. All this reads some hundred letters of
//! a page of thousands. An engine that reads a script, whatever the language, then reads the whole page, all of whose text
//! tells the language.

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

/// The language that a page is read in unless it shows another one.
const USUAL: &str = "eng";

/// The languages to read a page in.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenLanguages {
    /// Installed ones.
    pub languages: Languages,
    /// What the page seems to be in, if that is not installed.
    pub missing: Option<MissingLanguage>,
}

impl ChosenLanguages {
    fn installed(tongue: &Tongue) -> Self {
        Self { languages: languages(tongue.code), missing: None }
    }

    /// With another language beside it.
    fn and(self, tongue: &Tongue) -> Self {
        Self { languages: languages(&format!("{}+{}", self.languages, tongue.code)), ..self }
    }
}

/// Chooses the languages of a page among those of the engine of that name, or of all engines for
/// [`ANY_ENGINE`](recto_domain::ANY_ENGINE). A page that tells too little is taken for English, or for the first
/// language there is.
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

/// The picture with its lines from left to right or on their heads; `None` when it is that as it is.
fn upright(image: &PageImage, statistics: &PageStatistics) -> Option<PageImage> {
    statistics.is_sideways().then(|| image.turned(Rotation::Clockwise))
}

/// What the engines of some name read and what can be told.
struct AtHand {
    installed: Vec<&'static Tongue>,
    usual: &'static Tongue,
}

impl AtHand {
    /// Or the language to read in when none can be told.
    fn of(engines: &mut EngineRegistry, engine: &str) -> Result<Self, Languages> {
        let codes = engines.languages(engine);
        let installed: Vec<&'static Tongue> =
            TONGUES.iter().filter(|tongue| codes.iter().any(|c| c == tongue.code)).collect();
        match installed.iter().find(|tongue| tongue.code == USUAL).or(installed.first()).copied() {
            Some(usual) => Ok(Self { installed, usual }),
            // Whoever reads the page tells what is missing; but an engine of one unknown language reads that.
            None => Err(codes.first().and_then(|code| code.parse().ok()).unwrap_or_else(|| languages(USUAL))),
        }
    }

    fn has(&self, tongue: &Tongue) -> bool {
        self.installed.iter().any(|installed| installed.code == tongue.code)
    }

    /// The scripts that languages are installed of, beside the usual one.
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

/// Of codes of known languages, with a `+` between them.
fn languages(codes: &str) -> Languages {
    codes.parse().expect("codes of known languages are well-formed")
}
