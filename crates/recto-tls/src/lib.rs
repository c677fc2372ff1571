//! TLS for outgoing https connections: rustls with the provider that the database driver already uses, so that the
//! binary contains only one TLS stack.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// A configuration that trusts the system's certificates. On a system without any, as in a bare container, it trusts
/// Mozilla's.
pub fn client_config() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "some of the system's certificates could not be read");
    }
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
