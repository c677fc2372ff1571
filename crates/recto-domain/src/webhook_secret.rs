//! The secret shared by an endpoint and Recto, which signs every delivery.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A webhook's secret. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

/// The error for a text that cannot serve as a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("secret must have 1 to {} bytes, not {bytes}", WebhookSecret::MAX_BYTES)]
pub struct InvalidWebhookSecret {
    bytes: usize,
}

impl WebhookSecret {
    /// The longest secret, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// A secret chosen by a person.
    pub fn new(text: String) -> Result<Self, InvalidWebhookSecret> {
        let bytes = text.len();
        if (1..=Self::MAX_BYTES).contains(&bytes) { Ok(Self(text)) } else { Err(InvalidWebhookSecret { bytes }) }
    }

    /// A new secret: 256 random bits as 64 hexadecimal digits.
    ///
    /// It does not begin with `whsec_`. Libraries take that prefix to mean that the rest is the key in Base64; this
    /// secret is the key itself.
    ///
    /// # Panics
    /// When the operating system cannot supply random bytes: no secret is better than a guessable one.
    #[must_use]
    pub fn generate() -> Self {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).expect("the operating system gives random bytes");
        Self(hex::encode(random))
    }

    /// The secret itself, to be stored and to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// HMAC-SHA256 of the concatenated parts, keyed with the secret's bytes.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).expect("HMAC takes a key of any length");
        parts.iter().fold(mac, Mac::chain_update).finalize().into_bytes().into()
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_that_of_rfc_4231() {
        let secret = WebhookSecret::new("Jefe".to_owned()).unwrap();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex::encode(secret.mac(&[b"what do ya want ", b"for nothing?"])), expected);
    }

    #[test]
    fn a_secret_is_neither_empty_nor_endless_nor_printed() {
        assert_eq!(WebhookSecret::new(String::new()), Err(InvalidWebhookSecret { bytes: 0 }));
        assert!(WebhookSecret::new("x".repeat(257)).is_err());
        let secret = WebhookSecret::generate();
        assert_eq!(secret.expose().len(), 64);
        assert!(!format!("{secret:?}").contains(secret.expose()));
    }
}
