//! What works in a node, beside what it serves: workers read pages, fields are found, webhooks are sent, and what is old
//! is deleted.

use anyhow::Context;
use recto_pipeline::{Pipeline, PoolStatus, WorkerPool};
use recto_storage::{Node, Storage};
use recto_webhooks::{Sender, SenderSettings};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::failure::advised;
use crate::settings::Settings;
use crate::{extractor, retention};

/// The work of a node, while it goes on.
pub(super) struct Work {
    pages: JoinHandle<()>,
    webhooks: JoinHandle<()>,
}

impl Work {
    /// Takes up work until `stop`.
    pub(super) fn start(
        storage: &Storage,
        node: Node,
        pool: WorkerPool,
        settings: &Settings,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let sender = SenderSettings { allow_private: settings.webhooks_allow_private, ..SenderSettings::default() };
        let sender = Sender::new(storage.clone(), node.clone(), sender)?;
        let (extractor, times) = (extractor::of(settings)?, extractor::pipeline_settings(settings));
        let pipeline = Pipeline::new(storage.clone(), node, pool, extractor, times);
        if let Some(retention) = settings.retention {
            tokio::spawn(retention::keep(storage.clone(), retention, stop.clone()));
        }
        Ok(Self { pages: tokio::spawn(pipeline.run(stop.clone())), webhooks: tokio::spawn(sender.run(stop.clone())) })
    }

    /// Waits until all of it has ended.
    pub(super) async fn end(self, stop: &CancellationToken) -> anyhow::Result<()> {
        let (pages, webhooks) = tokio::join!(end_of(self.pages, stop), end_of(self.webhooks, stop));
        pages.context("the work on pages broke off")?;
        webhooks.context("the sending of webhooks broke off")
    }
}

/// Refuses what only nodes can do that share their database and files with others.
pub(super) fn check_shared(settings: &Settings, what: &str) -> anyhow::Result<()> {
    if !settings.has_shared_database() {
        return Err(advised(
            format!("{what}, and SQLite serves one process"),
            "Name a PostgreSQL database in database.url; docs/nodes.md says how nodes work together.",
        ));
    }
    if settings.blobs_url.is_none() {
        return Err(advised(
            format!("{what}, and the folder of this one's files is its own"),
            "Name a bucket or a folder that all nodes reach in blobs.url.",
        ));
    }
    Ok(())
}

/// The end of a part of a node. One that ends unasked has panicked; the others are then stopped in good order.
pub(super) async fn end_of(part: JoinHandle<()>, stop: &CancellationToken) -> anyhow::Result<()> {
    let ended = part.await;
    let asked = stop.is_cancelled();
    stop.cancel();
    ended?;
    if asked { Ok(()) } else { Err(anyhow::anyhow!("it ended unasked")) }
}

/// Logs why workers do not start, and what of their sandbox this machine does not offer.
pub(super) async fn tell_of_trouble(mut status: watch::Receiver<PoolStatus>) {
    let mut told = PoolStatus::default();
    loop {
        let now = status.borrow_and_update().clone();
        if let Some(problem) = now.problem.as_ref().filter(|_| now.problem != told.problem) {
            tracing::error!("workers do not start: {problem}; `recto doctor` says more");
        }
        if now.unconfined != told.unconfined && !now.unconfined.is_empty() {
            tracing::warn!("this system does not offer workers {}", now.unconfined.join("; "));
        }
        told = now;
        if status.changed().await.is_err() {
            return;
        }
    }
}
