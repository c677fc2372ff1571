//! Nested lists: an item's element stays open, because a nested list is inside it.

use recto_layout::{Marker, MarkerStyle, Numerals};

use std::io::{self, Write};

use crate::markup::Markup;

/// The open lists, outermost first, each with its last item open.
#[derive(Default)]
pub(super) struct Lists {
    open: Vec<Marker>,
}

impl Lists {
    /// Begins an item on that level, at most one below the item before it. The caller writes its text.
    pub(super) fn item<W: Write>(&mut self, html: &mut Markup<W>, level: u8, marker: Marker) -> io::Result<()> {
        let level = usize::from(level).min(self.open.len());
        self.close_to(html, level + 1)?;
        match self.open.get(level) {
            Some(before) if marker.follows(*before) => html.close("li")?,
            Some(_) => {
                self.close_to(html, level)?;
                begin(html, marker)?;
            }
            None => begin(html, marker)?,
        }
        self.open.truncate(level);
        self.open.push(marker);
        html.open("li", &[])
    }

    /// Ends all lists.
    pub(super) fn end<W: Write>(&mut self, html: &mut Markup<W>) -> io::Result<()> {
        self.close_to(html, 0)
    }

    fn close_to<W: Write>(&mut self, html: &mut Markup<W>, levels: usize) -> io::Result<()> {
        while self.open.len() > levels
            && let Some(marker) = self.open.pop()
        {
            html.close("li")?;
            html.close(element(marker))?;
        }
        Ok(())
    }
}

fn begin<W: Write>(html: &mut Markup<W>, marker: Marker) -> io::Result<()> {
    html.line_end()?;
    let MarkerStyle::Numbered(numerals, _) = marker.style else { return html.open("ul", &[]) };
    let kind = match numerals {
        Numerals::Decimal => "1",
        Numerals::LowerLetter => "a",
        Numerals::UpperLetter => "A",
        Numerals::LowerRoman => "i",
        Numerals::UpperRoman => "I",
    };
    html.open("ol", &[("type", kind), ("start", &marker.value.to_string())])
}

fn element(marker: Marker) -> &'static str {
    if marker.is_bullet() { "ul" } else { "ol" }
}
