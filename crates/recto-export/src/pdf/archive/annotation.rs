//! Annotations (ISO 19005-2, 6.3 to 6.5): which ones a page may have, and their required entries.

use crate::options::PdfStandard;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::Source;

/// Flags of an annotation (ISO 32000-1, section 12.5.3), by bit position.
const INVISIBLE: i64 = 1;
const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
const TOGGLE_NO_VIEW: i64 = 1 << 8;
/// Flags that no annotation may have.
const UNSEEN: i64 = INVISIBLE | HIDDEN | NO_VIEW | TOGGLE_NO_VIEW;

/// The kinds that a page may have (6.3.1).
const ALLOWED: [&str; 21] = [
    "Text",
    "Link",
    "FreeText",
    "Line",
    "Square",
    "Circle",
    "Polygon",
    "PolyLine",
    "Highlight",
    "Underline",
    "Squiggly",
    "StrikeOut",
    "Stamp",
    "Caret",
    "Ink",
    "Popup",
    "FileAttachment",
    "Widget",
    "PrinterMark",
    "TrapNet",
    "Watermark",
];

/// The treatment of an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pdf) enum Fate {
    /// It stays, possibly with a change.
    Kept(Option<&'static str>),
    /// It is removed without visible effect.
    LeftOut(&'static str),
    /// The page cannot be kept as it is because of it.
    Forbids(String),
}

/// The treatment of a page's annotation.
pub(in crate::pdf) fn fate(annotation: &Dictionary, standard: PdfStandard, source: &mut Source) -> Fate {
    let subtype = annotation.get("Subtype").map(|kind| source.resolved(kind)).unwrap_or_default();
    let subtype = String::from_utf8_lossy(subtype.as_name().unwrap_or_default()).into_owned();
    let flags = annotation.get("F").map(|flags| source.resolved(flags)).and_then(|f| f.as_integer()).unwrap_or(0);
    if flags & (HIDDEN | NO_VIEW) != 0 {
        return Fate::LeftOut("a hidden annotation is left out (6.3.2)");
    }
    if subtype == "FileAttachment" && standard != PdfStandard::A3b {
        return Fate::LeftOut("a file attached to it is left out; pdfa-3b keeps it (6.8)");
    }
    if !ALLOWED.contains(&subtype.as_str()) {
        let kind = if subtype.is_empty() { "none" } else { &subtype };
        return Fate::Forbids(format!("it has an annotation of the type {kind} (6.3.1)"));
    }
    let corners = annotation.get("Rect").and_then(|corners| source.array(corners)).unwrap_or_default();
    let corners: Vec<f64> = corners.iter().filter_map(|corner| source.resolved(corner).as_number()).collect();
    let [left, bottom, right, top] = corners[..] else {
        return Fate::LeftOut("an annotation without a position is left out (6.3.2)");
    };
    let is_seen = left != right && bottom != top;
    if !matches!(subtype.as_str(), "Popup" | "Link") && is_seen && shown(annotation, source).is_none() {
        return Fate::Forbids(format!("an annotation of the type {subtype} has no appearance (6.3.3)"));
    }
    let acts = subtype == "Widget" && (annotation.contains("A") || annotation.contains("AA"));
    if acts {
        return Fate::Kept(Some("the action of a form field is removed (6.4.1)"));
    }
    let prints = subtype == "Popup" || flags & PRINT != 0;
    Fate::Kept((!prints).then_some("an annotation is made printable (6.3.2)"))
}

/// The appearance of an annotation: its normal appearance, which is a single one or, for a button, one per state.
fn shown(annotation: &Dictionary, source: &mut Source) -> Option<Object> {
    let looks = source.dictionary_at(annotation, "AP")?;
    let normal = looks.get("N")?.clone();
    match source.resolved(&normal) {
        // A stream.
        Object::Null if normal.as_reference().is_some_and(|r| source.has(r)) => Some(normal),
        states @ Object::Dictionary(_) if is_button(annotation, source) => Some(states),
        Object::Dictionary(states) => {
            // Only buttons may have several appearances.
            let state = annotation.get("AS").map(|state| source.resolved(state))?;
            let state = states.iter().find(|(name, _)| Some(name.as_slice()) == state.as_name())?;
            Some(state.1.clone())
        }
        _ => None,
    }
}

fn is_button(annotation: &Dictionary, source: &mut Source) -> bool {
    let mut field = annotation.clone();
    for _ in 0..8 {
        if let Some(kind) = field.get("FT").map(|kind| source.resolved(kind)) {
            return kind.as_name() == Some(b"Btn");
        }
        let Some(parent) = source.dictionary_at(&field, "Parent") else { return false };
        field = parent;
    }
    false
}

/// The appearance streams of an annotation, in all its states.
pub(in crate::pdf) fn appearances(annotation: &Dictionary, source: &mut Source) -> Vec<Object> {
    match shown(annotation, source) {
        Some(Object::Dictionary(states)) => {
            states.iter().map(|(_, look)| look.clone()).filter(|look| *look != Object::Null).collect()
        }
        Some(look) => vec![look],
        None => Vec::new(),
    }
}

/// Changes a kept annotation so that it follows the standard.
pub(super) fn mend(annotation: &mut Dictionary, source: &mut Source) {
    if annotation.is("Subtype", "Popup") {
        return;
    }
    let flags = annotation.get("F").map(|flags| source.resolved(flags)).and_then(|f| f.as_integer()).unwrap_or(0);
    annotation.set("F", flags & !UNSEEN | PRINT);
    match shown(annotation, source) {
        Some(look) => annotation.set("AP", Dictionary::new().with("N", look)),
        None => {
            annotation.remove("AP");
        }
    }
    if annotation.is("Subtype", "Widget") {
        annotation.remove("A");
        annotation.remove("AA");
    }
}

/// Whether a dictionary is an annotation.
pub(super) fn is_one(dictionary: &Dictionary) -> bool {
    dictionary.contains("Rect") && dictionary.contains("Subtype")
}
