//! From a file's bytes to its pages.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use recto_domain::{FileKind, Page, Rotation, Size};
use recto_ocr::PageImage;

use crate::error::PagesError;
use crate::layer::TextLayer;
use crate::pdf::{PdfFile, PdfLibrary, unlock};
use crate::picture::PictureFile;

/// How much of a stranger's file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimits {
    /// Pages of a file; a file with more is refused.
    pub max_pages: u32,
    /// Pixels of a page in millions. A picture with more is refused; a PDF page is rendered at a lower resolution.
    pub max_megapixels: u32,
}

impl PageLimits {
    pub(crate) fn max_pixels(self) -> u64 {
        u64::from(self.max_megapixels) * 1_000_000
    }

    /// The most bytes that one page's decoded colour pixels may take: four for each pixel allowed.
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

/// Opens files of any accepted kind.
#[derive(Debug)]
pub struct FileOpener {
    pdf: PdfLibrary,
    limits: PageLimits,
}

impl FileOpener {
    /// With PDFium and the limits that hold for every file.
    #[must_use]
    pub fn new(pdf: PdfLibrary, limits: PageLimits) -> Self {
        Self { pdf, limits }
    }

    /// Finds out what the file is and counts its pages, without decoding any.
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

    /// Takes the protection off a PDF that needs one of these passwords to be opened, and hands its bytes to `take` from
    /// the first to the last, until that says no. `false`, and nothing is handed over, for a file that opens without a
    /// password, whatever it is.
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

/// A file whose pages can be asked for, in any order.
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
    /// What the bytes show the file to be.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Pages, directories or frames; at least 1.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        match &self.content {
            Content::Pdf(pdf) => pdf.page_count(),
            Content::Picture(picture) => picture.page_count(),
        }
    }

    /// The page as its file's own text tells it, and whether that is to be believed.
    ///
    /// It is when its fonts draw the characters that they tell, its words can be words, all of them are seen, and nothing
    /// that looks like lines of text lies beside them.
    pub fn text_layer(&mut self, number: u32) -> Result<TextLayer, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.text_layer(number),
            Content::Picture(_) => Ok(TextLayer::Absent),
        }
    }

    /// As [`OpenFile::text_layer`], as if there were no invisible text: what another program recognised is no part of it.
    pub fn visible_text_layer(&mut self, number: u32) -> Result<TextLayer, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.visible_text_layer(number),
            Content::Picture(_) => Ok(TextLayer::Absent),
        }
    }

    /// The page as its file's own text tells it, whatever that is worth; `None` when it has none.
    pub fn text_as_it_is(&mut self, number: u32) -> Result<Option<Page>, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.text_as_it_is(number),
            Content::Picture(_) => Ok(None),
        }
    }

    /// The page as grey pixels, upright as it is displayed.
    ///
    /// A PDF page comes at about `dpi` pixels per inch: less when the limit demands it, more when the page is tiny
    /// and its picture holds more. A picture comes as it is stored, with the resolution that its file gives or, for
    /// want of one, that makes a page of plausible size.
    pub fn render(&mut self, number: u32, dpi: u32) -> Result<RenderedPage, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.render(number, dpi),
            Content::Picture(picture) => picture.render(number),
        }
    }

    /// The page of a PDF in its colours, upright as it is displayed, at about `dpi` pixels per inch as for
    /// [`OpenFile::render`]. `None` of a file that is a picture itself.
    pub fn draw(&mut self, number: u32, dpi: u32) -> Result<Option<DrawnPage>, PagesError> {
        self.check_number(number)?;
        match &mut self.content {
            Content::Pdf(pdf) => pdf.draw(number, dpi).map(Some),
            Content::Picture(_) => Ok(None),
        }
    }

    /// The XML of the invoice that a PDF carries as data, as Factur-X, `ZUGFeRD` and `XRechnung` put it there; `None`
    /// without one, and when it is larger than 10 MiB. It is as the file has it: nobody has checked that it is XML.
    #[must_use]
    pub fn e_invoice(&mut self) -> Option<Vec<u8>> {
        match &mut self.content {
            Content::Pdf(pdf) => pdf.e_invoice(),
            Content::Picture(_) => None,
        }
    }

    /// The names of files within a PDF that a person would want to read: a portfolio consists of them. They are no pages of
    /// this file.
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

/// A page as an engine takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedPage {
    /// The pixels.
    pub image: PageImage,
    /// The displayed page in points, after `rotation`.
    pub size: Size,
    /// The turn that was applied to the stored page, clockwise: a PDF's `/Rotate` or a picture's orientation. A
    /// mirrored picture is mirrored back too, which this does not tell.
    pub rotation: Rotation,
}

/// A page of a PDF in its colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnPage {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row from the top.
    pub rgb: Vec<u8>,
    /// The turn that was applied to the stored page, clockwise.
    pub rotation: Rotation,
}
