//! The languages of a page, by what an engine reads of a few of its lines.

use recto_domain::{Languages, Rotation};

use super::identify::{Identified, closest};
use super::missing::MissingLanguage;
use super::reading::Reading;
use super::sample::{Sample, Sheet};
use super::tongue::{self, Tongue};
use super::{AtHand, ChosenLanguages, languages};
use crate::engine::{Lettering, OcrError};
use crate::page_image::PageImage;
use crate::registry::EngineRegistry;
use crate::resample;
use crate::statistics::PageStatistics;

/// The share of a page's letters that tells the language of most pages, and no fewer and no more than so many letters:
/// the first look is to cost little, whatever stands on the page.
const FEW: (f32, f32, f32) = (0.05, 60.0, 100.0);
/// The same for the pages that this leaves in doubt.
const MORE: (f32, f32, f32) = (0.1, 120.0, 220.0);
/// How sure letters are, as a share of what an engine takes for sound, when they are not known to it at all.
const UNKNOWN: f32 = 0.6;
/// By how much more certain another script must come out than the usual one.
const OTHER_SCRIPT: f32 = 0.15;
/// Or how many times as many letters must come out right.
const OTHER_LETTERS: f32 = 1.3;
/// What part of the doubt that the usual language leaves another one must take away, when the text does not clearly tell.
const OTHER_LANGUAGE: f32 = 0.4;
/// How many scripts are tried when no engine can tell which one it is.
const SCRIPTS_TRIED: usize = 4;

/// What is known while the language of a page is looked for.
pub(super) struct Choice<'a> {
    pub(super) engines: &'a mut EngineRegistry,
    engine: &'a str,
    statistics: &'a PageStatistics,
    at_hand: &'a AtHand,
    sample: Sample<'a>,
}

/// Some lines of the page, and what they read as in the usual language.
pub(super) struct Look {
    sheet: Sheet,
    reading: Reading,
}

/// How many letters of such a page are a part of it.
fn part(statistics: &PageStatistics, (share, least, most): (f32, f32, f32)) -> f32 {
    (statistics.letters as f32 * share).clamp(least, most)
}

impl<'a> Choice<'a> {
    /// Of a page whose lines run from left to right or stand on their heads; `None` when it has none.
    pub(super) fn of(
        engines: &'a mut EngineRegistry,
        engine: &'a str,
        page: &'a PageImage,
        statistics: &'a PageStatistics,
        at_hand: &'a AtHand,
    ) -> Option<Self> {
        let sample = if statistics.blank { None } else { Sample::of(page, statistics) };
        sample.map(|sample| Self { engines, engine, statistics, at_hand, sample })
    }

    /// What a few lines are in the usual language; `None` when no line is long enough.
    pub(super) fn first_look(&mut self) -> Result<Option<Look>, OcrError> {
        let Some(sheet) = self.sheet(FEW) else { return Ok(None) };
        let reading = self.read(&sheet, self.at_hand.usual)?;
        Ok(Some(Look { sheet, reading }))
    }

    /// Whether those lines are in letters of the usual language's script, and not clearly in a language that is more than
    /// the engine of such a page reads of it. Without lines nothing speaks against it.
    pub(super) fn is_in_the_script(&mut self, look: Option<&Look>) -> bool {
        let Some(Look { reading, .. }) = look else { return true };
        if !reading.is_known() || reading.some_words().is_some() {
            return false;
        }
        let usual = self.at_hand.usual;
        let tongue = reading.likeliest(|_| true).filter(Identified::is_clear).map_or(usual, |found| found.tongue);
        let engine = self.engines.choose(self.engine, self.statistics, &languages(usual.code));
        engine.is_ok_and(|engine| !self.at_hand.has(tongue) || engine.reads(&languages(tongue.code)))
    }

    /// The languages to read the page in.
    pub(super) fn languages(&mut self, look: Option<Look>) -> Result<ChosenLanguages, OcrError> {
        let usual = self.at_hand.usual;
        let Some(Look { sheet, reading: first }) = look else { return Ok(ChosenLanguages::installed(usual)) };
        if let Some(chosen) = self.by_the_rest(&sheet, &first)? {
            return Ok(chosen);
        }
        let likeliest = first.likeliest(|_| true);
        if first.is_known() {
            let is_usual = likeliest.is_some_and(|found| found.tongue == usual);
            if is_usual && (first.confidence() >= first.sound || first.clear() == Some(usual)) {
                return Ok(ChosenLanguages::installed(usual));
            }
            if let Some(tongue) = first.clear().filter(|tongue| self.at_hand.has(tongue)) {
                return Ok(ChosenLanguages::installed(tongue));
            }
        }
        if first.confidence() < first.sound || likeliest.is_none() {
            if let Some(chosen) = self.as_before(&sheet, &first)? {
                return Ok(chosen);
            }
            let mut told = self.lettering(&sheet.image)?;
            let is_odd = |told: Option<Lettering>| {
                told.is_none_or(|told| told.script == usual.script && first.confidence() < UNKNOWN * first.sound)
            };
            if is_odd(told) {
                told = self.sheet(MORE).map(|whole| self.lettering(&whole.image)).transpose()?.flatten();
            }
            if is_odd(told) {
                told = None;
            }
            if told.is_some_and(|told| told.turn == Rotation::Half) && self.sample.turn_around() {
                let look = self.first_look()?;
                return self.languages(look);
            }
            if let Some(chosen) = self.by_script(&sheet, &first, told)? {
                return Ok(chosen);
            }
        }
        let further = match self.sample.sheet(part(self.statistics, FEW)..part(self.statistics, MORE)) {
            Some(sheet) => self.read(&sheet, usual)?,
            None => Reading::default(),
        };
        self.by_text(&sheet, &first, &first.clone().and(further))
    }

    /// The language of the page before, if that is in other letters than the usual language and this page clearly is in
    /// it too: pages of one language come together, and nothing else needs to be tried then. It must be surely so: the
    /// Thai model takes up to three of four Greek and Cyrillic letters for its own.
    fn as_before(&mut self, sheet: &Sheet, usual: &Reading) -> Result<Option<ChosenLanguages>, OcrError> {
        let Some(before) = self.engines.language_before else { return Ok(None) };
        if before.script == self.at_hand.usual.script || !self.at_hand.has(before) || before.has_twin() {
            return Ok(None);
        }
        let (reading, is_mixed) = self.read_foreign(sheet, before)?;
        if !is_better(&reading, usual) || !reading.is_surely_known() || reading.clear() != Some(before) {
            return Ok(None);
        }
        let chosen = ChosenLanguages::installed(before);
        Ok(Some(if is_mixed { chosen.and(self.at_hand.usual) } else { chosen }))
    }

    /// By what the usual language leaves unread: beside its words there may be others in another script.
    fn by_the_rest(&mut self, sheet: &Sheet, usual: &Reading) -> Result<Option<ChosenLanguages>, OcrError> {
        let words = usual.some_words().filter(|_| !self.at_hand.other_scripts().is_empty());
        let Some(words) = words else { return Ok(None) };
        match self.lettering(&sheet.without(words))? {
            Some(told) if told.turn == Rotation::None => self.by_script(sheet, usual, Some(told)),
            _ => Ok(None),
        }
    }

    /// What the lines are in a language of another script than the usual one: in both together where its own model knows
    /// no other letters, and with the usual one if words of that are among them.
    fn read_foreign(&mut self, sheet: &Sheet, tongue: &'static Tongue) -> Result<(Reading, bool), OcrError> {
        if tongue.knows_latin() || self.at_hand.usual.script != "Latn" {
            return Ok((self.read(sheet, tongue)?, false));
        }
        let both = self.read_in(sheet, &languages(&format!("{}+{}", tongue.code, self.at_hand.usual.code)))?;
        // In both, Latin letters that are badly printed come out well enough too.
        if !both.has_other_words() {
            return Ok((Reading::default(), false));
        }
        let is_mixed = both.has_latin_words();
        Ok((both.without_latin(), is_mixed))
    }

    fn sheet(&self, letters: (f32, f32, f32)) -> Option<Sheet> {
        self.sample.sheet(0.0..part(self.statistics, letters))
    }

    /// By what was read in the usual language, first of one sheet and then of more lines.
    fn by_text(&mut self, sheet: &Sheet, first: &Reading, all: &Reading) -> Result<ChosenLanguages, OcrError> {
        let usual = ChosenLanguages::installed(self.at_hand.usual);
        let clear = all.clear();
        if let Some(tongue) = clear.filter(|tongue| all.is_known() && self.at_hand.has(tongue)) {
            return Ok(ChosenLanguages::installed(tongue));
        }
        let missing = clear.filter(|tongue| all.is_known() && !self.at_hand.has(tongue)).map(MissingLanguage::of);
        let is_at_hand = |tongue: &Tongue| tongue.script == self.at_hand.usual.script && self.at_hand.has(tongue);
        let Some(found) = all.likeliest(is_at_hand).filter(|found| found.tongue != self.at_hand.usual) else {
            return Ok(ChosenLanguages { missing, ..usual });
        };
        let again = self.read(sheet, found.tongue)?;
        let is_better = again.doubt() < first.doubt() * (1.0 - OTHER_LANGUAGE);
        Ok(ChosenLanguages { missing, ..if is_better { ChosenLanguages::installed(found.tongue) } else { usual } })
    }

    /// By the script that the page seems to be in, if that is another one than the usual.
    fn by_script(
        &mut self,
        sheet: &Sheet,
        usual: &Reading,
        told: Option<Lettering>,
    ) -> Result<Option<ChosenLanguages>, OcrError> {
        let Some(whole) = self.sheet(MORE) else { return Ok(None) };
        let scripts = match told {
            Some(told) => vec![told.script],
            None if usual.is_known() => Vec::new(),
            None => self.at_hand.other_scripts().into_iter().take(SCRIPTS_TRIED).collect(),
        };
        for script in scripts.into_iter().filter(|script| *script != self.at_hand.usual.script) {
            let at_hand: Vec<&Tongue> = tongue::of_script(script).filter(|tongue| self.at_hand.has(tongue)).collect();
            let Some(&first) = at_hand.first() else {
                // Nothing can be tried: only letters that are none of the usual ones, and told so twice, are believed.
                let again = if usual.is_known() { None } else { self.lettering(&whole.image)? };
                if again.is_some_and(|again| again.script == script) {
                    return Ok(Some(self.without(script)));
                }
                continue;
            };
            let (reading, is_mixed) = self.read_foreign(sheet, first)?;
            if is_better(&reading, usual) {
                let chosen = self.sibling(&whole, first, &at_hand, reading)?;
                return Ok(Some(if is_mixed { chosen.and(self.at_hand.usual) } else { chosen }));
            }
        }
        Ok(None)
    }

    /// For a page in a script of which no language is installed: one of its languages in the usual script, if that is
    /// installed, such as German for Fraktur.
    fn without(&self, script: &str) -> ChosenLanguages {
        let is_written_so = |tongue: &Tongue| tongue::of_script(script).any(|other| other.lang == tongue.lang);
        let same = self
            .at_hand
            .installed
            .iter()
            .find(|tongue| tongue.script == self.at_hand.usual.script && is_written_so(tongue));
        let chosen = ChosenLanguages::installed(same.copied().unwrap_or(self.at_hand.usual));
        ChosenLanguages { missing: MissingLanguage::of_script(script), ..chosen }
    }

    /// Which of the languages of a script it is, by what was read of some lines in one of them.
    fn sibling(
        &mut self,
        whole: &Sheet,
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
        let missing = clear.filter(|tongue| !self.at_hand.has(tongue)).map(MissingLanguage::of);
        let other = match clear.filter(|tongue| tongue.lang != first.lang && self.at_hand.has(tongue)) {
            Some(tongue) => return Ok(ChosenLanguages::installed(tongue)),
            None => twin.or_else(|| closest(&reading.lines.join(" "), |tongue| at_hand.contains(&tongue))),
        };
        let taken = match other.filter(|other| other.code != first.code) {
            Some(other) if self.read(whole, other)?.confidence() > reading.confidence() => other,
            _ => first,
        };
        Ok(ChosenLanguages { missing, ..ChosenLanguages::installed(taken) })
    }

    fn read(&mut self, sheet: &Sheet, tongue: &Tongue) -> Result<Reading, OcrError> {
        self.read_in(sheet, &languages(tongue.code))
    }

    fn read_in(&mut self, sheet: &Sheet, languages: &Languages) -> Result<Reading, OcrError> {
        // An engine that does not exist reads nothing; the reading of the page will tell.
        let Ok(engine) = self.engines.choose(self.engine, self.statistics, languages) else {
            return Ok(Reading::default());
        };
        let profile = engine.profile();
        let is_usual = languages.codes() == [self.at_hand.usual.code];
        let least = if is_usual { least_letters(sheet, self.statistics) } else { 0.0 };
        let larger = profile.letters.zip(self.statistics.letter_height).and_then(|(wanted, height)| {
            let factor = (wanted.good / height).min(wanted.most);
            let image = &sheet.image;
            (height < wanted.low_in_doubt).then(|| resample::at_dpi(image, (image.dpi() as f32 * factor) as u32))
        });
        let read = match larger {
            Some(larger) => engine.recognize(&larger, languages),
            None => engine.skim(&sheet.image, &sheet.lines, languages),
        };
        match read {
            Ok(mut recognized) => {
                profile.calibration.apply(&mut recognized.blocks);
                Ok(Reading::of(&recognized.blocks, profile.sound, least))
            }
            // The page as a whole may still be read.
            Err(OcrError::Page { .. }) => Ok(Reading::default()),
            Err(error) => Err(error),
        }
    }

    /// What the first engine that can tell says.
    fn lettering(&mut self, image: &PageImage) -> Result<Option<Lettering>, OcrError> {
        for engine in self.engines.named(self.engine) {
            if let Some(told) = engine.lettering(image)? {
                return Ok(Some(told));
            }
        }
        Ok(None)
    }
}

/// Whether a reading in another script is of letters that stand there, rather than one in the usual script.
fn is_better(other: &Reading, usual: &Reading) -> bool {
    let is_surer = other.confidence() > usual.confidence() + OTHER_SCRIPT;
    other.is_known() && (is_surer || other.right > OTHER_LETTERS * usual.right)
}

/// How many letters stand on a sheet of lines at least, if they are Latin. Of 59 receipts, dense pages and pages in German,
/// French and Vietnamese that were read, 57 had as many; Arabic ones have fewer.
fn least_letters(sheet: &Sheet, statistics: &PageStatistics) -> f32 {
    let height = statistics.letter_height.unwrap_or(1.0).max(1.0);
    sheet.lines.iter().map(|line| 0.6 * line.width / height).sum()
}
