//! Takes connections and runs the routes on them until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client_address::Peer;
use crate::router::router;
use crate::state::ApiState;

/// A client has this long for the head of a request, so that idle connections do not pile up.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The most that a connection buffers of what it reads or writes; also the limit of a request's head.
const CONNECTION_BUFFER_BYTES: usize = 64 * 1024;
/// Connections at once: beyond them the system lets clients wait. Below the usual limit of open files, so that
/// the database and the blob store can open theirs.
const MAX_CONNECTIONS: usize = 512;
/// How long requests in hand may go on after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// Tells long answers, such as event streams, that the server stops.
#[derive(Clone)]
pub(crate) struct Stopping(pub(crate) CancellationToken);

/// Serves the API on a listener until `shutdown` is cancelled; requests in hand then have ten seconds to end.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: CancellationToken) {
    let routes = router(state).layer(Extension(Stopping(shutdown.clone())));
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Some(place) = shutdown.run_until_cancelled(Arc::clone(&places).acquire_owned()).await {
        let Some((stream, peer)) = next_connection(&listener, &shutdown).await else { break };
        let service = TowerToHyperService::new(routes.clone().layer(Extension(Peer(peer))));
        let connection = run_connection(stream, service, shutdown.clone());
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests in hand are cut off");
    }
}

/// The next connection, or `None` when the server stops.
async fn next_connection(listener: &TcpListener, shutdown: &CancellationToken) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = shutdown.run_until_cancelled(listener.accept()).await?;
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                // Mostly too many open files: it passes when connections end, and asking again at once would spin.
                tracing::warn!(%error, "no connection can be taken right now");
                shutdown.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await?;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn run_connection(stream: TcpStream, service: TowerToHyperService<axum::Router>, shutdown: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY is not set");
    }
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(CONNECTION_BUFFER_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
