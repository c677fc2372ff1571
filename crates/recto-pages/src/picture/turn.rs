//! The eight ways in which a stored picture can differ in orientation from the displayed one.

use recto_domain::Rotation;

/// The orientation of TIFF 6.0 and Exif 2.3 (tag 0x0112): the stored picture is first mirrored left to right, if at
/// all, and then rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Orientation {
    mirrored: bool,
    rotation: Rotation,
}

impl Orientation {
    /// From the tag's value; values other than 1 to 8 mean upright.
    pub(crate) fn from_tag(value: u64) -> Self {
        let (mirrored, rotation) = match value {
            2 => (true, Rotation::None),
            3 => (false, Rotation::Half),
            4 => (true, Rotation::Half),
            5 => (true, Rotation::CounterClockwise),
            6 => (false, Rotation::Clockwise),
            7 => (true, Rotation::Clockwise),
            8 => (false, Rotation::CounterClockwise),
            _ => (false, Rotation::None),
        };
        Self { mirrored, rotation }
    }

    pub(crate) fn is_mirrored(self) -> bool {
        self.mirrored
    }

    /// The clockwise rotation of the picture, after mirroring.
    pub(crate) fn rotation(self) -> Rotation {
        self.rotation
    }
}

/// Mirrors a picture left to right.
pub(crate) fn mirror(luma: &mut [u8], width: u32) {
    for row in luma.chunks_exact_mut(width.max(1) as usize) {
        row.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recto_ocr::PageImage;

    /// The corner pixels, from the table of TIFF 6.0: which stored corner is displayed at the top left.
    #[test]
    fn each_orientation_brings_its_corner_to_the_top_left() {
        let stored = [1u8, 2, 3, 4];
        for (tag, top_left, top_right) in
            [(1, 1, 2), (2, 2, 1), (3, 4, 3), (4, 3, 4), (5, 1, 3), (6, 3, 1), (7, 4, 2), (8, 2, 4)]
        {
            let orientation = Orientation::from_tag(tag);
            let mut luma = stored.to_vec();
            if orientation.is_mirrored() {
                mirror(&mut luma, 2);
            }
            let shown = PageImage::new(2, 2, 300, luma).turned(orientation.rotation());
            assert_eq!(shown.luma()[..2], [top_left, top_right], "orientation {tag}");
        }
    }
}
