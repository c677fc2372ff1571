//! Opening files, and access to their pages.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use recto_domain::{FileKind, Page, Rotation, Size};
use recto_ocr::PageImage;

use crate::error::PagesError;
use crate::layer::TextLayer;
use crate::pdf::{PdfFile, PdfLibrary, unlock};
use crate::picture::PictureFile;

/// Limits on what is read of an untrusted file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// The most pages of a file; a file with more is refused.
    pub max_pages: u32,
    /// The most pixels of a page, in millions. A larger picture is refused; a PDF page is rendered at a lower
    /// resolution.
    pub max_megapixels: u32,
}

impl PageLimits {
    pub(crate) fn max_pixels(self) -> u64 {
        u64::from(self.max_megapixels) * 1_000_000
    }

    /// The most bytes of one page's decoded colour pixels: four for each allowed pixel.
    pub(crate) fn max_decoded_bytes(self) -> u64 {
        self.max_pixels().saturating_mul(4)
    }

    pub(crate) fn check_pages(self, count: u64) -> Result<u32, PagesError> {
        match u32::try_from(count) {
            Ok(0) => Err(PagesError::NoPages),
            Ok(n) if n <= self.max_pages => Ok(n),
            _ => Err(PagesError::TooManyPages { count, limit: self.max_pages }),
        }
    }

    pub(crate) fn check_pixels(self, number: u32, width: u64, height: u64) -> Result<(), PagesError> {
        if width.saturating_mul(height) > self.max_pixels() {
            return Err(PagesError::PageTooLarge { number, width, height, limit_megapixels: self.max_megapixels });
        }
        Ok(())
    }
}

impl Default for PageLimits {
    /// 2,000 pages and 200 megapixels.
    fn default() -> Self {
        Self { max_pages: 2000, max_megapixels: 200 }
    }
}

/// Opens files of any supported kind.
#[derive(Debug)]
pub struct FileOpener {
    pdf: PdfLibrary,
    limits: PageLimits,
}

impl FileOpener {
    /// With PDFium, and with limits that apply to every file.
    #[must_use]
    pub fn new(pdf: PdfLibrary, limits: PageLimits) -> Self {
        Self { pdf, limits }
    }

    /// Determines the kind of the file and counts its pages, without decoding any.
    pub fn open(&self, mut file: File) -> Result<OpenFile<'_>, PagesError> {
        let head = read_head(&mut file).map_err(PagesError::Unreadable)?;
        if head.is_empty() {
            return Err(PagesError::Empty);
        }
        let kind = FileKind::sniff(&head).ok_or(PagesError::UnknownKind)?;
        let content = match kind {
            FileKind::Pdf => Content::Pdf(PdfFile::open(&self.pdf, file, self.limits)?),
            _ => Content::Picture(PictureFile::open(kind, file, self.limits)?),
        };
        Ok(OpenFile { kind, content })
    }

    /// Removes the protection of a PDF that one of these passwords opens. Its bytes are passed to `take` in order until
    /// `take` returns false. For a file of any kind that opens without a password, returns `false` and passes nothing.
    pub fn unlock(
        &self,
        mut file: File,
        passwords: &[String],
        take: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<bool, PagesError> {
        let head = read_head(&mut file).map_err(PagesError::Unreadable)?;
        if FileKind::sniff(&head) != Some(FileKind::Pdf) {
            return Ok(false);
        }
        unlock(&self.pdf, file, passwords, take)
    }
}

fn read_head(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(FileKind::SNIFF_LEN);
    file.seek(SeekFrom::Start(0))?;
    file.take(FileKind::SNIFF_LEN as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// An open file whose pages can be requested in any order.
#[derive(Debug)]
pub struct OpenFile<'a> {
    kind: FileKind,
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    Pdf(PdfFile<'a>),
    Picture(PictureFile),
}

impl OpenFile<'_> {
    /// The kind detected from the bytes.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The number of pages, directories or frames; at least 1.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        match &self.content {
            Content::Pdf(pdf) => pdf.page_count(),
            Content::Picture(picture) => picture.page_count(),
        }
    }

    /// The page from the file's own text, and whether that text is reliable.
    ///
    /// It is reliable when its fonts draw the characters that they declare, its words are plausible, all of them are
    /// visible, and nothing else on the page looks like lines of text.
    pub fn text_layer(&mut self, number: u32) -> Result<TextLayer, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.text_layer(number),
            Content::Picture(_) => Ok(TextLayer::Absent),
        }
    }

    /// Like [`OpenFile::text_layer`], but ignoring invisible text, which another program recognised.
    pub fn visible_text_layer(&mut self, number: u32) -> Result<TextLayer, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.visible_text_layer(number),
            Content::Picture(_) => Ok(TextLayer::Absent),
        }
    }

    /// The page from the file's own text, regardless of its reliability; `None` when it has no text.
    pub fn text_as_it_is(&mut self, number: u32) -> Result<Option<Page>, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.text_as_it_is(number),
            Content::Picture(_) => Ok(None),
        }
    }

    /// The page as grey pixels, upright as it is displayed.
    ///
    /// A PDF page has about `dpi` pixels per inch: fewer if the limit requires it, more if the page is tiny and its
    /// picture has more. A picture is returned with its stored pixels, and with the resolution that its file states or,
    /// if it states none, one that gives a page of plausible size.
    pub fn render(&mut self, number: u32, dpi: u32) -> Result<RenderedPage, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.render(number, dpi),
            Content::Picture(picture) => picture.render(number),
        }
    }

    /// The page of a PDF in colour, upright as it is displayed, at about `dpi` pixels per inch as in
    /// [`OpenFile::render`]. `None` for a file that is itself a picture.
    pub fn draw(&mut self, number: u32, dpi: u32) -> Result<Option<DrawnPage>, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.draw(number, dpi).map(Some),
            Content::Picture(_) => Ok(None),
        }
    }

    /// The XML of the invoice embedded in a PDF, as in Factur-X, `ZUGFeRD` and `XRechnung`; `None` without one, or when
    /// it is larger than 10 MiB. The bytes are returned unchecked and may not be XML.
    #[must_use]
    pub fn e_invoice(&mut self) -> Option<Vec<u8>> {
        match &mut self.content {
            Content::Pdf(pdf) => pdf.e_invoice(),
            Content::Picture(_) => None,
        }
    }

    /// The names of files embedded in a PDF that a person may want to read: a portfolio consists of such files. They
    /// are not pages of this file.
    #[must_use]
    pub fn files_inside(&self) -> Vec<String> {
        match &self.content {
            Content::Pdf(pdf) => pdf.files_inside(),
            Content::Picture(_) => Vec::new(),
        }
    }

    fn check_number(&self, number: u32) -> Result<(), PagesError> {
        let count = self.page_count();
        if (1..=count).contains(&number) { Ok(()) } else { Err(PagesError::NoSuchPage { number, count }) }
    }
}

/// A page in the form that engines take.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedPage {
    /// The pixels.
    pub image: PageImage,
    /// The displayed page's size in points, after `rotation`.
    pub size: Size,
    /// The clockwise rotation applied to the stored page: a PDF's `/Rotate` or a picture's orientation. A mirrored
    /// picture is also mirrored back, which this value does not show.
    pub rotation: Rotation,
}

/// A page of a PDF in colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnPage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The red, green and blue values of each pixel, row by row from the top.
    pub rgb: Vec<u8>,
    /// The clockwise rotation applied to the stored page.
    pub rotation: Rotation,
}
