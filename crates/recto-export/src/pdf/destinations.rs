//! Named destinations of an original (ISO 32000-1, section 12.3.2.3). Links by name become links to their page, because
//! two originals may use the same name. The names are kept for links into the file from outside.

use std::collections::HashMap;

use super::object::Object;
use super::source::Source;
use super::tree;

/// The most names that are read; no real document has more.
const MAX_NAMES: usize = 100_000;

/// The destination of each name.
#[derive(Clone)]
pub(super) struct Destinations(HashMap<Vec<u8>, Object>);

impl Destinations {
    /// All names of a file: those in its catalog's dictionary and those in its name tree.
    pub(super) fn read(source: &mut Source) -> Self {
        let catalog = source.catalog();
        let mut names = HashMap::new();
        if let Some(old) = catalog.get("Dests").and_then(|dests| source.dictionary(dests)) {
            for (name, value) in old.iter().take(MAX_NAMES) {
                names.insert(name.clone(), explicit(value, source));
            }
        }
        let tree = catalog.get("Names").and_then(|names| source.dictionary(names));
        if let Some(root) = tree.and_then(|tree| tree.get("Dests").cloned()) {
            for (name, value) in tree::entries(root, "Names", source) {
                if let Object::String(name) = name {
                    names.insert(name, explicit(&value, source));
                }
            }
        }
        Self(names)
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Object> {
        self.0.get(name).cloned()
    }

    /// All names with their destinations.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Vec<u8>, &Object)> {
        self.0.iter()
    }
}

/// The array of a destination, which may be inside a dictionary.
fn explicit(value: &Object, source: &mut Source) -> Object {
    match source.resolved(value) {
        Object::Dictionary(dictionary) => dictionary.get("D").map(|d| source.resolved(d)).unwrap_or_default(),
        other => other,
    }
}
