//! The resolution of a JPEG 2000 file: the boxes of a JP2 (ISO/IEC 15444-1, annex I).

use std::io::{self, Read, Seek, SeekFrom};

use super::Header;
use super::resolution::Resolution;

/// A box that contains others.
const CONTAINERS: [&[u8; 4]; 2] = [b"jp2h", b"res "];
/// The resolution at which it was taken, and the one at which it is to be shown.
const RESOLUTIONS: [&[u8; 4]; 2] = [b"resc", b"resd"];
/// The pixels follow.
const CODE_STREAM: &[u8; 4] = b"jp2c";
/// Files have fewer boxes before their pixels.
const MOST_BOXES: usize = 100;

/// The header of a JP2, or of a bare code stream, which has none.
pub(super) fn header(reader: &mut (impl Read + Seek)) -> io::Result<Header> {
    let mut header = Header::default();
    let mut place = 0;
    for _ in 0..MOST_BOXES {
        reader.seek(SeekFrom::Start(place))?;
        let mut head = Vec::new();
        reader.by_ref().take(18).read_to_end(&mut head)?;
        let (Some(length), Some(kind)) = (u32_at(&head, 0), head.get(4..8)) else { break };
        if kind == CODE_STREAM {
            break;
        }
        if RESOLUTIONS.iter().any(|name| *name == kind)
            && header.resolution.is_none()
            && let (Some(down), Some(across)) = (per_metre(&head, 8, 16), per_metre(&head, 12, 17))
        {
            header.resolution = Some(Resolution::per_metre(across, down));
        }
        // A length of 1 stands for a long one, of 0 for the rest of the file: neither is that of a header.
        place += match length {
            _ if CONTAINERS.iter().any(|name| *name == kind) => 8,
            8.. => u64::from(length),
            _ => break,
        };
    }
    Ok(header)
}

/// Pixels per metre: a numerator and a denominator of 16 bits each, and the exponent of a power of ten.
fn per_metre(head: &[u8], fraction: usize, exponent: usize) -> Option<u32> {
    let halves = u32_at(head, fraction)?;
    let (numerator, denominator) = (halves >> 16, halves & 0xffff);
    let exponent = head.get(exponent)?.cast_signed();
    let pixels = f64::from(numerator) / f64::from(denominator) * 10f64.powi(exponent.into());
    (pixels.is_finite() && pixels >= 1.0).then_some(pixels.round() as u32)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn of(bytes: &[u8]) -> Option<Resolution> {
        header(&mut Cursor::new(bytes)).unwrap().resolution
    }

    #[test]
    fn the_resolution_stands_in_a_box_within_boxes() {
        let mut file = b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x2djp2h\0\0\0\x1ares \0\0\0\x12resc".to_vec();
        // 300 dots an inch: 11811 / 1 * 10^0 pixels a metre.
        file.extend([0x2e, 0x23, 0, 1, 0x2e, 0x23, 0, 1, 0, 0]);
        file.extend(b"\0\0\0\0jp2c");
        assert_eq!(of(&file), Some(Resolution::per_metre(11_811, 11_811)));
    }

    #[test]
    fn files_without_one_have_none() {
        assert_eq!(of(b"\xff\x4f\xff\x51"), None);
        assert_eq!(of(b"\0\0\0\0jp2c"), None);
        assert_eq!(of(b"\0\0\0\x12resc\0\x01\0\0\0\x01\0\0\0\0"), None);
    }
}
