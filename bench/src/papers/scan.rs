//! What scanners, tills and cameras make of a sheet: skew, blur, noise, uneven light, fading, stamps, and JPEG.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageEncoder, Luma};

use crate::papers::dice::Dice;

/// Draws a PDF and spoils it, beside it; how the name of the picture ends. Papers of several sheets become a TIFF of
/// several pictures.
pub(crate) fn scanned(dice: &mut Dice, pdf: &Path, is_receipt: bool) -> anyhow::Result<&'static str> {
    let dpi = *dice.pick(&[150, 200, 200, 250, 300]);
    let folder = tempfile::tempdir()?;
    let status = Command::new("pdftoppm")
        .args(["-r", &dpi.to_string(), "-gray"])
        .arg(pdf)
        .arg(folder.path().join("sheet"))
        .status()
        .context("pdftoppm is missing: ./bootstrap.sh --bench installs it")?;
    ensure!(status.success(), "pdftoppm cannot draw {}", pdf.display());
    let mut sheets: Vec<_> =
        std::fs::read_dir(folder.path())?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    sheets.sort();
    let degrees = if dice.chance(60) { dice.within(-1.6, 1.6) } else { 0.0 };
    let mut pictures = Vec::new();
    for sheet in &sheets {
        // pdftoppm writes portable grey maps, which are read here without a decoder of their own.
        pictures.push(spoiled(dice, &grey_map(&std::fs::read(sheet)?)?, degrees, is_receipt));
    }
    if let [picture] = &pictures[..] {
        let quality = dice.between(45, 92) as u8;
        let mut bytes = Cursor::new(Vec::new());
        JpegEncoder::new_with_quality(&mut bytes, quality).write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            image::ExtendedColorType::L8,
        )?;
        std::fs::write(pdf.with_extension("jpg"), bytes.into_inner())?;
        return Ok("jpg");
    }
    write_tiff(&pictures, &pdf.with_extension("tif"), dpi)?;
    Ok("tif")
}

/// A portable grey map: `P5`, width, height, the greatest value, and a byte a pixel.
fn grey_map(bytes: &[u8]) -> anyhow::Result<GrayImage> {
    let mut at = 0;
    let mut words = Vec::new();
    while words.len() < 4 {
        let length = bytes[at..].iter().position(u8::is_ascii_whitespace).context("a grey map is cut off")?;
        words.push(String::from_utf8_lossy(&bytes[at..at + length]).into_owned());
        at += length + 1;
    }
    ensure!(words[0] == "P5", "pdftoppm writes no grey maps");
    let (width, height) = (words[1].parse()?, words[2].parse()?);
    GrayImage::from_raw(width, height, bytes[at..].to_vec()).context("a grey map is cut off")
}

/// A sheet as a picture of it would be.
fn spoiled(dice: &mut Dice, sheet: &GrayImage, degrees: f32, is_receipt: bool) -> GrayImage {
    let mut picture = sheet.clone();
    if !is_receipt && dice.chance(25) {
        stamp(dice, &mut picture);
    }
    picture = turned(&picture, degrees);
    if dice.chance(70) {
        picture = imageops::blur(&picture, dice.within(0.4, 1.1));
    }
    if dice.chance(30) {
        // Read at a lower resolution than it is kept in.
        let (width, height) = picture.dimensions();
        let small = imageops::resize(&picture, width * 4 / 5, height * 4 / 5, FilterType::Triangle);
        picture = imageops::resize(&small, width, height, FilterType::CatmullRom);
    }
    let fade = if is_receipt { dice.within(0.0, 0.55) } else { dice.within(0.0, 0.25) };
    let light = if dice.chance(50) { dice.within(0.0, 0.25) } else { 0.0 };
    let noise = dice.within(0.0, 9.0);
    let stripe = if is_receipt && dice.chance(40) { dice.within(20.0, 60.0) } else { 0.0 };
    let (width, height) = picture.dimensions();
    for (x, y, Luma([value])) in picture.enumerate_pixels_mut() {
        let mut dark = 255.0 - f32::from(*value);
        // A worn print head prints paler at some places across the roll.
        let worn = if stripe > 0.0 { 0.75 + 0.25 * (x as f32 / stripe).sin() } else { 1.0 };
        dark *= (1.0 - fade) * worn;
        let shade = 1.0 - light * (x as f32 / width as f32 + y as f32 / height as f32) / 2.0;
        let grain = noise * (dice.share() + dice.share() - 1.0);
        *value = ((252.0 - dark) * shade + grain).clamp(0.0, 255.0) as u8;
    }
    picture
}

/// Turned on white paper of the same size.
fn turned(picture: &GrayImage, degrees: f32) -> GrayImage {
    if degrees == 0.0 {
        return picture.clone();
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
        let (u, v) = (cos * dx + sin * dy + middle_x, cos * dy - sin * dx + middle_y);
        if u < 0.0 || v < 0.0 {
            return Luma([255]);
        }
        imageops::interpolate_bilinear(picture, u, v).unwrap_or(Luma([255]))
    })
}

/// A grey ring with a bar in it, as stamps of receipt are, somewhere in the lower half.
fn stamp(dice: &mut Dice, picture: &mut GrayImage) {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let (x, y) = (dice.within(0.2, 0.8) * width, dice.within(0.55, 0.9) * height);
    let radius = 0.06 * width;
    let grey = dice.within(110.0, 190.0);
    for (u, v, Luma([value])) in picture.enumerate_pixels_mut() {
        let (dx, dy) = (u as f32 - x, v as f32 - y);
        let distance = dx.hypot(dy);
        let is_ring = (distance - radius).abs() < 0.05 * radius || (distance - 0.8 * radius).abs() < 0.02 * radius;
        let is_bar = dx.abs() < 0.7 * radius && (dy.abs() - 0.2 * radius).abs() < 0.02 * radius;
        if is_ring || is_bar {
            *value = f32::from(*value).min(grey) as u8;
        }
    }
}

fn write_tiff(pictures: &[GrayImage], path: &Path, dpi: u32) -> anyhow::Result<()> {
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = tiff::encoder::TiffEncoder::new(file)?
        .with_compression(tiff::encoder::Compression::Deflate(tiff::encoder::DeflateLevel::Balanced));
    for picture in pictures {
        let mut page = encoder.new_image::<tiff::encoder::colortype::Gray8>(picture.width(), picture.height())?;
        page.resolution(tiff::tags::ResolutionUnit::Inch, tiff::encoder::Rational { n: dpi, d: 1 });
        page.write_data(picture.as_raw())?;
    }
    Ok(())
}
