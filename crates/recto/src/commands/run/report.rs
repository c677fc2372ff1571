//! The outcome of each file, in words for a person and in JSON for a program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recto_domain::{BatchDetails, BatchFile, FinishedDocument, RecordStatus};
use serde::Serialize;

use super::each::Each;
use super::output::Target;
use super::ribbon::{Cell, Verdict};
use crate::terminal::one_line;

/// The most skipped files that are named.
const NAMED: usize = 3;
/// The mean confidence below which a file counts as doubtful.
const DOUBTFUL_BELOW: f32 = 0.6;

/// A file and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    /// The file as it was named on the command line, or as it was found in a folder.
    pub(super) file: String,
    /// `completed` or `failed`.
    pub(super) status: RecordStatus,
    /// The pages asked for; `null` when the file could not be opened.
    pub(super) pages: Option<u32>,
    /// The pages read, including those without text.
    pub(super) pages_done: u32,
    /// Pages that could not be read.
    pub(super) pages_failed: u32,
    /// The mean confidence of the words, from 0 to 1; `null` without words.
    pub(super) confidence: Option<f32>,
    /// The reason for a failure.
    pub(super) error: Option<String>,
    /// Warnings about a file that completed.
    pub(super) warnings: Vec<String>,
    /// The path of the file's own result, when each file has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
    /// Whether the file has ended and all fields above are known.
    #[serde(skip)]
    pub(super) settled: bool,
}

impl Outcome {
    /// The outcome so far of a file of the batch.
    pub(super) fn of(file: &BatchFile, documents: &[FinishedDocument]) -> Self {
        let document = documents.iter().find(|document| document.record_id == file.processing_history_id);
        Self {
            file: file.file_name.clone(),
            status: file.status,
            pages: file.pages,
            pages_done: file.pages_done,
            pages_failed: file.pages_failed,
            confidence: document.and_then(|document| document.confidence),
            error: file.error.clone(),
            warnings: file.warnings.clone(),
            output: None,
            settled: file.status == RecordStatus::Failed || document.is_some(),
        }
    }

    /// The outcome of a file that could not even be taken in.
    pub(super) fn unreadable(file: String, error: String) -> Self {
        Self {
            file,
            status: RecordStatus::Failed,
            pages: None,
            pages_done: 0,
            pages_failed: 0,
            confidence: None,
            error: Some(error),
            warnings: Vec::new(),
            output: None,
            settled: true,
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.status == RecordStatus::Failed
    }

    /// The file's state in the ribbon.
    pub(super) fn verdict(&self) -> Verdict {
        match self.confidence {
            _ if self.failed() || !self.settled => Verdict::Sound,
            None => Verdict::NoText,
            Some(confidence) if confidence < DOUBTFUL_BELOW => Verdict::Doubtful,
            Some(_) => Verdict::Sound,
        }
    }

    /// The colour and sign that represent the file.
    pub(super) fn cell(&self) -> Cell {
        match self.verdict() {
            _ if self.failed() => Cell::Failed,
            Verdict::Doubtful => Cell::Doubtful,
            Verdict::NoText => Cell::NoText,
            Verdict::Sound => Cell::Read,
        }
    }

    /// Why a person should look at the file; `None` when all is well.
    pub(super) fn attention(&self) -> Option<String> {
        if self.failed() {
            return Some(format!("failed: {}", self.error.as_deref().unwrap_or("unknown reason")));
        }
        let doubt = self
            .confidence
            .filter(|_| self.verdict() == Verdict::Doubtful)
            .map(|confidence| format!("doubtful: mean confidence {confidence:.2}"));
        let parts: Vec<String> = doubt.into_iter().chain(self.warnings.iter().cloned()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The line for a file that ended well.
    pub(super) fn good_news(&self) -> String {
        let pages = count(self.pages_done.into(), "page");
        if self.verdict() == Verdict::NoText { format!("done: {pages}, no text") } else { format!("done: {pages}") }
    }
}

/// The line about files in folders that are not documents; `None` when there are none.
pub(super) fn left_out(files: &[PathBuf]) -> Option<String> {
    let names: Vec<String> = files.iter().take(NAMED).map(|path| shown(path)).collect();
    let names = names.join(", ");
    match files.len() {
        0 => None,
        1 => Some(format!("skipped {names}: not a file type that Recto reads")),
        all if all <= NAMED => Some(format!("skipped {all} files of types that Recto does not read: {names}")),
        all => Some(format!("skipped {all} files of types that Recto does not read: {names} and {} more", all - NAMED)),
    }
}

/// The final line: `19 of 20 files, 61 pages in 29 s. 1 failed. march.pdf (4.1 MB)`.
pub(super) fn summary(
    outcomes: &[Outcome],
    details: Option<&BatchDetails>,
    took: Duration,
    target: &Target,
    written_bytes: Option<u64>,
    each: Option<&Each>,
) -> String {
    let failed = outcomes.iter().filter(|outcome| outcome.failed()).count();
    let done = outcomes.len() - failed;
    let files = if failed == 0 {
        count(done as u64, "file")
    } else {
        format!("{done} of {}", count(outcomes.len() as u64, "file"))
    };
    let pages = count(details.map_or(0, |details| details.completed_pages).into(), "page");
    let mut text = format!("{files}, {pages} in {}.", seconds(took));
    // Writing to a string cannot fail.
    if failed > 0 {
        let _ = write!(text, " {failed} failed.");
    }
    if let (Target::File(path), Some(bytes)) = (target, written_bytes) {
        let _ = write!(text, " {}", place(path, bytes));
    }
    if let Some(each) = each {
        let _ = write!(text, " {} ({})", one_line(&each.summary()), size(each.bytes));
    }
    text
}

fn place(path: &Path, bytes: u64) -> String {
    format!("{} ({})", shown(path), size(bytes))
}

fn shown(path: &Path) -> String {
    one_line(&path.display().to_string()).into_owned()
}

/// A number with its noun: `1 page`, `2 pages`.
pub(super) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A duration, worded for a person.
pub(super) fn seconds(time: Duration) -> String {
    let s = time.as_secs_f64();
    match time.as_secs() {
        0..10 if time.subsec_nanos() > 0 => format!("{s:.1} s"),
        0..120 => format!("{s:.0} s"),
        120..7200 => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
        more => format!("{} h {} min", more / 3600, more % 3600 / 60),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::run::samples::file;

    #[test]
    fn only_what_needs_attention_is_told() {
        let mut outcome = Outcome::of(&file("a.pdf", RecordStatus::Completed, Some(3), 3, 0), &[]);
        outcome.confidence = Some(0.9);
        outcome.settled = true;
        assert_eq!(outcome.attention(), None);
        assert_eq!(outcome.good_news(), "done: 3 pages");
        outcome.confidence = Some(0.41);
        outcome.warnings = vec!["page 2 could not be read".to_owned()];
        assert_eq!(outcome.attention().unwrap(), "doubtful: mean confidence 0.41; page 2 could not be read");
        let failed = Outcome::unreadable("b.pdf".to_owned(), "needs a password".to_owned());
        assert_eq!(failed.attention().unwrap(), "failed: needs a password");
    }

    #[test]
    fn files_left_out_take_one_line_however_many_they_are() {
        let files = |count: usize| (0..count).map(|i| format!("{i}.md").into()).collect::<Vec<PathBuf>>();
        let told = |count| left_out(&files(count));
        assert_eq!(told(0), None);
        assert_eq!(told(1).unwrap(), "skipped 0.md: not a file type that Recto reads");
        assert_eq!(told(2).unwrap(), "skipped 2 files of types that Recto does not read: 0.md, 1.md");
        assert_eq!(told(9).unwrap(), "skipped 9 files of types that Recto does not read: 0.md, 1.md, 2.md and 6 more");
    }

    #[test]
    fn the_summary_counts_and_names_the_result() {
        let good = Outcome::of(&file("a.pdf", RecordStatus::Completed, Some(1), 1, 0), &[]);
        let bad = Outcome::unreadable("b.pdf".to_owned(), "gone".to_owned());
        let target = Target::File("march.pdf".into());
        let text = summary(&[good.clone(), bad], None, Duration::from_secs(29), &target, Some(4_100_000), None);
        assert_eq!(text, "1 of 2 files, 0 pages in 29 s. 1 failed. march.pdf (4.1 MB)");
        let text = summary(&[good], None, Duration::from_millis(1234), &Target::Stdout, None, None);
        assert_eq!(text, "1 file, 0 pages in 1.2 s.");
    }
}
