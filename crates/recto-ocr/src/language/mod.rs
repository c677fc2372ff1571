//! Which languages a page is in, when nobody says: by what an engine reads of a few of its lines.
//!
//! The lines are read in the usual language first ([`Sample`] says which ones). Letters that an engine knows come out
//! sure, and the text tells which language it is even where its accents were lost; letters that it does not know come out
//! doubtful, and then the script is asked for and a language of that script tried. All this reads some hundred letters of
//! a page of thousands.

mod identify;
mod missing;
mod reading;
mod sample;
#[cfg(test)]
mod tests;
mod tongue;

use recto_domain::{Block, Languages, Rotation};

pub use identify::language_of;
pub use missing::MissingLanguage;
pub use reading::ReadAny;

use crate::engine::{Lettering, OcrError};
use crate::page_image::PageImage;
use crate::registry::EngineRegistry;
use crate::resample;
use crate::survey::Survey;
use identify::{Identified, closest, likeliest};
use sample::Sample;
use tongue::{TONGUES, Tongue};

/// The language that a page is read in unless it shows another one.
const USUAL: &str = "eng";
/// The share of a page's letters that tells the language of most pages, and no fewer and no more than so many letters:
/// the first look is to cost little, whatever stands on the page.
const FEW: (f32, f32, f32) = (0.05, 60.0, 100.0);
/// The same for the pages that this leaves in doubt.
const MORE: (f32, f32, f32) = (0.1, 120.0, 220.0);
/// How sure letters are, as a share of what an engine takes for sound, that are known to it, if not well printed.
const KNOWN: f32 = 0.8;
/// How sure they are, as such a share, when they are not known to it at all.
const UNKNOWN: f32 = 0.6;
/// By how much more certain another script must come out than the usual one.
const OTHER_SCRIPT: f32 = 0.15;
/// Or how many times as many letters must come out right.
const OTHER_LETTERS: f32 = 1.3;
/// What part of the doubt that the usual language leaves another one must take away, when the text does not clearly tell.
const OTHER_LANGUAGE: f32 = 0.4;
/// What part of the text must be in lines that tell the same language as the whole.
const AGREED: f32 = 0.7;
/// What part of the letters that the first look sees is read at least.
const LEAST_READ: f32 = 0.3;
/// How many lines are asked for that.
const TELLING_LINES: usize = 30;
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
    let (installed, usual) = match at_hand(engines, engine) {
        Ok(both) => both,
        Err(only) => return Ok(ChosenLanguages { languages: only, missing: None }),
    };
    let upright = survey.is_sideways().then(|| image.turned(Rotation::Clockwise));
    match Sample::of(upright.as_ref().unwrap_or(image), survey) {
        Some(mut sample) if !survey.blank => Choice { engines, engine, survey, installed, usual }.of(&mut sample),
        _ => Ok(ChosenLanguages::installed(usual)),
    }
}

/// The languages that the engines of that name read and that can be told, and the usual one of them; or the one to read
/// in when none can be told.
fn at_hand(engines: &mut EngineRegistry, engine: &str) -> Result<(Vec<&'static Tongue>, &'static Tongue), Languages> {
    let codes = engines.languages(engine);
    let installed: Vec<&'static Tongue> =
        TONGUES.iter().filter(|tongue| codes.iter().any(|c| c == tongue.code)).collect();
    match installed.iter().find(|tongue| tongue.code == USUAL).or(installed.first()).copied() {
        Some(usual) => Ok((installed, usual)),
        // Whoever reads the page tells what is missing; but an engine of one unknown language reads that.
        None => Err(codes.first().and_then(|code| code.parse().ok()).unwrap_or_else(|| languages(USUAL))),
    }
}

/// About how many letters stand on a sheet of lines.
fn letters_on(sheet: &PageImage, survey: &Survey) -> f32 {
    // A line takes some three heights of its letters, with what stands above and below it.
    let height = survey.letter_height.unwrap_or(1.0).max(1.0);
    let lines = (sheet.height() as f32 / (4.0 * height)).floor().max(1.0);
    lines * (sheet.width() as f32 / height - 2.0) / 2.0
}

fn languages(code: &str) -> Languages {
    code.parse().expect("the code of a known language is well-formed")
}

/// What was read of some lines in one language.
#[derive(Debug, Clone, Default)]
struct Reading {
    lines: Vec<String>,
    /// Letters and digits, and the sum of how likely each is right.
    letters: f32,
    right: f32,
    /// How many there are, by the first look.
    there: f32,
    /// The confidence from which on the engine takes a reading for sound.
    sound: f32,
}

impl Reading {
    /// Of lines on which so many letters stand.
    fn of(blocks: &[Block], sound: f32, there: f32) -> Self {
        let mut reading = Self { there, sound, ..Self::default() };
        for line in blocks.iter().flat_map(|block| &block.lines) {
            for word in &line.words {
                let letters = word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
                reading.letters += letters;
                reading.right += letters * word.confidence;
            }
            reading.lines.push(line.text());
        }
        reading
    }

    /// With what was read of further lines.
    fn and(mut self, other: Self) -> Self {
        self.lines.extend(other.lines);
        Self {
            letters: self.letters + other.letters,
            right: self.right + other.right,
            there: self.there + other.there,
            ..self
        }
    }

    /// How likely a letter is right, from 0 to 1. An engine may leave out what it does not know: of letters that are
    /// there, too many must not be missing.
    fn confidence(&self) -> f32 {
        let letters = self.letters.max(LEAST_READ * self.there);
        if letters > 0.0 { self.right / letters } else { 0.0 }
    }

    /// Whether the letters are such as the engine knows.
    fn is_known(&self) -> bool {
        self.confidence() >= KNOWN * self.sound
    }

    /// The language that the text is likely in, among some.
    fn likeliest(&self, is_among: impl Fn(&Tongue) -> bool) -> Option<Identified> {
        likeliest(&self.lines.join(" "), is_among)
    }

    /// The language that the text clearly is in, and most of its lines rather than in another: names and headings, of
    /// which receipts consist, are each in another one.
    fn clear(&self) -> Option<&'static Tongue> {
        let found = self.likeliest(|_| true).filter(Identified::is_clear)?;
        let (mut agreed, mut all) = (0, 0);
        for line in self.lines.iter().take(TELLING_LINES) {
            let letters = line.chars().filter(|c| c.is_alphabetic()).count();
            all += letters;
            if closest(line, |_| true) == Some(found.tongue) {
                agreed += letters;
            }
        }
        (agreed as f32 >= AGREED * all as f32).then_some(found.tongue)
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
    fn of(&mut self, sample: &mut Sample) -> Result<ChosenLanguages, OcrError> {
        let part = |(share, least, most): (f32, f32, f32)| (self.survey.letters as f32 * share).clamp(least, most);
        let (few, more) = (part(FEW), part(MORE));
        let Some(sheet) = sample.sheet(0.0..few) else { return Ok(ChosenLanguages::installed(self.usual)) };
        let first = self.read(&sheet, self.usual)?;
        let likeliest = first.likeliest(|_| true);
        if first.is_known() {
            let is_usual = likeliest.is_some_and(|found| found.tongue == self.usual);
            if is_usual && (first.confidence() >= first.sound || first.clear() == Some(self.usual)) {
                return Ok(ChosenLanguages::installed(self.usual));
            }
            if let Some(tongue) = first.clear().filter(|tongue| self.is_installed(tongue)) {
                return Ok(ChosenLanguages::installed(tongue));
            }
        }
        if first.confidence() < first.sound || likeliest.is_none() {
            let mut told = self.lettering(&sheet)?;
            let is_odd = |told: Option<Lettering>| {
                told.is_none_or(|told| told.script == self.usual.script && first.confidence() < UNKNOWN * first.sound)
            };
            if is_odd(told) {
                told = sample.sheet(0.0..more).map(|whole| self.lettering(&whole)).transpose()?.flatten();
            }
            if is_odd(told) {
                told = None;
            }
            if told.is_some_and(|told| told.turn == Rotation::Half) && sample.turn_around() {
                return self.of(sample);
            }
            if let Some(chosen) = self.by_script(sample, (few, more), &first, told)? {
                return Ok(chosen);
            }
        }
        let further = match sample.sheet(few..more) {
            Some(sheet) => self.read(&sheet, self.usual)?,
            None => Reading::default(),
        };
        self.by_text(&sheet, &first, &first.clone().and(further))
    }

    /// By what was read in the usual language, first of one sheet and then of more lines.
    fn by_text(&mut self, sheet: &PageImage, first: &Reading, all: &Reading) -> Result<ChosenLanguages, OcrError> {
        let usual = ChosenLanguages::installed(self.usual);
        let clear = all.clear();
        if let Some(tongue) = clear.filter(|tongue| all.is_known() && self.is_installed(tongue)) {
            return Ok(ChosenLanguages::installed(tongue));
        }
        let missing = clear.filter(|tongue| all.is_known() && !self.is_installed(tongue)).map(MissingLanguage::of);
        let is_at_hand = |tongue: &Tongue| tongue.script == self.usual.script && self.is_installed(tongue);
        let Some(found) = all.likeliest(is_at_hand).filter(|found| found.tongue != self.usual) else {
            return Ok(ChosenLanguages { missing, ..usual });
        };
        let again = self.read(sheet, found.tongue)?;
        let is_better = 1.0 - again.confidence() < (1.0 - first.confidence()) * (1.0 - OTHER_LANGUAGE);
        Ok(ChosenLanguages { missing, ..if is_better { ChosenLanguages::installed(found.tongue) } else { usual } })
    }

    /// By the script that the page seems to be in, if that is another one than the usual.
    fn by_script(
        &mut self,
        sample: &Sample,
        (few, more): (f32, f32),
        usual: &Reading,
        told: Option<Lettering>,
    ) -> Result<Option<ChosenLanguages>, OcrError> {
        let (Some(sheet), Some(whole)) = (sample.sheet(0.0..few), sample.sheet(0.0..more)) else { return Ok(None) };
        let scripts = match told {
            Some(told) => vec![told.script],
            None if usual.is_known() => Vec::new(),
            None => self.other_scripts(),
        };
        for script in scripts.into_iter().filter(|script| *script != self.usual.script) {
            let at_hand: Vec<&Tongue> = tongue::of_script(script).filter(|tongue| self.is_installed(tongue)).collect();
            let Some(&first) = at_hand.first() else {
                // Nothing can be tried: only letters that are none of the usual ones, and told so twice, are believed.
                let again = if usual.is_known() { None } else { self.lettering(&whole)? };
                if again.is_some_and(|again| again.script == script) {
                    return Ok(Some(self.without(script)));
                }
                continue;
            };
            let reading = self.read(&sheet, first)?;
            let is_surer = reading.confidence() > usual.confidence() + OTHER_SCRIPT;
            if reading.is_known() && (is_surer || reading.right > OTHER_LETTERS * usual.right) {
                return self.sibling(&whole, first, &at_hand, reading).map(Some);
            }
        }
        Ok(None)
    }

    /// For a page in a script of which no language is installed: one of its languages in the usual script, if that is
    /// installed, such as German for Fraktur.
    fn without(&self, script: &str) -> ChosenLanguages {
        let is_written_so = |tongue: &Tongue| tongue::of_script(script).any(|other| other.lang == tongue.lang);
        let same = self.installed.iter().find(|tongue| tongue.script == self.usual.script && is_written_so(tongue));
        let chosen = ChosenLanguages::installed(same.copied().unwrap_or(self.usual));
        ChosenLanguages { missing: MissingLanguage::of_script(script), ..chosen }
    }

    /// Which of the languages of a script it is, by what was read of some lines in one of them.
    fn sibling(
        &mut self,
        whole: &PageImage,
        first: &'static Tongue,
        at_hand: &[&'static Tongue],
        reading: Reading,
    ) -> Result<ChosenLanguages, OcrError> {
        let mut reading = reading;
        let mut clear = reading.clear();
        if clear.is_none() && tongue::of_script(first.script).nth(1).is_some() {
            reading = self.read(whole, first)?;
            clear = reading.clear();
        }
        // One language in two ways of writing: no identification tells which.
        let twin = at_hand.iter().find(|other| other.lang == first.lang && other.code != first.code).copied();
        let missing = clear.filter(|tongue| !self.is_installed(tongue)).map(MissingLanguage::of);
        let other = match clear.filter(|tongue| tongue.lang != first.lang && self.is_installed(tongue)) {
            Some(tongue) => return Ok(ChosenLanguages::installed(tongue)),
            None => twin.or_else(|| closest(&reading.lines.join(" "), |tongue| at_hand.contains(&tongue))),
        };
        let taken = match other.filter(|other| other.code != first.code) {
            Some(other) if self.read(whole, other)?.confidence() > reading.confidence() => other,
            _ => first,
        };
        Ok(ChosenLanguages { missing, ..ChosenLanguages::installed(taken) })
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
        let Ok(engine) = self.engines.choose(self.engine, self.survey, &languages) else {
            return Ok(Reading::default());
        };
        let profile = engine.profile();
        let larger = profile.letters.zip(self.survey.letter_height).and_then(|(wanted, height)| {
            let factor = (wanted.good / height).min(wanted.most);
            (height < wanted.low_in_doubt).then(|| resample::at_dpi(sheet, (sheet.dpi() as f32 * factor) as u32))
        });
        match engine.recognize(larger.as_ref().unwrap_or(sheet), &languages) {
            Ok(mut recognized) => {
                profile.calibration.apply(&mut recognized.blocks);
                Ok(Reading::of(&recognized.blocks, profile.sound, letters_on(sheet, self.survey)))
            }
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
