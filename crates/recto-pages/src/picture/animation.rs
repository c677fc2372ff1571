//! Animated PNG, WebP and GIF: each frame, as displayed by a viewer, is a page.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek};

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Frames, ImageDecoder, ImageError, ImageResult};
use recto_domain::FileKind;

use super::still::{codec_limits, decoding_error, rgba_to_luma};
use super::{GreyPicture, Header};
use crate::error::PagesError;
use crate::open_file::PageLimits;

/// Counts the frames of a GIF without decoding them.
pub(super) fn gif_header(reader: impl Read) -> Result<Header, PagesError> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(reader).map_err(|error| PagesError::broken_file("GIF", error))?;
    let mut frames = 0;
    loop {
        match decoder.next_frame_info() {
            Ok(Some(_)) => frames += 1,
            Ok(None) => break,
            // The part before the damage can be read.
            Err(_) if frames > 0 => break,
            Err(error) => return Err(PagesError::broken_file("GIF", error)),
        }
    }
    if frames == 0 {
        return Err(PagesError::NoPages);
    }
    Ok(Header { frames, ..Header::default() })
}

/// A file of frames. A frame depends on those before it, so they are decoded in sequence; requesting them in order
/// decodes each frame once.
pub(super) struct Animation {
    kind: FileKind,
    file: File,
    frames: u32,
    header: Header,
    limits: PageLimits,
    /// The number of the next frame, and its source.
    running: Option<(u32, Frames<'static>)>,
}

impl Animation {
    pub(super) fn new(kind: FileKind, file: File, frames: u32, header: Header, limits: PageLimits) -> Self {
        Self { kind, file, frames, header, limits, running: None }
    }

    pub(super) fn frame_count(&self) -> u32 {
        self.frames
    }

    /// The frame on its canvas.
    pub(super) fn frame(&mut self, number: u32) -> Result<GreyPicture, PagesError> {
        let (mut next, mut frames) = match self.running.take() {
            Some((next, frames)) if next <= number => (next, frames),
            _ => (1, self.start(number)?),
        };
        loop {
            let frame = match frames.next() {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Err(decoding_error(number, self.kind, &error)),
                None => return Err(PagesError::broken_page(number, "the file ends before it")),
            };
            next += 1;
            if next > number {
                self.running = Some((next, frames));
                let canvas = frame.into_buffer();
                return Ok(GreyPicture {
                    width: canvas.width(),
                    height: canvas.height(),
                    luma: rgba_to_luma(canvas.as_raw()),
                    resolution: self.header.resolution,
                    orientation: self.header.orientation,
                });
            }
        }
    }

    fn start(&mut self, number: u32) -> Result<Frames<'static>, PagesError> {
        let broken = |error: ImageError| decoding_error(number, self.kind, &error);
        let file = self.file.try_clone().and_then(|mut file| file.rewind().map(|()| file));
        let reader = BufReader::new(file.map_err(PagesError::Unreadable)?);
        match self.kind {
            FileKind::Png => {
                let decoder = PngDecoder::with_limits(reader, codec_limits(self.limits)).map_err(broken)?;
                self.check(number, decoder.dimensions())?;
                decoder.apng().map(AnimationDecoder::into_frames).map_err(broken)
            }
            FileKind::Webp => {
                let decoder = WebPDecoder::new(reader).map_err(broken)?;
                self.check(number, decoder.dimensions())?;
                Ok(decoder.into_frames())
            }
            _ => {
                let decoder = GifDecoder::new(reader).map_err(broken)?;
                self.check(number, decoder.dimensions())?;
                self.limited(decoder).map(AnimationDecoder::into_frames).map_err(broken)
            }
        }
    }

    fn limited<D: ImageDecoder>(&self, mut decoder: D) -> ImageResult<D> {
        decoder.set_limits(codec_limits(self.limits))?;
        Ok(decoder)
    }

    /// Three copies of a frame are in memory, with four bytes per pixel: the canvas, its previous state, and the new
    /// content.
    fn check(&self, number: u32, (width, height): (u32, u32)) -> Result<(), PagesError> {
        self.limits.check_pixels(number, u64::from(width), u64::from(height))?;
        if width == 0 || height == 0 {
            return Err(PagesError::broken_page(number, "it has no pixels"));
        }
        if u64::from(width) * u64::from(height) * 12 > self.limits.max_decoded_bytes() {
            return Err(PagesError::PageNeedsMemory { number });
        }
        Ok(())
    }
}

impl fmt::Debug for Animation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Animation({:?}, {} frames)", self.kind, self.frames)
    }
}
