//! The commands, each in a file of its own.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod doctor;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod org;
pub(crate) mod project;
pub(crate) mod ready;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod template;
pub(crate) mod token;
pub(crate) mod webhook;
pub(crate) mod work;
pub(crate) mod worker;

mod node;
mod print;
mod template_file;
mod tenants;
