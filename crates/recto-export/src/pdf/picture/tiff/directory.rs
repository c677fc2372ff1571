//! Image file directories of TIFF and BigTIFF files (TIFF 6.0, section 2).

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use crate::pdf::failure::Failure;

/// Values of one tag that are read: strip tables of very large pictures have some ten thousand.
const MAX_VALUES: u64 = 1 << 20;

/// The tags of a directory; values are read when they are asked for.
pub(super) struct Directory<'a> {
    file: &'a mut File,
    byte_order: ByteOrder,
    big: bool,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where the entry's field for the value, or for its offset, stands.
    field: u64,
}

impl<'a> Directory<'a> {
    /// The directory at that index from 0.
    pub(super) fn open(file: &'a mut File, index: u32) -> Result<Self, Failure> {
        let mut head = [0; 4];
        read_at(file, 0, &mut head)?;
        let byte_order = if head.starts_with(b"II") { ByteOrder::Little } else { ByteOrder::Big };
        let big = byte_order.number(&head[2..]) == 43;
        let mut directory = Self { file, byte_order, big, entries: Vec::new() };
        let mut offset = if big { directory.number(8, 8)? } else { directory.number(4, 4)? };
        let mut seen = HashSet::new();
        for at in 0..=index {
            if offset == 0 || !seen.insert(offset) {
                return Err(Failure::original(format!("the TIFF has no page {}", index + 1)));
            }
            offset = directory.read(offset, at == index)?;
        }
        Ok(directory)
    }

    /// Reads the directory at an offset (its entries only if they are `wanted`) and gives the offset of the next.
    fn read(&mut self, offset: u64, wanted: bool) -> Result<u64, Failure> {
        let (head, size, link) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.number(offset, head)?.min(4096);
        if wanted {
            for entry in 0..count {
                let at = offset + head as u64 + entry * size;
                let (tag, kind) = (self.number(at, 2)? as u16, self.number(at + 2, 2)? as u16);
                let (count, field) =
                    if self.big { (self.number(at + 4, 8)?, at + 12) } else { (self.number(at + 4, 4)?, at + 8) };
                self.entries.push(Entry { tag, kind, count, field });
            }
        }
        // A file that ends with its last directory often lacks the link.
        Ok(self.number(offset.saturating_add(head as u64 + count * size), link).unwrap_or(0))
    }

    fn number(&mut self, at: u64, bytes: usize) -> Result<u64, Failure> {
        let mut buffer = [0; 8];
        read_at(self.file, at, &mut buffer[..bytes])?;
        Ok(self.byte_order.number(&buffer[..bytes]))
    }

    /// All values of a tag of whole numbers or of bytes; `None` when it is missing.
    pub(super) fn values(&mut self, tag: u16) -> Result<Option<Vec<u64>>, Failure> {
        let Some(entry) = self.entries.iter().find(|entry| entry.tag == tag).copied() else { return Ok(None) };
        let size = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 13 => 4,
            16..=18 => 8,
            _ => return Ok(None),
        };
        if entry.count > MAX_VALUES {
            return Err(Failure::original("the TIFF's directory makes no sense"));
        }
        let length = entry.count as usize * size;
        let inline = if self.big { 8 } else { 4 };
        let at = if length <= inline { entry.field } else { self.number(entry.field, inline)? };
        let mut bytes = vec![0; length];
        read_at(self.file, at, &mut bytes)?;
        Ok(Some(bytes.chunks_exact(size).map(|b| self.byte_order.number(b)).collect()))
    }

    /// The first value of a tag.
    pub(super) fn value(&mut self, tag: u16) -> Result<Option<u64>, Failure> {
        Ok(self.values(tag)?.and_then(|values| values.first().copied()))
    }

    /// Whether numbers of several bytes begin with the lowest.
    pub(super) fn is_little_endian(&self) -> bool {
        matches!(self.byte_order, ByteOrder::Little)
    }

    /// The file, for the pixels.
    pub(super) fn file(&mut self) -> &mut File {
        self.file
    }
}

impl ByteOrder {
    fn number(self, bytes: &[u8]) -> u64 {
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, digit),
            Self::Big => bytes.iter().fold(0, digit),
        }
    }
}

/// Reads bytes at an offset.
pub(super) fn read_at(file: &mut File, at: u64, buffer: &mut [u8]) -> Result<(), Failure> {
    file.seek(SeekFrom::Start(at)).map_err(Failure::cut_off)?;
    file.read_exact(buffer).map_err(Failure::cut_off)
}
