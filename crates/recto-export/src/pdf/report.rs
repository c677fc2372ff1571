//! A report for programs of what a PDF changes in its documents.

use std::collections::BTreeMap;

use recto_domain::RecordId;
use serde_json::{Value, json};

use super::archive::{FileFindings, Findings};
use super::treated::Treated;

/// The changes to a file.
struct File {
    name: String,
    /// The changes besides those of its pages.
    notes: Vec<String>,
    pages: BTreeMap<u32, PageChanges>,
}

/// The changes to a page.
#[derive(Default)]
struct PageChanges {
    /// Why a standard requires it to be drawn as a picture, if so.
    because: Vec<String>,
    changes: Vec<String>,
}

/// The files with changes, and all PDFs if a standard was requested.
pub(super) fn files(files: Vec<FileFindings>, treated: &Treated) -> Vec<Value> {
    let mut files: Vec<(RecordId, File)> = files.into_iter().map(reported).collect();
    for (record, treated) in treated.files() {
        let index = files.iter().position(|(id, _)| id == record).unwrap_or_else(|| {
            let name = treated.file_name.clone();
            files.push((*record, File { name, notes: Vec::new(), pages: BTreeMap::new() }));
            files.len() - 1
        });
        for (number, changes) in &treated.pages {
            files[index].1.pages.entry(*number).or_default().changes.extend(changes.iter().cloned());
        }
    }
    files.into_iter().map(|(record, file)| value(record, &file)).collect()
}

fn reported(file: FileFindings) -> (RecordId, File) {
    let page = |(number, found): (u32, Findings)| {
        let (because, changes) = (found.reasons.into_iter().collect(), found.changes.into_iter().collect());
        (number, PageChanges { because, changes })
    };
    let pages = file.pages.into_iter().map(page).collect();
    (file.record_id, File { name: file.file_name, notes: file.notes, pages })
}

fn value(record: RecordId, file: &File) -> Value {
    let page = |(number, page): (&u32, &PageChanges)| {
        let drawn = !page.because.is_empty();
        json!({"page": number, "drawn": drawn, "because": page.because, "changes": page.changes})
    };
    json!({
        "fileName": file.name,
        "processingHistoryId": record.to_string(),
        "notes": file.notes,
        "pages": file.pages.iter().map(page).collect::<Vec<_>>(),
    })
}
