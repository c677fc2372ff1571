//! Pictures: all supported files other than PDFs.

mod animation;
mod bmp;
mod exif;
mod grey;
mod jp2;
mod jpeg;
mod png;
mod resolution;
mod still;
mod tiff;
mod turbojpeg;
mod turn;
mod webp;

use std::fs::File;
use std::io::{BufReader, Seek};

use recto_domain::{FileKind, Rotation};
use recto_ocr::PageImage;

use crate::error::PagesError;
use crate::open_file::{PageLimits, RenderedPage};
use animation::Animation;
use resolution::Resolution;
use tiff::TiffFile;
use turn::Orientation;

/// A decoded page: grey pixels in stored orientation, and the file's metadata about them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GreyPicture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// 0 black, 255 white, `width * height` of them.
    pub(crate) luma: Vec<u8>,
    pub(crate) resolution: Option<Resolution>,
    pub(crate) orientation: Orientation,
}

/// The header of a picture, read before any pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Header {
    pub(crate) resolution: Option<Resolution>,
    pub(crate) orientation: Orientation,
    /// The number of frames of an animation; 0 or 1 for a still picture.
    pub(crate) frames: u64,
}

/// A picture file of one or more pages.
#[derive(Debug)]
pub(crate) struct PictureFile {
    limits: PageLimits,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Still { kind: FileKind, file: File, header: Header },
    Animation(Animation),
    Tiff(TiffFile),
}

impl PictureFile {
    pub(crate) fn open(kind: FileKind, file: File, limits: PageLimits) -> Result<Self, PagesError> {
        let mut reader = BufReader::new(&file);
        let broken = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => PagesError::broken_file(name(kind), "it ends too early"),
            std::io::ErrorKind::InvalidData => PagesError::broken_file(name(kind), error),
            _ => PagesError::Unreadable(error),
        };
        let header = match kind {
            FileKind::Png => png::header(&mut reader).map_err(broken)?,
            FileKind::Jpeg => jpeg::header(&mut reader).map_err(broken)?,
            FileKind::Webp => webp::header(&mut reader).map_err(broken)?,
            FileKind::Bmp => bmp::header(&mut reader).map_err(broken)?,
            FileKind::Gif => animation::gif_header(&mut reader)?,
            FileKind::Jp2 => jp2::header(&mut reader).map_err(broken)?,
            FileKind::Heic | FileKind::Avif | FileKind::Pnm | FileKind::Tiff | FileKind::Pdf => Header::default(),
        };
        let content = if kind == FileKind::Tiff {
            Content::Tiff(TiffFile::open(file, limits)?)
        } else if header.frames > 1 || kind == FileKind::Gif {
            let frames = limits.check_pages(header.frames.max(1))?;
            Content::Animation(Animation::new(kind, file, frames, header, limits))
        } else {
            Content::Still { kind, file, header }
        };
        Ok(Self { limits, content })
    }

    pub(crate) fn page_count(&self) -> u32 {
        match &self.content {
            Content::Still { .. } => 1,
            Content::Animation(animation) => animation.frame_count(),
            Content::Tiff(tiff) => tiff.page_count(),
        }
    }

    pub(crate) fn render(&mut self, number: u32) -> Result<RenderedPage, PagesError> {
        let picture = match &mut self.content {
            Content::Still { kind, file, header } => {
                file.rewind().map_err(PagesError::Unreadable)?;
                still::decode(*kind, file, *header, self.limits)?
            }
            Content::Animation(animation) => animation.frame(number)?,
            Content::Tiff(tiff) => tiff.page(number)?,
        };
        self.finish(number, picture)
    }

    /// Makes the picture upright and its pixels square.
    fn finish(&self, number: u32, picture: GreyPicture) -> Result<RenderedPage, PagesError> {
        let (mut width, mut height, mut luma) = (picture.width, picture.height, picture.luma);
        let resolution = Resolution::of_page(picture.resolution, width, height);
        if let Some((square_width, square_height)) = resolution.square_sides(width, height) {
            self.limits.check_pixels(number, u64::from(square_width), u64::from(square_height))?;
            luma = resolution::stretched(&luma, (width, height), (square_width, square_height));
            (width, height) = (square_width, square_height);
        }
        let orientation = picture.orientation;
        if orientation.is_mirrored() {
            turn::mirror(&mut luma, width);
        }
        let stored = PageImage::new(width, height, resolution.finer().round().max(1.0) as u32, luma);
        let rotation = orientation.rotation();
        let image = if rotation == Rotation::None { stored } else { stored.turned(rotation) };
        Ok(RenderedPage { size: image.size(), image, rotation })
    }
}

/// The usual name of a kind of file.
pub(crate) fn name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf => "PDF",
        FileKind::Png => "PNG",
        FileKind::Jpeg => "JPEG",
        FileKind::Tiff => "TIFF",
        FileKind::Webp => "WebP",
        FileKind::Bmp => "BMP",
        FileKind::Gif => "GIF",
        FileKind::Heic => "HEIC",
        FileKind::Avif => "AVIF",
        FileKind::Jp2 => "JPEG 2000",
        FileKind::Pnm => "PNM",
    }
}
