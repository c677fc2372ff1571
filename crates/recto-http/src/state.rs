//! The state shared by all handlers.

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

/// The state of the routes. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The database and the blobs.
    pub storage: Storage,
    /// The installation's secret: the key for token hashes and access tokens.
    pub secret: Arc<[u8]>,
    /// Limits and names.
    pub settings: ApiSettings,
    /// Counters for monitoring.
    pub metrics: Metrics,
    /// How many workers are ready.
    pub workers_ready: watch::Receiver<usize>,
    /// Draws pages for display.
    pub pictures: Arc<dyn PagePictures>,
    /// Reads documents outside any batch.
    pub documents: Arc<dyn DocumentReader>,
    /// The engines that the workers report; empty until the first worker has reported.
    pub engines: watch::Receiver<Vec<EngineInfo>>,
}

/// Limits of the API, and its public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSettings {
    /// The address that clients use, such as `https://ocr.example.com`; without it, links in responses are paths.
    pub public_url: Option<String>,
    /// The largest request in bytes.
    pub max_upload_bytes: u64,
    /// The largest single file in bytes.
    pub max_file_bytes: u64,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<AddressRange>,
    /// Requests per key and clock minute; 0 for no limit.
    pub rate_limit_per_minute: u64,
    /// Files and pages that may wait to be read before new files are refused; 0 for no limit.
    pub max_backlog: u64,
    /// Pages per day for a project without a quota of its own; 0 for no limit.
    pub pages_per_day: u64,
    /// The addresses where webhook endpoints are allowed.
    pub webhook_addresses: AddressGuard,
    /// Limits on what clients may use of the server.
    pub clients: ClientSettings,
    /// The token that gives access to `/metrics` on the API's own address.
    pub metrics_token: Option<MetricsToken>,
}

/// Limits on what clients may use of a shared server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The most simultaneous connections. Each is an open file; the database and the blob store need some too.
    pub max_connections: usize,
    /// How long a client may take for the head of a request.
    pub head_timeout: Duration,
    /// The pace at which bodies must arrive and responses be read.
    pub pace: Pace,
    /// Limits of simultaneous work.
    pub places: PlaceSettings,
    /// Failed keys and access tokens allowed per address and minute; 0 for no limit.
    pub failed_sign_ins_per_minute: u64,
    /// How often failed sign-ins are written to the audit log.
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
    /// The address that clients use, without a trailing slash.
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
