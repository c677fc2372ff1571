//! Pictures (ISO 19005-2, 6.2.8 and 6.1.10), in the compressions that the standard allows.

use super::audit::Audit;
use crate::pdf::contents::{self, Operation};
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::value;

/// Permitted compressions (6.1.7.2); LZW is replaced when a stream is written.
const FILTERS: [&[u8]; 8] = [
    b"FlateDecode",
    b"DCTDecode",
    b"CCITTFaxDecode",
    b"JBIG2Decode",
    b"JPXDecode",
    b"RunLengthDecode",
    b"ASCIIHexDecode",
    b"ASCII85Decode",
];
/// Compressions that are undone when a stream is rewritten.
const UNDONE: [&[u8]; 4] = [b"LZWDecode", b"FlateDecode", b"ASCIIHexDecode", b"ASCII85Decode"];
/// The longest JPEG 2000 picture that is checked, in bytes.
const MAX_JPX: usize = 64 << 20;

/// Checks a painted picture.
pub(super) fn check(object: &Object, dictionary: &Dictionary, resources: &Dictionary, audit: &mut Audit<'_>) {
    let filters = match dictionary.get("Filter").map(|filter| audit.source.resolved(filter)) {
        Some(Object::Array(filters)) => filters,
        Some(one @ Object::Name(_)) => vec![one],
        _ => Vec::new(),
    };
    let filters: Vec<&[u8]> = filters.iter().filter_map(Object::as_name).collect();
    let has_lzw = filters.contains(&&b"LZWDecode"[..]);
    let is_allowed = |filter: &&[u8]| FILTERS.contains(filter) || *filter == b"Crypt" || has_lzw;
    if !filters.iter().all(is_allowed) || has_lzw && !filters.iter().all(|filter| UNDONE.contains(filter)) {
        audit.forbid("one of its pictures has a compression that is not allowed (6.1.7.2)");
    }
    if dictionary.contains("Interpolate") {
        audit.change("the smoothing of an enlarged picture is removed (6.2.8.1)");
    }
    if filters.last() == Some(&&b"JPXDecode"[..]) {
        match audit.source.coded(object, MAX_JPX) {
            Some(data) if is_sound_jpx(&data, dictionary.contains("ColorSpace")) => {}
            _ => audit.forbid("one of its JPEG 2000 pictures has colours that are not allowed (6.2.8.3)"),
        }
    }
    let is_mask = dictionary.get("ImageMask").map(|mask| audit.source.resolved(mask)) == Some(Object::Boolean(true));
    let bits = dictionary.get("BitsPerComponent").map(|bits| audit.source.resolved(bits)).and_then(|b| b.as_integer());
    if bits.is_some_and(|bits| ![1, 2, 4, 8, 16].contains(&bits)) {
        audit.forbid("one of its pictures has an invalid bit depth (6.2.8.1)");
    }
    if let Some(space) = dictionary.get("ColorSpace").filter(|_| !is_mask) {
        audit.space(space, resources);
    }
    for key in ["SMask", "Mask"] {
        let mask = dictionary.get(key).cloned().unwrap_or_default();
        if let Some(inner) = audit.source.whole_dictionary(&mask)
            && audit.is_new(&mask, false)
        {
            check(&mask, &inner, resources, audit);
        }
    }
}

/// Checks an inline picture; returns its colour space, if it has one.
pub(super) fn inline(operation: &Operation<'_>) -> Result<Option<Object>, String> {
    let operands: Vec<&[u8]> = operation.operands().collect();
    let mut space = None;
    for pair in operands.chunks_exact(2) {
        let key = pair[0].strip_prefix(b"/").map(contents::name).unwrap_or_default();
        let is = |names: [&[u8]; 2]| names.contains(&&key[..]);
        if is([b"F", b"Filter"]) {
            let filters = match value(pair[1]) {
                Some(Object::Array(filters)) => filters,
                Some(one) => vec![one],
                None => Vec::new(),
            };
            let may_not =
                |filter: &Object| [&b"LZW"[..], b"LZWDecode", b"Crypt"].contains(&filter.as_name().unwrap_or_default());
            if filters.iter().any(may_not) {
                return Err("an inline picture is compressed with LZW (6.1.10)".to_owned());
            }
        } else if is([b"I", b"Interpolate"]) && pair[1] == b"true" {
            return Err("an inline picture is smoothed (6.2.8.1)".to_owned());
        } else if is([b"CS", b"ColorSpace"]) {
            space = value(pair[1]);
        }
    }
    Ok(space)
}

/// Whether a JPEG 2000 picture has permitted channels, depths and colour descriptions (6.2.8.3).
fn is_sound_jpx(data: &[u8], has_space: bool) -> bool {
    let Some(header) = boxes(data).into_iter().find(|(kind, _)| kind == b"jp2h").map(|(_, content)| content) else {
        return false;
    };
    let inner = boxes(header);
    let Some(&[_, _, _, _, _, _, _, _, high, low, depth, ..]) =
        inner.iter().find(|(kind, _)| kind == b"ihdr").map(|(_, content)| *content)
    else {
        return false;
    };
    // The depth is 255 if the channels differ in it.
    let has_channels = matches!(u16::from_be_bytes([high, low]), 1 | 3 | 4) && depth != 255 && depth & 0x7F < 38;
    let colours: Vec<&[u8]> = inner.iter().filter(|(kind, _)| kind == b"colr").map(|(_, content)| *content).collect();
    let is_one = colours.len() == 1 || colours.iter().filter(|colour| colour.get(2) == Some(&1)).count() == 1;
    let is_known = |colour: &&[u8]| match colour {
        [1, _, _, 0, 0, 0, space, ..] => *space != 19,
        [2 | 3, ..] => true,
        _ => false,
    };
    has_channels && (has_space && colours.is_empty() || is_one && colours.iter().all(is_known))
}

/// The boxes of a JPEG 2000 file (ISO 15444-1, annex I): their kinds and contents.
fn boxes(mut data: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut boxes = Vec::new();
    while let [a, b, c, d, e, f, g, h, rest @ ..] = data {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        // 0 means up to the end. 1 means a longer length, which in files that fit into memory only the last box has.
        let length = if length < 8 { rest.len() } else { (length - 8).min(rest.len()) };
        boxes.push(([*e, *f, *g, *h], &rest[..length]));
        data = &rest[length..];
    }
    boxes
}
