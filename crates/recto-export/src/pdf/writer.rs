//! The export's file structure (ISO 32000-1, section 7.5): objects are written immediately, and only their offsets are
//! kept, eight bytes per object.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::clean::{self, Cleaned, Words};
use super::object::{Dictionary, Object, Reference, print};
use super::optimize::Optimizer;
use crate::options::Optimization;

/// An object stream is written when it has this many objects …
const GROUP_OBJECTS: usize = 200;
/// … or this many bytes.
const GROUP_BYTES: usize = 128 * 1024;

/// Longer streams, in bytes, are written unchanged: a changed stream must be in memory.
const MAX_TREATED_BYTES: u64 = 160 << 20;

/// Writes a PDF object by object. Objects other than streams are collected in compressed object streams.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    /// Bytes written so far.
    offset: u64,
    /// The position of each object, by its number.
    places: Vec<ObjectOffset>,
    /// The objects of the next object stream: their numbers and their offsets in `group_body`.
    group: Vec<(u32, usize)>,
    group_body: Vec<u8>,
    /// The colour space of pictures made of inks.
    inks: Object,
    optimizer: Optimizer,
    /// The positions of words on the pictures to be cleaned, if cleaning is on.
    cleaning: Option<Words>,
    cleaned: Cleaned,
}

/// The position of an object: none (0), an offset (lowest bit 0), or in an object stream (lowest bit 1).
#[derive(Clone, Copy)]
struct ObjectOffset(u64);

impl ObjectOffset {
    const NOWHERE: Self = Self(0);

    fn at(offset: u64) -> Self {
        Self(offset << 1)
    }

    fn within(stream: u32, index: usize) -> Self {
        Self(u64::from(stream) << 16 | (index as u64) << 1 | 1)
    }

    /// A row of the cross-reference stream: the kind, a field of `width` bytes and one of two bytes.
    fn row(self, width: usize) -> Vec<u8> {
        let (kind, field, last) = match self.0 {
            0 => (0, 0, 0),
            place if place & 1 == 1 => (2, place >> 16, (place >> 1 & 0x7FFF) as u16),
            place => (1, place >> 1, 0),
        };
        let mut row = vec![kind];
        row.extend_from_slice(&field.to_be_bytes()[8 - width..]);
        row.extend_from_slice(&last.to_be_bytes());
        row
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut dyn Write, optimization: Optimization) -> io::Result<Self> {
        let mut writer = Self {
            out,
            offset: 0,
            places: vec![ObjectOffset::NOWHERE],
            group: Vec::new(),
            group_body: Vec::new(),
            inks: Object::name("DeviceCMYK"),
            optimizer: Optimizer::new(optimization),
            cleaning: None,
            cleaned: Cleaned::default(),
        };
        // Bytes above 127 in a comment show transfer programs that the file is binary.
        writer.raw(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(writer)
    }

    /// Uses another colour space than the device's own for pictures made of inks.
    pub(super) fn use_inks(&mut self, space: Reference) {
        self.inks = space.into();
    }

    /// The colour space of pictures made of cyan, magenta, yellow and black.
    pub(super) fn inks(&self) -> &Object {
        &self.inks
    }

    /// From now on, pictures with these words are cleaned; `None` ends that. Returns what was done since the last call.
    pub(super) fn clean(&mut self, words: Option<Words>) -> Cleaned {
        self.cleaning = words;
        std::mem::take(&mut self.cleaned)
    }

    /// Reserves a number for an object that is written later. If it never is, it reads as null.
    pub(super) fn reserve(&mut self) -> Reference {
        self.places.push(ObjectOffset::NOWHERE);
        Reference::new(self.places.len() as u32 - 1)
    }

    /// Writes an object and returns its number.
    pub(super) fn add(&mut self, object: impl Into<Object>) -> io::Result<Reference> {
        let reference = self.reserve();
        self.object(reference, &object.into())?;
        Ok(reference)
    }

    /// Writes an object under a reserved number.
    pub(super) fn object(&mut self, reference: Reference, object: &Object) -> io::Result<()> {
        self.group.push((reference.number, self.group_body.len()));
        object.write(&mut self.group_body);
        self.group_body.push(b'\n');
        if self.group.len() >= GROUP_OBJECTS || self.group_body.len() >= GROUP_BYTES {
            self.end_group()?;
        }
        Ok(())
    }

    /// Writes a stream whose data is complete and in its final form.
    pub(super) fn stream(&mut self, reference: Reference, dictionary: Dictionary, data: &[u8]) -> io::Result<()> {
        self.stream_of(reference, dictionary, data.len() as u64, data)
    }

    /// Writes a stream compressed.
    pub(super) fn compressed(&mut self, reference: Reference, dictionary: Dictionary, data: &[u8]) -> io::Result<()> {
        let dictionary = dictionary.with("Filter", Object::name("FlateDecode"));
        self.stream(reference, dictionary, &deflated(data)?)
    }

    /// Writes a stream of known length from a reader. Missing bytes become zeros, so that the file stays valid.
    pub(super) fn stream_of(
        &mut self,
        reference: Reference,
        dictionary: Dictionary,
        length: u64,
        data: impl Read,
    ) -> io::Result<()> {
        if self.treats(&dictionary, length) {
            let mut held = Vec::new();
            data.take(length).read_to_end(&mut held)?;
            held.resize(length as usize, 0);
            return self.treated_stream(reference, dictionary, &held);
        }
        self.begin_stream(reference, &dictionary.with("Length", Object::Integer(length as i64)))?;
        let copied = io::copy(&mut data.take(length), &mut self.out)?;
        io::copy(&mut io::repeat(0).take(length - copied), &mut self.out)?;
        self.offset += length;
        self.raw(b"\nendstream\nendobj\n")
    }

    /// Whether a stream of that many bytes is changed before writing, for which it must be in memory.
    fn treats(&self, dictionary: &Dictionary, length: u64) -> bool {
        let is_cleaned = self.cleaning.is_some() && dictionary.is("Subtype", "Image");
        length <= MAX_TREATED_BYTES && (is_cleaned || self.optimizer.takes(dictionary))
    }

    fn treated_stream(&mut self, reference: Reference, dictionary: Dictionary, data: &[u8]) -> io::Result<()> {
        let quality = self.optimizer.level().jpeg_quality().unwrap_or(Optimization::CLEANED_QUALITY);
        let cleaning = self.cleaning.as_ref().filter(|_| dictionary.is("Subtype", "Image"));
        let cleaned = cleaning.and_then(|words| clean::cleaned(&dictionary, data, words, quality));
        let (dictionary, data) = match cleaned {
            Some(((dictionary, data), cleaned)) => {
                self.cleaned = cleaned;
                (dictionary, Cow::Owned(data))
            }
            None => (dictionary, Cow::Borrowed(data)),
        };
        let (dictionary, data) = self.optimizer.smaller(dictionary, data);
        self.begin_stream(reference, &dictionary.with("Length", data.len() as i64))?;
        self.raw(&data)?;
        self.raw(b"\nendstream\nendobj\n")
    }

    /// Writes a stream whose length is known only at its end.
    pub(super) fn stream_with<E: From<io::Error>>(
        &mut self,
        reference: Reference,
        dictionary: Dictionary,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        // Where reduction is possible at all, a picture's data is no longer than its pixels.
        let most = |key| dictionary.get(key).and_then(Object::as_integer).and_then(|side| u64::try_from(side).ok());
        let most =
            most("Width").zip(most("Height")).and_then(|(width, height)| width.checked_mul(height)?.checked_mul(4));
        if most.is_some_and(|most| self.treats(&dictionary, most)) {
            let mut held = Vec::new();
            let filled = fill(&mut held);
            self.treated_stream(reference, dictionary, &held)?;
            return filled;
        }
        let length = self.reserve();
        self.begin_stream(reference, &dictionary.with("Length", length))?;
        let mut counted = Counted { out: self.out, length: 0 };
        let filled = fill(&mut counted);
        let written = counted.length;
        self.offset += written;
        self.raw(b"\nendstream\nendobj\n")?;
        self.object(length, &Object::Integer(written as i64))?;
        filled
    }

    fn begin_stream(&mut self, reference: Reference, dictionary: &Dictionary) -> io::Result<()> {
        self.place(reference.number, ObjectOffset::at(self.offset));
        let mut head = Vec::new();
        print(&mut head, format_args!("{} 0 obj\n", reference.number));
        dictionary.write(&mut head);
        head.extend_from_slice(b"stream\n");
        self.raw(&head)
    }

    /// Writes the rest and the cross-reference stream, whose dictionary is the trailer. Returns the optimizer.
    pub(super) fn finish(mut self, trailer: Dictionary) -> io::Result<Optimizer> {
        self.end_group()?;
        let table = self.reserve();
        let start = self.offset;
        self.place(table.number, ObjectOffset::at(start));
        // Some viewers support at most four-byte numbers, which are enough below 4 GiB.
        let width = if u32::try_from(start).is_ok() { 4 } else { 8 };
        let columns = 1 + width + 2;
        // Neighbouring rows differ in few bytes: with the predictor "up" they compress to a fraction.
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        let mut above = vec![0; columns];
        for (number, place) in self.places.iter().enumerate() {
            let mut row = place.row(width);
            if number == 0 {
                row[columns - 2..].fill(0xFF);
            }
            let difference: Vec<u8> = row.iter().zip(&above).map(|(here, above)| here.wrapping_sub(*above)).collect();
            encoder.write_all(&[2])?;
            encoder.write_all(&difference)?;
            above = row;
        }
        let data = encoder.finish()?;
        let parameters = Dictionary::new().with("Predictor", 12u32).with("Columns", columns as i64);
        let dictionary = trailer
            .with("Type", Object::name("XRef"))
            .with("Size", self.places.len() as i64)
            .with("W", vec![Object::Integer(1), Object::Integer(width as i64), Object::Integer(2)])
            .with("Filter", Object::name("FlateDecode"))
            .with("DecodeParms", parameters);
        self.stream(table, dictionary, &data)?;
        self.raw(format!("startxref\n{start}\n%%EOF\n").as_bytes())?;
        Ok(self.optimizer)
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.group.is_empty() {
            return Ok(());
        }
        let group = std::mem::take(&mut self.group);
        let body = std::mem::take(&mut self.group_body);
        let reference = self.reserve();
        let mut data = Vec::new();
        for (index, (number, at)) in group.iter().enumerate() {
            self.place(*number, ObjectOffset::within(reference.number, index));
            print(&mut data, format_args!("{number} {at} "));
        }
        let dictionary = Dictionary::new()
            .with("Type", Object::name("ObjStm"))
            .with("N", group.len() as i64)
            .with("First", data.len() as i64);
        data.extend_from_slice(&body);
        self.compressed(reference, dictionary, &data)
    }

    fn place(&mut self, number: u32, place: ObjectOffset) {
        self.places[number as usize] = place;
    }

    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
}

/// Counts the bytes that pass through.
struct Counted<'a> {
    out: &'a mut dyn Write,
    length: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.length += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The data in the format of `FlateDecode`.
pub(super) fn deflated(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(7));
    encoder.write_all(data)?;
    encoder.finish()
}
