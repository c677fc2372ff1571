//! PDF/A-2b, clause by clause (numbers of ISO 19005-2), as qpdf and poppler read the file.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::{block, exported_with, line};
use jpeg_encoder::{ColorType, Encoder};
use recto_domain::{BlockKind, FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, PdfOptions, PdfStandard};
use serde_json::Value;

fn archive() -> ExportOptions {
    asked(PdfStandard::A2b)
}

const SIDE: u32 = 60;

/// A page of 144 by 144 points with a word in any script.
fn page(number: u32) -> Page {
    let words = vec![block(BlockKind::Paragraph, vec![line(12.0, 12.0, "Größe שלום 東京")])];
    let engine = PageSource::Engine("tesseract".to_owned());
    Page::read(number, Size { width: 144.0, height: 144.0 }, Rotation::None, engine, None, words)
}

/// Colours that run from corner to corner, so many bytes a pixel.
fn pixels(samples: usize) -> Vec<u8> {
    let value = |x: u32, y: u32, sample: usize| match sample {
        0 => x * 255 / SIDE,
        1 => y * 255 / SIDE,
        2 => 255 - x * 255 / SIDE,
        _ => 40,
    };
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    places.flat_map(|(x, y)| (0..samples).map(move |sample| value(x, y, sample) as u8)).collect()
}

fn jpeg(color: ColorType, samples: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 90).encode(&pixels(samples), SIDE as u16, SIDE as u16, color).unwrap();
    bytes
}

fn png(color: png::ColorType, depth: png::BitDepth, data: &[u8], palette: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

/// An uncompressed TIFF of four inks.
fn tiff_of_inks() -> Vec<u8> {
    let side = SIDE as u16;
    // Width, height, bits, compression, photometric (separated), strip offset, samples, rows, strip bytes.
    let entries: [(u16, u16, u32); 9] = [
        (256, 3, side.into()),
        (257, 3, side.into()),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 5),
        (273, 4, 8 + 2 + 9 * 12 + 4),
        (277, 3, 4),
        (278, 3, side.into()),
        (279, 4, SIDE * SIDE * 4),
    ];
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend_from_slice(&9u16.to_le_bytes());
    for (tag, kind, value) in entries {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&1u32.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&pixels(4));
    bytes
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples").join(name)
}

/// Pictures of every kind, one that is cut off, and one whose page could not be read.
fn pictures(folder: &Path) -> MemoryBatch {
    use png::{BitDepth, ColorType as Png};
    let mut batch = MemoryBatch::new("März <2026> & \"more\"", Timestamp::from_millis(1_774_951_200_000));
    let eight = BitDepth::Eight;
    let indices: Vec<u8> = pixels(1).iter().map(|value| value % 4).collect();
    let files = [
        ("gray.jpg", FileKind::Jpeg, jpeg(ColorType::Luma, 1)),
        ("rgb.jpg", FileKind::Jpeg, jpeg(ColorType::Rgb, 3)),
        ("inks.jpg", FileKind::Jpeg, jpeg(ColorType::Cmyk, 4)),
        ("ycck.jpg", FileKind::Jpeg, jpeg(ColorType::CmykAsYcck, 4)),
        ("inks.tif", FileKind::Tiff, tiff_of_inks()),
        ("rgb.png", FileKind::Png, png(Png::Rgb, eight, &pixels(3), None)),
        ("deep.png", FileKind::Png, png(Png::Rgb, BitDepth::Sixteen, &pixels(6), None)),
        ("opacity.png", FileKind::Png, png(Png::Rgba, eight, &pixels(4), None)),
        ("palette.png", FileKind::Png, png(Png::Indexed, eight, &indices, Some(pixels(3)[..12].to_vec()))),
        ("broken.png", FileKind::Png, png(Png::Rgb, eight, &pixels(3), None)[..40].to_vec()),
    ];
    for (name, kind, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        batch.add(name, kind, path, vec![page(1)]);
    }
    batch.add("letter.tif", FileKind::Tiff, sample("letter.tif"), vec![page(1)]);
    batch.add("scan.tif", FileKind::Tiff, sample("two-page-scan.tif"), vec![page(1), Page::failed(2, "no".to_owned())]);
    batch
}

fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is installed (./bootstrap.sh --tests)"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The exported file and what qpdf reads of it.
struct Archive {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    objects: Value,
}

impl Archive {
    fn of(batch: impl FnOnce(&Path) -> MemoryBatch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bytes = exported_with(Format::Pdf, &archive(), &mut batch(folder.path()));
        let path = folder.path().join("archive.pdf");
        fs::write(&path, &bytes).unwrap();
        run("qpdf", &["--check", "--warning-exit-0"], &path);
        let json = run("qpdf", &["--json=2", "--json-key=qpdf"], &path);
        let objects = serde_json::from_str::<Value>(&json).unwrap()["qpdf"][1].clone();
        Self { folder, bytes, objects }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("archive.pdf")
    }

    /// Every dictionary, those within others too, and of streams.
    fn each_dictionary(&self, mut see: impl FnMut(&serde_json::Map<String, Value>)) {
        fn walk(value: &Value, see: &mut impl FnMut(&serde_json::Map<String, Value>)) {
            match value {
                Value::Object(map) => {
                    see(map);
                    map.values().for_each(|value| walk(value, see));
                }
                Value::Array(list) => list.iter().for_each(|value| walk(value, see)),
                _ => {}
            }
        }
        walk(&self.objects, &mut see);
    }

    /// What an object refers to, or the object itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value.as_str().filter(|text| text.ends_with(" R")) else { return value };
        let object = &self.objects[format!("obj:{reference}")];
        object.get("value").or_else(|| object["stream"].get("dict")).unwrap_or(object)
    }

    fn trailer(&self) -> &Value {
        &self.objects["trailer"]["value"]
    }

    fn catalog(&self) -> &Value {
        self.resolved(&self.trailer()["/Root"])
    }

    /// The decoded data of a stream.
    fn data(&self, reference: &Value) -> Vec<u8> {
        let number = reference.as_str().unwrap().split(' ').next().unwrap().to_owned();
        let output = Command::new("qpdf")
            .arg(format!("--show-object={number}"))
            .arg("--filtered-stream-data")
            .arg(self.path())
            .output()
            .unwrap();
        output.stdout
    }
}

#[test]
fn the_header_the_trailer_and_the_streams_are_as_in_6_1() {
    let archive = Archive::of(pictures);
    let bytes = &archive.bytes;
    // 6.1.2: version 1.0 to 1.7, and four bytes above 127 in a comment.
    assert!(bytes.starts_with(b"%PDF-1.7\n%") && bytes[10..14].iter().all(|byte| *byte > 127));
    // 6.1.3: an identifier, no encryption, nothing behind the end but a line end.
    assert_eq!(archive.trailer()["/ID"].as_array().unwrap().len(), 2);
    assert!(archive.trailer().get("/Encrypt").is_none() && bytes.ends_with(b"%%EOF\n"));
    // 6.1.7.1: a line end stands before `endstream`.
    for at in memchr::memmem::find_iter(bytes, b"endstream") {
        assert_eq!(bytes[at - 1], b'\n');
    }
    // 6.1.7.2 and 6.1.10: no data outside the file, no LZW, no encryption of single streams.
    archive.each_dictionary(|dictionary| {
        for key in ["/F", "/FFilter", "/FDecodeParms"] {
            assert!(!dictionary.contains_key(key), "{key}");
        }
        let filter = dictionary.get("/Filter").map(ToString::to_string).unwrap_or_default();
        assert!(!["LZWDecode", "JPXDecode", "Crypt"].iter().any(|name| filter.contains(name)), "{filter}");
    });
}

#[test]
fn colours_and_pictures_are_as_in_6_2() {
    let archive = Archive::of(pictures);
    // 6.2.3: one output intent of this kind, whose profile is an ICC profile of three colours.
    let intents = archive.resolved(&archive.catalog()["/OutputIntents"]).as_array().unwrap();
    let [intent] = intents.as_slice() else { panic!("{intents:?}") };
    let intent = archive.resolved(intent);
    assert_eq!(intent["/S"], "/GTS_PDFA1");
    assert_eq!(archive.resolved(&intent["/DestOutputProfile"])["/N"], 3);
    let profile = archive.data(&intent["/DestOutputProfile"]);
    assert_eq!((profile[8], &profile[12..20], &profile[36..40]), (2, b"mntrRGB ".as_slice(), b"acsp".as_slice()));
    // 6.2.4.3: the profile is of RGB, so nothing may be in device CMYK.
    assert!(!archive.objects.to_string().contains("DeviceCMYK"));
    let mut pictures = 0;
    archive.each_dictionary(|dictionary| {
        if dictionary.get("/Subtype") == Some(&Value::from("/Image")) {
            pictures += 1;
            // 6.2.8.1 and 6.2.8.2.
            for key in ["/Alternates", "/OPI", "/Interpolate", "/SMask", "/Intent"] {
                assert!(!dictionary.contains_key(key), "{key}");
            }
            assert!([1, 2, 4, 8, 16].contains(&dictionary["/BitsPerComponent"].as_u64().unwrap()));
        }
        // 6.2.5 and 6.2.10: no graphics state, so no transparency and no transfer function; no groups.
        for key in ["/ExtGState", "/Group", "/SMask", "/CA", "/ca", "/BM", "/TR", "/HTP"] {
            assert!(!dictionary.contains_key(key), "{key}");
        }
    });
    assert_eq!(pictures, 12, "all but the one that is cut off");
}

#[test]
fn fonts_are_embedded_and_agree_with_their_programs_as_in_6_2_11() {
    let archive = Archive::of(pictures);
    let mut fonts = 0;
    archive.each_dictionary(|dictionary| {
        if dictionary.get("/Type") == Some(&Value::from("/Font")) {
            fonts += 1;
            match dictionary["/Subtype"].as_str().unwrap() {
                // 6.2.11.3.3: a predefined or embedded CMap.
                "/Type0" => assert_eq!(dictionary["/Encoding"], "/Identity-H"),
                "/CIDFontType2" => {
                    // 6.2.11.3.2 and 6.2.11.4.
                    assert!(dictionary["/CIDToGIDMap"].as_str().unwrap().ends_with(" R"));
                    let descriptor = archive.resolved(&dictionary["/FontDescriptor"]);
                    let program = archive.data(&descriptor["/FontFile2"]);
                    assert!(program.starts_with(&[0, 1, 0, 0]));
                    // 6.2.11.5: the width is that of the program's metrics, whose em is 1,000.
                    let at = memchr::memmem::find(&program, b"hmtx").unwrap();
                    let place = u32::from_be_bytes(program[at + 8..at + 12].try_into().unwrap()) as usize;
                    let advance = u16::from_be_bytes(program[place + 4..place + 6].try_into().unwrap());
                    assert_eq!(dictionary["/DW"].as_f64(), Some(advance.into()));
                    // 6.2.11.8: no code is that of the glyph for undefined characters.
                    let glyphs = archive.data(&dictionary["/CIDToGIDMap"]);
                    assert!(glyphs[2..].chunks(2).all(|glyph| glyph == [0, 1]));
                }
                other => panic!("{other}"),
            }
        }
    });
    assert_eq!(fonts, 2);
    let listed = run("pdffonts", &[], &archive.path());
    assert!(listed.lines().skip(2).all(|font| font.contains("yes yes yes")), "{listed}");
}

#[test]
fn nothing_acts_as_in_6_3_to_6_5_and_6_8_to_6_11() {
    let archive = Archive::of(pictures);
    archive.each_dictionary(|dictionary| {
        for key in ["/Annots", "/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/AcroForm", "/XFA", "/EF", "/Names"] {
            assert!(!dictionary.contains_key(key), "{key}");
        }
        for key in ["/OCProperties", "/AlternatePresentations", "/PresSteps", "/Requirements", "/Perms"] {
            assert!(!dictionary.contains_key(key), "{key}");
        }
    });
}

#[test]
fn the_metadata_name_the_standard_and_say_what_the_information_says_as_in_6_6() {
    let archive = Archive::of(pictures);
    let reference = &archive.catalog()["/Metadata"];
    let dictionary = archive.resolved(reference);
    assert_eq!((&dictionary["/Type"], &dictionary["/Subtype"]), (&Value::from("/Metadata"), &Value::from("/XML")));
    assert!(dictionary.get("/Filter").is_none());
    let packet = String::from_utf8(archive.data(reference)).unwrap();
    assert!(packet.starts_with("<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"));
    assert!(packet.ends_with("<?xpacket end=\"r\"?>"));
    for part in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "<rdf:li xml:lang=\"x-default\">März &lt;2026&gt; &amp; \"more\"</rdf:li>",
        "<xmp:CreateDate>2026-03-31T10:00:00Z</xmp:CreateDate>",
    ] {
        assert!(packet.contains(part), "{part} in {packet}");
    }
    let information = archive.resolved(&archive.trailer()["/Info"]);
    assert_eq!(information["/Title"], "u:März <2026> & \"more\"");
    assert_eq!(information["/CreationDate"], "u:D:20260331100000Z");
    let producer = information["/Producer"].as_str().unwrap().trim_start_matches("u:");
    assert!(packet.contains(&format!("<pdf:Producer>{producer}</pdf:Producer>")));
}

#[test]
fn its_text_is_found_and_a_page_that_is_missing_is_named() {
    let archive = Archive::of(pictures);
    let output = Command::new("pdftotext").arg(archive.path()).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(text.matches("Größe").count(), 12, "{text}");
    assert!(text.contains("東京") && text.contains("could not be included"), "{text}");
    let mut titles = Vec::new();
    archive.each_dictionary(|dictionary| titles.extend(dictionary.get("/Title").map(ToString::to_string)));
    assert!(titles.iter().any(|title| title.contains("Page 1 of broken.png could not be included")), "{titles:?}");
}

/// The colour in the middle of each page of an export, in the order of the pages.
fn middles(options: &ExportOptions, pages: usize) -> Vec<[u8; 3]> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.pdf");
    fs::write(&path, exported_with(Format::Pdf, options, &mut pictures(folder.path()))).unwrap();
    let output = Command::new("pdftoppm").args(["-r", "72", "-l", &pages.to_string()]).arg(&path).output().unwrap();
    assert!(output.status.success());
    // P6, the size and the greatest value, each on a line, then the pixels.
    let header = b"P6\n144 144\n255\n".len();
    let page = header + 144 * 144 * 3;
    output.stdout.chunks(page).map(|page| page[header + (72 * 144 + 100) * 3..][..3].try_into().unwrap()).collect()
}

#[test]
fn inks_look_like_inks() {
    let (plain, archive) = (middles(&ExportOptions::default(), 5), middles(&archive(), 5));
    // Readers mix inks in their own ways, so that only about the same colour can be asked for.
    for (plain, archive) in plain.iter().zip(&archive) {
        let apart = plain.iter().zip(archive).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(apart < 70, "{plain:?} {archive:?}");
    }
    // The three coded with inks show the same one.
    for inks in &archive[3..] {
        assert!(inks.iter().zip(&archive[2]).all(|(a, b)| a.abs_diff(*b) < 12), "{archive:?}");
    }
}

#[test]
fn the_same_batch_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let mut batch = pictures(folder.path());
    assert_eq!(exported_with(Format::Pdf, &archive(), &mut batch), exported_with(Format::Pdf, &archive(), &mut batch));
}

/// The options that ask for a standard.
fn asked(standard: PdfStandard) -> ExportOptions {
    ExportOptions { pdf: PdfOptions { standard: Some(standard), ..PdfOptions::default() }, ..ExportOptions::default() }
}

#[test]
fn every_standard_is_named_in_the_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let named = [(PdfStandard::A2b, ["2", "B"]), (PdfStandard::A2u, ["2", "U"]), (PdfStandard::A3b, ["3", "B"])];
    for (standard, [part, level]) in named {
        let pdf = exported_with(Format::Pdf, &asked(standard), &mut pictures(folder.path()));
        let metadata = String::from_utf8_lossy(&pdf);
        assert!(metadata.contains(&format!("<pdfaid:part>{part}</pdfaid:part>")), "{standard:?}");
        assert!(metadata.contains(&format!("<pdfaid:conformance>{level}</pdfaid:conformance>")), "{standard:?}");
    }
}

/// A file that is a PDF/A of that standard, with a title in its metadata.
fn archived(folder: &Path, standard: PdfStandard) -> PathBuf {
    let path = folder.join(format!("{}.pdf", standard.name()));
    let mut batch = MemoryBatch::new("Minutes of 1954", Timestamp::from_millis(0));
    let scan = folder.join("scan.jpg");
    fs::write(&scan, jpeg(ColorType::Rgb, 3)).unwrap();
    batch.add("scan.jpg", FileKind::Jpeg, scan, vec![page(1)]);
    fs::write(&path, exported_with(Format::Pdf, &asked(standard), &mut batch)).unwrap();
    path
}

#[test]
fn a_pdf_that_is_a_pdf_a_itself_can_be_archived_alone_and_with_others() {
    let folder = tempfile::tempdir().unwrap();
    let original = archived(folder.path(), PdfStandard::A2u);
    for standard in [PdfStandard::A2b, PdfStandard::A2u, PdfStandard::A3b] {
        let mut alone = MemoryBatch::new("Batch", Timestamp::from_millis(0));
        alone.add("a.pdf", FileKind::Pdf, &original, vec![page(1)]);
        let mut joined = pictures(folder.path());
        joined.add("a.pdf", FileKind::Pdf, &original, vec![page(1)]);
        for (batch, title) in [(&mut alone, "Minutes of 1954"), (&mut joined, "")] {
            let pdf = exported_with(Format::Pdf, &asked(standard), batch);
            let metadata = String::from_utf8_lossy(&pdf);
            let [part, level] = [&standard.name()[5..6], &standard.name()[6..].to_uppercase()];
            assert_eq!(metadata.matches("<pdfaid:part>").count(), 1, "{standard:?}");
            assert!(metadata.contains(&format!("<pdfaid:part>{part}</pdfaid:part>")), "{standard:?}");
            assert!(metadata.contains(&format!("<pdfaid:conformance>{level}</pdfaid:conformance>")), "{standard:?}");
            if standard == PdfStandard::A2u {
                assert!(metadata.contains(title), "its own metadata stay");
            }
            let path = folder.path().join("export.pdf");
            fs::write(&path, &pdf).unwrap();
            let check = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
            assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
        }
    }
}
