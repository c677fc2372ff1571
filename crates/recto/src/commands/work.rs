//! `recto work`: a node that reads pages but answers no HTTP API.

use std::process::ExitCode;

use clap::Args;
use recto_http::NodeState;
use recto_pipeline::PipelineMetrics;
use recto_storage::Storage;
use tokio_util::sync::CancellationToken;

use super::node::{self, Work, check_shared, listen_for_metrics, serve_metrics, tell_of_trouble, told};
use crate::cli::set;
use crate::settings::{Flags, Settings};
use crate::worker_pool;

const AFTER_HELP: &str = "\
Nodes share a PostgreSQL database and a blob store: database.url and blobs.url are the same on every node. Nodes can \
be added and removed at any time; if one dies, another takes over its work. Ctrl-C or SIGTERM stops the node once the \
pages in progress are read; a second one stops it at once.

Examples:
  recto work
  recto work --workers 8 --data-dir /var/lib/recto";

/// Flags of `recto work`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WorkArgs {
    /// Folder for local copies of files being processed [default: ./recto-data]
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
    check_shared(settings, "A work node shares its work with other nodes")?;
    node::run(settings, async |storage, _, stop| work_from(storage, settings, &stop).await)
}

async fn work_from(storage: &Storage, settings: &Settings, stop: &CancellationToken) -> anyhow::Result<()> {
    let node = storage.queue().join().await?.within(settings.work_limits);
    let metrics_socket = listen_for_metrics(settings).await?;
    let counted = PipelineMetrics::default();
    let pool = worker_pool::start(settings, counted.clone())?;
    let state = NodeState {
        storage: storage.clone(),
        metrics: node::metrics(&counted),
        workers_ready: told(&pool, |status| status.ready),
    };
    serve_metrics(metrics_socket, state, stop);
    let trouble = tokio::spawn(tell_of_trouble(pool.status()));
    tracing::info!("node {} is ready for work", node.id());
    let work = Work::start(storage, node, pool, settings, stop)?;
    let ended = work.end(stop).await;
    trouble.abort();
    ended
}
