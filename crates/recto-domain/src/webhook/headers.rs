//! The extra headers of an endpoint, sent with every request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

/// Extra headers of an endpoint, by name. A value that is probably a secret is shown as [`WebhookHeaders::HIDDEN`].
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WebhookHeaders(pub BTreeMap<String, String>);

impl WebhookHeaders {
    /// Shown in place of a value that is probably a secret.
    pub const HIDDEN: &str = "***";
    /// The most headers.
    pub const MAX: usize = 20;
    /// The longest value, in bytes.
    pub const MAX_VALUE_BYTES: usize = 1024;

    /// The headers with secrets hidden.
    #[must_use]
    pub fn shown(&self) -> BTreeMap<String, String> {
        let value = |name: &str, value: &str| if is_secret(name) { Self::HIDDEN } else { value }.to_owned();
        self.0.iter().map(|(name, text)| (name.clone(), value(name, text))).collect()
    }

    /// These headers, where a value that came back hidden is replaced by the value in `before`.
    #[must_use]
    pub fn or_as_before(mut self, before: &Self) -> Self {
        for (name, value) in &mut self.0 {
            if let Some(known) = before.0.get(name).filter(|_| value == Self::HIDDEN) {
                value.clone_from(known);
            }
        }
        self
    }

    /// All problems with the headers.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.0.len() > Self::MAX {
            problems.push(format!("headers must have at most {} entries, not {}", Self::MAX, self.0.len()));
        }
        let mut seen = BTreeSet::new();
        for (name, value) in &self.0 {
            let shown: String = name.chars().take(60).collect();
            if !is_header_name(name) {
                problems.push(format!("headers: {shown} is not a valid header name"));
            } else if is_reserved(name) {
                problems.push(format!("headers: {shown} is set by Recto and cannot be changed"));
            } else if !seen.insert(name.to_ascii_lowercase()) {
                problems.push(format!("headers: {shown} is given twice"));
            }
            if value.len() > Self::MAX_VALUE_BYTES {
                let (max, length) = (Self::MAX_VALUE_BYTES, value.len());
                problems.push(format!("headers: the value of {shown} must have at most {max} bytes, not {length}"));
            }
            if !value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b)) {
                problems.push(format!("headers: the value of {shown} must be printable ASCII"));
            }
        }
        problems
    }
}

impl fmt::Debug for WebhookHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown(), f)
    }
}

impl Serialize for WebhookHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

/// Whether the name is a token as defined in RFC 9110.
fn is_header_name(name: &str) -> bool {
    let sign = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=100).contains(&name.len()) && name.bytes().all(sign)
}

/// Whether Recto or HTTP itself sets this header.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    ];
    let name = name.to_ascii_lowercase();
    let begins = |start| name.starts_with(start);
    NAMES.contains(&name.as_str()) || begins("webhook-") || begins("x-webhook-") || begins("proxy-")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "cookie", "key", "password", "secret", "signature", "token"].iter().any(|part| name.contains(part))
}
