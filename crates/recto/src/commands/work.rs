//! `recto work`: a node that reads pages and serves nobody.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use recto_storage::Storage;
use tokio_util::sync::CancellationToken;

use super::node::{Work, check_shared, tell_of_trouble};
use crate::cli::set;
use crate::installation::{enter_data_folder, installation_secret, installation_storage};
use crate::settings::{Flags, Settings};
use crate::{logging, stop, worker_pool};

const AFTER_HELP: &str = "\
Nodes share a PostgreSQL database and the place of the files: database.url and blobs.url are the same everywhere. They \
come and go as they like; what one had in hand when it died, another takes up. Ctrl-C or SIGTERM stops the node when the \
pages in hand are read, a second one at once.

Examples:
  recto work
  recto work --workers 8 --data-dir /var/lib/recto";

/// Flags of `recto work`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WorkArgs {
    /// Folder for copies of files in work [default: ./recto-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Worker processes [default: one per processor core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    workers: Option<u16>,
}

impl WorkArgs {
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "data_dir", self.data_dir.as_ref(), "--data-dir");
        set(&mut flags, "workers.count", self.workers.as_ref(), "--workers");
        flags
    }
}

pub(crate) fn work(settings: &Settings) -> anyhow::Result<ExitCode> {
    logging::start(&settings.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(run(settings));
    // What still reads a blob in the background must not hold the end up.
    runtime.shutdown_timeout(Duration::from_secs(2));
    result
}

async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    check_shared(settings, "A work node shares the work of others")?;
    let stop = stop::on_signal()?;
    enter_data_folder(&settings.data_dir)?;
    let secret = installation_secret(settings).await?;
    let storage = Storage::open(&installation_storage(settings, &secret)?).await?;
    let worked = work_from(&storage, settings, &stop).await;
    storage.close().await;
    tracing::info!("stopped");
    worked.map(|()| ExitCode::SUCCESS)
}

async fn work_from(storage: &Storage, settings: &Settings, stop: &CancellationToken) -> anyhow::Result<()> {
    let node = storage.become_worker_node().await?.within(settings.work_limits);
    let pool = worker_pool::start(settings)?;
    let trouble = tokio::spawn(tell_of_trouble(pool.status()));
    tracing::info!("node {} takes up work", node.id());
    let work = Work::start(storage, node, pool, settings, stop)?;
    let ended = work.end(stop).await;
    trouble.abort();
    ended
}
