//! Recto over HTTP: the Batch API with sign-in, exports and events, and the page that greets a browser.
//!
//! [`router`] makes the routes over an [`ApiState`]; [`serve`] runs them on a listener until it is told to stop.
//! [`openapi_json`] describes them.
//! The crate knows storage and exports, and never sees an engine: what the workers can do reaches it as
//! [`EngineInfo`](recto_domain::EngineInfo).
//!
//! The way of a request: `request_id` names it and logs its end, `unread_body` reads off what a handler left,
//! `auth::identify` finds the token and counts the request, an extractor (`auth`, `batch`) settles what the
//! token may reach, and a handler of a few lines calls storage. `error` is the one table from what went wrong to a
//! status.

mod accepted;
mod audit_log;
mod auth;
mod batch;
mod client_address;
mod docs;
mod document_reader;
mod error;
mod export_stream;
mod file_answer;
mod file_link;
mod form;
mod health;
mod history;
mod home;
mod json;
mod member;
mod metrics;
mod openapi;
mod page_picture;
mod paging;
mod path;
mod project;
mod public_url;
mod query;
mod rate_limit;
mod request_id;
mod room;
mod router;
mod schemas;
mod security_headers;
mod serve;
mod slots;
mod state;
mod template;
mod token;
mod unread_body;
mod upload;
mod webhook;

pub use document_reader::{DocumentReader, Unreadable};
pub use metrics::{MetricsToken, serve_metrics};
pub use openapi::openapi_json;
pub use page_picture::{PagePictures, PictureFailure};
pub use router::router;
pub use serve::serve;
pub use state::{ApiSettings, ApiState};
