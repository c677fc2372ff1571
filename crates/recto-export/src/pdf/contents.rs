//! The operators of a page's contents (ISO 32000-1, section 7.8.2), each with its position.

use super::object::Object;
use super::source::Source;

/// Longer contents, in bytes, are left unchanged.
pub(super) const MAX_CONTENTS: usize = 32 << 20;

/// The contents of a page joined to one; `None` when a part cannot be read.
pub(super) fn joined(contents: &Object, source: &mut Source) -> Option<Vec<u8>> {
    let parts = source.array(contents).unwrap_or_else(|| vec![contents.clone()]);
    let mut joined = Vec::new();
    for part in parts {
        joined.extend(source.decoded(&part, MAX_CONTENTS - joined.len().min(MAX_CONTENTS))?);
        joined.push(b'\n');
    }
    Some(joined)
}

/// A name with its escapes resolved.
pub(super) fn name(written: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(written.len());
    let mut rest = written;
    while let [byte, after @ ..] = rest {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        if let (b'#', Some(high), Some(low)) = (byte, digit(0), digit(1)) {
            name.push((high << 4 | low) as u8);
            rest = &after[2..];
        } else {
            name.push(*byte);
            rest = after;
        }
    }
    name
}

/// An operator with its operands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operation<'a> {
    /// The start of its first operand.
    pub(super) start: usize,
    /// The end of the operator.
    pub(super) end: usize,
    pub(super) operator: &'a [u8],
    /// The positions of the operands.
    operands: Vec<(usize, usize)>,
    data: &'a [u8],
}

impl<'a> Operation<'a> {
    /// The operand at an index from the end, where 0 is the last.
    pub(super) fn operand(&self, from_end: usize) -> Option<&'a [u8]> {
        let index = self.operands.len().checked_sub(from_end + 1)?;
        let (start, end) = self.operands[index];
        Some(&self.data[start..end])
    }

    /// All operands in order.
    pub(super) fn operands(&self) -> impl Iterator<Item = &'a [u8]> {
        self.operands.iter().map(|&(start, end)| &self.data[start..end])
    }

    /// The last `N` operands as numbers.
    pub(super) fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let mut numbers = [0.0; N];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = std::str::from_utf8(self.operand(N - 1 - index)?).ok()?.parse().ok()?;
        }
        Some(numbers)
    }

    /// The last operand, a name, without its slash.
    pub(super) fn name(&self) -> Option<&'a [u8]> {
        self.operand(0)?.strip_prefix(b"/")
    }
}

/// Reads contents operator by operator; stops at contents that are malformed.
pub(super) struct Operations<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Operations<'a> {
    pub(super) fn of(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.byte() {
            match byte {
                0 | 9 | 10 | 12 | 13 | 32 => self.at += 1,
                b'%' => self.skip_while(|byte| !matches!(byte, b'\r' | b'\n')),
                _ => break,
            }
        }
    }

    fn skip_while(&mut self, is: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&is) {
            self.at += 1;
        }
    }

    /// Skips to the end of a string in brackets.
    fn skip_string(&mut self) {
        let mut depth = 0;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }

    /// Skips to the end of an array or a dictionary.
    fn skip_nested(&mut self) {
        let mut depth = 0i32;
        while let Some(byte) = self.byte() {
            match byte {
                b'(' => {
                    self.skip_string();
                    continue;
                }
                b'[' => depth += 1,
                b']' => depth -= 1,
                b'<' if self.data.get(self.at + 1) == Some(&b'<') => {
                    depth += 1;
                    self.at += 1;
                }
                b'>' if self.data.get(self.at + 1) == Some(&b'>') => {
                    depth -= 1;
                    self.at += 1;
                }
                b'<' => self.skip_while(|byte| byte != b'>'),
                _ => {}
            }
            self.at += 1;
            if depth <= 0 {
                break;
            }
        }
    }

    /// Skips the data of an inline picture.
    fn skip_inline_picture(&mut self) {
        while let Some(found) = memchr::memmem::find(&self.data[self.at.min(self.data.len())..], b"EI") {
            let (before, after) = (self.at + found, self.at + found + 2);
            let blank = |at: Option<&u8>| at.is_none_or(|byte| matches!(byte, 0 | 9 | 10 | 12 | 13 | 32));
            self.at = after;
            if before.checked_sub(1).is_some_and(|at| blank(self.data.get(at))) && blank(self.data.get(after)) {
                return;
            }
        }
        self.at = self.data.len();
    }
}

impl<'a> Iterator for Operations<'a> {
    type Item = Operation<'a>;

    fn next(&mut self) -> Option<Operation<'a>> {
        let mut operands = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.at;
            match self.byte()? {
                b'(' => self.skip_string(),
                b'[' => self.skip_nested(),
                b'<' if self.data.get(self.at + 1) == Some(&b'<') => self.skip_nested(),
                b'<' => {
                    self.skip_while(|byte| byte != b'>');
                    self.at += 1;
                }
                b'/' => {
                    self.at += 1;
                    self.skip_while(is_regular);
                }
                byte if is_regular(byte) => self.skip_while(is_regular),
                _ => self.at += 1,
            }
            self.at = self.at.min(self.data.len());
            let word = &self.data[start..self.at];
            let is_number = word.iter().all(|byte| byte.is_ascii_digit() || b"+-.".contains(byte));
            let is_operand =
                is_number || b"([</".contains(&word[0]) || [&b"true"[..], b"false", b"null"].contains(&word);
            if is_operand {
                operands.push((start, self.at));
                continue;
            }
            if word == b"ID" {
                self.skip_inline_picture();
            }
            let first = operands.first().map_or(start, |operand: &(usize, usize)| operand.0);
            return Some(Operation { start: first, end: self.at, operator: word, operands, data: self.data });
        }
    }
}

fn is_regular(byte: u8) -> bool {
    !matches!(byte, 0 | 9 | 10 | 12 | 13 | 32) && !b"()<>[]{}/%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn operators_come_with_their_operands() {
        let contents =
            b"q 1 0 0 -1.5 .2 +3 cm/F1 12 Tf[(a\\)(b))-20<41>]TJ % no Tj\n<</A[1]/B(>>)>>BDC\nBI/W 1 ID \x45\x49x EI Q";
        let operations: Vec<_> = Operations::of(contents).collect();
        let operators: Vec<_> = operations.iter().map(|o| o.operator).collect();
        assert_eq!(operators, [&b"q"[..], b"cm", b"Tf", b"TJ", b"BDC", b"BI", b"ID", b"Q"]);
        assert_eq!(operations[1].numbers(), Some([1.0, 0.0, 0.0, -1.5, 0.2, 3.0]));
        assert_eq!(operations[2].operand(1), Some(&b"/F1"[..]));
        assert_eq!(operations[3].operand(0), Some(&b"[(a\\)(b))-20<41>]"[..]));
        assert_eq!(&contents[operations[3].start..operations[3].end], b"[(a\\)(b))-20<41>]TJ");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes: Vec<u8>) {
            let mut end = 0;
            for operation in Operations::of(&bytes) {
                prop_assert!(operation.start >= end && operation.end > operation.start);
                end = operation.end;
            }
        }
    }
}
