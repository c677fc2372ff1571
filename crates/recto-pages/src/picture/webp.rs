//! The metadata chunks of a WebP (RFC 9649).

use std::io::{self, Read, Seek, SeekFrom};

use super::Header;
use super::exif::Exif;
use super::turn::Orientation;

const RIFF_HEADER: u64 = 12;
/// Longer `EXIF` chunks, in bytes, are skipped.
const MAX_EXIF: u32 = 1 << 20;

pub(super) fn header(reader: &mut (impl Read + Seek)) -> io::Result<Header> {
    let length = reader.seek(SeekFrom::End(0))?;
    let mut header = Header::default();
    let mut place = RIFF_HEADER;
    while place + 8 <= length {
        reader.seek(SeekFrom::Start(place))?;
        let mut chunk = [0; 8];
        reader.read_exact(&mut chunk)?;
        let size = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        match &chunk[..4] {
            b"ANMF" => header.frames += 1,
            b"EXIF" if size <= MAX_EXIF => {
                let mut bytes = Vec::new();
                reader.by_ref().take(u64::from(size)).read_to_end(&mut bytes)?;
                let exif = Exif::parse(bytes.strip_prefix(b"Exif\0\0").unwrap_or(&bytes));
                header.orientation = Orientation::from_tag(exif.orientation);
                header.resolution = exif.resolution;
            }
            _ => {}
        }
        // Chunks are padded to an even length.
        place += 8 + u64::from(size) + u64::from(size % 2);
    }
    Ok(header)
}
