//! PDF pages that tests draw.

use std::fmt::Write as _;

use image::{DynamicImage, ImageFormat};

use crate::pictures::encoded;

/// A PDF page of what is drawn, with a font whose map says what `map` does of each character.
pub struct Drawn {
    content: String,
    pictures: Vec<DynamicImage>,
    map: fn(char) -> char,
}

/// Width and height of a page, in points.
pub const SIZE: (f32, f32) = (612.0, 792.0);

impl Drawn {
    /// An empty page of US letter size.
    pub fn new(map: fn(char) -> char) -> Self {
        Self { content: String::new(), pictures: Vec::new(), map }
    }

    /// Text at a place from the top left of the page, in a render mode of PDF: 0 is seen, 3 is not.
    pub fn text(mut self, mode: u8, x: f32, y: f32, text: &str) -> Self {
        let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        let y = SIZE.1 - y;
        writeln!(self.content, "BT /F 11 Tf {mode} Tr 1 0 0 1 {x} {y} Tm ({text}) Tj ET").unwrap();
        self
    }

    /// Lines from a distance from the top on, 22 points from one to the next.
    pub fn lines(self, top: f32, lines: &[&str]) -> Self {
        (0..).zip(lines).fold(self, |drawn, (index, line)| drawn.text(0, 60.0, top + 22.0 * index as f32, line))
    }

    /// Whatever PDF draws, in its own coordinates: the origin is the lower left corner.
    pub fn raw(mut self, content: &str) -> Self {
        self.content.push_str(content);
        self.content.push('\n');
        self
    }

    /// A picture from that place on, so wide.
    pub fn picture(mut self, x: f32, y: f32, width: f32, picture: DynamicImage) -> Self {
        let height = width * picture.height() as f32 / picture.width() as f32;
        let bottom = SIZE.1 - y - height;
        writeln!(self.content, "q {width} 0 0 {height} {x} {bottom} cm /P{} Do Q", self.pictures.len()).unwrap();
        self.pictures.push(picture);
        self
    }

    /// The file.
    pub fn pdf(self) -> Vec<u8> {
        let (mut codes, mut names) = (String::new(), String::new());
        for code in ' '..='~' {
            writeln!(codes, "<{:02X}> <{:04X}>", code as u32, (self.map)(code) as u32).unwrap();
        }
        for index in 0..self.pictures.len() {
            write!(names, "/P{index} {} 0 R ", 7 + index).unwrap();
        }
        let map = format!(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapType 2 def\n1 begincodespacerange <00> \
             <FF> endcodespacerange\n95 beginbfchar\n{codes}endbfchar\nendcmap end end\n"
        );
        let stream = |head: &str, bytes: &[u8]| {
            [format!("<< {head} /Length {} >>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
        };
        let mut objects = vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {} {}] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> \
                 /XObject << {names} >> >> >>",
                SIZE.0, SIZE.1
            )
            .into_bytes(),
            stream("", self.content.as_bytes()),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>"
                .to_vec(),
            stream("", map.as_bytes()),
        ];
        for picture in &self.pictures {
            let jpeg = encoded(picture.to_luma8(), ImageFormat::Jpeg);
            let (width, height) = (picture.width(), picture.height());
            let head = format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
                 /BitsPerComponent 8 /Filter /DCTDecode"
            );
            objects.push(stream(&head, &jpeg));
        }
        let mut pdf = b"%PDF-1.7\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for (number, object) in (1..).zip(&objects) {
            writeln!(table, "{:010} 00000 n ", pdf.len()).unwrap();
            pdf.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
        }
        let start = pdf.len();
        write!(table, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF", objects.len() + 1).unwrap();
        pdf.extend(table.into_bytes());
        pdf
    }
}
