//! The pages of a file, with the entries they inherit from the page tree (ISO 32000-1, section 7.7.3).

use std::collections::HashSet;

use super::Source;
use crate::pdf::object::{Dictionary, Reference};

/// The most pages that are listed.
const MAX_PAGES: usize = 100_000;
/// The most nodes of the tree, including pages.
const MAX_NODES: usize = 400_000;
/// The inherited entries.
const INHERITED: [&str; 4] = ["Resources", "MediaBox", "CropBox", "Rotate"];

/// A page of the file.
#[derive(Debug, Clone)]
pub(in crate::pdf) struct SourcePage {
    /// Its object; `None` if it is a direct object of its node.
    pub(in crate::pdf) reference: Option<Reference>,
    /// The inherited entries, or the page itself if it is a direct object.
    inherited: Dictionary,
}

impl SourcePage {
    /// The page's dictionary, including inherited entries.
    pub(in crate::pdf) fn dictionary(&self, source: &mut Source) -> Dictionary {
        let mut dictionary = self.inherited.clone();
        if let Some(own) = self.reference.and_then(|r| source.dictionary(&r.into())) {
            for (key, value) in own.iter() {
                dictionary.insert(key.clone(), value.clone());
            }
        }
        dictionary
    }
}

/// The pages in the tree, in order.
pub(super) fn from_tree(source: &mut Source) -> Vec<SourcePage> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    let root = source.catalog().get("Pages").cloned().unwrap_or_default();
    // The nodes still to visit, the next one last, with their inherited entries.
    let mut waiting = vec![(root, Dictionary::new())];
    let mut nodes = 0;
    while let Some((node, inherited)) = waiting.pop() {
        nodes += 1;
        if pages.len() >= MAX_PAGES || nodes > MAX_NODES {
            break;
        }
        let reference = node.as_reference();
        let Some(dictionary) = source.dictionary(&node) else { continue };
        let kids = dictionary.get("Kids").and_then(|kids| source.array(kids));
        let mut inherited = inherited;
        let Some(kids) = kids.filter(|_| !dictionary.is("Type", "Page")) else {
            if reference.is_none() {
                dictionary.iter().for_each(|(key, value)| inherited.insert(key.clone(), value.clone()));
            }
            pages.push(SourcePage { reference, inherited });
            continue;
        };
        // A cyclic node leads nowhere, while a page may occur in the tree twice.
        if reference.is_some_and(|r| !seen.insert(r)) {
            continue;
        }
        for key in INHERITED {
            if let Some(value) = dictionary.get(key) {
                inherited.set(key, value.clone());
            }
        }
        waiting.extend(kids.into_iter().rev().map(|kid| (kid, inherited.clone())));
        if waiting.len() > MAX_NODES {
            break;
        }
    }
    pages
}

/// The object with that number, if it is a page.
pub(super) fn single(source: &mut Source, number: u32) -> Option<SourcePage> {
    let reference = Reference { number, generation: 0 };
    let dictionary = source.dictionary(&reference.into())?;
    dictionary.is("Type", "Page").then(|| SourcePage { reference: Some(reference), inherited: Dictionary::new() })
}
