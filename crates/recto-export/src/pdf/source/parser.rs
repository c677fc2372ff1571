//! The syntax of objects (ISO 32000-1, section 7.3), parsed as leniently as by viewers.

use crate::pdf::object::{Dictionary, Object, Reference};

/// The most levels of nested arrays and dictionaries; valid files have fewer than twenty.
const MAX_DEPTH: u32 = 100;
/// The most parts of one indirect object.
const MAX_PARTS: u32 = 400_000;

/// Reads objects from bytes.
pub(super) struct Parser<'a> {
    data: &'a [u8],
    at: usize,
    parts: u32,
}

/// An indirect object.
pub(super) struct Indirect {
    pub(super) reference: Reference,
    pub(super) object: Object,
    /// The start of its stream data, if it is a stream.
    pub(super) data: Option<usize>,
    /// The end of the object without stream data.
    pub(super) end: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(data: &'a [u8], at: usize) -> Self {
        Self { data, at: at.min(data.len()), parts: 0 }
    }

    /// Parses `12 0 obj …`, including a following `stream` keyword.
    pub(super) fn indirect(&mut self) -> Option<Indirect> {
        let number = u32::try_from(self.integer()?).ok()?;
        let generation = u16::try_from(self.integer()?).unwrap_or(0);
        if !self.keyword(b"obj") {
            return None;
        }
        let object = self.object().unwrap_or_default();
        let end = self.at;
        let mut data = None;
        if matches!(object, Object::Dictionary(_)) && self.keyword(b"stream") {
            // The keyword should be followed by a line feed, or by a carriage return and a line feed; single carriage
            // returns occur too.
            match self.data.get(self.at..) {
                Some([b'\r', b'\n', ..]) => self.at += 2,
                Some([b'\r' | b'\n', ..]) => self.at += 1,
                _ => {}
            }
            data = Some(self.at);
        }
        Some(Indirect { reference: Reference { number, generation }, object, data, end })
    }

    /// Parses an object; `None` if there is none, or if it exceeds the limits.
    pub(super) fn object(&mut self) -> Option<Object> {
        self.object_at(0)
    }

    fn object_at(&mut self, depth: u32) -> Option<Object> {
        self.parts += 1;
        if depth > MAX_DEPTH || self.parts > MAX_PARTS {
            return None;
        }
        self.skip_blanks();
        match *self.data.get(self.at)? {
            b'/' => Some(Object::Name(self.name())),
            b'(' => Some(Object::String(self.literal_string())),
            b'<' if self.data.get(self.at + 1) == Some(&b'<') => self.dictionary(depth),
            b'<' => Some(Object::String(self.hexadecimal_string())),
            b'[' => self.array(depth),
            b'+' | b'-' | b'.' | b'0'..=b'9' => Some(self.number_or_reference()),
            b']' | b'>' | b')' | b'{' | b'}' => None,
            _ => {
                let word = self.word();
                match word {
                    b"true" => Some(Object::Boolean(true)),
                    b"false" => Some(Object::Boolean(false)),
                    b"endobj" | b"endstream" | b"stream" | b"obj" | b"xref" | b"trailer" | b"startxref" => {
                        self.at -= word.len();
                        None
                    }
                    _ => Some(Object::Null),
                }
            }
        }
    }

    fn array(&mut self, depth: u32) -> Option<Object> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            match self.data.get(self.at) {
                Some(b']') => {
                    self.at += 1;
                    return Some(Object::Array(items));
                }
                Some(b')' | b'{' | b'}') => self.at += 1,
                // An array without an end is taken to end here.
                None | Some(b'>') => return Some(Object::Array(items)),
                Some(_) => match self.object_at(depth + 1) {
                    Some(item) => items.push(item),
                    None if self.parts > MAX_PARTS || depth >= MAX_DEPTH => return None,
                    None => return Some(Object::Array(items)),
                },
            }
        }
    }

    fn dictionary(&mut self, depth: u32) -> Option<Object> {
        self.at += 2;
        let mut dictionary = Dictionary::new();
        loop {
            self.skip_blanks();
            match self.data.get(self.at) {
                Some(b'>') => {
                    self.at += if self.data.get(self.at + 1) == Some(&b'>') { 2 } else { 1 };
                    return Some(dictionary.into());
                }
                Some(b'/') => {
                    let key = self.name();
                    self.skip_blanks();
                    if self.data.get(self.at) == Some(&b'>') && self.data.get(self.at + 1) == Some(&b'>') {
                        continue;
                    }
                    match self.object_at(depth + 1) {
                        Some(value) => dictionary.insert(key, value),
                        None if self.parts > MAX_PARTS || depth >= MAX_DEPTH => return None,
                        None => return Some(dictionary.into()),
                    }
                }
                None => return Some(dictionary.into()),
                Some(b')' | b']' | b'{' | b'}') => self.at += 1,
                // A value without a key is skipped.
                Some(_) => match self.object_at(depth + 1) {
                    Some(_) => {}
                    None => return Some(dictionary.into()),
                },
            }
        }
    }

    fn number_or_reference(&mut self) -> Object {
        let number = self.number();
        let Object::Integer(value @ 0..=0xFFFF_FFFF) = number else { return number };
        let start = self.at;
        let generation = self.integer();
        if let (Some(generation @ 0..=65_535), true) = (generation, self.keyword(b"R")) {
            return Object::Reference(Reference { number: value as u32, generation: generation as u16 });
        }
        self.at = start;
        number
    }

    /// A whole number after white space; consumes nothing if there is none.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        self.skip_blanks();
        let digits = self.data[self.at..].iter().take_while(|b| b.is_ascii_digit()).take(18).count();
        let text = std::str::from_utf8(&self.data[self.at..self.at + digits]).unwrap_or_default();
        if let Ok(value) = text.parse() {
            self.at += digits;
            Some(value)
        } else {
            self.at = start;
            None
        }
    }

    /// A number; malformed parts are ignored, as in viewers.
    fn number(&mut self) -> Object {
        let start = self.at;
        while self.data.get(self.at).is_some_and(|b| matches!(b, b'+' | b'-' | b'.' | b'0'..=b'9')) {
            self.at += 1;
        }
        let token = &self.data[start..self.at];
        let signs = token.iter().take_while(|b| matches!(b, b'+' | b'-')).count();
        let negative = token[..signs].contains(&b'-');
        let mut text: String = if negative { "-".into() } else { String::new() };
        // A minus sign in the middle ends the number, as does a second dot.
        let mut dots = 0;
        for &byte in token[signs..].iter().take(40) {
            dots += u32::from(byte == b'.');
            if matches!(byte, b'+' | b'-') || dots > 1 {
                break;
            }
            text.push(char::from(byte));
        }
        if dots == 0
            && let Ok(value) = text.parse::<i64>()
        {
            return Object::Integer(value);
        }
        Object::Real(text.parse().unwrap_or(0.0))
    }

    /// Whether that keyword is next; consumes it if so.
    pub(super) fn keyword(&mut self, word: &[u8]) -> bool {
        let start = self.at;
        self.skip_blanks();
        if self.data[self.at..].starts_with(word) {
            self.at += word.len();
            return true;
        }
        self.at = start;
        false
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.data.get(self.at).is_some_and(|b| is_regular(*b)) {
            self.at += 1;
        }
        // An unexpected byte must not stop the parser.
        if self.at == start {
            self.at += 1;
        }
        &self.data[start..self.at.min(self.data.len())]
    }

    fn name(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut name = Vec::new();
        while let Some(&byte) = self.data.get(self.at).filter(|b| is_regular(**b)) {
            let escape = self.data.get(self.at + 1..self.at + 3).and_then(|d| Some((hex(d[0])?, hex(d[1])?)));
            match escape {
                Some((high, low)) if byte == b'#' => {
                    name.push(high << 4 | low);
                    self.at += 3;
                }
                _ => {
                    name.push(byte);
                    self.at += 1;
                }
            }
        }
        name
    }

    fn literal_string(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut string = Vec::new();
        let mut open = 1;
        while let Some(&byte) = self.data.get(self.at) {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut string);
                    continue;
                }
                b'\r' => {
                    if self.data.get(self.at) == Some(&b'\n') {
                        self.at += 1;
                    }
                    string.push(b'\n');
                    continue;
                }
                _ => {}
            }
            string.push(byte);
        }
        string
    }

    fn escape(&mut self, string: &mut Vec<u8>) {
        let Some(&byte) = self.data.get(self.at) else { return };
        self.at += 1;
        match byte {
            b'n' => string.push(b'\n'),
            b'r' => string.push(b'\r'),
            b't' => string.push(b'\t'),
            b'b' => string.push(8),
            b'f' => string.push(12),
            b'\r' if self.data.get(self.at) == Some(&b'\n') => self.at += 1,
            b'\r' | b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.data.get(self.at) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                string.push(value as u8);
            }
            other => string.push(other),
        }
    }

    fn hexadecimal_string(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut digits = Vec::new();
        while let Some(&byte) = self.data.get(self.at) {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            digits.extend(hex(byte));
        }
        digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
    }

    pub(super) fn skip_blanks(&mut self) {
        while let Some(&byte) = self.data.get(self.at) {
            match byte {
                0 | 9 | 10 | 12 | 13 | 32 => self.at += 1,
                b'%' => {
                    while self.data.get(self.at).is_some_and(|b| !matches!(b, b'\r' | b'\n')) {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
    }
}

/// Whether a byte is neither white space nor a delimiter.
pub(super) fn is_regular(byte: u8) -> bool {
    !matches!(byte, 0 | 9 | 10 | 12 | 13 | 32) && !b"()<>[]{}/%".contains(&byte)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}
