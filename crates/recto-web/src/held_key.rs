//! A key of a session. Its access token is kept in place of the key itself.

use form_urlencoded::Serializer;
use serde::Deserialize;

/// The most characters of a name that fit into the cookie.
const NAME_CHARS: usize = 40;

/// What a session knows of a key that signed in. The key itself is not stored anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeldKey {
    /// The id of its token.
    pub(crate) id: String,
    pub(crate) organization: String,
    /// The name of the key.
    pub(crate) name: String,
    /// The one project that the key is limited to; empty for all.
    pub(crate) project: String,
    pub(crate) access_token: String,
}

/// The API's answer to a sign-in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    access_token: String,
    pub(crate) expires_in: u64,
    token_info: TokenInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenInfo {
    id: String,
    name: String,
    organization_name: String,
    project_id: Option<String>,
}

impl From<SignedIn> for HeldKey {
    fn from(SignedIn { access_token, token_info, .. }: SignedIn) -> Self {
        let short = |name: String| name.chars().take(NAME_CHARS).collect();
        Self {
            id: token_info.id,
            organization: short(token_info.organization_name),
            name: short(token_info.name),
            project: token_info.project_id.unwrap_or_default(),
            access_token,
        }
    }
}

impl HeldKey {
    /// The keys as the value of a cookie, in the form encoding, which has only characters that a cookie may hold.
    pub(crate) fn write(held: &[Self]) -> String {
        let mut text = Serializer::new(String::new());
        for key in held {
            text.append_pair("id", &key.id).append_pair("o", &key.organization).append_pair("n", &key.name);
            text.append_pair("p", &key.project).append_pair("t", &key.access_token);
        }
        text.finish()
    }

    /// The keys that a cookie holds.
    pub(crate) fn all_of(text: &str) -> Vec<Self> {
        let mut held: Vec<Self> = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = value.into_owned();
            if name == "id" {
                held.push(Self { id: value, ..Self::default() });
                continue;
            }
            let Some(key) = held.last_mut() else { continue };
            match name.as_ref() {
                "o" => key.organization = value,
                "n" => key.name = value,
                "p" => key.project = value,
                "t" => key.access_token = value,
                _ => {}
            }
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_holds_keys_of_any_name() {
        let key = |id: &str, organization: &str| HeldKey {
            id: id.to_owned(),
            organization: organization.to_owned(),
            name: "a; b=\"c\", d".to_owned(),
            project: String::new(),
            access_token: "eyJ.e30.x-_y".to_owned(),
        };
        let held = [key("1", "Ledger & Söhne"), key("2", "a\r\nSet-Cookie: b")];
        let text = HeldKey::write(&held);
        assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"\",;\\".contains(&b)), "{text}");
        assert_eq!(HeldKey::all_of(&text), held);
        assert_eq!(HeldKey::all_of("nothing of the kind"), []);
    }
}
