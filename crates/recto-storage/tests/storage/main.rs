//! The storage from outside, on SQLite and, when `RECTO_TEST_POSTGRES_URL` names a server on which databases may be
//! made, on PostgreSQL too.

#![allow(clippy::unwrap_used)]

mod batches;
mod budgets;
mod control;
mod extraction;
mod fairness;
mod finished;
mod fixture;
mod gone;
mod interleavings;
mod migration;
mod passwords;
mod processes;
mod projects;
mod queue;
mod receiving;
mod results;
mod reuse;
mod snapshot;
mod tenants;
mod tokens;
mod webhook_queue;
mod webhooks;
