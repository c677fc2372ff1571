//! Conversion of colours to grey.

/// From this brightness on, ink is light, so its background must have been dark.
const LIGHT_INK: u64 = 170;
/// A picture has a transparent background when at least one pixel in this many is transparent.
const TRANSPARENT_SHARE: usize = 20;

/// The brightness of a colour, with the weights of ITU-R BT.601.
pub(crate) fn luma_of_rgb(r: u8, g: u8, b: u8) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) + 500) / 1000) as u8
}

/// The brightness of printing inks, 0 for none and 255 for full.
pub(crate) fn luma_of_cmyk(c: u8, m: u8, y: u8, k: u8) -> u8 {
    let left = |ink: u8| ((255 - u32::from(ink)) * (255 - u32::from(k)) / 255) as u8;
    luma_of_rgb(left(c), left(m), left(y))
}

/// Grey pixels from pairs of brightness and opacity, as if on paper.
///
/// Dark ink on a transparent background is placed on white. Light ink would disappear there; it is placed on black and
/// the result is inverted, so that it is dark on light as well.
pub(crate) fn on_paper(pixels: impl ExactSizeIterator<Item = (u8, u8)> + Clone) -> Vec<u8> {
    let (mut ink, mut opacity, mut transparent) = (0u64, 0u64, 0usize);
    for (luma, alpha) in pixels.clone() {
        ink += u64::from(luma) * u64::from(alpha);
        opacity += u64::from(alpha);
        transparent += usize::from(alpha < 128);
    }
    let light = opacity > 0 && ink / opacity >= LIGHT_INK && transparent * TRANSPARENT_SHARE >= pixels.len();
    pixels
        .map(|(luma, alpha)| {
            let (luma, alpha) = (if light { 255 - u32::from(luma) } else { u32::from(luma) }, u32::from(alpha));
            ((luma * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_white_and_inks_have_their_brightness() {
        assert_eq!((luma_of_rgb(0, 0, 0), luma_of_rgb(255, 255, 255)), (0, 255));
        assert_eq!((luma_of_cmyk(0, 0, 0, 0), luma_of_cmyk(0, 0, 0, 255)), (255, 0));
    }

    #[test]
    fn ink_on_a_transparent_ground_stays_visible() {
        assert_eq!(on_paper([(0, 255), (0, 0), (0, 0)].into_iter()), [0, 255, 255]);
        assert_eq!(on_paper([(255, 255), (255, 0), (0, 0)].into_iter()), [0, 255, 255]);
    }

    #[test]
    fn an_opaque_white_page_stays_white() {
        assert_eq!(on_paper([(255, 255); 3].into_iter()), [255; 3]);
    }
}
