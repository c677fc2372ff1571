//! Document-level properties of an original: title and author, metadata, language, viewing preferences, and output
//! intents. An export of a single original keeps them.

use super::copy::Copier;
use super::object::{Dictionary, Object};
use super::writer::Writer;
use crate::options::PdfStandard;

/// Entries of the information dictionary that are kept (ISO 32000-1, section 14.3.3).
const TOLD: [&str; 7] = ["Title", "Author", "Subject", "Keywords", "Creator", "CreationDate", "Trapped"];
/// Entries about the creation of the file itself.
const MAKERS: [&str; 2] = ["Producer", "ModDate"];
/// Entries of the catalog that are kept (ISO 32000-1, section 7.7.2).
const CATALOG: [&str; 6] = ["Collection", "Lang", "Metadata", "PageLayout", "PageMode", "ViewerPreferences"];

/// Those of them that are written anew if the file follows a standard that its original does not.
const NOT_MENDED: [&str; 2] = ["Collection", "Metadata"];

/// The text of a text string (ISO 32000-1, section 7.9.2.2), without characters that are not text.
pub(super) fn text_of(object: &Object) -> Option<String> {
    let Object::String(bytes) = object else { return None };
    let text: String = match bytes.as_slice() {
        [0xFE, 0xFF, units @ ..] => {
            let units = units.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xEF, 0xBB, 0xBF, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        // Close to Latin-1, apart from a few characters.
        text => text.iter().map(|byte| char::from(*byte)).collect(),
    };
    let text: String = text.chars().filter(|character| !character.is_control()).collect();
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The properties kept from originals.
#[derive(Default)]
pub(super) struct Properties {
    /// Entries of the information dictionary.
    pub(super) information: Dictionary,
    /// Entries of the catalog.
    pub(super) catalog: Dictionary,
    /// Whether the document-level properties of the only original were kept.
    pub(super) are_taken: bool,
    /// The output intents of originals, each once.
    intents: Vec<Object>,
}

impl Properties {
    /// Takes the properties of the only original.
    pub(super) fn take(&mut self, standard: Option<PdfStandard>, copier: &mut Copier, writer: &mut Writer<'_>) {
        let is_mended = copier.mender.is_some();
        self.are_taken = !is_mended;
        let catalog = copier.source.catalog();
        for key in CATALOG.iter().filter(|key| !is_mended || !NOT_MENDED.contains(key)) {
            if let Some(value) = catalog.get(key) {
                self.catalog.set(key, copier.translated(value, writer));
            }
        }
        let information = copier.source.information();
        // An archival file whose metadata are kept also keeps its creator and dates.
        let with_makers = self.are_taken && standard.is_some();
        for key in TOLD.into_iter().chain(MAKERS.into_iter().filter(|_| with_makers)) {
            let value = information.get(key).map(|value| copier.source.resolved(value));
            match value {
                // The metadata contain the same, if it is text.
                Some(value) if is_mended => {
                    if let Some(text) = text_of(&value).filter(|_| key != "CreationDate") {
                        self.information.set(key, Object::text(&text));
                    }
                }
                Some(value @ (Object::String(_) | Object::Name(_))) => self.information.set(key, value),
                _ => {}
            }
        }
    }

    /// Adds the output intents of an original.
    pub(super) fn join_intents(&mut self, copier: &mut Copier, writer: &mut Writer<'_>) {
        let intents = copier.source.catalog().get("OutputIntents").and_then(|list| copier.source.array(list));
        for intent in intents.unwrap_or_default() {
            let Some(intent) = copier.source.dictionary(&intent) else { continue };
            let Object::Dictionary(intent) = copier.translated(&intent.into(), writer) else { continue };
            let is_same = |known: &Object| {
                let same = |key| known.as_dictionary().is_some_and(|known| known.get(key) == intent.get(key));
                same("S") && same("OutputConditionIdentifier")
            };
            if !self.intents.iter().any(is_same) {
                self.intents.push(intent.into());
            }
        }
    }

    /// Adds the kept entries to the catalog.
    pub(super) fn complete(&self, mut catalog: Dictionary) -> Dictionary {
        for (key, value) in self.catalog.iter() {
            catalog.insert(key.clone(), value.clone());
        }
        if !self.intents.is_empty() {
            catalog.set("OutputIntents", self.intents.clone());
        }
        catalog
    }
}
