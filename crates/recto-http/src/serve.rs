//! Accepts connections and runs the routes on them until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::SignIns;
use crate::connection::{self, Crowd, Serving};
use crate::in_process::Api;
use crate::router;
use crate::state::ApiState;

/// How long requests in progress may continue after the stop.
const GRACE: Duration = Duration::from_secs(10);
/// When the system cannot accept a connection, how long to wait before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells long responses, such as event streams, that the server is stopping.
#[derive(Clone)]
pub(crate) struct Stopping(pub(crate) CancellationToken);

/// Serves the API on a listener until `shutdown` is cancelled; requests in progress then have ten seconds to finish.
///
/// A new connection always finds room. When the limit of the settings is reached, connections whose clients keep the
/// server waiting are closed, beginning with the address that holds the most.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: CancellationToken) {
    let greeting = router::greeting(&state);
    serve_with(listener, state, |_| greeting, shutdown).await;
}

/// Serves the API like [`serve`], together with pages that call it.
pub async fn serve_with(
    listener: TcpListener,
    state: ApiState,
    pages: impl FnOnce(Api) -> Router,
    shutdown: CancellationToken,
) {
    let clients = &state.settings.clients;
    let crowd = Arc::new(Crowd::new(clients.max_connections));
    let sign_ins = SignIns::new(clients.failed_sign_ins_per_minute);
    let ended = CancellationToken::new();
    let noting = tokio::spawn(sign_ins.clone().note(state.storage.clone(), clients.noting, ended.clone()));
    let (head_timeout, pace) = (clients.head_timeout, clients.pace);
    let routes = router::router(state, sign_ins, pages).layer(Extension(Stopping(shutdown.clone())));
    let serving = Serving { routes, head_timeout, pace, shutdown: shutdown.clone() };
    let connections = TaskTracker::new();
    while let Some(()) = shutdown.run_until_cancelled(crowd.room()).await {
        let Some((stream, peer)) = next_connection(&listener, &crowd, &shutdown).await else { break };
        let member = crowd.enter(peer.ip());
        connections.spawn(connection::run(member, stream, peer, serving.clone()));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests in progress are cut off");
    }
    ended.cancel();
    if let Err(error) = noting.await {
        tracing::error!(%error, "the failed sign-ins of the last minute are not in the audit log");
    }
}

/// The next connection, or `None` when the server stops.
async fn next_connection(
    listener: &TcpListener,
    crowd: &Crowd,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = shutdown.run_until_cancelled(listener.accept()).await?;
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                // The usual cause is too many open files. Trying again at once would spin.
                tracing::warn!(%error, "a connection could not be accepted: closing others");
                crowd.make_room();
                shutdown.run_until_cancelled(tokio::time::sleep(PAUSE)).await?;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
