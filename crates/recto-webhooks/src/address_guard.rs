//! Which addresses an endpoint may have.

use std::net::IpAddr;
use std::time::Duration;

use recto_domain::WebhookContent;
use recto_domain::public_address::why_not_public;
use url::{Host, Url};

/// The time limit for resolving a name when an endpoint is made.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why an endpoint cannot have an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// The text is not a URL.
    #[error("url must be an address such as https://example.com/hook, not {0}")]
    Malformed(String),
    /// The URL is longer than [`WebhookContent::MAX_URL_BYTES`].
    #[error("url must have at most {} bytes, not {bytes}", WebhookContent::MAX_URL_BYTES)]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The scheme is neither http nor https.
    #[error("url must begin with http:// or https://, not {0}:")]
    Scheme(String),
    /// The URL contains a user name or a password, but addresses appear in logs.
    #[error("url must not contain a user name or a password: use headers for credentials")]
    Credentials,
    /// The URL leads into the operator's own network. The message does not say to which address, because that would
    /// reveal names that only the server can resolve.
    #[error("url must lead to a public address: {host} is a {why} address (to allow it, set webhooks.allow_private)")]
    NotPublic {
        /// The host of the URL.
        host: String,
        /// The kind of the address.
        why: &'static str,
    },
}

/// Allows addresses on the public internet only, or all addresses if the installation is configured so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressGuard {
    /// The setting `webhooks.allow_private`.
    pub allow_private: bool,
}

impl AddressGuard {
    /// Checks the address of an endpoint that is made or changed. Names are resolved. A name that does not resolve
    /// (yet) is accepted, because each delivery checks again.
    pub async fn check(self, text: &str) -> Result<(), UrlProblem> {
        let url = self.parse(text)?;
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let found = tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((name, port))).await;
        let Ok(Ok(mut addresses)) = found else {
            tracing::debug!(host = name, "the host of a webhook endpoint does not resolve");
            return Ok(());
        };
        addresses.try_for_each(|address| self.check_address(name, address.ip()))
    }

    /// Parses an address, and checks it as far as possible without the network.
    pub(crate) fn parse(self, text: &str) -> Result<Url, UrlProblem> {
        if text.len() > WebhookContent::MAX_URL_BYTES {
            return Err(UrlProblem::TooLong { bytes: text.len() });
        }
        let malformed = || UrlProblem::Malformed(text.chars().take(60).collect());
        let url = Url::parse(text).map_err(|_| malformed())?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(UrlProblem::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::Credentials);
        }
        match url.host().ok_or_else(malformed)? {
            Host::Ipv4(address) => self.check_address(&address.to_string(), address.into())?,
            Host::Ipv6(address) => self.check_address(&address.to_string(), address.into())?,
            Host::Domain(name) => self.check_name(name)?,
        }
        Ok(url)
    }

    /// Refuses names that always mean this machine (RFC 6761).
    fn check_name(self, name: &str) -> Result<(), UrlProblem> {
        let bare = name.trim_end_matches('.');
        let is_local = bare == "localhost" || bare.ends_with(".localhost");
        if is_local && !self.allow_private {
            return Err(UrlProblem::NotPublic { host: name.to_owned(), why: "loopback" });
        }
        Ok(())
    }

    /// Checks an IP address that `host` resolves to.
    pub(crate) fn check_address(self, host: &str, address: IpAddr) -> Result<(), UrlProblem> {
        match why_not_public(address) {
            Some(why) if !self.allow_private => Err(UrlProblem::NotPublic { host: host.to_owned(), why }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: AddressGuard = AddressGuard { allow_private: false };
    const LENIENT: AddressGuard = AddressGuard { allow_private: true };

    fn why(text: &str) -> Option<&'static str> {
        match STRICT.parse(text) {
            Err(UrlProblem::NotPublic { why, .. }) => Some(why),
            Ok(_) => None,
            Err(other) => panic!("{text}: {other}"),
        }
    }

    #[test]
    fn an_address_of_ones_own_network_is_refused_however_it_is_spelled() {
        for text in [
            "http://127.0.0.1:1/x",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://[::1]/x",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost:1/x",
            "http://LOCALHOST./",
            "http://hook.localhost/",
            "http://127.0.0.1./",
        ] {
            assert_eq!(why(text), Some("loopback"), "{text}");
        }
        assert_eq!(why("http://10.0.0.1/x"), Some("private"));
        assert_eq!(why("http://169.254.169.254/x"), Some("link-local"));
        assert_eq!(why("http://0.0.0.0/"), Some("unspecified"));
        assert_eq!(why("https://8.8.8.8/"), None);
        assert!(LENIENT.parse("http://127.0.0.1:1/x").is_ok());
    }

    #[test]
    fn what_is_no_address_of_an_endpoint_is_refused() {
        let problem = |text: &str| LENIENT.parse(text).unwrap_err().to_string();
        assert_eq!(problem("hook"), "url must be an address such as https://example.com/hook, not hook");
        assert_eq!(problem("ftp://example.com"), "url must begin with http:// or https://, not ftp:");
        assert!(problem("https://user:pass@example.com/").starts_with("url must not contain a user name"));
        assert!(problem("http://").starts_with("url must be an address"));
        assert_eq!(LENIENT.parse(&format!("http://x/{}", "y".repeat(2048))), Err(UrlProblem::TooLong { bytes: 2057 }));
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_let_through_for_now() {
        assert_eq!(STRICT.check("https://nobody.invalid/hook").await, Ok(()));
    }
}
