//! Pictures whose size tells the test engine what to do, and a PDF with an invoice.

use std::fmt::Write as _;
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
        // Lines every 60 rows, letters every 18 columns that differ in width and height as those of words do.
        let ink = |x: u32| {
            let (letter, column) = ((x + y / 60 * 7) / 18, (x + y / 60 * 7) % 18);
            let (width, height) = [(8, 16), (14, 24), (12, 16), (6, 24)][(letter * letter % 7 % 4) as usize];
            (24 - height..24).contains(&(y % 60)) && column < width
        };
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

/// A PDF of one blank page, with an invoice as data if there is to be one.
pub(crate) fn pdf_with_invoice(xml: Option<&str>) -> Vec<u8> {
    let names = if xml.is_some() { "/Names << /EmbeddedFiles << /Names [(factur-x.xml) 5 0 R] >> >>" } else { "" };
    let xml = xml.unwrap_or_default();
    let objects = [
        format!("<< /Type /Catalog /Pages 2 0 R {names} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>".to_owned(),
        format!("<< /Type /EmbeddedFile /Length {} >>\nstream\n{xml}\nendstream", xml.len()),
        "<< /Type /Filespec /F (factur-x.xml) /UF (factur-x.xml) /EF << /F 4 0 R >> >>".to_owned(),
    ];
    let (mut pdf, mut table) =
        ("%PDF-1.7\n".to_owned(), format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", pdf.len()).expect("a string takes what is written");
        write!(pdf, "{number} 0 obj\n{object}\nendobj\n").expect("a string takes what is written");
    }
    let start = pdf.len();
    let end = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    (pdf + &table + &end).into_bytes()
}
