//! PDFs of one page, written for a test.

use std::fmt::Write as _;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use recto_pages::{FileOpener, PageLimits, PdfLibrary, RenderedPage, TextLayer};

/// Width, height and grey pixels.
pub(crate) type Pixels = (usize, usize, Vec<u8>);

/// Lines of text in one of the fonts that every reader has, a map from its codes to characters, and pictures.
pub(crate) struct Written {
    lines: Vec<String>,
    font: &'static str,
    map: Box<dyn Fn(char) -> char>,
    is_invisible: bool,
    leading: f32,
    pictures: Vec<((f32, f32, f32, f32), Pixels)>,
    drawing: &'static str,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            font: "Helvetica",
            map: Box::new(|c| c),
            is_invisible: false,
            leading: 24.0,
            pictures: Vec::new(),
            drawing: "",
        }
    }
}

impl Written {
    pub(crate) fn lines(self, lines: &[&str]) -> Self {
        Self { lines: lines.iter().map(|line| (*line).to_owned()).collect(), ..self }
    }

    pub(crate) fn font(self, font: &'static str) -> Self {
        Self { font, ..self }
    }

    /// What the font's map says of each character that it draws.
    pub(crate) fn map(self, map: impl Fn(char) -> char + 'static) -> Self {
        Self { map: Box::new(map), ..self }
    }

    pub(crate) fn invisible(self) -> Self {
        Self { is_invisible: true, ..self }
    }

    /// From one line to the next, in points.
    pub(crate) fn leading(self, leading: f32) -> Self {
        Self { leading, ..self }
    }

    /// Operators that draw something below the text.
    #[allow(dead_code, reason = "each test program uses a part of it")]
    pub(crate) fn drawing(self, drawing: &'static str) -> Self {
        Self { drawing, ..self }
    }

    /// A picture at that place: left, bottom, width and height in points.
    pub(crate) fn picture(mut self, place: (f32, f32, f32, f32), pixels: Pixels) -> Self {
        self.pictures.push((place, pixels));
        self
    }

    pub(crate) fn text_layer(&self) -> TextLayer {
        self.opened(|file| file.text_layer(1).unwrap())
    }

    pub(crate) fn visible_text_layer(&self) -> TextLayer {
        self.opened(|file| file.visible_text_layer(1).unwrap())
    }

    pub(crate) fn rendered(&self) -> RenderedPage {
        self.opened(|file| file.render(1, 150).unwrap())
    }

    fn opened<T>(&self, use_it: impl FnOnce(&mut recto_pages::OpenFile<'_>) -> T) -> T {
        let pdfium = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
        let library = PdfLibrary::from_file(&pdfium).expect("bootstrap.sh has fetched PDFium");
        let opener = FileOpener::new(library, PageLimits::default());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&self.pdf()).unwrap();
        file.rewind().unwrap();
        use_it(&mut opener.open(file).unwrap())
    }

    fn pdf(&self) -> Vec<u8> {
        let mut content = format!("q {} Q\n", self.drawing);
        let mut names = String::new();
        for (index, ((x, y, width, height), _)) in self.pictures.iter().enumerate() {
            writeln!(content, "q {width} 0 0 {height} {x} {y} cm /P{index} Do Q").unwrap();
            write!(names, "/P{index} {} 0 R ", 7 + index).unwrap();
        }
        let mode = if self.is_invisible { 3 } else { 0 };
        for (index, line) in self.lines.iter().enumerate() {
            let y = 780.0 - index as f32 * self.leading;
            let escaped = line.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            writeln!(content, "BT /F 12 Tf {mode} Tr 1 0 0 1 50 {y} Tm ({escaped}) Tj ET").unwrap();
        }
        let mut map =
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapType 2 def\n1 begincodespacerange \
                       <00> <FF> endcodespacerange\n95 beginbfchar\n"
                .to_owned();
        for code in ' '..='~' {
            let mut units = [0; 2];
            let units = (self.map)(code).encode_utf16(&mut units);
            write!(map, "<{:02X}> <", code as u32).unwrap();
            for unit in units {
                write!(map, "{unit:04X}").unwrap();
            }
            map.push_str(">\n");
        }
        map.push_str("endbfchar\nendcmap end end\n");
        let stream = |head: &str, bytes: &[u8]| {
            let mut object = format!("<< {head} /Length {} >>\nstream\n", bytes.len()).into_bytes();
            object.extend_from_slice(bytes);
            object.extend_from_slice(b"\nendstream");
            object
        };
        let mut objects: Vec<Vec<u8>> = vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
                 /Resources << /Font << /F 5 0 R >> /XObject << {names} >> >> >>"
            )
            .into_bytes(),
            stream("", content.as_bytes()),
            format!(
                "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding /ToUnicode 6 0 R >>",
                self.font
            )
            .into_bytes(),
            stream("", map.as_bytes()),
        ];
        for (_, (width, height, pixels)) in &self.pictures {
            let head = format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
            );
            objects.push(stream(&head, pixels));
        }
        file_of(&objects)
    }
}

fn file_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(pdf.len());
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let start = pdf.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        writeln!(end, "{offset:010} 00000 n ").unwrap();
    }
    writeln!(end, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF", objects.len() + 1).unwrap();
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

/// Lines of black spots of the size and distance of letters, some in words.
pub(crate) fn letters(columns: usize, lines: usize) -> Pixels {
    let (width, height) = (columns * 10, lines * 20);
    let is_ink = |x: usize, y: usize| (4..16).contains(&(y % 20)) && x % 10 < 6 && (x / 10) % 7 != 6;
    let pixels = (0..width * height).map(|at| if is_ink(at % width, at / width) { 0 } else { 255 }).collect();
    (width, height, pixels)
}
