//! JPEG files, which are embedded byte for byte (`DCTDecode`).

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use image::metadata::Orientation;

use super::Picture;
use crate::pdf::failure::Failure;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::writer::Writer;

/// The information in the markers before the pixels.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The components' identifiers.
    components: Vec<u8>,
    /// The colour transform of Adobe's marker, if there is one.
    adobe: Option<u8>,
    jfif: bool,
    orientation: Option<Orientation>,
}

/// Writes the picture.
pub(super) fn embed(file: &mut File, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
    let length = file.seek(SeekFrom::End(0)).map_err(Failure::cut_off)?;
    file.rewind().map_err(Failure::cut_off)?;
    let header = Header::read(&mut BufReader::new(&mut *file))?;
    let dictionary = header.dictionary(writer.inks())?;
    file.rewind().map_err(Failure::cut_off)?;
    let reference = writer.reserve();
    writer.stream_of(reference, dictionary, length, file)?;
    let orientation = header.orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Picture { reference, width: header.width, height: header.height, orientation })
}

/// The orientation according to the file.
pub(super) fn orientation(file: &mut File) -> Option<Orientation> {
    file.rewind().ok()?;
    Header::read(&mut BufReader::new(file)).ok()?.orientation
}

/// Writes a picture in memory, in its stored orientation.
pub(in crate::pdf) fn embed_bytes(data: &[u8], writer: &mut Writer<'_>) -> Result<Picture, Failure> {
    let header = Header::read(&mut &data[..])?;
    let dictionary = header.dictionary(writer.inks())?;
    let reference = writer.reserve();
    writer.stream(reference, dictionary, data)?;
    let orientation = header.orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Picture { reference, width: header.width, height: header.height, orientation })
}

impl Header {
    /// Reads the markers up to the frame header (ITU-T T.81, annex B).
    pub(super) fn read(data: &mut impl Read) -> Result<Self, Failure> {
        let mut header = Self::default();
        let mut two = [0; 2];
        data.read_exact(&mut two).map_err(Failure::cut_off)?;
        loop {
            let marker = next_marker(data)?;
            // Markers without a segment: start of image, restart, and one reserved for arithmetic coding.
            if matches!(marker, 0xD0..=0xD8 | 0x01) {
                continue;
            }
            if matches!(marker, 0xD9 | 0xDA) {
                return Err(Failure::original("the JPEG has no frame header before its pixels"));
            }
            data.read_exact(&mut two).map_err(Failure::cut_off)?;
            let length = u16::from_be_bytes(two).saturating_sub(2);
            let mut segment = vec![0; length.into()];
            data.read_exact(&mut segment).map_err(Failure::cut_off)?;
            match marker {
                0xC0..=0xC2 => return header.frame(&segment),
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    return Err(Failure::original("it is a lossless, hierarchical or arithmetic-coded JPEG"));
                }
                0xE0 => header.jfif |= segment.starts_with(b"JFIF"),
                0xE1 => {
                    if let (None, Some(exif)) = (header.orientation, segment.strip_prefix(b"Exif\0\0")) {
                        header.orientation = Orientation::from_exif_chunk(exif);
                    }
                }
                0xEE if segment.starts_with(b"Adobe") => header.adobe = segment.get(11).copied(),
                _ => {}
            }
        }
    }

    fn frame(mut self, segment: &[u8]) -> Result<Self, Failure> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return Err(Failure::original("the JPEG's frame header is truncated"));
        };
        if *precision != 8 {
            return Err(Failure::original(format!("it is a JPEG of {precision} bits, which PDF does not support")));
        }
        self.height = u16::from_be_bytes([*h1, *h0]).into();
        self.width = u16::from_be_bytes([*w1, *w0]).into();
        self.components = components.chunks_exact(3).map(|c| c[0]).take((*count).into()).collect();
        if self.width == 0 || self.height == 0 {
            return Err(Failure::original("the JPEG does not state its size"));
        }
        Ok(self)
    }

    /// Whether the file itself states how its colours are coded.
    pub(super) fn says_its_transform(&self) -> bool {
        self.adobe.is_some()
    }

    /// The image dictionary without the length; `inks` is the colour space for four components.
    pub(super) fn dictionary(&self, inks: &Object) -> Result<Dictionary, Failure> {
        let space = match self.components.len() {
            1 => Object::name("DeviceGray"),
            3 => Object::name("DeviceRGB"),
            4 => inks.clone(),
            n => return Err(Failure::original(format!("it is a JPEG of {n} components"))),
        };
        let mut dictionary = image_dictionary(self.width, self.height, 8)
            .with("ColorSpace", space)
            .with("Filter", Object::name("DCTDecode"));
        if self.components.len() == 4 && self.adobe.is_some() {
            // Adobe's programs store the complement of each ink.
            dictionary.set("Decode", Object::numbers([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]));
        }
        if self.components == b"RGB" && self.adobe.is_none() && !self.jfif {
            // PDF takes three components for YCbCr unless told otherwise.
            dictionary.set("DecodeParms", Dictionary::new().with("ColorTransform", 0u32));
        }
        Ok(dictionary)
    }
}

/// The entries of every image.
pub(super) fn image_dictionary(width: u32, height: u32, bits: u8) -> Dictionary {
    Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Image"))
        .with("Width", width)
        .with("Height", height)
        .with("BitsPerComponent", u32::from(bits))
}

fn next_marker(data: &mut impl Read) -> Result<u8, Failure> {
    let mut byte = [0];
    let mut after_ff = false;
    loop {
        data.read_exact(&mut byte).map_err(Failure::cut_off)?;
        match byte[0] {
            0xFF => after_ff = true,
            0 => after_ff = false,
            marker if after_ff => return Ok(marker),
            _ => after_ff = false,
        }
    }
}
