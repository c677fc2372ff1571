//! Embedded files of originals (ISO 32000-2, sections 7.11.4 and 14.13), such as the data of an electronic invoice.

use std::collections::BTreeMap;
use std::io;

use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::tree;
use super::writer::Writer;

/// The most files that are carried over; no real document has more.
const MAX_FILES: usize = 10_000;

/// The files of all originals.
#[derive(Default)]
pub(super) struct Attachments {
    by_name: BTreeMap<Vec<u8>, Object>,
    /// Files that belong to the document as a whole, such as the data that an invoice shows.
    associated: Vec<Object>,
}

impl Attachments {
    /// Adds the files of an original.
    pub(super) fn join(&mut self, copier: &mut Copier, writer: &mut Writer<'_>) {
        let catalog = copier.source.catalog();
        let names = catalog.get("Names").and_then(|names| copier.source.dictionary(names));
        let root = names.and_then(|names| names.get("EmbeddedFiles").cloned()).unwrap_or_default();
        for (name, file) in tree::entries(root, "Names", &mut copier.source).into_iter().take(MAX_FILES) {
            let Object::String(name) = name else { continue };
            let file = copier.translated(&file, writer);
            if file != Object::Null {
                self.by_name.insert(self.free(&name), file.clone());
                // The archival standard requires the relation of each file to the document (ISO 19005-3, 6.8).
                if copier.mender.is_some() {
                    self.associated.push(file);
                }
            }
        }
        let associated = catalog.get("AF").and_then(|files| copier.source.array(files)).unwrap_or_default();
        for file in associated.iter().take(MAX_FILES) {
            let file = copier.translated(file, writer);
            if file != Object::Null && !self.associated.contains(&file) {
                self.associated.push(file);
            }
        }
    }

    /// The name, or a similar one if a file of another original already has it.
    fn free(&self, name: &[u8]) -> Vec<u8> {
        let is_wide = name.starts_with(b"\xFE\xFF");
        let mut free = name.to_vec();
        let mut number = 2;
        while self.by_name.contains_key(&free) {
            let suffix = format!(" ({number})");
            let suffix =
                if is_wide { suffix.bytes().flat_map(|byte| [0, byte]).collect() } else { suffix.into_bytes() };
            free = [name, &suffix[..]].concat();
            number += 1;
        }
        free
    }

    /// Writes the list of files, and adds the corresponding entries to the catalog.
    pub(super) fn finish(self, catalog: &mut Dictionary, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
        if !self.associated.is_empty() {
            catalog.set("AF", self.associated);
        }
        tree::names(self.by_name, writer)
    }
}
