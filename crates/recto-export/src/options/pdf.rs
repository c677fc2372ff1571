//! Options of a batch's PDF.

use std::str::FromStr;

/// Options of a batch's PDF. By default, every page is carried over unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that a person sets")]
pub struct PdfOptions {
    /// The archival standard to follow, for files that must remain readable for decades. Its drawback: pages of PDFs
    /// that break one of its rules are drawn as pictures with invisible text, and other forbidden content is left out.
    /// [`prepare`](crate::prepare) reports both.
    pub standard: Option<PdfStandard>,
    /// How much the data is reduced. The drawback is time: every picture is decoded and compressed again.
    pub optimize: Optimization,
    /// Whether skewed pages that were recognised are straightened. The picture is rotated by the viewer and therefore
    /// loses nothing. If rotated words would leave the page, the page grows.
    pub deskew: bool,
    /// Whether specks and the dark edge around a sheet are painted over on pages that consist of one picture. The
    /// drawback: the picture is compressed again, a photograph at [`Optimization::CLEANED_QUALITY`].
    pub clean: bool,
    /// Whether blank pages are left out. A document of blank pages only keeps its first page.
    pub drop_blank: bool,
    /// Whether a recognised page that shows two facing pages of a book becomes two pages.
    pub split_spreads: bool,
    /// Whether every page of a PDF is drawn as a picture with invisible text on it, so that its letters do not depend
    /// on fonts. Links and bookmarks stay; all other content becomes part of the picture.
    pub rasterize: bool,
}

impl PdfOptions {
    /// Whether pages are changed, so that no original can be used as its own export.
    #[must_use]
    pub fn changes_pages(&self) -> bool {
        *self != Self::default()
    }
}

/// An archival standard for PDF files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PdfStandard {
    /// PDF/A-2b (ISO 19005-2, level B): always looks the same.
    A2b,
    /// PDF/A-2u: in addition, its text can be searched and copied.
    A2u,
    /// PDF/A-3b (ISO 19005-3, level B): in addition to PDF/A-2b, files of any kind may be attached, such as the data of
    /// an invoice.
    A3b,
}

/// How much the data of a PDF is reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Optimization {
    /// Not at all.
    #[default]
    None,
    /// Without loss: black and white pictures become JBIG2, others get only the bits that their colours need, and data
    /// compressed with Flate or less is compressed again.
    Lossless,
    /// In addition, photographs become JPEG of quality 75.
    Good,
    /// In addition, photographs become JPEG of quality 50, which is visible on small letters.
    Small,
}

/// The error for a name that is not a PDF standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("standard must be one of pdfa-2b, pdfa-2u, pdfa-3b")]
pub struct UnknownStandard;

/// The error for a number that is not a level of optimization.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("optimize must be one of 0, 1, 2, 3")]
pub struct UnknownOptimization;

impl PdfStandard {
    /// Every standard.
    pub const ALL: [Self; 3] = [Self::A2b, Self::A2u, Self::A3b];

    /// The name in `?standard=` and `--pdf-standard`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A2b => "pdfa-2b",
            Self::A2u => "pdfa-2u",
            Self::A3b => "pdfa-3b",
        }
    }
}

impl FromStr for PdfStandard {
    type Err = UnknownStandard;

    fn from_str(text: &str) -> Result<Self, UnknownStandard> {
        Self::ALL.into_iter().find(|standard| standard.name() == text).ok_or(UnknownStandard)
    }
}

impl Optimization {
    /// Every level, from 0.
    pub const ALL: [Self; 4] = [Self::None, Self::Lossless, Self::Good, Self::Small];

    /// The JPEG quality of a photograph that was cleaned but is not optimized; the loss is invisible.
    pub const CLEANED_QUALITY: u8 = 90;

    /// The number in `?optimize=` and `--optimize`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Lossless => "1",
            Self::Good => "2",
            Self::Small => "3",
        }
    }

    /// The JPEG quality of photographs, of 100; `None` where nothing may be lost.
    #[must_use]
    pub fn jpeg_quality(self) -> Option<u8> {
        match self {
            Self::None | Self::Lossless => None,
            Self::Good => Some(75),
            Self::Small => Some(50),
        }
    }
}

impl FromStr for Optimization {
    type Err = UnknownOptimization;

    fn from_str(text: &str) -> Result<Self, UnknownOptimization> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or(UnknownOptimization)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_they_are_spelt() {
        for standard in PdfStandard::ALL {
            assert_eq!(standard.name().parse(), Ok(standard));
            assert!(UnknownStandard.to_string().contains(standard.name()));
        }
        for level in Optimization::ALL {
            assert_eq!(level.name().parse(), Ok(level));
            assert!(UnknownOptimization.to_string().contains(level.name()));
        }
        assert_eq!("pdfa-1b".parse::<PdfStandard>(), Err(UnknownStandard));
        assert_eq!("4".parse::<Optimization>(), Err(UnknownOptimization));
    }
}
