//! The outline (ISO 32000-1, section 12.3.3): an entry for each document, with the bookmarks of its original below it.

use std::collections::HashSet;
use std::io;

use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::writer::Writer;

/// The most bookmarks that are read; no real document has more.
const MAX_ENTRIES: usize = 50_000;
/// The most levels of bookmarks.
const MAX_DEPTH: usize = 32;

/// A bookmark and those below it.
pub(super) struct Bookmark {
    /// Its title, its destination, and its style.
    entry: Dictionary,
    is_open: bool,
    below: Vec<Bookmark>,
}

impl Bookmark {
    /// A bookmark to the top of a page.
    pub(super) fn to_page(title: &str, page: Reference) -> Self {
        let top = [Object::from(page), Object::name("XYZ"), Object::Null, Object::Null, Object::Null];
        let entry = Dictionary::new().with("Title", Object::text(title)).with("Dest", top.to_vec());
        Self { entry, is_open: false, below: Vec::new() }
    }

    /// The bookmarks of an original whose pages are written.
    pub(super) fn of_original(copier: &mut Copier, writer: &mut Writer<'_>) -> Vec<Self> {
        let catalog = copier.source.catalog();
        let first =
            catalog.get("Outlines").and_then(|o| copier.source.dictionary(o)).and_then(|o| o.get("First").cloned());
        let mut seen = HashSet::new();
        first.map(|first| Self::siblings(first, 0, &mut seen, copier, writer)).unwrap_or_default()
    }

    fn siblings(
        first: Object,
        depth: usize,
        seen: &mut HashSet<Reference>,
        copier: &mut Copier,
        writer: &mut Writer<'_>,
    ) -> Vec<Self> {
        let mut siblings = Vec::new();
        let mut next = Some(first);
        while let Some(reference) = next.as_ref().and_then(Object::as_reference) {
            // A cyclic outline ends there.
            if seen.len() >= MAX_ENTRIES || !seen.insert(reference) {
                break;
            }
            let Some(item) = copier.source.dictionary(&reference.into()) else { break };
            let below = match item.get("First") {
                Some(first) if depth < MAX_DEPTH => Self::siblings(first.clone(), depth + 1, seen, copier, writer),
                _ => Vec::new(),
            };
            let mut entry = Dictionary::new();
            for key in ["Title", "Dest", "A", "C", "F"] {
                if let Some(value) = item.get(key) {
                    // Titles and colours may be indirect; an action is judged where it stands.
                    let value = if key == "A" { value.clone() } else { copier.source.resolved(value) };
                    entry.set(key, value);
                }
            }
            if !matches!(entry.get("Title"), Some(Object::String(_))) {
                entry.set("Title", Object::text(""));
            }
            let open = item.get("Count").map(|count| copier.source.resolved(count)).and_then(|c| c.as_integer());
            if let Object::Dictionary(mut entry) = copier.translated(&entry.into(), writer) {
                if entry.get("Dest").is_some_and(|place| copier.is_elsewhere(place)) {
                    entry.remove("Dest");
                }
                siblings.push(Self { entry, is_open: open.is_some_and(|count| count > 0), below });
            }
            next = item.get("Next").cloned();
        }
        siblings
    }

    /// The number of bookmarks visible below this one while it is open.
    fn shown(&self) -> i64 {
        self.below.iter().map(|b| 1 + if b.is_open { b.shown() } else { 0 }).sum()
    }
}

/// All bookmarks, in order.
#[derive(Default)]
pub(super) struct Outline(Vec<Bookmark>);

impl Outline {
    /// Adds a top-level bookmark.
    pub(super) fn push(&mut self, bookmark: Bookmark) {
        self.0.push(bookmark);
    }

    /// Puts bookmarks below the one added last.
    pub(super) fn put_below(&mut self, bookmarks: Vec<Bookmark>) {
        match self.0.last_mut() {
            Some(last) => last.below.extend(bookmarks),
            None => self.0 = bookmarks,
        }
    }

    /// Replaces all bookmarks.
    pub(super) fn replace(&mut self, bookmarks: Vec<Bookmark>) {
        self.0 = bookmarks;
    }

    /// Writes the outline; `None` when it has no entries.
    pub(super) fn finish(self, writer: &mut Writer<'_>) -> io::Result<Option<Reference>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let root = writer.reserve();
        let whole = Bookmark { entry: Dictionary::new(), is_open: true, below: self.0 };
        let count = whole.shown();
        if let Some((first, last)) = write_below(whole.below, root, writer)? {
            let outlines = Dictionary::new()
                .with("Type", Object::name("Outlines"))
                .with("First", first)
                .with("Last", last)
                .with("Count", count);
            writer.object(root, &outlines.into())?;
        }
        Ok(Some(root))
    }
}

/// Writes bookmarks and returns the first and the last.
fn write_below(
    bookmarks: Vec<Bookmark>,
    parent: Reference,
    writer: &mut Writer<'_>,
) -> io::Result<Option<(Reference, Reference)>> {
    let places: Vec<Reference> = bookmarks.iter().map(|_| writer.reserve()).collect();
    for (index, bookmark) in bookmarks.into_iter().enumerate() {
        let shown = bookmark.shown();
        let count = if bookmark.is_open { shown } else { -shown };
        let mut entry = bookmark.entry.with("Parent", parent);
        if let Some(&previous) = index.checked_sub(1).and_then(|i| places.get(i)) {
            entry.set("Prev", previous);
        }
        if let Some(&next) = places.get(index + 1) {
            entry.set("Next", next);
        }
        if let Some((first, last)) = write_below(bookmark.below, places[index], writer)? {
            entry = entry.with("First", first).with("Last", last).with("Count", count);
        }
        writer.object(places[index], &entry.into())?;
    }
    Ok(places.first().copied().zip(places.last().copied()))
}
