//! A TIFF file, and reading its directories.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use crate::byte_order::ByteOrder;
use crate::directory::{Directory, Values};
use crate::error::TiffError;

/// Directories are counted up to this number, so that a person learns how far a file exceeds a limit.
const MAX_DIRECTORIES: usize = 1_000_000;
/// The most entries of one directory, because tags have 16 bits.
const MAX_ENTRIES: u64 = 1 << 16;
/// The most values of one tag. A picture of 65,000 rows in strips of one row stays below it.
const MAX_VALUES: u64 = 1 << 20;

/// An open TIFF or BigTIFF, or Exif data.
#[derive(Debug)]
pub struct Tiff<R> {
    source: R,
    length: u64,
    byte_order: ByteOrder,
    format: Format,
    /// The offset of the first directory.
    first: u64,
}

/// The widths of a directory's fields, in bytes.
#[derive(Debug, Clone, Copy)]
struct Format {
    offset: usize,
    entry_count: usize,
    entry: usize,
}

const CLASSIC: Format = Format { offset: 4, entry_count: 2, entry: 12 };
const BIG: Format = Format { offset: 8, entry_count: 8, entry: 20 };

/// How the values of a tag are stored.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Integer { bytes: usize },
    Ratio,
    Float,
    Double,
}

impl Kind {
    /// The kind for a number of TIFF 6.0, section 2, or from 16 on of BigTIFF.
    fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 | 2 | 6 | 7 => Self::Integer { bytes: 1 },
            3 | 8 => Self::Integer { bytes: 2 },
            4 | 9 | 13 => Self::Integer { bytes: 4 },
            16..=18 => Self::Integer { bytes: 8 },
            5 | 10 => Self::Ratio,
            // Resolutions as floating-point numbers exist, although they should not.
            11 => Self::Float,
            12 => Self::Double,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::Integer { bytes } => bytes,
            Self::Float => 4,
            Self::Ratio | Self::Double => 8,
        }
    }
}

impl<R: Read + Seek> Tiff<R> {
    /// Reads the header of a file.
    pub fn open(mut source: R) -> Result<Self, TiffError> {
        let length = source.seek(SeekFrom::End(0))?;
        let mut tiff = Self { source, length, byte_order: ByteOrder::Little, format: CLASSIC, first: 0 };
        tiff.byte_order = match tiff.bytes(0, 2)?.as_slice() {
            b"II" => ByteOrder::Little,
            b"MM" => ByteOrder::Big,
            _ => return Err(TiffError::NotTiff),
        };
        let first_at = match tiff.number(2, 2)? {
            42 => 4,
            // Offsets have 8 bytes, and two bytes are 0.
            43 if tiff.number(4, 2)? == 8 && tiff.number(6, 2)? == 0 => {
                tiff.format = BIG;
                8
            }
            _ => return Err(TiffError::UnknownVersion),
        };
        tiff.first = tiff.number(first_at, tiff.format.offset)?;
        Ok(tiff)
    }

    /// Whether numbers of several bytes begin with the highest byte.
    #[must_use]
    pub fn is_big_endian(&self) -> bool {
        self.byte_order == ByteOrder::Big
    }

    /// The `wanted` tags of the first directory.
    pub fn first_directory(&mut self, wanted: &[u16]) -> Result<Directory, TiffError> {
        self.directory(self.first, wanted)
    }

    /// The offsets of the directories in the order of their chain, which ends where it loops or leaves the file. It
    /// fails when not even the first directory can be read.
    pub fn chain(&mut self) -> Result<Vec<u64>, TiffError> {
        let mut seen = HashSet::new();
        let mut chain = Vec::new();
        let mut next = self.first;
        while next != 0 && seen.insert(next) && chain.len() < MAX_DIRECTORIES {
            let after = match self.directory_after(next) {
                Ok(after) => after,
                Err(_) if !chain.is_empty() => break,
                Err(error) => return Err(error),
            };
            chain.push(next);
            next = after;
        }
        Ok(chain)
    }

    /// The offset of the directory after the one at `offset`; 0 after the last.
    fn directory_after(&mut self, offset: u64) -> Result<u64, TiffError> {
        let entries = self.entry_count(offset)?;
        let end = self.entries_start(offset).saturating_add(entries * self.format.entry as u64);
        // A file that ends with its last directory often lacks the link to the next.
        if end.saturating_add(self.format.offset as u64) > self.length {
            return Ok(0);
        }
        self.number(end, self.format.offset)
    }

    /// The `wanted` tags of the directory at `offset`. Tags whose type of value is unknown are skipped.
    pub fn directory(&mut self, offset: u64, wanted: &[u16]) -> Result<Directory, TiffError> {
        let count = self.entry_count(offset)?;
        let entries = self.exactly(self.entries_start(offset), count * self.format.entry as u64)?;
        let mut directory = Directory::default();
        for entry in entries.chunks_exact(self.format.entry) {
            let tag = self.byte_order.number(&entry[..2]) as u16;
            if wanted.contains(&tag)
                && let Some(values) = self.values(entry)?
            {
                directory.add(tag, values);
            }
        }
        Ok(directory)
    }

    /// Up to `count` bytes from `offset` on; fewer when the file ends before.
    pub fn bytes(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, TiffError> {
        let count = count.min(self.length.saturating_sub(offset));
        let mut bytes = Vec::new();
        // No system can seek to an offset near the largest number.
        if count > 0 {
            self.source.seek(SeekFrom::Start(offset))?;
            self.source.by_ref().take(count).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// The values of an entry; `None` when their type is unknown or there are none.
    fn values(&mut self, entry: &[u8]) -> Result<Option<Values>, TiffError> {
        let Format { offset: offset_bytes, .. } = self.format;
        let Some(kind) = Kind::of(self.byte_order.number(&entry[2..4])) else { return Ok(None) };
        let count = self.byte_order.number(&entry[4..4 + offset_bytes]);
        if count > MAX_VALUES {
            return Err(TiffError::TooManyValues);
        }
        // Values that fit are stored in place of their offset.
        let field = &entry[4 + offset_bytes..];
        let length = count as usize * kind.bytes();
        let far;
        let bytes = if length <= offset_bytes {
            &field[..length]
        } else {
            far = self.exactly(self.byte_order.number(field), length as u64)?;
            far.as_slice()
        };
        let number = |bytes: &[u8]| self.byte_order.number(bytes);
        let mut each = bytes.chunks_exact(kind.bytes());
        Ok(match kind {
            Kind::Integer { .. } => Some(Values::Integers(each.map(number).collect())),
            Kind::Ratio => each.next().map(|ratio| {
                let (over, under) = ratio.split_at(4);
                Values::Real(number(over) as f32 / number(under) as f32)
            }),
            Kind::Float => each.next().map(|float| Values::Real(f32::from_bits(number(float) as u32))),
            Kind::Double => each.next().map(|double| Values::Real(f64::from_bits(number(double)) as f32)),
        })
    }

    fn entry_count(&mut self, offset: u64) -> Result<u64, TiffError> {
        let entries = self.number(offset, self.format.entry_count)?;
        if entries > MAX_ENTRIES { Err(TiffError::TooManyEntries) } else { Ok(entries) }
    }

    fn entries_start(&self, offset: u64) -> u64 {
        offset.saturating_add(self.format.entry_count as u64)
    }

    fn number(&mut self, offset: u64, bytes: usize) -> Result<u64, TiffError> {
        let bytes = self.exactly(offset, bytes as u64)?;
        Ok(self.byte_order.number(&bytes))
    }

    /// Exactly `count` bytes, or an error when the file ends before.
    fn exactly(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, TiffError> {
        let bytes = self.bytes(offset, count)?;
        if (bytes.len() as u64) < count {
            return Err(TiffError::Read(std::io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(bytes)
    }
}
