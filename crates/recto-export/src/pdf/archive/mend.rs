//! Changes an original's objects for a PDF/A (ISO 19005-2): removes what the standard forbids and adds what it
//! requires, without visible effect.

use super::annotation;
use crate::options::PdfStandard;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::source::Source;

/// Entries that pictures and forms may not have (6.2.8.1, 6.2.9).
const OF_OBJECTS: [&str; 6] = ["Alternates", "Interpolate", "Measure", "OPI", "PtData", "Ref"];
/// Device-dependent entries of a graphics state (6.2.5).
const OF_STATES: [&str; 4] = ["HT", "HTO", "HTP", "TR"];
/// Lists of a font's content, which are optional and more often wrong than right (6.2.11.4.2).
const OF_DESCRIPTORS: [&str; 2] = ["CIDSet", "CharSet"];
/// Entries that a form field may not have (6.4.1), or that an invalid signature may not have (6.4.3).
const OF_FIELDS: [&str; 3] = ["AA", "Lock", "SV"];

fn remove(dictionary: &mut Dictionary, keys: &[&str]) {
    for key in keys {
        dictionary.remove(key);
    }
}

/// How the objects of one original are changed.
#[derive(Debug, Clone)]
pub(in crate::pdf) struct Mender {
    pub(super) standard: PdfStandard,
    /// Device colour spaces and their definitions in this original, if the export's profile does not define them.
    pub(super) defaults: Vec<(&'static str, Object)>,
}

impl Mender {
    /// The standard that is followed.
    pub(in crate::pdf) fn standard(&self) -> PdfStandard {
        self.standard
    }

    /// The dictionary as allowed in the export; `None` to leave it out.
    pub(in crate::pdf) fn mended(&self, mut dictionary: Dictionary, source: &mut Source) -> Option<Dictionary> {
        if dictionary.is("Type", "Sig") && dictionary.contains("ByteRange") {
            return None;
        }
        // Only the document has metadata, which the export writes itself.
        dictionary.remove("Metadata");
        if dictionary.is("Type", "FontDescriptor") {
            remove(&mut dictionary, &OF_DESCRIPTORS);
        }
        if dictionary.is("Subtype", "CIDFontType2") && !dictionary.contains("CIDToGIDMap") {
            dictionary.set("CIDToGIDMap", Object::name("Identity"));
        }
        if dictionary.is("Subtype", "Image") || dictionary.is("Subtype", "Form") {
            remove(&mut dictionary, &OF_OBJECTS);
        }
        if annotation::is_one(&dictionary) {
            annotation::mend(&mut dictionary, source);
        }
        if dictionary.contains("FT") {
            remove(&mut dictionary, &OF_FIELDS);
            if dictionary.is("FT", "Sig") {
                dictionary.remove("V");
            }
        }
        if dictionary.contains("EF") {
            return self.file(dictionary, source);
        }
        for key in ["Resources", "DR"] {
            if let Some(resources) = source.dictionary_at(&dictionary, key) {
                dictionary.set(key, self.resources(resources, source));
            }
        }
        Some(dictionary)
    }

    /// The resources of contents as allowed in the export.
    pub(in crate::pdf) fn resources(&self, mut resources: Dictionary, source: &mut Source) -> Dictionary {
        if let Some(states) = source.dictionary_at(&resources, "ExtGState") {
            let mut mended = Dictionary::new();
            for (name, state) in states.iter() {
                let mut state = source.dictionary(state).unwrap_or_default();
                remove(&mut state, &OF_STATES);
                if !state.is("TR2", "Default") {
                    state.remove("TR2");
                }
                mended.insert(name.clone(), state.into());
            }
            resources.set("ExtGState", mended);
        }
        if !self.defaults.is_empty() {
            let mut spaces = source.dictionary_at(&resources, "ColorSpace").unwrap_or_default();
            for (name, space) in &self.defaults {
                if !spaces.contains(name) {
                    spaces.set(name, space.clone());
                }
            }
            resources.set("ColorSpace", spaces);
        }
        resources
    }

    /// A colour space within another: not every viewer applies the defaults of the resources there.
    pub(in crate::pdf) fn array(&self, mut items: Vec<Object>) -> Vec<Object> {
        let is_indexed = matches!(items.first().and_then(Object::as_name), Some(b"Indexed" | b"I" | b"Pattern"));
        if is_indexed && let Some(base) = items.get_mut(1) {
            let name = match base.as_name() {
                Some(b"DeviceCMYK" | b"CMYK") => "DefaultCMYK",
                Some(b"DeviceRGB" | b"RGB") => "DefaultRGB",
                Some(b"DeviceGray" | b"G") => "DefaultGray",
                _ => return items,
            };
            if let Some((_, space)) = self.defaults.iter().find(|(default, _)| *default == name) {
                *base = space.clone();
            }
        }
        items
    }

    /// An attached file (6.8).
    fn file(&self, mut file: Dictionary, source: &mut Source) -> Option<Dictionary> {
        if self.standard != PdfStandard::A3b {
            return None;
        }
        let name = ["UF", "F"].iter().find_map(|key| match file.get(key).map(|name| source.resolved(name)) {
            Some(name @ Object::String(_)) => Some(name),
            _ => None,
        });
        let name = name.unwrap_or_else(|| Object::text("attachment"));
        for key in ["F", "UF"] {
            if !file.contains(key) {
                file.set(key, name.clone());
            }
        }
        if !file.contains("AFRelationship") {
            file.set("AFRelationship", Object::name("Unspecified"));
        }
        file.set("Type", Object::name("Filespec"));
        Some(file)
    }

    /// An attached file must state its media type (6.8).
    pub(in crate::pdf) fn stream(dictionary: &mut Dictionary) {
        if dictionary.is("Type", "EmbeddedFile") && !dictionary.contains("Subtype") {
            dictionary.set("Subtype", Object::name("application/octet-stream"));
        }
        for key in ["FFilter", "FDecodeParms"] {
            dictionary.remove(key);
        }
    }

    /// Whether a stream must be compressed in another way (6.1.7.2).
    pub(in crate::pdf) fn needs_other_filter(dictionary: &Dictionary, source: &mut Source) -> bool {
        let is_lzw = |filter: &Object| filter.as_name() == Some(b"LZWDecode");
        match dictionary.get("Filter").map(|filter| source.resolved(filter)) {
            Some(Object::Array(filters)) => filters.iter().any(|filter| is_lzw(&source.resolved(filter))),
            Some(filter) => is_lzw(&filter),
            None => false,
        }
    }
}
