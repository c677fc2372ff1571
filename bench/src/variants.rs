//! Turned and skewed copies of pictures, as a careless hand puts them on the glass.

use std::path::{Path, PathBuf};

use anyhow::Context;
use image::{GrayImage, Luma};

/// How a copy lies.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Variant {
    /// By degrees clockwise, a multiple of 90.
    Turned(u16),
    /// By degrees clockwise, on a canvas that is large enough.
    Skewed(f32),
}

impl Variant {
    pub(crate) const ALL: [Self; 7] = [
        Self::Turned(90),
        Self::Turned(180),
        Self::Turned(270),
        Self::Skewed(3.0),
        Self::Skewed(-5.0),
        Self::Skewed(10.0),
        Self::Skewed(-15.0),
    ];

    pub(crate) fn label(self) -> String {
        match self {
            Self::Turned(degrees) => format!("turned {degrees}"),
            Self::Skewed(degrees) => format!("skewed {degrees:+}"),
        }
    }
}

/// Writes the variant of a picture as a PNG into `folder`.
pub(crate) fn write(original: &Path, variant: Variant, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let picture =
        image::open(original).with_context(|| format!("{} cannot be decoded", original.display()))?.to_luma8();
    let picture = match variant {
        Variant::Turned(90) => image::imageops::rotate90(&picture),
        Variant::Turned(180) => image::imageops::rotate180(&picture),
        Variant::Turned(_) => image::imageops::rotate270(&picture),
        Variant::Skewed(degrees) => skewed(&picture, degrees),
    };
    let file = folder.join(format!("{name}.png"));
    picture.save(&file)?;
    Ok(file)
}

fn skewed(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let (wide, high) = (w * cos + h * sin.abs(), w * sin.abs() + h * cos);
    GrayImage::from_fn(wide.ceil() as u32, high.ceil() as u32, |x, y| {
        let (dx, dy) = (x as f32 - wide / 2.0, y as f32 - high / 2.0);
        let (u, v) = (cos * dx + sin * dy + w / 2.0 - 0.5, cos * dy - sin * dx + h / 2.0 - 0.5);
        if u < 0.0 || v < 0.0 {
            return Luma([255]);
        }
        image::imageops::interpolate_bilinear(picture, u, v).unwrap_or(Luma([255]))
    })
}
