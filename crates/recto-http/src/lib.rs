//! Recto over HTTP: the Batch API with sign-in, exports and events, and the home page.
//!
//! [`serve`] runs the routes over an [`ApiState`] on a listener until it is told to stop. [`openapi_json`] describes
//! the routes. The crate uses storage and exports but no engine: it learns from
//! [`EngineInfo`](recto_domain::EngineInfo) what the workers can do.
//!
//! A request passes through these stages:
//!
//! - `connection` reads it from a client that must keep its pace.
//! - `request_id` names it and logs its end.
//! - `unread_body` reads what a handler left of its body.
//! - `auth::identify` finds the token, counts the request and takes one of the token's `places` for it.
//! - An extractor (`auth`, `batch`) determines what the token may reach.
//! - A handler of a few lines calls storage.
//!
//! `error` is the single table that maps errors to statuses.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod accepted;
mod audit_log;
mod auth;
mod batch;
mod client_address;
mod connection;
mod docs;
mod document_reader;
mod drawn_batch;
mod error;
mod export_stream;
mod file_answer;
mod file_link;
mod form;
mod health;
mod history;
mod home;
mod in_process;
mod in_scope;
mod json;
mod member;
mod metrics;
mod no_workers;
mod openapi;
mod page_picture;
mod paging;
mod path;
mod permits;
mod project;
mod query;
mod quota;
mod rate_limit;
mod request_id;
mod retried;
mod room;
mod router;
mod schemas;
mod search;
mod security_headers;
mod serve;
mod state;
mod template;
mod token;
mod unread_body;
mod upload;
mod webhook;

pub use connection::Pace;
pub use document_reader::{DocumentReader, Unreadable};
pub use drawn_batch::DrawnBatch;
pub use in_process::Api;
pub use metrics::{Metrics, MetricsToken, NodeState, serve_metrics};
pub use no_workers::NoWorkers;
pub use openapi::openapi_json;
pub use page_picture::{PagePictures, PictureFailure};
pub use permits::PlaceSettings;
pub use serve::{serve, serve_with};
pub use state::{ApiSettings, ApiState, ClientSettings};
