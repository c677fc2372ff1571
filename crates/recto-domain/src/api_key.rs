//! API keys.
//!
//! A key is `ocr_` and 40 base62 characters. The last 6 characters are a checksum of the others, so a typo is caught
//! without a look-up and a secret scanner can tell a key from noise. Only a keyed hash of a key is stored.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "ocr_";
const SECRET_CHARS: usize = 34;
const CHECK_CHARS: usize = 6;

/// A secret API key. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// The error for a text that is not an API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid Recto API key")]
pub struct InvalidApiKey;

impl ApiKey {
    /// A new key with 202 random bits.
    ///
    /// # Panics
    /// When the operating system cannot supply random bytes: no key is better than a guessable one.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = PREFIX.to_owned();
        let mut random = [0u8; 64];
        while key.len() < PREFIX.len() + SECRET_CHARS {
            getrandom::fill(&mut random).expect("the operating system gives random bytes");
            // 248 is the largest multiple of 62 that fits in a byte. Larger values are skipped, because they would
            // favour the first letters.
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

    /// The first characters, which let a person tell keys apart: `ocr_1a2B…`.
    #[must_use]
    pub fn hint(&self) -> String {
        format!("{}…", &self.0[..PREFIX.len() + 4])
    }

    /// HMAC-SHA256 of the key under the installation's secret. Nothing else of the key is stored.
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

/// Six base62 digits of the SHA-256 of the text.
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
    /// The hash as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
