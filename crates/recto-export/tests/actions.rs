//! What acts on a reader does not get from an original into the exported PDF, however it is written and wherever it
//! stands. qpdf takes the exports apart.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;
mod hidden;

use std::fs;
use std::path::Path;
use std::process::Command;

use fixture::exported;
use hidden::{Hidden, MARK, Original, Wrapping};
use proptest::prelude::*;
use recto_domain::{FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{Format, MemoryBatch};
use serde_json::{Map, Value};

/// Whatever a reader could be made to do by an export's dictionary.
const ACTIONS: [&str; 14] = [
    "GoTo3DView",
    "GoToDp",
    "GoToE",
    "GoToR",
    "ImportData",
    "JavaScript",
    "Launch",
    "Movie",
    "Rendition",
    "RichMediaExecute",
    "Sound",
    "SubmitForm",
    "Thread",
    "Trans",
];

fn qpdf(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("qpdf").args(arguments).output().expect("qpdf is installed (./bootstrap.sh --tests)");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What qpdf finds in the export of a file.
struct Export {
    /// All text of the export, its streams decompressed.
    text: Vec<u8>,
    dictionaries: Vec<Map<String, Value>>,
    objects: Value,
}

impl Export {
    fn of(original: &[u8], wrapping: Wrapping) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (plain, wrapped, out) = (at("plain.pdf"), at("original.pdf"), at("export.pdf"));
        fs::write(&plain, original).unwrap();
        match wrapping {
            Wrapping::None => fs::write(&wrapped, original).unwrap(),
            Wrapping::ObjectStreams => {
                drop(qpdf(&[
                    "--warning-exit-0",
                    "--object-streams=generate",
                    "--preserve-unreferenced",
                    &plain,
                    &wrapped,
                ]));
            }
            Wrapping::Encrypted => {
                drop(qpdf(&["--warning-exit-0", "--encrypt", "", "owner", "256", "--", &plain, &wrapped]));
            }
        }
        let mut batch = MemoryBatch::new("b", Timestamp::from_millis(0));
        let layer = PageSource::TextLayer;
        let page = Page::read(1, Size { width: 612.0, height: 792.0 }, Rotation::None, layer, None, Vec::new());
        batch.add("original.pdf", FileKind::Pdf, Path::new(&wrapped), vec![page]);
        fs::write(&out, exported(Format::Pdf, &mut batch)).unwrap();
        let text = qpdf(&["--qdf", "--object-streams=disable", &out, "-"]);
        let json = qpdf(&["--json=2", "--json-key=qpdf", &out]);
        let objects = serde_json::from_slice::<Value>(&json).unwrap()["qpdf"][1].clone();
        let mut dictionaries = Vec::new();
        gather(&objects, &mut dictionaries);
        Self { text, dictionaries, objects }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value.as_str().filter(|text| text.ends_with(" R")) else { return value };
        let object = &self.objects[format!("obj:{reference}")];
        self.resolved(object.get("value").or_else(|| object["stream"].get("dict")).unwrap_or(object))
    }

    fn holds(&self, words: &[u8]) -> bool {
        memchr::memmem::find(&self.text, words).is_some()
    }

    /// The kinds of all actions.
    fn kinds(&self) -> Vec<&str> {
        let kinds = self.dictionaries.iter().filter_map(|d| d.get("/S")).filter_map(|s| self.resolved(s).as_str());
        kinds.map(|kind| kind.trim_start_matches(['/', 'u', ':'])).collect()
    }
}

fn gather(value: &Value, dictionaries: &mut Vec<Map<String, Value>>) {
    match value {
        Value::Object(map) => {
            dictionaries.push(map.clone());
            map.values().for_each(|value| gather(value, dictionaries));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, dictionaries)),
        _ => {}
    }
}

/// Nothing acts, and the ordinary links that every original has are still there.
fn check(original: &Original, wrapping: Wrapping) -> Result<(), TestCaseError> {
    let export = Export::of(&original.bytes(), wrapping);
    let text = || String::from_utf8_lossy(&export.text).into_owned();
    prop_assert!(!export.holds(MARK.as_bytes()), "a payload is left: {}", text());
    for kind in export.kinds() {
        prop_assert!(!ACTIONS.contains(&kind), "{kind} is left: {}", text());
    }
    for dictionary in &export.dictionaries {
        for key in ["/AA", "/OpenAction", "/XFA", "/JavaScript", "/OnInstantiate"] {
            prop_assert!(!dictionary.contains_key(key), "{key} is left: {}", text());
        }
        for key in ["/A", "/PA", "/Next"] {
            let value = dictionary.get(key).map(|action| export.resolved(action));
            let actions = value.map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
            for action in actions.unwrap_or_default() {
                let Some(kind) = export.resolved(&action).get("/S") else { continue };
                prop_assert!(
                    ["/GoTo", "/URI"].contains(&kind.as_str().unwrap_or_default()),
                    "{key} {kind}: {}",
                    text()
                );
            }
        }
    }
    for ordinary in ["https://recto.example/a?b=c#d", "mailto:a@recto.example", "/XYZ"] {
        prop_assert!(export.holds(ordinary.as_bytes()), "{ordinary} is gone: {}", text());
    }
    Ok(())
}

proptest! {
    // Each case runs qpdf three times.
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn actions_hidden_anywhere_in_any_spelling_are_left_out(
        hidden in prop::collection::vec(any::<Hidden>(), 1..6),
        wrapping in any::<Wrapping>(),
        updated in any::<bool>(),
    ) {
        let mut original = Original::new(updated);
        for action in &hidden {
            // qpdf, which wraps the file, follows one reference and takes a second for a number.
            let hops = if matches!(wrapping, Wrapping::None) { 3 } else { 1 };
            original.hide(&action.within(hops));
        }
        check(&original, wrapping)?;
    }
}

/// The export of a page with those annotations.
fn with_annotations(annotations: &str) -> Export {
    let mut original = Original::new(false);
    original.annotate(annotations);
    Export::of(&original.bytes(), Wrapping::None)
}

#[test]
fn links_within_the_document_and_to_the_web_stay_as_they_are() {
    let export = with_annotations(
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Border[0 0 2]/A<</S/URI/URI(HTTP://recto.example/%20)/IsMap true>>>>\
         <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(www.recto.example)>>>>\
         <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Named/N/NextPage>>>>\
         <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[3 0 R/Fit]>>\
         <</Type/Annot/Subtype/Text/Rect[0 0 9 9]/F 4/Contents(a note)/BS<</S/D/W 3>>>>\
         <</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(a.txt)/UF(a.txt)/EF<</F 6 0 R>>>>>>\
         <</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/A<</S/ResetForm>>/MK<</CA(reset)>>>>",
    );
    for kept in [
        "(HTTP://recto.example/%20)",
        "/IsMap true",
        "(http://www.recto.example)",
        "/N /NextPage",
        "/Fit",
        "(a note)",
        "/EF <<",
        "(a.txt)",
        "/S /ResetForm",
        "/S /D",
        "/F 4",
    ] {
        assert!(export.holds(kept.as_bytes()), "{kept}: {}", String::from_utf8_lossy(&export.text));
    }
}

#[test]
fn an_allowed_action_keeps_what_follows_it_but_for_what_is_not_allowed() {
    let export = with_annotations(
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoTo/D[3 0 R/Fit]/Next[\
         <</S/JavaScript/JS(Zebra)>> <</S/URI/URI(https://next.example/)>> <</S/Fly/JS(Zebra)>>]>>>>",
    );
    assert!(export.holds(b"(https://next.example/)") && !export.holds(MARK.as_bytes()));
}

#[test]
fn addresses_that_lead_to_files_or_scripts_are_no_links() {
    for address in ["javascript:Zebra", "file:///Zebra", r"\\\\server\\Zebra", "Zebra.pdf", "JAVASCRIPT:Zebra"] {
        let link = format!("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Contents(stays)/A<</S/URI/URI({address})>>>>");
        let export = with_annotations(&link);
        assert!(export.holds(b"(stays)") && !export.holds(MARK.as_bytes()), "{address}");
    }
}

#[test]
fn files_that_lie_elsewhere_are_not_asked_for() {
    for outside in [
        "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</FS/URL/F(http://Zebra/)>>>>",
        r"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS(\\\\Zebra\\a)>>",
        "<</Type/Annot/Subtype/Movie/Rect[0 0 9 9]/Movie<</F(Zebra.avi)>>/A true>>",
        "<</Type/Annot/Subtype/RichMedia/Rect[0 0 9 9]/RichMediaContent<</Assets<</Names[(Zebra) null]>>>>>>",
        "<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N<</Ref<</F(Zebra.pdf)/Page 1>>>>>>>>",
    ] {
        assert!(!with_annotations(outside).holds(MARK.as_bytes()), "{outside}");
    }
}

#[test]
fn what_is_only_named_like_an_action_stays() {
    let mut original = Original::new(false);
    original.resources("/Font<</A 5 0 R/AA 5 0 R/F 5 0 R/Next 5 0 R/JS 5 0 R>>/XObject<</PA 7 0 R/Ref 7 0 R>>");
    let export = Export::of(&original.bytes(), Wrapping::None);
    let fonts = export.dictionaries.iter().find_map(|d| d.get("/Font")).map(|fonts| export.resolved(fonts)).unwrap();
    for name in ["/A", "/AA", "/F", "/Next", "/JS"] {
        assert_eq!(export.resolved(&fonts[name])["/BaseFont"], "/Helvetica", "{name}");
    }
    let forms = export.dictionaries.iter().find_map(|d| d.get("/XObject")).map(|forms| export.resolved(forms)).unwrap();
    for name in ["/PA", "/Ref"] {
        assert_eq!(export.resolved(&forms[name])["/Subtype"], "/Form", "{name}");
    }
}
