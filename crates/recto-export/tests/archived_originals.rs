//! PDFs in a PDF/A: what of their pages stays, what is drawn, and what is said of it (numbers of ISO 19005-2 and -3).
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod fixture;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::{block, line};
use recto_domain::{
    BatchDetails, BlockKind, Drawing, FileKind, FinishedBatch, FinishedDocument, Page, PageSource, RecordId, Rotation,
    Size, SourceError, Timestamp,
};
use recto_export::{ExportOptions, Format, MemoryBatch, PdfOptions, PdfStandard, export, prepare};
use serde_json::Value;

/// A batch whose pages are drawn as a red picture, or not at all.
struct Drawn {
    batch: MemoryBatch,
    pages: Vec<u32>,
    breaks: bool,
}

/// The options that ask for a standard.
fn asked(standard: PdfStandard) -> ExportOptions {
    ExportOptions { pdf: PdfOptions { standard: Some(standard), ..PdfOptions::default() }, ..ExportOptions::default() }
}

impl FinishedBatch for Drawn {
    fn details(&self) -> &BatchDetails {
        self.batch.details()
    }

    fn documents(&self) -> &[FinishedDocument] {
        self.batch.documents()
    }

    fn page(&mut self, record: RecordId, index: u32) -> Result<Page, SourceError> {
        self.batch.page(record, index)
    }

    fn original(&mut self, record: RecordId) -> Result<File, SourceError> {
        self.batch.original(record)
    }

    fn draws(&self) -> bool {
        true
    }

    fn drawing(&mut self, _: RecordId, number: u32, _: Rotation) -> Result<Drawing, SourceError> {
        self.pages.push(number);
        if self.breaks {
            return Ok(Drawing::Impossible("the worker broke".to_owned()));
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 30, 20);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&[255, 0, 0].repeat(30 * 20))?;
        Ok(Drawing::Picture(bytes))
    }
}

/// What a page of the file has.
#[derive(Default, Clone)]
struct Original {
    contents: &'static str,
    resources: &'static str,
    /// Entries of the page.
    page: &'static str,
    /// Entries of the catalog.
    catalog: &'static str,
    /// Objects from 10 on.
    more: Vec<&'static [u8]>,
}

impl Original {
    fn bytes(&self) -> Vec<u8> {
        let Self { contents, resources, page, catalog, more } = self;
        let mut file = String::from("%PDF-1.7\n");
        let objects = [
            format!("<</Type/Catalog/Pages 2 0 R {catalog}>>"),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 300 200]>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<{resources}>>{page}>>"),
            format!("<</Length {}>>stream\n{contents}\nendstream", contents.len()),
        ];
        for (number, object) in (1..).zip(objects) {
            write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
        }
        let mut file = file.into_bytes();
        for (number, object) in (10..).zip(more) {
            file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            file.extend_from_slice(object);
            file.extend_from_slice(b"\nendobj\n");
        }
        file.extend_from_slice(b"trailer<</Root 1 0 R>>\n");
        file
    }

    fn batch(&self, folder: &Path) -> MemoryBatch {
        let path = folder.join("original.pdf");
        fs::write(&path, self.bytes()).unwrap();
        let words = vec![block(BlockKind::Paragraph, vec![line(20.0, 20.0, "Jahresabschluss 1954")])];
        let size = Size { width: 300.0, height: 200.0 };
        let page = Page::read(1, size, Rotation::None, PageSource::TextLayer, None, words);
        let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
        batch.add("original.pdf", FileKind::Pdf, path, vec![page]);
        batch
    }

    /// The export as a PDF of that standard.
    fn archived(&self, standard: PdfStandard) -> Archived {
        let folder = tempfile::tempdir().unwrap();
        let batch = self.batch(folder.path());
        Archived::of(Drawn { batch, pages: Vec::new(), breaks: false }, standard, folder)
    }
}

/// An exported file.
struct Archived {
    folder: tempfile::TempDir,
    warnings: Vec<String>,
    drawn: Vec<u32>,
    objects: Value,
}

impl Archived {
    fn of(mut batch: Drawn, standard: PdfStandard, folder: tempfile::TempDir) -> Self {
        let options = asked(standard);
        let warnings = prepare(Format::Pdf, &options, &mut batch).unwrap();
        assert_eq!(batch.pages, [] as [u32; 0], "nothing is drawn to say what would be");
        let path = folder.path().join("export.pdf");
        export(Format::Pdf, &options, &mut batch, &mut File::create(&path).unwrap()).unwrap();
        run("qpdf", &["--check"], &path);
        let json = run("qpdf", &["--json=2", "--json-key=qpdf"], &path);
        let objects = serde_json::from_str::<Value>(&json).unwrap()["qpdf"][1].clone();
        Self { folder, warnings, drawn: batch.pages, objects }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("export.pdf")
    }

    /// The whole file in words, without what is compressed.
    fn text(&self) -> String {
        self.objects.to_string()
    }

    /// Every dictionary in which `is` holds.
    fn dictionaries(&self, is: impl Fn(&Value) -> bool) -> Vec<Value> {
        fn walk(value: &Value, found: &mut Vec<Value>) {
            match value {
                Value::Object(map) => {
                    found.push(value.clone());
                    map.values().for_each(|value| walk(value, found));
                }
                Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        walk(&self.objects, &mut found);
        found.retain(|dictionary| is(dictionary));
        found
    }

    fn annotations(&self) -> Vec<String> {
        let are = self.dictionaries(|d| d.get("/Rect").is_some());
        are.iter().map(|d| d["/Subtype"].as_str().unwrap().to_owned()).collect()
    }
}

fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is installed (./bootstrap.sh --tests)"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text_of(path: &Path) -> String {
    let output = Command::new("pdftotext").arg(path).arg("-").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A page with a font that every reader is thought to have.
fn with_helvetica() -> Original {
    Original {
        contents: "BT/F 12 Tf 20 170 Td(Jahresabschluss 1954)Tj ET",
        resources: "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>",
        page: "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://recto.example/)>>>>]",
        ..Original::default()
    }
}

#[test]
fn a_page_with_a_font_that_is_not_embedded_is_drawn_with_its_text_on_it() {
    let archived = with_helvetica().archived(PdfStandard::A2b);
    assert_eq!(archived.drawn, [1]);
    assert_eq!(
        archived.warnings,
        [
            "original.pdf, page 1: drawn as a picture with its text on it: the font Helvetica is not embedded (6.2.11.4.1)"
        ]
    );
    let fonts = run("pdffonts", &[], &archived.path());
    assert!(!fonts.contains("Helvetica") && fonts.lines().skip(2).all(|font| font.contains("yes yes yes")), "{fonts}");
    assert!(text_of(&archived.path()).contains("Jahresabschluss 1954"));
    assert_eq!(archived.annotations(), ["/Link"], "links stay");
    let pixels = Command::new("pdftoppm").args(["-r", "72"]).arg(archived.path()).output().unwrap().stdout;
    assert_eq!(&pixels[..b"P6\n300 200\n".len()], b"P6\n300 200\n");
    let middle = &pixels[pixels.len() - 300 * 50 * 3..][..3];
    assert_eq!(middle, [255, 0, 0], "it shows the drawing");
}

#[test]
fn text_that_nobody_sees_needs_no_font_program() {
    let original = Original { contents: "BT 3 Tr/F 12 Tf 20 170 Td(Jahr)Tj ET", ..with_helvetica() };
    let archived = original.archived(PdfStandard::A2b);
    assert_eq!(archived.drawn, [] as [u32; 0], "{:?}", archived.warnings);
}

#[test]
fn without_anybody_who_draws_it_is_refused_by_name_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = asked(PdfStandard::A2b);
    let mut out = Vec::new();
    let refused = export(Format::Pdf, &options, &mut with_helvetica().batch(folder.path()), &mut out).unwrap_err();
    assert!(refused.to_string().starts_with("original.pdf cannot be included unchanged in a PDF"), "{refused}");
    assert!(refused.to_string().contains("the font Helvetica is not embedded (6.2.11.4.1)"), "{refused}");
    assert_eq!(out.len(), 0);
}

#[test]
fn a_page_that_cannot_be_drawn_is_named_and_keeps_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let batch = Drawn { batch: with_helvetica().batch(folder.path()), pages: Vec::new(), breaks: true };
    let archived = Archived::of(batch, PdfStandard::A2b, folder);
    let text = text_of(&archived.path());
    assert!(text.contains("Jahresabschluss 1954") && text.contains("the worker broke"), "{text}");
}

#[test]
fn inks_get_a_meaning_instead_of_being_drawn_as_in_6_2_4_3() {
    let original = Original {
        contents: "0 1 1 0 k 0 0 300 200 re f/X Do",
        resources: "/XObject<</X 10 0 R>>",
        more: vec![
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</ColorSpace<</C[/Indexed/DeviceCMYK 0<00000000>]>>>>\
              /Length 27>>stream\n/C cs 0 sc 0 0 9 9 re f    \nendstream",
        ],
        ..Original::default()
    };
    let archived = original.archived(PdfStandard::A2b);
    assert_eq!(archived.drawn, [] as [u32; 0]);
    assert!(archived.warnings[0].contains("6.2.4.3"), "{:?}", archived.warnings);
    let resources = archived.dictionaries(|d| d.get("/DefaultCMYK").is_some());
    assert_eq!(resources.len(), 2, "of the page and of the form");
    assert!(!archived.text().contains("\"/DeviceCMYK\""), "a space within another has its meaning itself");
    let pixels = Command::new("pdftoppm").args(["-r", "72"]).arg(archived.path()).output().unwrap().stdout;
    let middle = &pixels[pixels.len() - 300 * 50 * 3..][..3];
    assert!(middle[0] > 200 && middle[1] < 80 && middle[2] < 80, "red, not {middle:?}");
}

#[test]
fn lzw_becomes_flate_as_in_6_1_7_2() {
    // The example of ISO 32000-1, section 7.4.4.2, whose bytes are blanks of contents here.
    let original = Original {
        contents: "/X Do",
        resources: "/XObject<</X 10 0 R>>",
        more: vec![
            b"<</Type/XObject/Subtype/Image/Width 3/Height 3/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/LZWDecode\
              /Length 9>>stream\n\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01\nendstream",
        ],
        ..Original::default()
    };
    let archived = original.archived(PdfStandard::A2b);
    assert_eq!(archived.drawn, [] as [u32; 0]);
    let pictures = archived.dictionaries(|d| d.get("/Subtype") == Some(&Value::from("/Image")));
    assert_eq!(pictures[0]["/Filter"], "/FlateDecode");
    let shown = Command::new("pdfimages").args(["-list"]).arg(archived.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&shown.stdout).contains("gray"));
}

#[test]
fn annotations_and_actions_are_as_in_6_3_to_6_5() {
    let original = Original {
        page: "/Annots[10 0 R 11 0 R 12 0 R<</Type/Annot/Subtype/Link>>]/AA<</O<</S/JavaScript/JS(1)>>>>",
        catalog: "/AcroForm<</Fields[12 0 R]/NeedAppearances true>>/OpenAction<</S/JavaScript/JS(1)>>",
        more: vec![
            // Nobody sees it.
            b"<</Type/Annot/Subtype/Square/F 2/Rect[0 0 9 9]/AP<</N 13 0 R>>>>",
            // It is not printed, and looks otherwise when it is pressed.
            b"<</Type/Annot/Subtype/Square/Rect[0 0 9 9]/AP<</N 13 0 R/D 13 0 R>>>>",
            b"<</Type/Annot/Subtype/Widget/F 4/FT/Btn/T(b)/Rect[0 0 9 9]/A<</S/ResetForm>>/AP<</N<</On 13 0 R>>>>/AS/On>>",
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 13>>stream\n0 0 9 9 re f  \nendstream",
        ],
        ..Original::default()
    };
    let archived = original.archived(PdfStandard::A2b);
    assert_eq!(archived.drawn, [] as [u32; 0]);
    let mut kinds = archived.annotations();
    kinds.sort_unstable();
    assert_eq!(kinds, ["/Square", "/Widget"]);
    for annotation in archived.dictionaries(|d| d.get("/Rect").is_some()) {
        assert_eq!(annotation["/F"], 4, "{annotation}");
        assert_eq!(annotation["/AP"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/N"], "{annotation}");
        assert!(annotation.get("/A").is_none());
    }
    for forbidden in ["JavaScript", "ResetForm", "NeedAppearances", "/AA"] {
        assert!(!archived.text().contains(forbidden), "{forbidden}");
    }
    let told = archived.warnings.join("\n");
    for clause in ["6.3.2", "6.4.1"] {
        assert!(told.contains(clause), "{told}");
    }
}

#[test]
fn kinds_of_annotations_that_may_not_be_have_the_page_drawn() {
    for kind in ["Movie", "Sound", "Screen", "3D", "RichMedia"] {
        let annotation = format!("/Annots[<</Type/Annot/Subtype/{kind}/Rect[0 0 9 9]>>]");
        let original = Original { page: annotation.leak(), ..Original::default() };
        let archived = original.archived(PdfStandard::A3b);
        assert_eq!((archived.drawn, archived.objects.to_string().contains("/Rect")), (vec![1], false), "{kind}");
    }
}

#[test]
fn what_breaks_a_rule_has_the_page_drawn_and_the_clause_named() {
    let group = "/Group<</S/Transparency/CS/DeviceCMYK>>";
    let half = "/ExtGState<</G<</ca 0.5>>>>";
    let cases = [
        ("/G gs", half, group, "6.2.4.3"),
        ("xyz", "", "", "6.2.2"),
        ("/Other ri", "", "", "6.2.6"),
        ("/G gs", "/ExtGState<</G<</BM/Invented>>>>", "", "6.2.10"),
        ("/G gs", "/ExtGState<</G<</TR<</FunctionType 2>>>>>>", "", "6.2.5"),
        ("/C cs", "/ColorSpace<</C[/Separation/Gold/DeviceCMYK<</FunctionType 2>>]>>", "", "6.2.4.4"),
        ("/C cs", "/ColorSpace<</C[/ICCBased 3 0 R]>>", "", "6.2.4.2"),
        ("BI/W 1/H 1/BPC 8/CS/G/F/LZW ID \u{1} EI", "", "", "6.1.10"),
        ("/X Do", "/XObject<</X 10 0 R>>", "", "6.2.9"),
        ("/X Do", "/XObject<</X 11 0 R>>", "", "one of its form XObjects contains itself"),
        ("BT/F 9 Tf(a)Tj ET", "/Font<</F<</Type/Font/Subtype/Type0/Encoding/90ms-RKSJ-H>>>>", "", "6.2.11.3.3"),
        ("", "", "/MediaBox[0 0 20000 100]", "6.1.13"),
    ];
    for (contents, resources, page, clause) in cases {
        let postscript: &[u8] = b"<</Type/XObject/Subtype/PS/Length 4>>stream\nshow\nendstream";
        let circle: &[u8] = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 11 0 R>>>>/Length 5>>\
                              stream\n/X Do\nendstream";
        let original = Original { contents, resources, page, more: vec![postscript, circle], ..Original::default() };
        let archived = original.archived(PdfStandard::A2b);
        assert_eq!(archived.drawn, [1], "{contents} {resources} {page}");
        assert!(archived.warnings.concat().contains(clause), "{:?}", archived.warnings);
    }
    // A group that nothing needs goes instead.
    let archived = Original { page: group, ..Original::default() }.archived(PdfStandard::A2b);
    assert_eq!((archived.drawn.len(), archived.text().contains("/Group")), (0, false));
}

#[test]
fn attached_files_stay_in_pdfa_3b_and_are_told_of_elsewhere_as_in_6_8() {
    let original = Original {
        catalog: "/Names<</EmbeddedFiles<</Names[(data.xml)10 0 R]>>>>",
        more: vec![
            b"<</Type/Filespec/F(data.xml)/EF<</F 11 0 R>>>>",
            b"<</Type/EmbeddedFile/Length 3>>stream\n<a>\nendstream",
        ],
        ..Original::default()
    };
    let kept = original.archived(PdfStandard::A3b);
    assert_eq!((kept.drawn.len(), kept.warnings.len()), (0, 0));
    let [file] = &kept.dictionaries(|d| d.get("/EF").is_some())[..] else { panic!("{}", kept.text()) };
    assert_eq!((&file["/AFRelationship"], &file["/UF"]), (&Value::from("/Unspecified"), &Value::from("u:data.xml")));
    assert!(kept.text().contains("/application#2foctet-stream") || kept.text().contains("/application/octet-stream"));
    let catalogs = kept.dictionaries(|d| d.get("/AF").is_some());
    assert_eq!(catalogs[0]["/AF"].as_array().map(Vec::len), Some(1), "it is associated with the document");
    let left = original.archived(PdfStandard::A2b);
    assert!(left.dictionaries(|d| d.get("/EF").is_some()).is_empty());
    assert_eq!(left.warnings, ["original.pdf: its attached files are left out; pdfa-3b keeps them (6.8)"]);
}

#[test]
fn letters_whose_meaning_is_not_said_are_drawn_for_pdfa_2u_as_in_6_2_11_7() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples/invoice.pdf");
    for (standard, drawn) in [(PdfStandard::A2b, 0), (PdfStandard::A2u, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
        let size = Size { width: 595.0, height: 842.0 };
        let page = Page::read(1, size, Rotation::None, PageSource::TextLayer, None, Vec::new());
        batch.add("invoice.pdf", FileKind::Pdf, &sample, vec![page]);
        let archived = Archived::of(Drawn { batch, pages: Vec::new(), breaks: false }, standard, folder);
        assert_eq!(archived.drawn.len(), drawn, "{:?}", archived.warnings);
        let fonts = run("pdffonts", &[], &archived.path());
        assert!(fonts.contains("FKAOMD+Helvetica-Bold"), "its letters stay letters: {fonts}");
    }
    let custom = Original {
        resources: "/Font<</F<</Type/Font/Subtype/Type3/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97/Widths[1]\
                    /Encoding<</Differences[97/glyph17]>>/CharProcs<</glyph17 10 0 R>>/FontBBox[0 0 1 1]>>>>",
        contents: "BT/F 9 Tf(a)Tj ET",
        more: vec![b"<</Length 14>>stream\n1 0 d0 0 0 1 1 re f\nendstream"],
        ..Original::default()
    };
    assert_eq!(custom.archived(PdfStandard::A2b).drawn.len(), 0);
    let drawn = custom.archived(PdfStandard::A2u);
    assert_eq!(drawn.drawn.len(), 1);
    assert!(drawn.warnings.concat().contains("(6.2.11.7.2)"), "{:?}", drawn.warnings);
}
