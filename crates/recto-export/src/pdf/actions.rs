//! What of an original may act on whoever opens the export (ISO 32000-2, sections 12.6 and 7.11): only what moves
//! within the document or changes how it is shown, and links to the web. Everything else that a reader would do (run a
//! script, start a program, send a form, open another file, play what lies elsewhere) is left out.
//!
//! A dictionary is judged by what its entries say once their references are followed, and what was judged is what is
//! written: the kind of an action and the address of a link stand in the export themselves, never by reference. So
//! nobody who reads the export can read it otherwise.

use super::object::{Dictionary, Object};
use super::source::Source;

/// Actions that stay within the open document.
const ALLOWED: [&[u8]; 6] = [b"GoTo", b"Hide", b"Named", b"ResetForm", b"SetOCGState", b"URI"];

/// All other actions of the standard: they are none wherever they stand, also where no reader looks for an action.
const FORBIDDEN: [&[u8]; 14] = [
    b"GoTo3DView",
    b"GoToDp",
    b"GoToE",
    b"GoToR",
    b"ImportData",
    b"JavaScript",
    b"Launch",
    b"Movie",
    b"Rendition",
    b"RichMediaExecute",
    b"Sound",
    b"SubmitForm",
    b"Thread",
    b"Trans",
];

/// Of the allowed ones those that may not be in a file for archives (ISO 19005-2, 6.5.1).
const NOT_IN_ARCHIVES: [&[u8]; 3] = [b"Hide", b"ResetForm", b"SetOCGState"];

/// Named actions that every reader has; others are commands of its menu, such as to save or to quit.
const NAMED: [&[u8]; 4] = [b"NextPage", b"PrevPage", b"FirstPage", b"LastPage"];

/// How the address of a link may begin.
const SCHEMES: [&[u8]; 3] = [b"http://", b"https://", b"mailto:"];

/// Entries that hold scripts, or that a reader acts upon when the document is opened.
const LEFT_OUT: [&[u8]; 6] =
    [b"JavaScript", b"OnInstantiate", b"OpenAction", b"RichMediaContent", b"RichMediaSettings", b"XFA"];

/// Entries that hold an action or several.
const ACTION_ENTRIES: [&[u8]; 3] = [b"A", b"Next", b"PA"];

/// Entries of file specifications, and of what has one, by which a reader finds a file.
const FILE_ENTRIES: [&[u8]; 6] = [b"DOS", b"F", b"FS", b"Mac", b"UF", b"Unix"];

/// The dictionary without what acts, if it is not an action itself that must not be there.
pub(super) fn harmless(dictionary: &Dictionary, source: &mut Source) -> Option<Dictionary> {
    let mut harmless = dictionary.clone();
    // What the dictionary is judged by stands in it.
    for key in ["Type", "S"] {
        if let Some(value @ Object::Reference(_)) = dictionary.get(key) {
            harmless.set(key, source.resolved(value));
        }
    }
    let settled = match kind(&harmless, source) {
        Kind::Forbidden => None,
        Kind::Allowed => settle(&mut harmless, source),
        Kind::Unknown | Kind::None => Some(()),
    };
    if settled.is_none() {
        source.left_out = true;
        return None;
    }
    let entries = std::mem::take(&mut harmless);
    let embeds = embeds(&entries, source);
    for (key, value) in entries.iter() {
        match entry(key, value, embeds, source) {
            Some(value) => harmless.insert(key.clone(), value),
            None => source.left_out = true,
        }
    }
    Some(harmless)
}

/// What an entry of a dictionary becomes; `None` leaves it out.
fn entry(key: &[u8], value: &Object, embeds: bool, source: &mut Source) -> Option<Object> {
    if LEFT_OUT.contains(&key) || key == b"AA" && holds_actions(value, source) {
        return None;
    }
    if ACTION_ENTRIES.contains(&key) {
        return permitted(value, source);
    }
    let leads_outside = match key {
        b"Ref" => names_file(value, source),
        _ if FILE_ENTRIES.contains(&key) => match source.resolved(value) {
            Object::String(_) => !embeds,
            Object::Name(system) => key == b"FS" && system == b"URL",
            _ => names_file(value, source),
        },
        _ => false,
    };
    (!leads_outside).then(|| value.clone())
}

/// What a reader takes a dictionary for.
#[derive(PartialEq)]
enum Kind {
    /// No action.
    None,
    /// An action, if it stands where one is looked for.
    Unknown,
    Allowed,
    Forbidden,
}

fn kind(dictionary: &Dictionary, source: &mut Source) -> Kind {
    let is_action = dictionary.get("Type").and_then(|kind| word(kind, source)).is_some_and(|kind| kind == b"Action");
    let stated = dictionary.get("S").map(|kind| word(kind, source).unwrap_or_default());
    match stated {
        Some(kind) if source.is_strict && NOT_IN_ARCHIVES.contains(&&kind[..]) => Kind::Forbidden,
        Some(kind) if ALLOWED.contains(&&kind[..]) => Kind::Allowed,
        Some(kind) if is_action || FORBIDDEN.contains(&&kind[..]) => Kind::Forbidden,
        Some(_) => Kind::Unknown,
        None if is_action => Kind::Forbidden,
        None => Kind::None,
    }
}

/// Puts what an allowed action does into itself; `None` if that is not allowed.
fn settle(action: &mut Dictionary, source: &mut Source) -> Option<()> {
    match word(action.get("S")?, source)?.as_slice() {
        b"URI" => {
            let Some(Object::String(address)) = action.get("URI").map(|address| source.resolved(address)) else {
                return None;
            };
            action.set("URI", Object::String(web_address(&address)?));
        }
        b"Named" => {
            let name = word(action.get("N")?, source).filter(|name| NAMED.contains(&&name[..]))?;
            action.set("N", Object::Name(name));
        }
        _ => {}
    }
    Some(())
}

/// The address as it may stand in the export. One without a scheme would lead to files beside the export; only
/// addresses that begin with `www.`, by which everyone means the web, are completed.
fn web_address(address: &[u8]) -> Option<Vec<u8>> {
    let read = match address {
        [0xFE, 0xFF, units @ ..] => units.iter().copied().filter(|byte| *byte != 0).collect(),
        plain => plain.trim_ascii_start().to_vec(),
    };
    let begins = |with: &[u8]| read.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if SCHEMES.iter().any(|scheme| begins(scheme)) {
        return Some(address.to_vec());
    }
    begins(b"www.").then(|| [b"http://", &read[..]].concat())
}

/// The actions of an entry that are allowed, if it holds any; what is no action stays.
fn permitted(value: &Object, source: &mut Source) -> Option<Object> {
    let is_permitted = |value: &Object, source: &mut Source| match whole(value, source) {
        Object::Dictionary(action) => match kind(&action, source) {
            Kind::None => true,
            Kind::Unknown | Kind::Forbidden => false,
            Kind::Allowed => settle(&mut action.clone(), source).is_some(),
        },
        Object::Null | Object::Reference(_) => false,
        _ => true,
    };
    match source.resolved(value) {
        Object::Array(items) => {
            let all = items.len();
            let kept: Vec<Object> = items.into_iter().filter(|item| is_permitted(item, source)).collect();
            source.left_out |= kept.len() < all;
            (!kept.is_empty()).then(|| kept.into())
        }
        _ => is_permitted(value, source).then(|| value.clone()),
    }
}

/// Whether a dictionary has actions for its entries, as the additional actions of a page, an annotation or a field are.
/// A font or a picture of that name has none.
fn holds_actions(value: &Object, source: &mut Source) -> bool {
    let Some(entries) = source.dictionary(value) else { return false };
    entries.iter().any(|(_, value)| match whole(value, source) {
        Object::Dictionary(entry) => {
            let is_mask = entry.is("S", "Alpha") || entry.is("S", "Luminosity");
            !is_mask && kind(&entry, source) != Kind::None
        }
        _ => false,
    })
}

/// Whether this is a file specification of a file that lies elsewhere.
fn names_file(value: &Object, source: &mut Source) -> bool {
    let Some(specification) = source.dictionary(value) else { return false };
    let mut names = |key: &&[u8]| {
        let name = specification.iter().find(|(entry, _)| entry.as_slice() == *key).map(|(_, value)| value.clone());
        name.is_some_and(|name| matches!(source.resolved(&name), Object::String(_) | Object::Dictionary(_)))
    };
    FILE_ENTRIES.iter().any(&mut names) && !embeds(&specification, source)
}

/// Whether a file specification brings its file along.
fn embeds(specification: &Dictionary, source: &mut Source) -> bool {
    specification.get("EF").is_some_and(|files| source.dictionary(files).is_some_and(|files| !files.is_empty()))
}

/// A name, also one that is written as a string, which some readers take for one.
fn word(value: &Object, source: &mut Source) -> Option<Vec<u8>> {
    match source.resolved(value) {
        Object::Name(word) | Object::String(word) => Some(word),
        _ => None,
    }
}

/// What an object is, where the dictionary of a stream is a dictionary: some readers take it for one.
fn whole(value: &Object, source: &mut Source) -> Object {
    match (source.resolved(value), value) {
        (Object::Null, Object::Reference(reference)) => source.load(*reference).map(|l| l.object).unwrap_or_default(),
        (resolved, _) => resolved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_and_of_mail_are_links() {
        for address in ["http://a.example/", "HTTPS://a.example", "mailto:a@b.example", " https://a.example"] {
            assert_eq!(web_address(address.as_bytes()).as_deref(), Some(address.as_bytes()));
        }
        assert_eq!(web_address(b"www.a.example").as_deref(), Some(&b"http://www.a.example"[..]));
        let utf_16 = b"\xFE\xFF\0h\0t\0t\0p\0s\0:\0/\0/\0a";
        assert_eq!(web_address(utf_16).as_deref(), Some(&utf_16[..]));
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "\u{1}javascript:alert(1)",
            "java\nscript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            r"\\server\share\x.exe",
            "//server/share",
            "other.pdf",
            "http:other",
            "vbscript:x",
            "",
        ] {
            assert_eq!(web_address(address.as_bytes()), None, "{address:?}");
        }
        assert_eq!(web_address(b"\xFE\xFF\0f\0i\0l\0e\0:\0/\0/"), None);
    }
}
