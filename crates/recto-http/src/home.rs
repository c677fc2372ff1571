//! The page that greets a browser: what Recto is, that it runs, and how to send a first batch.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{Html, IntoResponse};
use recto_export::Format;

use crate::state::{ApiSettings, ApiState};

const PAGE: &str = include_str!("../../../assets/web/home.html");
const STYLE: &str = include_str!("../../../assets/web/home.css");
const ICON: &str = include_str!("../../../assets/web/icon.svg");

const FOR_AN_HOUR: (HeaderName, &str) = (CACHE_CONTROL, "public, max-age=3600");

/// `GET /`
pub(crate) async fn page(State(state): State<ApiState>, headers: HeaderMap) -> Html<String> {
    let workers = *state.workers_ready.borrow();
    Html(fill_in(&state.settings, &base(&state.settings, &headers), workers))
}

/// `GET /assets/home.css`
pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), FOR_AN_HOUR], STYLE)
}

/// `GET /assets/icon.svg`
pub(crate) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), FOR_AN_HOUR], ICON)
}

fn fill_in(settings: &ApiSettings, base: &str, workers: usize) -> String {
    let (class, state) = match workers {
        0 => ("waiting", "This server runs. It takes files, and reads them as soon as a worker is ready.".to_owned()),
        1 => ("ready", "This server runs. 1 worker is ready to read.".to_owned()),
        n => ("ready", format!("This server runs. {n} workers are ready to read.")),
    };
    let formats = Format::ALL.map(|format| format!("<code>{}</code>", format.name())).join(", ");
    PAGE.replace("{{state_class}}", class)
        .replace("{{state}}", &state)
        .replace("{{max_file}}", &size(settings.max_file_bytes))
        .replace("{{formats}}", &formats)
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{base}}", &escape(base))
}

/// The address that the reader's commands should use.
fn base(settings: &ApiSettings, headers: &HeaderMap) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
    format!("http://{}", host.unwrap_or("127.0.0.1:8080"))
}

/// Whether a text can only be a host with a port: the page shows it in commands that people paste.
fn is_authority(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
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
    use axum::http::HeaderValue;

    fn base_for(host: &'static str, public_url: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        base(&ApiSettings { public_url: public_url.map(str::to_owned), ..ApiSettings::default() }, &headers)
    }

    #[test]
    fn the_commands_use_the_address_that_was_asked_for() {
        assert_eq!(base_for("ocr.example.com:8080", None), "http://ocr.example.com:8080");
        assert_eq!(base_for("[::1]:8080", None), "http://[::1]:8080");
        assert_eq!(base_for("ignored", Some("https://ocr.example.com/")), "https://ocr.example.com");
        assert_eq!(base_for("x\";rm -rf", None), "http://127.0.0.1:8080");
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for workers in 0..3 {
            assert!(!fill_in(&ApiSettings::default(), "http://localhost", workers).contains("{{"));
        }
    }
}
