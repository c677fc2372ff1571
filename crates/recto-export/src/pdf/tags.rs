//! Tags (ISO 32000-1, section 14.7): the role of each part of a page, in reading order, for screen readers. The
//! structure trees of all originals are merged.

use std::collections::BTreeMap;
use std::io;

use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::tree;
use super::writer::Writer;

/// The merged tags.
#[derive(Default)]
pub(super) struct Tags {
    root: Option<Reference>,
    /// The top-level elements.
    top: Vec<Object>,
    /// The elements of the marks on a page, by the page's number in the tree.
    parents: BTreeMap<i64, Object>,
    /// Elements by their identifiers.
    by_id: BTreeMap<Vec<u8>, Object>,
    /// The originals' names for element types, with the standard's; and attribute classes by name.
    roles: BTreeMap<&'static str, Dictionary>,
    namespaces: Vec<Object>,
    /// Whether all documents so far have tags.
    are_whole: Option<bool>,
}

/// Entries of the root that define names.
const NAMED: [&str; 2] = ["RoleMap", "ClassMap"];

impl Tags {
    /// Makes the copier carry over the tags of its original, if it has any; call it before pages are written.
    pub(super) fn begin(&mut self, copier: &mut Copier, writer: &mut Writer<'_>) {
        let catalog = copier.source.catalog();
        let Some(root) = catalog.get("StructTreeRoot").and_then(Object::as_reference) else { return };
        if copier.source.dictionary(&root.into()).is_none() {
            return;
        }
        let new = *self.root.get_or_insert_with(|| writer.reserve());
        let first = self.parents.last_key_value().map_or(0, |(last, _)| last + 1);
        copier.carry_tags(root, new, first);
    }

    /// Adds the tags of an original whose pages are written. If one document has no tags, the whole export has none.
    pub(super) fn join(&mut self, copier: Option<&mut Copier>, writer: &mut Writer<'_>) {
        let tagged = copier.and_then(|copier| copier.tag_root().map(|(root, first)| (copier, root, first)));
        let is_tagged = tagged.is_some();
        self.are_whole = Some(self.are_whole.unwrap_or(true) && is_tagged);
        let Some((copier, root, first)) = tagged else { return };
        let Some(root) = copier.source.dictionary(&root.into()) else { return };
        match root.get("K").map(|kids| (copier.source.array(kids), kids.clone())) {
            Some((Some(kids), _)) => self.top.extend(kids.iter().map(|kid| copier.translated(kid, writer))),
            Some((None, kid)) => self.top.push(copier.translated(&kid, writer)),
            None => {}
        }
        let parents = root.get("ParentTree").cloned().unwrap_or_default();
        for (key, value) in tree::entries(parents, "Nums", &mut copier.source) {
            if let Some(key) = key.as_integer().filter(|key| (0..1 << 40).contains(key)) {
                self.parents.insert(first + key, copier.translated(&value, writer));
            }
        }
        let ids = root.get("IDTree").cloned().unwrap_or_default();
        for (key, value) in tree::entries(ids, "Names", &mut copier.source) {
            if let Object::String(key) = key {
                let element = copier.translated(&value, writer);
                self.by_id.entry(key).or_insert(element);
            }
        }
        for kind in NAMED {
            let names = root.get(kind).and_then(|names| copier.source.dictionary(names)).unwrap_or_default();
            let known = self.roles.entry(kind).or_default();
            for (name, value) in names.iter() {
                if !known.iter().any(|(key, _)| key == name) {
                    known.insert(name.clone(), copier.translated(value, writer));
                }
            }
        }
        let namespaces = root.get("Namespaces").and_then(|list| copier.source.array(list)).unwrap_or_default();
        self.namespaces.extend(namespaces.iter().map(|namespace| copier.translated(namespace, writer)));
    }

    /// Writes the tree and adds it to the catalog.
    pub(super) fn finish(self, catalog: &mut Dictionary, writer: &mut Writer<'_>) -> io::Result<()> {
        let Some(root) = self.root else { return Ok(()) };
        let next = self.parents.last_key_value().map_or(0, |(last, _)| last + 1);
        let mut tree = Dictionary::new()
            .with("Type", Object::name("StructTreeRoot"))
            .with("K", self.top)
            .with("ParentTreeNextKey", next);
        if let Some(parents) = tree::numbers(self.parents, writer)? {
            tree.set("ParentTree", parents);
        }
        if let Some(ids) = tree::names(self.by_id, writer)? {
            tree.set("IDTree", ids);
        }
        for (kind, names) in self.roles {
            if !names.is_empty() {
                tree.set(kind, names);
            }
        }
        if !self.namespaces.is_empty() {
            tree.set("Namespaces", self.namespaces);
        }
        writer.object(root, &tree.into())?;
        catalog.set("StructTreeRoot", root);
        if self.are_whole == Some(true) {
            catalog.set("MarkInfo", Dictionary::new().with("Marked", true));
        }
        Ok(())
    }
}
