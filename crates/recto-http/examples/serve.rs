//! Serves the API over an empty database: `cargo run --example serve -p recto-http`
//!
//! Files can be sent and listed. Nothing reads them: that is the work of `recto-pipeline`.

use std::error::Error;
use std::sync::Arc;

use recto_domain::ApiKey;
use recto_http::{ApiSettings, ApiState, Metrics, NoWorkers, serve};
use recto_storage::{NewToken, Storage, StorageSettings};
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
    let project = storage.tenants().create_project(organization, "Invoices", "").await?.id;
    let key = ApiKey::generate();
    storage.tokens().create(NewToken::full(organization, None, "example", key.hint()), &key.hash(SECRET)).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let key = key.expose();
    println!("curl -H 'X-API-Key: {key}' 'http://{address}/v1/openapi/batch?projectId={project}'");
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
    let serving = tokio::spawn(serve(listener, state, stop.clone()));
    tokio::signal::ctrl_c().await?;
    stop.cancel();
    Ok(serving.await?)
}
