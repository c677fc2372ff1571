//! Serves the pages over an empty database, and prints the link that signs in: `cargo run --example sign_in -p recto-web`
//!
//! Files can be sent and listed. Nothing reads them: that is the work of `recto-pipeline`.

use std::error::Error;
use std::sync::Arc;

use recto_domain::ApiKey;
use recto_http::{ApiSettings, ApiState, Metrics, NoWorkers, serve_with};
use recto_storage::{NewToken, Storage, StorageSettings};
use recto_web::{OneTimeLink, pages};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A real secret is random and kept.
const SECRET: &[u8] = b"an example's secret";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let storage =
        Storage::open(&StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() }).await?;
    let organization = storage.tenants().create_organization("Ledger Ltd").await?.id;
    storage.tenants().create_project(organization, "Invoices", "").await?;
    let key = ApiKey::generate();
    storage.tokens().create(NewToken::full(organization, None, "example", key.hint()), &key.hash(SECRET)).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (link, path) = OneTimeLink::for_key(key.expose());
    println!("http://{}{path}", listener.local_addr()?);
    let (_workers, workers_ready) = watch::channel(0);
    let (_engines, engines) = watch::channel(Vec::new());
    let state = ApiState {
        storage,
        secret: SECRET.into(),
        settings: ApiSettings::default(),
        metrics: Metrics::default(),
        workers_ready,
        pictures: Arc::new(NoWorkers),
        documents: Arc::new(NoWorkers),
        engines,
    };
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve_with(listener, state, |api| pages(api, link, &[]), stop.clone()));
    tokio::signal::ctrl_c().await?;
    stop.cancel();
    Ok(serving.await?)
}
