//! Pictures whose size tells the test engine what to do.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use crate::test_engine::Conduct;

const HEIGHT: u32 = 1600;
/// 300 dots per inch.
const DOTS_PER_METRE: u32 = 11_811;

/// A grey Windows bitmap with something like lines of text on it, as wide as `conduct` demands.
pub(crate) fn bitmap(conduct: Conduct) -> Vec<u8> {
    let width = conduct.width_pixels();
    assert_eq!(width % 4, 0, "rows need no padding");
    let offset = 54 + 4 * 256;
    let mut file = b"BM".to_vec();
    for word in [offset + width * HEIGHT, 0, offset, 40, width, HEIGHT, 1 | 8 << 16, 0, 0] {
        file.extend(word.to_le_bytes());
    }
    for word in [DOTS_PER_METRE, DOTS_PER_METRE, 256, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend((0..=255u8).flat_map(|grey| [grey, grey, grey, 0]));
    for y in 0..HEIGHT {
        let margin = |x: u32| x < 40 || x > width - 40 || !(80..=HEIGHT - 80).contains(&y);
        // Lines of 24 rows every 60, letters of 12 columns with gaps of 6 that differ from line to line.
        let ink = |x: u32| y % 60 < 24 && (x + y / 60 * 7) % 18 < 12;
        file.extend((0..width).map(|x| if !margin(x) && ink(x) { 0u8 } else { 255 }));
    }
    file
}

/// The bitmap as an open file without a name.
pub(crate) fn open_bitmap(conduct: Conduct) -> File {
    open(&bitmap(conduct))
}

/// Those bytes as an open file without a name.
pub(crate) fn open(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room in the temporary folder");
    file.rewind().expect("a file can be rewound");
    file
}
