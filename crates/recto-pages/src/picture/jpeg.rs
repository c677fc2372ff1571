//! JPEG: its metadata segments (ITU-T T.81, JFIF 1.02, Exif 2.3), and its pixels as grey.

use std::io::{self, Read, Seek, SeekFrom};

use super::Header;
use super::exif::Exif;
use super::grey::{luma_of_cmyk, luma_of_rgb};
use super::resolution::Resolution;
use super::turbojpeg::{Jpeg, JpegError, Samples};
use super::turn::Orientation;
use crate::error::PagesError;
use crate::open_file::PageLimits;

/// The most segments examined before the picture's data.
const MAX_SEGMENTS: usize = 1000;

/// Reads the segments before the picture's data.
pub(super) fn header(reader: &mut (impl Read + Seek)) -> io::Result<Header> {
    let mut jfif = None;
    let mut exif = Exif::default();
    reader.seek(SeekFrom::Start(2))?;
    for _ in 0..MAX_SEGMENTS {
        let Some(marker) = next_marker(reader)? else { break };
        // Restart markers and fill bytes have no segment; the picture's data and the end follow all relevant segments.
        match marker {
            0x01 | 0xD0..=0xD8 => continue,
            0xD9 | 0xDA => break,
            _ => {}
        }
        let mut length = [0; 2];
        if reader.read_exact(&mut length).is_err() {
            break;
        }
        let length = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        if marker == 0xE0 || marker == 0xE1 {
            let mut segment = Vec::new();
            reader.by_ref().take(length).read_to_end(&mut segment)?;
            if marker == 0xE0 {
                jfif = jfif.or_else(|| jfif_resolution(&segment));
            } else if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                exif = Exif::parse(tiff);
            }
        } else {
            reader.seek(SeekFrom::Current(length as i64))?;
        }
    }
    let orientation = Orientation::from_tag(exif.orientation);
    Ok(Header { resolution: jfif.or(exif.resolution), orientation, frames: 1 })
}

/// The next marker's code; `None` at the end of the file.
fn next_marker(reader: &mut impl Read) -> io::Result<Option<u8>> {
    let mut byte = [0xFF];
    let mut after_ff = false;
    while reader.read(&mut byte)? == 1 {
        match byte[0] {
            0xFF => after_ff = true,
            0x00 => after_ff = false,
            code if after_ff => return Ok(Some(code)),
            _ => {}
        }
    }
    Ok(None)
}

fn jfif_resolution(segment: &[u8]) -> Option<Resolution> {
    let [b'J', b'F', b'I', b'F', 0, _, _, unit, x0, x1, y0, y1, ..] = *segment else { return None };
    let (x, y) = (f32::from(u16::from_be_bytes([x0, x1])), f32::from(u16::from_be_bytes([y0, y1])));
    match unit {
        1 => Some(Resolution::per_inch(x, y)),
        2 => Some(Resolution::per_centimetre(x, y)),
        _ => None,
    }
}

/// Decodes a JPEG to `width`, `height` and grey pixels.
pub(super) fn decode(bytes: &[u8], number: u32, limits: PageLimits) -> Result<(u32, u32, Vec<u8>), PagesError> {
    let broken = |error: JpegError| PagesError::broken_page(number, error);
    let jpeg = Jpeg::new(bytes).map_err(broken)?;
    let (width, height) = (jpeg.width(), jpeg.height());
    limits.check_pixels(number, width as u64, height as u64)?;
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(jpeg.size()).map_err(|_| PagesError::PageNeedsMemory { number })?;
    pixels.resize(jpeg.size(), 0);
    jpeg.decode(&mut pixels).map_err(broken)?;
    let luma = match jpeg.samples() {
        Samples::Grey => pixels,
        Samples::Rgb => pixels.chunks_exact(3).map(|p| luma_of_rgb(p[0], p[1], p[2])).collect(),
        Samples::Cmyk if is_by_adobe(bytes) => {
            pixels.chunks_exact(4).map(|p| luma_of_cmyk(255 - p[0], 255 - p[1], 255 - p[2], 255 - p[3])).collect()
        }
        Samples::Cmyk => pixels.chunks_exact(4).map(|p| luma_of_cmyk(p[0], p[1], p[2], p[3])).collect(),
    };
    Ok((width as u32, height as u32, luma))
}

/// Whether the file has Adobe's marker. Adobe's programs store inks inverted: 0 for full, 255 for none.
fn is_by_adobe(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(1 << 16)].windows(5).any(|w| w == b"Adobe")
}
