//! Checks whether a page can be part of a PDF/A as it is. Its content is followed operator by operator, and every rule
//! of ISO 19005-2 that a page can break is checked.
//!
//! A page that cannot be checked with certainty counts as breaking a rule.

use std::collections::{BTreeSet, HashSet};

use super::annotation::{self, Fate};
use super::colour;
use super::font::{self, Codes, Fonts};
use super::picture;
use crate::options::PdfStandard;
use crate::pdf::contents::{self, Operation, Operations};
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::source::{Source, value};

/// The most levels of nested forms that are followed.
const MAX_DEPTH: usize = 12;
/// The most saved graphics states at a time (6.1.13).
const MAX_SAVED: usize = 28;
/// The most bytes of a string (6.1.13).
const MAX_STRING: usize = 32_767;
/// The most reasons that are collected, because nobody reads more.
const MAX_REASONS: usize = 5;

/// All operators of ISO 32000-1, annex A (6.2.2).
const OPERATORS: &[&str] = &[
    "b", "B", "b*", "B*", "BDC", "BI", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do", "DP", "EI",
    "EMC", "ET", "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "ID", "j", "J", "K", "k", "l", "m", "M", "MP", "n",
    "q", "Q", "re", "RG", "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*", "Tc", "Td", "TD", "Tf", "Tj",
    "TJ", "TL", "Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'", "\"",
];
/// All rendering intents (6.2.6).
const INTENTS: [&[u8]; 4] = [b"RelativeColorimetric", b"AbsoluteColorimetric", b"Perceptual", b"Saturation"];
/// All blend modes of ISO 32000-1, section 11.3.5 (6.2.10).
const BLEND_MODES: [&[u8]; 17] = [
    b"Normal",
    b"Compatible",
    b"Multiply",
    b"Screen",
    b"Overlay",
    b"Darken",
    b"Lighten",
    b"ColorDodge",
    b"ColorBurn",
    b"HardLight",
    b"SoftLight",
    b"Difference",
    b"Exclusion",
    b"Hue",
    b"Saturation",
    b"Color",
    b"Luminosity",
];

/// The result of checking a page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::pdf) struct Findings {
    /// Why it cannot be in the export as it is; empty if it can.
    pub(in crate::pdf) reasons: BTreeSet<String>,
    /// The changes made if it can.
    pub(in crate::pdf) changes: BTreeSet<String>,
    /// Whether its transparency group, which nothing on it needs, must be removed.
    pub(in crate::pdf) drops_group: bool,
}

/// The state of checking a page.
pub(super) struct Audit<'a> {
    pub(super) source: &'a mut Source,
    pub(super) standard: PdfStandard,
    /// Whether device inks are defined, by the original's profile.
    pub(super) has_ink_profile: bool,
    findings: Findings,
    /// Forms, patterns and masks that were checked, with whether their text was invisible.
    seen: HashSet<(Reference, bool)>,
    /// Those being followed, outermost first.
    within: Vec<Object>,
    /// The fonts in use, and the codes shown with each.
    used: Vec<(Object, Codes)>,
    is_transparent: bool,
}

/// The relevant part of the graphics state.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The index of the font in use.
    font: Option<usize>,
    /// Whether text is painted.
    is_unseen: bool,
}

/// Checks a page, including inherited entries.
pub(in crate::pdf) fn page(
    page: &Dictionary,
    standard: PdfStandard,
    has_ink_profile: bool,
    fonts: &mut Fonts,
    source: &mut Source,
) -> Findings {
    let mut audit = Audit {
        source,
        standard,
        has_ink_profile,
        findings: Findings::default(),
        seen: HashSet::new(),
        within: Vec::new(),
        used: Vec::new(),
        is_transparent: false,
    };
    audit.boxes(page);
    let resources = audit.source.dictionary_at(page, "Resources").unwrap_or_default();
    if let Some(stream) = page.get("Contents") {
        match contents::joined(stream, audit.source) {
            Some(data) => audit.contents(&data, &resources, State::default(), MAX_DEPTH),
            None => audit.forbid("its contents cannot be read (6.1.7)"),
        }
    }
    audit.annotations(page);
    audit.fonts(fonts);
    if let Some(group) = audit.source.dictionary_at(page, "Group")
        && let Some(reason) = audit.group_reason(&group)
    {
        if audit.is_transparent {
            audit.forbid(reason);
        } else {
            audit.findings.drops_group = true;
        }
    }
    audit.findings
}

impl Audit<'_> {
    /// Records a rule that the page breaks.
    pub(super) fn forbid(&mut self, reason: impl Into<String>) {
        if self.findings.reasons.len() < MAX_REASONS {
            self.findings.reasons.insert(reason.into());
        }
    }

    /// Records a change to the page that prevents breaking a rule.
    pub(super) fn change(&mut self, change: impl Into<String>) {
        if self.findings.changes.len() < MAX_REASONS {
            self.findings.changes.insert(change.into());
        }
    }

    fn boxes(&mut self, page: &Dictionary) {
        for key in ["MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox"] {
            let Some(corners) = page.get(key).and_then(|corners| self.source.array(corners)) else { continue };
            let corners: Vec<f64> = corners.iter().filter_map(|c| self.source.resolved(c).as_number()).collect();
            let [x0, y0, x1, y1] = corners[..] else {
                self.forbid("it does not state its size (6.1.13)");
                continue;
            };
            let fits = |a: f64, b: f64| (3.0..=14_400.0).contains(&(a - b).abs());
            if !fits(x0, x1) || !fits(y0, y1) {
                self.forbid("it is smaller or larger than the standard allows (6.1.13)");
            }
        }
    }

    fn contents(&mut self, data: &[u8], resources: &Dictionary, mut state: State, depth: usize) {
        if depth == 0 {
            return self.forbid("its form XObjects are nested too deeply");
        }
        let mut stack = Vec::new();
        for operation in Operations::of(data) {
            if !OPERATORS.iter().any(|known| known.as_bytes() == operation.operator) {
                self.forbid("it has an unknown operator (6.2.2)");
            }
            if operation.operands().any(|operand| operand.len() > 2 * MAX_STRING) {
                self.forbid("it has a string that is too long (6.1.13)");
            }
            match operation.operator {
                b"q" => {
                    stack.push(state);
                    if stack.len() > MAX_SAVED {
                        self.forbid("its graphics states are nested too deeply (6.1.13)");
                    }
                }
                b"Q" => state = stack.pop().unwrap_or(state),
                b"Tf" => state.font = self.font(resources, operation.operand(1)),
                b"Tr" => state.is_unseen = operation.numbers() == Some([3.0]),
                b"Tj" | b"TJ" | b"'" | b"\"" => self.text(&operation, state),
                b"gs" => self.graphics_state(resources, operation.name(), &mut state, depth),
                b"k" | b"K" => self.space(&Object::name("DeviceCMYK"), resources),
                b"cs" | b"CS" => {
                    let space = operation.name().map(|name| Object::Name(contents::name(name)));
                    self.space(&space.unwrap_or_default(), resources);
                }
                b"scn" | b"SCN" => self.pattern(resources, operation.name(), state, depth),
                b"sh" => {
                    let shading = self.source.resource(resources, "Shading", operation.name());
                    self.shading(&shading, resources);
                }
                b"ri" if !operation.name().is_some_and(|intent| INTENTS.contains(&intent)) => {
                    self.forbid("it has an unknown rendering intent (6.2.6)");
                }
                b"ID" => self.inline_picture(&operation, resources),
                b"Do" => {
                    let object = self.source.resource(resources, "XObject", operation.name());
                    self.object(&object, resources, state, depth);
                }
                _ => {}
            }
        }
    }

    /// The font with that name in the resources.
    fn font(&mut self, resources: &Dictionary, name: Option<&[u8]>) -> Option<usize> {
        let name = name.and_then(|name| name.strip_prefix(b"/"));
        let font = self.source.resource(resources, "Font", name);
        self.noted(font)
    }

    /// The index of a font among those in use.
    fn noted(&mut self, font: Object) -> Option<usize> {
        if font == Object::Null {
            return None;
        }
        let known = self.used.iter().position(|(known, _)| *known == font);
        known.or_else(|| {
            self.used.push((font, Codes::default()));
            self.used.len().checked_sub(1)
        })
    }

    fn text(&mut self, operation: &Operation<'_>, state: State) {
        let Some(font) = state.font else {
            return self.forbid("it has text without a font (6.2.11.2)");
        };
        let codes = &mut self.used[font].1;
        match operation.operand(0).and_then(value) {
            Some(Object::String(text)) => codes.add(&text, state.is_unseen),
            Some(Object::Array(parts)) => {
                for part in &parts {
                    if let Object::String(text) = part {
                        codes.add(text, state.is_unseen);
                    }
                }
            }
            _ => {}
        }
    }

    fn fonts(&mut self, fonts: &mut Fonts) {
        for (font, codes) in std::mem::take(&mut self.used) {
            let looked = font::check(&font, &codes, self.standard, fonts, self.source);
            for reason in looked.reasons {
                self.forbid(reason);
            }
            for glyph in looked.glyphs {
                // The stream of a glyph drawn by operators.
                if self.is_new(&glyph.stream, true) {
                    match self.source.decoded(&glyph.stream, contents::MAX_CONTENTS) {
                        Some(data) => self.contents(&data, &glyph.resources, State::default(), MAX_DEPTH - 1),
                        None => self.forbid("a glyph of one of its fonts cannot be read (6.2.11.4)"),
                    }
                }
            }
        }
        if self.used.iter().any(|(_, codes)| !codes.is_empty()) {
            // Text within glyphs does not occur in practice.
            self.forbid("glyphs of one of its fonts contain text themselves");
        }
    }

    fn graphics_state(&mut self, resources: &Dictionary, name: Option<&[u8]>, state: &mut State, depth: usize) {
        let found = self.source.resource(resources, "ExtGState", name);
        let Some(entries) = self.source.dictionary(&found) else { return };
        if let Some(font) = entries.get("Font").and_then(|font| self.source.array(font)) {
            state.font = self.noted(font.first().cloned().unwrap_or_default());
        }
        let is_plain = |value: Option<Object>| match value {
            None | Some(Object::Null) => true,
            Some(Object::Name(name)) => [&b"Identity"[..], b"Default"].contains(&&name[..]),
            _ => false,
        };
        let function = entries.get("TR2").or_else(|| entries.get("TR")).map(|value| self.source.resolved(value));
        if !is_plain(function) {
            self.forbid("it has a transfer function (6.2.5)");
        }
        let number = |key: &str, source: &mut Source| {
            entries.get(key).map(|value| source.resolved(value)).and_then(|value| value.as_number())
        };
        self.is_transparent |= ["ca", "CA"].iter().any(|key| number(key, self.source).is_some_and(|part| part < 1.0));
        if let Some(modes) = entries.get("BM").map(|modes| self.source.resolved(modes)) {
            let modes = if let Object::Array(modes) = modes { modes } else { vec![modes] };
            let names: Vec<&[u8]> = modes.iter().filter_map(Object::as_name).collect();
            if names.iter().any(|mode| !BLEND_MODES.contains(mode)) {
                self.forbid("it has an unknown blend mode (6.2.10)");
            }
            self.is_transparent |= names.iter().any(|mode| ![&b"Normal"[..], b"Compatible"].contains(mode));
        }
        if let Some(intent) = entries.get("RI").map(|intent| self.source.resolved(intent))
            && !intent.as_name().is_some_and(|intent| INTENTS.contains(&intent))
        {
            self.forbid("it has an unknown rendering intent (6.2.6)");
        }
        let is_set = |key: &str, source: &mut Source| {
            entries.get(key).map(|value| source.resolved(value)) == Some(Object::Boolean(true))
        };
        let overprints = is_set("OP", self.source) || is_set("op", self.source);
        if overprints && number("OPM", self.source) == Some(1.0) && self.has_ink_profile {
            self.forbid("it overprints colours with an ICC profile (6.2.4.2)");
        }
        if let Some(mask) = self.source.dictionary_at(&entries, "SMask") {
            self.is_transparent = true;
            let group = mask.get("G").cloned().unwrap_or_default();
            self.object(&group, resources, *state, depth);
        }
    }

    /// Checks a colour space in use.
    pub(super) fn space(&mut self, space: &Object, resources: &Dictionary) {
        let looked = colour::check(space, resources, self.source);
        if looked.has_device_inks {
            self.change("its device colours (CMYK) are given a fixed conversion to defined colours (6.2.4.3)");
        }
        if let Some(reason) = looked.reason {
            self.forbid(reason);
        }
    }

    fn shading(&mut self, shading: &Object, resources: &Dictionary) {
        let Some(shading) = self.source.whole_dictionary(shading) else {
            return self.forbid("one of its shadings is missing");
        };
        self.space(&shading.get("ColorSpace").cloned().unwrap_or_default(), resources);
    }

    fn pattern(&mut self, resources: &Dictionary, name: Option<&[u8]>, state: State, depth: usize) {
        if name.is_none() {
            return;
        }
        let pattern = self.source.resource(resources, "Pattern", name);
        let Some(dictionary) = self.source.whole_dictionary(&pattern) else {
            return self.forbid("one of its patterns is missing (6.2.2)");
        };
        if dictionary.get("PatternType").and_then(Object::as_integer) == Some(2) {
            let shading = dictionary.get("Shading").cloned().unwrap_or_default();
            self.shading(&shading, resources);
        } else {
            self.stream(&pattern, &dictionary, state, depth);
        }
    }

    /// Checks a painted object, or the group of a mask.
    fn object(&mut self, object: &Object, resources: &Dictionary, state: State, depth: usize) {
        let Some(dictionary) = self.source.whole_dictionary(object) else {
            return self.forbid("one of its objects is missing (6.2.2)");
        };
        if dictionary.is("Subtype", "Image") {
            if self.is_new(object, false) {
                self.is_transparent |= dictionary.contains("SMask");
                picture::check(object, &dictionary, resources, self);
            }
            return;
        }
        let is_postscript = dictionary.is("Subtype", "PS") || dictionary.is("Subtype2", "PS");
        if is_postscript || dictionary.contains("PS") {
            return self.forbid("it contains PostScript (6.2.9)");
        }
        if let Some(group) = self.source.dictionary_at(&dictionary, "Group") {
            self.is_transparent = true;
            if let Some(reason) = self.group_reason(&group) {
                self.forbid(reason);
            }
        }
        self.stream(object, &dictionary, state, depth);
    }

    /// Checks separate contents with their own resources.
    fn stream(&mut self, stream: &Object, dictionary: &Dictionary, state: State, depth: usize) {
        if self.within.contains(stream) {
            return self.forbid("one of its form XObjects contains itself");
        }
        if !self.is_new(stream, state.is_unseen) {
            return;
        }
        let resources = self.source.dictionary_at(dictionary, "Resources");
        let Some(data) = self.source.decoded(stream, contents::MAX_CONTENTS) else {
            return self.forbid("part of its contents cannot be read (6.1.7)");
        };
        let needs = |operation: Operation<'_>| {
            [&b"Do"[..], b"Tf", b"gs", b"sh"].contains(&operation.operator)
                || matches!(operation.operator, b"scn" | b"SCN") && operation.name().is_some()
        };
        if resources.is_none() && Operations::of(&data).any(needs) {
            return self.forbid("one of its form XObjects uses resources that it does not define (6.2.2)");
        }
        self.within.push(stream.clone());
        self.contents(&data, &resources.unwrap_or_default(), state, depth - 1);
        self.within.pop();
    }

    /// Why the standard forbids the colours of a group.
    fn group_reason(&mut self, group: &Dictionary) -> Option<String> {
        let space = group.get("CS")?;
        let looked = colour::check(space, &Dictionary::new(), self.source);
        if looked.has_device_inks {
            return Some("its transparency uses device colours (CMYK) (6.2.4.3)".to_owned());
        }
        looked.reason
    }

    fn inline_picture(&mut self, operation: &Operation<'_>, resources: &Dictionary) {
        match picture::inline(operation) {
            Ok(Some(space)) => self.space(&space, resources),
            Ok(None) => {}
            Err(reason) => self.forbid(reason),
        }
    }

    fn annotations(&mut self, page: &Dictionary) {
        for annotation in page.get("Annots").and_then(|list| self.source.array(list)).unwrap_or_default() {
            let Some(dictionary) = self.source.dictionary(&annotation) else { continue };
            match annotation::fate(&dictionary, self.standard, self.source) {
                Fate::Kept(None) => {}
                Fate::Kept(Some(change)) | Fate::LeftOut(change) => self.change(change),
                Fate::Forbids(reason) => self.forbid(reason),
            }
            for look in annotation::appearances(&dictionary, self.source) {
                self.object(&look, &Dictionary::new(), State::default(), MAX_DEPTH);
            }
        }
    }

    /// Whether an object was not checked before.
    pub(super) fn is_new(&mut self, object: &Object, is_unseen: bool) -> bool {
        object.as_reference().is_none_or(|reference| self.seen.insert((reference, is_unseen)))
    }
}
