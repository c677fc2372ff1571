//! The directories of a TIFF: tags and their values. Exif data is laid out in the same way.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use super::bad;
use crate::picture::resolution::Resolution;

/// Tags of TIFF 6.0 that are read; all others are passed over.
pub(super) mod tag {
    pub(in super::super) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(in super::super) const SUBFILE_TYPE: u16 = 255;
    pub(in super::super) const WIDTH: u16 = 256;
    pub(in super::super) const HEIGHT: u16 = 257;
    pub(in super::super) const BITS: u16 = 258;
    pub(in super::super) const COMPRESSION: u16 = 259;
    pub(in super::super) const PHOTOMETRIC: u16 = 262;
    pub(in super::super) const FILL_ORDER: u16 = 266;
    pub(in super::super) const STRIP_OFFSETS: u16 = 273;
    pub(in super::super) const ORIENTATION: u16 = 274;
    pub(in super::super) const SAMPLES: u16 = 277;
    pub(in super::super) const ROWS_PER_STRIP: u16 = 278;
    pub(in super::super) const STRIP_BYTES: u16 = 279;
    pub(in super::super) const X_RESOLUTION: u16 = 282;
    pub(in super::super) const Y_RESOLUTION: u16 = 283;
    pub(in super::super) const PLANAR: u16 = 284;
    pub(in super::super) const T4_OPTIONS: u16 = 292;
    pub(in super::super) const RESOLUTION_UNIT: u16 = 296;
    pub(in super::super) const PREDICTOR: u16 = 317;
    pub(in super::super) const COLOR_MAP: u16 = 320;
    pub(in super::super) const TILE_WIDTH: u16 = 322;
    pub(in super::super) const TILE_HEIGHT: u16 = 323;
    pub(in super::super) const TILE_OFFSETS: u16 = 324;
    pub(in super::super) const TILE_BYTES: u16 = 325;
    pub(in super::super) const SUB_DIRECTORIES: u16 = 330;
    pub(in super::super) const EXTRA_SAMPLES: u16 = 338;
    pub(in super::super) const SAMPLE_FORMAT: u16 = 339;
    pub(in super::super) const JPEG_TABLES: u16 = 347;
    pub(in super::super) const JPEG_OFFSET: u16 = 513;
    pub(in super::super) const JPEG_BYTES: u16 = 514;
    pub(in super::super) const SUBSAMPLING: u16 = 530;

    /// What tells whether a directory is a page.
    pub(super) const OF_PAGES: [u16; 5] = [NEW_SUBFILE_TYPE, SUBFILE_TYPE, SUB_DIRECTORIES, WIDTH, HEIGHT];

    pub(super) const READ: [u16; 28] = [
        WIDTH,
        HEIGHT,
        BITS,
        COMPRESSION,
        PHOTOMETRIC,
        FILL_ORDER,
        STRIP_OFFSETS,
        ORIENTATION,
        SAMPLES,
        ROWS_PER_STRIP,
        STRIP_BYTES,
        X_RESOLUTION,
        Y_RESOLUTION,
        PLANAR,
        T4_OPTIONS,
        RESOLUTION_UNIT,
        PREDICTOR,
        COLOR_MAP,
        TILE_WIDTH,
        TILE_HEIGHT,
        TILE_OFFSETS,
        TILE_BYTES,
        EXTRA_SAMPLES,
        SAMPLE_FORMAT,
        JPEG_TABLES,
        JPEG_OFFSET,
        JPEG_BYTES,
        SUBSAMPLING,
    ];
}

/// Values of one tag; a picture of 65,000 rows in strips of one has as many.
const MAX_VALUES: u64 = 1 << 20;
/// Entries of one directory.
const MAX_ENTRIES: u64 = 1 << 16;

/// The values of the tags that are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Directory {
    integers: BTreeMap<u16, Vec<u64>>,
    ratios: BTreeMap<u16, f32>,
}

impl Directory {
    /// The first directory of a file or of Exif data.
    pub(crate) fn first(source: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut reader = DirectoryReader::new(source)?;
        let first = reader.first_directory();
        reader.directory(first)
    }

    /// All values of a tag; empty when it is missing.
    pub(super) fn all(&self, tag: u16) -> &[u64] {
        self.integers.get(&tag).map_or(&[], Vec::as_slice)
    }

    /// The first value of a tag.
    pub(super) fn one(&self, tag: u16) -> Option<u64> {
        self.all(tag).first().copied()
    }

    /// Width and height in pixels, neither of them 0.
    pub(super) fn size(&self) -> io::Result<(u32, u32)> {
        let side = |tag| self.one(tag).and_then(|v| u32::try_from(v).ok()).filter(|&v| v > 0);
        side(tag::WIDTH).zip(side(tag::HEIGHT)).ok_or_else(|| bad("it does not tell its size"))
    }

    /// The orientation tag's value; 0 when it is missing.
    pub(crate) fn orientation_tag(&self) -> u64 {
        self.one(tag::ORIENTATION).unwrap_or(0)
    }

    /// Pixels per inch, unless the tags tell the shape of the pixels only.
    pub(crate) fn resolution(&self) -> Option<Resolution> {
        let x = self.ratios.get(&tag::X_RESOLUTION).copied()?;
        let y = self.ratios.get(&tag::Y_RESOLUTION).copied().unwrap_or(x);
        match self.one(tag::RESOLUTION_UNIT) {
            None | Some(2) => Some(Resolution::per_inch(x, y)),
            Some(3) => Some(Resolution::per_centimetre(x, y)),
            Some(_) => None,
        }
    }
}

/// Reads directories, in either byte order, of TIFF and of BigTIFF.
#[derive(Debug)]
pub(super) struct DirectoryReader<R> {
    source: R,
    length: u64,
    big_endian: bool,
    /// Offsets of 8 bytes.
    big: bool,
    first: u64,
}

impl<R: Read + Seek> DirectoryReader<R> {
    pub(super) fn new(mut source: R) -> io::Result<Self> {
        let length = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let mut order = [0; 2];
        source.read_exact(&mut order)?;
        let big_endian = match &order {
            b"II" => false,
            b"MM" => true,
            _ => return Err(bad("it does not begin as a TIFF does")),
        };
        let mut reader = Self { source, length, big_endian, big: false, first: 0 };
        reader.big = match reader.integer(2)? {
            42 => false,
            // Offsets of 8 bytes, and two bytes that are 0.
            43 if reader.integer(2)? == 8 && reader.integer(2)? == 0 => true,
            _ => return Err(bad("it is of an unknown version of TIFF")),
        };
        reader.first = reader.integer(reader.offset_bytes())?;
        Ok(reader)
    }

    pub(super) fn first_directory(&self) -> u64 {
        self.first
    }

    pub(super) fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// The offset of the directory after the one at `offset`; 0 after the last.
    pub(super) fn directory_after(&mut self, offset: u64) -> io::Result<u64> {
        let entries = self.entry_count(offset)?;
        let end = self.entries_start(offset).saturating_add(entries * self.entry_bytes());
        // A directory whose end is cut off may still be read.
        if end.saturating_add(u64::from(self.offset_bytes())) > self.length {
            return Ok(0);
        }
        self.source.seek(SeekFrom::Start(end))?;
        self.integer(self.offset_bytes())
    }

    pub(super) fn directory(&mut self, offset: u64) -> io::Result<Directory> {
        self.tags(offset, &tag::READ)
    }

    /// The directory with no more than what tells whether it is a page.
    pub(super) fn outline(&mut self, offset: u64) -> io::Result<Directory> {
        self.tags(offset, &tag::OF_PAGES)
    }

    fn tags(&mut self, offset: u64, wanted: &[u16]) -> io::Result<Directory> {
        let entries = self.entry_count(offset)?;
        let mut directory = Directory::default();
        for index in 0..entries {
            self.source.seek(SeekFrom::Start(self.entries_start(offset) + index * self.entry_bytes()))?;
            let tag = self.integer(2)? as u16;
            let kind = self.integer(2)?;
            let count = self.integer(self.offset_bytes())?;
            if wanted.contains(&tag) {
                self.read_values(tag, kind, count, &mut directory)?;
            }
        }
        Ok(directory)
    }

    /// Some bytes of the file; fewer when it ends before.
    pub(super) fn bytes(&mut self, offset: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.length.saturating_sub(offset));
        let mut bytes = Vec::new();
        self.source.seek(SeekFrom::Start(offset))?;
        self.source.by_ref().take(count).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read_values(&mut self, tag: u16, kind: u64, count: u64, directory: &mut Directory) -> io::Result<()> {
        let (size, ratio) = match kind {
            1 | 2 | 6 | 7 => (1, false),
            3 | 8 => (2, false),
            4 | 9 | 11 | 13 => (4, false),
            5 | 10 => (8, true),
            12 | 16..=18 => (8, false),
            _ => return Ok(()),
        };
        if count > MAX_VALUES {
            return Err(bad("a tag of it has too many values"));
        }
        if count * size > u64::from(self.offset_bytes()) {
            let place = self.integer(self.offset_bytes())?;
            if place.saturating_add(count * size) > self.length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.source.seek(SeekFrom::Start(place))?;
        }
        match kind {
            _ if ratio && count > 0 => {
                let (over, under) = (self.integer(4)? as f32, self.integer(4)? as f32);
                directory.ratios.insert(tag, over / under);
            }
            // Floating-point resolutions exist, though they should not.
            11 if count > 0 => {
                let value = f32::from_bits(self.integer(4)? as u32);
                directory.ratios.insert(tag, value);
            }
            12 if count > 0 => {
                let value = f64::from_bits(self.integer(8)?) as f32;
                directory.ratios.insert(tag, value);
            }
            _ => {
                let values = (0..count).map(|_| self.integer(size as u8)).collect::<io::Result<_>>()?;
                directory.integers.insert(tag, values);
            }
        }
        Ok(())
    }

    fn entry_count(&mut self, offset: u64) -> io::Result<u64> {
        self.source.seek(SeekFrom::Start(offset))?;
        let entries = self.integer(if self.big { 8 } else { 2 })?;
        if entries > MAX_ENTRIES {
            return Err(bad("a directory of it has too many entries"));
        }
        Ok(entries)
    }

    fn entries_start(&self, offset: u64) -> u64 {
        offset.saturating_add(if self.big { 8 } else { 2 })
    }

    fn entry_bytes(&self) -> u64 {
        if self.big { 20 } else { 12 }
    }

    fn offset_bytes(&self) -> u8 {
        if self.big { 8 } else { 4 }
    }

    /// An integer of 1 to 8 bytes in the byte order of the file.
    fn integer(&mut self, size: u8) -> io::Result<u64> {
        let mut bytes = [0; 8];
        let bytes = &mut bytes[..usize::from(size)];
        self.source.read_exact(bytes)?;
        let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Ok(if self.big_endian { bytes.iter().fold(0, push) } else { bytes.iter().rev().fold(0, push) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    #[test]
    fn a_directory_is_read_in_either_byte_order() {
        let little = b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let big = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        for bytes in [&little[..], &big[..]] {
            assert_eq!(Directory::first(&mut Cursor::new(bytes)).unwrap().orientation_tag(), 6);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_directory_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut file = b"II\x2A\0\x08\0\0\0".to_vec();
            file.extend(bytes);
            let _ = Directory::first(&mut Cursor::new(file));
        }
    }
}
