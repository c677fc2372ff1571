//! JPEG data in TIFF files (technical note 2): each piece is a JPEG whose tables may be in a tag. Pieces are not joined
//! but placed side by side in a form, which is drawn like one image.

use std::fs::File;

use super::Pixels;
use crate::pdf::failure::Failure;
use crate::pdf::matrix::Matrix;
use crate::pdf::object::{Dictionary, Object, Reference, print};
use crate::pdf::picture::jpeg::Header;
use crate::pdf::writer::Writer;

/// Photometric interpretation RGB.
const RGB: u64 = 2;

/// Writes a picture of JPEG data.
pub(super) fn embed(file: &mut File, pixels: &Pixels, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    if pixels.planar || pixels.bits != 8 {
        return Err(Failure::original("its JPEG data is stored in an unusual way"));
    }
    let (across, count) = (pixels.across(), pixels.across() * pixels.height.div_ceil(pixels.tile_height) as usize);
    if count == 1 && pixels.tile_width == pixels.width {
        return embed_piece(file, pixels, 0, writer);
    }
    let mut resources = Dictionary::new();
    let mut content = Vec::new();
    let (width, height) = (f64::from(pixels.width), f64::from(pixels.height));
    for index in 0..count {
        let name = format!("P{index}");
        resources.set(&name, embed_piece(file, pixels, index, writer)?);
        let (x, y) = ((index % across) as u32 * pixels.tile_width, (index / across) as u32 * pixels.tile_height);
        // The last strip ends with the picture; the last tiles extend beyond it and are clipped by the form's box.
        let tall = if across == 1 && pixels.tile_width == pixels.width {
            pixels.tile_height.min(pixels.height - y)
        } else {
            pixels.tile_height
        };
        let place = Matrix::scale(f64::from(pixels.tile_width), f64::from(tall))
            .then(Matrix::translation(f64::from(x), height - f64::from(y + tall)))
            .then(Matrix::scale(1.0 / width, 1.0 / height));
        print(&mut content, format_args!("q"));
        for number in place.0 {
            print(&mut content, format_args!(" {number:.8}"));
        }
        print(&mut content, format_args!(" cm/{name} Do Q\n"));
    }
    let form = Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Form"))
        .with("BBox", Object::numbers([0.0, 0.0, 1.0, 1.0]))
        .with("Resources", Dictionary::new().with("XObject", resources));
    let reference = writer.reserve();
    writer.compressed(reference, form, &content)?;
    Ok(reference)
}

fn embed_piece(file: &mut File, pixels: &Pixels, index: usize, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    let piece = pixels.piece(file, index)?;
    // The tables are a JPEG without pixels; it replaces the beginning of the piece.
    let whole = match (pixels.jpeg_tables.strip_suffix(&[0xFF, 0xD9]), piece.get(2..)) {
        (Some(tables), Some(rest)) if tables.starts_with(&[0xFF, 0xD8]) => [tables, rest].concat(),
        _ => piece,
    };
    let header = Header::read(&mut whole.as_slice())?;
    let mut dictionary = header.dictionary(writer.inks())?;
    if pixels.photometric == RGB && !header.says_its_transform() {
        dictionary.set("DecodeParms", Dictionary::new().with("ColorTransform", 0u32));
    }
    let reference = writer.reserve();
    writer.stream(reference, dictionary, &whole)?;
    Ok(reference)
}
