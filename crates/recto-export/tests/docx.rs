//! The DOCX export, read as Word reads it (parts, relationships, order of elements) and by LibreOffice.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::io::{Cursor, Read};
use std::process::Command;

use fixture::{block, exported, invoices, line, line_of_height, page, sample};
use proptest::prelude::*;
use quick_xml::events::Event;
use recto_domain::{BlockKind, FileKind, Line, Page, Rect, Timestamp, Word};
use recto_export::{Format, MemoryBatch};

/// The text of a part of the package.
fn part(docx: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn part_names(docx: &[u8]) -> Vec<String> {
    zip::ZipArchive::new(Cursor::new(docx)).unwrap().file_names().map(str::to_owned).collect()
}

fn of_pages(pages: Vec<Page>) -> Vec<u8> {
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    batch.add("scan.tif", FileKind::Tiff, "nowhere", pages);
    exported(Format::Docx, &mut batch)
}

/// Paragraphs of the body as `Style|text`, with `/` for a line break, `→` for a tab and `[` `]` around tables.
fn outline(docx: &[u8]) -> Vec<String> {
    let xml = part(docx, "word/document.xml");
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut all, mut style, mut text) = (Vec::new(), String::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) if e.name().as_ref() == "w:p" => {
                style.clear();
                text.clear();
            }
            Event::Empty(e) => match e.name().as_ref() {
                "w:pStyle" => style = e.try_get_attribute("w:val").unwrap().unwrap().value.into_owned(),
                "w:br" => text.push('/'),
                "w:tab" => text.push('→'),
                _ => {}
            },
            Event::Text(part) => text += &part,
            Event::GeneralRef(name) => text.extend(["&", &name, ";"]),
            Event::End(e) if e.name().as_ref() == "w:p" => all.push(format!("{style}|{}", text.trim())),
            Event::Start(e) if e.name().as_ref() == "w:tbl" => all.push("[".to_owned()),
            Event::End(e) if e.name().as_ref() == "w:tbl" => all.push("]".to_owned()),
            Event::Eof => return all,
            _ => {}
        }
    }
}

/// What stands in an element, in the order of ECMA-376 part 1, as far as the export writes it.
const ORDER: [(&str, &[&str]); 10] = [
    ("w:pPr", &["w:pStyle", "w:numPr", "w:bidi", "w:jc", "w:sectPr"]),
    ("w:numPr", &["w:ilvl", "w:numId"]),
    ("w:p", &["w:pPr", "w:r"]),
    ("w:r", &["w:rPr", "w:t", "w:br", "w:tab"]),
    ("w:sectPr", &["w:type", "w:pgSz", "w:pgMar"]),
    ("w:tbl", &["w:tblPr", "w:tblGrid", "w:tr"]),
    ("w:tblPr", &["w:tblStyle", "w:bidiVisual", "w:tblW"]),
    ("w:tc", &["w:tcPr", "w:p"]),
    ("w:lvl", &["w:start", "w:numFmt", "w:lvlText", "w:lvlJc", "w:pPr"]),
    ("w:numbering", &["w:abstractNum", "w:num"]),
];

/// Complains about children that stand in another order or are not known.
fn check_order(xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut open: Vec<(String, usize)> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(e) | Event::Empty(e) = &event {
            let name = e.name().as_ref().to_owned();
            if let Some((parent, reached)) = open.last_mut()
                && let Some((_, order)) = ORDER.iter().find(|(element, _)| element == parent)
                && parent != "w:r"
            {
                let at = order.iter().position(|child| *child == name);
                let at = at.or((parent == "w:pPr" && name == "w:ind").then_some(9));
                let at = at.unwrap_or_else(|| panic!("{name} in {parent}"));
                assert!(at >= *reached, "{name} comes too late in {parent}");
                *reached = at;
            }
            if matches!(event, Event::Start(_)) {
                open.push((name, 0));
            }
        }
        match event {
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
}

fn letter() -> Page {
    let lines = vec![
        line(72.0, 100.0, "The committee met on Monday to exam-"),
        line(72.0, 114.0, "ine the books of the last year, and it"),
        line(72.0, 128.0, "found nothing amiss."),
        line(96.0, 142.0, "A second paragraph stands in a little"),
        line(72.0, 156.0, "and runs over more than a single line."),
    ];
    let items = vec![
        line(72.0, 200.0, "1. The first thing that was to be seen"),
        line(90.0, 214.0, "takes two lines."),
        line(72.0, 228.0, "2. The second one."),
        line(72.0, 242.0, "3. The third one."),
    ];
    let mut table = Vec::new();
    for (at, (name, sum)) in
        [("Roads", "1,200.00"), ("Schools", "14,950.10"), ("Police", "880.00"), ("Total", "17,030.10")]
            .into_iter()
            .enumerate()
    {
        let y = 300.0 + at as f32 * 14.0;
        let sum = line(400.0 - sum.len() as f32 * 6.0, y, sum).words;
        table.push(Line::of(0.0, line(72.0, y, name).words.into_iter().chain(sum).collect()).unwrap());
    }
    page(
        1,
        vec![
            block(BlockKind::Paragraph, vec![line_of_height(72.0, 60.0, 20.0, "Annual report")]),
            block(BlockKind::Paragraph, lines),
            block(BlockKind::Paragraph, items),
            block(BlockKind::Paragraph, table),
        ],
    )
}

#[test]
fn a_page_reads_as_a_document() {
    insta::assert_snapshot!(outline(&of_pages(vec![letter()])).join("\n"));
}

#[test]
fn the_sample_reads_as_two_sections_and_a_note_for_the_failed_page() {
    let docx = exported(Format::Docx, &mut sample());
    insta::assert_snapshot!(part(&docx, "word/document.xml").replace("<w:p>", "\n<w:p>"));
}

#[test]
fn fields_stand_in_a_table_before_the_text_and_line_items_in_one_of_their_own() {
    insta::assert_snapshot!(outline(&exported(Format::Docx, &mut invoices())).join("\n"));
}

#[test]
fn a_paragraph_runs_on_over_the_end_of_a_page() {
    let first = vec![
        line(72.0, 100.0, "The whole of the council was present at"),
        line(72.0, 114.0, "the meeting that was held on the first of"),
    ];
    let second = vec![line(72.0, 72.0, "March in the town hall, and it voted for"), line(72.0, 86.0, "the bridge.")];
    let docx = of_pages(vec![
        page(1, vec![block(BlockKind::Paragraph, first), block(BlockKind::Paragraph, vec![line(290.0, 800.0, "12")])]),
        page(2, vec![block(BlockKind::Paragraph, second)]),
    ]);
    let text = "|The whole of the council was present at the meeting that was held on the first of March in the town hall, \
                and it voted for the bridge.";
    assert_eq!(outline(&docx)[1..], [text, "PageMargin|12"]);
}

#[test]
fn the_parts_are_there_and_their_elements_in_order() {
    for docx in [
        exported(Format::Docx, &mut sample()),
        exported(Format::Docx, &mut invoices()),
        of_pages(vec![letter()]),
        of_pages(vec![]),
    ] {
        let names = part_names(&docx);
        for name in ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "docProps/core.xml"] {
            assert!(names.iter().any(|n| n == name), "{name} is missing");
        }
        for name in ["word/document.xml", "word/numbering.xml"] {
            check_order(&part(&docx, name));
        }
    }
}

#[test]
fn the_same_batch_gives_the_same_bytes() {
    assert_eq!(exported(Format::Docx, &mut sample()), exported(Format::Docx, &mut sample()));
}

#[test]
fn libreoffice_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.docx");
    let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
    batch.add("<b>&März.tif", FileKind::Tiff, "nowhere", vec![letter()]);
    batch.add("second.tif", FileKind::Tiff, "nowhere", vec![letter(), Page::failed(2, "it is cut off".to_owned())]);
    std::fs::write(&file, exported(Format::Docx, &mut batch)).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let run = |format: &str| {
        let output = Command::new("soffice")
            .args([&profile, "--headless", "--convert-to", format, "--outdir"])
            .arg(folder.path())
            .arg(&file)
            .output()
            .expect("LibreOffice is installed (Debian package libreoffice-writer)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run("txt:Text (encoded):UTF8");
    let text = std::fs::read_to_string(folder.path().join("export.txt")).unwrap();
    for expected in [
        "<b>&März.tif",
        "to examine the books of the last year",
        "2. The second one.",
        "14,950.10",
        "[page 2 could not be read: it is cut off]",
    ] {
        assert!(text.contains(expected), "{expected} is missing in {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_words_anywhere_give_a_whole_document(
        words in prop::collection::vec(("\\PC{1,9}|[0-9a-z]{1,2}[.)]|•|-", 0f32..580.0, 0f32..830.0, 1f32..90.0, 4f32..30.0), 1..60),
        per_line in 1usize..6,
    ) {
        let words: Vec<Word> = words
            .into_iter()
            .map(|(text, x, y, width, height)| Word { text, bbox: Rect { x, y, width, height }, confidence: 0.5 })
            .collect();
        let lines = words.chunks(per_line).map(|words| Line::of(0.0, words.to_vec()).unwrap()).collect();
        let docx = of_pages(vec![page(1, vec![block(BlockKind::Paragraph, lines)])]);
        let xml = part(&docx, "word/document.xml");
        check_order(&xml);
        // Leaders and markers go; every other word stays.
        let kept = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        let all: usize = words.iter().filter(|w| w.text.chars().count() > 3).map(|w| kept(&w.text)).sum();
        let out: usize = outline(&docx)[1..].iter().map(|p| kept(p.split_once('|').map_or("", |(_, text)| text))).sum();
        prop_assert!(out >= all, "{out} of {all} letters");
    }
}
