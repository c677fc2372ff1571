//! The positions of a file's objects (ISO 32000-1, sections 7.5.4 and 7.5.8).

use std::collections::HashSet;

use super::bytes::Bytes;
use super::filter;
use super::parser::Parser;
use crate::pdf::object::{Dictionary, Object};

/// Larger object numbers are ignored: in a file of 100 MB, that many objects would have 50 bytes each.
const MAX_OBJECTS: u32 = 2_000_000;
/// The most updates of a file, with one section each.
const MAX_SECTIONS: usize = 1000;
/// The longest table that is read, in bytes.
const MAX_TABLE_BYTES: u64 = 64 << 20;

/// The position of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectLocation {
    /// The number is free.
    Free,
    /// At an offset in the file.
    At(u64),
    /// In an object stream, at an index.
    Within(u32, u32),
}

/// The positions of all objects, and the trailer.
#[derive(Default)]
pub(super) struct Xref {
    places: Vec<Option<ObjectLocation>>,
    pub(super) trailer: Dictionary,
}

impl Xref {
    /// Reads the table that the end of the file points to, and earlier ones; `None` when there is no valid table.
    pub(super) fn read(bytes: &mut Bytes, header: u64) -> Option<Self> {
        let tail_start = bytes.length().saturating_sub(4096);
        let tail = bytes.read(tail_start, 4096);
        let at = memchr::memmem::rfind(&tail, b"startxref")?;
        let start = u64::try_from(Parser::new(&tail, at + 9).integer()?).ok()?;
        let mut xref = Self::default();
        let mut next = vec![start];
        let mut seen = HashSet::new();
        while let Some(offset) = next.pop() {
            if !seen.insert(offset) || seen.len() > MAX_SECTIONS {
                continue;
            }
            let trailer = xref.read_section(bytes, offset + header, header);
            let trailer = match (trailer, seen.len()) {
                (Some(trailer), _) => trailer,
                (None, 1) => return None,
                (None, _) => continue,
            };
            let link = |key| trailer.get(key).and_then(Object::as_integer).and_then(|v| u64::try_from(v).ok());
            next.extend(link("Prev"));
            // A hybrid file's stream comes before the older sections.
            next.extend(link("XRefStm"));
            if xref.trailer.is_empty() {
                xref.trailer = trailer;
            }
        }
        Some(xref)
    }

    fn read_section(&mut self, bytes: &mut Bytes, at: u64, header: u64) -> Option<Dictionary> {
        bytes
            .window(at, MAX_TABLE_BYTES, |data, is_all| {
                let mut parser = Parser::new(data, 0);
                if parser.keyword(b"xref") { self.read_table(&mut parser, header, is_all) } else { None }
            })
            .or_else(|| self.read_stream(bytes, at, header))
    }

    /// Parses a table in text form; `None` if it extends beyond the data.
    fn read_table(&mut self, parser: &mut Parser<'_>, header: u64, is_all: bool) -> Option<Dictionary> {
        while !parser.keyword(b"trailer") {
            let (first, count) = (parser.integer()?, parser.integer()?);
            for number in first..first.saturating_add(count.max(0)) {
                let (Some(offset), Some(_generation)) = (parser.integer(), parser.integer()) else { break };
                if parser.keyword(b"n") {
                    self.set(number, ObjectLocation::At(offset as u64 + header));
                } else if parser.keyword(b"f") {
                    self.set(number, ObjectLocation::Free);
                } else {
                    return None;
                }
            }
        }
        match parser.object()? {
            Object::Dictionary(dictionary) if is_all || parser.integer().is_some() || parser.keyword(b"startxref") => {
                Some(dictionary)
            }
            _ => None,
        }
    }

    fn read_stream(&mut self, bytes: &mut Bytes, at: u64, header: u64) -> Option<Dictionary> {
        let (dictionary, start) = bytes.window(at, MAX_TABLE_BYTES, |data, _| {
            let indirect = Parser::new(data, 0).indirect()?;
            let Object::Dictionary(dictionary) = indirect.object else { return None };
            Some((dictionary, at + indirect.data? as u64))
        })?;
        if !dictionary.is("Type", "XRef") {
            return None;
        }
        let length = dictionary.get("Length").and_then(Object::as_integer).and_then(|l| u64::try_from(l).ok());
        let data = bytes.read(start, length.unwrap_or(MAX_TABLE_BYTES).min(MAX_TABLE_BYTES));
        self.add_rows(&dictionary, data, header)?;
        Some(dictionary)
    }

    /// Reads the rows of a cross-reference stream.
    fn add_rows(&mut self, dictionary: &Dictionary, data: Vec<u8>, header: u64) -> Option<()> {
        let integers = |key: &str| -> Option<Vec<i64>> {
            Some(dictionary.get(key)?.as_array()?.iter().filter_map(Object::as_integer).collect())
        };
        let widths: Vec<usize> = integers("W")?.iter().map(|w| (*w).clamp(0, 8) as usize).collect();
        let [w0, w1, w2] = widths[..] else { return None };
        let row = w0 + w1 + w2;
        let size = dictionary.get("Size").and_then(Object::as_integer).unwrap_or(0);
        let index = integers("Index").unwrap_or_else(|| vec![0, size]);
        let data = filter::decoded(dictionary, data, MAX_OBJECTS as usize * row.max(1))?;
        let mut rows = data.chunks_exact(row.max(1));
        for part in index.chunks_exact(2) {
            for number in part[0]..part[0].saturating_add(part[1].max(0)) {
                let Some(row) = rows.next() else { return Some(()) };
                let field = |range: std::ops::Range<usize>| row[range].iter().fold(0, |v, b| v << 8 | u64::from(*b));
                let kind = if w0 == 0 { 1 } else { field(0..w0) };
                let (second, third) = (field(w0..w0 + w1), field(w0 + w1..w0 + w1 + w2));
                match kind {
                    0 => self.set(number, ObjectLocation::Free),
                    1 => self.set(number, ObjectLocation::At(second.saturating_add(header))),
                    2 => self.set(number, ObjectLocation::Within(second as u32, third as u32)),
                    _ => {}
                }
            }
        }
        Some(())
    }

    /// Sets a position unless there is one already, which comes from a later update.
    pub(super) fn set(&mut self, number: i64, place: ObjectLocation) {
        let Some(slot) = self.slot(number) else { return };
        slot.get_or_insert(place);
    }

    /// Sets a position, replacing any other.
    pub(super) fn replace(&mut self, number: u32, place: ObjectLocation) {
        if let Some(slot) = self.slot(number.into()) {
            *slot = Some(place);
        }
    }

    fn slot(&mut self, number: i64) -> Option<&mut Option<ObjectLocation>> {
        let number = u32::try_from(number).ok().filter(|n| *n < MAX_OBJECTS)? as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, None);
        }
        self.places.get_mut(number)
    }

    pub(super) fn place(&self, number: u32) -> ObjectLocation {
        self.places.get(number as usize).copied().flatten().unwrap_or(ObjectLocation::Free)
    }

    /// All numbers in use, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let used = |(_, place): &(usize, &Option<ObjectLocation>)| !matches!(place, None | Some(ObjectLocation::Free));
        self.places.iter().enumerate().filter(used).map(|(number, _)| number as u32)
    }
}
