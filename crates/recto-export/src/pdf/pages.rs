//! The page tree (ISO 32000-1, section 7.7.3), collected while pages are written.

use std::io;

use super::object::{Dictionary, Object, Reference};
use super::writer::Writer;

/// Pages under one node of the tree.
const PAGES_PER_NODE: usize = 100;

/// The tree's root and its nodes, each of which contains pages.
pub(super) struct PageTree {
    root: Reference,
    nodes: Vec<(Reference, usize)>,
    /// The pages of the last node, which is not written yet.
    kids: Vec<Object>,
    count: usize,
}

impl PageTree {
    pub(super) fn new(writer: &mut Writer<'_>) -> Self {
        Self { root: writer.reserve(), nodes: Vec::new(), kids: Vec::new(), count: 0 }
    }

    pub(super) fn root(&self) -> Reference {
        self.root
    }

    /// The number of pages so far.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Writes a page, adding its parent in the tree.
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
        self.count += 1;
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

    /// Writes the rest of the tree.
    pub(super) fn finish(mut self, writer: &mut Writer<'_>) -> io::Result<()> {
        self.end_node(writer)?;
        let count = self.count;
        let kids: Vec<Object> = self.nodes.iter().map(|(node, _)| (*node).into()).collect();
        let root = Dictionary::new().with("Type", Object::name("Pages")).with("Count", count as i64).with("Kids", kids);
        writer.object(self.root, &root.into())
    }
}
