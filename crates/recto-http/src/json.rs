//! JSON bodies, with errors in the API's own form.

use axum::Json as AxumJson;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::connection::TooSlow;
use crate::error::{ApiError, excerpt};
use crate::router::MAX_SMALL_BODY_BYTES;

/// A JSON body of a request or response. Members that `T` does not know are ignored.
///
/// A request's body is refused with 415 when its content type is not JSON, with 413 when it is over
/// [`MAX_SMALL_BODY_BYTES`], and with 400 when it cannot be read as a `T`; the message names the member. To report all
/// problems of a body at once, give `T` members of type [`Member`](crate::member::Member).
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Self::within(MAX_SMALL_BODY_BYTES, request).await
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// The body of a request with at most `limit_bytes`.
    pub(crate) async fn within(limit_bytes: usize, mut request: Request) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedMediaType(
                "the body must be JSON, sent with Content-Type: application/json",
            ));
        }
        DefaultBodyLimit::max(limit_bytes).apply(&mut request);
        let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ApiError::TooLarge { what: "the request".to_owned(), limit_bytes: limit_bytes as u64 }
            }
            _ => TooSlow::of(&rejection).map_or_else(
                || ApiError::invalid("the body ended too early"),
                |slow| ApiError::TooSlow(slow.to_string()),
            ),
        })?;
        read(&bytes).map(Self).map_err(ApiError::invalid)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        AxumJson(self.0).into_response()
    }
}

/// Whether a body is `application/json` or of a type that builds on JSON, such as `application/merge-patch+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Parses a body, or says what is wrong with it.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() { friendly(&path, &error.to_string()) } else { no_json(&error) }
    })?;
    json.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

fn no_json(error: &serde_json::Error) -> String {
    format!("the body is not valid JSON: {error}")
}

/// Rewords serde's message about a value for the API. `path` is `.` for the body itself.
fn friendly(path: &str, said: &str) -> String {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let what = if path == "." { "the body" } else { path };
    let invalid = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "));
    if let Some((found, expected)) = invalid.and_then(|rest| rest.split_once(", expected ")) {
        return format!("{what} must be {}, not {}", plain(expected), excerpt(&plain(found)));
    }
    if let Some(name) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return if path == "." { format!("{name} is missing") } else { format!("{path}.{name} is missing") };
    }
    if let Some(rest) = said.strip_prefix("unknown variant `")
        && let Some((found, expected)) = rest.split_once("`, expected ")
    {
        return format!("{what} must be {}, not {}", expected.replace('`', ""), excerpt(found));
    }
    format!("{what}: {said}")
}

/// Rewords a type or value named by serde with JSON's terms.
fn plain(serde: &str) -> String {
    match serde {
        "map" => "an object".to_owned(),
        "sequence" | "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        // such as: integer `5`
        other => other.split_once('`').and_then(|(_, rest)| rest.strip_suffix('`')).unwrap_or(other).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[expect(dead_code, reason = "only whether they can be read matters")]
    struct Body {
        name: String,
        colours: Option<Vec<Colour>>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
        Green,
    }

    #[test]
    fn what_is_wrong_is_said_in_plain_words() {
        let said = [
            r#"{"name": 5}"#,
            r#"{"name": null}"#,
            "{}",
            "5",
            r#"{"name": "x", "colours": ["red", "pink"]}"#,
            r#"{"name": "x", "colours": {}}"#,
            r#"{"name": "x", "name": "y"}"#,
            r#"{"name": "x""#,
            r#"{"name": "x"} x"#,
            "",
        ]
        .map(|body| read::<Body>(body.as_bytes()).unwrap_err());
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn unknown_members_are_ignored() {
        assert!(read::<Body>(br#"{"name": "x", "shape": "round"}"#).is_ok());
    }

    #[test]
    fn json_is_told_by_its_type() {
        let is = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            is_json(&headers)
        };
        assert!(is("application/json") && is("Application/JSON; charset=utf-8") && is("application/merge-patch+json"));
        assert!(!is("text/plain") && !is("application/jsonl") && !is_json(&HeaderMap::new()));
    }
}
