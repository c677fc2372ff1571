//! The background work of a node: workers read pages, fields are extracted, webhooks are sent, and old results are
//! deleted.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use prometheus_client::registry::Registry;
use recto_http::{Metrics, NodeState};
use recto_pipeline::{Pipeline, PipelineMetrics, PoolStatus, WorkerPool};
use recto_storage::{Node, Storage};
use recto_webhooks::{Sender, SenderSettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::{advised, in_words};
use crate::installation::{enter_data_folder, installation_secret, installation_storage};
use crate::settings::Settings;
use crate::{extractor, logging, retention, stop};

/// Runs a node from its first log line to its last. `work` gets the storage and the installation's secret, and runs
/// until it is told to stop.
pub(super) fn run(
    settings: &Settings,
    work: impl AsyncFnOnce(&Storage, Vec<u8>, CancellationToken) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    // The export of traces ends after everything else.
    let _traces = logging::start(&settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let stop = stop::on_signal()?;
        enter_data_folder(&settings.data_dir)?;
        let secret = installation_secret(settings).await?;
        let storage = Storage::open(&installation_storage(settings, &secret)?).await?;
        let worked = work(&storage, secret, stop).await;
        storage.close().await;
        tracing::info!("stopped");
        worked.map(|()| ExitCode::SUCCESS)
    });
    // A blob that is still being read in the background must not delay the end.
    runtime.shutdown_timeout(Duration::from_secs(2));
    result
}

/// The running background work of a node.
pub(super) struct Work {
    pages: JoinHandle<()>,
    webhooks: JoinHandle<()>,
}

impl Work {
    /// Starts the work, which goes on until `stop`.
    pub(super) fn start(
        storage: &Storage,
        node: Node,
        pool: WorkerPool,
        settings: &Settings,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let sender = SenderSettings { allow_private: settings.webhooks_allow_private, ..SenderSettings::default() };
        let sender = Sender::new(storage.clone(), node.clone(), sender)?;
        let (extractor, times) = (extractor::build(settings)?, extractor::pipeline_settings(settings));
        let pipeline = Pipeline::new(storage.clone(), node, pool, extractor, times);
        tokio::spawn(retention::keep(storage.clone(), settings.retention, stop.clone()));
        Ok(Self { pages: tokio::spawn(pipeline.run(stop.clone())), webhooks: tokio::spawn(sender.run(stop.clone())) })
    }

    /// Waits until all of the work has ended.
    pub(super) async fn end(self, stop: &CancellationToken) -> anyhow::Result<()> {
        let (pages, webhooks) = tokio::join!(end_of(self.pages, stop), end_of(self.webhooks, stop));
        pages.context("page processing stopped unexpectedly")?;
        webhooks.context("webhook delivery stopped unexpectedly")
    }
}

/// Fails unless the node shares its database and files with others, which `what` requires.
pub(super) fn check_shared(settings: &Settings, what: &str) -> anyhow::Result<()> {
    if !settings.has_shared_database() {
        return Err(advised(
            format!("{what}, but an SQLite database serves only one process"),
            "Set database.url to a PostgreSQL database; docs/nodes.md explains how nodes work together.",
        ));
    }
    if settings.blobs_url.is_none() {
        return Err(advised(
            format!("{what}, but this node keeps its files in a folder of its own"),
            "Set blobs.url to a bucket or folder that all nodes can reach.",
        ));
    }
    Ok(())
}

/// The listening socket and the address that it is actually bound to.
pub(super) async fn listen(address: &str, setting: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error: io::Error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => format!("Stop the other program, or choose another port with {setting}."),
            io::ErrorKind::PermissionDenied => {
                format!("Ports below 1024 require a privilege; choose another port with {setting}.")
            }
            _ => format!("Choose an address of this machine with {setting}."),
        };
        advised(format!("the server cannot listen on {address}: {}", in_words(&error)), advice)
    })
}

/// The metrics of the node, including those of its work.
pub(super) fn metrics(work: &PipelineMetrics) -> Metrics {
    let mut registry = Registry::default();
    work.register(&mut registry);
    Metrics::new(registry)
}

/// The socket of the metrics, if the settings ask for one.
pub(super) async fn listen_for_metrics(settings: &Settings) -> anyhow::Result<Option<(TcpListener, SocketAddr)>> {
    match &settings.metrics.listen {
        Some(address) => listen(address, "metrics.listen").await.map(Some),
        None => Ok(None),
    }
}

/// Serves the node's metrics on their own socket, if there is one, until `stop`.
pub(super) fn serve_metrics(socket: Option<(TcpListener, SocketAddr)>, state: NodeState, stop: &CancellationToken) {
    if let Some((listener, address)) = socket {
        tracing::info!("serving metrics on http://{address}/metrics");
        tokio::spawn(recto_http::serve_metrics(listener, state, stop.clone()));
    }
}

/// One value of the pool's status, now and as it changes.
pub(super) fn told<T: PartialEq + Send + Sync + 'static>(
    pool: &WorkerPool,
    fact: impl Fn(&PoolStatus) -> T + Send + 'static,
) -> watch::Receiver<T> {
    let mut status = pool.status();
    let (sender, receiver) = watch::channel(fact(&status.borrow_and_update()));
    tokio::spawn(async move {
        while status.changed().await.is_ok() {
            let now = fact(&status.borrow_and_update());
            sender.send_if_modified(|told| {
                let changed = *told != now;
                *told = now;
                changed
            });
        }
    });
    receiver
}

/// Waits for a part of a node to end. A part that ends without being told to has panicked; the others are then stopped
/// in an orderly way.
pub(super) async fn end_of(part: JoinHandle<()>, stop: &CancellationToken) -> anyhow::Result<()> {
    let ended = part.await;
    let asked = stop.is_cancelled();
    stop.cancel();
    ended?;
    if asked { Ok(()) } else { Err(anyhow::anyhow!("it ended without being told to")) }
}

/// Logs why workers do not start, and which parts of their sandbox this machine lacks.
pub(super) async fn tell_of_trouble(mut status: watch::Receiver<PoolStatus>) {
    let mut told = PoolStatus::default();
    loop {
        let now = status.borrow_and_update().clone();
        if let Some(problem) = now.problem.as_ref().filter(|_| now.problem != told.problem) {
            tracing::error!("workers do not start: {problem}; run `recto doctor` for details");
        }
        if now.unconfined != told.unconfined && !now.unconfined.is_empty() {
            tracing::warn!("workers are not fully sandboxed on this system: {}", now.unconfined.join("; "));
        }
        told = now;
        if status.changed().await.is_err() {
            return;
        }
    }
}
