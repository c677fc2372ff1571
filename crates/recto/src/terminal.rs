//! Makes untrusted text (file names, text of documents, headers) safe to show on a terminal. Nothing in it can move the
//! cursor, end a line, or change the order of the text.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

/// The text on one line, with its control characters escaped, as in `\u{1b}`.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    spelled_out(text, is_control)
}

/// The text with its line ends and tabs kept, and all other control characters escaped.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    spelled_out(text, |c| is_control(c) && c != '\n' && c != '\t')
}

/// Stdout: unchanged for programs, with control characters escaped on a terminal.
pub(crate) fn stdout() -> Box<dyn Write> {
    let out = io::stdout();
    if out.is_terminal() { Box::new(SpelledOut::new(out.lock())) } else { Box::new(out.lock()) }
}

/// Control characters, Unicode line ends, and characters that change the direction of the text after them, so that a
/// name reads differently from what it is (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn spelled_out(text: &str, is_meant: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_meant) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_meant(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// A writer to a terminal that escapes control characters.
struct SpelledOut<W> {
    out: W,
    /// The first bytes of a character that is not complete yet.
    begun: Vec<u8>,
}

impl<W: Write> SpelledOut<W> {
    fn new(out: W) -> Self {
        Self { out, begun: Vec::new() }
    }
}

impl<W: Write> Write for SpelledOut<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(text) => text.len(),
            // Bytes that are not UTF-8 are shown as such at once.
            Err(error) if error.error_len().is_some() => self.begun.len(),
            Err(error) => error.valid_up_to(),
        };
        let text: Vec<u8> = self.begun.drain(..whole).collect();
        self.out.write_all(lines(&String::from_utf8_lossy(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_is_left() {
        let name = "März \u{1b}]0;X\u{7}\u{1b}[2J\r\n\u{9b}1m\u{202e}fdp.exe\u{2066}\u{85}שלום";
        let shown = one_line(name);
        assert_eq!(shown, r"März \u{1b}]0;X\u{7}\u{1b}[2J\r\n\u{9b}1m\u{202e}fdp.exe\u{2066}\u{85}שלום");
        assert!(matches!(one_line("a b.pdf"), Cow::Borrowed(_)));
        assert_eq!(lines("a\tb\n\u{1b}c\r"), "a\tb\n\\u{1b}c\\r");
    }

    #[test]
    fn text_that_comes_in_pieces_is_shown_the_same() {
        let text = "ä\u{1b}[0m\u{202e}東\n";
        let mut shown = SpelledOut::new(Vec::new());
        for byte in text.as_bytes() {
            shown.write_all(&[*byte]).unwrap();
        }
        assert_eq!(String::from_utf8(shown.out).unwrap(), lines(text));
        let mut broken = SpelledOut::new(Vec::new());
        broken.write_all(b"\xffa\x1b").unwrap();
        assert_eq!(String::from_utf8(broken.out).unwrap(), "\u{fffd}a\\u{1b}");
    }
}
