//! The address that a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use recto_domain::AddressRange;

use crate::connection::Connection;
use crate::state::ApiState;

/// The client's address: that of the socket, or the one that a trusted proxy reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The remote end of the connection that a request came over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Middleware: determines the [`ClientAddress`] of every request that came over a socket.
pub(crate) async fn settle(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>().copied() {
        let address = ClientAddress::of(peer, request.headers(), &state.settings.trusted_proxies);
        if let Some(Connection(standing)) = request.extensions().get() {
            standing.came_from(address.0);
        }
        request.extensions_mut().insert(address);
    }
    next.run(request).await
}

impl ClientAddress {
    /// The client's address behind a connection from `peer`. `X-Forwarded-For` is read from the right, as far as
    /// trusted proxies wrote it: anybody can send the header, and a proxy appends the address that it saw.
    pub(crate) fn of(peer: SocketAddr, headers: &HeaderMap, proxies: &[AddressRange]) -> Self {
        let is_proxy = |address: IpAddr| proxies.iter().any(|range| range.contains(address));
        let mut client = peer.ip().to_canonical();
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for told in forwarded.into_iter().rev() {
            if !is_proxy(client) {
                break;
            }
            let Some(address) = parse(told.trim()) else { break };
            client = address;
        }
        Self(client)
    }
}

/// An address as proxies write it: alone, or with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        ClientAddress::of(peer.parse().unwrap(), &headers, &proxies).0.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("203.0.113.9:1", "198.51.100.1"), "203.0.113.9");
        assert_eq!(client("127.0.0.1:1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(client("127.0.0.1:1", "192.0.2.66, 198.51.100.1, 10.1.1.1"), "198.51.100.1");
        assert_eq!(client("[::ffff:127.0.0.1]:1", "198.51.100.1:5050"), "198.51.100.1");
        assert_eq!(client("127.0.0.1:1", "nonsense"), "127.0.0.1");
    }
}
