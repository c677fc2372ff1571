//! The frame of the settings, which have one page for each kind of object.

use axum::response::Response;
use maud::{Markup, html};

use crate::Web;
use crate::layout::{Frame, Part};
use crate::project::Projects;
use crate::session::Session;

const SECTIONS: [(&str, &str); 5] = [
    ("Usage", "/settings"),
    ("Projects", "/settings/projects"),
    ("Keys", "/settings/keys"),
    ("Webhooks", "/settings/webhooks"),
    ("Session", "/settings/session"),
];

/// A page of the settings, under the tabs that lead to the other pages.
pub(super) fn page(web: &Web, session: &Session, projects: &Projects, title: &str, content: &Markup) -> Response {
    let content = html! {
        h1 { "Settings" }
        nav.filters aria-label="Settings" {
            @for (name, path) in SECTIONS {
                a href=(path) aria-current=[(name == title).then_some("page")] { (name) }
            }
        }
        (content)
    };
    Frame::new(web, session, projects, Part::Settings, title).page(&content)
}

/// The error message above a form that was refused.
pub(super) fn problem(wrong: Option<&str>) -> Markup {
    html! { @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } } }
}

/// A secret, which is shown only this once.
pub(super) fn secret(what: &str, value: &str) -> Markup {
    html! {
        div.secret role="status" {
            p { (what) " It is shown only once: copy it now." }
            input.mono value=(value) readonly aria-label="Secret";
        }
    }
}
