//! What every handler can reach.

use std::sync::Arc;
use std::time::Duration;

use recto_domain::{AddressRange, EngineInfo};
use recto_storage::Storage;
use recto_webhooks::AddressGuard;
use tokio::sync::watch;

use crate::connection::Pace;
use crate::document_reader::DocumentReader;
use crate::metrics::{Metrics, MetricsToken};
use crate::page_picture::PagePictures;
use crate::permits::PlaceSettings;

/// What the routes work on. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The database and the blobs.
    pub storage: Storage,
    /// The installation's secret: the key of token hashes and of sign-in tokens.
    pub secret: Arc<[u8]>,
    /// Limits and names.
    pub settings: ApiSettings,
    /// What is counted for a monitoring system.
    pub metrics: Metrics,
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
    /// The address that clients use, such as `https://ocr.example.com`; links in answers are paths without it.
    pub public_url: Option<String>,
    /// The largest request in bytes.
    pub max_upload_bytes: u64,
    /// The largest single file in bytes.
    pub max_file_bytes: u64,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Requests per key and clock minute; 0 for no limit.
    pub rate_limit_per_minute: u64,
    /// Files and pages that may wait to be read before no more are taken; 0 for any number.
    pub max_backlog: u64,
    /// Pages that a project may have read in a day, if it has no quota of its own; 0 for any number.
    pub pages_per_day: u64,
    /// Where webhook endpoints may lie.
    pub webhook_addresses: AddressGuard,
    /// What clients may take of the server.
    pub clients: ClientSettings,
    /// Opens `/metrics` on the API's own address to whoever has it.
    pub metrics_token: Option<MetricsToken>,
}

/// What clients may take of a server that others want too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// Connections at once. Each is an open file; the database and the blob store need some too.
    pub max_connections: usize,
    /// How long a client has for the head of a request.
    pub head_timeout: Duration,
    /// How fast bodies must come and answers be taken.
    pub pace: Pace,
    /// How much runs at once.
    pub places: PlaceSettings,
    /// Keys and access tokens that may fail from an address in a minute; 0 for no limit.
    pub failed_sign_ins_per_minute: u64,
    /// How often the audit log is told how many failed.
    pub noting: Duration,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            max_connections: 8192,
            head_timeout: Duration::from_secs(30),
            pace: Pace::default(),
            places: PlaceSettings::default(),
            failed_sign_ins_per_minute: 60,
            noting: Duration::from_mins(1),
        }
    }
}

impl ApiSettings {
    /// The address that clients use, without a slash at its end.
    pub(crate) fn public_address(&self) -> Option<&str> {
        self.public_url.as_deref().map(|url| url.trim_end_matches('/'))
    }
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            max_upload_bytes: 2 * 1024 * 1024 * 1024,
            max_file_bytes: 100 * 1024 * 1024,
            trusted_proxies: Vec::new(),
            rate_limit_per_minute: 600,
            max_backlog: 0,
            pages_per_day: 0,
            webhook_addresses: AddressGuard { allow_private: false },
            clients: ClientSettings::default(),
            metrics_token: None,
        }
    }
}
