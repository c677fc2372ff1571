//! Interactive forms and layers (ISO 32000-1, sections 12.7 and 8.11). A PDF has one of each, so those of the originals
//! are merged.

use std::collections::HashSet;
use std::io;

use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::writer::Writer;
use crate::options::PdfStandard;

/// The most fields or layers that are merged; no real form has more.
const MAX_ENTRIES: usize = 50_000;

/// The merged form. The fields of each original get a parent of their own, so that fields with the same name stay
/// separate.
#[derive(Default)]
pub(super) struct Forms {
    /// The top-level fields.
    fields: Vec<Object>,
    /// The defaults for entries that top-level fields lack.
    defaults: Dictionary,
    resources: Dictionary,
    need_appearances: bool,
}

/// The form of one original.
pub(super) struct Form {
    dictionary: Dictionary,
    fields: Vec<Reference>,
    /// The parent that separates its fields from those of others, if there are others.
    parent: Option<Reference>,
}

impl Form {
    /// The form of an original, if it has one. The fields of a single original keep their names.
    pub(super) fn begin(copier: &mut Copier, is_alone: bool, writer: &mut Writer<'_>) -> Option<Self> {
        let catalog = copier.source.catalog();
        let dictionary = catalog.get("AcroForm").and_then(|form| copier.source.dictionary(form))?;
        let fields = dictionary.get("Fields").and_then(|fields| copier.source.array(fields))?;
        let fields: Vec<_> = fields.iter().filter_map(Object::as_reference).take(MAX_ENTRIES).collect();
        if fields.is_empty() {
            return None;
        }
        let parent = (!is_alone).then(|| writer.reserve());
        if let Some(parent) = parent {
            copier.adopt_fields(fields.iter().map(|f| f.number).collect::<HashSet<_>>(), parent);
        }
        Some(Self { dictionary, fields, parent })
    }
}

impl Forms {
    /// Adds a form whose pages are written.
    pub(super) fn join(&mut self, form: &Form, copier: &mut Copier, writer: &mut Writer<'_>) -> io::Result<()> {
        let kids: Vec<Object> = form.fields.iter().filter_map(|f| copier.carried(*f)).map(Object::from).collect();
        if kids.is_empty() {
            return Ok(());
        }
        let mut inherited = Dictionary::new();
        for key in ["DA", "Q"] {
            if let Some(value) = form.dictionary.get(key) {
                let value = copier.source.resolved(value);
                inherited.set(key, copier.translated(&value, writer));
            }
        }
        if let Some(parent) = form.parent {
            self.fields.push(parent.into());
            let name = format!("document-{}", self.fields.len());
            let field = inherited.with("T", Object::text(&name)).with("Kids", kids);
            writer.object(parent, &field.into())?;
        } else {
            self.fields = kids;
            self.defaults = inherited;
        }
        self.need_appearances |= form.dictionary.get("NeedAppearances") == Some(&Object::Boolean(true));
        let resources = form.dictionary.get("DR").and_then(|dr| copier.source.dictionary(dr)).unwrap_or_default();
        for (kind, entries) in resources.iter() {
            let Some(entries) = copier.source.dictionary(entries) else { continue };
            let mut joined = match self.resources.iter().find(|(key, _)| *key == kind) {
                Some((_, Object::Dictionary(joined))) => joined.clone(),
                _ => Dictionary::new(),
            };
            for (name, value) in entries.iter() {
                if !joined.iter().any(|(key, _)| key == name) {
                    joined.insert(name.clone(), copier.translated(value, writer));
                }
            }
            self.resources.insert(kind.clone(), joined.into());
        }
        Ok(())
    }

    /// The form of the export.
    pub(super) fn finish(self, standard: Option<PdfStandard>) -> Option<Dictionary> {
        if self.fields.is_empty() {
            return None;
        }
        // In an archival file, viewers must not generate the appearance of fields (ISO 19005-2, 6.4.1).
        let need_appearances = self.need_appearances && standard.is_none();
        let form = self.defaults.with("Fields", self.fields).with("DR", self.resources);
        Some(if need_appearances { form.with("NeedAppearances", true) } else { form })
    }
}

/// The merged layers; each original's layers are visible as before.
#[derive(Default)]
pub(super) struct Layers {
    all: Vec<Object>,
    hidden: Vec<Object>,
    /// The order in viewers' lists; layers of an original without an order are listed one after the other.
    order: Vec<Object>,
    /// Groups of layers of which only one is visible.
    groups: Vec<Object>,
    locked: Vec<Object>,
}

/// The most levels of nested lists of layers.
const MAX_DEPTH: usize = 16;

impl Layers {
    /// Adds the layers of an original whose pages are written.
    pub(super) fn join(&mut self, copier: &mut Copier) {
        let catalog = copier.source.catalog();
        let Some(layers) = catalog.get("OCProperties").and_then(|l| copier.source.dictionary(l)) else { return };
        let default = layers.get("D").and_then(|d| copier.source.dictionary(d)).unwrap_or_default();
        let mut list = |dictionary: &Dictionary, key: &str| -> Vec<Reference> {
            let items = dictionary.get(key).and_then(|items| copier.source.array(items)).unwrap_or_default();
            items.iter().filter_map(Object::as_reference).take(MAX_ENTRIES).collect()
        };
        let all = list(&layers, "OCGs");
        let on: HashSet<_> = list(&default, "ON").into_iter().collect();
        let off: HashSet<_> = list(&default, "OFF").into_iter().collect();
        let all_off = default.is("BaseState", "OFF");
        let mut all_carried = Vec::new();
        for layer in all {
            let Some(carried) = copier.carried(layer) else { continue };
            all_carried.push(carried.into());
            if off.contains(&layer) || all_off && !on.contains(&layer) {
                self.hidden.push(carried.into());
            }
        }
        let order = match default.get("Order") {
            Some(order) => listed(order, MAX_DEPTH, copier),
            None => all_carried.clone(),
        };
        // The archival standard requires all layers in the order (ISO 19005-2, 6.9).
        let unlisted = all_carried.iter().filter(|layer| !holds(&order, layer)).cloned();
        let unlisted: Vec<Object> = unlisted.filter(|_| copier.mender.is_some()).collect();
        self.order.extend(order.into_iter().chain(unlisted));
        self.all.extend(all_carried);
        for (key, list) in [("RBGroups", &mut self.groups), ("Locked", &mut self.locked)] {
            if let Some(layers) = default.get(key) {
                list.extend(listed(layers, MAX_DEPTH, copier));
            }
        }
    }

    /// The layers of the export.
    pub(super) fn finish(self) -> Option<Dictionary> {
        if self.all.is_empty() {
            return None;
        }
        // The archival standard requires a name.
        let name = Object::text("Layers");
        let mut default = Dictionary::new().with("Name", name).with("Order", self.order).with("OFF", self.hidden);
        for (key, list) in [("RBGroups", self.groups), ("Locked", self.locked)] {
            if !list.is_empty() {
                default.set(key, list);
            }
        }
        Some(Dictionary::new().with("OCGs", self.all).with("D", default))
    }
}

/// Whether a list, or one nested in it, contains a layer.
fn holds(list: &[Object], layer: &Object) -> bool {
    list.iter().any(|item| item == layer || item.as_array().is_some_and(|inner| holds(inner, layer)))
}

/// A list of layers with its nested lists and headings, limited to layers that were carried over.
fn listed(list: &Object, depth: usize, copier: &mut Copier) -> Vec<Object> {
    let mut listed = Vec::new();
    for item in copier.source.array(list).unwrap_or_default().into_iter().take(MAX_ENTRIES) {
        if let Some(carried) = item.as_reference().and_then(|layer| copier.carried(layer)) {
            listed.push(carried.into());
            continue;
        }
        match copier.source.resolved(&item) {
            heading @ Object::String(_) => listed.push(heading),
            inner @ Object::Array(_) if depth > 0 => listed.push(self::listed(&inner, depth - 1, copier).into()),
            _ => {}
        }
    }
    listed
}
