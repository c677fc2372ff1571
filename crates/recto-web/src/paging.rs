//! Lists of several pages.

use maud::{Markup, html};
use serde::Deserialize;

/// Where in a list a page of it stands, as the API tells.
#[derive(Deserialize)]
pub(crate) struct Pagination {
    pub(crate) page: u64,
    pub(crate) pages: u64,
    pub(crate) total: u64,
}

impl Pagination {
    /// The way to the pages before and after; nothing when there is only one.
    pub(crate) fn links(&self, link: &dyn Fn(u64) -> String) -> Markup {
        let Self { page, pages, .. } = *self;
        html! {
            @if pages > 1 {
                nav.paging aria-label="Pages of the list" {
                    @if page > 1 { a href=(link(page - 1)) rel="prev" { "Previous" } }
                    span.quiet { "page " (page) " of " (pages) }
                    @if page < pages { a href=(link(page + 1)) rel="next" { "Next" } }
                }
            }
        }
    }
}
