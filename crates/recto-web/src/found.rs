//! The search results of the API, as the pages use them.

use maud::{Markup, html};
use recto_domain::UploadId;
use serde::Deserialize;

use crate::paging::Pagination;

/// The answer of a search.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Found {
    pub(crate) data: Vec<FoundPage>,
    pub(crate) pagination: Pagination,
    pub(crate) is_complete: bool,
}

/// A page on which something was found.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundPage {
    pub(crate) record_id: String,
    pub(crate) batch_id: Option<String>,
    pub(crate) file_name: String,
    pub(crate) page: u32,
    pub(crate) page_count: Option<u64>,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) upload_id: UploadId,
    pub(crate) excerpt: Vec<Piece>,
    pub(crate) hits: Vec<Hit>,
    pub(crate) hit_count: u64,
}

/// A piece of an excerpt.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) is_hit: bool,
}

/// A match on a page.
#[derive(Deserialize)]
pub(crate) struct Hit {
    pub(crate) boxes: Vec<[f64; 4]>,
}

impl FoundPage {
    /// The marks over the picture of the page, in points.
    pub(crate) fn marks(&self) -> Markup {
        html! {
            @for [x, y, width, height] in self.hits.iter().flat_map(|hit| &hit.boxes) {
                rect x=(x - 1.0) y=(y - 1.0) width=(width + 2.0) height=(height + 2.0) rx="1.5" {}
            }
        }
    }
}
