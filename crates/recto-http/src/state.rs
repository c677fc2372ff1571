//! What every handler can reach.

use std::sync::Arc;

use recto_domain::{AddressRange, EngineInfo};
use recto_storage::Storage;
use recto_webhooks::AddressGuard;
use tokio::sync::watch;

use crate::document_reader::DocumentReader;
use crate::metrics::MetricsToken;
use crate::page_picture::PagePictures;

/// What the routes work on. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The database and the blobs.
    pub storage: Storage,
    /// The installation's secret: the key of token hashes and of sign-in tokens.
    pub secret: Arc<[u8]>,
    /// Limits and names.
    pub settings: ApiSettings,
    /// How many workers stand ready.
    pub workers_ready: watch::Receiver<usize>,
    /// Draws pages for people to look at.
    pub pictures: Arc<dyn PagePictures>,
    /// Reads documents that are in no batch.
    pub documents: Arc<dyn DocumentReader>,
    /// The engines that the workers report; empty until the first of them has.
    pub engines: watch::Receiver<Vec<EngineInfo>>,
}

/// Limits of the API, and how it names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSettings {
    /// The address that clients use, such as `https://ocr.example.com`; without it the `Host` they ask for.
    pub public_url: Option<String>,
    /// The largest request in bytes.
    pub max_upload_bytes: u64,
    /// The largest single file in bytes.
    pub max_file_bytes: u64,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Requests per key and clock minute; 0 for no limit.
    pub rate_limit_per_minute: u64,
    /// Where webhook endpoints may lie.
    pub webhook_addresses: AddressGuard,
    /// Opens `/metrics` on the API's own address to whoever has it.
    pub metrics_token: Option<MetricsToken>,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            max_upload_bytes: 2 * 1024 * 1024 * 1024,
            max_file_bytes: 100 * 1024 * 1024,
            trusted_proxies: Vec::new(),
            rate_limit_per_minute: 600,
            webhook_addresses: AddressGuard { allow_private: false },
            metrics_token: None,
        }
    }
}
