//! Links between the pages of a list.

use maud::{Markup, html};
use serde::Deserialize;

/// The position of a page in a list, as the API returns it.
#[derive(Deserialize)]
pub(crate) struct Pagination {
    pub(crate) page: u64,
    pub(crate) pages: u64,
    pub(crate) total: u64,
}

impl Pagination {
    /// The links to the previous and next page; empty when there is only one page.
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
