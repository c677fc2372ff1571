//! The names of all settings, with their purpose, their allowed values and their defaults.

/// A setting's name and rules.
#[derive(Debug)]
pub(crate) struct Key {
    /// The name in `recto.toml`, such as `server.listen`.
    pub(crate) name: &'static str,
    /// The purpose of the setting, in one line.
    pub(crate) about: &'static str,
    /// The allowed values, as the end of the sentence "It must be …".
    pub(crate) allowed: &'static str,
    /// The default; empty for a setting that is off or determined automatically.
    pub(crate) default: Default,
    /// Whether the value is never shown.
    pub(crate) secret: bool,
}

/// Where a default comes from.
#[derive(Debug)]
pub(crate) enum Default {
    /// A fixed text; empty for "not set".
    Fixed(&'static str),
    /// The number of processor cores of this machine.
    Cores,
}

impl Key {
    const fn new(name: &'static str, about: &'static str, allowed: &'static str, default: &'static str) -> Self {
        Self { name, about, allowed, default: Default::Fixed(default), secret: false }
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn per_core(mut self) -> Self {
        self.default = Default::Cores;
        self
    }

    /// The environment variable of the setting, such as `RECTO__SERVER__LISTEN`.
    pub(crate) fn variable(&self) -> String {
        variable(self.name)
    }

    /// The value when no file, variable or flag sets one.
    pub(crate) fn default_value(&self) -> String {
        match self.default {
            Default::Fixed(value) => value.to_owned(),
            Default::Cores => std::thread::available_parallelism().map_or(1, usize::from).to_string(),
        }
    }
}

/// The environment variable of the setting with that name.
pub(crate) fn variable(name: &str) -> String {
    format!("RECTO__{}", name.to_uppercase().replace('.', "__"))
}

/// Every setting, in the order in which `recto config` shows them.
pub(crate) static KEYS: [Key; 60] = [
    Key::new(
        "server.listen",
        "Address and port that the server listens on",
        "an address and a port, such as 127.0.0.1:8080 or [::]:8080",
        "127.0.0.1:8080",
    ),
    Key::new(
        "server.public_url",
        "URL at which clients reach the server; if unset, links in responses are paths only",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "server.max_upload_bytes",
        "Maximum request size, all files together",
        "a whole number of bytes, at least 1",
        "2147483648",
    ),
    Key::new("server.max_file_bytes", "Maximum file size", "a whole number of bytes, at least 1", "104857600"),
    Key::new(
        "server.rate_limit_per_minute",
        "Requests allowed per API key and minute; 0 for no limit",
        "a whole number, 0 for no limit",
        "600",
    ),
    Key::new(
        "server.max_connections",
        "Maximum simultaneous connections; when it is reached, a new connection replaces one whose client keeps the \
         server waiting",
        "a whole number from 16 to 1000000",
        "8192",
    ),
    Key::new(
        "server.head_timeout_seconds",
        "Time limit for a client to send the head of a request",
        "a whole number of seconds from 1 to 3600",
        "30",
    ),
    Key::new(
        "server.patience_seconds",
        "Longest pause of a client while it sends a request or receives a response",
        "a whole number of seconds from 1 to 3600",
        "30",
    ),
    Key::new(
        "server.least_bytes_per_second",
        "Minimum average rate at which a client must send or receive, after server.patience_seconds",
        "a whole number of bytes, at least 1",
        "1024",
    ),
    Key::new(
        "server.max_uploads",
        "Maximum simultaneous uploads; one API key may use a quarter of them, one organization half",
        "a whole number from 1 to 100000",
        "128",
    ),
    Key::new(
        "server.max_exports",
        "Maximum simultaneous exports; one API key may use a quarter of them, one organization half",
        "a whole number from 1 to 400",
        "32",
    ),
    Key::new(
        "server.max_event_streams",
        "Maximum simultaneous event streams; one API key may use a quarter of them, one organization half",
        "a whole number from 1 to 100000",
        "512",
    ),
    Key::new(
        "server.failed_sign_ins_per_minute",
        "Failed sign-ins allowed per client address and minute; 0 for no limit",
        "a whole number, 0 for no limit",
        "60",
    ),
    Key::new(
        "server.trusted_proxies",
        "Reverse proxies whose X-Forwarded-For header is trusted for the client address",
        "addresses or networks separated by commas, such as 127.0.0.1,10.0.0.0/8",
        "",
    ),
    Key::new(
        "server.secret_key",
        "Secret with which API keys are hashed; if unset, generated once and kept in the data folder",
        "at least 32 characters",
        "",
    )
    .secret(),
    Key::new("data_dir", "Folder for the database, the files and the server's secret", "a path", "./recto-data"),
    Key::new(
        "database.url",
        "Database; SQLite in the data folder if unset",
        "a URL that begins with sqlite: or postgres://",
        "",
    )
    .secret(),
    Key::new(
        "blobs.url",
        "Blob store for uploaded files; a folder in the data folder if unset",
        "a URL that begins with file:/// or s3://, such as s3://bucket/prefix",
        "",
    ),
    Key::new(
        "blobs.endpoint",
        "S3 endpoint of the bucket in blobs.url; Amazon's if unset. Keys and region come from AWS_ACCESS_KEY_ID, \
         AWS_SECRET_ACCESS_KEY, AWS_REGION and so on",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "blobs.cache_bytes",
        "Disk space on a node for local copies of files being processed, if the files are in a bucket",
        "a whole number of bytes",
        "2147483648",
    ),
    Key::new("workers.count", "Worker processes; each reads one page at a time", "a whole number from 0 to 512", "")
        .per_core(),
    Key::new(
        "workers.memory_bytes",
        "Memory limit of a worker, at which it is stopped",
        "a whole number of bytes, at least 402653184 (384 MiB)",
        "2147483648",
    ),
    Key::new(
        "workers.page_timeout_seconds",
        "Time limit for reading a page",
        "a whole number of seconds from 1 to 86400",
        "60",
    ),
    Key::new(
        "ocr.engine",
        "OCR engine, unless a request names one; auto chooses it for each page",
        "auto, tesseract, neural or mixed",
        "auto",
    ),
    Key::new(
        "ocr.neural_models",
        "Models of the neural engine: tiny is twice as fast; careful reads doubtful text again with a larger model",
        "tiny or careful",
        "careful",
    ),
    Key::new(
        "ocr.languages",
        "Languages of the text, unless a request names them; auto chooses them for each page",
        "auto, or language codes joined by +, such as eng+deu",
        "eng",
    ),
    Key::new(
        "ocr.dpi",
        "Resolution at which PDF pages are rendered for OCR",
        "a whole number of dots per inch from 70 to 1200",
        "300",
    ),
    Key::new(
        "ocr.text_layer",
        "Use of the text in a PDF: auto uses it if the page shows it, trust always, ignore never, redo unless another \
         program recognised it",
        "auto, trust, ignore or redo",
        "auto",
    ),
    Key::new(
        "ocr.reuse_results",
        "Whether a file that is sent again to a project reuses the earlier result, if it would be read in the same way",
        "true or false",
        "true",
    ),
    Key::new("ocr.tessdata_dir", "Folder with additional language models (*.traineddata)", "a path", ""),
    Key::new(
        "extract.llm.url",
        "Base URL of an OpenAI-compatible API, whose language model is asked for fields that the rules do not find \
         with certainty; off if unset",
        "a URL that begins with http:// or https:// and contains no password, such as http://127.0.0.1:11434/v1; set \
         it and extract.llm.model together or not at all",
        "",
    ),
    Key::new(
        "extract.llm.model",
        "Name of the language model",
        "the name of a model; set it and extract.llm.url together or not at all",
        "",
    ),
    Key::new("extract.llm.api_key", "API key for a hosted model", "printable ASCII without spaces", "").secret(),
    Key::new(
        "extract.llm.timeout_seconds",
        "Time limit for a response of the language model",
        "a whole number of seconds from 1 to 3600",
        "120",
    ),
    Key::new(
        "extract.llm.max_output_tokens",
        "Maximum length of a response of the language model",
        "a whole number of tokens from 1 to 1000000",
        "4096",
    ),
    Key::new(
        "extract.llm.max_tokens_per_document",
        "Tokens that one document may use, prompts and responses together; longer documents are cut off at the end of \
         a page",
        "a whole number of tokens, more than extract.llm.max_output_tokens",
        "16384",
    ),
    Key::new(
        "extract.llm.max_tokens_per_day",
        "Tokens that all documents of one day (UTC) may use; after that, only the rules are used; 0 for no limit",
        "a whole number of tokens, 0 for no limit",
        "1000000",
    ),
    Key::new("limits.max_pages", "Maximum pages per file", "a whole number, at least 1", "2000"),
    Key::new(
        "limits.max_megapixels",
        "Maximum megapixels per page",
        "a whole number of megapixels from 1 to 1000",
        "200",
    ),
    Key::new(
        "limits.max_backlog",
        "Maximum files and pages waiting to be read, all organizations together; beyond that, uploads are refused; 0 \
         for no limit",
        "a whole number, 0 for no limit",
        "1000000",
    ),
    Key::new(
        "limits.pages_per_day",
        "Maximum pages read per project and day (UTC), unless the project has its own quota (`recto project update`); \
         0 for no limit",
        "a whole number, 0 for no limit",
        "0",
    ),
    Key::new(
        "limits.disk_reserve_bytes",
        "Disk space that new files leave free for results, deletions and the database; the smaller of 200 MB and 2 % \
         of the disk if unset",
        "a whole number of bytes, 0 for none",
        "",
    ),
    Key::new(
        "limits.file_seconds",
        "Worker time that a file may take beyond the usual time for its pages; after that, its remaining pages are not \
         read; 0 for no limit",
        "a whole number of seconds from 0 to 31536000",
        "600",
    ),
    Key::new(
        "limits.organization_seconds_per_hour",
        "Worker time per organization and hour; after that, its work waits for the next hour; 0 for no limit",
        "a whole number of seconds from 0 to 31536000",
        "0",
    ),
    Key::new(
        "metrics.listen",
        "Separate address and port on which /metrics is served without authentication; off if unset",
        "an address and a port, such as 127.0.0.1:9090 or [::]:9090",
        "",
    ),
    Key::new(
        "metrics.token",
        "Bearer token for /metrics on the server's own address; off if unset",
        "at least 16 characters",
        "",
    )
    .secret(),
    Key::new(
        "retention.days",
        "Days after which a finished batch is deleted, unless its project has its own retention time; 0 keeps batches \
         for ever",
        "a whole number of days from 0 to 36500",
        "0",
    ),
    Key::new(
        "watch.folder",
        "Folder that the server watches; files put into it are read in batches of watch.project; off if unset",
        "a path or s3://bucket/prefix; set it and watch.out together or not at all",
        "",
    ),
    Key::new(
        "watch.out",
        "Folder for the results",
        "a path or s3://bucket/prefix; set it and watch.folder together or not at all",
        "",
    ),
    Key::new(
        "watch.done",
        "Folder to which files are moved once they are read; if unset, they stay",
        "a path or s3://bucket/prefix",
        "",
    ),
    Key::new(
        "watch.failed",
        "Folder to which files are moved if they cannot be read; if unset, they stay",
        "a path or s3://bucket/prefix",
        "",
    ),
    Key::new("watch.format", "Format of the results", "an export format, such as pdf, text, json or csv", "pdf"),
    Key::new(
        "watch.settle_seconds",
        "Time for which a file must stay unchanged before it is read",
        "a whole number of seconds from 0 to 3600",
        "3",
    ),
    Key::new(
        "watch.project",
        "Project in which the files are read; if unset, the only project",
        "the id of a project, as `recto project list` shows it",
        "",
    ),
    Key::new(
        "watch.template",
        "Template whose fields are extracted from the files",
        "the id of a template of the project",
        "",
    ),
    Key::new(
        "watch.endpoint",
        "S3 endpoint of the buckets in watch.*; blobs.endpoint if unset",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "webhooks.allow_private",
        "Whether webhooks may be sent to loopback, private and other non-public addresses",
        "true or false",
        "false",
    ),
    Key::new("log.format", "Format of the log lines", "text or json", "text"),
    Key::new(
        "log.level",
        "Log level",
        "off, error, warn, info, debug or trace; for one part of the program as in info,recto_http=debug",
        // At the level `info`, these libraries log every attempt to reconnect to a server, and every step of a migration.
        "info,object_store=warn,sea_orm_migration=warn,sqlx=warn",
    ),
    Key::new(
        "log.traces_url",
        "OpenTelemetry collector to which traces of requests and processing are sent (OTLP over HTTP); off if unset",
        "a URL that begins with http:// or https://, such as http://127.0.0.1:4318",
        "",
    ),
];

/// The setting with that name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The setting with the most similar name, if any is similar enough.
pub(crate) fn nearest(name: &str) -> Option<&'static Key> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |key: &Key| {
        // `listen` alone, or in the wrong section, means `server.listen`.
        let tail = if last(key.name) == last(name) { 0.95 } else { 0.0 };
        strsim::jaro_winkler(key.name, name).max(tail)
    };
    KEYS.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|key| likeness(key) > 0.8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_key() {
        assert_eq!(nearest("server.lisen").map(|k| k.name), Some("server.listen"));
        assert_eq!(nearest("worker.count").map(|k| k.name), Some("workers.count"));
        assert_eq!(nearest("max_pages").map(|k| k.name), Some("limits.max_pages"));
        assert_eq!(nearest("colour").map(|k| k.name), None);
    }

    #[test]
    fn variables_are_named_after_keys() {
        assert_eq!(find("server.max_file_bytes").unwrap().variable(), "RECTO__SERVER__MAX_FILE_BYTES");
    }
}
