//! The HTTP face from outside: a real server on a real port over SQLite and files in a temporary folder. No engine:
//! the tests do the workers' part through storage. A file for each route, one for each thing that all routes share.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(unreachable_pub, reason = "the modules of a test are seen by nobody else")]

mod applying;
mod audit_log;
mod auth;
mod builtin_templates;
mod cancel;
mod delete;
mod details;
mod docs;
mod events;
mod every_answer;
mod export;
mod fields;
mod form;
mod full_disk;
mod health;
mod history;
mod home;
mod idempotency;
mod learning;
mod limits;
mod list;
mod metrics;
mod odd_requests;
mod openapi;
mod permits;
mod projects;
mod rate_limit;
mod raw;
mod retry;
mod schemas;
mod search;
mod server;
mod sign_ins;
mod single_upload;
mod slow_clients;
mod templates;
mod tenancy;
mod tokens;
mod upload;
mod webhook_deliveries;
mod webhook_events;
mod webhooks;
