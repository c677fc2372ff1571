//! Decompression of the strips and tiles of a TIFF page.

use std::io::{self, Read, Seek};

use flate2::{Decompress, FlushDecompress};
use recto_tiff::Tiff;
use weezl::BitOrder;

use super::layout::{Chunk, Compression, PageLayout, Photometric};
use super::{bad, fax};
use crate::picture::turbojpeg::{Jpeg, JpegError};

/// Compressed data may be longer than its decompressed form: up to this many times for a fax of a dot pattern. A false
/// length cannot cost more memory than that.
const MAX_PACKED: u64 = 8;
const MORE_PACKED: u64 = 1 << 16;

/// The decompressed samples of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ChunkData {
    /// In the page's layout, with one buffer for each plane.
    Samples(Vec<Vec<u8>>),
    /// Grey pixels, row by row.
    Grey { width: usize, pixels: Vec<u8> },
    /// 8-bit samples from a JPEG.
    Bytes { width: usize, samples: usize, pixels: Vec<u8> },
}

/// Reads and decompresses one strip or tile.
pub(super) fn chunk<R: Read + Seek>(tiff: &mut Tiff<R>, layout: &PageLayout, chunk: &Chunk) -> io::Result<ChunkData> {
    if matches!(layout.compression, Compression::Jpeg | Compression::OldJpeg) && !layout.planar {
        let (offset, length) = chunk.planes[0];
        return jpeg(&whole_jpeg(layout, &tiff.bytes(offset, length)?), layout, chunk);
    }
    let planes = chunk.planes.iter().map(|&(offset, length)| {
        let size = data_bytes(layout, chunk);
        let packed = tiff.bytes(offset, length.min(size as u64 * MAX_PACKED + MORE_PACKED))?;
        unpack(layout, chunk, packed, size)
    });
    Ok(ChunkData::Samples(planes.collect::<io::Result<_>>()?))
}

/// The decompressed size of one plane of the chunk, in bytes.
fn data_bytes(layout: &PageLayout, chunk: &Chunk) -> usize {
    if layout.photometric == Photometric::YCbCr && layout.subsampling != (1, 1) {
        let (h, v) = layout.subsampling;
        let units = chunk.width.div_ceil(h) as usize * chunk.height.div_ceil(v) as usize;
        return units * (h * v + 2) as usize;
    }
    layout.row_bytes(chunk.width) * chunk.height as usize
}

fn unpack(layout: &PageLayout, chunk: &Chunk, mut packed: Vec<u8>, size: usize) -> io::Result<Vec<u8>> {
    if layout.reversed_bits {
        for byte in &mut packed {
            *byte = byte.reverse_bits();
        }
    }
    let mut out = Vec::new();
    out.try_reserve_exact(size)?;
    out.resize(size, 0);
    let filled = match layout.compression {
        Compression::None => {
            let filled = packed.len().min(size);
            out[..filled].copy_from_slice(&packed[..filled]);
            filled
        }
        Compression::PackBits => unpack_bits(&packed, &mut out),
        Compression::Lzw => lzw(&packed, &mut out)?,
        Compression::Deflate => deflate(&packed, &mut out)?,
        Compression::FaxRows | Compression::Fax3 { .. } | Compression::Fax4 => {
            fax::decode(&packed, layout.compression, chunk, &mut out)?;
            size
        }
        Compression::Jpeg | Compression::OldJpeg => {
            return Err(bad("separate JPEGs for each colour are not supported"));
        }
    };
    if filled < size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if layout.differenced {
        let samples = layout.samples_together() as usize;
        for row in out.chunks_exact_mut(layout.row_bytes(chunk.width).max(1)) {
            add_up(row, samples, layout.bits as usize / 8, layout.big_endian);
        }
    }
    Ok(out)
}

/// Undoes horizontal differencing (TIFF 6.0, section 14).
fn add_up(row: &mut [u8], samples: usize, bytes: usize, big_endian: bool) {
    let step = samples * bytes;
    for i in step..row.len() / bytes * bytes {
        if bytes == 1 {
            row[i] = row[i].wrapping_add(row[i - step]);
        } else if i % bytes == 0 {
            let read = |at: &[u8]| {
                let push = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
                if big_endian { at.iter().fold(0, push) } else { at.iter().rev().fold(0, push) }
            };
            let sum = read(&row[i - step..][..bytes]).wrapping_add(read(&row[i..][..bytes]));
            if big_endian {
                row[i..i + bytes].copy_from_slice(&sum.to_be_bytes()[4 - bytes..]);
            } else {
                row[i..i + bytes].copy_from_slice(&sum.to_le_bytes()[..bytes]);
            }
        }
    }
}

/// Decodes `PackBits` (TIFF 6.0, section 9); returns the number of bytes.
fn unpack_bits(packed: &[u8], out: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while to < out.len() {
        let Some(&head) = packed.get(from) else { break };
        from += 1;
        match head {
            0..=127 => {
                let count = (usize::from(head) + 1).min(out.len() - to).min(packed.len() - from);
                out[to..to + count].copy_from_slice(&packed[from..from + count]);
                from += count;
                to += count;
                if count == 0 {
                    break;
                }
            }
            128 => {}
            129..=255 => {
                let Some(&value) = packed.get(from) else { break };
                let count = (257 - usize::from(head)).min(out.len() - to);
                out[to..to + count].fill(value);
                from += 1;
                to += count;
            }
        }
    }
    to
}

/// LZW in TIFF's form, or in the mistaken form of its first writers, with the bits of codes in reverse order.
fn lzw(packed: &[u8], out: &mut [u8]) -> io::Result<usize> {
    let old = matches!(packed, [0, second, ..] if second & 1 == 1);
    let mut decoder = if old {
        weezl::decode::Decoder::new(BitOrder::Lsb, 8)
    } else {
        weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8)
    };
    let (mut from, mut to) = (0, 0);
    while to < out.len() {
        let result = decoder.decode_bytes(&packed[from..], &mut out[to..]);
        from += result.consumed_in;
        to += result.consumed_out;
        match result.status {
            Ok(weezl::LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(_) => return Err(bad("its LZW data is damaged")),
        }
    }
    Ok(to)
}

fn deflate(packed: &[u8], out: &mut [u8]) -> io::Result<usize> {
    let mut decoder = Decompress::new(true);
    decoder.decompress(packed, out, FlushDecompress::Finish).map_err(|_| bad("its Deflate data is damaged"))?;
    Ok(decoder.total_out() as usize)
}

/// A JPEG preceded by the tables that all chunks share (without their end marker), and by the Adobe marker ("Adobe",
/// version 100, no flags, transform), from which decoders learn the meaning of its samples. The TIFF knows that better
/// than a decoder can guess. Information in the JPEG itself comes later and takes precedence.
fn whole_jpeg(layout: &PageLayout, jpeg: &[u8]) -> Vec<u8> {
    const START: &[u8] = &[0xFF, 0xD8];
    let transform = u8::from(layout.photometric == Photometric::YCbCr);
    let mark = [&[0xFF, 0xEE, 0, 14], &b"Adobe"[..], &[0, 100, 0, 0, 0, 0, transform]].concat();
    let tables = layout.jpeg_tables.strip_prefix(START).and_then(|tables| tables.strip_suffix(&[0xFF, 0xD9]));
    let picture = jpeg.strip_prefix(START).unwrap_or(jpeg);
    [START, &mark, tables.unwrap_or_default(), picture].concat()
}

fn jpeg(bytes: &[u8], layout: &PageLayout, chunk: &Chunk) -> io::Result<ChunkData> {
    let broken = |error: JpegError| bad(error.to_string());
    let jpeg = Jpeg::new(bytes).map_err(broken)?;
    let (width, height, samples) = (jpeg.width(), jpeg.height(), jpeg.samples().count());
    // Tiles and strips may be padded to the JPEG's blocks of 16 rows, but must otherwise have the right size.
    if width < chunk.width.min(layout.width - chunk.x) as usize || width * height > 4 * chunk_pixels(chunk) + 4096 {
        return Err(bad("a JPEG in it does not have the size of its tile or strip"));
    }
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(jpeg.size())?;
    pixels.resize(jpeg.size(), 0);
    jpeg.decode(&mut pixels).map_err(broken)?;
    if samples == 1 { Ok(ChunkData::Grey { width, pixels }) } else { Ok(ChunkData::Bytes { width, samples, pixels }) }
}

fn chunk_pixels(chunk: &Chunk) -> usize {
    chunk.width as usize * chunk.height as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pack_bits_follow_the_example_of_the_specification() {
        let packed = [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA];
        let mut out = [0; 24];
        assert_eq!(unpack_bits(&packed, &mut out), 24);
        assert_eq!(out[..10], [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA]);
        assert_eq!(out[14..], [0xAA; 10]);
    }

    #[test]
    fn differences_of_two_bytes_add_up_in_either_byte_order() {
        let mut little = [0xFF, 0x00, 0x01, 0x00, 0x01, 0x00];
        add_up(&mut little, 1, 2, false);
        assert_eq!(little, [0xFF, 0x00, 0x00, 0x01, 0x01, 0x01]);
        let mut big = [0x00, 0xFF, 0x00, 0x01];
        add_up(&mut big, 1, 2, true);
        assert_eq!(big, [0x00, 0xFF, 0x01, 0x00]);
    }

    proptest! {
        #[test]
        fn any_bytes_unpack_to_no_more_than_their_room(packed in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut out = [0; 100];
            prop_assert!(unpack_bits(&packed, &mut out) <= 100);
            prop_assert!(lzw(&packed, &mut out).is_ok_and(|n| n <= 100) || lzw(&packed, &mut out).is_err());
            prop_assert!(deflate(&packed, &mut out).is_ok_and(|n| n <= 100) || deflate(&packed, &mut out).is_err());
        }
    }
}
