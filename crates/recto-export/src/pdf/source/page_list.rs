//! The pages of a file, with what they inherit from the page tree (ISO 32000-1, section 7.7.3).

use std::collections::HashSet;

use super::Source;
use crate::pdf::object::{Dictionary, Reference};

/// More pages than any file may have are not listed.
const MAX_PAGES: usize = 100_000;
/// Nodes of the tree, pages included.
const MAX_NODES: usize = 400_000;
/// What pages inherit.
const INHERITED: [&str; 4] = ["Resources", "MediaBox", "CropBox", "Rotate"];

/// A page of the file.
#[derive(Debug, Clone)]
pub(in crate::pdf) struct SourcePage {
    /// Its object; `None` when it stands in its node.
    pub(in crate::pdf) reference: Option<Reference>,
    /// What it inherits, or the page itself when it has no object of its own.
    inherited: Dictionary,
}

impl SourcePage {
    /// The page's dictionary, with what it inherits.
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

/// The pages that the tree leads to, in order.
pub(super) fn from_tree(source: &mut Source) -> Vec<SourcePage> {
    let mut pages = Vec::new();
    let mut seen = HashSet::new();
    let root = source.catalog().get("Pages").cloned().unwrap_or_default();
    // Nodes still to be looked at, the next one last, with what they inherit.
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
        // A node that contains itself leads nowhere; a page may stand in the tree twice.
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

/// The object of that number if it is a page.
pub(super) fn single(source: &mut Source, number: u32) -> Option<SourcePage> {
    let reference = Reference { number, generation: 0 };
    let dictionary = source.dictionary(&reference.into())?;
    dictionary.is("Type", "Page").then(|| SourcePage { reference: Some(reference), inherited: Dictionary::new() })
}
