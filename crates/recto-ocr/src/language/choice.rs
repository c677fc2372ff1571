//! Chooses the languages of a page from an engine's reading of a few of its lines.

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
use crate::upright::{CLEARLY_TURNED, LEAST_TURNED};

/// How much of a page is read first: a share of its letters, which is enough for most pages, with a minimum and a
/// maximum number of letters. The first look must be cheap on any page.
const FEW: (f32, f32, f32) = (0.05, 60.0, 100.0);
/// The same for pages that remain in doubt after it.
const MORE: (f32, f32, f32) = (0.1, 120.0, 220.0);
/// Below this confidence, as a share of what the engine considers sound, the engine does not know the letters at all.
const UNKNOWN: f32 = 0.6;
/// By how much the confidence in another script must exceed that in the usual one.
const OTHER_SCRIPT: f32 = 0.15;
/// Alternatively, by which factor the number of correct letters must exceed it.
const OTHER_LETTERS: f32 = 1.3;
/// The share of the usual language's doubt that another language must remove, when the text itself does not clearly
/// identify the language.
const OTHER_LANGUAGE: f32 = 0.4;
/// The least share of the expected letters that a sheet of Latin lines has. It was reached by 57 of 59 receipts, dense
/// pages, and pages in German, French and Vietnamese; Arabic pages have fewer.
const LEAST_LATIN: f32 = 0.6;
/// How many scripts are tried when no engine can tell the script.
const SCRIPTS_TRIED: usize = 4;

/// The state of the search for a page's language.
pub(super) struct Choice<'a> {
    pub(super) engines: &'a mut EngineRegistry,
    engine: &'a str,
    statistics: &'a PageStatistics,
    at_hand: &'a AtHand,
    sample: Sample<'a>,
    /// What the search has cost so far, in seconds of one core as the engines estimate them.
    pub(super) spent: f32,
    /// Whether the lines were read well after they were turned around.
    is_upside_down: bool,
}

/// Some lines of the page, and their reading in the usual language.
pub(super) struct Look {
    sheet: Sheet,
    reading: Reading,
}

impl Look {
    /// Whether the lines are read well.
    fn is_sound(&self) -> bool {
        self.reading.confidence() >= self.reading.sound
    }
}

/// How many letters to read of a page with those statistics.
fn part(statistics: &PageStatistics, (share, least, most): (f32, f32, f32)) -> f32 {
    (statistics.letters as f32 * share).clamp(least, most)
}

impl<'a> Choice<'a> {
    /// A search for a page whose lines run from left to right or are upside down; `None` when it has no lines.
    pub(super) fn of(
        engines: &'a mut EngineRegistry,
        engine: &'a str,
        page: &'a PageImage,
        statistics: &'a PageStatistics,
        at_hand: &'a AtHand,
    ) -> Option<Self> {
        let sample = if statistics.blank { None } else { Sample::of(page, statistics) };
        sample.map(|sample| Self { engines, engine, statistics, at_hand, sample, spent: 0.0, is_upside_down: false })
    }

    /// The turn that brings the picture upright, if its lines are upside down and are read well the other way up. An
    /// engine may read letters that are upside down surely, so that lines read well are no evidence of the contrary.
    pub(super) fn turn(&self) -> Option<Rotation> {
        let turn = if self.statistics.is_sideways() { Rotation::CounterClockwise } else { Rotation::Half };
        self.is_upside_down.then_some(turn)
    }

    /// The reading of a few lines in the usual language; `None` when no line is long enough. If they are read
    /// doubtfully one way up and clearly better the other way, they are upside down. Reading them twice costs less than
    /// asking for their script.
    pub(super) fn first_look(&mut self) -> Result<Option<Look>, OcrError> {
        let Some(look) = self.look()? else { return Ok(None) };
        self.is_upside_down = self.sample.is_turned() && look.is_sound();
        if look.is_sound() || !self.sample.turn_around() {
            return Ok(Some(look));
        }
        let other = self.look()?;
        let least = LEAST_TURNED.max(CLEARLY_TURNED * look.reading.right);
        let is_clear = |other: &Look| other.reading.is_known() && other.reading.right >= least;
        if let Some(other) = other.filter(is_clear) {
            self.is_upside_down = true;
            return Ok(Some(other));
        }
        self.sample.turn_back();
        Ok(Some(look))
    }

    fn look(&mut self) -> Result<Option<Look>, OcrError> {
        let Some(sheet) = self.sheet(FEW) else { return Ok(None) };
        let reading = self.read(&sheet, self.at_hand.usual)?;
        Ok(Some(Look { sheet, reading }))
    }

    /// Whether those lines are in the script of the usual language, and not clearly in a language that the engine does
    /// not read. Without lines, the answer is yes.
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
            let mut told = self.lettering(&sheet.image, sheet.letters)?;
            let is_odd = |told: Option<Lettering>| {
                told.is_none_or(|told| told.script == usual.script && first.confidence() < UNKNOWN * first.sound)
            };
            if is_odd(told) {
                told = self.sheet(MORE).map(|whole| self.lettering(&whole.image, whole.letters)).transpose()?.flatten();
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

    /// The language of the previous page, if it has another script than the usual language and this page is clearly in
    /// it too. Pages of one language come together, and nothing else needs to be tried then. The reading must be very
    /// confident: the Thai model takes up to three of four Greek and Cyrillic letters for its own.
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

    /// Examines what the usual language leaves unread: there may be words in another script beside its own.
    fn by_the_rest(&mut self, sheet: &Sheet, usual: &Reading) -> Result<Option<ChosenLanguages>, OcrError> {
        let words = usual.some_words().filter(|_| !self.at_hand.other_scripts().is_empty());
        let Some(words) = words else { return Ok(None) };
        match self.lettering(&sheet.without(words), sheet.letters)? {
            Some(told) if told.turn == Rotation::None => self.by_script(sheet, usual, Some(told)),
            _ => Ok(None),
        }
    }

    /// Reads the lines in a language whose script differs from the usual one. If its model knows no Latin letters, both
    /// languages are used together. The flag says whether there are words of the usual language as well.
    fn read_foreign(&mut self, sheet: &Sheet, tongue: &'static Tongue) -> Result<(Reading, bool), OcrError> {
        if tongue.knows_latin() || self.at_hand.usual.script != "Latn" {
            return Ok((self.read(sheet, tongue)?, false));
        }
        let both = self.read_in(sheet, &languages(&format!("{}+{}", tongue.code, self.at_hand.usual.code)))?;
        // With both languages, badly printed Latin letters are read well enough too.
        if !both.has_other_words() {
            return Ok((Reading::default(), false));
        }
        let is_mixed = both.has_latin_words();
        Ok((both.without_latin(), is_mixed))
    }

    fn sheet(&self, letters: (f32, f32, f32)) -> Option<Sheet> {
        self.sample.sheet(0.0..part(self.statistics, letters))
    }

    /// Decides by the text read in the usual language, first from one sheet and then from more lines.
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

    /// Decides by the script of the page, if it seems to differ from the usual one.
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
                // No language of the script can be tried. The script is accepted only if the letters are unknown in the
                // usual language and the script is reported twice.
                let again = if usual.is_known() { None } else { self.lettering(&whole.image, whole.letters)? };
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

    /// The choice for a page in a script of which no language is installed: one of its languages in the usual script,
    /// if that is installed, such as German for Fraktur.
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

    /// Decides between the languages of a script, from the reading of some lines in one of them.
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
        // A language with two writing systems, which the identification cannot tell apart.
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
        // An engine that does not exist reads nothing; the reading of the page reports the error.
        let Ok(engine) = self.engines.choose(self.engine, self.statistics, languages) else {
            return Ok(Reading::default());
        };
        let profile = engine.profile();
        let is_usual = languages.codes() == [self.at_hand.usual.code];
        let least = if is_usual { LEAST_LATIN * sheet.letters as f32 } else { 0.0 };
        let larger = profile.letters.zip(self.statistics.letter_height).and_then(|(wanted, height)| {
            let factor = (wanted.good / height).min(wanted.most);
            let image = &sheet.image;
            (height < wanted.low_in_doubt).then(|| resample::at_dpi(image, (image.dpi() as f32 * factor) as u32))
        });
        let read = if let Some(larger) = larger {
            self.spent += engine.cost(larger.luma().len(), sheet.letters);
            engine.recognize(&larger, languages)
        } else {
            self.spent += engine.cost_of_skimming(sheet.image.luma().len(), sheet.letters);
            engine.skim(&sheet.image, &sheet.lines, languages)
        };
        match read {
            Ok(mut recognized) => {
                profile.calibration.apply(&mut recognized.blocks);
                Ok(Reading::of(&recognized.blocks, profile.sound, least))
            }
            // The page as a whole may still be readable.
            Err(OcrError::Page { .. }) => Ok(Reading::default()),
            Err(error) => Err(error),
        }
    }

    /// The answer of the first engine that can tell the script of a picture with that many letters.
    fn lettering(&mut self, image: &PageImage, letters: usize) -> Result<Option<Lettering>, OcrError> {
        for engine in self.engines.named(self.engine) {
            if let Some(told) = engine.lettering(image)? {
                self.spent += engine.cost(image.luma().len(), letters);
                return Ok(Some(told));
            }
        }
        Ok(None)
    }
}

/// Whether a reading in another script shows the actual letters, rather than the reading in the usual script.
fn is_better(other: &Reading, usual: &Reading) -> bool {
    let is_surer = other.confidence() > usual.confidence() + OTHER_SCRIPT;
    other.is_known() && (is_surer || other.right > OTHER_LETTERS * usual.right)
}
