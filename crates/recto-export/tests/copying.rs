//! What `pdftotext`, and a person in PDF.js, copies from exported pages: the words in the order of reading, however the
//! page lies.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

mod fixture;

use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::{block, from_the_right, line, page};
use recto_domain::{Block, BlockKind, FileKind, Line, Page, Rect, Size, Timestamp, Word};
use recto_export::{ExportOptions, Format, MemoryBatch, export};

const SENTENCES: [&str; 6] = [
    "The committee met on the third of April",
    "in the town hall and heard the report of",
    "the treasurer about last year. It was",
    "found that the new roof costs more than",
    "was planned because the old beams had to",
    "be replaced as well.",
];

/// Paragraphs of a column of that width between two edges, numbered so that each line is told from all others.
fn column(x: f32, top: f32, bottom: f32, name: &str) -> Vec<Block> {
    let mut y = top;
    let mut number = 0;
    let mut blocks = Vec::new();
    while y + 80.0 < bottom {
        let lines = SENTENCES.iter().map(|sentence| {
            number += 1;
            y += 12.5;
            line_of_width(x, y, &format!("{name}{number} {sentence}"))
        });
        blocks.push(block(BlockKind::Paragraph, lines.collect()));
        y += 7.0;
    }
    blocks
}

/// A line of small letters, whose boxes are as high as their ink.
fn line_of_width(mut x: f32, baseline: f32, text: &str) -> Line {
    let words = text.split(' ').map(|part| {
        let tall = part.contains(|c: char| c.is_uppercase() || c.is_numeric() || "bdfhklt".contains(c));
        let (rise, drop) = (if tall { 7.0 } else { 5.0 }, if part.contains(['p', 'y', 'g', 'q']) { 2.0 } else { 0.0 });
        let width = part.chars().count() as f32 * 4.2;
        let bbox = Rect { x, y: baseline - rise, width, height: rise + drop };
        x += width + 2.5;
        Word { text: part.to_owned(), bbox, confidence: 0.9 }
    });
    Line::of(0.0, words.collect()).unwrap()
}

/// The page as a scanner sees it that it lies askew on, by degrees clockwise.
fn askew(page: &Page, degrees: f32) -> Page {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let size = Size {
        width: page.size.width * cos.abs() + page.size.height * sin.abs(),
        height: page.size.width * sin.abs() + page.size.height * cos.abs(),
    };
    let turned = |bbox: Rect| {
        let corners =
            [(bbox.x, bbox.y), (bbox.right(), bbox.y), (bbox.x, bbox.bottom()), (bbox.right(), bbox.bottom())];
        let corners = corners.map(|(x, y)| {
            let (x, y) = (x - page.size.width / 2.0, y - page.size.height / 2.0);
            (size.width / 2.0 + x * cos - y * sin, size.height / 2.0 + x * sin + y * cos)
        });
        let edge =
            |of: fn((f32, f32)) -> f32, pick: fn(f32, f32) -> f32| corners.map(of).into_iter().reduce(pick).unwrap();
        Rect::from_edges(
            edge(|c| c.0, f32::min),
            edge(|c| c.1, f32::min),
            edge(|c| c.0, f32::max),
            edge(|c| c.1, f32::max),
        )
    };
    let mut page = page.clone();
    page.size = size;
    for block in &mut page.blocks {
        block.bbox = turned(block.bbox);
        for line in &mut block.lines {
            line.angle += degrees;
            line.bbox = turned(line.bbox);
            line.words.iter_mut().for_each(|word| word.bbox = turned(word.bbox));
        }
    }
    page
}

/// Exports pages as PDF.
fn exported(pages: &[Page], folder: &Path) -> PathBuf {
    let scan = folder.join("scan.png");
    image::GrayImage::from_pixel(8, 8, image::Luma([255])).save(&scan).unwrap();
    let mut batch = MemoryBatch::new("Scans", Timestamp::from_millis(0));
    for page in pages {
        batch.add("scan.png", FileKind::Png, &scan, vec![page.clone()]);
    }
    let file = folder.join("export.pdf");
    export(Format::Pdf, &ExportOptions::default(), &mut batch, &mut std::fs::File::create(&file).unwrap()).unwrap();
    file
}

/// What is copied of each page by somebody who selects all of it in PDF.js in the Chromium of the system.
fn selected(pages: &[Page]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/web/selection.mjs");
    let output = Command::new("node").arg(script).arg(exported(pages, folder.path())).output();
    let output = output.expect("node is installed (./bootstrap.sh --tests)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let texts: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    texts[0].split('\u{c}').map(str::to_owned).collect()
}

/// What a program of Poppler says of the page in an exported PDF.
fn poppler(page: &Page, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = exported(std::slice::from_ref(page), folder.path());
    let output = Command::new("pdftotext").args(arguments).arg(&file).arg("-").output();
    let output = output.expect("pdftotext is installed (Debian package poppler-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Every line comes whole, after the one before it.
fn assert_copied(page: &Page) {
    for degrees in [0.0, 0.4, 1.0, -1.0, 2.0, -2.0, 5.0, -5.0, 10.0, -10.0, 15.0, -15.0] {
        let askew = askew(page, degrees);
        let copied = poppler(&askew, &[]);
        assert_eq!(words(&copied), words(&page.text()), "{degrees} degrees:\n{copied}");
    }
}

#[test]
fn paragraphs_are_copied_in_order() {
    assert_copied(&page(1, column(72.0, 72.0, 760.0, "a")));
}

#[test]
fn columns_are_copied_one_after_the_other() {
    let title = block(BlockKind::Heading, vec![fixture::line_of_height(150.0, 40.0, 16.0, "Minutes of the meeting")]);
    let columns = [column(60.0, 72.0, 760.0, "a"), column(305.0, 72.0, 760.0, "b")];
    assert_copied(&page(1, [title].into_iter().chain(columns.into_iter().flatten()).collect()));
}

#[test]
fn lines_that_lie_far_apart_are_copied_in_order() {
    let lines =
        (1u8..30).map(|n| line(72.0, 60.0 + 24.0 * f32::from(n), &format!("{n} lines of a form that is typed")));
    assert_copied(&page(1, vec![block(BlockKind::Paragraph, lines.collect())]));
}

#[test]
fn scripts_from_right_to_left_are_copied_in_order() {
    let lines =
        (1u8..20).map(|n| from_the_right(60.0 + 14.0 * f32::from(n), "הוועדה נפגשה בשלישי באפריל בבית העירייה"));
    let page = page(1, vec![block(BlockKind::Paragraph, lines.collect())]);
    for degrees in [0.0, 2.0, -5.0, 15.0] {
        // Marks that say so stand before and after each line.
        let copied = poppler(&askew(&page, degrees), &[]).replace(['\u{202b}', '\u{202c}'], "");
        assert_eq!(words(&copied), words(&page.text()), "{degrees} degrees:\n{copied}");
    }
}

/// On a page that lies as askew as pages of a feeder do, the boxes of words hold the middle of their ink.
#[test]
fn words_of_a_page_askew_are_found_on_their_ink() {
    let page = askew(&page(1, column(72.0, 72.0, 760.0, "a")), 2.0);
    let boxes = poppler(&page, &["-bbox"]);
    let number =
        |line: &str, key: &str| -> f32 { line.split(key).nth(1).unwrap().split('"').nth(1).unwrap().parse().unwrap() };
    for line in &page.blocks[3].lines {
        let word = &line.words[0];
        let place = boxes.lines().find(|place| place.contains(&format!(">{}<", word.text))).unwrap();
        let (x, y) = (word.bbox.center().x, word.bbox.center().y);
        assert!((number(place, "xMin")..number(place, "xMax")).contains(&x), "{place} {:?}", word.bbox);
        assert!((number(place, "yMin")..number(place, "yMax")).contains(&y), "{place} {:?}", word.bbox);
    }
}

#[test]
fn what_is_selected_in_a_browser_is_the_text() {
    let title = block(BlockKind::Heading, vec![fixture::line_of_height(150.0, 40.0, 16.0, "Minutes of the meeting")]);
    let columns = [column(60.0, 72.0, 760.0, "a"), column(305.0, 72.0, 760.0, "b")];
    let rows = (1u8..20).map(|n| {
        let y = 60.0 + 20.0 * f32::from(n);
        let cells = [(72.0, format!("Item{n}")), (250.0, format!("{n}0")), (400.0, format!("{n}7.50"))];
        let cells = cells.iter().flat_map(|(x, text)| line(*x, y, text).words).collect();
        block(BlockKind::Table, vec![Line::of(0.0, cells).unwrap()])
    });
    let lines_of = |text: &str| {
        let lines = (1u8..12).map(|n| line(72.0, 60.0 + 16.0 * f32::from(n), text));
        page(1, vec![block(BlockKind::Paragraph, lines.collect())])
    };
    let hebrew = (1u8..12).map(|n| from_the_right(60.0 + 16.0 * f32::from(n), "הוועדה נפגשה בשלישי באפריל"));
    let arabic = (1u8..12).map(|n| from_the_right(60.0 + 16.0 * f32::from(n), "اجتمعت اللجنة يوم الثلاثاء 12 أبريل"));
    let pages = [
        page(1, [title].into_iter().chain(columns.into_iter().flatten()).collect()),
        page(1, rows.collect()),
        lines_of("คณะกรรมการ ประชุม เมื่อวันที่ สาม"),
        lines_of("委员会 于 四月 三日 开会"),
        page(1, vec![block(BlockKind::Paragraph, hebrew.collect())]),
        page(1, vec![block(BlockKind::Paragraph, arabic.collect())]),
    ];
    for degrees in [0.0, 2.0, -5.0, 10.0, -15.0] {
        let lain: Vec<Page> = pages.iter().map(|page| askew(page, degrees)).collect();
        for (page, copied) in lain.iter().zip(selected(&lain)) {
            // A mark before a number says that what is before it runs from the right.
            let copied = copied.replace('\u{200f}', "");
            assert_eq!(words(&copied), words(&page.text()), "{degrees} degrees:\n{copied}");
        }
    }
}
