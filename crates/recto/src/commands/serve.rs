//! `recto serve`: the server with its workers.

use std::net::IpAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use recto_http::{ApiSettings, ApiState, ClientSettings, MetricsToken, NodeState, PlaceSettings};
use recto_pipeline::PipelineMetrics;
use recto_storage::Storage;
use recto_web::OneTimeLink;
use recto_webhooks::AddressGuard;
use tokio_util::sync::CancellationToken;

use super::node::{self, Work, check_shared, end_of, listen, listen_for_metrics, serve_metrics, tell_of_trouble, told};
use super::run::Batches;
use super::run::watching::ServerWatch;
use crate::cli::set;
use crate::document_reader::WorkerReader;
use crate::installation::{SAMPLES, first_start};
use crate::page_pictures::WorkerPictures;
use crate::settings::{Flags, ServerSettings, Settings};
use crate::{open_files, worker_pool};

mod greeting;

const AFTER_HELP: &str = "\
The first start in an empty data folder creates an organization, a project and an API key, and prints two commands to \
try them out. The key is printed only on a terminal; it is also in initial-credentials.json. Ctrl-C or SIGTERM stops \
the server once the pages in progress are read; a second one stops it at once.

Examples:
  recto serve
  recto serve --listen 0.0.0.0:80 --data-dir /var/lib/recto --workers 4";

/// Flags of `recto serve`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Folder for the database, the files and the secret [default: ./recto-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Worker processes; 0 to leave all pages to `recto work` nodes [default: one per processor core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

impl ServeArgs {
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "server.listen", self.listen.as_ref(), "--listen");
        set(&mut flags, "data_dir", self.data_dir.as_ref(), "--data-dir");
        set(&mut flags, "workers.count", self.workers.as_ref(), "--workers");
        flags
    }
}

pub(crate) fn serve(settings: &Settings) -> anyhow::Result<ExitCode> {
    if settings.workers.count == 0 {
        check_shared(settings, "A server without workers leaves pages to `recto work` nodes")?;
    }
    node::run(settings, async |storage, secret, stop| serve_from(storage, settings, secret, stop).await)
}

async fn serve_from(
    storage: &Storage,
    settings: &Settings,
    secret: Vec<u8>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let node = storage.queue().join().await?.within(settings.work_limits);
    // The port is bound first, so that a failure does not leave a first key that nobody has seen.
    let (listener, address) = listen(&settings.server.listen, "--listen").await?;
    let metrics_socket = listen_for_metrics(settings).await?;
    let made = first_start(storage, &secret, &settings.data_dir).await?;

    let watched = ServerWatch::open(settings)?;
    let counted = PipelineMetrics::default();
    let pool = worker_pool::start(settings, counted.clone())?;
    let state = ApiState {
        storage: storage.clone(),
        secret: Arc::from(secret),
        settings: api_settings(settings),
        pictures: Arc::new(WorkerPictures(pool.clone())),
        documents: Arc::new(WorkerReader(pool.clone())),
        metrics: node::metrics(&counted),
        workers_ready: told(&pool, |status| status.ready),
        engines: told(&pool, |status| status.engines.clone()),
    };
    let trouble = tokio::spawn(tell_of_trouble(pool.status()));
    let watching = watched.map(|watch| {
        let batches = Batches::new(storage.clone(), pool.status(), Arc::new(WorkerPictures(pool.clone())), None);
        tokio::spawn(watch.go_on(batches, stop.clone()))
    });
    let work = match settings.workers.count {
        0 => None,
        _ => Some(Work::start(storage, node, pool, settings, &stop)?),
    };
    let watched = storage.clone();
    let stopping = stop.clone();
    tokio::spawn(async move { stopping.run_until_cancelled(watched.keep_reserve()).await });
    serve_metrics(metrics_socket, NodeState::from(&state), &stop);
    let (link, path) = made.as_ref().map_or_else(
        || (OneTimeLink::none(), None),
        |made| {
            let (link, path) = OneTimeLink::for_key(&made.api_key);
            (link, Some(path))
        },
    );
    let pages = |api| recto_web::pages(api, link, &SAMPLES);
    let requests = tokio::spawn(recto_http::serve_with(listener, state, pages, stop.clone()));
    greeting::print(settings, address, made.as_ref(), path.as_deref());
    if keys_travel_in_the_clear(&settings.server, address.ip()) {
        tracing::warn!(
            "other machines can reach {address} without TLS: API keys and documents are sent unencrypted. Put a TLS \
             proxy in front of it, and set server.trusted_proxies to the proxy's address or server.public_url to its \
             https address"
        );
    }

    let work = async {
        match work {
            Some(work) => work.end(&stop).await,
            None => Ok(()),
        }
    };
    let watching = async {
        match watching {
            Some(watching) => end_of(watching, &stop).await.context("watching the folder stopped unexpectedly"),
            None => Ok(()),
        }
    };
    let (requests, work, watching) = tokio::join!(end_of(requests, &stop), work, watching);
    trouble.abort();
    requests.context("the HTTP server stopped unexpectedly")?;
    work.and(watching)
}

/// Whether other machines can reach the server, and no setting shows that a proxy with TLS is in front of it.
fn keys_travel_in_the_clear(server: &ServerSettings, address: IpAddr) -> bool {
    let is_encrypted = server.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    !address.to_canonical().is_loopback() && !is_encrypted && server.trusted_proxies.is_empty()
}

fn api_settings(settings: &Settings) -> ApiSettings {
    ApiSettings {
        public_url: settings.server.public_url.clone(),
        max_upload_bytes: settings.server.max_upload_bytes,
        max_file_bytes: settings.server.max_file_bytes,
        trusted_proxies: settings.server.trusted_proxies.clone(),
        rate_limit_per_minute: settings.server.rate_limit_per_minute,
        max_backlog: settings.max_backlog,
        pages_per_day: settings.pages_per_day,
        webhook_addresses: AddressGuard { allow_private: settings.webhooks_allow_private },
        clients: clients(settings),
        metrics_token: settings.metrics.token.clone().map(MetricsToken::new),
    }
}

/// The limits for clients, as far as the system allows them. The concurrent requests of one key never use up all
/// connections.
fn clients(settings: &Settings) -> ClientSettings {
    let clients = settings.server.clients.clone();
    let max_connections = open_files::max_connections(clients.max_connections, open_files::raise_limit());
    let requests = clients.places.requests.min(max_connections / 2);
    ClientSettings { max_connections, places: PlaceSettings { requests, ..clients.places }, ..clients }
}
