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
        "Address and port the server listens on",
        "an address and a port, such as 127.0.0.1:8080 or [::]:8080",
        "127.0.0.1:8080",
    ),
    Key::new(
        "server.public_url",
        "Address under which clients reach the server; links in answers are paths without it",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "server.max_upload_bytes",
        "Largest request, all files together",
        "a whole number of bytes, at least 1",
        "2147483648",
    ),
    Key::new("server.max_file_bytes", "Largest file", "a whole number of bytes, at least 1", "104857600"),
    Key::new(
        "server.rate_limit_per_minute",
        "Requests a key may make in a minute; 0 for no limit",
        "a whole number, 0 for no limit",
        "600",
    ),
    Key::new(
        "server.max_connections",
        "Connections at once; a new one takes the place of one whose client keeps the server waiting",
        "a whole number from 16 to 1000000",
        "8192",
    ),
    Key::new(
        "server.head_timeout_seconds",
        "Time a client has for the head of a request",
        "a whole number of seconds from 1 to 3600",
        "30",
    ),
    Key::new(
        "server.patience_seconds",
        "Time for which a client may pause while it sends a request or takes an answer",
        "a whole number of seconds from 1 to 3600",
        "30",
    ),
    Key::new(
        "server.least_bytes_per_second",
        "What a client must send or take on average, beyond server.patience_seconds",
        "a whole number of bytes, at least 1",
        "1024",
    ),
    Key::new(
        "server.max_uploads",
        "Uploads received at once; a key has a quarter of them, an organization half",
        "a whole number from 1 to 100000",
        "128",
    ),
    Key::new(
        "server.max_exports",
        "Exports written at once; a key has a quarter of them, an organization half",
        "a whole number from 1 to 400",
        "32",
    ),
    Key::new(
        "server.max_event_streams",
        "Clients that listen to batches at once; a key has a quarter of them, an organization half",
        "a whole number from 1 to 100000",
        "512",
    ),
    Key::new(
        "server.failed_sign_ins_per_minute",
        "Wrong keys and access tokens that an address may send in a minute before it must wait; 0 for no limit",
        "a whole number, 0 for no limit",
        "60",
    ),
    Key::new(
        "server.trusted_proxies",
        "Reverse proxies whose X-Forwarded-For tells the client's address",
        "addresses or networks parted by commas, such as 127.0.0.1,10.0.0.0/8",
        "",
    ),
    Key::new(
        "server.secret_key",
        "Secret under which keys are hashed; made once and kept in the data folder when not set",
        "at least 32 characters",
        "",
    )
    .secret(),
    Key::new("data_dir", "Folder for the database, the files and the server's secret", "a path", "./recto-data"),
    Key::new(
        "database.url",
        "Database; SQLite in the data folder when not set",
        "a URL that begins with sqlite: or postgres://",
        "",
    )
    .secret(),
    Key::new(
        "blobs.url",
        "Where uploaded files are kept; a folder in the data folder when not set",
        "a URL that begins with file:/// or s3://, such as s3://bucket/prefix",
        "",
    ),
    Key::new(
        "blobs.endpoint",
        "Server that keeps the bucket of blobs.url; Amazon's when not set. Keys and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and so on",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "blobs.cache_bytes",
        "Disk that copies of files in work may take on a node when the files are in a bucket",
        "a whole number of bytes",
        "2147483648",
    ),
    Key::new("workers.count", "Worker processes; each reads one page at a time", "a whole number from 0 to 512", "")
        .per_core(),
    Key::new(
        "workers.memory_bytes",
        "Memory at which a worker is stopped",
        "a whole number of bytes, at least 402653184 (384 MiB)",
        "2147483648",
    ),
    Key::new(
        "workers.page_timeout_seconds",
        "Time after which a page is given up",
        "a whole number of seconds from 1 to 86400",
        "60",
    ),
    Key::new(
        "ocr.engine",
        "Engine that reads pages when a request names none; auto chooses by the page",
        "auto, tesseract, neural or mixed",
        "auto",
    ),
    Key::new(
        "ocr.neural_models",
        "Models of the neural engine: tiny is twice as fast, careful reads what is in doubt again with a larger one",
        "tiny or careful",
        "careful",
    ),
    Key::new(
        "ocr.languages",
        "Languages of the text when a request names none; auto chooses them by the page",
        "auto, or language codes joined by +, such as eng+deu",
        "eng",
    ),
    Key::new(
        "ocr.dpi",
        "Resolution at which PDF pages are drawn for reading",
        "a whole number of dots per inch from 70 to 1200",
        "300",
    ),
    Key::new(
        "ocr.text_layer",
        "Whether the text that a PDF carries is taken: auto when the page shows it, trust always, ignore never, redo but for what other programs recognised",
        "auto, trust, ignore or redo",
        "auto",
    ),
    Key::new(
        "ocr.reuse_results",
        "Whether a file that is sent again in a project takes over what was read of it before, if it would be read in \
         the same way",
        "true or false",
        "true",
    ),
    Key::new("ocr.tessdata_dir", "Folder with further language models (*.traineddata)", "a path", ""),
    Key::new(
        "extract.llm.url",
        "Language model to ask for fields that rules do not find surely: base of its OpenAI-compatible API; off when not set",
        "a URL that begins with http:// or https:// and holds no password, such as http://127.0.0.1:11434/v1; it and \
         extract.llm.model are set both or neither",
        "",
    ),
    Key::new(
        "extract.llm.model",
        "Name of the model there",
        "the name of a model; it and extract.llm.url are set both or neither",
        "",
    ),
    Key::new("extract.llm.api_key", "Key of a hosted model", "letters, figures and signs without blanks", "").secret(),
    Key::new(
        "extract.llm.timeout_seconds",
        "Time after which an answer of the model is given up",
        "a whole number of seconds from 1 to 3600",
        "120",
    ),
    Key::new(
        "extract.llm.max_output_tokens",
        "Longest answer of the model",
        "a whole number of tokens from 1 to 1000000",
        "4096",
    ),
    Key::new(
        "extract.llm.max_tokens_per_document",
        "What the search in one document may take, questions and answers; longer documents are cut at a page's end",
        "a whole number of tokens, more than extract.llm.max_output_tokens",
        "16384",
    ),
    Key::new(
        "extract.llm.max_tokens_per_day",
        "What all documents of a day (UTC) may take, then the rules stand alone; 0 for no limit",
        "a whole number of tokens, 0 for no limit",
        "1000000",
    ),
    Key::new("limits.max_pages", "Pages a file may have", "a whole number, at least 1", "2000"),
    Key::new(
        "limits.max_megapixels",
        "Millions of pixels a page may have",
        "a whole number of megapixels from 1 to 1000",
        "200",
    ),
    Key::new(
        "limits.max_backlog",
        "Files and pages that may wait to be read, of all organizations together, before no more are taken; 0 for any \
         number",
        "a whole number, 0 for any number",
        "1000000",
    ),
    Key::new(
        "limits.pages_per_day",
        "Pages that a project may have read in a day (UTC), unless `recto project update` gave it a quota of its own; 0 \
         for any number",
        "a whole number, 0 for any number",
        "0",
    ),
    Key::new(
        "limits.disk_reserve_bytes",
        "What new files leave free on a disk for results, deletions and the database; the smaller of 200 MB and 2 % of \
         the disk when not set",
        "a whole number of bytes, 0 for none",
        "",
    ),
    Key::new(
        "limits.file_seconds",
        "Worker time that a file may take beyond the usual time of its pages, then the rest of it is not read; 0 for no limit",
        "a whole number of seconds from 0 to 31536000",
        "600",
    ),
    Key::new(
        "limits.organization_seconds_per_hour",
        "Worker time that an organization may take in an hour, then its work waits for the next; 0 for no limit",
        "a whole number of seconds from 0 to 31536000",
        "0",
    ),
    Key::new(
        "metrics.listen",
        "Address and port of their own on which /metrics is served to everyone; off when not set",
        "an address and a port, such as 127.0.0.1:9090 or [::]:9090",
        "",
    ),
    Key::new(
        "metrics.token",
        "Secret with which /metrics may be asked for on the server's own address; off when not set",
        "at least 16 characters",
        "",
    )
    .secret(),
    Key::new(
        "retention.days",
        "Days after which a finished batch is deleted, unless its project has a time of its own; 0 keeps for ever",
        "a whole number of days from 0 to 36500",
        "0",
    ),
    Key::new(
        "watch.folder",
        "Folder that the server watches: what is put into it is read, in batches of watch.project; off when not set",
        "a path or s3://bucket/prefix; it and watch.out are set both or neither",
        "",
    ),
    Key::new(
        "watch.out",
        "Folder for the results",
        "a path or s3://bucket/prefix; it and watch.folder are set both or neither",
        "",
    ),
    Key::new(
        "watch.done",
        "Folder to which files move that were read; they stay when not set",
        "a path or s3://bucket/prefix",
        "",
    ),
    Key::new(
        "watch.failed",
        "Folder to which files move that cannot be read; they stay when not set",
        "a path or s3://bucket/prefix",
        "",
    ),
    Key::new("watch.format", "Format of the results", "an export format, such as pdf, text, json or csv", "pdf"),
    Key::new(
        "watch.settle_seconds",
        "Time for which a file must stay the same before it is taken",
        "a whole number of seconds from 0 to 3600",
        "3",
    ),
    Key::new(
        "watch.project",
        "Project in which the files are read; the only one when not set",
        "the id of a project, as `recto project list` shows it",
        "",
    ),
    Key::new(
        "watch.template",
        "Template whose fields are found in the files",
        "the id of a template of the project",
        "",
    ),
    Key::new(
        "watch.endpoint",
        "Server that keeps the buckets of watch.folder and the others; that of blobs.endpoint when not set",
        "a URL that begins with http:// or https://",
        "",
    ),
    Key::new(
        "webhooks.allow_private",
        "Whether webhooks may go to loopback, private and other addresses that are not public",
        "true or false",
        "false",
    ),
    Key::new("log.format", "Form of the log lines", "text or json", "text"),
    Key::new(
        "log.level",
        "How much is logged",
        "off, error, warn, info, debug or trace; for one part of the program as in info,recto_http=debug",
        // At the level `info`, these libraries log every attempt to reconnect to a server.
        "info,object_store=warn,sqlx=warn",
    ),
    Key::new(
        "log.traces_url",
        "OpenTelemetry collector to which traces of requests and work are sent (OTLP over HTTP); off when not set",
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
