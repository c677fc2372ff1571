//! A page of an original that cannot be used as it is. It is drawn as a picture by a separate process that may read
//! untrusted files, with invisible text on it. Its links, and link destinations on it, are kept.

use std::io::Cursor;

use image::ImageReader;
use image::metadata::Orientation;
use recto_domain::{Drawing, FinishedBatch, FinishedDocument, Page, Rotation, Size};

use super::Export;
use super::archive::{self, Fate};
use super::carried_page::{keep_annotations, original_page, stored_rotation, visible};
use super::copy::Copier;
use super::document::FONT_NAME;
use super::failure::Failure;
use super::matrix::{Frame, Matrix};
use super::object::{Dictionary, Object, Reference, print};
use super::picture::{self, Picture};
use super::text;
use super::view::views;
use crate::error::ExportError;
use crate::options::PdfStandard;

/// The name of the page's picture in its resources.
const PICTURE_NAME: &str = "P";
/// Entries of the original's page that are kept.
const KEPT: [&str; 3] = ["UserUnit", "Tabs", "Annots"];

impl Export<'_> {
    /// Writes the picture of a page; `original` is its position in its file, if that can be read.
    pub(super) fn drawn_page(
        &mut self,
        reference: Reference,
        page: &Page,
        original: Option<(usize, &mut Copier)>,
        document: &FinishedDocument,
        batch: &mut dyn FinishedBatch,
    ) -> Result<(), Failure> {
        let mut dictionary = Dictionary::new();
        let mut rotation = page.rotation;
        let mut frame = Frame::from_corners([0.0, 0.0, page.size.width.into(), page.size.height.into()]);
        if let Some((index, copier)) = original {
            let mut kept = original_page(index, copier)?;
            if page.error.is_some() {
                rotation = stored_rotation(&kept, &mut copier.source);
            }
            frame = Some(visible(&kept, &mut copier.source));
            // All other annotations are part of the picture.
            let standard = self.options.standard.unwrap_or(PdfStandard::A2b);
            keep_annotations(&mut kept, &mut copier.source, |annotation, source| {
                annotation.is("Subtype", "Link") && matches!(archive::fate(annotation, standard, source), Fate::Kept(_))
            });
            for key in KEPT {
                if let Some(value) = kept.get(key) {
                    dictionary.set(key, copier.translated(value, &mut self.writer));
                }
            }
            dictionary.set("Rotate", u32::from(rotation.degrees()));
        }
        let frame = frame.unwrap_or(Frame::LETTER);
        let drawn = batch.drawing(document.record_id, page.number, rotation);
        let picture = match drawn.map_err(|error| Failure::Export(ExportError::Source(error)))? {
            Drawing::Picture(picture) => picture,
            Drawing::Impossible(reason) => return Err(Failure::Original(reason)),
        };
        let sideways = matches!(rotation, Rotation::Clockwise | Rotation::CounterClockwise);
        let displayed = displayed_size(page, sideways, frame);
        let to_user = if dictionary.contains("Rotate") {
            Matrix::displayed_to_user(displayed, rotation, frame)
        } else {
            Matrix::IDENTITY
        };
        let picture = self.drawn_picture(&picture)?;
        let has_links = dictionary.get("Annots").is_some_and(|list| *list != Object::Array(Vec::new()));
        let views = if has_links { Vec::new() } else { views(page, &self.options) };
        if views.iter().any(|view| !view.is_whole()) {
            for (index, view) in views.into_iter().enumerate() {
                self.treated.note(document, page.number, view.changes.iter().cloned());
                let reference = if index == 0 { reference } else { self.writer.reserve() };
                // It was drawn upright.
                self.picture_view(reference, displayed, Rotation::None, view, picture)?;
            }
            return Ok(());
        }
        let picture = picture.reference;
        let onto_page = Matrix::scale(displayed.width.into(), displayed.height.into()).then(to_user);
        let mut content = b"q ".to_vec();
        print(&mut content, format_args!("{onto_page} cm/{PICTURE_NAME} Do Q\n"));
        let (words, reaches) = text::content(page, to_user, FONT_NAME, &mut self.font);
        content.extend_from_slice(&words);
        let mut resources = Dictionary::new().with("XObject", Dictionary::new().with(PICTURE_NAME, picture));
        if !words.is_empty() {
            resources.set("Font", self.font.resources(FONT_NAME, reaches, &mut self.writer));
        }
        let contents = self.writer.reserve();
        self.writer.compressed(contents, Dictionary::new(), &content)?;
        let Frame { left, bottom, right, top } = frame;
        let dictionary = dictionary
            .with("MediaBox", Object::numbers([left, bottom, right, top]))
            .with("Resources", resources)
            .with("Contents", contents);
        Ok(self.pages.push(reference, dictionary, &mut self.writer)?)
    }

    fn drawn_picture(&mut self, drawn: &[u8]) -> Result<Picture, Failure> {
        if drawn.starts_with(&[0xFF, 0xD8]) {
            return picture::embed_jpeg(drawn, &mut self.writer);
        }
        let decoded = ImageReader::new(Cursor::new(drawn)).with_guessed_format().map_err(Failure::cut_off)?;
        let pixels = decoded.decode().map_err(Failure::cut_off)?.into_rgb8();
        let reference = picture::embed_pixels(&pixels, drawn.len() as u64, &mut self.writer)?;
        let (width, height) = pixels.dimensions();
        Ok(Picture { reference, width, height, orientation: Orientation::NoTransforms })
    }
}

/// The size of the page as displayed, in points.
fn displayed_size(page: &Page, swaps_sides: bool, frame: Frame) -> Size {
    if page.size.width > 0.0 && page.size.height > 0.0 {
        return page.size;
    }
    let (width, height) = ((frame.right - frame.left) as f32, (frame.top - frame.bottom) as f32);
    if swaps_sides { Size { width: height, height: width } } else { Size { width, height } }
}
