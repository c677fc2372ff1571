//! The header of a BMP (`BITMAPFILEHEADER` and `BITMAPINFOHEADER`).

use std::io::{self, Read};

use super::Header;
use super::resolution::Resolution;

/// The length up to the resolution, which headers of 40 bytes or more contain.
const HEADER_LEN: u64 = 46;

pub(super) fn header(reader: &mut impl Read) -> io::Result<Header> {
    let mut bytes = Vec::new();
    reader.take(HEADER_LEN).read_to_end(&mut bytes)?;
    let field = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let resolution = match (field(14), field(38), field(42)) {
        (Some(40..), Some(x), Some(y)) => Some(Resolution::per_metre(x, y)),
        _ => None,
    };
    Ok(Header { resolution, ..Header::default() })
}
