//! The metadata chunks of a PNG (W3C PNG, third edition, sections 4.7 and 11.3).

use std::io::{self, Read, Seek, SeekFrom};

use super::Header;
use super::exif::Exif;
use super::resolution::Resolution;
use super::turn::Orientation;

const SIGNATURE_LEN: u64 = 8;
/// Longer `eXIf` chunks, in bytes, are skipped.
const MAX_EXIF: u32 = 1 << 20;

/// Reads the chunk headers and the few relevant chunks; skips the rest.
pub(super) fn header(reader: &mut (impl Read + Seek)) -> io::Result<Header> {
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(SIGNATURE_LEN))?;
    let mut header = Header::default();
    let mut deep = false;
    let mut place = SIGNATURE_LEN;
    // Damage after the header is left to the decoder, which knows what can still be read.
    while place + 8 <= length {
        let mut chunk = [0; 8];
        reader.read_exact(&mut chunk)?;
        let size = u32::from_be_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        let mut body = |most: u32| {
            let mut bytes = Vec::new();
            reader.by_ref().take(u64::from(size.min(most))).read_to_end(&mut bytes).map(|_| bytes)
        };
        match &chunk[4..8] {
            b"IHDR" => deep = body(9)?.get(8) == Some(&16),
            b"fcTL" => header.frames += 1,
            b"pHYs" => {
                if let [x0, x1, x2, x3, y0, y1, y2, y3, 1] = body(9)?[..] {
                    let (x, y) = (u32::from_be_bytes([x0, x1, x2, x3]), u32::from_be_bytes([y0, y1, y2, y3]));
                    header.resolution = Some(Resolution::per_metre(x, y));
                }
            }
            b"eXIf" if size <= MAX_EXIF => {
                let exif = Exif::parse(&body(MAX_EXIF)?);
                header.orientation = Orientation::from_tag(exif.orientation);
                header.resolution = header.resolution.or(exif.resolution);
            }
            b"IEND" => break,
            _ => {}
        }
        place += 12 + u64::from(size);
        reader.seek(SeekFrom::Start(place))?;
    }
    // The decoder does not compose animations with 16 bits per sample; their first picture is the page.
    if deep {
        header.frames = header.frames.min(1);
    }
    Ok(header)
}
