//! Reads an original PDF object by object from the file; only its cross-reference table is kept in memory.
//!
//! Originals are untrusted and are read as leniently as by viewers, within limits on nesting, sizes, decompression and
//! searching. Anything beyond a limit reads as null.

mod bytes;
mod encryption;
mod filter;
mod page_list;
mod parser;
mod repair;
mod xref;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::io::Read;
use std::rc::Rc;

use super::failure::Failure;
use super::object::{Dictionary, Object, Reference};
use bytes::Bytes;
use encryption::{Encryption, Method};
pub(super) use filter::{Bare, undone};
pub(super) use page_list::SourcePage;
use parser::Parser;
use xref::{ObjectLocation, Xref};

/// The longest text of one object, without its stream, in bytes.
const MAX_OBJECT_BYTES: u64 = 8 << 20;
/// The largest decompressed object stream, in bytes …
const MAX_OBJECT_STREAM_BYTES: usize = 16 << 20;
/// … and the size of the cache for object streams, in bytes.
const MAX_CACHED_BYTES: usize = 32 << 20;
/// The most references in a chain of references.
const MAX_HOPS: usize = 16;

/// An object of the file.
pub(super) struct Loaded {
    pub(super) object: Object,
    /// The position of its data, if it is a stream.
    pub(super) stream: Option<Stream>,
}

/// The encoded bytes of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream {
    reference: Reference,
    start: u64,
    /// The stored length, in bytes.
    pub(super) length: u64,
    method: Method,
}

impl Stream {
    /// Whether its bytes must be decrypted, which may make it shorter.
    pub(super) fn is_encrypted(&self) -> bool {
        self.method != Method::Plain
    }
}

/// An open file.
pub(super) struct Source {
    bytes: Bytes,
    xref: Xref,
    repaired: bool,
    encryption: Option<Encryption>,
    object_streams: HashMap<u32, Rc<ObjectStream>>,
    /// In the order in which they were read.
    cached: VecDeque<u32>,
    cached_bytes: usize,
    /// Bytes that may still be searched for the ends of streams with a wrong length.
    search_budget: u64,
    /// Whether an action was found and left out.
    pub(super) left_out: bool,
    /// Whether actions forbidden by an archival standard are left out too.
    pub(super) is_strict: bool,
}

/// Objects that are compressed together (ISO 32000-1, section 7.5.7).
struct ObjectStream {
    data: Vec<u8>,
    /// Object numbers and offsets.
    objects: Vec<(u32, usize)>,
}

impl Source {
    /// Opens a file; a damaged one is searched for remaining objects.
    pub(super) fn open(file: File) -> Result<Self, Failure> {
        let mut bytes = Bytes::new(file).map_err(Failure::cut_off)?;
        // Offsets count from the header; mail programs and others may have put lines before it.
        let header = bytes.find(b"%PDF-", 0, 1024 + 5).unwrap_or(0);
        let xref = Xref::read(&mut bytes, header);
        let search_budget = bytes.length().saturating_mul(4);
        let mut source = Self {
            bytes,
            xref: Xref::default(),
            repaired: false,
            encryption: None,
            object_streams: HashMap::new(),
            cached: VecDeque::new(),
            cached_bytes: 0,
            search_budget,
            left_out: false,
            is_strict: false,
        };
        if let Some(xref) = xref {
            source.xref = xref;
            source.set_encryption();
        }
        if !source.has_pages() {
            source.repair();
        }
        if source.has_pages() { Ok(source) } else { Err(Failure::original("its structure is damaged")) }
    }

    fn has_pages(&mut self) -> bool {
        let catalog = self.catalog();
        catalog.get("Pages").is_some_and(|pages| self.dictionary(pages).is_some())
    }

    /// The document's catalog.
    pub(super) fn catalog(&mut self) -> Dictionary {
        let root = self.xref.trailer.get("Root").cloned().unwrap_or_default();
        self.dictionary(&root).unwrap_or_default()
    }

    /// Whether the file claims to be encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.xref.trailer.contains("Encrypt")
    }

    /// The document information dictionary.
    pub(super) fn information(&mut self) -> Dictionary {
        let information = self.xref.trailer.get("Info").cloned().unwrap_or_default();
        self.dictionary(&information).unwrap_or_default()
    }

    fn set_encryption(&mut self) {
        self.encryption = None;
        let trailer = self.xref.trailer.clone();
        let Some(dictionary) = trailer.get("Encrypt").and_then(|e| self.dictionary(e)) else { return };
        let mut whole = Dictionary::new();
        for (key, value) in dictionary.iter() {
            whole.insert(key.clone(), self.resolved(value));
        }
        let id = trailer.get("ID").map(|id| self.resolved(id));
        let id = match id.as_ref().and_then(Object::as_array).and_then(<[Object]>::first) {
            Some(Object::String(id)) => id.clone(),
            _ => Vec::new(),
        };
        self.encryption = Encryption::new(&whole, &id);
        self.forget_object_streams();
    }

    /// Searches the file for its objects, once.
    fn repair(&mut self) {
        if self.repaired {
            return;
        }
        self.repaired = true;
        let found = repair::search(&mut self.bytes);
        let old_trailer = std::mem::replace(&mut self.xref, found.xref).trailer;
        if !self.xref.trailer.contains("Root") && old_trailer.contains("Root") {
            self.xref.trailer = old_trailer;
        }
        self.forget_object_streams();
        self.set_encryption();
        for stream in found.object_streams {
            let Some(objects) = self.object_stream(stream.number) else { continue };
            for (index, (number, _)) in objects.objects.iter().enumerate() {
                self.xref.set((*number).into(), ObjectLocation::Within(stream.number, index as u32));
            }
        }
        if self.catalog().is_empty() {
            let numbers: Vec<u32> = self.xref.numbers().collect();
            let is_catalog = |source: &mut Self, number| {
                let object = source.load(Reference { number, generation: 0 });
                object.is_some_and(|l| l.object.as_dictionary().is_some_and(|d| d.is("Type", "Catalog")))
            };
            if let Some(&root) = numbers.iter().find(|number| is_catalog(self, **number)) {
                self.xref.trailer.set("Root", Reference { number: root, generation: 0 });
            }
        }
    }

    fn forget_object_streams(&mut self) {
        self.object_streams.clear();
        self.cached.clear();
        self.cached_bytes = 0;
    }

    /// Whether the file has an object with that number.
    pub(super) fn has(&self, reference: Reference) -> bool {
        self.xref.place(reference.number) != ObjectLocation::Free
    }

    /// Whether the reference is to the document's catalog.
    pub(super) fn is_root(&self, reference: Reference) -> bool {
        self.xref.trailer.get("Root").and_then(Object::as_reference).is_some_and(|root| root.number == reference.number)
    }

    /// Reads an object.
    pub(super) fn load(&mut self, reference: Reference) -> Option<Loaded> {
        match self.xref.place(reference.number) {
            ObjectLocation::Free => None,
            ObjectLocation::At(at) => match self.load_at(reference, at) {
                Some(loaded) => Some(loaded),
                None if self.repaired => None,
                None => {
                    self.repair();
                    match self.xref.place(reference.number) {
                        ObjectLocation::At(at) => self.load_at(reference, at),
                        ObjectLocation::Within(stream, index) => self.load_within(reference, stream, index),
                        ObjectLocation::Free => None,
                    }
                }
            },
            ObjectLocation::Within(stream, index) => self.load_within(reference, stream, index),
        }
    }

    fn load_at(&mut self, reference: Reference, at: u64) -> Option<Loaded> {
        let end = self.bytes.length();
        let indirect = self.bytes.window(at, MAX_OBJECT_BYTES, |data, is_all| {
            let indirect = Parser::new(data, 0).indirect()?;
            // Text near the end of the part may continue after it.
            (is_all || indirect.data.unwrap_or(indirect.end) + 32 < data.len()).then_some(indirect)
        })?;
        if indirect.reference.number != reference.number {
            return None;
        }
        let mut object = indirect.object;
        let is_encryption_dictionary =
            self.xref.trailer.get("Encrypt").and_then(Object::as_reference) == Some(indirect.reference);
        if let (Some(encryption), false) = (&self.encryption, is_encryption_dictionary) {
            decrypt_strings(&mut object, indirect.reference, encryption);
        }
        let stream = match (indirect.data, &object) {
            (Some(data), Object::Dictionary(dictionary)) => {
                let start = (at + data as u64).min(end);
                let method = self.encryption.as_ref().map_or(Method::Plain, |e| e.stream_method(dictionary));
                let length = dictionary.get("Length").cloned();
                let length = self.stream_length(start, length);
                Some(Stream { reference: indirect.reference, start, length, method })
            }
            _ => None,
        };
        Some(Loaded { object, stream })
    }

    /// The length in the dictionary if the data really ends there, otherwise up to the end found by searching.
    fn stream_length(&mut self, start: u64, stated: Option<Object>) -> u64 {
        let stated = match stated {
            // An indirect length is read only as a plain number, because a stream would in turn need a length.
            Some(Object::Reference(reference)) => match self.xref.place(reference.number) {
                ObjectLocation::At(at) => {
                    let head = self.bytes.read(at, 64);
                    Parser::new(&head, 0).indirect().and_then(|i| i.object.as_integer())
                }
                // Only used if it is already loaded; otherwise the end is searched.
                ObjectLocation::Within(stream, _) if !self.object_streams.contains_key(&stream) => None,
                ObjectLocation::Within(stream, index) => {
                    self.load_within(reference, stream, index).and_then(|l| l.object.as_integer())
                }
                ObjectLocation::Free => None,
            },
            Some(number) => number.as_integer(),
            None => None,
        };
        let rest = self.bytes.length().saturating_sub(start);
        if let Some(length) = stated.and_then(|l| u64::try_from(l).ok()).filter(|l| *l <= rest) {
            let after = self.bytes.read(start + length, 32);
            let mut parser = Parser::new(&after, 0);
            if parser.keyword(b"endstream") || parser.keyword(b"endobj") {
                return length;
            }
        }
        let until = start + rest.min(self.search_budget);
        let end = self.bytes.find(b"endstream", start, until).or_else(|| self.bytes.find(b"endobj", start, until));
        let length = end.unwrap_or(until) - start;
        self.search_budget = self.search_budget.saturating_sub(length);
        // The line end before the keyword is not part of the data.
        let tail = self.bytes.read((start + length).saturating_sub(2).max(start), length.min(2));
        match tail[..] {
            [b'\r', b'\n'] => length - 2,
            [.., b'\r' | b'\n'] => length - 1,
            _ => length,
        }
    }

    fn load_within(&mut self, reference: Reference, stream: u32, index: u32) -> Option<Loaded> {
        let objects = self.object_stream(stream)?;
        let at_index = objects.objects.get(index as usize).filter(|(number, _)| *number == reference.number);
        let (_, at) = at_index.or_else(|| objects.objects.iter().find(|(number, _)| *number == reference.number))?;
        let object = Parser::new(&objects.data, *at).object()?;
        Some(Loaded { object, stream: None })
    }

    /// An object stream, from the cache if it is there.
    fn object_stream(&mut self, number: u32) -> Option<Rc<ObjectStream>> {
        if let Some(stream) = self.object_streams.get(&number) {
            return Some(Rc::clone(stream));
        }
        let ObjectLocation::At(at) = self.xref.place(number) else { return None };
        let loaded = self.load_at(Reference { number, generation: 0 }, at)?;
        let dictionary = loaded.object.as_dictionary()?;
        let data = self.data(&loaded, MAX_OBJECT_STREAM_BYTES)?;
        let first = usize::try_from(dictionary.get("First")?.as_integer()?).ok()?;
        let count = dictionary.get("N")?.as_integer()?.clamp(0, 1 << 20);
        let mut parser = Parser::new(&data, 0);
        let mut objects = Vec::new();
        for _ in 0..count {
            let (Some(number), Some(offset)) = (parser.integer(), parser.integer()) else { break };
            objects.push((u32::try_from(number).ok()?, first.saturating_add(usize::try_from(offset).ok()?)));
        }
        let stream = Rc::new(ObjectStream { data, objects });
        self.cached_bytes += stream.data.len();
        self.cached.push_back(number);
        self.object_streams.insert(number, Rc::clone(&stream));
        while self.cached_bytes > MAX_CACHED_BYTES && self.cached.len() > 1 {
            let oldest = self.cached.pop_front().and_then(|oldest| self.object_streams.remove(&oldest));
            self.cached_bytes -= oldest.map_or(0, |stream| stream.data.len());
        }
        Some(stream)
    }

    /// The decoded data of a structural stream, at most `limit` bytes.
    pub(super) fn data(&mut self, loaded: &Loaded, limit: usize) -> Option<Vec<u8>> {
        let (dictionary, stream) = (loaded.object.as_dictionary()?, loaded.stream?);
        let mut coded = Vec::new();
        // Whatever can be read of a damaged file is used.
        let _shorter = self.reader(stream).take(limit as u64).read_to_end(&mut coded);
        filter::decoded(dictionary, coded, limit)
    }

    /// The encoded bytes of a stream, decrypted; `None` when there are more than `limit`.
    pub(super) fn coded(&mut self, stream: &Object, limit: usize) -> Option<Vec<u8>> {
        let stream = self.load(stream.as_reference()?)?.stream.filter(|stream| stream.length <= limit as u64)?;
        let mut coded = Vec::new();
        self.reader(stream).read_to_end(&mut coded).ok()?;
        Some(coded)
    }

    /// The decoded data of a stream, such as a page's contents; `None` when it is longer than `limit` or uses a filter
    /// that is not used for contents.
    pub(super) fn decoded(&mut self, stream: &Object, limit: usize) -> Option<Vec<u8>> {
        let mut loaded = self.load(stream.as_reference()?)?;
        if let Object::Dictionary(dictionary) = &mut loaded.object {
            for key in ["Filter", "DecodeParms"] {
                if let Some(value @ Object::Reference(_)) = dictionary.get(key).cloned() {
                    dictionary.set(key, self.resolved(&value));
                }
            }
        }
        self.data(&loaded, limit).filter(|data| data.len() < limit)
    }

    /// A reader of a stream's encoded bytes, decrypted.
    pub(super) fn reader(&mut self, stream: Stream) -> Box<dyn Read + '_> {
        let data = self.bytes.reader(stream.start, stream.length);
        match &self.encryption {
            Some(encryption) => encryption.reader(stream.reference, stream.method, data),
            None => Box::new(data),
        }
    }

    /// Length of the file in bytes.
    pub(super) fn length(&self) -> u64 {
        self.bytes.length()
    }

    /// The object after resolving references; null if it does not exist or is a stream.
    pub(super) fn resolved(&mut self, object: &Object) -> Object {
        let mut object = object.clone();
        for _ in 0..MAX_HOPS {
            let Object::Reference(reference) = object else { return object };
            match self.load(reference) {
                Some(Loaded { object: target, stream: None }) => object = target,
                _ => return Object::Null,
            }
        }
        Object::Null
    }

    /// The dictionary after resolving references.
    pub(super) fn dictionary(&mut self, object: &Object) -> Option<Dictionary> {
        match self.resolved(object) {
            Object::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    /// The dictionary in an entry, after resolving references.
    pub(super) fn dictionary_at(&mut self, dictionary: &Dictionary, key: &str) -> Option<Dictionary> {
        dictionary.get(key).and_then(|value| self.dictionary(value))
    }

    /// The dictionary after resolving references; for a stream, its dictionary.
    pub(super) fn whole_dictionary(&mut self, object: &Object) -> Option<Dictionary> {
        if let Some(dictionary) = self.dictionary(object) {
            return Some(dictionary);
        }
        let mut reference = object.as_reference()?;
        for _ in 0..MAX_HOPS {
            match self.load(reference)?.object {
                Object::Reference(next) => reference = next,
                Object::Dictionary(dictionary) => return Some(dictionary),
                _ => return None,
            }
        }
        None
    }

    /// The resource with that name, unresolved; null if it does not exist.
    pub(super) fn resource(&mut self, resources: &Dictionary, kind: &str, name: Option<&[u8]>) -> Object {
        let Some(name) = name.map(super::contents::name) else { return Object::Null };
        let entries = self.dictionary_at(resources, kind).unwrap_or_default();
        entries.iter().find(|(key, _)| **key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The array after resolving references.
    pub(super) fn array(&mut self, object: &Object) -> Option<Vec<Object>> {
        match self.resolved(object) {
            Object::Array(array) => Some(array),
            _ => None,
        }
    }

    /// All pages in order. A broken page tree is replaced by all pages in the file.
    pub(super) fn pages(&mut self) -> Vec<SourcePage> {
        let pages = page_list::from_tree(self);
        if !pages.is_empty() {
            return pages;
        }
        self.repair();
        let pages = page_list::from_tree(self);
        if !pages.is_empty() {
            return pages;
        }
        let numbers: Vec<u32> = self.xref.numbers().collect();
        let mut seen = HashSet::new();
        numbers.into_iter().filter(|n| seen.insert(*n)).filter_map(|n| page_list::single(self, n)).collect()
    }
}

/// An operand of contents as an object.
pub(super) fn value(operand: &[u8]) -> Option<Object> {
    Parser::new(operand, 0).object()
}

fn decrypt_strings(object: &mut Object, reference: Reference, encryption: &Encryption) {
    match object {
        Object::String(bytes) => *bytes = encryption.string(reference, bytes),
        Object::Array(items) => items.iter_mut().for_each(|item| decrypt_strings(item, reference, encryption)),
        Object::Dictionary(dictionary) => {
            dictionary.iter_mut().for_each(|(_, value)| decrypt_strings(value, reference, encryption));
        }
        _ => {}
    }
}
