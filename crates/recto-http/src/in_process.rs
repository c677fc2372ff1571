//! The API for web pages in the same process: their actions use the same routes as a client's.

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

/// The routes of the API, callable without a socket. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    routes: Router,
    state: ApiState,
}

impl Api {
    /// Wraps routes that have all their layers.
    pub(crate) fn new(routes: Router, state: ApiState) -> Self {
        Self { routes, state }
    }

    /// Answers a request as if it had come over the connection of the request with the extensions `from`.
    pub async fn call(&self, from: &Extensions, mut request: Request) -> Response {
        let to = request.extensions_mut();
        carry::<Peer>(from, to);
        carry::<Connection>(from, to);
        carry::<RequestId>(from, to);
        carry::<Stopping>(from, to);
        let Ok(response) = self.routes.clone().oneshot(request).await;
        response
    }

    /// A fresh access token in exchange for one that is still valid, and its lifetime in seconds.
    #[must_use]
    pub fn renew(&self, access_token: &str) -> Option<(String, u64)> {
        renewed(access_token, &self.state.secret, Timestamp::now())
    }

    /// Whether an access token has at most half of its lifetime left.
    #[must_use]
    pub fn is_half_spent(&self, access_token: &str) -> bool {
        is_half_spent(access_token, &self.state.secret, Timestamp::now())
    }

    /// A path to the picture of an upload's page (from 1) that is valid for an hour without a key. The caller must
    /// check access before.
    #[must_use]
    pub fn page_picture(&self, upload: UploadId, page: u32) -> String {
        file_link::page_path(&self.state, upload, page)
    }

    /// The page with lines to paste into a terminal.
    pub fn lines_to_paste(&self) -> Html<String> {
        home::filled_in(&self.state)
    }

    /// The limits that clients are held to.
    #[must_use]
    pub fn settings(&self) -> &ApiSettings {
        &self.state.settings
    }

    /// The names of the engines that a batch may request; empty before the first worker is ready.
    #[must_use]
    pub fn engines(&self) -> Vec<String> {
        self.state.engines.borrow().iter().map(|engine| engine.name.clone()).collect()
    }

    /// The root path of the API.
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
