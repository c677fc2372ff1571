//! The picture of a page with its words over it, and the links to the other pages.

use maud::{Markup, html};
use recto_domain::{RecordId, UploadId};
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::session::Session;

/// The number of pages before and after the shown one that have a thumbnail.
const NEAR: usize = 4;

/// A document of which one page is shown. Only the numbers of the other pages are known, so that a long document opens
/// as fast as a short one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Viewed {
    id: RecordId,
    upload_id: UploadId,
    /// The shown page; empty when there is no such page.
    #[serde(default)]
    pub(super) pages: Vec<Page>,
    #[serde(default)]
    pub(super) page_numbers: Vec<u32>,
}

/// A page as the API returns it.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) number: u32,
    pub(crate) error: Option<String>,
    pub(crate) width: Option<f64>,
    pub(crate) height: Option<f64>,
    pub(super) confidence: Option<f64>,
    pub(super) text: Option<String>,
    /// Present only if words were asked for.
    #[serde(default)]
    pub(super) tables: Vec<Table>,
}

/// A table of a page, with its cells row by row.
#[derive(Deserialize)]
pub(crate) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell, which may span several rows and columns.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cell {
    pub(super) text: String,
    pub(super) header: bool,
    pub(super) row_span: u32,
    pub(super) col_span: u32,
}

impl Page {
    /// The size of the page in points; that of A4 when the page could not be opened.
    pub(crate) fn size(&self) -> [f64; 2] {
        [self.width.unwrap_or(595.0), self.height.unwrap_or(842.0)]
    }
}

impl Viewed {
    /// Asks the API for a document with one of its pages.
    pub(crate) async fn load(web: &Web, session: &Session, record: &str, page: u32) -> Result<Self, Failure> {
        let words = crate::form::query(&[("page", &page.max(1).to_string())]);
        web.get(session, &format!("/processing-history/{record}?{words}")).await
    }

    /// The viewer. `query` is the text in its search field, `marks` are drawn over the picture, and `below` is shown
    /// under it.
    pub(crate) fn picture(
        &self,
        web: &Web,
        link: &dyn Fn(u32) -> String,
        query: &str,
        marks: &Markup,
        below: &Markup,
    ) -> Markup {
        let Some(page) = self.pages.first() else { return html! {} };
        let [width, height] = page.size();
        let last = self.page_numbers.last().copied().unwrap_or(page.number);
        let at = self.page_numbers.iter().position(|number| *number == page.number).unwrap_or_default();
        let near = self.page_numbers.get(at.saturating_sub(NEAR)..(at + NEAR + 1).min(self.page_numbers.len()));
        let near = near.unwrap_or_default();
        html! {
            section.viewer id="viewer" aria-label={ "Page " (page.number) } data-words={ "/records/" (self.id) "/pages/" (page.number) }
                data-width=(width) data-height=(height) data-page=(page.number) {
                div.tools {
                    @if let Some(before) = at.checked_sub(1).and_then(|at| self.page_numbers.get(at)) { a.button href=(link(*before)) rel="prev" title="Previous page (k)" { "‹" span.hidden { " Previous page" } } }
                    span.quiet { "page " (page.number) " of " (last) }
                    @if let Some(next) = self.page_numbers.get(at + 1) { a.button href=(link(*next)) rel="next" title="Next page (j)" { "›" span.hidden { " Next page" } } }
                    span.live-only.tool-row {
                        button type="button" id="smaller" title="Zoom out (-)" { "−" span.hidden { " Zoom out" } }
                        button type="button" id="larger" title="Zoom in (+)" { "+" span.hidden { " Zoom in" } }
                        button type="button" id="fit" title="Fit (0)" { "Fit" }
                        button type="button" id="turn" title="Rotate (r)" { "Rotate" }
                        button type="button" id="heat" title="Heat map of confidence (h)" aria-pressed="false" { "Heat map" }
                        form.find action={ "/records/" (self.id) } {
                            label.hidden for="find" { "Find on this page; Enter finds on all pages" }
                            input id="find" name="q" type="search" value=(query) maxlength="200" placeholder="Find (f)" title="Enter finds on all pages";
                        }
                        span id="found" role="status" {}
                    }
                }
                div.desk id="desk" tabindex="0" role="group" aria-label="Picture of the page with its words" {
                    div.sheet id="sheet" {
                        @if page.error.is_none() {
                            img src=(web.api.page_picture(self.upload_id, page.number))
                                alt={ "Page " (page.number) " of the document" } width=(width.round()) height=(height.round());
                        }
                        (marks)
                        div.overlay id="overlay" {}
                    }
                }
                (below)
                @if self.page_numbers.len() > 1 {
                    nav.thumbs aria-label="Pages" {
                        @if let Some(&first) = self.page_numbers.first().filter(|first| !near.contains(first)) { a href=(link(first)) { span { (first) " …" } } }
                        @for &other in near {
                            a href=(link(other)) aria-current=[(other == page.number).then_some("page")] {
                                img src=(web.api.page_picture(self.upload_id, other)) alt="" loading="lazy" fetchpriority="low" width="60" height="80";
                                span { (other) }
                            }
                        }
                        @if near.last() != Some(&last) { a href=(link(last)) { span { "… " (last) } } }
                    }
                }
            }
        }
    }
}
