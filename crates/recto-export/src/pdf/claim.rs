//! The archival standard that a PDF's metadata claim (ISO 19005-1 to -3). If an original claims a suitable standard,
//! its pages can be used in an archival export; the pages of any other are checked one by one.

use super::archive::is_sound;
use super::object::{Dictionary, Object};
use super::source::Source;
use super::tree;
use crate::options::PdfStandard;

/// The longest metadata that are read, in bytes.
const MAX_METADATA: usize = 4 << 20;
/// The longest profile that is used, in bytes.
const MAX_PROFILE: usize = 16 << 20;

/// A part of the standard and a level of conformance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    part: u8,
    /// `A`, `B` or `U`.
    level: u8,
}

impl Claim {
    /// The claim in metadata of a supported standard.
    pub(super) fn of(standard: PdfStandard) -> Self {
        let (part, level) = match standard {
            PdfStandard::A2b => (2, b'B'),
            PdfStandard::A2u => (2, b'U'),
            PdfStandard::A3b => (3, b'B'),
        };
        Self { part, level }
    }

    /// The part, as written in metadata.
    pub(super) fn part(self) -> String {
        self.part.to_string()
    }

    /// The level, as written in metadata.
    pub(super) fn level(self) -> String {
        char::from(self.level).to_string()
    }

    /// The claim of a file, if it has one.
    pub(super) fn read(source: &mut Source) -> Option<Self> {
        let metadata = source.catalog().get("Metadata").cloned()?;
        let packet = source.decoded(&metadata, MAX_METADATA)?;
        let part = property(&packet, b"pdfaid:part")?.checked_sub(b'0').filter(|part| (1..=3).contains(part))?;
        let level = property(&packet, b"pdfaid:conformance")?.to_ascii_uppercase();
        b"ABU".contains(&level).then_some(Self { part, level })
    }
}

impl std::fmt::Display for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PDF/A-{}{}", self.part, char::from(self.level.to_ascii_lowercase()))
    }
}

/// The first character of a property, which may be an element or an attribute.
fn property(packet: &[u8], name: &[u8]) -> Option<u8> {
    memchr::memmem::find_iter(packet, name).find_map(|at| {
        let mut after = packet[at + name.len()..].iter().copied().skip_while(u8::is_ascii_whitespace);
        match after.next()? {
            b'>' => after.find(|byte| !byte.is_ascii_whitespace()),
            b'=' => after.find(|byte| !byte.is_ascii_whitespace() && !b"'\"".contains(byte)),
            _ => None,
        }
    })
}

/// Why the pages of a file cannot be used unchecked in an export that follows the standard, worded for a person.
pub(super) fn reason_against(source: &mut Source, standard: PdfStandard, is_alone: bool) -> Option<String> {
    let Some(claim) = Claim::read(source) else {
        return Some("it does not declare itself a PDF/A".to_owned());
    };
    if source.is_encrypted() {
        return Some("it is encrypted".to_owned());
    }
    if standard == PdfStandard::A2u && claim.level == b'B' {
        return Some(format!("it is a {claim}, whose text need not map to Unicode"));
    }
    if standard != PdfStandard::A3b && carries_files(source) {
        return Some(format!("it has attached files, which only {} allows", PdfStandard::A3b.name()));
    }
    if standard == PdfStandard::A3b && claim.part < 3 && carries_files(source) {
        return Some(format!("it is a {claim} with attached files"));
    }
    // A single original keeps its output intent.
    if is_alone && claim == Claim::of(standard) {
        return None;
    }
    let intents = source.catalog().get("OutputIntents").and_then(|intents| source.array(intents)).unwrap_or_default();
    intents.iter().find_map(|intent| {
        let intent = source.dictionary(intent)?;
        if !intent.is("S", "GTS_PDFA1") || is_srgb(&intent, source) {
            return None;
        }
        Some("its colours are meant for a device other than a screen (sRGB)".to_owned())
    })
}

/// The profile of the original's output intent, and its number of components; `None` when the intent is a screen or
/// missing.
pub(super) fn profile(source: &mut Source) -> Option<(i64, Object)> {
    let intents = source.catalog().get("OutputIntents").and_then(|intents| source.array(intents)).unwrap_or_default();
    intents.iter().find_map(|intent| {
        let intent = source.dictionary(intent)?;
        let profile = intent.get("DestOutputProfile")?.clone();
        let components = source.whole_dictionary(&profile)?.get("N").and_then(Object::as_integer)?;
        let is_sound = source.decoded(&profile, MAX_PROFILE).is_some_and(|data| is_sound(&data, Some(components)));
        (is_sound && !is_srgb(&intent, source)).then_some((components, profile))
    })
}

pub(super) fn carries_files(source: &mut Source) -> bool {
    let names = source.catalog().get("Names").and_then(|names| source.dictionary(names)).unwrap_or_default();
    let files = names.get("EmbeddedFiles").cloned().unwrap_or_default();
    !tree::entries(files, "Names", source).is_empty()
}

fn is_srgb(intent: &Dictionary, source: &mut Source) -> bool {
    ["OutputConditionIdentifier", "Info", "OutputCondition"].iter().any(|key| {
        let text = intent.get(key).map(|text| source.resolved(text));
        matches!(text, Some(Object::String(text)) if memchr::memmem::find(&text, b"sRGB").is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_elements_or_attributes() {
        assert_eq!(property(b"<pdfaid:part> 2</pdfaid:part>", b"pdfaid:part"), Some(b'2'));
        assert_eq!(property(b"<rdf:Description pdfaid:part = '3'/>", b"pdfaid:part"), Some(b'3'));
        assert_eq!(property(b"<pdfaid:partial>2", b"pdfaid:part"), None);
        assert_eq!(property(b"</pdfaid:part", b"pdfaid:part"), None);
    }
}
