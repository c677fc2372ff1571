//! What the PDF of a batch can be told.

use std::str::FromStr;

/// What the PDF of a batch can be told. The default carries every page over as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that a person sets")]
pub struct PdfOptions {
    /// The standard that it is to follow. One sets it for files that go into an archive, which has to be able to show
    /// them in decades. The price: pages of PDFs that break a rule of it are drawn as pictures, their text invisibly on
    /// them, and what else it forbids is left out; [`prepare`](crate::prepare) tells of both.
    pub standard: Option<PdfStandard>,
    /// How far its data is made smaller. The price is time: every picture is decoded and compressed again.
    pub optimize: Optimization,
    /// Whether recognised pages that lie askew are set straight. The picture is turned by its reader, so that it loses
    /// nothing; where turned words would leave the page, the page grows.
    pub deskew: bool,
    /// Whether specks and the dark edge around a sheet are painted over on pages that are one picture. The price: the
    /// picture is compressed again, a photograph at [`Optimization::CLEANED_QUALITY`].
    pub clean: bool,
    /// Whether blank pages are left out. A document of blank pages alone keeps its first.
    pub drop_blank: bool,
    /// Whether a recognised page that shows two pages of a book side by side becomes two.
    pub split_spreads: bool,
    /// Whether every page of a PDF is drawn as a picture with its text invisibly on it, as programs do that know nothing
    /// of its letters. Links and bookmarks stay; the rest of what the page holds is part of the picture.
    pub rasterize: bool,
}

impl PdfOptions {
    /// Whether pages come out otherwise than they are, so that no original can stand for its export.
    #[must_use]
    pub fn changes_pages(&self) -> bool {
        *self != Self::default()
    }
}

/// A standard for PDF files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PdfStandard {
    /// PDF/A-2b (ISO 19005-2, level B): looks the same for ever.
    A2b,
    /// PDF/A-2u: and its text can be searched and copied.
    A2u,
    /// PDF/A-3b (ISO 19005-3, level B): and files of any kind may be attached, such as the data of an invoice.
    A3b,
}

/// How far the data of a PDF is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Optimization {
    /// As it is in the originals.
    #[default]
    None,
    /// Without loss: pictures of black and white become JBIG2, others get as few bits as their colours need, and whatever
    /// is compressed with Flate or less is compressed anew.
    Lossless,
    /// And photographs become JPEG of quality 75.
    Good,
    /// And photographs become JPEG of quality 50, at which small letters show it.
    Small,
}

/// A name that is no standard for PDF files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("standard must be one of pdfa-2b, pdfa-2u, pdfa-3b")]
pub struct UnknownStandard;

/// A number that is no level of optimization.
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

    /// The quality of JPEG at which a photograph is written that was cleaned and is not optimized: one that nobody sees.
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

    /// The quality of JPEG, of 100, at which photographs are written; `None` where nothing may be lost.
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
