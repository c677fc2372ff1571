//! Words and numbers as the pages show them.

use maud::{Markup, html};
use recto_export::Format;
use serde_json::Value;

/// A state in everyday words.
pub(crate) fn state(status: &str) -> &str {
    match status {
        "uploading" => "being sent",
        "pending" | "queued" => "waiting",
        "processing" | "in_progress" => "reading",
        "completed" => "done",
        "partially_failed" => "done with problems",
        other => other,
    }
}

/// A state as a symbol and a word.
pub(crate) fn state_mark(status: &str) -> Markup {
    html! { span class={ "state " (status) } { span.sign aria-hidden="true" {} (state(status)) } }
}

/// Whether a batch or a file is still being processed.
pub(crate) fn is_open(status: &str) -> bool {
    matches!(status, "uploading" | "pending" | "queued" | "processing" | "in_progress")
}

/// A number with its noun.
pub(crate) fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A time in UTC. A module shows it relative to now.
pub(crate) fn time(iso: &str) -> Markup {
    let shown = iso.get(..16).unwrap_or(iso).replace('T', " ");
    html! { time datetime=(iso) { (shown) " UTC" } }
}

/// A message of the API as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if message.ends_with(['.', '?']) { "" } else { "." };
    first.chain(letters).collect::<String>() + end
}

/// The remaining time, estimated from a measured rate.
pub(crate) fn left(seconds: u64) -> String {
    match seconds {
        0..=1 => "about 1 second left".to_owned(),
        2..=89 => format!("about {seconds} seconds left"),
        _ => format!("about {} left", count((seconds + 30) / 60, "minute")),
    }
}

/// A size.
pub(crate) fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match bytes {
        0..1024 => count(bytes, "byte"),
        1024..MIB => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / MIB),
    }
}

/// The usual name of a format.
pub(crate) fn format_name(format: Format) -> String {
    match format.name() {
        "text" => "Text".to_owned(),
        "xlsx" => "Excel".to_owned(),
        "docx" => "Word".to_owned(),
        "md" | "markdown" => "Markdown".to_owned(),
        "hocr" => "hOCR".to_owned(),
        "jsonl" => "JSON lines".to_owned(),
        name => name.to_uppercase(),
    }
}

/// A value without JSON's quotes and brackets.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A confidence as a percentage.
pub(crate) fn percent(confidence: f64) -> String {
    format!("{} %", (confidence * 100.0).floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_units() {
        assert_eq!((count(1, "page"), count(0, "page")), ("1 page".to_owned(), "0 pages".to_owned()));
        assert_eq!(left(150), "about 3 minutes left");
        assert_eq!(sentence("there is no batch 7"), "There is no batch 7.");
        assert_eq!((size(5 * 1024 * 1024), size(2048)), ("5 MiB".to_owned(), "2 KiB".to_owned()));
    }
}
