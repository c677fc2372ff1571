//! Settings of the folder that a server watches. It is off unless both this folder and one for the results are named.

use std::path::PathBuf;
use std::time::Duration;

use recto_domain::{ProjectId, TemplateId};
use recto_export::Format;

use super::{Reader, SettingsError, begins, path};

/// A folder that a server watches. Each folder may also be a bucket, such as `s3://bucket/prefix`.
#[derive(Debug, Clone)]
pub(crate) struct WatchSettings {
    pub(crate) folder: PathBuf,
    /// The folder for the results.
    pub(crate) out: PathBuf,
    /// The folder for files that were read; without it they stay in place.
    pub(crate) done: Option<PathBuf>,
    /// The folder for files that cannot be read; without it they stay in place.
    pub(crate) failed: Option<PathBuf>,
    pub(crate) format: Format,
    /// How long a file must stay unchanged before it is taken.
    pub(crate) settle: Duration,
    /// The project; without it, the only one there is.
    pub(crate) project: Option<ProjectId>,
    pub(crate) template: Option<TemplateId>,
    /// The server of the buckets; without it, that of the blobs.
    pub(crate) endpoint: Option<String>,
}

/// The folder to watch; `None` when the watch is off.
pub(super) fn watch(read: &Reader) -> Result<Option<WatchSettings>, SettingsError> {
    // Wrong values are reported even while nothing is watched.
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
