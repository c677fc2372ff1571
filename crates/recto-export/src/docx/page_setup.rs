//! The paper size and margins of a section.

use std::io::{self, Write};

use recto_domain::Size;

use crate::markup::Markup;

/// WordprocessingML units per point.
pub(super) const TWENTIETHS: f32 = 20.0;
/// The accepted side lengths in points, from a postcard to a poster; Word refuses more than 22 inches.
const SANE: std::ops::RangeInclusive<f32> = 250.0..=1584.0;
const A4: Size = Size { width: 595.3, height: 841.9 };

/// Paper and margins of a section, in points.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageSetup {
    paper: Size,
    margin: f32,
}

impl PageSetup {
    /// The paper for a page of that size; A4 for sizes that no printer has.
    pub(super) fn like(page: Size) -> Self {
        let paper = if SANE.contains(&page.width) && SANE.contains(&page.height) { page } else { A4 };
        Self { paper, margin: (paper.width * 0.12).min(72.0) }
    }

    /// The width between the margins, in points.
    pub(super) fn text_width(&self) -> f32 {
        self.paper.width - 2.0 * self.margin
    }

    /// Writes the properties of the section that ends here.
    pub(super) fn write<W: Write>(&self, xml: &mut Markup<W>) -> io::Result<()> {
        let twentieths = |points: f32| ((points * TWENTIETHS).round() as u32).to_string();
        let margin = twentieths(self.margin);
        xml.open("w:sectPr", &[])?;
        xml.empty("w:type", &[("w:val", "nextPage")])?;
        let (width, height) = (twentieths(self.paper.width), twentieths(self.paper.height));
        let mut size = vec![("w:w", width.as_str()), ("w:h", height.as_str())];
        if self.paper.width > self.paper.height {
            size.push(("w:orient", "landscape"));
        }
        xml.empty("w:pgSz", &size)?;
        xml.empty(
            "w:pgMar",
            &[
                ("w:top", &margin),
                ("w:right", &margin),
                ("w:bottom", &margin),
                ("w:left", &margin),
                ("w:header", "360"),
                ("w:footer", "360"),
                ("w:gutter", "0"),
            ],
        )?;
        xml.close("w:sectPr")
    }
}
