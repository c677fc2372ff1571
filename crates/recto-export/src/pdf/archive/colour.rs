//! Colour spaces (ISO 19005-2, 6.2.4): device-independent ones, and those of a device.

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::Source;

/// The most levels of nested colour spaces.
const MAX_DEPTH: usize = 6;
/// The bytes of a profile that are checked: its header.
const HEADER: usize = 128;
/// The longest profile that is read, in bytes.
const MAX_PROFILE: usize = 16 << 20;
/// The most colourants of one space (6.1.13).
const MAX_COLOURANTS: usize = 32;
/// Colourants that need no description: those of four-colour printing, and `None`.
const PROCESS: [&[u8]; 5] = [b"Cyan", b"Magenta", b"Yellow", b"Black", b"None"];

/// The result of checking a colour space.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    /// Whether it uses the inks of a device.
    pub(super) has_device_inks: bool,
    /// Why it cannot be used.
    pub(super) reason: Option<String>,
}

impl Looked {
    fn fine() -> Self {
        Self::default()
    }

    fn inks() -> Self {
        Self { has_device_inks: true, reason: None }
    }

    fn forbidden(reason: &str) -> Self {
        Self { has_device_inks: false, reason: Some(reason.to_owned()) }
    }
}

/// Checks a colour space, given by name or as in the resources.
///
/// Device grey and device RGB are defined by the export's profile.
pub(super) fn check(space: &Object, resources: &Dictionary, source: &mut Source) -> Looked {
    within(space, resources, source, MAX_DEPTH)
}

fn within(space: &Object, resources: &Dictionary, source: &mut Source, depth: usize) -> Looked {
    if depth == 0 {
        return Looked::forbidden("one of its colour spaces is invalid (6.2.4)");
    }
    match source.resolved(space) {
        Object::Name(name) => named(&name, resources, source, depth),
        Object::Array(parts) => {
            let family = parts.first().map(|family| source.resolved(family)).unwrap_or_default();
            made(family.as_name().unwrap_or_default(), &parts, resources, source, depth)
        }
        _ => Looked::forbidden("one of its colour spaces is missing (6.2.4)"),
    }
}

fn named(name: &[u8], resources: &Dictionary, source: &mut Source, depth: usize) -> Looked {
    let own = |key: &str, source: &mut Source| {
        let space = source.resource(resources, "ColorSpace", Some(key.as_bytes()));
        (space != Object::Null).then_some(space)
    };
    let default = match name {
        b"DeviceCMYK" | b"CMYK" => "DefaultCMYK",
        b"DeviceRGB" | b"RGB" => "DefaultRGB",
        b"DeviceGray" | b"G" => "DefaultGray",
        b"Pattern" => return Looked::fine(),
        _ => {
            let space = source.resource(resources, "ColorSpace", Some(name));
            // A name that stands for itself leads nowhere.
            return within(&space, &Dictionary::new(), source, depth - 1);
        }
    };
    match own(default, source) {
        Some(space) => within(&space, &Dictionary::new(), source, depth - 1),
        None if default == "DefaultCMYK" => Looked::inks(),
        None => Looked::fine(),
    }
}

fn made(family: &[u8], parts: &[Object], resources: &Dictionary, source: &mut Source, depth: usize) -> Looked {
    let part = |index: usize| parts.get(index).cloned().unwrap_or_default();
    match family {
        b"CalGray" | b"CalRGB" | b"Lab" => Looked::fine(),
        b"ICCBased" => profile(&part(1), source),
        b"Indexed" | b"I" => within(&part(1), resources, source, depth - 1),
        b"Pattern" if parts.len() > 1 => within(&part(1), resources, source, depth - 1),
        b"Separation" => {
            let alternate = within(&part(2), resources, source, depth - 1);
            if alternate.has_device_inks {
                return Looked::forbidden("one of its spot colours is defined in device colours (CMYK) (6.2.4.4)");
            }
            alternate
        }
        b"DeviceN" => several(parts, resources, source, depth),
        _ if parts.len() == 1 => named(family, resources, source, depth),
        _ => Looked::forbidden("it has an unknown colour space (6.2.4)"),
    }
}

/// A colour space with several colourants.
fn several(parts: &[Object], resources: &Dictionary, source: &mut Source, depth: usize) -> Looked {
    let part = |index: usize| parts.get(index).cloned().unwrap_or_default();
    let names = source.array(&part(1)).unwrap_or_default();
    if names.len() > MAX_COLOURANTS {
        return Looked::forbidden("one of its colour spaces has too many colourants (6.1.13)");
    }
    let attributes = source.dictionary(&part(4)).unwrap_or_default();
    let described = source.dictionary_at(&attributes, "Colorants").unwrap_or_default();
    let is_described = |name: &Object| {
        let name = name.as_name().unwrap_or_default();
        PROCESS.contains(&name) || described.iter().any(|(key, _)| key.as_slice() == name)
    };
    if !names.iter().all(is_described) {
        return Looked::forbidden("its spot colours are not described individually (6.2.4.4)");
    }
    let alternate = within(&part(2), resources, source, depth - 1);
    if alternate.has_device_inks {
        return Looked::forbidden("its spot colours are defined in device colours (CMYK) (6.2.4.4)");
    }
    alternate
}

/// A colour space with a profile (6.2.4.2).
fn profile(stream: &Object, source: &mut Source) -> Looked {
    let components = source.whole_dictionary(stream).and_then(|d| d.get("N").and_then(Object::as_integer));
    let header = source.decoded(stream, MAX_PROFILE);
    match header {
        Some(header) if is_sound(&header, components) => Looked::fine(),
        _ => Looked::forbidden("one of its colour profiles is not allowed (6.2.4.2)"),
    }
}

/// Whether a profile has version 2 or 4, that number of components, and a permitted class.
pub(in crate::pdf) fn is_sound(profile: &[u8], components: Option<i64>) -> bool {
    if profile.len() < HEADER || &profile[36..40] != b"acsp" || !matches!(profile[8], 2 | 4) {
        return false;
    }
    let space: &[u8] = match components {
        Some(1) => b"GRAY",
        Some(3) if &profile[16..20] == b"Lab " => b"Lab ",
        Some(3) => b"RGB ",
        Some(4) => b"CMYK",
        _ => return false,
    };
    let kind = &profile[12..16];
    &profile[16..20] == space && [b"scnr", b"mntr", b"prtr", b"spac"].iter().any(|known| &known[..] == kind)
}
