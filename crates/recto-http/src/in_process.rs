//! The API for the pages of the same process: what they do goes through the same routes as what a client does.

use axum::Router;
use axum::extract::Request;
use axum::http::Extensions;
use axum::response::{Html, Response};
use recto_domain::{Timestamp, UploadId};
use tower::ServiceExt;

use crate::auth::{is_half_spent, renewed};
use crate::client_address::Peer;
use crate::connection::Connection;
use crate::request_id::RequestId;
use crate::serve::Stopping;
use crate::state::{ApiSettings, ApiState};
use crate::{file_link, home};

/// The routes of the API, to be called without a socket. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    routes: Router,
    state: ApiState,
}

impl Api {
    /// Routes that have all their layers.
    pub(crate) fn new(routes: Router, state: ApiState) -> Self {
        Self { routes, state }
    }

    /// Answers a request as if it had come over the connection of another one, whose extensions those are.
    pub async fn call(&self, from: &Extensions, mut request: Request) -> Response {
        let to = request.extensions_mut();
        carry::<Peer>(from, to);
        carry::<Connection>(from, to);
        carry::<RequestId>(from, to);
        carry::<Stopping>(from, to);
        let Ok(response) = self.routes.clone().oneshot(request).await;
        response
    }

    /// A fresh access token for one that is still good, and its lifetime in seconds.
    #[must_use]
    pub fn renew(&self, access_token: &str) -> Option<(String, u64)> {
        renewed(access_token, &self.state.secret, Timestamp::now())
    }

    /// Whether an access token has at most half of its lifetime left.
    #[must_use]
    pub fn is_half_spent(&self, access_token: &str) -> bool {
        is_half_spent(access_token, &self.state.secret, Timestamp::now())
    }

    /// A path to the picture of an upload's page, from 1, that works for an hour without a key. Whoever asks has seen
    /// that the caller may have it.
    #[must_use]
    pub fn page_picture(&self, upload: UploadId, page: u32) -> String {
        file_link::page_path(&self.state, upload, page)
    }

    /// The page of lines to paste.
    pub fn lines_to_paste(&self) -> Html<String> {
        home::filled_in(&self.state)
    }

    /// The limits that clients are held to.
    #[must_use]
    pub fn settings(&self) -> &ApiSettings {
        &self.state.settings
    }

    /// Names of the engines that a batch may ask for; none before the first worker stands ready.
    #[must_use]
    pub fn engines(&self) -> Vec<String> {
        self.state.engines.borrow().iter().map(|engine| engine.name.clone()).collect()
    }

    /// Where the API stands.
    #[must_use]
    pub fn root(&self) -> &'static str {
        crate::router::API
    }
}

fn carry<T: Clone + Send + Sync + 'static>(from: &Extensions, to: &mut Extensions) {
    if let Some(value) = from.get::<T>() {
        to.insert(value.clone());
    }
}
