//! A document of the batch, page by page.

use std::fs::File;

use recto_domain::{FileKind, FinishedBatch, FinishedDocument, Page, Size};

use super::Export;
use super::archive::Archivist;
use super::claim::Claim;
use super::copy::Copier;
use super::failure::Failure;
use super::form::Form;
use super::labels::OriginalLabels;
use super::matrix::Matrix;
use super::notice;
use super::object::{Dictionary, Object, Reference};
use super::outline::Bookmark;
use super::picture::Pictures;
use super::source::Source;
use super::text;
use super::writer::Writer;
use crate::error::ExportError;
use crate::options::PdfStandard;

/// The invisible font's name in the resources of pages that are made here.
pub(super) const FONT_NAME: &str = "R";
/// The name of a page's picture in its resources.
const PICTURE_NAME: &str = "P";
/// Dots per inch of a picture on a page that could not be read, so that its size is not known.
const ASSUMED_DPI: f32 = 150.0;

/// Where a document's pages come from.
enum Pages {
    Pdf {
        copier: Box<Copier>,
        form: Option<Form>,
        labels: OriginalLabels,
        /// Looks at its pages, where the export follows a standard that it does not by itself.
        archivist: Option<Archivist>,
    },
    Pictures(Box<Pictures>),
    /// From nowhere, for the reason given.
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
        let mut pages = Pages::open(original, document, self.standard, self.is_alone, &mut self.writer);
        if let Pages::Pdf { copier, .. } = &mut pages
            && copier.page_count() == document.page_count as usize
        {
            self.tags.begin(copier, &mut self.writer);
        }
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            let number = page.number.saturating_sub(1);
            let reference = match &mut pages {
                Pages::Pdf { copier, .. } => copier.page_reference(number as usize, &mut self.writer),
                _ => self.writer.reserve(),
            };
            if index == 0 {
                self.outline.push(Bookmark::to_page(&document.file_name, reference));
            }
            let labels = if let Pages::Pdf { labels, .. } = &pages { Some(labels) } else { None };
            self.labels.push(self.pages.count() as i64, number.into(), labels);
            let written = match &mut pages {
                Pages::Pdf { copier, archivist, .. } => {
                    let index = number as usize;
                    let looked = archivist.as_mut().map(|archivist| archivist.page(index, copier)).unwrap_or_default();
                    if looked.reasons.is_empty() {
                        self.carried_page(reference, &page, index, &looked, copier)
                    } else {
                        self.drawn_page(reference, &page, Some((index, copier)), document, batch)
                    }
                }
                Pages::Pictures(pictures) => self.picture_page(reference, &page, pictures),
                Pages::Unreadable(_) if self.standard.is_some() => {
                    self.drawn_page(reference, &page, None, document, batch)
                }
                Pages::Unreadable(reason) => Err(Failure::original(reason.as_str())),
            };
            match written {
                Ok(()) => {}
                Err(Failure::Original(reason)) => {
                    self.left_out = true;
                    self.notice_page(reference, document, &page, &reason)?;
                }
                Err(Failure::Export(error)) => return Err(error),
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

    /// Writes what an original has beside its pages.
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
        // A standard has an intent and metadata of its own, which only an original of that standard has too.
        let claims = |standard| Claim::read(&mut copier.source) == Some(Claim::of(standard));
        let is_of_standard = copier.mender.is_none() && self.standard.is_none_or(claims);
        if self.standard.is_none() || self.is_alone && is_of_standard {
            self.properties.join_intents(copier, &mut self.writer);
        }
        if self.is_alone && (is_of_standard || copier.mender.is_some()) {
            self.properties.take(self.standard, copier, &mut self.writer);
        }
        self.layers.join(copier);
        let written = copier.write_waiting(&mut self.writer);
        self.left_out |= copier.source.left_out;
        match written {
            Err(Failure::Export(error)) => Err(error),
            // Every page is written; what is missing is something beside them.
            Ok(()) | Err(Failure::Original(_)) => Ok(()),
        }
    }

    /// Writes a page that shows a picture.
    fn picture_page(&mut self, reference: Reference, page: &Page, pictures: &mut Pictures) -> Result<(), Failure> {
        let picture = pictures.embed(page.number.saturating_sub(1), &mut self.writer)?;
        let failed = page.error.is_some();
        let rotation = if failed { picture.rotation() } else { page.rotation };
        let size = if page.size.width > 0.0 && page.size.height > 0.0 {
            page.size
        } else {
            let points = |pixels: u32| (pixels as f32 * 72.0 / ASSUMED_DPI).clamp(3.0, 14_400.0);
            Size { width: points(picture.width), height: points(picture.height) }.turned(rotation)
        };
        let mut content = b"q".to_vec();
        for number in Matrix::picture(picture.mirrored(), rotation, size).0 {
            content.extend_from_slice(format!(" {}", (number * 1000.0).round() / 1000.0 + 0.0).as_bytes());
        }
        content.extend_from_slice(format!(" cm/{PICTURE_NAME} Do Q\n").as_bytes());
        let (text, reaches) = text::content(page, Matrix::IDENTITY, FONT_NAME, &mut self.font);
        let mut resources = Dictionary::new().with("XObject", Dictionary::new().with(PICTURE_NAME, picture.reference));
        if !text.is_empty() {
            resources.set("Font", self.font.resources(FONT_NAME, reaches, &mut self.writer));
        }
        content.extend_from_slice(&text);
        self.made_page(reference, size, resources, &content)
    }

    /// Writes the page that stands for one that could not be carried over.
    fn notice_page(
        &mut self,
        reference: Reference,
        document: &FinishedDocument,
        page: &Page,
        reason: &str,
    ) -> Result<(), ExportError> {
        let text = format!(
            "Page {} of {} could not be carried over into this PDF: {reason}. Its recognised text follows.",
            page.number, document.file_name
        );
        let (resources, content) = if self.standard.is_some() {
            // A font that every reader has may not be used: the text lies invisibly in an empty frame, and the outline
            // says it in words.
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

    /// The font of notices, which every reader has.
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
        // No reader has to show smaller or larger pages (ISO 32000-1, annex C).
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
