//! API keys, and the tokens that stand behind them.
//!
//! A key is `ocr_` and 40 base62 characters, the last 6 of which are a checksum of the others, so that a typo is
//! caught without a look-up and a secret scanner can tell a key from noise. Only a keyed hash of a key is stored.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::id::{OrganizationId, ProjectId, TokenId, UserId};
use crate::time::Timestamp;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "ocr_";
const SECRET_CHARS: usize = 34;
const CHECK_CHARS: usize = 6;

/// A secret API key. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// A text that is no API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no Recto API key")]
pub struct InvalidApiKey;

impl ApiKey {
    /// A new key with 202 random bits.
    ///
    /// # Panics
    /// When the operating system has no random bytes to give: no key is better than a guessable one.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = PREFIX.to_owned();
        let mut random = [0u8; 64];
        while key.len() < PREFIX.len() + SECRET_CHARS {
            getrandom::fill(&mut random).expect("the operating system gives random bytes");
            // 248 is the greatest multiple of 62 in a byte: what lies above would favour the first letters.
            let letters = random.iter().filter(|&&b| b < 248).map(|b| ALPHABET[usize::from(b % 62)] as char);
            key.extend(letters.take(PREFIX.len() + SECRET_CHARS - key.len()));
        }
        key.push_str(&checksum(&key));
        Self(key)
    }

    /// The key itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The first characters, by which a person tells keys apart: `ocr_1a2B…`.
    #[must_use]
    pub fn hint(&self) -> String {
        format!("{}…", &self.0[..PREFIX.len() + 4])
    }

    /// HMAC-SHA256 of the key under the installation's secret: all that is stored of it.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn hash(&self, secret: &[u8]) -> KeyHash {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        KeyHash(hex::encode(mac.chain_update(self.0.as_bytes()).finalize().into_bytes()))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

impl FromStr for ApiKey {
    type Err = InvalidApiKey;

    fn from_str(text: &str) -> Result<Self, InvalidApiKey> {
        let body = text.strip_prefix(PREFIX).ok_or(InvalidApiKey)?;
        if body.len() != SECRET_CHARS + CHECK_CHARS || !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(InvalidApiKey);
        }
        let (secret, check) = text.split_at(PREFIX.len() + SECRET_CHARS);
        if checksum(secret) == check { Ok(Self(text.to_owned())) } else { Err(InvalidApiKey) }
    }
}

/// Six base62 digits of the SHA-256 of what stands before them.
fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut n = u64::from_be_bytes(digest[..8].try_into().expect("a SHA-256 has 32 bytes"));
    (0..CHECK_CHARS)
        .map(|_| {
            let letter = ALPHABET[(n % 62) as usize] as char;
            n /= 62;
            letter
        })
        .collect()
}

/// The keyed hash of an API key, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyHash(String);

impl KeyHash {
    /// As stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands behind an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The token.
    pub id: TokenId,
    /// The organisation it acts in.
    pub organization_id: OrganizationId,
    /// The one project it is limited to; `None` for a token of the whole organisation.
    pub project_id: Option<ProjectId>,
    /// On whose behalf it acts.
    pub user_id: UserId,
    /// For people; at most 100 characters.
    pub name: String,
    /// The first characters of the key.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 100;

    /// Whether the token opens anything at that time.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The project that a request of this token means: its own one, or the one the request names.
    ///
    /// # Errors
    /// [`ProjectScopeError`] when an organisation's token names none or a project's token names another one.
    pub fn project_scope(&self, named: Option<ProjectId>) -> Result<ProjectId, ProjectScopeError> {
        match (self.project_id, named) {
            (Some(own), None) => Ok(own),
            (Some(own), Some(named)) if own == named => Ok(own),
            (Some(_), Some(_)) => Err(ProjectScopeError::OtherProject),
            (None, Some(named)) => Ok(named),
            (None, None) => Err(ProjectScopeError::Missing),
        }
    }

    /// Whether an object of that organisation and project is in this token's reach.
    #[must_use]
    pub fn reaches(&self, organization: OrganizationId, project: ProjectId) -> bool {
        self.organization_id == organization && self.project_id.is_none_or(|own| own == project)
    }
}

/// Why a request's project is not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProjectScopeError {
    /// An organisation token must say which project it means.
    #[error("projectId is required with an organization token")]
    Missing,
    /// A project token reaches its own project only.
    #[error("projectId does not match the project of this token")]
    OtherProject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_a_typo_does_not() {
        let key = ApiKey::generate();
        assert_eq!(key.expose().len(), 44);
        assert_eq!(key.expose().parse::<ApiKey>(), Ok(key.clone()));
        let mut typo = key.expose().to_owned();
        let swapped = if typo.ends_with('a') { 'b' } else { 'a' };
        typo.pop();
        typo.push(swapped);
        assert_eq!(typo.parse::<ApiKey>(), Err(InvalidApiKey));
        assert!(!format!("{key:?}").contains(&key.expose()[4..]));
    }

    #[test]
    fn the_hash_depends_on_the_secret() {
        let key = ApiKey::generate();
        assert_eq!(key.hash(b"one"), key.hash(b"one"));
        assert_ne!(key.hash(b"one"), key.hash(b"two"));
    }
}
