//! Fonts (ISO 19005-2, 6.2.11): each must embed the shapes of what it shows, with the widths it declares.

mod composite;
mod encoding;
mod program;
mod simple;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::options::PdfStandard;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::source::Source;
use program::Program;

/// The longest font program that is checked, in bytes.
const MAX_PROGRAM: usize = 32 << 20;
/// The size of the cache of font programs for the next pages, in bytes.
const MAX_KEPT: usize = 64 << 20;
/// The largest deviation of a width from that in the program, in thousandths (6.2.11.5).
const TOLERANCE: f64 = 1.0;

/// The codes of a font that are shown.
#[derive(Debug, Default)]
pub(super) struct Codes {
    seen: BTreeSet<u8>,
    unseen: BTreeSet<u8>,
    seen_pairs: BTreeSet<u16>,
    unseen_pairs: BTreeSet<u16>,
}

impl Codes {
    /// Adds a text; only the font determines whether its codes are bytes or pairs of bytes.
    pub(super) fn add(&mut self, text: &[u8], is_unseen: bool) {
        let pairs = text.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        if is_unseen {
            self.unseen.extend(text);
            self.unseen_pairs.extend(pairs);
        } else {
            self.seen.extend(text);
            self.seen_pairs.extend(pairs);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.unseen.is_empty()
    }
}

/// The result of checking a font.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) reasons: Vec<String>,
    /// Glyphs drawn by operators, which must be followed.
    pub(super) glyphs: Vec<Glyph>,
}

/// A glyph of a Type 3 font.
#[derive(Debug)]
pub(super) struct Glyph {
    pub(super) stream: Object,
    pub(super) resources: Dictionary,
}

/// The font programs that were read, by the numbers of their streams.
#[derive(Default)]
pub(in crate::pdf) struct Fonts {
    programs: HashMap<Reference, Option<Rc<Program>>>,
    bytes: usize,
}

impl Fonts {
    fn program(&mut self, stream: &Object, source: &mut Source) -> Option<Rc<Program>> {
        let reference = stream.as_reference()?;
        if let Some(known) = self.programs.get(&reference) {
            return known.clone();
        }
        let data = source.decoded(stream, MAX_PROGRAM).unwrap_or_default();
        if self.bytes + data.len() > MAX_KEPT {
            self.programs.clear();
            self.bytes = 0;
        }
        self.bytes += data.len();
        let program = Program::parse(data).map(Rc::new);
        self.programs.insert(reference, program.clone());
        program
    }
}

/// Checks a font and the codes shown with it.
pub(super) fn check(
    font: &Object,
    codes: &Codes,
    standard: PdfStandard,
    fonts: &mut Fonts,
    source: &mut Source,
) -> Looked {
    let Some(dictionary) = source.dictionary(font) else {
        return Looked { reasons: vec!["one of its fonts is missing (6.2.11.2)".to_owned()], ..Looked::default() };
    };
    if codes.is_empty() {
        return Looked::default();
    }
    let mut look = Look { name: name_of(&dictionary, source), fonts, source, looked: Looked::default() };
    match dictionary.get("Subtype").map(|kind| look.source.resolved(kind)) {
        Some(Object::Name(kind)) => match kind.as_slice() {
            b"Type0" => look.composite(&dictionary, codes),
            b"Type1" | b"MMType1" | b"TrueType" => look.simple(&dictionary, &kind, codes),
            b"Type3" => look.drawn(&dictionary, codes),
            _ => look.forbid("is of an unknown type", "6.2.11.2"),
        },
        _ => look.forbid("has no type", "6.2.11.2"),
    }
    if standard == PdfStandard::A2u && !look.says_what_it_means(&dictionary) {
        look.forbid("does not map its characters to Unicode", "6.2.11.7.2");
    }
    look.looked
}

/// The name of a font without its subset tag.
fn name_of(font: &Dictionary, source: &mut Source) -> String {
    let name = font.get("BaseFont").map(|name| source.resolved(name)).unwrap_or_default();
    let name = String::from_utf8_lossy(name.as_name().unwrap_or_default()).into_owned();
    match name.split_once('+') {
        Some((mark, name)) if mark.len() == 6 => name.to_owned(),
        _ if name.is_empty() => "without a name".to_owned(),
        _ => name,
    }
}

/// The check of one font.
struct Look<'a> {
    name: String,
    fonts: &'a mut Fonts,
    source: &'a mut Source,
    looked: Looked,
}

impl Look<'_> {
    fn forbid(&mut self, what: &str, clause: &str) {
        let reason = format!("the font {} {what} ({clause})", self.name);
        if !self.looked.reasons.contains(&reason) {
            self.looked.reasons.push(reason);
        }
    }

    /// The program of a font, which is needed only if some of its text is visible; reports if it is missing.
    fn program(&mut self, descriptor: &Dictionary, keys: &[&str]) -> Option<Rc<Program>> {
        let all = ["FontFile", "FontFile2", "FontFile3"];
        let Some((key, stream)) = all.iter().find_map(|key| descriptor.get(key).map(|stream| (*key, stream.clone())))
        else {
            self.forbid("is not embedded", "6.2.11.4.1");
            return None;
        };
        if !keys.contains(&key) {
            self.forbid("is embedded as a font of another type", "6.2.11.2");
            return None;
        }
        let program = self.fonts.program(&stream, self.source);
        if program.is_none() {
            self.forbid("cannot be read", "6.2.11.4.1");
        }
        program
    }

    /// Compares a glyph with the font's declarations.
    fn glyph(&mut self, program: &Program, glyph: Option<u32>, width: f64, is_seen: bool) {
        match glyph.filter(|glyph| program.has(*glyph)) {
            // No text may use it, visible or not.
            Some(0) => self.forbid("is used for a character that it does not have", "6.2.11.8"),
            Some(glyph) if is_seen => {
                if program.width(glyph).is_none_or(|own| (own - width).abs() > TOLERANCE + 1e-3) {
                    self.forbid("has other widths than it states", "6.2.11.5");
                }
            }
            None if is_seen => self.forbid("lacks a glyph that is shown", "6.2.11.4.1"),
            Some(_) | None => {}
        }
    }

    /// Checks a font whose glyphs are content streams.
    fn drawn(&mut self, font: &Dictionary, codes: &Codes) {
        let names = encoding::differences(font, self.source);
        let procedures = self.source.dictionary_at(font, "CharProcs").unwrap_or_default();
        let resources = self.source.dictionary_at(font, "Resources").unwrap_or_default();
        for code in codes.seen.iter().chain(&codes.unseen) {
            let stream = names.get(code).and_then(|name| {
                procedures.iter().find(|(key, _)| key.as_slice() == name.as_bytes()).map(|(_, stream)| stream.clone())
            });
            match stream {
                Some(stream) => self.looked.glyphs.push(Glyph { stream, resources: resources.clone() }),
                None => self.forbid("lacks a glyph that is shown", "6.2.11.4.1"),
            }
        }
        if !["FirstChar", "LastChar", "Widths", "FontMatrix"].iter().all(|key| font.contains(key)) {
            self.forbid("does not state its widths", "6.2.11.2");
        }
    }

    /// Whether the characters of its codes are known (6.2.11.7.2).
    fn says_what_it_means(&mut self, font: &Dictionary) -> bool {
        if font.get("ToUnicode").is_some_and(|map| map.as_reference().is_some_and(|map| self.source.has(map))) {
            return true;
        }
        match font.get("Encoding").map(|encoding| self.source.resolved(encoding)) {
            Some(Object::Name(name)) => {
                [&b"WinAnsiEncoding"[..], b"MacRomanEncoding", b"MacExpertEncoding"].contains(&&name[..])
            }
            Some(Object::Dictionary(_)) => {
                encoding::differences(font, self.source).values().all(|name| encoding::is_character(name))
            }
            _ => false,
        }
    }
}
