//! A page as stored in a row: JSON, deflated (RFC 1950, zlib), with the values that are needed at the end of a record.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use recto_domain::{Page, Rect};
use sea_orm::Set;

use crate::entities::page;
use crate::error::{Result, StorageError};
use crate::search::terms::text_of_page;

/// Whether pages are indexed for search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Searched {
    Yes,
    /// A storage that ends with the process is never searched.
    No,
}

/// A page ready to be stored.
#[derive(Debug)]
pub(crate) struct PackedPage {
    pub(crate) number: u32,
    pub(crate) error: Option<String>,
    /// One warning per line.
    warnings: Option<String>,
    source: Option<String>,
    language: Option<String>,
    confidence: Option<f64>,
    characters: i64,
    content: Vec<u8>,
    /// Its search terms; `None` when it is not indexed.
    pub(crate) terms: Option<String>,
}

impl PackedPage {
    /// Packs pages outside the async threads: a large page takes some milliseconds.
    pub(crate) async fn pack(pages: Vec<Page>, searched: Searched) -> Result<Vec<Self>> {
        tokio::task::spawn_blocking(move || pages.into_iter().map(|page| Self::of(page, searched)).collect()).await?
    }

    fn of(page: Page, searched: Searched) -> Result<Self> {
        let page = if is_finite(&page) {
            page
        } else {
            // JSON cannot represent such numbers, and no exporter could place the words.
            Page::failed(page.number, "the positions of its words are invalid".to_owned())
        };
        let terms = (searched == Searched::Yes).then(|| text_of_page(&page));
        let characters = page.words().map(|word| word.text.chars().count() as i64).sum();
        let mut packing = ZlibEncoder::new(Vec::new(), Compression::fast());
        serde_json::to_writer(&mut packing, &page).map_err(|error| StorageError::File(error.into()))?;
        packing.flush().map_err(StorageError::File)?;
        let content = packing.finish().map_err(StorageError::File)?;
        let confidence = page.confidence.map(f64::from);
        let source = page.source.map(String::from);
        Ok(Self {
            number: page.number,
            error: page.error,
            warnings: (!page.warnings.is_empty()).then(|| page.warnings.join("\n")),
            source,
            language: page.language,
            confidence,
            characters,
            content,
            terms,
        })
    }

    pub(crate) fn into_row(self, record: &str) -> page::ActiveModel {
        page::ActiveModel {
            record_id: Set(record.to_owned()),
            number: Set(self.number.cast_signed()),
            error: Set(self.error),
            warning: Set(self.warnings),
            source: Set(self.source),
            language: Set(self.language),
            confidence: Set(self.confidence),
            characters: Set(self.characters),
            content: Set(self.content),
            is_indexed: Set(self.terms.is_some()),
        }
    }
}

/// The page stored in a row's content.
pub(crate) fn unpack(content: &[u8]) -> Result<Page> {
    let mut json = Vec::new();
    ZlibDecoder::new(content).read_to_end(&mut json).map_err(|_| StorageError::Unreadable { what: "page" })?;
    serde_json::from_slice(&json).map_err(|_| StorageError::Unreadable { what: "page" })
}

fn is_finite(page: &Page) -> bool {
    let sound = |r: &Rect| r.x.is_finite() && r.y.is_finite() && r.width.is_finite() && r.height.is_finite();
    page.size.width.is_finite()
        && page.size.height.is_finite()
        && page.confidence.is_none_or(f32::is_finite)
        && page.blocks.iter().all(|block| {
            sound(&block.bbox)
                && block.lines.iter().all(|line| {
                    sound(&line.bbox)
                        && line.angle.is_finite()
                        && line.words.iter().all(|word| sound(&word.bbox) && word.confidence.is_finite())
                })
        })
}

#[cfg(test)]
mod tests {
    use recto_domain::{Block, BlockKind, Line, PageOutcome, PageSource, Rotation, Size, Word};

    use super::*;

    fn page(x: f32) -> Page {
        let bbox = Rect { x, y: 20.25, width: 30.0, height: 9.1 };
        let line = Line::of(0.0, vec![Word { text: "Größe".to_owned(), bbox, confidence: 0.87 }]).unwrap();
        let block = Block::of(BlockKind::Heading, vec![line]).unwrap();
        let size = Size { width: 595.28, height: 841.89 };
        Page::read(3, size, Rotation::None, PageSource::TextLayer, Some("deu".to_owned()), vec![block])
    }

    #[test]
    fn a_page_comes_out_as_it_went_in() {
        let packed = PackedPage::of(page(10.1), Searched::Yes).unwrap();
        assert_eq!((packed.number, packed.characters, &packed.error), (3, 5, &None));
        assert_eq!(unpack(&packed.content).unwrap(), page(10.1));
    }

    #[test]
    fn a_page_with_impossible_positions_is_stored_as_failed() {
        let packed = PackedPage::of(page(f32::NAN), Searched::Yes).unwrap();
        assert!(packed.error.is_some());
        assert_eq!(unpack(&packed.content).unwrap().outcome(), PageOutcome::Failed);
    }

    #[test]
    fn what_is_no_packed_page_is_an_error() {
        assert!(matches!(unpack(b"junk"), Err(StorageError::Unreadable { what: "page" })));
    }
}
