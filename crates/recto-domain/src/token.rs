//! API keys, and the tokens that stand behind them.
//!
//! A key is `ocr_` and 40 base62 characters, the last 6 of which are a checksum of the others, so that a typo is
//! caught without a look-up and a secret scanner can tell a key from noise. Only a keyed hash of a key is stored.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// The token.
    pub id: TokenId,
    /// The organisation it acts in.
    pub organization_id: OrganizationId,
    /// The one project it is limited to; null for a token of the whole organisation.
    pub project_id: Option<ProjectId>,
    /// On whose behalf it acts.
    pub user_id: UserId,
    /// For people; at most 100 characters.
    pub name: String,
    /// For people; at most 500 characters, may be empty.
    pub description: String,
    /// What it may do; never empty.
    pub permissions: Vec<Permission>,
    /// To what it may do it; never empty.
    pub scopes: Vec<Scope>,
    /// The addresses that it works from; empty for all.
    pub allowed_addresses: Vec<AddressRange>,
    /// The first characters of the key.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; null for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The most entries of the list of addresses.
    pub const MAX_ADDRESSES: usize = 100;

    /// Whether the token has a permission in a scope.
    #[must_use]
    pub fn may(&self, permission: Permission, scope: Scope) -> bool {
        self.permissions.contains(&permission) && self.scopes.iter().any(|own| *own == Scope::All || *own == scope)
    }

    /// Whether it works from that address.
    #[must_use]
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.allowed_addresses.is_empty() || self.allowed_addresses.iter().any(|range| range.contains(address))
    }

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

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Permission {
    /// See things.
    Read,
    /// Send, change and delete things.
    Write,
    /// Look after projects, tokens and the audit log.
    Admin,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a permission must be one of read, write, admin")]
pub struct InvalidPermission;

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, InvalidPermission> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or(InvalidPermission)
    }
}

/// To what a token's permissions apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Projects.
    Projects,
    /// Templates.
    Templates,
    /// Single uploads.
    Uploads,
    /// Batches and their exports.
    Batches,
    /// Records.
    History,
    /// Webhook endpoints.
    Webhooks,
    /// Tokens.
    Tokens,
    /// Everything, the audit log too.
    #[serde(rename = "*")]
    All,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::Projects,
        Self::Templates,
        Self::Uploads,
        Self::Batches,
        Self::History,
        Self::Webhooks,
        Self::Tokens,
        Self::All,
    ];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Templates => "templates",
            Self::Uploads => "uploads",
            Self::Batches => "batches",
            Self::History => "history",
            Self::Webhooks => "webhooks",
            Self::Tokens => "tokens",
            Self::All => "*",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope must be one of projects, templates, uploads, batches, history, webhooks, tokens, *")]
pub struct InvalidScope;

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(InvalidScope)
    }
}

/// Addresses that a token works from: one address, or a network in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange(IpNet);

impl AddressRange {
    /// Whether an address lies in the range. An IPv4 address that came over an IPv6 socket counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for AddressRange {
    /// A single address is shown without its prefix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// A text that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address is written as 192.0.2.7, 192.0.2.0/24, 2001:db8::7 or 2001:db8::/32")]
pub struct InvalidAddressRange;

impl FromStr for AddressRange {
    type Err = InvalidAddressRange;

    fn from_str(text: &str) -> Result<Self, InvalidAddressRange> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.to_canonical().into()));
        }
        text.parse::<IpNet>().map(|net| Self(net.trunc())).map_err(|_| InvalidAddressRange)
    }
}

#[cfg(feature = "openapi")]
crate::schema::schema_is!(
    AddressRange = crate::schema::text("An address, or a network in CIDR notation; IPv4 or IPv6.").examples([
        "192.0.2.7",
        "192.0.2.0/24",
        "2001:db8::/32"
    ])
);

impl Serialize for AddressRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddressRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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
    fn an_address_range_is_an_address_or_a_network() {
        let range = |text: &str| text.parse::<AddressRange>();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(range("192.0.2.0/24").unwrap().contains(ip("::ffff:192.0.2.9")));
        assert!(!range("192.0.2.0/24").unwrap().contains(ip("192.0.3.9")));
        assert!(range("2001:db8::/32").unwrap().contains(ip("2001:db8:1::1")));
        assert_eq!(range("192.0.2.7").unwrap().to_string(), "192.0.2.7");
        assert_eq!(range("192.0.2.7/24").unwrap().to_string(), "192.0.2.0/24");
        for wrong in ["", "localhost", "192.0.2.0/33", "192.0.2"] {
            assert_eq!(range(wrong), Err(InvalidAddressRange), "{wrong}");
        }
    }

    #[test]
    fn the_hash_depends_on_the_secret() {
        let key = ApiKey::generate();
        assert_eq!(key.hash(b"one"), key.hash(b"one"));
        assert_ne!(key.hash(b"one"), key.hash(b"two"));
    }
}
