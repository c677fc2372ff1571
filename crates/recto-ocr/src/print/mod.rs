//! The picture of a page reduced to its print: dark letters on white, without bands, shadows and ruling lines.
//!
//! Some engines separate ink from background with one grey level for the whole page, and then search for blocks of
//! text. They take bands and shadows for ink, and the cells of a ruled table for pictures.

mod bands;
mod grid;
mod rules;
mod ruling;
mod shadow;

use std::borrow::Cow;

pub use ruling::ruling_lines;

use crate::letters::inked_height;
use crate::page_image::PageImage;
use crate::reduced::Reduced;

/// Larger pictures, in pixels, are examined at half their size.
const NEAR_PIXELS: usize = 3_000_000;

/// The picture with its print alone; unchanged if it contains nothing else.
///
/// Bands with another background become dark letters on white, whether their letters are lighter or darker than it.
/// Illumination is made even. Ruling lines are removed, while letters that touch or cross them stay. A clean page costs
/// only one pass over its pixels.
#[must_use]
pub fn print_alone(image: &PageImage) -> Cow<'_, PageImage> {
    let near = near(image);
    let Some((threshold, _)) = near.threshold() else { return Cow::Borrowed(image) };
    let runs = rules::Runs::of(&near, threshold);
    let has_areas = grid::has_solid_areas(&near, bands::lightest(near.median()));
    if !has_areas && !runs.any() {
        return Cow::Borrowed(image);
    }
    cleaned(image, &near, runs, has_areas)
}

/// The picture with bands made white if it has areas that may be bands; otherwise unchanged.
pub(crate) fn without_bands(image: &PageImage) -> Cow<'_, PageImage> {
    let near = near(image);
    if !grid::has_solid_areas(&near, bands::lightest(near.median())) {
        return Cow::Borrowed(image);
    }
    let Some((threshold, _)) = near.threshold() else { return Cow::Borrowed(image) };
    cleaned(image, &near, rules::Runs::of(&near, threshold), true)
}

/// The reduced copy that is examined.
fn near(image: &PageImage) -> Reduced {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Reduced::of(image.luma(), width, height, if width * height > NEAR_PIXELS { 2 } else { 1 })
}

fn cleaned<'a>(image: &'a PageImage, near: &Reduced, runs: rules::Runs, has_areas: bool) -> Cow<'a, PageImage> {
    let Some(letter) = inked_height(near) else { return Cow::Borrowed(image) };
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut page = Reduced { width, height, divisor: 1, luma: image.luma().to_vec() };
    // Rules connect bands to each other.
    let mut is_changed = runs.any() && rules::taken_out(&mut page, letter, runs);
    if has_areas {
        let mut has_bands = bands::made_white(&mut page, near.median(), letter);
        if shadow::lifted(&mut page, letter) {
            has_bands = true;
            bands::made_white(&mut page, u8::MAX, letter);
        }
        // The remaining edge of a band is as thin as a rule, and rules in a shadow are found once it is gone.
        if has_bands {
            rules::taken_out(&mut page, letter, rules::Runs::BOTH);
            is_changed = true;
        }
    }
    if !is_changed {
        return Cow::Borrowed(image);
    }
    Cow::Owned(PageImage::new(image.width(), image.height(), image.dpi(), page.luma))
}

#[cfg(test)]
mod tests;
