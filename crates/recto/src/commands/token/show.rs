//! How tokens are shown.

use std::fmt::Display;

use recto_domain::{ApiKey, Timestamp, Token};
use serde::Serialize;

use crate::commands::print;

/// A token with its key, which is never shown again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WithKey<'a> {
    #[serde(flatten)]
    token: &'a Token,
    api_key: &'a str,
}

/// Prints a token and its new key; this is the only time that the key is shown.
pub(super) fn with_key(token: &Token, key: &ApiKey, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(&WithKey { token, api_key: key.expose() });
    }
    let mut shown = fields(token);
    shown.push(("apiKey", format!("{}  (shown only once)", key.expose())));
    Ok(print::fields(&shown)?)
}

/// Prints everything about one token.
pub(super) fn one(token: &Token) -> std::io::Result<()> {
    let mut shown = fields(token);
    shown.push(("key", token.hint.clone()));
    shown.push(("created", token.created_at.to_string()));
    shown.push(("last used", token.last_used_at.map_or_else(|| "never".to_owned(), |time| time.to_string())));
    print::fields(&shown)
}

/// Prints a line for each token.
pub(super) fn table(tokens: &[Token]) -> std::io::Result<()> {
    let row = |t: &Token| {
        let project = t.project_id.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let cells = [t.id.to_string(), t.hint.clone(), t.organization_id.to_string(), project, valid(t)];
        cells.into_iter().chain([list(&t.permissions, ""), t.name.clone()]).collect()
    };
    let rows = tokens.iter().map(row).collect();
    let head = ["ID", "KEY", "ORGANIZATION", "PROJECT", "VALID", "MAY", "NAME"];
    print::table(&head, rows, "no API keys yet: create one with `recto token create`")
}

fn fields(token: &Token) -> Vec<(&'static str, String)> {
    let project = token.project_id.map_or_else(|| "all of the organization".to_owned(), |id| id.to_string());
    let mut fields = vec![("id", token.id.to_string()), ("name", token.name.clone())];
    if !token.description.is_empty() {
        fields.push(("description", token.description.clone()));
    }
    fields.extend([
        ("organization", token.organization_id.to_string()),
        ("project", project),
        ("permissions", list(&token.permissions, "")),
        ("scopes", list(&token.scopes, "")),
        ("addresses", list(&token.allowed_addresses, "all")),
        ("valid", valid(token)),
    ]);
    fields
}

/// The entries separated by commas, or `none` when there are none.
fn list<T: Display>(entries: &[T], none: &str) -> String {
    if entries.is_empty() {
        return none.to_owned();
    }
    entries.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

/// Whether the token works, and until when.
fn valid(token: &Token) -> String {
    match (token.revoked_at, token.expires_at) {
        (Some(when), _) => format!("revoked {}", when.day()),
        (None, None) => "for ever".to_owned(),
        (None, Some(end)) if token.is_valid(Timestamp::now()) => format!("until {}", end.day()),
        (None, Some(end)) => format!("expired {}", end.day()),
    }
}
