//! Connections: how much of the server's time a client may take, and when a connection loses its place to others.
//!
//! [`Crowd`] has room for a limited number of connections, and closes some when there is none. [`run`] serves one
//! connection. Every part of it reports to its [`Standing`] what the server waits for, and ends when the client falls
//! behind its [`Pace`].

mod body;
mod crowd;
mod socket;
mod stall_budget;
mod standing;
mod wait;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use body::{Answer, AwaitedBody};
use socket::GuardedSocket;

pub(crate) use body::TooSlow;
pub(crate) use crowd::{Crowd, Member};
pub use stall_budget::Pace;
pub(crate) use standing::{Standing, neighbourhood};

use crate::client_address::Peer;

/// The read buffer of a connection, in bytes; also the limit for a request's head.
const BUFFER_BYTES: usize = 16 * 1024;

/// The connection that a request came over.
#[derive(Clone)]
pub(crate) struct Connection(pub(crate) Arc<Standing>);

/// The settings and services that all connections share.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) routes: Router,
    /// How long a client may take for the head of a request, including the first one and any later one.
    pub(crate) head_timeout: Duration,
    pub(crate) pace: Pace,
    pub(crate) shutdown: CancellationToken,
}

/// Serves a connection until the client closes it, it loses its place, or the server stops. It leaves the crowd only
/// after its socket is closed, so that there are never more open files than places.
pub(crate) async fn run(member: Member, stream: TcpStream, peer: SocketAddr, serving: Serving) {
    let standing = Arc::clone(&member.standing);
    tokio::select! {
        () = standing.lost_place() => return,
        () = serving.shutdown.cancelled() => return,
        // Most resources of a connection are allocated only when there is something to read.
        ready = tokio::time::timeout(serving.head_timeout, stream.readable()) => match ready {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    tokio::select! {
        () = standing.lost_place() => {}
        () = Box::pin(requests(stream, peer, Arc::clone(&standing), serving)) => {}
    }
}

async fn requests(stream: TcpStream, peer: SocketAddr, standing: Arc<Standing>, serving: Serving) {
    let Serving { routes, head_timeout, pace, shutdown } = serving;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(BUFFER_BYTES);
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        standing.takes_request();
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(Connection(Arc::clone(&standing)));
        let request: Request<AwaitedBody> = request.map(|body| AwaitedBody::new(body, Arc::clone(&standing), pace));
        let answer = routes.call(request);
        let standing = Arc::clone(&standing);
        async move { answer.await.map(|answer| answer.map(|body| Answer::new(body, standing, peer.ip()))) }
    });
    let socket = GuardedSocket::new(stream, Arc::clone(&standing), pace);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(socket), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
