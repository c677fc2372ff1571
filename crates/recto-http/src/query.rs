//! The query string, with errors in the API's own form.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query as AxumQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, excerpt};

/// Like axum's `Query`; a query that cannot be read is a 400 in the API's error form.
///
/// Members should be optional texts, read with [`parsed`] and [`number`], so that all problems are reported together.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            // Not every database can store it, and none has anything with such a name.
            return Err(ApiError::invalid("the query string must not contain the NUL character"));
        }
        AxumQuery::<T>::try_from_uri(&parts.uri)
            .map(|AxumQuery(query)| Self(query))
            .map_err(|rejection| ApiError::invalid(unreadable(&rejection.body_text())))
    }
}

/// Rewords serde's message about a query string for the API.
fn unreadable(said: &str) -> String {
    let said = said.rsplit_once(": ").map_or(said, |(_, what)| what);
    match said.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(name) => format!("{name} must be given only once"),
        None => format!("the query string: {said}"),
    }
}

/// The value of a parameter; an empty value counts as missing.
pub(crate) fn sent(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !text.is_empty())
}

const MAX_SEARCH_CHARS: usize = 200;

/// The text to search names for.
pub(crate) fn search_text(value: Option<&str>, wrong: &mut Vec<String>) -> Option<String> {
    let text = sent(value)?;
    if text.chars().count() > MAX_SEARCH_CHARS || text.contains('\0') {
        wrong.push(format!("search must have at most {MAX_SEARCH_CHARS} visible characters"));
    }
    Some(text.to_owned())
}

/// The value of a parameter that parses as a `T`. A problem is added to `wrong`: `{what}{why}, not {value}`.
pub(crate) fn parsed<T>(what: &str, value: Option<&str>, wrong: &mut Vec<String>) -> Option<T>
where
    T: FromStr,
    T::Err: Display,
{
    let text = sent(value)?;
    text.parse().map_err(|why: T::Err| wrong.push(format!("{what}{why}, not {}", excerpt(text)))).ok()
}

/// The value of a parameter that is a whole number from 1 to `max`.
pub(crate) fn number(name: &str, value: Option<&str>, default: u64, max: u64, wrong: &mut Vec<String>) -> u64 {
    let Some(text) = sent(value) else { return default };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(n) if digits && (1..=max).contains(&n) => n,
        _ => {
            wrong.push(format!("{name} must be a whole number from 1 to {max}, not {}", excerpt(text)));
            default
        }
    }
}
