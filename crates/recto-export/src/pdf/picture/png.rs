//! PNG files: compressed rows are copied unchanged, because PDF has PNG's filters. Only interlaced pictures and those
//! with an alpha channel are decoded.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use ::png::{BitDepth, ColorType, Transformations};
use image::metadata::Orientation;

use super::jpeg::image_dictionary;
use super::rows::{Layout, Rows};
use super::{MAX_DECODED_BYTES, Picture, one_at_a_time, over_white};
use crate::pdf::failure::Failure;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::writer::Writer;

/// The longest chunk, other than pixels, that is read: palettes and orientations are far shorter.
const MAX_CHUNK_BYTES: u32 = 1 << 20;

/// The information in the chunks.
#[derive(Debug, Default)]
pub(super) struct Header {
    width: u32,
    height: u32,
    bits: u8,
    /// 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
    color: u8,
    interlaced: bool,
    palette: Vec<u8>,
    transparency: Option<Vec<u8>>,
    orientation: Option<Orientation>,
    animated: bool,
    /// Whether the picture shown by viewers without animation is the first frame.
    first_frame_is_default: bool,
    data_bytes: u64,
}

impl Header {
    /// Reads the chunks up to the last one with pixels.
    pub(super) fn read(file: &mut File) -> Result<Self, Failure> {
        let mut header = Self::default();
        let mut chunks = Chunks::new(file)?;
        while let Some((length, name)) = chunks.next()? {
            match &name {
                b"IHDR" | b"PLTE" | b"tRNS" | b"eXIf" if length <= MAX_CHUNK_BYTES => {
                    let data = chunks.data(length)?;
                    header.take(name, data)?;
                }
                b"acTL" => header.animated = true,
                b"fcTL" => header.first_frame_is_default |= header.data_bytes == 0,
                b"IDAT" => header.data_bytes += u64::from(length),
                b"IEND" => break,
                _ => {}
            }
        }
        if header.width == 0 || header.height == 0 || header.data_bytes == 0 {
            return Err(Failure::original("the PNG contains no pixels"));
        }
        Ok(header)
    }

    fn take(&mut self, name: [u8; 4], data: Vec<u8>) -> Result<(), Failure> {
        match (&name, data.as_slice()) {
            (b"IHDR", [w3, w2, w1, w0, h3, h2, h1, h0, bits, color, _, _, interlace]) => {
                self.width = u32::from_be_bytes([*w3, *w2, *w1, *w0]);
                self.height = u32::from_be_bytes([*h3, *h2, *h1, *h0]);
                (self.bits, self.color, self.interlaced) = (*bits, *color, *interlace != 0);
                let sound = matches!((color, bits), (0, 1 | 2 | 4) | (0 | 2 | 4 | 6, 8 | 16) | (3, 1 | 2 | 4 | 8));
                if !sound || self.width > i32::MAX as u32 || self.height > i32::MAX as u32 {
                    return Err(Failure::original("the PNG's header is invalid"));
                }
            }
            (b"PLTE", _) => self.palette = data,
            (b"tRNS", _) => self.transparency = Some(data),
            (b"eXIf", _) => self.orientation = Orientation::from_exif_chunk(&data),
            _ => {}
        }
        Ok(())
    }

    /// Whether the frame at that index must be composed from several.
    pub(super) fn needs_compositing(&self, index: u32) -> bool {
        self.animated && (index > 0 || !self.first_frame_is_default)
    }

    /// The orientation according to the file.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        self.orientation
    }

    fn has_alpha(&self) -> bool {
        self.color >= 4
    }

    /// The layout of the picture in the export, without alpha.
    fn layout(&self) -> Layout {
        let samples = if matches!(self.color, 2 | 6) { 3 } else { 1 };
        let bits = if self.has_alpha() { 8 } else { self.bits };
        Layout { width: self.width, samples, bits, continuous: self.color != 3 && bits >= 8 }
    }

    fn dictionary(&self) -> Result<Dictionary, Failure> {
        let layout = self.layout();
        let mut dictionary = image_dictionary(self.width, self.height, layout.bits);
        match self.color {
            3 => dictionary.set("ColorSpace", self.palette_space()?),
            _ if layout.samples == 3 => dictionary.set("ColorSpace", Object::name("DeviceRGB")),
            _ => dictionary.set("ColorSpace", Object::name("DeviceGray")),
        }
        // A single transparent colour is masked out (ISO 32000-1, section 8.9.6.4).
        if let (0 | 2, Some(key)) = (self.color, &self.transparency) {
            let samples = key.chunks_exact(2).take(layout.samples.into());
            let values = samples.map(|s| Object::Integer(u16::from_be_bytes([s[0], s[1]]).into()));
            let mask: Vec<Object> = values.flat_map(|v| [v.clone(), v]).collect();
            if mask.len() == 2 * usize::from(layout.samples) {
                dictionary.set("Mask", mask);
            }
        }
        Ok(dictionary)
    }

    /// The palette; transparent colours are mixed with the white of the page.
    fn palette_space(&self) -> Result<Object, Failure> {
        let mut colors = self.palette.clone();
        colors.truncate(colors.len() / 3 * 3);
        let count = (colors.len() / 3).min(1 << self.bits);
        if count == 0 {
            return Err(Failure::original("the PNG has no palette"));
        }
        colors.truncate(count * 3);
        let alphas = self.transparency.as_deref().unwrap_or_default();
        for (color, &alpha) in colors.chunks_exact_mut(3).zip(alphas) {
            for sample in color {
                *sample = over_white(*sample, alpha);
            }
        }
        Ok(indexed(colors))
    }
}

/// The colour space of a palette of RGB colours.
pub(super) fn indexed(colors: Vec<u8>) -> Object {
    let last = colors.len() as i64 / 3 - 1;
    vec![Object::name("Indexed"), Object::name("DeviceRGB"), Object::Integer(last), Object::String(colors)].into()
}

/// Writes the picture shown by viewers without animation.
pub(super) fn embed(file: &mut File, header: &Header, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
    let mut dictionary = header.dictionary()?;
    let layout = header.layout();
    let reference = writer.reserve();
    if header.interlaced || header.has_alpha() {
        layout.describe(&mut dictionary);
        writer.stream_with(reference, dictionary, |out| decode(file, header, Rows::new(out, layout)))?;
    } else {
        dictionary.set("Filter", Object::name("FlateDecode"));
        dictionary.set("DecodeParms", layout.predictor());
        let pixels = Pixels { chunks: Chunks::new(file)?, left: 0 };
        writer.stream_of(reference, dictionary, header.data_bytes, pixels)?;
    }
    let orientation = header.orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Picture { reference, width: header.width, height: header.height, orientation })
}

fn decode<W: io::Write>(file: &mut File, header: &Header, mut rows: Rows<W>) -> Result<(), Failure> {
    file.rewind().map_err(Failure::cut_off)?;
    let mut decoder = ::png::Decoder::new_with_limits(BufReader::new(file), ::png::Limits { bytes: MAX_DECODED_BYTES });
    decoder.set_transformations(if header.has_alpha() { Transformations::STRIP_16 } else { Transformations::IDENTITY });
    let mut reader = decoder.read_info().map_err(Failure::cut_off)?;
    let (color, depth) = reader.output_color_type();
    let has_alpha = matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba) && depth == BitDepth::Eight;
    let samples = if color == ColorType::Rgba { 4 } else { 2 };
    let mut push = |row: &[u8]| -> io::Result<()> {
        if !has_alpha {
            return rows.push(row);
        }
        let opaque: Vec<u8> = row
            .chunks_exact(samples)
            .flat_map(|p| p[..samples - 1].iter().map(|c| over_white(*c, p[samples - 1])))
            .collect();
        rows.push(&opaque)
    };
    if header.interlaced {
        let _turn = one_at_a_time();
        let size = reader.output_buffer_size().filter(|size| *size <= MAX_DECODED_BYTES);
        let size = size.ok_or_else(|| Failure::original("the interlaced PNG is too large to be decoded"))?;
        let mut pixels = vec![0; size];
        let info = reader.next_frame(&mut pixels).map_err(Failure::cut_off)?;
        pixels.chunks_exact(info.line_size).try_for_each(push)?;
    } else {
        while let Some(row) = reader.next_row().map_err(Failure::cut_off)? {
            push(row.data())?;
        }
    }
    rows.finish()?;
    Ok(())
}

/// Iterates over the chunks of a file.
struct Chunks<'a> {
    file: BufReader<&'a mut File>,
    /// The start of the next chunk.
    next: u64,
}

impl<'a> Chunks<'a> {
    fn new(file: &'a mut File) -> Result<Self, Failure> {
        file.rewind().map_err(Failure::cut_off)?;
        Ok(Self { file: BufReader::new(file), next: 8 })
    }

    /// The length and the name of the next chunk, whose data can then be read; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<(u32, [u8; 4])>, Failure> {
        self.file.seek(SeekFrom::Start(self.next)).map_err(Failure::cut_off)?;
        let mut head = [0; 8];
        if self.file.read_exact(&mut head).is_err() {
            return Ok(None);
        }
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        self.next += 12 + u64::from(length);
        Ok(Some((length, [head[4], head[5], head[6], head[7]])))
    }

    fn data(&mut self, length: u32) -> Result<Vec<u8>, Failure> {
        let mut data = vec![0; length as usize];
        self.file.read_exact(&mut data).map_err(Failure::cut_off)?;
        Ok(data)
    }
}

/// Reads the data of all `IDAT` chunks as one stream.
struct Pixels<'a> {
    chunks: Chunks<'a>,
    left: u32,
}

impl Read for Pixels<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            match self.chunks.next() {
                Ok(Some((length, name))) if &name == b"IDAT" => self.left = length,
                Ok(Some((_, name))) if &name != b"IEND" => {}
                _ => return Ok(0),
            }
        }
        let n = buffer.len().min(self.left as usize);
        let n = self.chunks.file.read(&mut buffer[..n])?;
        self.left = if n == 0 { 0 } else { self.left - n as u32 };
        Ok(n)
    }
}
