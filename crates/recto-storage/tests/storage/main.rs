//! The storage from outside, on SQLite and on PostgreSQL, with its files in a folder and in a bucket.

#![allow(clippy::unwrap_used)]

mod applying;
mod batches;
mod bucket;
mod budgets;
mod control;
mod extraction;
mod fairness;
mod finished;
mod fixture;
mod gone;
mod interleavings;
mod migration;
mod nodes;
mod passwords;
mod processes;
mod projects;
mod queue;
mod receiving;
mod relocation;
mod results;
mod reuse;
mod search;
mod snapshot;
mod tenants;
mod tokens;
mod webhook_queue;
mod webhooks;
