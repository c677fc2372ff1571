//! Lists in pages: which page a request asks for, and how a page is answered.

use serde::{Deserialize, Serialize};

use crate::query::number;

const MAX_LIMIT: u64 = 100;
/// Far beyond any list; keeps the offset within what databases count with.
const MAX_PAGE: u64 = 1_000_000_000;

/// The part of a list's query string that says which page is meant. A list flattens it into its own query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PagingQuery {
    /// From 1.
    pub(crate) page: Option<String>,
    /// At most 100.
    pub(crate) limit: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    /// From 1.
    pub(crate) page: u64,
    /// How many entries a page has.
    pub(crate) limit: u64,
}

impl PagingQuery {
    /// The page that is meant; what is out of range is added to `wrong`.
    pub(crate) fn settle(&self, default_limit: u64, wrong: &mut Vec<String>) -> Paging {
        Paging {
            page: number("page", self.page.as_deref(), 1, MAX_PAGE, wrong),
            limit: number("limit", self.limit.as_deref(), default_limit, MAX_LIMIT, wrong),
        }
    }
}

/// A page of a list, as it is answered.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T> {
    data: Vec<T>,
    pagination: Pagination,
}

/// Where in a list a page stands.
#[derive(Debug, Serialize)]
struct Pagination {
    page: u64,
    limit: u64,
    /// Entries of all pages.
    total: u64,
    /// How many pages there are.
    pages: u64,
}

impl<T> Page<T> {
    /// A page with its entries, out of `total` in all.
    pub(crate) fn new(Paging { page, limit }: Paging, data: Vec<T>, total: u64) -> Self {
        Self { data, pagination: Pagination { page, limit, total, pages: total.div_ceil(limit) } }
    }
}
