//! Search matches, marked on the pages of a document.

use axum::http::StatusCode;
use maud::{Markup, html};
use recto_domain::RecordId;

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::found::Found;
use crate::project::Projects;
use crate::record::viewer::Page;
use crate::session::Session;
use crate::words::count;

/// The pages of a document that match the search; none when nothing was searched for.
pub(crate) struct Hits {
    pub(super) query: String,
    found: Option<Found>,
}

impl Hits {
    /// Asks the API for the matches. A search that the API refuses as invalid has none.
    pub(super) async fn load(
        web: &Web,
        session: &Session,
        projects: &Projects,
        id: RecordId,
        asked: &str,
    ) -> Result<Self, Failure> {
        let asked = asked.trim();
        if asked.is_empty() {
            return Ok(Self { query: String::new(), found: None });
        }
        let words =
            query(&[("projectId", projects.id()), ("recordId", &id.to_string()), ("q", asked), ("limit", "100")]);
        let found = match web.get(session, &format!("/search?{words}")).await {
            Ok(found) => Some(found),
            Err(failure) if failure.status == StatusCode::BAD_REQUEST => None,
            Err(failure) => return Err(failure),
        };
        Ok(Self { query: asked.to_owned(), found })
    }

    /// The marks over the picture of a page.
    pub(super) fn marks(&self, shown: &Page) -> Markup {
        let [width, height] = shown.size();
        let page = self.found.iter().flat_map(|found| &found.data).find(|page| page.page == shown.number);
        html! {
            @if let Some(page) = page {
                svg.hits id="hits" viewBox={ "0 0 " (width) " " (height) } preserveAspectRatio="none" aria-hidden="true" { (page.marks()) }
            }
        }
    }

    /// The links to the pages that match.
    pub(super) fn pages(&self, shown: u32, link: &dyn Fn(u32) -> String) -> Markup {
        let Some(found) = &self.found else { return html! {} };
        html! {
            nav.found-on aria-label="Pages with matches" {
                span.quiet { "“" bdi { (self.query) } "” is on " (count(found.pagination.total, "page")) }
                @for page in &found.data {
                    a href=(link(page.page)) aria-current=[(page.page == shown).then_some("page")] title=(count(page.hit_count, "hit")) {
                        "page " (page.page)
                    }
                }
            }
        }
    }
}
