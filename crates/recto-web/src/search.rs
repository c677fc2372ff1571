//! Full-text search in everything that was read.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::found::{Found, FoundPage};
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;
use crate::words::count;

/// The query of the page's address.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    page: Option<u64>,
}

/// `GET /search`
pub(crate) async fn page(
    State(web): State<Web>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let projects = Projects::load(&web, &session).await?;
    let text = asked.q.trim();
    let (found, wrong) = match found(&web, &session, &projects, text, asked.page).await {
        Ok(found) => (found, None),
        Err(failure) if failure.status == StatusCode::BAD_REQUEST => (None, Some(failure.message)),
        Err(failure) => return Err(failure),
    };
    let content = html! {
        h1 { "Search" }
        (form(text, wrong.as_deref()))
        @if let Some(found) = &found { (results(&web, found, text)) }
    };
    Ok(Frame::new(&web, &session, &projects, Part::Search, "Search").page(&content))
}

async fn found(
    web: &Web,
    session: &Session,
    projects: &Projects,
    text: &str,
    page: Option<u64>,
) -> Result<Option<Found>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let page = page.unwrap_or(1).to_string();
    let words = query(&[("projectId", projects.id()), ("q", text), ("page", &page)]);
    web.get(session, &format!("/search?{words}")).await.map(Some)
}

fn form(text: &str, wrong: Option<&str>) -> Markup {
    html! {
        form.search role="search" action="/search" {
            label.hidden for="q" { "Words to look for" }
            input id="q" name="q" type="search" value=(text) maxlength="200" dir="auto" autofocus[text.is_empty()]
                aria-describedby="q-help" placeholder="Words to look for";
            button.primary type="submit" { "Search" }
        }
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) "." } }
        p.quiet id="q-help" {
            "Finds pages that contain all the words. " kbd { "\"amount due\"" } " finds a phrase, " kbd { "inv*" }
            " words that begin with inv. Case and accents make no difference."
        }
    }
}

fn results(web: &Web, found: &Found, text: &str) -> Markup {
    let list = &found.pagination;
    let turned = |page: u64| format!("/search?{}", query(&[("q", text), ("page", &page.to_string())]));
    html! {
        section aria-labelledby="found" {
            h2 id="found" {
                @if list.total == 0 { "Nothing was found." } @else { (count(list.total, "page")) " found" }
            }
            @if !found.is_complete {
                p.warning { "Pages that an earlier version read are still being added. Search again in a while." }
            }
            ol.results { @for page in &found.data { li { (result(page, &web.api.page_picture(page.upload_id, page.page), text)) } } }
            (list.links(&turned))
        }
    }
}

fn result(page: &FoundPage, picture: &str, text: &str) -> Markup {
    let link = format!("/records/{}?{}", page.record_id, query(&[("page", &page.page.to_string()), ("q", text)]));
    html! {
        a.thumb href=(link) tabindex="-1" aria-hidden="true" {
            svg viewBox={ "0 0 " (page.width) " " (page.height) } {
                image href=(picture) width=(page.width) height=(page.height) preserveAspectRatio="none" {}
                g.hits { (page.marks()) }
            }
        }
        div.file {
            a.file-name href=(link) { bdi { (page.file_name) } }
            div.facts {
                span { "page " (page.page) @if let Some(all) = page.page_count { " of " (all) } }
                span { (count(page.hit_count, "hit")) }
                @if let Some(batch) = &page.batch_id { a href={ "/batches/" (batch) } { "its batch" } }
            }
            p.excerpt dir="auto" {
                @for piece in &page.excerpt { @if piece.is_hit { mark { (piece.text) } } @else { (piece.text) } }
            }
        }
    }
}
