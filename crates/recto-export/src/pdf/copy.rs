//! Carries objects of an original over into the export: each object that a page needs, once, with a new number.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Read;

use super::actions;
use super::archive::Mender;
use super::destinations::Destinations;
use super::failure::Failure;
use super::object::{Dictionary, Object, Reference};
use super::source::{Loaded, Source, SourcePage};
use super::writer::Writer;

/// Entries without a meaning outside the original's file.
const LEFT_OUT: [&str; 1] = ["PieceInfo"];
/// Entries that refer to marks of a page, or to an annotation, in the structure tree.
const NUMBERS: [&str; 2] = ["StructParent", "StructParents"];
/// Types of objects that would bring along the whole original, or that have no meaning outside its file.
const STRUCTURE: [&str; 6] = ["Catalog", "ObjStm", "Page", "Pages", "StructTreeRoot", "XRef"];

/// Longer data, in bytes, is not recompressed.
const MAX_UNDONE: usize = 256 << 20;

/// Carries over objects of one original.
pub(super) struct Copier {
    pub(super) source: Source,
    pages: Vec<SourcePage>,
    /// The page index of each page object.
    page_numbers: HashMap<u32, usize>,
    /// The new numbers of the pages that are referred to.
    page_references: HashMap<usize, Reference>,
    /// Those of them that are in the export.
    written: HashSet<Reference>,
    /// The new numbers of all other objects met.
    references: HashMap<u32, Reference>,
    /// Objects that were met but not written yet.
    waiting: VecDeque<Reference>,
    destinations: Option<Destinations>,
    /// Root fields of the original's form, which get a parent.
    fields: HashSet<u32>,
    field_parent: Option<Reference>,
    /// The root of the original's structure tree, and the first number of its pages in the export's tree.
    tags: Option<(Reference, i64)>,
    /// The changes for a standard, if the export follows one that this original does not follow itself.
    pub(super) mender: Option<Mender>,
    /// Bytes of streams that may still be written: an original can refer to the same bytes by many numbers.
    budget: u64,
}

impl Copier {
    pub(super) fn new(mut source: Source) -> Self {
        let pages = source.pages();
        let number = |(index, page): (usize, &SourcePage)| Some((page.reference?.number, index));
        let page_numbers = pages.iter().enumerate().filter_map(number).collect();
        let budget = source.length().saturating_mul(2).saturating_add(1 << 20);
        Self {
            source,
            pages,
            page_numbers,
            page_references: HashMap::new(),
            written: HashSet::new(),
            references: HashMap::new(),
            waiting: VecDeque::new(),
            destinations: None,
            fields: HashSet::new(),
            field_parent: None,
            tags: None,
            mender: None,
            budget,
        }
    }

    /// Makes fields children of a new one.
    pub(super) fn adopt_fields(&mut self, fields: HashSet<u32>, parent: Reference) {
        self.fields = fields;
        self.field_parent = Some(parent);
    }

    /// Carries over the tags of the original: its top elements become children of `new`, and its numbers are shifted to
    /// begin at `first`.
    pub(super) fn carry_tags(&mut self, root: Reference, new: Reference, first: i64) {
        self.references.insert(root.number, new);
        self.tags = Some((root, first));
    }

    /// The root of the structure tree that is carried over, and its first number.
    pub(super) fn tag_root(&self) -> Option<(Reference, i64)> {
        self.tags
    }

    /// Records that a page is in the export.
    pub(super) fn wrote_page(&mut self, page: Reference) {
        self.written.insert(page);
    }

    /// Whether a destination is on a page that is not in the export; call it after all pages are written.
    pub(super) fn is_elsewhere(&self, place: &Object) -> bool {
        let page = place.as_array().and_then(<[Object]>::first);
        page.is_none_or(|page| page.as_reference().is_none_or(|page| !self.written.contains(&page)))
    }

    /// How many pages the original has.
    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The original's named destinations, translated for the export.
    pub(super) fn named_destinations(&mut self, writer: &mut Writer<'_>) -> Vec<(Vec<u8>, Object)> {
        let named: Vec<(Vec<u8>, Object)> =
            self.destinations().iter().map(|(name, place)| (name.clone(), place.clone())).collect();
        let mut destinations = Vec::new();
        for (name, place) in named {
            let place = self.destination(&place);
            let place = self.translated(&place, writer);
            if !self.is_elsewhere(&place) {
                destinations.push((name, place));
            }
        }
        destinations
    }

    fn destinations(&mut self) -> &Destinations {
        let source = &mut self.source;
        self.destinations.get_or_insert_with(|| Destinations::read(source))
    }

    /// A number in the structure tree, translated for the export; `None` when tags are not carried over.
    pub(super) fn tag_number(&mut self, number: &Object) -> Option<Object> {
        let (_, first) = self.tags?;
        let number = self.source.resolved(number).as_integer().filter(|number| (0..1 << 40).contains(number))?;
        Some(Object::Integer(first + number))
    }

    /// The page at an index from 0, with inherited entries, without actions.
    pub(super) fn page(&mut self, index: usize) -> Option<Dictionary> {
        let mut page = self.pages.get(index)?.clone().dictionary(&mut self.source);
        // Pages have no use for this entry.
        page.remove("S");
        page.set("Type", Object::name("Page"));
        actions::harmless(&page, &mut self.source)
    }

    /// The number that the page at that index has or will have in the export.
    pub(super) fn page_reference(&mut self, index: usize, writer: &mut Writer<'_>) -> Reference {
        *self.page_references.entry(index).or_insert_with(|| writer.reserve())
    }

    /// The new number of an object that was already carried over.
    pub(super) fn carried(&self, reference: Reference) -> Option<Reference> {
        self.references.get(&reference.number).copied()
    }

    /// The object translated for the export. The objects it refers to are written by [`Copier::write_waiting`].
    pub(super) fn translated(&mut self, object: &Object, writer: &mut Writer<'_>) -> Object {
        match object {
            Object::Reference(reference) => self.translated_reference(*reference, writer),
            Object::Array(items) => {
                let mended = self.mender.as_ref().map(|mender| mender.array(items.clone()));
                let items = mended.as_ref().unwrap_or(items);
                Object::Array(items.iter().map(|item| self.translated(item, writer)).collect())
            }
            // An object of the export that replaces one of the original.
            Object::Made(reference) => (*reference).into(),
            Object::Dictionary(dictionary) => self.translated_dictionary(dictionary, writer),
            plain => plain.clone(),
        }
    }

    fn translated_reference(&mut self, reference: Reference, writer: &mut Writer<'_>) -> Object {
        if let Some(&index) = self.page_numbers.get(&reference.number) {
            return self.page_reference(index, writer).into();
        }
        if let Some(carried) = self.carried(reference) {
            return carried.into();
        }
        if !self.source.has(reference) || self.source.is_root(reference) {
            return Object::Null;
        }
        let new = writer.reserve();
        self.references.insert(reference.number, new);
        self.waiting.push_back(reference);
        new.into()
    }

    fn translated_dictionary(&mut self, dictionary: &Dictionary, writer: &mut Writer<'_>) -> Object {
        let Some(harmless) = actions::harmless(dictionary, &mut self.source) else { return Object::Null };
        let is_left_tag = self.tags.is_none() && harmless.is("Type", "StructElem");
        if is_left_tag || STRUCTURE.iter().any(|kind| harmless.is("Type", kind)) {
            return Object::Null;
        }
        let mended = match &self.mender {
            Some(mender) => mender.mended(harmless, &mut self.source),
            None => Some(harmless),
        };
        let Some(harmless) = mended else { return Object::Null };
        let mut translated = Dictionary::new();
        for (key, value) in harmless.iter() {
            if LEFT_OUT.iter().any(|left_out| key == left_out.as_bytes()) {
                continue;
            }
            if NUMBERS.iter().any(|number| key == number.as_bytes()) {
                if let Some(number) = self.tag_number(value) {
                    translated.insert(key.clone(), number);
                }
                continue;
            }
            let is_destination = key == b"Dest" || key == b"D" && harmless.is("S", "GoTo");
            let value = if is_destination { self.destination(value) } else { value.clone() };
            translated.insert(key.clone(), self.translated(&value, writer));
        }
        translated.into()
    }

    /// Replaces a named destination by its explicit one, and a page number by the page.
    fn destination(&mut self, destination: &Object) -> Object {
        let resolved = self.source.resolved(destination);
        let place = match &resolved {
            Object::Name(name) | Object::String(name) => self.destinations().get(name).unwrap_or_default(),
            _ => resolved,
        };
        match place {
            Object::Array(mut items) => {
                let index = items.first().and_then(Object::as_integer).and_then(|i| usize::try_from(i).ok());
                let page = index.and_then(|index| self.pages.get(index)).and_then(|page| page.reference);
                if let (Some(first), Some(page)) = (items.first_mut(), page) {
                    *first = page.into();
                }
                items.into()
            }
            _ => Object::Null,
        }
    }

    /// Writes the objects that written objects refer to, until none is left.
    pub(super) fn write_waiting(&mut self, writer: &mut Writer<'_>) -> Result<(), Failure> {
        while let Some(reference) = self.waiting.pop_front() {
            let Some(new) = self.carried(reference) else { continue };
            let Some(loaded) = self.source.load(reference) else {
                writer.object(new, &Object::Null)?;
                continue;
            };
            let mut object = self.translated(&loaded.object, writer);
            if let (Object::Dictionary(field), Some(parent), true) =
                (&mut object, self.field_parent, self.fields.contains(&reference.number))
            {
                field.set("Parent", parent);
            }
            match object {
                Object::Dictionary(dictionary) if loaded.stream.is_some() => {
                    self.write_stream(new, dictionary, &loaded, writer)?;
                }
                object => writer.object(new, &object)?,
            }
        }
        Ok(())
    }

    fn write_stream(
        &mut self,
        new: Reference,
        mut dictionary: Dictionary,
        loaded: &Loaded,
        writer: &mut Writer<'_>,
    ) -> Result<(), Failure> {
        let Some(stream) = loaded.stream else { return Ok(()) };
        if self.mender.is_some() {
            Mender::stream(&mut dictionary);
            if Mender::needs_other_filter(&dictionary, &mut self.source)
                && let Some(data) = self.source.data(loaded, MAX_UNDONE).filter(|data| data.len() < MAX_UNDONE)
            {
                self.budget = self.budget.saturating_sub(stream.length);
                for key in ["Length", "Filter", "DecodeParms"] {
                    dictionary.remove(key);
                }
                return Ok(writer.compressed(new, dictionary, &data)?);
            }
        }
        let length = stream.length.min(self.budget);
        self.budget -= length;
        dictionary.remove("Length");
        if stream.is_encrypted() {
            let mut data = self.source.reader(stream).take(length);
            writer.stream_with(new, dictionary, |out| std::io::copy(&mut data, out).map(|_| ()))?;
        } else {
            remove_crypt_filter(&mut dictionary);
            writer.stream_of(new, dictionary, length, self.source.reader(stream))?;
        }
        Ok(())
    }
}

/// The export is not encrypted, so the crypt filter of a stream has no meaning.
fn remove_crypt_filter(dictionary: &mut Dictionary) {
    let filters = match dictionary.get("Filter") {
        Some(Object::Array(filters)) => filters.clone(),
        Some(one) => vec![one.clone()],
        None => return,
    };
    if filters.first().and_then(Object::as_name) != Some(b"Crypt") {
        return;
    }
    dictionary.set("Filter", filters[1..].to_vec());
    let parameters = dictionary.get("DecodeParms").and_then(Object::as_array).map(<[Object]>::to_vec);
    match parameters {
        Some(parameters) if parameters.len() > 1 => dictionary.set("DecodeParms", parameters[1..].to_vec()),
        _ => {
            dictionary.remove("DecodeParms");
        }
    }
}
