//! Where a hint applies: to a page, or to a region relative to the page's corner or to an anchor.

use recto_domain::Rect;

use crate::labels;
use crate::sheet::{Row, Sheet};

/// The selected page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhichPage {
    First,
    Last,
    Number(u32),
}

/// The part of a document to which hints apply.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PageArea {
    pub(crate) page: Option<WhichPage>,
    /// Left, top, right and bottom, as shares of the page.
    pub(crate) region: Option<[f32; 4]>,
    /// The text, without spaces, whose top left corner is the origin of the region.
    pub(crate) anchor: Option<String>,
}

/// An area on one page of a document.
pub(crate) struct Zone {
    /// The page number, from 1.
    page: u32,
    /// `None` for the whole page.
    area: Option<Rect>,
}

impl PageArea {
    pub(crate) fn is_anywhere(&self) -> bool {
        self.page.is_none() && self.region.is_none()
    }

    pub(crate) fn has_region(&self) -> bool {
        self.region.is_some()
    }

    /// The zones of a document, in page order; pages without the anchor have none.
    pub(crate) fn zones(&self, sheet: &Sheet) -> Vec<Zone> {
        let ends = (sheet.rows.first().map(|row| row.page), sheet.rows.last().map(|row| row.page));
        let is_meant = |page: u32| match self.page {
            None => true,
            Some(WhichPage::First) => ends.0 == Some(page),
            Some(WhichPage::Last) => ends.1 == Some(page),
            Some(WhichPage::Number(number)) => number == page,
        };
        let pages = sheet.rows.chunk_by(|a, b| a.page == b.page).filter(|rows| is_meant(rows[0].page));
        pages.filter_map(|rows| self.zone(sheet, rows)).collect()
    }

    /// The zone of the page with these rows.
    fn zone(&self, sheet: &Sheet, rows: &[Row]) -> Option<Zone> {
        let page = rows.first()?.page;
        let Some([left, top, right, bottom]) = self.region else { return Some(Zone { page, area: None }) };
        let (x, y) = match &self.anchor {
            None => (0.0, 0.0),
            Some(anchor) => {
                let (first, end) = labels::first_place_of(sheet, rows, anchor)?;
                let corner = sheet.place(first, end);
                (corner.x, corner.y)
            }
        };
        let (width, height) = sheet.sizes.get(page as usize - 1).copied().unwrap_or((1.0, 1.0));
        let (width, height) = (width.max(1.0), height.max(1.0));
        let area = Rect {
            x: x + left * width,
            y: y + top * height,
            width: (right - left) * width,
            height: (bottom - top) * height,
        };
        Some(Zone { page, area: Some(area) })
    }
}

impl Zone {
    /// Whether the centre of some words lies in it.
    pub(crate) fn holds(&self, sheet: &Sheet, (first, end): (usize, usize)) -> bool {
        let is_inside = |area: &Rect| {
            let center = sheet.place(first, end).center();
            (area.x..=area.right()).contains(&center.x) && (area.y..=area.bottom()).contains(&center.y)
        };
        sheet.page_of(first) == self.page && self.area.as_ref().is_none_or(is_inside)
    }
}
