//! What an original says of itself as a whole: its title and author, its metadata, its language, how it wants to be
//! shown and what its colours are meant for. An export of one original says the same.

use super::copy::Copier;
use super::object::{Dictionary, Object};
use super::writer::Writer;

/// Entries of the information dictionary that stay as they are (ISO 32000-1, section 14.3.3).
const TOLD: [&str; 7] = ["Title", "Author", "Subject", "Keywords", "Creator", "CreationDate", "Trapped"];
/// Entries of the catalog that stay as they are (ISO 32000-1, section 7.7.2).
const CATALOG: [&str; 6] = ["Collection", "Lang", "Metadata", "PageLayout", "PageMode", "ViewerPreferences"];

/// What is taken over from originals.
#[derive(Default)]
pub(super) struct Properties {
    /// Entries of the information dictionary.
    pub(super) information: Dictionary,
    /// Entries of the catalog.
    pub(super) catalog: Dictionary,
    /// Whether what the only original says of itself as a whole was taken over.
    pub(super) are_taken: bool,
    /// What the colours of originals are meant for, each once.
    intents: Vec<Object>,
}

impl Properties {
    /// Takes over what the only original says.
    pub(super) fn take(&mut self, copier: &mut Copier, writer: &mut Writer<'_>) {
        self.are_taken = true;
        let catalog = copier.source.catalog();
        for key in CATALOG {
            if let Some(value) = catalog.get(key) {
                self.catalog.set(key, copier.translated(value, writer));
            }
        }
        let information = copier.source.information();
        for key in TOLD {
            let value = information.get(key).map(|value| copier.source.resolved(value));
            if let Some(value @ (Object::String(_) | Object::Name(_))) = value {
                self.information.set(key, value);
            }
        }
    }

    /// Takes over what the colours of an original are meant for.
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

    /// Adds to the catalog what was taken over.
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
