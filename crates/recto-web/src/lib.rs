//! Recto's web pages: sign in, send files, watch them being read, look at the pages, and fetch the results.
//!
//! The server renders the pages as HTML, and small JavaScript modules add what must be live. A page only uses the API,
//! in the same process and with the key that signed in ([`recto_http::Api`]), so it can do nothing that an API client
//! could not. [`pages`] makes the routes.
//!
//! The path of a request: `session` finds who is signed in and refuses forms sent by other sites. A handler then calls
//! the API through `call`, and `layout` puts the answer into a page.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod assets;
mod batch;
mod batches;
mod call;
mod form;
mod found;
mod held_key;
mod layout;
mod one_time_link;
mod paging;
mod project;
mod record;
mod retried;
mod review;
mod ribbon;
mod samples;
mod search;
mod session;
mod settings;
mod sign_in;
mod template;
mod upload;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use recto_http::Api;

pub use one_time_link::OneTimeLink;

/// The state that every page can use.
#[derive(Clone)]
struct Web {
    api: Api,
    link: Arc<OneTimeLink>,
    samples: &'static [Sample],
}

/// A sample document for a new installation: its file name and its bytes.
pub type Sample = (&'static str, &'static [u8]);

/// The pages on top of an API. The link signs in the person who started the server. The samples are offered while
/// nothing has been sent yet.
pub fn pages(api: Api, link: OneTimeLink, samples: &'static [Sample]) -> Router {
    let web = Web { api, link: Arc::new(link), samples };
    Router::new()
        .route("/", get(home))
        .route("/start", get(start))
        .route("/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/project", post(project::switch))
        .route("/organization", post(settings::session::switch))
        .route("/batches", get(batches::page))
        .route("/batches/{id}", get(batch::page::page))
        .route("/batches/{id}/events", get(batch::pass::events))
        .route("/batches/{id}/export", get(batch::pass::export))
        .route("/batches/{id}/delete", get(batch::delete::ask).post(batch::delete::delete))
        .route("/batches/{id}/retry", post(batch::pass::retry))
        .route("/batches/{id}/cancel", post(batch::pass::cancel))
        .route("/upload", post(upload::upload).layer(DefaultBodyLimit::disable()))
        .route("/samples", post(samples::send))
        .route("/records/{id}", get(record::page::page))
        .route("/records/{id}/pages/{number}", get(record::words::words))
        .route("/records/{id}/export", get(record::pass::export))
        .route("/records/{id}/retry", post(record::pass::retry))
        .route("/records/{id}/fields", post(record::correct::correct))
        .route("/templates", get(template::list::page))
        .route("/templates/import", post(template::list::import))
        .route("/templates/builtin/{id}", post(template::list::copy))
        .route("/templates/new", get(template::edit::new).post(template::edit::create))
        .route("/templates/{id}", get(template::edit::page).post(template::edit::save))
        .route("/templates/{id}/apply", get(template::apply::page).post(template::apply::apply))
        .route("/templates/{id}/learn", post(template::act::learn))
        .route("/templates/{id}/delete", get(template::act::ask).post(template::act::delete))
        .route("/review", get(review::page::page))
        .route("/review/{id}", post(review::decide::accept))
        .route("/review/{id}/undo", post(review::decide::undo))
        .route("/settings", get(settings::usage::page))
        .route("/settings/session", get(settings::session::page).post(settings::session::add))
        .route("/settings/session/{id}/leave", post(settings::session::leave))
        .route("/settings/projects", get(settings::projects::page).post(settings::projects::create))
        .route("/settings/projects/{id}", post(settings::projects::change))
        .route("/settings/keys", get(settings::keys::page).post(settings::keys::create))
        .route("/settings/keys/{id}/revoke", post(settings::keys::revoke))
        .route("/settings/webhooks", get(settings::webhooks::page).post(settings::webhooks::create))
        .route("/settings/webhooks/{id}", get(settings::webhook::page))
        .route("/settings/webhooks/{id}/{what}", post(settings::webhook::act))
        .route("/settings/webhooks/deliveries/{id}/again", post(settings::webhook::again))
        .route("/search", get(search::page))
        .merge(assets::routes())
        .with_state(web)
}

/// `GET /`: browsers are sent to the pages. Programs that do not accept HTML get the lines to paste.
async fn home(State(web): State<Web>, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        Redirect::to("/batches").into_response()
    } else {
        web.api.lines_to_paste().into_response()
    }
}

/// `GET /start`
async fn start(State(web): State<Web>) -> Response {
    web.api.lines_to_paste().into_response()
}
