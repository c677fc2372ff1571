//! Pages that are set straight, cut in two, cleaned and left out, and data that is made smaller: as poppler and qpdf see
//! the exported file.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fixture::exported_with;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use recto_domain::{Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Timestamp, Word};
use recto_export::{ExportError, ExportOptions, Format, MemoryBatch, Optimization, PdfOptions, export, export_report};
use serde_json::Value;

/// A pixel a point: what is drawn is seen again at 72 dots per inch.
const DPI: u32 = 72;
/// What stands for a word is a bar of this size.
const BAR: (f32, f32) = (40.0, 10.0);

/// A sheet with a bar in the place of each word.
struct Sheet {
    width: u32,
    height: u32,
    /// The middle of each bar.
    bars: Vec<(f32, f32)>,
    /// By how much they lean, in degrees clockwise.
    angle: f32,
}

impl Sheet {
    /// Twelve rows of bars in columns that begin at these places, turned about the middle of the sheet.
    fn new(width: u32, height: u32, columns: &[f32], angle: f32) -> Self {
        let (cx, cy) = (width as f32 / 2.0, height as f32 / 2.0);
        let (sin, cos) = angle.to_radians().sin_cos();
        let mut bars = Vec::new();
        for row in 0..12 {
            for column in columns {
                for word in 0..3 {
                    let (x, y) = (column + 25.0 + 50.0 * word as f32 - cx, 100.0 + 24.0 * row as f32 - cy);
                    bars.push((cx + x * cos - y * sin, cy + x * sin + y * cos));
                }
            }
        }
        Self { width, height, bars, angle }
    }

    fn picture(&self) -> GrayImage {
        let (sin, cos) = self.angle.to_radians().sin_cos();
        GrayImage::from_fn(self.width, self.height, |x, y| {
            let is_in = |&(bx, by): &(f32, f32)| {
                let (dx, dy) = (x as f32 + 0.5 - bx, y as f32 + 0.5 - by);
                let (along, across) = (dx * cos + dy * sin, dy * cos - dx * sin);
                along.abs() <= BAR.0 / 2.0 && across.abs() <= BAR.1 / 2.0
            };
            Luma([if self.bars.iter().any(is_in) { 0 } else { 255 }])
        })
    }

    /// The page as an engine reads it: the word of each bar is its number.
    fn page(&self, number: u32) -> Page {
        let (sin, cos) = (self.angle.to_radians().sin().abs(), self.angle.to_radians().cos());
        let (wide, high) = (BAR.0 * cos + BAR.1 * sin, BAR.0 * sin + BAR.1 * cos);
        let word = |(index, &(x, y)): (usize, &(f32, f32))| Word {
            text: format!("word{index:03}"),
            bbox: Rect { x: x - wide / 2.0, y: y - high / 2.0, width: wide, height: high },
            confidence: 0.9,
        };
        let words: Vec<Word> = self.bars.iter().enumerate().map(word).collect();
        let lines = words.chunks(3).filter_map(|words| Line::of(self.angle, words.to_vec())).collect();
        let blocks = Block::of(BlockKind::Paragraph, lines).into_iter().collect();
        let size = Size { width: self.width as f32, height: self.height as f32 };
        Page::read(number, size, Rotation::None, PageSource::Engine("test".to_owned()), None, blocks)
    }

    /// A batch of this sheet alone, as a PNG.
    fn batch(&self, picture: impl Into<DynamicImage>, folder: &Path) -> MemoryBatch {
        let path = folder.join("sheet.png");
        picture.into().save(&path).unwrap();
        let mut batch = new_batch();
        batch.add("sheet.png", FileKind::Png, path, vec![self.page(1)]);
        batch
    }
}

fn new_batch() -> MemoryBatch {
    MemoryBatch::new("Batch", Timestamp::from_millis(0))
}

/// An exported file.
struct Exported {
    folder: tempfile::TempDir,
    path: PathBuf,
    bytes: usize,
}

impl Exported {
    fn of(options: &PdfOptions, batch: impl FnOnce(&Path) -> MemoryBatch) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = ExportOptions { pdf: options.clone(), ..ExportOptions::default() };
        let bytes = exported_with(Format::Pdf, &options, &mut batch(folder.path()));
        let path = folder.path().join("out.pdf");
        fs::write(&path, &bytes).unwrap();
        run("qpdf", &["--check".into(), path.clone()]);
        Self { folder, path, bytes: bytes.len() }
    }

    /// The pages as a reader shows them.
    fn pages(&self) -> Vec<RgbImage> {
        let stem = self.folder.path().join("page");
        let dpi = DPI.to_string();
        let arguments = ["-r".into(), dpi.into(), "-png".into(), "-aa".into(), "no".into(), self.path.clone(), stem];
        let complaints = complaints("pdftoppm", &arguments);
        assert!(complaints.is_empty(), "{complaints}");
        let mut names: Vec<PathBuf> = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.retain(|name| name.file_name().unwrap().to_str().unwrap().starts_with("page"));
        names.sort();
        names.iter().map(|name| image::open(name).unwrap().into_rgb8()).collect()
    }

    /// The words of a page, from 1, and where they stand, in points.
    fn words(&self, page: usize) -> Vec<(String, Rect)> {
        let number = page.to_string();
        let arguments = [
            "-bbox".into(),
            "-f".into(),
            number.clone().into(),
            "-l".into(),
            number.into(),
            self.path.clone(),
            "-".into(),
        ];
        let xml = run("pdftotext", &arguments);
        let attribute = |line: &str, name: &str| -> f32 {
            line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
        };
        let word = |line: &str| {
            let [x, y, right, bottom] = ["xMin", "yMin", "xMax", "yMax"].map(|name| attribute(line, name));
            let text = line.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
            (text, Rect { x, y, width: right - x, height: bottom - y })
        };
        xml.lines().filter(|line| line.contains("<word ")).map(word).collect()
    }

    /// Kind and compression of each picture, and the number of its object.
    fn pictures(&self) -> Vec<[String; 3]> {
        let list = run("pdfimages", &["-list".into(), self.path.clone()]);
        let columns = |line: &str| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            [columns[2], columns[8], columns[10]].map(str::to_owned)
        };
        list.lines().skip(2).map(columns).collect()
    }
}

fn run(program: &str, arguments: &[PathBuf]) -> String {
    String::from_utf8(output(program, arguments).stdout).unwrap()
}

/// What a program says of a file that it can read.
fn complaints(program: &str, arguments: &[PathBuf]) -> String {
    String::from_utf8(output(program, arguments).stderr).unwrap()
}

fn output(program: &str, arguments: &[PathBuf]) -> Output {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|_| panic!("{program} is installed (./bootstrap.sh --tests)"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn report(options: &PdfOptions, batch: &mut MemoryBatch) -> Value {
    let options = ExportOptions { pdf: options.clone(), ..ExportOptions::default() };
    let mut out = Vec::new();
    export_report(&options, batch, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn optimized(optimize: Optimization) -> PdfOptions {
    PdfOptions { optimize, ..PdfOptions::default() }
}

/// Pictures of every kind of samples: what they are, and as what bytes.
fn kinds() -> Vec<(&'static str, FileKind, Vec<u8>)> {
    let shade = |x: u32, y: u32| ((x * 3 + y * 5 + x * y / 7) % 256) as u8;
    let photo = RgbImage::from_fn(200, 150, |x, y| {
        let wave = |k: f32| ((x as f32 / k).sin() * (y as f32 / (k + 3.0)).cos() * 100.0 + 128.0) as u8;
        Rgb([wave(17.0), wave(23.0).wrapping_add(shade(x, y) % 9), wave(31.0)])
    });
    let grey = GrayImage::from_fn(200, 150, |x, y| Luma([shade(x, y)]));
    let drawing = RgbImage::from_fn(200, 150, |x, y| {
        Rgb([[250, 240, 220], [30, 60, 90], [200, 20, 20]][((x / 11 + y / 7) % 3) as usize])
    });
    let two = GrayImage::from_fn(203, 150, |x, y| Luma([if shade(x, y) < 90 { 0 } else { 255 }]));
    let red =
        RgbImage::from_fn(203, 150, |x, y| if shade(x, y) < 90 { Rgb([200, 0, 0]) } else { Rgb([255, 255, 240]) });
    let bytes = |picture: DynamicImage, format: ImageFormat| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    vec![
        ("photo.png", FileKind::Png, bytes(photo.clone().into(), ImageFormat::Png)),
        ("photo.jpg", FileKind::Jpeg, bytes(photo.into(), ImageFormat::Jpeg)),
        ("grey.png", FileKind::Png, bytes(grey.clone().into(), ImageFormat::Png)),
        ("grey.tif", FileKind::Tiff, bytes(grey.into(), ImageFormat::Tiff)),
        ("drawing.png", FileKind::Png, bytes(drawing.clone().into(), ImageFormat::Png)),
        ("drawing.tif", FileKind::Tiff, bytes(drawing.into(), ImageFormat::Tiff)),
        ("two.png", FileKind::Png, bytes(two.clone().into(), ImageFormat::Png)),
        ("two.bmp", FileKind::Bmp, bytes(two.into(), ImageFormat::Bmp)),
        ("red.png", FileKind::Png, bytes(red.into(), ImageFormat::Png)),
        ("letter.tif", FileKind::Tiff, fs::read(sample("letter.tif")).unwrap()),
        ("deep.png", FileKind::Png, bytes(deep().into(), ImageFormat::Png)),
    ]
}

fn deep() -> image::ImageBuffer<Luma<u16>, Vec<u16>> {
    image::ImageBuffer::from_fn(120, 90, |x, y| Luma([(x * 541 + y * 7) as u16]))
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples").join(name)
}

fn of_kinds(folder: &Path) -> MemoryBatch {
    let mut batch = new_batch();
    for (name, kind, bytes) in kinds() {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let size = Size { width: 200.0, height: 150.0 };
        let page = Page::read(1, size, Rotation::None, PageSource::Engine("test".to_owned()), None, Vec::new());
        batch.add(name, kind, path, vec![page]);
    }
    batch
}

/// The first places at which two pictures differ.
fn differing(a: &RgbImage, b: &RgbImage) -> Vec<(u32, u32)> {
    assert_eq!(a.dimensions(), b.dimensions());
    let places = a.enumerate_pixels().filter(|(x, y, pixel)| *pixel != b.get_pixel(*x, *y));
    places.map(|(x, y, _)| (x, y)).take(20).collect()
}

/// By how much two pictures differ, a sample on the average.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let differences = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b)));
    differences.sum::<f64>() / a.as_raw().len() as f64
}

#[test]
fn no_pixel_changes_where_nothing_may_be_lost() {
    let plain = Exported::of(&PdfOptions::default(), of_kinds);
    let smaller = Exported::of(&optimized(Optimization::Lossless), of_kinds);
    assert!(smaller.bytes < plain.bytes, "{} of {}", smaller.bytes, plain.bytes);
    for ((before, after), (name, ..)) in plain.pages().iter().zip(smaller.pages()).zip(kinds()) {
        assert_eq!(differing(before, &after), [], "{name}");
    }
    let codings: Vec<String> = smaller.pictures().into_iter().map(|[_, coding, _]| coding).collect();
    for (coding, (name, ..)) in codings.iter().zip(kinds()) {
        let expected = match name {
            "two.png" | "two.bmp" | "letter.tif" | "red.png" => "jbig2",
            "photo.jpg" => "jpeg",
            _ => "image",
        };
        assert_eq!(coding, expected, "{name}");
    }
}

#[test]
fn pictures_that_a_pdf_cannot_hold_are_drawn_as_they_are() {
    let document = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../recto/tests/documents").join(name);
    let letter = image::open(sample("letter.tif")).unwrap().into_rgb8();
    let of_letters = |folder: &Path| {
        let grey = folder.join("letter.pgm");
        DynamicImage::from(letter.clone()).into_luma8().save(&grey).unwrap();
        let files = [
            (FileKind::Heic, document("letter.heic")),
            (FileKind::Avif, document("letter.avif")),
            (FileKind::Jp2, document("letter.jp2")),
            (FileKind::Pnm, grey),
        ];
        let mut batch = new_batch();
        for (kind, path) in files {
            let size = Size { width: letter.width() as f32, height: letter.height() as f32 };
            let page = Page::read(1, size, Rotation::None, PageSource::Engine("test".to_owned()), None, Vec::new());
            batch.add("letter", kind, path, vec![page]);
        }
        batch
    };
    let pages = Exported::of(&PdfOptions::default(), of_letters).pages();
    let [compressed @ .., exact] = &pages[..] else { panic!("four pages") };
    // White paper alone would differ by 24.
    let differences: Vec<f64> = compressed.iter().map(|page| difference(page, exact)).collect();
    assert!(differences.iter().all(|difference| *difference < 4.0), "{differences:?}");
    assert!(difference(exact, &letter) < 10.0, "{}", difference(exact, &letter));
}

#[test]
fn photographs_lose_what_was_allowed_and_drawings_nothing() {
    let plain = Exported::of(&PdfOptions::default(), of_kinds);
    let [good, small] =
        [Optimization::Good, Optimization::Small].map(|level| Exported::of(&optimized(level), of_kinds));
    assert!(small.bytes < good.bytes && good.bytes < plain.bytes, "{} {} {}", small.bytes, good.bytes, plain.bytes);
    for ((before, after), (name, ..)) in plain.pages().iter().zip(small.pages()).zip(kinds()) {
        let most = if name.starts_with("photo") || name.starts_with("grey") { 12.0 } else { 0.0 };
        assert!(difference(before, &after) <= most, "{name}: {}", difference(before, &after));
    }
    assert_eq!(good.pictures()[0][1], "jpeg");
}

#[test]
fn data_of_originals_is_made_smaller_too_and_told_of() {
    let of_pdf = |folder: &Path| {
        let made = Exported::of(&PdfOptions::default(), of_kinds);
        let path = folder.join("scans.pdf");
        fs::copy(&made.path, &path).unwrap();
        let size = Size { width: 200.0, height: 150.0 };
        let page = |number| Page::read(number, size, Rotation::None, PageSource::TextLayer, None, Vec::new());
        let mut batch = new_batch();
        batch.add("scans.pdf", FileKind::Pdf, path, (1..=kinds().len() as u32).map(page).collect());
        batch
    };
    let plain = Exported::of(&PdfOptions::default(), of_pdf);
    let smaller = Exported::of(&optimized(Optimization::Lossless), of_pdf);
    for (before, after) in plain.pages().iter().zip(smaller.pages()) {
        assert_eq!(differing(before, &after), []);
    }
    let folder = tempfile::tempdir().unwrap();
    let told = report(&optimized(Optimization::Lossless), &mut of_pdf(folder.path()));
    assert_eq!(told["optimized"]["level"], 1);
    assert_eq!(told["bytesExported"], smaller.bytes);
    let pictures = &told["optimized"]["pictures"];
    assert!(pictures["bytesAfter"].as_u64() < pictures["bytesBefore"].as_u64(), "{pictures}");
    let nothing = report(&PdfOptions::default(), &mut of_pdf(folder.path()));
    assert_eq!(nothing["optimized"]["pictures"]["streams"], 0);
}

#[test]
fn a_page_that_lies_askew_is_set_straight_with_its_words_on_their_ink() {
    for angle in [-12.0, -3.0, 2.0, 7.0] {
        let sheet = Sheet::new(595, 842, &[60.0, 330.0], angle);
        let options = PdfOptions { deskew: true, ..PdfOptions::default() };
        let exported = Exported::of(&options, |folder| sheet.batch(sheet.picture(), folder));
        are_level_on_their_ink(&exported, 1, sheet.bars.len());
        // The picture itself is what it was.
        let [[_, coding, _]] = &exported.pictures()[..] else { panic!("one picture") };
        assert_eq!(coding, "image");
    }
    let level = Sheet::new(595, 842, &[60.0, 330.0], 0.0);
    let plain = Exported::of(&PdfOptions::default(), |folder| level.batch(level.picture(), folder));
    let same = Exported::of(&PdfOptions { deskew: true, ..PdfOptions::default() }, |folder| {
        level.batch(level.picture(), folder)
    });
    assert_eq!(differing(&plain.pages()[0], &same.pages()[0]), []);
}

/// Every word of a page stands on a bar, and the bars are level: nearly all of the word's box is ink, and above and below
/// it is none.
fn are_level_on_their_ink(exported: &Exported, page: usize, count: usize) {
    let picture = &exported.pages()[page - 1];
    let words = exported.words(page);
    assert_eq!(words.len(), count, "{words:?}");
    let is_ink = |x: f32, y: f32| picture.get_pixel(x as u32, y as u32).0[0] < 128;
    for (text, bbox) in words {
        let middle = bbox.y + bbox.height / 2.0;
        for share in [0.1, 0.5, 0.9] {
            let x = bbox.x + share * bbox.width;
            assert!(is_ink(x, middle), "{text} at {share}: {bbox:?}");
            assert!(!is_ink(x, middle - BAR.1) && !is_ink(x, middle + BAR.1), "{text} at {share}: {bbox:?}");
        }
    }
}

#[test]
fn a_scan_within_a_pdf_is_set_straight_whichever_way_its_page_is_stored() {
    for (degrees, rotation) in
        [(0, Rotation::None), (90, Rotation::Clockwise), (180, Rotation::Half), (270, Rotation::CounterClockwise)]
    {
        let sheet = Sheet::new(595, 842, &[60.0, 330.0], 4.0);
        let of_pdf = |folder: &Path| {
            // A page that is stored turned the other way, in a user space that does not begin at zero.
            let stored = match rotation {
                Rotation::None => sheet.picture(),
                Rotation::Clockwise => image::imageops::rotate270(&sheet.picture()),
                Rotation::Half => image::imageops::rotate180(&sheet.picture()),
                Rotation::CounterClockwise => image::imageops::rotate90(&sheet.picture()),
            };
            let (w, h) = stored.dimensions();
            let contents = format!("q {w} 0 0 {h} 10 20 cm /I Do Q");
            let mut file = format!(
                "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
                 3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 2000 2000]/CropBox[10 20 {} {}]/Rotate {degrees}\
                 /Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>\nendobj\n\
                 4 0 obj\n<</Length {}>>stream\n{contents}\nendstream\nendobj\n\
                 5 0 obj\n<</Type/XObject/Subtype/Image/Width {w}/Height {h}/ColorSpace/DeviceGray/BitsPerComponent 8\
                 /Length {}>>stream\n",
                w + 10,
                h + 20,
                contents.len(),
                w * h
            )
            .into_bytes();
            file.extend_from_slice(stored.as_raw());
            file.extend_from_slice(b"\nendstream\nendobj\ntrailer<</Root 1 0 R>>\n");
            let path = folder.join("scan.pdf");
            fs::write(&path, file).unwrap();
            let page = Page { rotation, ..sheet.page(1) };
            let mut batch = new_batch();
            batch.add("scan.pdf", FileKind::Pdf, path, vec![page]);
            batch
        };
        let options = PdfOptions { deskew: true, ..optimized(Optimization::Lossless) };
        let exported = Exported::of(&options, of_pdf);
        are_level_on_their_ink(&exported, 1, sheet.bars.len());
        assert_eq!(exported.pictures()[0][1], "jbig2");
    }
}

#[test]
fn a_spread_becomes_two_pages_of_one_picture() {
    let sheet = Sheet::new(842, 595, &[60.0, 240.0, 520.0], 3.0);
    let options = PdfOptions { split_spreads: true, deskew: true, ..PdfOptions::default() };
    let exported = Exported::of(&options, |folder| sheet.batch(sheet.picture(), folder));
    assert_eq!(exported.pages().len(), 2);
    are_level_on_their_ink(&exported, 1, 72);
    are_level_on_their_ink(&exported, 2, 36);
    let pictures = exported.pictures();
    assert_eq!(pictures.len(), 2);
    assert_eq!(pictures[0][2], pictures[1][2], "both pages show one object");
    let folder = tempfile::tempdir().unwrap();
    let told = report(&options, &mut sheet.batch(sheet.picture(), folder.path()));
    let changes = told["files"][0]["pages"][0]["changes"].as_array().unwrap();
    let changes: Vec<&str> = changes.iter().map(|change| change.as_str().unwrap()).collect();
    assert_eq!(changes[0], "it shows the left half of a spread");
    assert!(changes.contains(&"it was rotated by -3.0 degrees"), "{changes:?}");
}

#[test]
fn blank_pages_are_left_out_and_named_and_no_document_goes_with_them() {
    let sheet = Sheet::new(300, 400, &[60.0], 0.0);
    let blank =
        |number| Page::read(number, Size { width: 300.0, height: 400.0 }, Rotation::None, None, None, Vec::new());
    // A photograph without text is no blank page.
    let photo = |number| Page { source: Some(PageSource::Engine("test".to_owned())), ..blank(number) };
    let of_pdf = |folder: &Path| {
        let pages = |batch: &mut MemoryBatch, name: &str, pages: Vec<Page>| {
            let made = Exported::of(&PdfOptions::default(), |folder| {
                let path = folder.join("sheet.png");
                sheet.picture().save(&path).unwrap();
                let mut batch = new_batch();
                for _ in &pages {
                    batch.add("sheet.png", FileKind::Png, &path, vec![sheet.page(1)]);
                }
                batch
            });
            let path = folder.join(name);
            fs::copy(&made.path, &path).unwrap();
            batch.add(name, FileKind::Pdf, path, pages);
        };
        let mut batch = new_batch();
        pages(&mut batch, "some.pdf", vec![blank(1), sheet.page(2), blank(3), photo(4)]);
        pages(&mut batch, "all.pdf", vec![blank(1), blank(2)]);
        batch
    };
    let options = PdfOptions { drop_blank: true, ..PdfOptions::default() };
    let exported = Exported::of(&options, of_pdf);
    assert_eq!(exported.pages().len(), 3);
    assert_eq!(Exported::of(&PdfOptions::default(), of_pdf).pages().len(), 6);
    let outline = run("qpdf", &["--json=2".into(), "--json-key=outlines".into(), exported.path.clone()]);
    let outline: Value = serde_json::from_str(&outline).unwrap();
    let starts = |index: usize| outline["outlines"][index]["destpageposfrom1"].as_u64();
    assert_eq!((starts(0), starts(1)), (Some(1), Some(3)), "{outline}");
    let folder = tempfile::tempdir().unwrap();
    let told = report(&options, &mut of_pdf(folder.path()));
    let dropped = |file: usize| {
        let pages = told["files"][file]["pages"].as_array().unwrap().iter();
        pages
            .map(|page| (page["page"].as_u64().unwrap(), page["changes"][0].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let left_out = "it is blank and was left out".to_owned();
    assert_eq!(dropped(0), [(1, left_out.clone()), (3, left_out.clone())]);
    assert_eq!(dropped(1), [(2, left_out)]);
}

#[test]
fn specks_and_dark_edges_are_painted_over_and_nothing_else() {
    let sheet = Sheet::new(595, 842, &[60.0, 330.0], 0.0);
    let clean = sheet.picture();
    let mut scan = clean.clone();
    let mut spot = |x: u32, y: u32, w: u32, h: u32| {
        (x..x + w).for_each(|x| (y..y + h).for_each(|y| scan.put_pixel(x, y, Luma([0]))));
    };
    // Specks, and a bed of the scanner at two sides.
    for (x, y) in [(40, 500), (300, 640), (411, 702), (520, 40), (77, 780), (250, 30)] {
        spot(x, y, 2, 2);
    }
    spot(0, 0, 9, 842);
    spot(0, 830, 595, 12);
    let mut expected = clean;
    // What stays: dots that lead to a page number, and one beside a word.
    for k in 0..12 {
        spot(100 + 12 * k, 600, 2, 2);
        (0..4).for_each(|i| expected.put_pixel(100 + 12 * k + i % 2, 600 + i / 2, Luma([0])));
    }
    spot(108, 104, 1, 1);
    expected.put_pixel(108, 104, Luma([0]));
    let of = |picture: DynamicImage, kind: &str| {
        let options = PdfOptions { clean: true, ..PdfOptions::default() };
        let exported = Exported::of(&options, |folder| {
            let path = folder.join(kind);
            picture.save(&path).unwrap();
            let file_kind = if kind.ends_with("jpg") { FileKind::Jpeg } else { FileKind::Png };
            let mut batch = new_batch();
            batch.add(kind, file_kind, path, vec![sheet.page(1)]);
            batch
        });
        exported.pages().remove(0)
    };
    let expected = Exported::of(&PdfOptions::default(), |folder| sheet.batch(expected, folder)).pages().remove(0);
    assert_eq!(differing(&of(scan.clone().into(), "grey.png"), &expected), []);
    assert_eq!(differing(&of(DynamicImage::from(scan.clone()).into_rgb8().into(), "colour.png"), &expected), []);
    let photo = of(scan.clone().into(), "photo.jpg");
    assert!(difference(&photo, &expected) < 2.0, "{}", difference(&photo, &expected));
    // Of black and white.
    let bits = scan.pixels().map(|pixel| pixel.0[0] / 255).collect::<Vec<u8>>();
    let packed: Vec<u8> = bits
        .chunks(595)
        .flat_map(|row| {
            row.chunks(8).map(|eight| (0..8).fold(0, |byte, i| byte << 1 | eight.get(i).copied().unwrap_or(1)))
        })
        .collect();
    let exported = Exported::of(&PdfOptions { clean: true, ..PdfOptions::default() }, |folder| {
        let path = folder.join("fax.png");
        let mut encoder = png::Encoder::new(fs::File::create(&path).unwrap(), 595, 842);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&packed).unwrap();
        let mut batch = new_batch();
        batch.add("fax.png", FileKind::Png, path, vec![sheet.page(1)]);
        batch
    });
    assert_eq!(differing(&exported.pages()[0], &expected), []);
    let folder = tempfile::tempdir().unwrap();
    let told = report(&PdfOptions { clean: true, ..PdfOptions::default() }, &mut sheet.batch(scan, folder.path()));
    assert_eq!(told["files"][0]["pages"][0]["changes"][0], "6 specks and one dark edge removed");
}

#[test]
fn pages_are_not_drawn_where_nobody_draws() {
    let sheet = Sheet::new(300, 400, &[60.0], 0.0);
    let folder = tempfile::tempdir().unwrap();
    let options = PdfOptions { rasterize: true, ..PdfOptions::default() };
    let options = ExportOptions { pdf: options, ..ExportOptions::default() };
    let mut batch = sheet.batch(sheet.picture(), folder.path());
    let refused = export(Format::Pdf, &options, &mut batch, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, ExportError::Options(_)), "{refused}");
    assert_eq!(refused.to_string(), "pages cannot be drawn here; leave rasterize out");
}
