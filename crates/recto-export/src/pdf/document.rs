//! A document of the batch, page by page.

use std::fs::File;

use recto_domain::{FileKind, FinishedBatch, FinishedDocument, Page, Rotation, Size};

use super::Export;
use super::archive::Archivist;
use super::carried_page::gets_words;
use super::claim::Claim;
use super::clean::Words;
use super::copy::Copier;
use super::failure::Failure;
use super::form::Form;
use super::labels::OriginalLabels;
use super::matrix::Matrix;
use super::notice;
use super::object::{Dictionary, Object, Reference};
use super::outline::Bookmark;
use super::picture::{self, Picture, Pictures};
use super::source::Source;
use super::text;
use super::view::{View, views};
use super::writer::Writer;
use crate::error::ExportError;
use crate::options::PdfStandard;

/// The invisible font's name in the resources of new pages.
pub(super) const FONT_NAME: &str = "R";
/// The name of a page's picture in its resources.
const PICTURE_NAME: &str = "P";
/// The assumed resolution, in dpi, of a picture on a page that could not be read, whose size is unknown.
const ASSUMED_DPI: f32 = 150.0;

/// The source of a document's pages.
enum Pages {
    Pdf {
        copier: Box<Copier>,
        form: Option<Form>,
        labels: OriginalLabels,
        /// Checks its pages, if the export follows a standard that the original does not follow itself.
        archivist: Option<Archivist>,
    },
    Pictures(Box<Pictures>),
    /// There are none, for the given reason.
    Unreadable(String),
}

impl Pages {
    fn open(
        original: File,
        document: &FinishedDocument,
        standard: Option<PdfStandard>,
        is_alone: bool,
        writer: &mut Writer<'_>,
    ) -> Self {
        if document.kind != FileKind::Pdf {
            return Self::Pictures(Box::new(Pictures::new(original, document.kind, document.page_count)));
        }
        match Source::open(original) {
            Ok(source) => {
                let mut copier = Box::new(Copier::new(source));
                let begun = |standard| Archivist::begin(standard, is_alone, &mut copier, writer);
                let archivist = standard.and_then(begun);
                let form = Form::begin(&mut copier, is_alone, writer);
                let labels = OriginalLabels::read(&mut copier);
                Self::Pdf { copier, form, labels, archivist }
            }
            Err(Failure::Original(reason)) => Self::Unreadable(reason),
            Err(Failure::Export(error)) => Self::Unreadable(error.to_string()),
        }
    }
}

impl Export<'_> {
    /// Writes a document and its entry in the outline.
    pub(super) fn document(
        &mut self,
        batch: &mut dyn FinishedBatch,
        document: &FinishedDocument,
    ) -> Result<(), ExportError> {
        let original = batch.original(document.record_id).map_err(ExportError::Source)?;
        let standard = self.options.standard;
        let mut pages = Pages::open(original, document, standard, self.is_alone, &mut self.writer);
        if let Pages::Pdf { copier, .. } = &mut pages
            && copier.page_count() == document.page_count as usize
        {
            self.tags.begin(copier, &mut self.writer);
        }
        let mut is_first = true;
        for index in self.pages_to_write(batch, document)? {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            let number = page.number.saturating_sub(1);
            let reference = match &mut pages {
                Pages::Pdf { copier, .. } => copier.page_reference(number as usize, &mut self.writer),
                _ => self.writer.reserve(),
            };
            if std::mem::take(&mut is_first) {
                self.outline.push(Bookmark::to_page(&document.file_name, reference));
            }
            let first = self.pages.count();
            let written = match &mut pages {
                Pages::Pdf { copier, archivist, .. } => {
                    let index = number as usize;
                    let looked = archivist.as_mut().map(|archivist| archivist.page(index, copier)).unwrap_or_default();
                    if looked.reasons.is_empty() && !self.options.rasterize {
                        self.carried_page(reference, &page, index, &looked, document, copier)
                    } else {
                        self.drawn_page(reference, &page, Some((index, copier)), document, batch)
                    }
                }
                Pages::Pictures(pictures) => self.picture_page(reference, &page, document, pictures),
                Pages::Unreadable(_) if standard.is_some() || self.options.rasterize => {
                    self.drawn_page(reference, &page, None, document, batch)
                }
                Pages::Unreadable(reason) => Err(Failure::original(reason.as_str())),
            };
            // In any case, the next page has other words.
            self.treated.note(document, page.number, self.writer.clean(None).told());
            match written {
                Ok(()) => {}
                Err(Failure::Original(reason)) => {
                    self.left_out = true;
                    self.notice_page(reference, document, &page, &reason)?;
                }
                Err(Failure::Export(error)) => return Err(error),
            }
            let labels = if let Pages::Pdf { labels, .. } = &pages { Some(labels) } else { None };
            for index in first..self.pages.count() {
                self.labels.push(index as i64, number.into(), labels);
            }
            if let Pages::Pdf { copier, .. } = &mut pages {
                copier.wrote_page(reference);
            }
        }
        if let Pages::Pdf { mut copier, form, .. } = pages {
            return self.rest(&mut copier, form);
        }
        self.tags.join(None, &mut self.writer);
        Ok(())
    }

    /// The indices of a document's pages in the export: all, or those that are not blank.
    fn pages_to_write(
        &mut self,
        batch: &mut dyn FinishedBatch,
        document: &FinishedDocument,
    ) -> Result<Vec<u32>, ExportError> {
        let all = 0..document.page_count;
        if !self.options.drop_blank {
            return Ok(all.collect());
        }
        let (mut kept, mut blank) = (Vec::new(), Vec::new());
        for index in all {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            if page.is_blank() { blank.push((index, page.number)) } else { kept.push(index) }
        }
        if kept.is_empty() {
            // A document is not left out for being blank.
            kept.extend((!blank.is_empty()).then(|| blank.remove(0).0));
        }
        for (_, number) in blank {
            self.treated.note(document, number, ["it is blank and was left out".to_owned()]);
        }
        Ok(kept)
    }

    /// Writes the parts of an original other than its pages.
    fn rest(&mut self, copier: &mut Copier, form: Option<Form>) -> Result<(), ExportError> {
        if let Some(form) = form {
            self.forms.join(&form, copier, &mut self.writer)?;
        }
        let bookmarks = Bookmark::of_original(copier, &mut self.writer);
        if self.is_alone && !bookmarks.is_empty() {
            self.outline.replace(bookmarks);
        } else {
            self.outline.put_below(bookmarks);
        }
        for (name, place) in copier.named_destinations(&mut self.writer) {
            self.names.entry(name).or_insert(place);
        }
        self.attachments.join(copier, &mut self.writer);
        self.tags.join(Some(&mut *copier), &mut self.writer);
        // Only an original that follows the same standard has the same intent and metadata.
        let claims = |standard| Claim::read(&mut copier.source) == Some(Claim::of(standard));
        let is_of_standard = copier.mender.is_none() && self.options.standard.is_none_or(claims);
        if self.options.standard.is_none() || self.is_alone && is_of_standard {
            self.properties.join_intents(copier, &mut self.writer);
        }
        if self.is_alone && (is_of_standard || copier.mender.is_some()) {
            self.properties.take(self.options.standard, copier, &mut self.writer);
        }
        self.layers.join(copier);
        let written = copier.write_waiting(&mut self.writer);
        self.left_out |= copier.source.left_out;
        match written {
            Err(Failure::Export(error)) => Err(error),
            // All pages are written; only something else is missing.
            Ok(()) | Err(Failure::Original(_)) => Ok(()),
        }
    }

    /// Writes the page, or the pages, of a picture.
    fn picture_page(
        &mut self,
        reference: Reference,
        page: &Page,
        document: &FinishedDocument,
        pictures: &mut Pictures,
    ) -> Result<(), Failure> {
        let index = page.number.saturating_sub(1);
        if self.options.clean && gets_words(page) {
            let is_mirrored = pictures.orientation(index).is_some_and(picture::is_mirrored);
            let on_page = Matrix::picture(is_mirrored, page.rotation, page.size);
            self.writer.clean(on_page.inverse().map(|to_picture| Words::of(page, to_picture)));
        }
        let picture = pictures.embed(index, &mut self.writer)?;
        for (index, view) in views(page, &self.options).into_iter().enumerate() {
            self.treated.note(document, page.number, view.changes.iter().cloned());
            let reference = if index == 0 { reference } else { self.writer.reserve() };
            let rotation = if page.error.is_some() { picture.rotation() } else { page.rotation };
            self.picture_view(reference, page.size, rotation, view, picture)?;
        }
        Ok(())
    }

    /// Writes a view of a page of that size, whose picture has the given rotation.
    pub(super) fn picture_view(
        &mut self,
        reference: Reference,
        mut size: Size,
        rotation: Rotation,
        mut view: View,
        picture: Picture,
    ) -> Result<(), Failure> {
        if size.width <= 0.0 || size.height <= 0.0 {
            let points = |pixels: u32| (pixels as f32 * 72.0 / ASSUMED_DPI).clamp(3.0, 14_400.0);
            size = Size { width: points(picture.width), height: points(picture.height) }.turned(rotation);
            view.page.size = size;
        }
        let mut content = b"q".to_vec();
        for number in Matrix::picture(picture.mirrored(), rotation, size).then(view.from_page).0 {
            content.extend_from_slice(format!(" {}", (number * 1000.0).round() / 1000.0 + 0.0).as_bytes());
        }
        content.extend_from_slice(format!(" cm/{PICTURE_NAME} Do Q\n").as_bytes());
        let (text, reaches) = text::content(&view.page, Matrix::IDENTITY, FONT_NAME, &mut self.font);
        let mut resources = Dictionary::new().with("XObject", Dictionary::new().with(PICTURE_NAME, picture.reference));
        if !text.is_empty() {
            resources.set("Font", self.font.resources(FONT_NAME, reaches, &mut self.writer));
        }
        content.extend_from_slice(&text);
        self.made_page(reference, view.page.size, resources, &content)
    }

    /// Writes the placeholder page for one that could not be carried over.
    fn notice_page(
        &mut self,
        reference: Reference,
        document: &FinishedDocument,
        page: &Page,
        reason: &str,
    ) -> Result<(), ExportError> {
        let text = format!(
            "Page {} of {} could not be included in this PDF: {reason}. Its recognised text follows.",
            page.number, document.file_name
        );
        let (resources, content) = if self.options.standard.is_some() {
            // Standard fonts, which are not embedded, may not be used. The text is invisible in an empty frame, and the
            // outline shows it.
            self.outline.push(Bookmark::to_page(&text, reference));
            let mut content = notice::frame(page);
            let words = notice::with_words(page, &text);
            let (text, reaches) = text::content(&words, Matrix::IDENTITY, FONT_NAME, &mut self.font);
            content.extend_from_slice(&text);
            (self.font.resources(FONT_NAME, reaches, &mut self.writer), content)
        } else {
            let font = self.notice_font()?;
            (Dictionary::new().with(FONT_NAME, font), notice::content(page, &text, FONT_NAME))
        };
        let resources = Dictionary::new().with("Font", resources);
        match self.made_page(reference, notice::size(page), resources, &content) {
            Ok(()) => Ok(()),
            Err(Failure::Export(error)) => Err(error),
            Err(Failure::Original(reason)) => {
                Err(ExportError::Original { file_name: document.file_name.clone(), reason })
            }
        }
    }

    /// The font of notices, one of the standard fonts of every viewer.
    pub(super) fn notice_font(&mut self) -> Result<Reference, ExportError> {
        Ok(match self.notice_font {
            Some(font) => font,
            None => *self.notice_font.insert(self.writer.add(notice::font())?),
        })
    }

    pub(super) fn made_page(
        &mut self,
        reference: Reference,
        size: Size,
        resources: Dictionary,
        content: &[u8],
    ) -> Result<(), Failure> {
        let contents = self.writer.reserve();
        self.writer.compressed(contents, Dictionary::new(), content)?;
        // Viewers need not support smaller or larger pages (ISO 32000-1, annex C).
        let [width, height] = [size.width, size.height].map(|side| f64::from(side).clamp(3.0, 14_400.0));
        let round = |v: f64| (v * 1000.0).round() / 1000.0;
        let dictionary = Dictionary::new()
            .with("MediaBox", Object::numbers([0.0, 0.0, round(width), round(height)]))
            .with("Resources", resources)
            .with("Contents", contents);
        self.pages.push(reference, dictionary, &mut self.writer)?;
        Ok(())
    }
}
