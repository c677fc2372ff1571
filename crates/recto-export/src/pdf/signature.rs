//! Digital signatures (ISO 32000-1, section 12.8) cover a file byte by byte, so carrying pages over breaks them. A
//! single signed PDF to which nothing is added is exported unchanged.

use std::fs::File;
use std::io;

use recto_domain::{FileKind, FinishedBatch, FinishedDocument, Page};

use super::Export;
use super::actions;
use super::object::{Dictionary, Object};
use super::source::{Source, SourcePage};
use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::options::PdfOptions;

/// The most fields that are searched; no real form has more.
const MAX_FIELDS: usize = 50_000;

/// Whether the file contains a signature.
pub(super) fn is_signed(source: &mut Source) -> bool {
    let form = source.catalog().get("AcroForm").and_then(|form| source.dictionary(form));
    let mut waiting = form.and_then(|form| form.get("Fields").and_then(|f| source.array(f))).unwrap_or_default();
    let mut seen = 0;
    while let Some(field) = waiting.pop() {
        seen += 1;
        if seen > MAX_FIELDS {
            return false;
        }
        let Some(field) = source.dictionary(&field) else { continue };
        if field.get("V").and_then(|value| source.dictionary(value)).is_some_and(|v| v.contains("ByteRange")) {
            return true;
        }
        waiting.extend(field.get("Kids").and_then(|kids| source.array(kids)).unwrap_or_default());
    }
    false
}

/// The names of the files whose signatures are not kept by an export of these documents as one PDF.
///
/// # Errors
/// [`ExportError::Source`] when a file cannot be read back.
pub(super) fn lost(batch: &mut dyn FinishedBatch, options: &PdfOptions) -> Result<Vec<String>, ExportError> {
    let mut lost = Vec::new();
    for document in batch.documents().to_vec() {
        if document.kind != FileKind::Pdf {
            continue;
        }
        let original = batch.original(document.record_id).map_err(ExportError::Source)?;
        // A file that cannot be opened gets a notice instead of its pages.
        let Ok(mut source) = Source::open(original) else { continue };
        if is_signed(&mut source) && (options.changes_pages() || intact(batch)?.is_none()) {
            lost.push(document.file_name);
        }
    }
    Ok(lost)
}

/// The file of a batch that is a single signed PDF, if an export would neither add nor remove anything.
pub(super) fn intact(batch: &mut dyn FinishedBatch) -> Result<Option<File>, ExportError> {
    let entries = entries(batch);
    let [Entry::Read(document)] = &entries[..] else { return Ok(None) };
    let document = document.clone();
    if document.kind != FileKind::Pdf {
        return Ok(None);
    }
    let original = |batch: &mut dyn FinishedBatch| batch.original(document.record_id).map_err(ExportError::Source);
    let Ok(mut source) = Source::open(original(batch)?) else { return Ok(None) };
    if !is_signed(&mut source) || acts(&mut source) {
        return Ok(None);
    }
    let pages = source.pages();
    if pages.len() != document.page_count as usize {
        return Ok(None);
    }
    for (index, stored) in (0..).zip(pages) {
        let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
        if !stays(&page, &stored, &mut source) {
            return Ok(None);
        }
    }
    // Anything deeper in the file is found by carrying it over, here without writing it.
    if is_carried_whole(batch, &document)? { original(batch).map(Some) } else { Ok(None) }
}

/// Whether the export would leave a page unchanged.
fn stays(page: &Page, stored: &SourcePage, source: &mut Source) -> bool {
    let turn = stored.dictionary(source).get("Rotate").map(|turn| source.resolved(turn));
    let degrees = turn.and_then(|turn| turn.as_integer()).unwrap_or(0).rem_euclid(360);
    !super::carried_page::gets_words(page) && page.error.is_none() && degrees == i64::from(page.rotation.degrees())
}

/// Whether the document itself has actions other than at its opening.
fn acts(source: &mut Source) -> bool {
    let mut catalog = source.catalog();
    let opening = catalog.get("OpenAction").map(|action| source.resolved(action));
    let moves = match &opening {
        Some(Object::Array(_)) => true,
        Some(Object::Dictionary(action)) => action.is("S", "GoTo") && !action.contains("Next"),
        _ => false,
    };
    if moves {
        catalog.remove("OpenAction");
    }
    let inner =
        |key: &str, source: &mut Source| catalog.get(key).and_then(|d| source.dictionary(d)).unwrap_or_default();
    let parts = [inner("Names", source), inner("AcroForm", source), catalog];
    parts.iter().any(|part| actions::harmless(part, source).is_none_or(|harmless| !same_keys(part, &harmless)))
}

fn same_keys(a: &Dictionary, b: &Dictionary) -> bool {
    a.iter().map(|(key, _)| key).eq(b.iter().map(|(key, _)| key))
}

/// Whether nothing is left out when the document is carried over.
fn is_carried_whole(batch: &mut dyn FinishedBatch, document: &FinishedDocument) -> Result<bool, ExportError> {
    let mut nowhere = io::sink();
    let mut export = Export::new(batch, &PdfOptions::default(), &mut nowhere)?;
    export.document(batch, document)?;
    Ok(!export.left_out)
}
