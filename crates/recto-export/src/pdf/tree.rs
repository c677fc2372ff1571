//! Name trees and number trees (ISO 32000-1, sections 7.9.6 and 7.9.7), which map keys to objects.

use std::collections::{BTreeMap, HashSet};
use std::io;

use super::object::{Dictionary, Object, Reference};
use super::source::Source;
use super::writer::Writer;

/// The most entries that are read; no real document has more.
const MAX_ENTRIES: usize = 100_000;
/// Entries per node.
const ENTRIES_PER_NODE: usize = 200;

/// The entries below a node; `list` is the key of the entries, `Names` or `Nums`.
pub(super) fn entries(root: Object, list: &str, source: &mut Source) -> Vec<(Object, Object)> {
    let mut entries = Vec::new();
    let mut waiting = vec![root];
    let mut seen = HashSet::new();
    while let Some(node) = waiting.pop() {
        if node.as_reference().is_some_and(|r| !seen.insert(r)) || seen.len() + entries.len() > MAX_ENTRIES {
            continue;
        }
        let Some(dictionary) = source.dictionary(&node) else { continue };
        if let Some(kids) = dictionary.get("Kids").and_then(|kids| source.array(kids)) {
            waiting.extend(kids.into_iter().rev().take(MAX_ENTRIES));
        }
        let pairs = dictionary.get(list).and_then(|pairs| source.array(pairs)).unwrap_or_default();
        for pair in pairs.chunks_exact(2).take(MAX_ENTRIES - entries.len().min(MAX_ENTRIES)) {
            entries.push((source.resolved(&pair[0]), pair[1].clone()));
        }
    }
    entries
}

/// Writes a name tree; `None` if there are no entries.
pub(super) fn names(entries: BTreeMap<Vec<u8>, Object>, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
    let entries: Vec<_> = entries.into_iter().map(|(name, value)| (Object::String(name), value)).collect();
    written("Names", &entries, writer)
}

/// Writes a number tree; `None` if there are no entries.
pub(super) fn numbers(entries: BTreeMap<i64, Object>, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
    let entries: Vec<_> = entries.into_iter().map(|(number, value)| (Object::Integer(number), value)).collect();
    written("Nums", &entries, writer)
}

fn written(list: &str, entries: &[(Object, Object)], writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
    if entries.is_empty() {
        return Ok(None);
    }
    let mut kids = Vec::new();
    for node in entries.chunks(ENTRIES_PER_NODE) {
        let limits = [&node[0].0, &node[node.len() - 1].0].map(Object::clone).to_vec();
        let pairs: Vec<Object> = node.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect();
        kids.push(Object::from(writer.add(Dictionary::new().with("Limits", limits).with(list, pairs))?));
    }
    writer.add(Dictionary::new().with("Kids", kids)).map(Some)
}
