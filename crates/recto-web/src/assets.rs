//! The stylesheet and the JavaScript modules, embedded in the binary.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::Web;

macro_rules! assets {
    ($($name:literal),+ $(,)?) => {
        /// Every asset as its name and its text.
        const ALL: &[(&str, &str)] = &[$(($name, include_str!(concat!("../assets/", $name)))),+];
    };
}

assets![
    "recto.css",
    "theme.js",
    "keys.js",
    "times.js",
    "live.js",
    "upload.js",
    "viewer.js",
    "review.js",
    "template.js"
];

/// Pictures that are inlined into pages.
pub(crate) struct Icons {
    pub(crate) batches: &'static str,
    pub(crate) review: &'static str,
    pub(crate) templates: &'static str,
    pub(crate) search: &'static str,
    pub(crate) settings: &'static str,
}

/// All of them.
pub(crate) const ICONS: Icons = Icons {
    batches: include_str!("../assets/batches.svg"),
    review: include_str!("../assets/review.svg"),
    templates: include_str!("../assets/templates.svg"),
    search: include_str!("../assets/search.svg"),
    settings: include_str!("../assets/settings.svg"),
};

/// The address of an asset. It changes with the content, so browsers may cache it forever.
pub(crate) fn versioned(name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content(name).hash(&mut hasher);
    format!("/assets/web/{name}?v={:x}", hasher.finish())
}

/// The routes of all assets.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/assets/web/{name}", get(asset))
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some(content) = content(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = if has_ending(&name, "css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], content)
        .into_response()
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

fn content(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(found, _)| *found == name).map(|(_, content)| *content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_are_less_than_a_hundred_kilobytes() {
        let bytes: usize = ALL.iter().map(|(_, content)| content.len()).sum();
        assert!(bytes < 100_000, "{bytes}");
    }
}
