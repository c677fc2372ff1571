//! PDFs of one page, written for a test.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use recto_domain::Page;
use recto_pages::{FileOpener, PageLimits, PdfLibrary};

/// The fonts of a page: `F1` to `F4`, and `M` with a map of the test's own.
const FONTS: [&str; 4] = ["Helvetica", "Times-Roman", "Courier", "Helvetica-Bold"];
/// Where the objects of a test begin.
const OWN: usize = 12;

/// A page of 400 by 300 points.
#[derive(Debug, Default)]
pub(crate) struct Paper {
    content: String,
    /// Characters that `M` draws and what its map says they are.
    map: Vec<(u8, String)>,
    objects: Vec<String>,
    /// What stands in the catalogue, the page and the page's resources.
    catalog: String,
    page: String,
    resources: String,
}

impl Paper {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Content as it is.
    pub(crate) fn raw(mut self, content: &str) -> Self {
        self.content.push_str(content);
        self.content.push('\n');
        self
    }

    /// A text of printable ASCII in one piece.
    pub(crate) fn text(self, font: &str, size: f32, x: f32, y: f32, text: &str) -> Self {
        let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        self.raw(&format!("BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET"))
    }

    /// Codes of the font `M`.
    pub(crate) fn codes(self, size: f32, x: f32, y: f32, codes: &[u8]) -> Self {
        let mut hex = String::new();
        for code in codes {
            write!(hex, "{code:02x}").unwrap();
        }
        self.raw(&format!("BT /M {size} Tf {x} {y} Td <{hex}> Tj ET"))
    }

    /// What a code of the font `M` is, by its map. It draws what the code is in Latin-1.
    pub(crate) fn mapped(mut self, code: u8, text: &str) -> Self {
        self.map.push((code, text.to_owned()));
        self
    }

    /// The number of an object of the test's own, which is added.
    pub(crate) fn object(&mut self, object: &str) -> usize {
        self.objects.push(object.to_owned());
        OWN + self.objects.len() - 1
    }

    pub(crate) fn catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    pub(crate) fn page(mut self, entries: &str) -> Self {
        self.page.push_str(entries);
        self
    }

    pub(crate) fn resources(mut self, entries: &str) -> Self {
        self.resources.push_str(entries);
        self
    }

    /// The file.
    pub(crate) fn pdf(&self) -> Vec<u8> {
        let mut objects = vec![
            format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R \
                 /Resources << /Font << /F1 5 0 R /F2 6 0 R /F3 7 0 R /F4 8 0 R /M 9 0 R >> {} >> {} >>",
                self.resources, self.page
            ),
            stream("", &self.content),
        ];
        objects.extend(
            FONTS
                .iter()
                .map(|name| format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")),
        );
        objects.push(format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /FirstChar 0 /LastChar 255 \
             /Widths [{}] /ToUnicode 10 0 R >>",
            "500 ".repeat(256)
        ));
        objects.push(stream("", &self.to_unicode()));
        objects.push("null".to_owned());
        objects.extend(self.objects.iter().cloned());
        file_of(&objects)
    }

    fn to_unicode(&self) -> String {
        let mut cmap = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def \
                        1 begincodespacerange <00> <ff> endcodespacerange\n"
            .to_owned();
        for (code, text) in &self.map {
            write!(cmap, "1 beginbfchar <{code:02x}> <").unwrap();
            for unit in text.encode_utf16() {
                write!(cmap, "{unit:04x}").unwrap();
            }
            cmap.push_str("> endbfchar\n");
        }
        cmap + "endcmap end end"
    }

    /// The page as Recto reads it.
    pub(crate) fn read(&self) -> Page {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
        let library = PdfLibrary::from_file(&library).expect("bootstrap.sh has fetched PDFium");
        let opener = FileOpener::new(library, PageLimits::default());
        let mut file: File = tempfile::tempfile().unwrap();
        file.write_all(&self.pdf()).unwrap();
        file.rewind().unwrap();
        opener.open(file).unwrap().text_as_it_is(1).unwrap().expect("the page has text")
    }

    /// The words in reading order, with a blank between them.
    pub(crate) fn words(&self) -> String {
        self.read().words().map(|word| word.text.clone()).collect::<Vec<_>>().join(" ")
    }
}

/// A stream object.
pub(crate) fn stream(entries: &str, content: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

fn file_of(objects: &[String]) -> Vec<u8> {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(pdf.len());
        write!(pdf, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = pdf.len();
    write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(pdf, "{offset:010} 00000 n ").unwrap();
    }
    write!(pdf, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).unwrap();
    pdf.into_bytes()
}
