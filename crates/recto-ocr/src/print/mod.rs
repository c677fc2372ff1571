//! The picture of a page with nothing on it but print: dark letters on white, without bands, shadows and ruling lines.
//!
//! An engine that parts ink from ground at one level of grey for the whole page, and then looks for blocks of text, takes
//! bands and shadows for ink and the cells of a ruled table for pictures.

mod bands;
mod grid;
mod rules;
mod shadow;

use std::borrow::Cow;

use crate::letters::inked_height;
use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// Pictures with more pixels are looked at in half their size.
const NEAR_PIXELS: usize = 3_000_000;

/// The picture with its print alone; as it is when nothing but print stands on it.
///
/// Bands of another ground, with letters lighter or darker than it, become dark letters on white; the light falls evenly;
/// ruling lines are gone, and letters that touch or cross them stay. A clean page costs a look at its pixels.
#[must_use]
pub fn print_alone(image: &PageImage) -> Cow<'_, PageImage> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let near = Reduced::of(image.luma(), width, height, if width * height > NEAR_PIXELS { 2 } else { 1 });
    let Some((threshold, _)) = near.threshold() else { return Cow::Borrowed(image) };
    let is_ruled = rules::may_be_ruled(&near, threshold);
    let paper = near.median();
    if !is_ruled && !grid::has_solid_areas(&near, bands::lightest(paper)) {
        return Cow::Borrowed(image);
    }
    let Some(letter) = inked_height(&near) else { return Cow::Borrowed(image) };
    let mut page = Reduced { width, height, divisor: 1, luma: image.luma().to_vec() };
    // Rules join bands to each other, and what is left of the edge of a band is as thin as a rule.
    let mut is_changed = is_ruled && rules::taken_out(&mut page, letter);
    is_changed |= bands::made_white(&mut page, paper, letter);
    if shadow::lifted(&mut page, letter) {
        is_changed = true;
        bands::made_white(&mut page, u8::MAX, letter);
    }
    if is_changed {
        rules::taken_out(&mut page, letter);
    }
    if !is_changed {
        return Cow::Borrowed(image);
    }
    Cow::Owned(PageImage::new(image.width(), image.height(), image.dpi(), page.luma))
}

#[cfg(test)]
mod tests;
