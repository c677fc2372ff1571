//! HTML: a single page to read in a browser, on paper, or on a phone. It is self-contained: no scripts, no pictures, no
//! other hosts, and its policy forbids a browser to load any.
//!
//! The file is also well-formed XML; HTML and XML parsers give the same page.

mod list;
mod text;

use std::io::{self, Write};

use recto_domain::{BatchDetails, Field, FinishedBatch, FinishedDocument};

use crate::error::ExportError;
use crate::field_view::{FieldRow, FieldView, ItemList, percent};
use crate::files::{Entry, UnreadFile, entries, unread};
use crate::flat_text::{name_line, one_line};
use crate::markup::Markup;
use text::Text;

/// The style sheet. It contains none of the characters that markup escapes, because browsers do not unescape it.
const STYLE: &str = include_str!("style.css");
/// The content security policy: only its own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Writes the documents of a batch as one HTML page in UTF-8.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let entries = entries(batch);
    let mut html = Markup::begin_html(out)?;
    html.open("html", &[("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", "en")])?;
    write_head(&mut html, &batch.details().batch.name)?;
    html.open("body", &[])?;
    write_header(&mut html, batch.details(), &entries)?;
    html.open("main", &[])?;
    for (at, entry) in entries.iter().enumerate() {
        match entry {
            Entry::Read(document) => write_document(batch, document, at + 1, &mut html)?,
            Entry::Unread(file) => write_unread(file, at + 1, &mut html)?,
        }
    }
    html.close("main")?;
    html.line_end()?;
    html.element("footer", &[], concat!("Read by Recto ", env!("CARGO_PKG_VERSION")))?;
    html.close("body")?;
    html.close("html")?;
    html.line_end()?;
    Ok(())
}

fn write_head<W: Write>(html: &mut Markup<W>, name: &str) -> io::Result<()> {
    html.open("head", &[])?;
    html.empty("meta", &[("charset", "utf-8")])?;
    html.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)])?;
    html.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")])?;
    html.element("title", &[], &one_line(name))?;
    html.element("style", &[], STYLE)?;
    html.close("head")?;
    html.line_end()
}

/// Writes the name of the batch, the status of its files, and links to each of them.
fn write_header<W: Write>(html: &mut Markup<W>, details: &BatchDetails, entries: &[Entry]) -> io::Result<()> {
    html.open("header", &[])?;
    html.element("h1", &[("dir", "auto")], &one_line(&details.batch.name))?;
    let day = details.completed_at.unwrap_or(details.batch.created_at).day();
    let pages: u32 = entries.iter().map(Entry::page_count).sum();
    let files = count(entries.len() as u64, "file");
    html.element("p", &[("class", "quiet")], &format!("{files}, {}, {day}", count(pages.into(), "page")))?;
    for file in unread(entries) {
        html.element("p", &[("class", "failed")], &format!("{} {}", file.name_line(), file.note()))?;
    }
    html.close("header")?;
    html.line_end()?;
    if entries.len() > 1 {
        html.open("nav", &[("aria-label", "Files")])?;
        html.open("ol", &[])?;
        for (at, entry) in entries.iter().enumerate() {
            let (name, class, told) = match entry {
                Entry::Read(document) => (name_line(document), "quiet", count(document.page_count.into(), "page")),
                Entry::Unread(file) => (file.name_line(), "fault", file.status_words()),
            };
            html.open("li", &[])?;
            html.element("a", &[("href", &format!("#file-{}", at + 1)), ("dir", "auto")], &name)?;
            html.element("span", &[("class", class)], &told)?;
            html.close("li")?;
        }
        html.close("ol")?;
        html.close("nav")?;
        html.line_end()?;
    }
    Ok(())
}

/// Writes the placeholder for a file without a document.
fn write_unread<W: Write>(file: &UnreadFile, number: usize, html: &mut Markup<W>) -> io::Result<()> {
    html.open("article", &[("id", &format!("file-{number}"))])?;
    html.element("h2", &[("dir", "auto")], &file.name_line())?;
    html.open("div", &[("class", "text")])?;
    html.element("p", &[("class", "failed")], &file.note())?;
    html.close("div")?;
    html.close("article")?;
    html.line_end()
}

fn write_document<W: Write>(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    number: usize,
    html: &mut Markup<W>,
) -> Result<(), ExportError> {
    html.open("article", &[("id", &format!("file-{number}"))])?;
    html.element("h2", &[("dir", "auto")], &name_line(document))?;
    let confidence = document.confidence.map(|confidence| format!("{} sure", percent(confidence)));
    let facts: Vec<String> = std::iter::once(count(document.page_count.into(), "page")).chain(confidence).collect();
    html.element("p", &[("class", "quiet")], &facts.join(", "))?;
    if let Some(fields) = document.fields.as_ref().filter(|fields| !fields.is_empty()) {
        write_fields(html, fields)?;
    }
    html.line_end()?;
    html.open("div", &[("class", "text")])?;
    Text::new(html).document(batch, document)?;
    html.close("div")?;
    html.close("article")?;
    html.line_end()?;
    Ok(())
}

fn write_fields<W: Write>(html: &mut Markup<W>, fields: &[Field]) -> io::Result<()> {
    let FieldView { rows, lists } = FieldView::of(fields);
    html.line_end()?;
    html.open("div", &[("class", "table")])?;
    html.open("table", &[("class", "fields")])?;
    html.open("tbody", &[])?;
    for FieldRow { field, value, remark } in &rows {
        html.open("tr", &[])?;
        html.element("th", &[("scope", "row"), ("dir", "auto")], &field.name)?;
        html.element("td", &[("dir", "auto")], value)?;
        html.element("td", &[("class", "quiet end")], remark)?;
        html.close("tr")?;
    }
    html.close("tbody")?;
    html.close("table")?;
    html.close("div")?;
    lists.iter().try_for_each(|list| write_list(html, list))
}

fn write_list<W: Write>(html: &mut Markup<W>, list: &ItemList<'_>) -> io::Result<()> {
    let class = |at: usize| if list.is_numeric(at) { "end" } else { "start" };
    html.line_end()?;
    html.open("div", &[("class", "table")])?;
    html.open("table", &[("class", "fields")])?;
    html.element("caption", &[("dir", "auto")], list.name)?;
    html.open("thead", &[])?;
    html.open("tr", &[])?;
    for (at, name) in list.columns.iter().enumerate() {
        html.element("th", &[("scope", "col"), ("class", class(at))], name)?;
    }
    html.close("tr")?;
    html.close("thead")?;
    html.open("tbody", &[])?;
    for row in &list.rows {
        html.open("tr", &[])?;
        for (at, cell) in row.iter().enumerate() {
            html.element("td", &[("class", class(at)), ("dir", "auto")], &cell.text)?;
        }
        html.close("tr")?;
    }
    html.close("tbody")?;
    html.close("table")?;
    html.close("div")
}

/// `1 page`, `2 pages`.
fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_reads_the_same_escaped_and_unescaped() {
        assert!(!STYLE.contains(['<', '>', '&']));
    }
}
