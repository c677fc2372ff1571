//! Filters actions of an original that could affect whoever opens the export (ISO 32000-2, sections 12.6 and 7.11).
//! Only actions that move within the document or change how it is shown, and links to the web, are kept. Everything
//! else is left out: running a script, starting a program, sending a form, opening another file, playing remote media.
//!
//! A dictionary is judged by the values of its entries after resolving references, and exactly these values are
//! written: the kind of an action and the address of a link are always direct objects in the export. No viewer can
//! therefore read the export differently.

use super::object::{Dictionary, Object};
use super::source::Source;

/// Actions that stay within the open document, and links.
const ALLOWED: [&[u8]; 6] = [b"GoTo", b"Hide", b"Named", b"ResetForm", b"SetOCGState", b"URI"];

/// All other actions of the standard. They are removed anywhere, even where no viewer looks for an action.
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

/// Allowed actions that are forbidden in archival files (ISO 19005-2, 6.5.1).
const NOT_IN_ARCHIVES: [&[u8]; 3] = [b"Hide", b"ResetForm", b"SetOCGState"];

/// Named actions that every viewer has; others are menu commands, such as saving or quitting.
const NAMED: [&[u8]; 4] = [b"NextPage", b"PrevPage", b"FirstPage", b"LastPage"];

/// The allowed beginnings of a link's address.
const SCHEMES: [&[u8]; 3] = [b"http://", b"https://", b"mailto:"];

/// Entries with scripts, or with actions that run when the document is opened.
const LEFT_OUT: [&[u8]; 6] =
    [b"JavaScript", b"OnInstantiate", b"OpenAction", b"RichMediaContent", b"RichMediaSettings", b"XFA"];

/// Entries with one or several actions.
const ACTION_ENTRIES: [&[u8]; 3] = [b"A", b"Next", b"PA"];

/// Entries of file specifications, and of dictionaries with one, that lead a viewer to a file.
const FILE_ENTRIES: [&[u8]; 6] = [b"DOS", b"F", b"FS", b"Mac", b"UF", b"Unix"];

/// The dictionary without actions; `None` if it is itself a forbidden action.
pub(super) fn harmless(dictionary: &Dictionary, source: &mut Source) -> Option<Dictionary> {
    let mut harmless = dictionary.clone();
    // The entries by which it is judged become direct objects.
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

/// The filtered value of a dictionary's entry; `None` to leave it out.
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

/// What a viewer takes a dictionary for.
#[derive(PartialEq)]
enum Kind {
    /// Not an action.
    None,
    /// An action, if it is at a place where one is expected.
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

/// Makes the entries of an allowed action direct; `None` if the action is not allowed.
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

/// The address in the form allowed in the export. Without a scheme it would lead to files beside the export. Only
/// addresses that begin with `www.`, which always mean the web, are completed.
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

/// The allowed actions of an entry; a value that is not an action stays.
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

/// Whether a dictionary contains actions as its entries, like the additional actions of a page, an annotation or a
/// field. A font or a picture with that name does not.
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

/// Whether this is a file specification of an external file.
fn names_file(value: &Object, source: &mut Source) -> bool {
    let Some(specification) = source.dictionary(value) else { return false };
    let mut names = |key: &&[u8]| {
        let name = specification.iter().find(|(entry, _)| entry.as_slice() == *key).map(|(_, value)| value.clone());
        name.is_some_and(|name| matches!(source.resolved(&name), Object::String(_) | Object::Dictionary(_)))
    };
    FILE_ENTRIES.iter().any(&mut names) && !embeds(&specification, source)
}

/// Whether a file specification embeds its file.
fn embeds(specification: &Dictionary, source: &mut Source) -> bool {
    specification.get("EF").is_some_and(|files| source.dictionary(files).is_some_and(|files| !files.is_empty()))
}

/// A name, or a string in its place, which some viewers accept as a name.
fn word(value: &Object, source: &mut Source) -> Option<Vec<u8>> {
    match source.resolved(value) {
        Object::Name(word) | Object::String(word) => Some(word),
        _ => None,
    }
}

/// An object, or the dictionary of a stream, which some viewers accept as a dictionary.
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
