//! The watch that runs beside a server.

use std::path::PathBuf;
use std::time::Duration;

use recto_export::{Content, ExportOptions};
use tokio_util::sync::CancellationToken;

use super::super::batches::Batches;
use super::super::output::Export;
use super::Watch;
use super::reader::{Reader, ServerReader};
use super::results::Places;
use super::teller::Teller;
use crate::settings::{Settings, WatchSettings};

/// The pause before a failed read or write is tried again.
const AFTER_TROUBLE: Duration = Duration::from_secs(10);

/// A watch beside a server. The files are read in the server's storage.
pub(crate) struct ServerWatch {
    settings: WatchSettings,
    places: Places,
    spool: PathBuf,
    pages_per_day: u64,
}

impl ServerWatch {
    /// Opens or creates the folders, if the settings name any. Files on their way from or to a bucket go through a
    /// folder in the data folder.
    pub(crate) fn open(all: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(settings) = &all.watch else { return Ok(None) };
        let (done, failed) = (settings.done.as_deref(), settings.failed.as_deref());
        let places = Places::open(&settings.folder, &settings.out, done, failed, settings.endpoint.as_deref())?;
        let (spool, pages_per_day) = (all.data_dir.join("watch"), all.pages_per_day);
        Ok(Some(Self { settings: settings.clone(), places, spool, pages_per_day }))
    }

    /// Reads incoming files until `stop`. Failures are logged and tried again.
    pub(crate) async fn go_on(self, batches: Batches, stop: CancellationToken) {
        let Self { settings, places, spool, pages_per_day } = self;
        tracing::info!(folder = %places.watched, out = %places.out, "watching the folder for files to read");
        let export = Export { format: settings.format, content: Content::Combined, options: ExportOptions::default() };
        let (project, template) = (settings.project, settings.template);
        let reader = ServerReader { batches, project, template, pages_per_day };
        let mut watch = Watch::new(places, settings.settle, export, spool, Reader::OfServer(reader), Teller::Log);
        while let Err(error) = watch.go_on(false, &stop).await {
            watch.tell_of_trouble(&format!("{error:#}"));
            if stop.run_until_cancelled(tokio::time::sleep(AFTER_TROUBLE)).await.is_none() {
                break;
            }
        }
    }
}
