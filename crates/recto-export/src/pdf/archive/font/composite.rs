//! Fonts whose codes are pairs of bytes (ISO 19005-2, 6.2.11.3).

use std::collections::HashMap;

use super::simple::is_identity;
use super::{Codes, Look};
use crate::pdf::object::{Dictionary, Object};

/// The longest map that is read: a pair of bytes for each of 65,536 characters.
const MAX_MAP: usize = 1 << 17;

impl Look<'_> {
    pub(super) fn composite(&mut self, font: &Dictionary, codes: &Codes) {
        let encoding = font.get("Encoding").map(|encoding| self.source.resolved(encoding)).unwrap_or_default();
        if !is_identity(&encoding) {
            return self.forbid("has an encoding that is not checked", "6.2.11.3.3");
        }
        let descendants = font.get("DescendantFonts").and_then(|fonts| self.source.array(fonts)).unwrap_or_default();
        let Some(inner) = descendants.first().and_then(|inner| self.source.dictionary(inner)) else {
            return self.forbid("has no glyphs", "6.2.11.2");
        };
        if self.source.dictionary_at(&inner, "CIDSystemInfo").is_none() {
            return self.forbid("does not state its character collection", "6.2.11.3.1");
        }
        let descriptor = self.source.dictionary_at(&inner, "FontDescriptor").unwrap_or_default();
        if codes.seen.is_empty() && !["FontFile2", "FontFile3"].iter().any(|key| descriptor.contains(key)) {
            return;
        }
        let is_true_type = inner.is("Subtype", "CIDFontType2");
        let keys: &[&str] = if is_true_type { &["FontFile2", "FontFile3"] } else { &["FontFile3"] };
        let Some(program) = self.program(&descriptor, keys) else { return };
        if !is_true_type && !program.is_compact() {
            return self.forbid("is embedded as a font of another type", "6.2.11.2");
        }
        let map = match inner.get("CIDToGIDMap").cloned() {
            Some(map) if self.source.resolved(&map).as_name().is_none() => {
                let Some(map) = self.source.decoded(&map, MAX_MAP + 2) else {
                    return self.forbid("does not map its characters to glyphs", "6.2.11.3.2");
                };
                Some(map)
            }
            // A missing map is read as the identity, which is added in the export.
            _ => None,
        };
        let widths = self.composite_widths(&inner);
        for (codes, is_seen) in [(&codes.seen_pairs, true), (&codes.unseen_pairs, false)] {
            for &code in codes {
                let glyph = match &map {
                    _ if !is_true_type => program.by_collection(code),
                    Some(map) => {
                        let at = usize::from(code) * 2;
                        map.get(at..at + 2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
                    }
                    None => Some(code.into()),
                };
                self.glyph(&program, glyph, widths(code), is_seen);
            }
        }
    }

    /// The widths of a font's characters.
    fn composite_widths(&mut self, font: &Dictionary) -> impl Fn(u16) -> f64 + use<> {
        let default = font.get("DW").map(|width| self.source.resolved(width)).and_then(|w| w.as_number());
        let list = font.get("W").and_then(|list| self.source.array(list)).unwrap_or_default();
        let list: Vec<Object> = list.iter().map(|item| self.source.resolved(item)).collect();
        let mut widths = HashMap::new();
        let mut rest = &list[..];
        loop {
            match rest {
                [first, Object::Array(each), after @ ..] => {
                    let first = first.as_integer().unwrap_or(0);
                    for (code, width) in (first..).zip(each) {
                        if let (Ok(code), Some(width)) = (u16::try_from(code), self.source.resolved(width).as_number())
                        {
                            widths.insert(code, width);
                        }
                    }
                    rest = after;
                }
                [first, end, width, after @ ..] => {
                    let range = (first.as_integer().unwrap_or(0).max(0), end.as_integer().unwrap_or(-1).min(0xFFFF));
                    for code in range.0..=range.1 {
                        if let (Ok(code), Some(width)) = (u16::try_from(code), width.as_number()) {
                            widths.insert(code, width);
                        }
                    }
                    rest = after;
                }
                _ => break,
            }
        }
        let default = default.unwrap_or(1000.0);
        move |code| widths.get(&code).copied().unwrap_or(default)
    }
}
