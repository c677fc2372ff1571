//! The formats that are XML or HTML for other people's programs: hOCR, ALTO and the page for a browser.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use fixture::{block, exported, exported_text, invoices, line, page, sample};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use recto_domain::{BlockKind, FileKind, FinishedBatch as _, Page, Timestamp};
use recto_export::{Format, MemoryBatch};

const ALL: [Format; 3] = [Format::Hocr, Format::Alto, Format::Html];

/// A batch of one file with one word.
fn of(name: &str, word: &str) -> MemoryBatch {
    let mut batch = MemoryBatch::new(name, Timestamp::from_millis(0));
    let mut line = line(72.0, 72.0, "x");
    word.clone_into(&mut line.words[0].text);
    let blocks = vec![block(BlockKind::Paragraph, vec![line])];
    batch.add(name, FileKind::Png, "nowhere", vec![page(1, blocks), Page::failed(2, word.to_owned())]);
    batch
}

fn attributes(start: &BytesStart<'_>) -> BTreeMap<String, String> {
    let unescaped = |value: &str| quick_xml::escape::unescape(value).unwrap().into_owned();
    let pairs = start.attributes().map(Result::unwrap);
    pairs.map(|a| (a.key.as_ref().to_owned(), unescaped(&a.value))).collect()
}

/// Walks over the elements: the path of names down to each, and its attributes.
fn each_element(xml: &str, mut see: impl FnMut(&[String], &BTreeMap<String, String>)) {
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(start) | Event::Empty(start) = &event {
            path.push(start.name().as_ref().to_owned());
            see(&path, &attributes(start));
        }
        match event {
            Event::End(_) | Event::Empty(_) => drop(path.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty());
}

fn without_version(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// Without what is the same in every file.
fn without_style(html: &str) -> String {
    let (start, rest) = html.split_once("<style>").unwrap();
    without_version(&format!("{start}<style>…{}", rest.split_once("</style>").unwrap().1))
}

#[test]
fn hocr_looks_like_this() {
    insta::assert_snapshot!(without_version(&exported_text(Format::Hocr, &mut sample())));
}

#[test]
fn alto_looks_like_this() {
    insta::assert_snapshot!(without_version(&exported_text(Format::Alto, &mut sample())));
}

#[test]
fn html_looks_like_this() {
    insta::assert_snapshot!(without_style(&exported_text(Format::Html, &mut sample())));
}

#[test]
fn fields_look_like_this_in_html() {
    insta::assert_snapshot!(without_style(&exported_text(Format::Html, &mut invoices())));
}

#[test]
fn a_parser_of_xml_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    for format in ALL {
        for (at, mut batch) in
            [sample(), invoices(), MemoryBatch::new("", Timestamp::from_millis(0))].into_iter().enumerate()
        {
            let file = folder.path().join(format!("{at}.{}", format.extension()));
            std::fs::write(&file, exported(format, &mut batch)).unwrap();
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet"])
                .arg(&file)
                .output()
                .expect("xmllint is installed (Debian package libxml2-utils)");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn hocr_nests_pages_areas_paragraphs_lines_and_words_with_boxes_and_ids_of_their_own() {
    let mut ids = BTreeSet::new();
    let mut classes: Vec<(usize, String)> = Vec::new();
    let mut words = 0;
    each_element(&exported_text(Format::Hocr, &mut sample()), |path, attributes| {
        if let Some(id) = attributes.get("id") {
            assert!(ids.insert(id.clone()), "{id} twice");
        }
        let Some(class) = attributes.get("class").filter(|class| class.starts_with("ocr")) else { return };
        classes.retain(|(depth, _)| *depth < path.len());
        let around = classes.last().map(|(_, class)| class.as_str());
        let expected = match class.as_str() {
            "ocr_page" => None,
            "ocr_carea" => Some("ocr_page"),
            "ocr_par" => Some("ocr_carea"),
            "ocr_line" => Some("ocr_par"),
            "ocrx_word" => Some("ocr_line"),
            other => panic!("{other} is not declared"),
        };
        assert_eq!(around, expected, "{class}");
        assert!(attributes["title"].contains("bbox "), "{class}");
        words += usize::from(class == "ocrx_word");
        classes.push((path.len(), class.clone()));
    });
    let mut batch = sample();
    let documents = batch.documents().to_vec();
    let pages = documents.iter().flat_map(|d| (0..d.page_count).map(|index| (d.record_id, index)));
    let expected: usize = pages.map(|(record, index)| batch.page(record, index).unwrap().words().count()).sum();
    assert_eq!(words, expected);
}

/// An element: what stands in it in that order, and the attributes that it needs and may have.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The schema of ALTO 4.4, as far as the export makes use of it.
const ALTO: [Rule; 16] = [
    ("alto", &["Description", "Tags", "Layout"], &[], &["xmlns", "xmlns:xsi", "xsi:schemaLocation", "SCHEMAVERSION"]),
    ("Description", &["MeasurementUnit", "sourceImageInformation", "Processing"], &[], &[]),
    ("MeasurementUnit", &[], &[], &[]),
    ("sourceImageInformation", &["fileName", "fileIdentifier"], &[], &[]),
    ("fileName", &[], &[], &[]),
    ("fileIdentifier", &[], &[], &["fileIdentifierLocation"]),
    ("Processing", &["processingCategory", "processingStepDescription", "processingSoftware"], &["ID"], &[]),
    ("processingSoftware", &["softwareName", "softwareVersion"], &[], &[]),
    ("Tags", &["LayoutTag"], &[], &[]),
    ("LayoutTag", &[], &["ID", "LABEL"], &[]),
    ("Layout", &["Page"], &[], &[]),
    (
        "Page",
        &["PrintSpace"],
        &["ID", "PHYSICAL_IMG_NR"],
        &["PROCESSINGREFS", "WIDTH", "HEIGHT", "PC", "LANG", "OTHERLANGS", "QUALITY", "QUALITY_DETAIL"],
    ),
    ("PrintSpace", &["TextBlock"], &[], &["HPOS", "VPOS", "WIDTH", "HEIGHT"]),
    ("TextBlock", &["TextLine"], &["ID"], &["HPOS", "VPOS", "WIDTH", "HEIGHT", "TAGREFS"]),
    ("TextLine", &[], &["HPOS", "VPOS", "WIDTH", "HEIGHT"], &["ID"]),
    ("String", &[], &["CONTENT"], &["HPOS", "VPOS", "WIDTH", "HEIGHT", "WC"]),
];

/// Complains about what the schema of ALTO would.
fn check_alto(xml: &str) {
    let mut ids = BTreeSet::new();
    let mut references = BTreeSet::new();
    let mut reached: Vec<usize> = Vec::new();
    each_element(xml, |path, attributes| {
        let name = path.last().unwrap().as_str();
        if let Some((_, _, needed, allowed)) = ALTO.iter().find(|(element, ..)| *element == name) {
            for name in *needed {
                assert!(attributes.contains_key(*name), "{path:?} lacks {name}");
            }
            let known = |name: &str| needed.contains(&name) || allowed.contains(&name);
            for name in attributes.keys() {
                assert!(known(name), "{path:?} has {name}");
            }
        }
        reached.truncate(path.len() - 1);
        reached.push(0);
        if let [.., parent, _] = path
            && let Some((_, order, ..)) = ALTO.iter().find(|(element, ..)| element == parent)
            && !(parent == "TextLine" && ["String", "SP"].contains(&name))
        {
            let at = order.iter().position(|child| *child == name).unwrap_or_else(|| panic!("{name} in {parent}"));
            let before = reached.len() - 2;
            assert!(at >= reached[before], "{name} comes too late in {parent}");
            reached[before] = at;
        }
        for (name, value) in attributes {
            match name.as_str() {
                "ID" => assert!(ids.insert(value.clone()), "{value} twice"),
                "PROCESSINGREFS" | "TAGREFS" => references.extend(value.split(' ').map(str::to_owned)),
                "WC" | "PC" => assert!((0.0..=1.0).contains(&value.parse::<f32>().unwrap()), "{value}"),
                "HPOS" | "VPOS" | "WIDTH" | "HEIGHT" | "PHYSICAL_IMG_NR" => drop(value.parse::<f32>().unwrap()),
                "LANG" => assert!(value.len() <= 8 && value.bytes().all(|b| b.is_ascii_alphabetic()), "{value}"),
                "QUALITY" => assert_eq!(value, "Missing"),
                _ => {}
            }
        }
    });
    assert!(references.is_subset(&ids), "{references:?}");
    assert!(xml.contains("<Page "), "a layout has a page");
}

#[test]
fn alto_has_the_elements_and_attributes_that_its_schema_asks_for() {
    for mut batch in [sample(), invoices(), MemoryBatch::new("", Timestamp::from_millis(0))] {
        check_alto(&exported_text(Format::Alto, &mut batch));
    }
}

#[test]
fn a_page_for_a_browser_runs_and_loads_nothing() {
    let html = exported_text(Format::Html, &mut of("<script>alert(1)</script>", "<img/src=x onerror=alert(1)>"));
    each_element(html.strip_prefix("<!DOCTYPE html>").unwrap(), |path, attributes| {
        let name = path.last().unwrap().as_str();
        assert!(!["script", "img", "link", "iframe", "object", "base", "form"].contains(&name), "{name}");
        for (key, value) in attributes {
            assert!(!key.starts_with("on") && key != "src", "{key}");
            assert!(key != "href" || value.starts_with('#'), "{value}");
        }
    });
    assert!(html.contains("Content-Security-Policy") && !html.contains("url("));
}

proptest! {
    #[test]
    fn any_name_and_text_survive(name in any::<String>(), word in any::<String>()) {
        let allowed = |text: &str| -> String {
            let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c }).collect()
        };
        let alto = exported_text(Format::Alto, &mut of(&name, &word));
        check_alto(&alto);
        let mut found = Vec::new();
        each_element(&alto, |_, attributes| found.extend(attributes.get("CONTENT").cloned()));
        prop_assert_eq!(found, [allowed(&word)]);
        for format in [Format::Hocr, Format::Html] {
            let text = exported_text(format, &mut of(&name, &word));
            each_element(text.strip_prefix("<!DOCTYPE html>").unwrap(), |_, _| {});
        }
    }
}
