//! The settings from `recto.toml`, environment variables and flags, checked before anything starts.

mod keys;
mod layers;
mod llm;
mod problem;
mod watch;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use recto_domain::{ANY_ENGINE, AddressRange, LanguageChoice, TextLayerUse, WorkLimits};
use recto_extract_llm::LlmSettings;
use recto_http::{ClientSettings, Pace, PlaceSettings};
use recto_storage::StorageSettings;
use tracing_subscriber::filter::Targets;

pub(crate) use layers::{Entry, Flags, Origin};
pub(crate) use problem::SettingsError;
pub(crate) use watch::WatchSettings;

/// All settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) server: ServerSettings,
    /// The folder of the database, the blobs and the secret.
    pub(crate) data_dir: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) blobs_url: Option<String>,
    pub(crate) blobs_endpoint: Option<String>,
    pub(crate) blob_cache_bytes: u64,
    pub(crate) workers: WorkerSettings,
    pub(crate) ocr: OcrSettings,
    /// The language model that is asked for fields; `None` for none.
    pub(crate) llm: Option<LlmSettings>,
    /// The limits on the work of reading.
    pub(crate) work_limits: WorkLimits,
    /// The most pages of a file.
    pub(crate) max_pages: u32,
    /// The most pixels of a page, in millions.
    pub(crate) max_megapixels: u32,
    /// The most files and pages that may wait to be read; 0 for any number.
    pub(crate) max_backlog: u64,
    /// The pages that a project without a quota of its own may have read per day; 0 for any number.
    pub(crate) pages_per_day: u64,
    /// The bytes that new files leave free on a disk; `None` for a value that depends on the disk.
    pub(crate) disk_reserve_bytes: Option<u64>,
    pub(crate) metrics: MetricsSettings,
    /// The time after which a finished batch is deleted; `None` for never.
    pub(crate) retention: Option<Duration>,
    /// The folder that a server watches; `None` for none.
    pub(crate) watch: Option<WatchSettings>,
    /// Whether webhook endpoints may be in the operator's own network.
    pub(crate) webhooks_allow_private: bool,
    pub(crate) log: LogSettings,
    entries: Vec<Entry>,
}

/// Settings of the HTTP server.
#[derive(Debug, Clone)]
pub(crate) struct ServerSettings {
    /// The host and port.
    pub(crate) listen: String,
    pub(crate) public_url: Option<String>,
    pub(crate) max_upload_bytes: u64,
    pub(crate) max_file_bytes: u64,
    /// The requests per minute; 0 for no limit.
    pub(crate) rate_limit_per_minute: u64,
    pub(crate) trusted_proxies: Vec<AddressRange>,
    /// The limits for clients.
    pub(crate) clients: ClientSettings,
    pub(crate) secret_key: Option<String>,
}

/// Who may read the metrics. By default, nobody may.
#[derive(Debug, Clone)]
pub(crate) struct MetricsSettings {
    /// The host and port of a socket for metrics alone.
    pub(crate) listen: Option<String>,
    pub(crate) token: Option<String>,
}

/// Settings of the worker processes.
#[derive(Debug, Clone)]
pub(crate) struct WorkerSettings {
    pub(crate) count: usize,
    pub(crate) memory_bytes: u64,
}

/// The allowed values of `ocr.engine`.
const ENGINES: [&str; 4] =
    [ANY_ENGINE, recto_ocr_tesseract::NAME, recto_ocr_neural::NAME, recto_ocr_neural::MIXED_NAME];

/// Settings of recognition.
#[derive(Debug, Clone)]
pub(crate) struct OcrSettings {
    pub(crate) engine: String,
    /// Whether the neural engine rereads doubtful text.
    pub(crate) careful: bool,
    pub(crate) languages: LanguageChoice,
    pub(crate) dpi: u32,
    /// How text that files already carry is used.
    pub(crate) text_layer: TextLayerUse,
    /// Whether a file that is sent again reuses the results of the earlier reading.
    pub(crate) reuse_results: bool,
    pub(crate) tessdata_dir: Option<PathBuf>,
}

/// Settings of the log.
#[derive(Debug, Clone)]
pub(crate) struct LogSettings {
    pub(crate) json: bool,
    pub(crate) filter: Targets,
    /// The base URL of the collector for traces; without it, no traces are sent.
    pub(crate) traces_url: Option<String>,
    /// Whether the level was set explicitly.
    pub(crate) level_is_set: bool,
}

impl Settings {
    /// Reads the settings file, this process's environment and the command's flags.
    pub(crate) fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, SettingsError> {
        Self::from_entries(layers::collect(file, std::env::vars_os(), flags)?)
    }

    /// Every setting as text with its origin, in the order of `KEYS`.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether the database is on a server, so that several nodes can share it.
    pub(crate) fn has_shared_database(&self) -> bool {
        self.database_url.as_ref().is_some_and(|url| !url.starts_with("sqlite:"))
    }

    /// The settings of the storage. Its encryption keys come from the installation.
    pub(crate) fn storage(&self) -> StorageSettings {
        StorageSettings {
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            blobs_url: self.blobs_url.clone(),
            blobs_endpoint: self.blobs_endpoint.clone(),
            blob_options: Vec::new(),
            blob_cache_bytes: Some(self.blob_cache_bytes),
            short_lived: false,
            disk_reserve_bytes: self.disk_reserve_bytes,
            sealing: None,
        }
    }

    fn from_entries(entries: Vec<Entry>) -> Result<Self, SettingsError> {
        let read = Reader(&entries);
        let days = read.number("retention.days", 0..=36_500)?;
        Ok(Self {
            server: ServerSettings {
                listen: read.value("server.listen", host_and_port)?,
                public_url: read.optional("server.public_url", |url| begins(url, &["http://", "https://"]))?,
                max_upload_bytes: read.number("server.max_upload_bytes", 1..=u64::MAX)?,
                max_file_bytes: read.number("server.max_file_bytes", 1..=u64::MAX)?,
                rate_limit_per_minute: read.number("server.rate_limit_per_minute", 0..=u64::from(u32::MAX))?,
                trusted_proxies: read.optional("server.trusted_proxies", addresses)?.unwrap_or_default(),
                clients: clients(&read)?,
                secret_key: read.optional("server.secret_key", |key| (key.len() >= 32).then(|| key.to_owned()))?,
            },
            data_dir: read.value("data_dir", path)?,
            database_url: read
                .optional("database.url", |url| begins(url, &["sqlite:", "postgres://", "postgresql://"]))?,
            blobs_url: read.optional("blobs.url", |url| begins(url, &["file:///", "s3://"]))?,
            blobs_endpoint: read.optional("blobs.endpoint", |url| begins(url, &["http://", "https://"]))?,
            blob_cache_bytes: read.number("blobs.cache_bytes", 0..=u64::MAX)?,
            workers: WorkerSettings {
                count: read.number("workers.count", 0..=512)? as usize,
                memory_bytes: read.number("workers.memory_bytes", 384 << 20..=u64::MAX)?,
            },
            ocr: OcrSettings {
                careful: read.value("ocr.neural_models", |models| match models {
                    "tiny" => Some(false),
                    "careful" => Some(true),
                    _ => None,
                })?,
                engine: read.value("ocr.engine", |name| ENGINES.contains(&name).then(|| name.to_owned()))?,
                languages: read.value("ocr.languages", |text| text.parse().ok())?,
                dpi: read.number("ocr.dpi", 70..=1200)? as u32,
                text_layer: read.value("ocr.text_layer", |text| text.parse().ok())?,
                reuse_results: read.value("ocr.reuse_results", |text| text.parse().ok())?,
                tessdata_dir: read.optional("ocr.tessdata_dir", path)?,
            },
            llm: llm::llm(&read)?,
            work_limits: work_limits(&read)?,
            max_pages: read.number("limits.max_pages", 1..=u64::from(u32::MAX))? as u32,
            max_megapixels: read.number("limits.max_megapixels", 1..=1000)? as u32,
            max_backlog: read.number("limits.max_backlog", 0..=u64::MAX)?,
            pages_per_day: read.number("limits.pages_per_day", 0..=i64::MAX.unsigned_abs())?,
            disk_reserve_bytes: read.optional("limits.disk_reserve_bytes", |text| text.parse().ok())?,
            metrics: MetricsSettings {
                listen: read.optional("metrics.listen", host_and_port)?,
                token: read.optional("metrics.token", |token| (token.len() >= 16).then(|| token.to_owned()))?,
            },
            retention: (days > 0).then(|| Duration::from_secs(days * 24 * 60 * 60)),
            watch: watch::watch(&read)?,
            webhooks_allow_private: read.value("webhooks.allow_private", |text| text.parse().ok())?,
            log: LogSettings {
                json: read.value("log.format", |format| match format {
                    "text" => Some(false),
                    "json" => Some(true),
                    _ => None,
                })?,
                filter: read.value("log.level", log_filter)?,
                traces_url: read.optional("log.traces_url", |url| begins(url, &["http://", "https://"]))?,
                level_is_set: entries.iter().any(|e| e.key.name == "log.level" && e.origin != Origin::Default),
            },
            entries,
        })
    }
}

/// The limits for clients.
fn clients(read: &Reader<'_>) -> Result<ClientSettings, SettingsError> {
    let max_connections = read.number("server.max_connections", 16..=1_000_000)? as usize;
    Ok(ClientSettings {
        max_connections,
        head_timeout: Duration::from_secs(read.number("server.head_timeout_seconds", 1..=3600)?),
        pace: Pace {
            max_stall: Duration::from_secs(read.number("server.patience_seconds", 1..=3600)?),
            least_bytes_per_second: read.number("server.least_bytes_per_second", 1..=u64::MAX)?,
        },
        places: PlaceSettings {
            uploads: read.number("server.max_uploads", 1..=100_000)? as usize,
            exports: read.number("server.max_exports", 1..=400)? as usize,
            event_streams: read.number("server.max_event_streams", 1..=100_000)? as usize,
            ..PlaceSettings::default()
        },
        failed_sign_ins_per_minute: read.number("server.failed_sign_ins_per_minute", 0..=u64::from(u32::MAX))?,
        ..ClientSettings::default()
    })
}

/// Parses entries into values, and turns failures into messages.
struct Reader<'a>(&'a [Entry]);

impl Reader<'_> {
    fn entry(&self, name: &str) -> &Entry {
        self.0.iter().find(|entry| entry.key.name == name).expect("every key has at least its default")
    }

    fn optional<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, SettingsError> {
        if self.entry(name).value.is_empty() { Ok(None) } else { self.value(name, parse).map(Some) }
    }

    fn value<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, SettingsError> {
        let entry = self.entry(name);
        parse(&entry.value).ok_or_else(|| SettingsError::Value {
            name: entry.key.name,
            value: if entry.value.is_empty() { "empty".to_owned() } else { entry.shown().to_owned() },
            origin: entry.origin.to_string(),
            allowed: entry.key.allowed,
        })
    }

    fn number(&self, name: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, SettingsError> {
        self.value(name, |text| u64::from_str(text).ok().filter(|n| range.contains(n)))
    }
}

fn work_limits(read: &Reader) -> Result<WorkLimits, SettingsError> {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    let limit = |name| read.number(name, 0..=YEAR).map(|n| (n > 0).then(|| Duration::from_secs(n)));
    Ok(WorkLimits {
        page: Duration::from_secs(read.number("workers.page_timeout_seconds", 1..=86_400)?),
        file: limit("limits.file_seconds")?,
        organization_hour: limit("limits.organization_seconds_per_hour")?,
    })
}

fn host_and_port(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    let bare_v6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    (!host.is_empty() && !bare_v6 && port.parse::<u16>().is_ok()).then(|| text.to_owned())
}

fn begins(text: &str, allowed: &[&str]) -> Option<String> {
    allowed.iter().any(|start| text.starts_with(start)).then(|| text.to_owned())
}

fn addresses(text: &str) -> Option<Vec<AddressRange>> {
    text.split(',').map(|part| part.trim().parse().ok()).collect()
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

fn log_filter(text: &str) -> Option<Targets> {
    // `Targets` takes a bare word for a module name, but a word alone can only be meant as a level.
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let sound = |part: &str| part.contains('=') || levels.contains(&part);
    if text.split(',').all(sound) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
