//! One connection among many: what its client may take of the server's time, and when it loses its place to others.
//!
//! [`Crowd`] has room for so many connections, and makes some when there is none. [`run`] serves one: every part of it
//! tells its [`Standing`] what the server waits for, and ends when the client exceeds its [`Pace`].

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

/// The most that a connection buffers of what it reads; also the limit of a request's head.
const BUFFER_BYTES: usize = 16 * 1024;

/// The connection that a request came over.
#[derive(Clone)]
pub(crate) struct Connection(pub(crate) Arc<Standing>);

/// What every connection runs on.
#[derive(Clone)]
pub(crate) struct Serving {
    pub(crate) routes: Router,
    /// A client has this long for the head of a request; also for the first and the next one.
    pub(crate) head_timeout: Duration,
    pub(crate) pace: Pace,
    pub(crate) shutdown: CancellationToken,
}

/// Serves a connection to its end: that of the client, of its place, or of the server. It leaves the crowd when its
/// socket is closed, so that open files are never more than places.
pub(crate) async fn run(member: Member, stream: TcpStream, peer: SocketAddr, serving: Serving) {
    let standing = Arc::clone(&member.standing);
    tokio::select! {
        () = standing.lost_place() => return,
        () = serving.shutdown.cancelled() => return,
        // Most of what a connection costs is only taken when there is something to read.
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
        tracing::debug!(%error, "a connection broke off");
    }
}
