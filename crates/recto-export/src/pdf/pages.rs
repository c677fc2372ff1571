//! The page tree and the outline (ISO 32000-1, sections 7.7.3 and 12.3.3), gathered while pages are written.

use std::io;

use super::object::{Dictionary, Object, Reference};
use super::writer::Writer;

/// Pages under one node of the tree.
const PAGES_PER_NODE: usize = 100;

/// The tree's root and its nodes, each of which holds pages.
pub(super) struct PageTree {
    root: Reference,
    nodes: Vec<(Reference, usize)>,
    /// Pages of the last node, which is not written yet.
    kids: Vec<Object>,
}

impl PageTree {
    pub(super) fn new(writer: &mut Writer<'_>) -> Self {
        Self { root: writer.reserve(), nodes: Vec::new(), kids: Vec::new() }
    }

    pub(super) fn root(&self) -> Reference {
        self.root
    }

    /// Writes a page, to which its place in the tree is added.
    pub(super) fn push(&mut self, page: Reference, dictionary: Dictionary, writer: &mut Writer<'_>) -> io::Result<()> {
        if self.kids.len() == PAGES_PER_NODE {
            self.end_node(writer)?;
        }
        if self.kids.is_empty() {
            self.nodes.push((writer.reserve(), 0));
        }
        let parent = self.nodes.last().map_or(self.root, |(node, _)| *node);
        let dictionary = dictionary.with("Type", Object::name("Page")).with("Parent", parent);
        writer.object(page, &dictionary.into())?;
        self.kids.push(page.into());
        Ok(())
    }

    fn end_node(&mut self, writer: &mut Writer<'_>) -> io::Result<()> {
        let Some((node, count)) = self.nodes.last_mut() else { return Ok(()) };
        *count = self.kids.len();
        let dictionary = Dictionary::new()
            .with("Type", Object::name("Pages"))
            .with("Parent", self.root)
            .with("Count", *count as i64)
            .with("Kids", std::mem::take(&mut self.kids));
        writer.object(*node, &dictionary.into())
    }

    /// Writes what is left of the tree.
    pub(super) fn finish(mut self, writer: &mut Writer<'_>) -> io::Result<()> {
        self.end_node(writer)?;
        let count: usize = self.nodes.iter().map(|(_, count)| count).sum();
        let kids: Vec<Object> = self.nodes.iter().map(|(node, _)| (*node).into()).collect();
        let root = Dictionary::new().with("Type", Object::name("Pages")).with("Count", count as i64).with("Kids", kids);
        writer.object(self.root, &root.into())
    }
}

/// An entry for each document, in order.
#[derive(Default)]
pub(super) struct Outline {
    entries: Vec<(String, Reference)>,
}

impl Outline {
    /// Adds a document that begins with that page.
    pub(super) fn push(&mut self, title: &str, page: Reference) {
        self.entries.push((title.to_owned(), page));
    }

    /// Writes the outline; `None` when it has no entries.
    pub(super) fn finish(self, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
        let root = writer.reserve();
        let items: Vec<Reference> = self.entries.iter().map(|_| writer.reserve()).collect();
        let (Some(&first), Some(&last)) = (items.first(), items.last()) else { return Ok(None) };
        for (index, ((title, page), &item)) in self.entries.iter().zip(&items).enumerate() {
            let top = [Object::from(*page), Object::name("XYZ"), Object::Null, Object::Null, Object::Null];
            let mut entry =
                Dictionary::new().with("Title", Object::text(title)).with("Parent", root).with("Dest", top.to_vec());
            if let Some(&previous) = index.checked_sub(1).and_then(|i| items.get(i)) {
                entry.set("Prev", previous);
            }
            if let Some(&next) = items.get(index + 1) {
                entry.set("Next", next);
            }
            writer.object(item, &entry.into())?;
        }
        let dictionary = Dictionary::new()
            .with("Type", Object::name("Outlines"))
            .with("First", first)
            .with("Last", last)
            .with("Count", items.len() as i64);
        writer.object(root, &dictionary.into())?;
        Ok(Some(root))
    }
}
