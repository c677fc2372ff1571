//! Settings of the folder that a server watches: off unless it and one for the results are named.

use std::path::PathBuf;
use std::time::Duration;

use recto_domain::{ProjectId, TemplateId};
use recto_export::Format;

use super::{Reader, SettingsError, begins, path};

/// A folder that a server watches. Folders may be buckets too, as `s3://bucket/prefix`.
#[derive(Debug, Clone)]
pub(crate) struct WatchSettings {
    pub(crate) folder: PathBuf,
    /// For the results.
    pub(crate) out: PathBuf,
    /// For files that were read; they stay without it.
    pub(crate) done: Option<PathBuf>,
    /// For files that cannot be read; they stay without it.
    pub(crate) failed: Option<PathBuf>,
    pub(crate) format: Format,
    /// For how long a file must stay the same before it is taken.
    pub(crate) settle: Duration,
    /// The only project when none is named.
    pub(crate) project: Option<ProjectId>,
    pub(crate) template: Option<TemplateId>,
    /// The server of the buckets; that of the blobs when none is named.
    pub(crate) endpoint: Option<String>,
}

/// The folder to watch; `None` when none is to be watched.
pub(super) fn watch(read: &Reader) -> Result<Option<WatchSettings>, SettingsError> {
    // Wrong values are told also while nothing is watched.
    let endpoint = read.optional("watch.endpoint", |url| begins(url, &["http://", "https://"]))?;
    let blobs_endpoint = read.optional("blobs.endpoint", |url| begins(url, &["http://", "https://"]))?;
    let done = read.optional("watch.done", path)?;
    let failed = read.optional("watch.failed", path)?;
    let format = read.value("watch.format", |text| text.parse().ok())?;
    let settle = Duration::from_secs(read.number("watch.settle_seconds", 0..=3600)?);
    let project = read.optional("watch.project", |text| text.parse().ok())?;
    let template = read.optional("watch.template", |text| text.parse().ok())?;
    let (folder, out) = match (read.optional("watch.folder", path)?, read.optional("watch.out", path)?) {
        (None, None) => return Ok(None),
        (Some(folder), Some(out)) => (folder, out),
        (Some(folder), None) => (folder, read.value("watch.out", path)?),
        (None, Some(out)) => (read.value("watch.folder", path)?, out),
    };
    let endpoint = endpoint.or(blobs_endpoint);
    Ok(Some(WatchSettings { folder, out, done, failed, format, settle, project, template, endpoint }))
}
