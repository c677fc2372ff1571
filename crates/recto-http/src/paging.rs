//! Paged lists: which page a request asks for, and the form of the response.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::query::number;

const MAX_LIMIT: u64 = 100;
/// Far beyond any list; keeps the offset within the integers of databases.
const MAX_PAGE: u64 = 1_000_000_000;

/// The query parameters that choose a page. A list flattens them into its own query.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PagingQuery {
    /// The page of the list, from 1; the first by default.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 1_000_000_000)]
    pub(crate) page: Option<String>,
    /// Entries per page; at most 100.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 100)]
    pub(crate) limit: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The number of the page, from 1.
    pub(crate) page: u64,
    /// Entries per page.
    pub(crate) limit: u64,
}

impl PagingQuery {
    /// The requested page; values out of range are added to `wrong`.
    pub(crate) fn settle(&self, default_limit: u64, wrong: &mut Vec<String>) -> Paging {
        Paging {
            page: number("page", self.page.as_deref(), 1, MAX_PAGE, wrong),
            limit: number("limit", self.limit.as_deref(), default_limit, MAX_LIMIT, wrong),
        }
    }
}

/// A page of a list, as a response.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    data: Vec<T>,
    pagination: Pagination,
}

/// The position of a page in its list.
#[derive(Debug, Serialize, ToSchema)]
struct Pagination {
    page: u64,
    limit: u64,
    /// Number of entries on all pages.
    total: u64,
    /// Number of pages.
    pages: u64,
}

impl<T> Page<T> {
    /// A page with its entries, out of `total` entries.
    pub(crate) fn new(Paging { page, limit }: Paging, data: Vec<T>, total: u64) -> Self {
        Self { data, pagination: Pagination { page, limit, total, pages: total.div_ceil(limit) } }
    }
}
