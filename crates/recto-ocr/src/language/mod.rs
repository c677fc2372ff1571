//! Which languages a page is in, when nobody says: by what an engine reads of a few of its lines.
//!
//! The lines are read in the usual language first ([`Sample`] says which ones). Letters that an engine knows come out
//! sure, and the text tells which language it is even where its accents were lost; letters that it does not know come out
//! doubtful, and then the script is asked for and a language of that script tried. All this reads some hundred letters of
//! a page of thousands.

mod identify;
mod missing;
mod sample;
mod tongue;

use recto_domain::{Languages, Rotation};

pub use identify::language_of;
pub use missing::MissingLanguage;

use crate::engine::{Lettering, OcrError, Recognized};
use crate::page_image::PageImage;
use crate::registry::EngineRegistry;
use crate::resample;
use crate::survey::Survey;
use identify::{Identified, likeliest};
use sample::Sample;
use tongue::{TONGUES, Tongue};

/// The language that a page is read in unless it shows another one.
const USUAL: &str = "eng";
/// So many letters tell the language of most pages,
const FEW_LETTERS: f32 = 100.0;
/// and so many of those that they leave in doubt.
const MORE_LETTERS: f32 = 220.0;
/// How many scripts are tried when no engine can tell which one it is.
const SCRIPTS_TRIED: usize = 4;

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
}

/// Chooses the languages of a page among those of the engine of that name, or of all engines for
/// [`ANY_ENGINE`](recto_domain::ANY_ENGINE). A page that tells too little is taken for English, or for the first
/// language there is.
pub fn choose_languages(
    engines: &mut EngineRegistry,
    engine: &str,
    image: &PageImage,
    survey: &Survey,
) -> Result<ChosenLanguages, OcrError> {
    let codes = engines.languages(engine);
    let installed: Vec<&'static Tongue> = TONGUES.iter().filter(|tongue| codes.iter().any(|c| c == tongue.code)).collect();
    let usual = installed.iter().find(|tongue| tongue.code == USUAL).or(installed.first()).copied();
    let Some(usual) = usual else {
        // Whoever reads the page tells what is missing; but an engine of one unknown language reads that.
        let first = codes.first().and_then(|code| code.parse().ok()).unwrap_or_else(|| languages(USUAL));
        return Ok(ChosenLanguages { languages: first, missing: None });
    };
    let upright = survey.is_sideways().then(|| image.turned(Rotation::Clockwise));
    match Sample::of(upright.as_ref().unwrap_or(image), survey) {
        Some(sample) if !survey.blank => Choice { engines, engine, survey, installed, usual }.of(&sample),
        _ => Ok(ChosenLanguages::installed(usual)),
    }
}

fn languages(code: &str) -> Languages {
    code.parse().expect("the code of a known language is well-formed")
}

/// What was read of some lines in one language.
#[derive(Debug, Default)]
struct Reading {
    text: String,
    /// How likely its letters are right, from 0 to 1.
    confidence: f32,
    /// Whether the engine takes the lines to be in letters that it knows.
    is_sound: bool,
}

impl Reading {
    fn of(recognized: &Recognized, sound: f32) -> Self {
        let (mut text, mut sum, mut all) = (String::new(), 0.0, 0.0);
        for word in recognized.blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words) {
            let letters = word.text.chars().filter(|c| c.is_alphabetic()).count() as f32;
            (sum, all) = (sum + letters * word.confidence, all + letters);
            text.push_str(&word.text);
            text.push(' ');
        }
        let confidence = if all > 0.0 { sum / all } else { 0.0 };
        Self { text, confidence, is_sound: confidence >= sound }
    }
}

/// What is known while the language of a page is looked for.
struct Choice<'a> {
    engines: &'a mut EngineRegistry,
    engine: &'a str,
    survey: &'a Survey,
    installed: Vec<&'static Tongue>,
    usual: &'static Tongue,
}

impl Choice<'_> {
    fn of(&mut self, sample: &Sample) -> Result<ChosenLanguages, OcrError> {
        let few = self.read(&sample.sheet(FEW_LETTERS), self.usual)?;
        if few.is_sound
            && let Some(found) = likeliest(&few.text, TONGUES.iter()).filter(Identified::is_clear)
            && self.is_installed(found.tongue)
        {
            return Ok(ChosenLanguages::installed(found.tongue));
        }
        let sheet = sample.sheet(MORE_LETTERS);
        if few.is_sound {
            let more = self.read(&sheet, self.usual)?;
            return self.by_text(&sheet, self.usual, more);
        }
        let told = self.lettering(&sheet)?;
        let sheet = match told {
            Some(told) if told.turn == Rotation::Half => sheet.turned(Rotation::Half),
            _ => sheet,
        };
        let others: Vec<&str> = match told {
            Some(told) => vec![told.script],
            None => self.other_scripts(),
        };
        for script in others {
            if let Some(chosen) = self.by_script(&sheet, script, &few)? {
                return Ok(chosen);
            }
        }
        let more = self.read(&sheet, self.usual)?;
        self.by_text(&sheet, self.usual, more)
    }

    /// By what was read in a language, of whose script the page is.
    fn by_text(&mut self, sheet: &PageImage, read_in: &'static Tongue, reading: Reading) -> Result<ChosenLanguages, OcrError> {
        let siblings = || tongue::of_script(read_in.script);
        let installed = self.installed.clone();
        let at_hand = siblings().filter(move |tongue| installed.contains(tongue));
        let among_all = likeliest(&reading.text, siblings());
        let (Some(best), Some(usable)) = (among_all, likeliest(&reading.text, at_hand)) else {
            return Ok(ChosenLanguages::installed(read_in));
        };
        if best.tongue == usable.tongue && (best.is_clear() || usable.tongue == read_in) {
            return Ok(ChosenLanguages::installed(usable.tongue));
        }
        let missing = (best.is_clear() && !self.is_installed(best.tongue)).then(|| MissingLanguage::of(best.tongue));
        // Of languages alike, that one is taken whose letters and words are the surer ones.
        let is_better = usable.tongue != read_in && {
            let again = self.read(sheet, usable.tongue)?;
            again.confidence > reading.confidence
        };
        let taken = if is_better { usable.tongue } else { read_in };
        Ok(ChosenLanguages { missing, ..ChosenLanguages::installed(taken) })
    }

    /// By the script that the page seems to be in; `None` when that reads no better than the usual one.
    fn by_script(&mut self, sheet: &PageImage, script: &str, usual: &Reading) -> Result<Option<ChosenLanguages>, OcrError> {
        if script == self.usual.script {
            return Ok(None);
        }
        let at_hand: Vec<&'static Tongue> = tongue::of_script(script).filter(|tongue| self.is_installed(tongue)).collect();
        let Some(&first) = at_hand.first() else {
            let missing = MissingLanguage::of_script(script);
            return Ok(missing.map(|missing| ChosenLanguages { missing: Some(missing), ..ChosenLanguages::installed(self.usual) }));
        };
        let reading = self.read(sheet, first)?;
        if reading.confidence <= usual.confidence {
            return Ok(None);
        }
        if likeliest(&reading.text, at_hand.iter().copied()).is_some_and(|found| found.tongue.lang == first.lang)
            && let Some(&other) = at_hand.iter().skip(1).find(|other| other.lang == first.lang)
        {
            // One language in two ways of writing, which no identification tells apart.
            let again = self.read(sheet, other)?;
            let taken = if again.confidence > reading.confidence { other } else { first };
            return Ok(Some(ChosenLanguages::installed(taken)));
        }
        self.by_text(sheet, first, reading).map(Some)
    }

    /// The scripts that languages are installed of, beside the usual one.
    fn other_scripts(&self) -> Vec<&'static str> {
        let mut scripts: Vec<&'static str> = Vec::new();
        for tongue in &self.installed {
            if tongue.script != self.usual.script && !scripts.contains(&tongue.script) {
                scripts.push(tongue.script);
            }
        }
        scripts.truncate(SCRIPTS_TRIED);
        scripts
    }

    fn is_installed(&self, tongue: &Tongue) -> bool {
        self.installed.iter().any(|installed| installed.code == tongue.code)
    }

    fn read(&mut self, sheet: &PageImage, tongue: &Tongue) -> Result<Reading, OcrError> {
        let languages = languages(tongue.code);
        // An engine that does not exist reads nothing; the reading of the page will tell.
        let Ok(engine) = self.engines.choose(self.engine, self.survey, &languages) else { return Ok(Reading::default()) };
        let profile = engine.profile();
        let larger = profile.letters.zip(self.survey.letter_height).and_then(|(wanted, height)| {
            let factor = (wanted.good / height).min(wanted.most);
            (height < wanted.low_in_doubt).then(|| resample::at_dpi(sheet, (sheet.dpi() as f32 * factor) as u32))
        });
        match engine.recognize(larger.as_ref().unwrap_or(sheet), &languages) {
            Ok(recognized) => Ok(Reading::of(&recognized, profile.sound)),
            // The page as a whole may still be read.
            Err(OcrError::Page { .. }) => Ok(Reading::default()),
            Err(error) => Err(error),
        }
    }

    /// What the first engine that can tell says.
    fn lettering(&mut self, sheet: &PageImage) -> Result<Option<Lettering>, OcrError> {
        for engine in self.engines.named(self.engine) {
            if let Some(told) = engine.lettering(sheet)? {
                return Ok(Some(told));
            }
        }
        Ok(None)
    }
}
