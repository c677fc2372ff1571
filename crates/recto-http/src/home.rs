//! The home page: what Recto is, that it runs, and how to send a first batch.

use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use recto_export::Format;

use crate::state::{ApiSettings, ApiState};

const PAGE: &str = include_str!("../assets/home.html");
const STYLE: &str = include_str!("../assets/home.css");
const ICON: &str = include_str!("../assets/icon.svg");

const FOR_AN_HOUR: (HeaderName, &str) = (CACHE_CONTROL, "public, max-age=3600");

/// `GET /` of a server without other pages
pub(crate) async fn page(State(state): State<ApiState>) -> Html<String> {
    filled_in(&state)
}

/// The page with the current data of this server.
pub(crate) fn filled_in(state: &ApiState) -> Html<String> {
    let workers = *state.workers_ready.borrow();
    Html(fill_in(&state.settings, workers))
}

/// `GET /assets/home.css`
pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), FOR_AN_HOUR], STYLE)
}

/// `GET /assets/icon.svg`
pub(crate) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), FOR_AN_HOUR], ICON)
}

fn fill_in(settings: &ApiSettings, workers: usize) -> String {
    let (class, state) = match workers {
        0 => ("waiting", "This server is running. It reads files as soon as a worker is ready.".to_owned()),
        1 => ("ready", "This server is running. 1 worker is ready.".to_owned()),
        n => ("ready", format!("This server is running. {n} workers are ready.")),
    };
    let formats = Format::ALL.map(|format| format!("<code>{}</code>", format.name())).join(", ");
    PAGE.replace("{{state_class}}", class)
        .replace("{{state}}", &state)
        .replace("{{max_file}}", &size(settings.max_file_bytes))
        .replace("{{formats}}", &formats)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
        // Only the configured address is shown: the host that a request claims must not appear in lines for others to
        // paste.
        .replace("{{base}}", &escape(settings.public_address().unwrap_or("http://…")))
}

fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        for workers in 0..3 {
            assert!(!fill_in(&ApiSettings::default(), workers).contains("{{"));
        }
    }
}
