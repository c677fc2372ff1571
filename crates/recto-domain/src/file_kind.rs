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
    /// HEIC: a HEIF file with a picture compressed by HEVC.
    Heic,
    /// AVIF.
    Avif,
    /// JPEG 2000, in a JP2 file or bare.
    Jp2,
    /// PBM, PGM, PPM or PAM of Netpbm.
    Pnm,
}

/// The major and compatible brands of HEIC files (ISO/IEC 23008-12, annex B).
const HEIC_BRANDS: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
/// The brands of AVIF files (AV1 Image File Format, section 8).
const AVIF_BRANDS: [&[u8]; 2] = [b"avif", b"avis"];

impl FileKind {
    /// How many of the first bytes [`FileKind::sniff`] needs: PDF readers accept junk before the header.
    pub const SNIFF_LEN: usize = 1024 + 5;

    /// The names of all kinds, as they end a sentence.
    pub const NAMES: &str = "PDF, PNG, JPEG, TIFF, WebP, HEIC, AVIF, JPEG 2000, BMP, GIF or PNM";

    /// The kind that the first bytes show; `None` when it is not one of these.
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        match head {
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Self::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Self::of_brands(head),
            [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => Some(Self::Jp2),
            [b'P', b'1'..=b'7', b' ' | b'\t' | b'\r' | b'\n' | b'#', ..] => Some(Self::Pnm),
            [b'B', b'M', ..] if head.len() >= 18 => Some(Self::Bmp),
            _ => head[..head.len().min(Self::SNIFF_LEN)].windows(5).any(|w| w == b"%PDF-").then_some(Self::Pdf),
        }
    }

    /// The kind of a file that begins with a `ftyp` box, which lists brands (ISO/IEC 14496-12, section 4.3).
    fn of_brands(head: &[u8]) -> Option<Self> {
        let length = u32::from_be_bytes(head.first_chunk().copied()?) as usize;
        let brands = || head[8..head.len().min(length.max(8))].chunks_exact(4);
        if brands().any(|brand| AVIF_BRANDS.contains(&brand)) {
            return Some(Self::Avif);
        }
        brands().any(|brand| HEIC_BRANDS.contains(&brand)).then_some(Self::Heic)
    }

    /// The registered media type; that of Netpbm's files is not registered, but common.
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
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Jp2 => "image/jp2",
            Self::Pnm => "image/x-portable-anymap",
        }
    }

    /// The kind with that media type.
    #[must_use]
    pub fn from_mime_type(mime: &str) -> Option<Self> {
        let pictures = [Self::Png, Self::Jpeg, Self::Tiff, Self::Webp, Self::Bmp, Self::Gif];
        let others = [Self::Pdf, Self::Heic, Self::Avif, Self::Jp2, Self::Pnm];
        pictures.into_iter().chain(others).find(|kind| kind.mime_type() == mime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heif_files_are_told_by_their_brands() {
        let file = |brands: &str| {
            let length = u8::try_from(8 + brands.len()).unwrap();
            [&[0, 0, 0, length], b"ftyp", brands.as_bytes(), b"heic"].concat()
        };
        assert_eq!(FileKind::sniff(&file("heic\0\0\0\0mif1heic")), Some(FileKind::Heic));
        assert_eq!(FileKind::sniff(&file("mif1\0\0\0\0mif1heic")), Some(FileKind::Heic));
        assert_eq!(FileKind::sniff(&file("mif1\0\0\0\0mif1avif")), Some(FileKind::Avif));
        // What follows the box is no brand, and a film is no picture.
        assert_eq!(FileKind::sniff(&file("isom\0\0\0\0mp42")), None);
        assert_eq!(FileKind::sniff(b"\0\0\0\x04ftyp"), None);
    }

    #[test]
    fn jpeg_2000_and_netpbm_are_told_by_their_first_bytes() {
        assert_eq!(FileKind::sniff(b"\0\0\0\x0cjP  \r\n\x87\n"), Some(FileKind::Jp2));
        assert_eq!(FileKind::sniff(&[0xff, 0x4f, 0xff, 0x51]), Some(FileKind::Jp2));
        assert_eq!(FileKind::sniff(b"P4\n# from a fax\n"), Some(FileKind::Pnm));
        assert_eq!(FileKind::sniff(b"P4you"), None);
    }

    #[test]
    fn every_kind_is_found_by_its_media_type() {
        for kind in ["pdf", "png", "jpeg", "tiff", "webp", "bmp", "gif", "heic", "avif", "jp2", "pnm"] {
            let kind: FileKind = serde_json::from_value(kind.into()).unwrap();
            assert_eq!(FileKind::from_mime_type(kind.mime_type()), Some(kind));
        }
    }
}
