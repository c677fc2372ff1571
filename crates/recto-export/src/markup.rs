//! An XML writer, for the XML export and the parts of a DOCX.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Attributes: names and values.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

/// Writes elements one after another. The caller chooses element and attribute names; values and texts may be
/// untrusted.
pub(crate) struct Markup<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> Markup<W> {
    /// Begins with an XML declaration of UTF-8.
    pub(crate) fn begin(out: W, standalone: Option<&str>) -> io::Result<Self> {
        let mut writer = Writer::new(out);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), standalone)))?;
        writer.get_mut().write_all(b"\n")?;
        Ok(Self { writer })
    }

    /// Begins with another prologue than a declaration.
    pub(crate) fn begin_with(mut out: W, prologue: &str) -> io::Result<Self> {
        out.write_all(prologue.as_bytes())?;
        Ok(Self { writer: Writer::new(out) })
    }

    /// Begins an HTML page in XML syntax.
    pub(crate) fn begin_html(out: W) -> io::Result<Self> {
        Self::begin_with(out, "<!DOCTYPE html>\n")
    }

    /// Writes a start tag.
    pub(crate) fn open(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.writer.write_event(Event::Start(start(name, attributes)))
    }

    /// Writes an end tag.
    pub(crate) fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes an element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.writer.write_event(Event::Empty(start(name, attributes)))
    }

    /// Writes character data.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        let allowed = allowed(text);
        self.writer.write_event(Event::Text(BytesText::from_escaped(quick_xml::escape::partial_escape(allowed))))
    }

    /// Writes an element that contains only text.
    pub(crate) fn element(&mut self, name: &str, attributes: Attributes<'_>, text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.text(text)?;
        self.close(name)
    }

    /// Writes a line end between elements, where the format ignores it.
    pub(crate) fn line_end(&mut self) -> io::Result<()> {
        self.writer.get_mut().write_all(b"\n")
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'a>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, allowed(value).as_ref()));
    }
    start
}

/// A text without the characters that XML 1.0 cannot represent (production 2, `Char`): each becomes U+FFFD.
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(forbidden) { Cow::Owned(text.replace(forbidden, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    proptest! {
        #[test]
        fn any_text_and_any_value_read_back_but_for_forbidden_characters(text in any::<String>(), value in any::<String>()) {
            let mut bytes = Vec::new();
            let mut markup = Markup::begin(&mut bytes, None).unwrap();
            markup.element("a", &[("b", &value)], &text).unwrap();
            let mut reader = Reader::from_str(std::str::from_utf8(&bytes).unwrap());
            let mut read = String::new();
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(start) => {
                        let attribute = start.attributes().next().unwrap().unwrap();
                        prop_assert_eq!(quick_xml::escape::unescape(&attribute.value).unwrap(), allowed(&value));
                    }
                    Event::Text(part) => read += &part,
                    Event::GeneralRef(name) => read += &quick_xml::escape::unescape(&format!("&{};", &*name)).unwrap(),
                    Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(read.strip_prefix('\n').unwrap_or(&read), &*allowed(&text));
        }
    }
}
