//! Names and pages as text, for formats without structure for them.

use recto_domain::{FinishedDocument, Page};

/// Separates two pages.
pub(crate) const PAGE_BREAK: &str = "\u{c}";

/// The text of a page; for a page that could not be read, a note in brackets. A page that was read and has no text
/// gives an empty text.
pub(crate) fn page_text(page: &Page) -> String {
    failure_note(page).unwrap_or_else(|| page.text())
}

/// The note for a page that could not be read; `None` for any other page.
pub(crate) fn failure_note(page: &Page) -> Option<String> {
    page.error.as_ref().map(|error| format!("[page {} could not be read: {}]", page.number, one_line(error)))
}

/// The name of a document's file on one line: characters that break lines or control a terminal become U+FFFD.
pub(crate) fn name_line(document: &FinishedDocument) -> String {
    one_line(&document.file_name)
}

/// A text on one line: characters that break lines or control a terminal become U+FFFD.
pub(crate) fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if breaks(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
