//! The link that signs in the person who started the server, once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq;

/// How long the link works.
const LIFETIME: Duration = Duration::from_hours(1);

/// A code that can be exchanged once for an API key, within an hour. It is kept in memory only.
pub struct OneTimeLink(Mutex<Option<Waiting>>);

struct Waiting {
    code: String,
    key: String,
    until: Instant,
}

impl OneTimeLink {
    /// No link. Only the first start has one.
    #[must_use]
    pub fn none() -> Self {
        Self(Mutex::new(None))
    }

    /// A link for `key`, with the path that it points to.
    #[must_use]
    pub fn for_key(key: &str) -> (Self, String) {
        let code = random();
        let path = format!("/sign-in?code={code}");
        let waiting = Waiting { code, key: key.to_owned(), until: Instant::now() + LIFETIME };
        (Self(Mutex::new(Some(waiting))), path)
    }

    /// The key, if the code is correct and unused.
    pub(crate) fn redeem(&self, code: &str) -> Option<String> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = waiting.as_ref().is_some_and(|waiting| {
            bool::from(waiting.code.as_bytes().ct_eq(code.as_bytes())) && Instant::now() < waiting.until
        });
        if is_good { waiting.take().map(|waiting| waiting.key) } else { None }
    }
}

/// Sixteen random bytes in hexadecimal.
pub(crate) fn random() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_signs_in_once() {
        let (link, path) = OneTimeLink::for_key("ocr_key");
        let code = path.strip_prefix("/sign-in?code=").unwrap();
        assert_eq!(link.redeem("another"), None);
        assert_eq!(link.redeem(code).as_deref(), Some("ocr_key"));
        assert_eq!(link.redeem(code), None);
        assert_eq!(OneTimeLink::none().redeem(""), None);
    }
}
