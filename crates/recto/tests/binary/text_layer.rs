//! The text that PDFs carry, held against what their pages show.

use image::{DynamicImage, imageops};
use serde_json::Value;
use tempfile::TempDir;

use crate::command::run;
use crate::documents::bytes;
use crate::drawn::Drawn;
use crate::languages::documents;
use crate::pictures::grey;
use crate::programs::{self, saved};
use crate::server::{Server, file};
use crate::words::{LETTER, recall};

const INVOICE: [&str; 8] = [
    "Northern Harbour Supplies Ltd",
    "Invoice number 20418 of 14 March 2025",
    "For the delivery of planed boards of larch and oak to the site,",
    "including unloading by crane and the removal of packaging.",
    "Pump housing, cast iron 145.00",
    "Subtotal 1740.00",
    "Tax 348.00",
    "Total 2088.00",
];

/// The document that `recto run` makes of a PDF.
fn read(pdf: &[u8], args: &[&str]) -> Value {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("page.pdf"), pdf).unwrap();
    let usual = ["run", "page.pdf", "-q", "--workers", "1", "-f", "json", "-o", "-"];
    let said = run(&[&usual, args].concat(), folder.path()).ok();
    serde_json::from_str::<Value>(&said.stdout).unwrap()["documents"][0].clone()
}

fn source(document: &Value) -> &str {
    document["pages"][0]["source"].as_str().unwrap()
}

fn assert_has(document: &Value, lines: &[&str]) {
    let text = document["text"].as_str().unwrap();
    let recall = recall(&lines.join(" "), text);
    assert!(recall >= 0.95, "recall {recall:.2}:\n{text}");
}

fn letter() -> DynamicImage {
    grey(&bytes("letter.tif")).into()
}

/// The letter as a scan, under an invisible layer that says what `say` makes of its lines.
fn scan_with_layer(say: impl Fn(&str) -> String) -> Vec<u8> {
    // The lines stand at the same distance from each other.
    let lines: Vec<&str> = LETTER.lines().filter(|line| !line.trim().is_empty()).collect();
    let drawn = Drawn::new(|c| c).picture(0.0, 0.0, 612.0, letter());
    (0..).zip(lines).fold(drawn, |drawn, (at, line)| drawn.text(3, 35.0, 90.0 + 30.0 * at as f32, &say(line))).pdf()
}

#[test]
fn shifted_letters_are_recognised_and_said_to_be_so() {
    let shift: fn(char) -> char = |c| if c.is_ascii_alphanumeric() { char::from(c as u8 + 1) } else { c };
    let document = read(&Drawn::new(shift).lines(80.0, &INVOICE).pdf(), &[]);
    assert_has(&document, &INVOICE);
    assert_ne!(source(&document), "text-layer");
    let warnings = document["warnings"].as_array().unwrap();
    let warning = "page 1: the text in the file differs from what the page shows; the page was recognised instead";
    assert_eq!(warnings, &[warning], "{document:#}");
}

#[test]
fn digits_that_the_map_tells_wrong_are_recognised_and_the_letters_stay() {
    let shift: fn(char) -> char = |c| if c.is_ascii_digit() { char::from(b'0' + (c as u8 - b'0' + 3) % 10) } else { c };
    let pdf = Drawn::new(shift).lines(80.0, &INVOICE).pdf();
    let document = read(&pdf, &[]);
    assert_has(&document, &INVOICE);
    assert_eq!(document["warnings"].as_array().unwrap().len(), 1, "{document:#}");
    let trusted = read(&pdf, &["--text-layer", "trust"]);
    assert_eq!(source(&trusted), "text-layer");
    assert!(trusted["text"].as_str().unwrap().contains("Total 5311.33"), "{}", trusted["text"]);
}

#[test]
fn ligatures_without_a_letter_are_recognised_in_their_words() {
    let lost: fn(char) -> char = |c| if matches!(c, 'f' | 'l') { '\0' } else { c };
    let document = read(&Drawn::new(lost).lines(80.0, &INVOICE).pdf(), &[]);
    assert_has(&document, &INVOICE);
}

#[test]
fn sound_text_stands_and_is_recognised_only_when_that_is_asked_for() {
    let pdf = Drawn::new(|c| c).lines(80.0, &INVOICE).pdf();
    let document = read(&pdf, &[]);
    assert_eq!(source(&document), "text-layer");
    assert_eq!(document["warnings"].as_array().unwrap().len(), 0);
    let recognised = read(&pdf, &["--text-layer", "ignore"]);
    assert_ne!(source(&recognised), "text-layer");
    assert_has(&recognised, &INVOICE);
}

#[test]
fn a_poor_reading_of_another_program_is_replaced() {
    let poor = |line: &str| line.replace('e', "c").replace('o', "0").replace('t', "f").replace('h', "li");
    let document = read(&scan_with_layer(poor), &[]);
    assert_has(&document, &[LETTER]);
    assert_ne!(source(&document), "text-layer");
    assert_eq!(document["warnings"].as_array().unwrap().len(), 1, "{document:#}");
}

#[test]
fn the_layer_of_another_document_is_replaced() {
    let document = read(&scan_with_layer(|_| "Minutes of the annual meeting of the village council".to_owned()), &[]);
    assert_has(&document, &[LETTER]);
}

#[test]
fn a_picture_of_text_stands_between_the_lines_around_it() {
    // The first two lines of the letter.
    let cut = imageops::crop_imm(&letter().to_luma8(), 0, 85, 640, 75).to_image();
    let pdf = Drawn::new(|c| c)
        .lines(80.0, &INVOICE[..4])
        .picture(60.0, 200.0, 420.0, cut.into())
        .lines(320.0, &INVOICE[4..])
        .pdf();
    let document = read(&pdf, &[]);
    assert_has(&document, &INVOICE);
    let text = document["text"].as_str().unwrap();
    let places = ["unloading by crane", "test", "Pump housing"].map(|words| text.find(words).expect(text));
    assert!(places.is_sorted(), "{text}");
    assert!(document["confidence"].as_f64().unwrap() > 0.9);
}

#[test]
fn the_form_says_what_is_made_of_the_text_of_each_file() {
    let server = Server::start();
    let pdf = Drawn::new(|c| c).lines(80.0, &INVOICE).pdf();
    let form = file(file(server.form(), "a.pdf", pdf.clone()), "b.pdf", pdf);
    let read = documents(&server, form.text("textLayer", "ignore").text("files[1].textLayer", "trust"));
    assert_ne!(source(&read[0]), "text-layer");
    assert_eq!(source(&read[1]), "text-layer");
}

#[test]
fn the_flags_of_ocrmypdf_mean_what_they_mean_there() {
    let scan = scan_with_layer(str::to_uppercase);
    let skipped = read(&scan, &["--skip-text"]);
    assert_eq!(source(&skipped), "text-layer");
    assert!(skipped["text"].as_str().unwrap().contains("QUICK BROWN"), "{}", skipped["text"]);
    let redone = read(&scan, &["--redo-ocr"]);
    assert_ne!(source(&redone), "text-layer");
    assert_has(&redone, &[LETTER]);
    // Text that people see stays.
    let printed = Drawn::new(|c| c).lines(80.0, &INVOICE).pdf();
    assert_eq!(source(&read(&printed, &["--redo-ocr"])), "text-layer");
    let forced = read(&printed, &["--force-ocr"]);
    assert_ne!(source(&forced), "text-layer");
    assert_has(&forced, &INVOICE);
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("page.pdf"), printed).unwrap();
    let both = run(&["run", "page.pdf", "--skip-text", "--force-ocr"], folder.path());
    assert!(both.code == Some(1) && both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn files_inside_of_a_pdf_are_named_because_nobody_reads_them() {
    let folder = TempDir::new().unwrap();
    let drawn = saved(&folder, "drawn.pdf", &bytes("invoice.pdf"));
    for name in ["minutes.pdf", "plan.tif", "factur-x.xml"] {
        saved(&folder, name, b"whatever it holds");
    }
    let with = |names: &[&str]| {
        let out = folder.path().join("with.pdf");
        let mut arguments: Vec<String> = vec![drawn.display().to_string()];
        for name in names {
            arguments.extend(["--add-attachment".to_owned(), folder.path().join(name).display().to_string()]);
            arguments.push("--".to_owned());
        }
        arguments.push(out.display().to_string());
        let arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = arguments.iter().map(|one| one as _).collect();
        programs::run("qpdf", &arguments);
        read(&std::fs::read(out).unwrap(), &[])["warnings"].clone()
    };
    let warnings = with(&["minutes.pdf", "plan.tif", "factur-x.xml"]).to_string();
    assert!(warnings.contains("2 embedded files are not read: minutes.pdf, plan.tif"), "{warnings}");
    let warnings = with(&["factur-x.xml"]).to_string();
    assert!(!warnings.contains("embedded"), "an invoice as data is read: {warnings}");
}
