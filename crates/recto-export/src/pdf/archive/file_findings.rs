//! What a standard changes in each original, determined before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use recto_domain::{FileKind, FinishedBatch, RecordId};

use super::Findings;
use super::audit;
use super::font::Fonts;
use crate::error::ExportError;
use crate::options::PdfStandard;
use crate::pdf::claim;
use crate::pdf::source::Source;

/// The changes to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileFindings {
    pub(in crate::pdf) record_id: RecordId,
    pub(in crate::pdf) file_name: String,
    /// The changes besides those of its pages.
    pub(in crate::pdf) notes: Vec<String>,
    /// The findings by page; pages without findings are left out.
    pub(in crate::pdf) pages: BTreeMap<u32, Findings>,
}

/// Checks the originals of a batch.
pub(in crate::pdf) fn findings_by_file(
    batch: &mut dyn FinishedBatch,
    standard: PdfStandard,
) -> Result<Vec<FileFindings>, ExportError> {
    let is_alone = batch.details().files.len() == 1;
    let mut files = Vec::new();
    for document in batch.documents().to_vec() {
        if document.kind != FileKind::Pdf {
            continue;
        }
        let original = batch.original(document.record_id).map_err(ExportError::Source)?;
        let mut file = FileFindings {
            record_id: document.record_id,
            file_name: document.file_name.clone(),
            notes: Vec::new(),
            pages: BTreeMap::new(),
        };
        let mut numbers = Vec::new();
        for index in 0..document.page_count {
            numbers.push(batch.page(document.record_id, index).map_err(ExportError::Source)?.number);
        }
        if let Ok(mut source) = Source::open(original) {
            file.look(&numbers, standard, is_alone, &mut source);
        } else {
            let reasons = ["its file is damaged (6.1)".to_owned()].into();
            let damaged = Findings { reasons, ..Findings::default() };
            file.pages = numbers.into_iter().map(|number| (number, damaged.clone())).collect();
        }
        files.push(file);
    }
    Ok(files)
}

impl FileFindings {
    fn look(&mut self, numbers: &[u32], standard: PdfStandard, is_alone: bool, source: &mut Source) {
        if claim::reason_against(source, standard, is_alone).is_none() {
            return;
        }
        source.is_strict = true;
        if standard != PdfStandard::A3b && claim::carries_files(source) {
            let keeps = PdfStandard::A3b.name();
            self.notes.push(format!("its attached files are left out; {keeps} keeps them (6.8)"));
        }
        let has_ink_profile = claim::profile(source).is_some_and(|(components, _)| components == 4);
        let mut fonts = Fonts::default();
        let pages = source.pages();
        for number in numbers {
            let Some(page) = number.checked_sub(1).and_then(|index| pages.get(index as usize)) else { continue };
            let page = page.dictionary(source);
            let findings = audit::page(&page, standard, has_ink_profile, &mut fonts, source);
            if !findings.reasons.is_empty() || !findings.changes.is_empty() {
                self.pages.insert(*number, findings);
            }
        }
    }

    /// The first page that must be drawn, and the reason.
    pub(crate) fn first_reason(&self) -> Option<(String, String)> {
        let told = |(number, found): (&u32, &Findings)| {
            let reason = found.reasons.first()?;
            Some((self.file_name.clone(), format!("page {number}: {reason}")))
        };
        self.pages.iter().find_map(told)
    }

    /// The changes, worded for a person, each on one line; pages with the same change are combined.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut by_words: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for (number, found) in &self.pages {
            let words = if found.reasons.is_empty() {
                found.changes.iter().cloned().collect::<Vec<_>>().join("; ")
            } else {
                let reasons: Vec<&str> = found.reasons.iter().map(String::as_str).collect();
                format!("drawn as a picture with its text on it: {}", reasons.join("; "))
            };
            by_words.entry(words).or_default().insert(*number);
        }
        let notes = self.notes.iter().map(|note| format!("{}: {note}", self.file_name));
        let pages = by_words.iter().map(|(words, numbers)| {
            let many = if numbers.len() == 1 { "page" } else { "pages" };
            format!("{}, {many} {}: {words}", self.file_name, ranges(numbers))
        });
        notes.chain(pages).collect()
    }
}

/// `1-3, 7`.
fn ranges(numbers: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let told = |(first, last): &(u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(told).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_which_the_same_is_said_are_told_of_together() {
        let drawn = Findings { reasons: ["it is blue".to_owned()].into(), ..Findings::default() };
        let pages = [1, 2, 3, 7].into_iter().map(|number| (number, drawn.clone())).collect();
        let file_name = "a.pdf".to_owned();
        let file = FileFindings { record_id: RecordId::generate(), file_name, notes: Vec::new(), pages };
        assert_eq!(file.warnings(), ["a.pdf, pages 1-3, 7: drawn as a picture with its text on it: it is blue"]);
    }
}
