//! Named destinations of an original (ISO 32000-1, section 12.3.2.3): links by name become links to their page,
//! because two originals may use one name.

use std::collections::{HashMap, HashSet};

use super::object::Object;
use super::source::Source;

/// More names than any document has are not read.
const MAX_NAMES: usize = 100_000;

/// Where each name leads.
pub(super) struct Destinations(HashMap<Vec<u8>, Object>);

impl Destinations {
    /// All names of a file: those of its catalog's dictionary and those of its name tree.
    pub(super) fn read(source: &mut Source) -> Self {
        let catalog = source.catalog();
        let mut names = HashMap::new();
        if let Some(old) = catalog.get("Dests").and_then(|dests| source.dictionary(dests)) {
            for (name, value) in old.iter().take(MAX_NAMES) {
                names.insert(name.clone(), explicit(value, source));
            }
        }
        let tree = catalog.get("Names").and_then(|names| source.dictionary(names));
        let mut waiting: Vec<Object> = tree.and_then(|tree| tree.get("Dests").cloned()).into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(node) = waiting.pop() {
            if node.as_reference().is_some_and(|r| !seen.insert(r)) || seen.len() + names.len() > MAX_NAMES {
                continue;
            }
            let Some(dictionary) = source.dictionary(&node) else { continue };
            if let Some(kids) = dictionary.get("Kids").and_then(|kids| source.array(kids)) {
                waiting.extend(kids);
            }
            let pairs = dictionary.get("Names").and_then(|names| source.array(names)).unwrap_or_default();
            for pair in pairs.chunks_exact(2).take(MAX_NAMES - names.len().min(MAX_NAMES)) {
                if let Object::String(name) = source.resolved(&pair[0]) {
                    names.insert(name, explicit(&pair[1], source));
                }
            }
        }
        Self(names)
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<Object> {
        self.0.get(name).cloned()
    }
}

/// The array of a destination, which may stand in a dictionary.
fn explicit(value: &Object, source: &mut Source) -> Object {
    match source.resolved(value) {
        Object::Dictionary(dictionary) => dictionary.get("D").map(|d| source.resolved(d)).unwrap_or_default(),
        other => other,
    }
}
