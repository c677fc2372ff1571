//! PDF objects (ISO 32000-1, section 7.3), read from originals and written to the export.

use std::collections::BTreeMap;
use std::io::Write;

/// A reference to an indirect object. Objects of the export always have generation 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reference {
    /// The object's number, from 1.
    pub number: u32,
    /// How many times the number was used before in its file.
    pub generation: u16,
}

impl Reference {
    /// The object with that number in the export.
    pub(super) const fn new(number: u32) -> Self {
        Self { number, generation: 0 }
    }
}

/// Any object except a stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Object {
    #[default]
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// Without the slash, with its escapes resolved.
    Name(Vec<u8>),
    /// The bytes, decrypted.
    String(Vec<u8>),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    Reference(Reference),
    /// A reference to an object of the export, among the objects of an original.
    Made(Reference),
}

/// A dictionary. The order of its keys has no meaning, so they are sorted.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Dictionary(BTreeMap<Vec<u8>, Object>);

impl Dictionary {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// This dictionary with an additional entry.
    pub(super) fn with(mut self, key: &str, value: impl Into<Object>) -> Self {
        self.set(key, value);
        self
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<Object>) {
        self.insert(key.as_bytes().to_vec(), value.into());
    }

    pub(super) fn insert(&mut self, key: Vec<u8>, value: Object) {
        self.0.insert(key, value);
    }

    pub(super) fn get(&self, key: &str) -> Option<&Object> {
        self.0.get(key.as_bytes())
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Object> {
        self.0.remove(key.as_bytes())
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key.as_bytes())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Vec<u8>, &Object)> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Vec<u8>, &mut Object)> {
        self.0.iter_mut()
    }

    /// Whether the entry is that name.
    pub(super) fn is(&self, key: &str, name: &str) -> bool {
        self.get(key).and_then(Object::as_name) == Some(name.as_bytes())
    }
}

impl Object {
    pub(super) fn name(name: &str) -> Self {
        Self::Name(name.as_bytes().to_vec())
    }

    /// A text string (section 7.9.2.2): ASCII unchanged, anything else in UTF-16 with a byte order mark.
    pub(super) fn text(text: &str) -> Self {
        if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
            return Self::String(text.as_bytes().to_vec());
        }
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        Self::String(units.flat_map(u16::to_be_bytes).collect())
    }

    pub(super) fn numbers(numbers: impl IntoIterator<Item = f64>) -> Self {
        Self::Array(numbers.into_iter().map(Self::Real).collect())
    }

    pub(super) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    pub(super) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    pub(super) fn as_reference(&self) -> Option<Reference> {
        if let Self::Reference(reference) = self { Some(*reference) } else { None }
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Real(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// Writes the object in the file's syntax, preceded by a space if it would otherwise merge with the text before.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Integer(value) => print(out, format_args!("{value}")),
            Self::Real(value) => write_real(*value, out),
            Self::Name(name) => write_name(name, out),
            Self::String(bytes) => write_string(bytes, out),
            Self::Array(items) => {
                out.push(b'[');
                for item in items {
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Dictionary(dictionary) => dictionary.write(out),
            Self::Reference(Reference { number, generation }) | Self::Made(Reference { number, generation }) => {
                print(out, format_args!("{number} {generation} R"));
            }
        }
        let runs_on = |at: usize| out.get(at).is_some_and(|b| !b"()<>[]{}/%\n ".contains(b));
        if start > 0 && runs_on(start - 1) && runs_on(start) {
            out.insert(start, b' ');
        }
    }
}

impl Dictionary {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<<");
        for (key, value) in &self.0 {
            write_name(key, out);
            value.write(out);
        }
        out.extend_from_slice(b">>");
    }
}

/// Appends formatted text; writing to memory does not fail.
pub(super) fn print(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to memory does not fail");
}

/// The shortest decimal that reads back as the same number, without an exponent, which PDF does not have.
fn write_real(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() { print(out, format_args!("{value}")) } else { out.push(b'0') }
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for &byte in name {
        if (0x21..0x7F).contains(&byte) && !b"()<>[]{}/%#".contains(&byte) {
            out.push(byte);
        } else {
            print(out, format_args!("#{byte:02X}"));
        }
    }
}

fn write_string(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.iter().all(|b| (0x20..0x7F).contains(b)) {
        out.push(b'(');
        for &byte in bytes {
            if b"()\\".contains(&byte) {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b')');
    } else {
        out.push(b'<');
        for byte in bytes {
            print(out, format_args!("{byte:02X}"));
        }
        out.push(b'>');
    }
}

impl From<bool> for Object {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Object {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Object {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Object {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<Reference> for Object {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<Dictionary> for Object {
    fn from(dictionary: Dictionary) -> Self {
        Self::Dictionary(dictionary)
    }
}

impl From<Vec<Object>> for Object {
    fn from(items: Vec<Object>) -> Self {
        Self::Array(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(object: impl Into<Object>) -> String {
        let mut out = Vec::new();
        object.into().write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn blanks_stand_only_where_tokens_would_run_together() {
        let array = vec![
            Object::Integer(1),
            Object::Real(-0.5),
            Object::name("A B"),
            Object::Null,
            Object::text("(x"),
            Reference::new(7).into(),
        ];
        assert_eq!(written(array), r"[1 -0.5/A#20B null(\(x)7 0 R]");
        assert_eq!(written(Dictionary::new().with("K", true).with("A", 3u32)), "<</A 3/K true>>");
    }

    #[test]
    fn text_beyond_ascii_is_utf_16() {
        assert_eq!(written(Object::text("ไ")), "<FEFF0E44>");
    }
}
