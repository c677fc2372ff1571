//! Encryption of texts in the database: the secrets and headers of webhook endpoints, and passwords that wait for a
//! worker.
//!
//! XChaCha20-Poly1305 with a key derived from the installation's secret by HKDF-SHA256 (RFC 5869). A sealed text is
//! `key id.Base64(nonce, ciphertext, tag)`. The id names the key, so that two keys can be valid while one replaces the
//! other. The text's column and row are authenticated with it, so that it cannot be moved to another row.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::error::{Result, StorageError};

const KEY_LABEL: &[u8] = b"recto sealing key 1";
const ID_LABEL: &[u8] = b"recto sealing key id 1";
const NONCE_BYTES: usize = 24;

/// The keys that encrypt secrets of users. Its `Debug` does not show them.
#[derive(Clone)]
pub struct SealingKeys {
    current: Key,
    former: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl SealingKeys {
    /// The key derived from the installation's secret.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self { current: Key::of(secret), former: Vec::new() }
    }

    /// Adds a former secret of the installation, for reading; [`crate::Storage::open`] encrypts such texts again with
    /// the current key.
    #[must_use]
    pub fn and_former(mut self, secret: &[u8]) -> Self {
        self.former.push(Key::of(secret));
        self
    }

    /// Random keys that end with the process: for data that need not outlive it.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn of_this_process() -> Self {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the operating system gives random bytes");
        Self::new(&secret)
    }

    /// Encrypts the text of a column and row; the column includes its table, as in `webhooks.secret`.
    pub(crate) fn seal(&self, text: &str, column: &str, row: &str) -> String {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("the operating system gives random bytes");
        let place = place(column, row);
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = self.current.cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a text in memory is shorter than the cipher's limit of 256 GB");
        format!("{}.{}", self.current.id, BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Decrypts a text that [`SealingKeys::seal`] encrypted for the same place with one of the valid keys; otherwise
    /// [`StorageError::Sealed`].
    pub(crate) fn open(&self, sealed: &str, column: &str, row: &str) -> Result<String> {
        self.try_open(sealed, column, row).ok_or(StorageError::Sealed)
    }

    fn try_open(&self, sealed: &str, column: &str, row: &str) -> Option<String> {
        let (id, text) = sealed.split_once('.')?;
        let key = std::iter::once(&self.current).chain(&self.former).find(|key| key.id == id)?;
        let bytes = BASE64_STANDARD_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let place = place(column, row);
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let text = key.cipher.decrypt(&XNonce::try_from(nonce).ok()?, payload).ok()?;
        String::from_utf8(text).ok()
    }

    /// Whether the text was encrypted with the current key.
    pub(crate) fn is_current(&self, sealed: &str) -> bool {
        sealed.split_once('.').is_some_and(|(id, _)| id == self.current.id)
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKeys({}, …)", self.current.id)
    }
}

impl Key {
    fn of(secret: &[u8]) -> Self {
        let derive = Hkdf::<Sha256>::new(None, secret);
        let (mut key, mut id) = ([0; 32], [0; 4]);
        let derived = derive.expand(KEY_LABEL, &mut key).and_then(|()| derive.expand(ID_LABEL, &mut id));
        derived.expect("HKDF-SHA256 gives up to 8160 bytes");
        Self { id: hex::encode(id), cipher: XChaCha20Poly1305::new(&key.into()) }
    }
}

fn place(column: &str, row: &str) -> String {
    format!("{column}.{row}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_is_read_back_only_where_it_belongs() {
        let keys = SealingKeys::new(b"one");
        let sealed = keys.seal("whsec", "secret", "a");
        assert!(!sealed.contains("whsec") && keys.is_current(&sealed));
        assert_ne!(sealed, keys.seal("whsec", "secret", "a"), "no two alike");
        assert_eq!(keys.open(&sealed, "secret", "a").unwrap(), "whsec");
        for (column, row) in [("secret", "b"), ("headers", "a")] {
            assert!(matches!(keys.open(&sealed, column, row), Err(StorageError::Sealed)), "{column} {row}");
        }
        let mut bytes = sealed.clone().into_bytes();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(keys.open(&String::from_utf8(bytes).unwrap(), "secret", "a").is_err());
        for broken in ["", ".", "nothing", &sealed[..20]] {
            assert!(keys.open(broken, "secret", "a").is_err(), "{broken}");
        }
    }

    #[test]
    fn two_keys_are_in_force_while_one_replaces_the_other() {
        let sealed = SealingKeys::new(b"one").seal("whsec", "secret", "a");
        let both = SealingKeys::new(b"two").and_former(b"one");
        assert_eq!(both.open(&sealed, "secret", "a").unwrap(), "whsec");
        assert!(!both.is_current(&sealed));
        assert!(SealingKeys::new(b"two").open(&sealed, "secret", "a").is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        assert!(format!("{:?}", SealingKeys::new(b"one")).len() < 30);
    }
}
