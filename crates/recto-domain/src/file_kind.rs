//! The kinds of file that Recto reads, recognised by their first bytes.

use serde::{Deserialize, Serialize};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Portable Document Format.
    Pdf,
    /// Portable Network Graphics, animated or not.
    Png,
    /// JPEG.
    Jpeg,
    /// TIFF or BigTIFF, with any number of pages.
    Tiff,
    /// WebP, animated or not.
    Webp,
    /// Windows or OS/2 bitmap.
    Bmp,
    /// GIF, animated or not.
    Gif,
}

impl FileKind {
    /// How many of the first bytes [`FileKind::sniff`] needs: PDF readers accept junk before the header.
    pub const SNIFF_LEN: usize = 1024 + 5;

    /// The kind that the first bytes show; `None` when it is not one of these.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        match head {
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'B', b'M', ..] if head.len() >= 18 => Some(Self::Bmp),
            _ => head[..head.len().min(Self::SNIFF_LEN)].windows(5).any(|w| w == b"%PDF-").then_some(Self::Pdf),
        }
    }

    /// The registered media type.
    #[must_use]
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
        }
    }

    /// The kind with that media type.
    #[must_use]
    pub fn from_mime_type(mime: &str) -> Option<Self> {
        [Self::Pdf, Self::Png, Self::Jpeg, Self::Tiff, Self::Webp, Self::Bmp, Self::Gif]
            .into_iter()
            .find(|kind| kind.mime_type() == mime)
    }
}
