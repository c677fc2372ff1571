//! The program from outside: the real binary on a real port over a fresh data folder, real files through the real
//! engine, and the exports read back by other people's programs. A file for each thing that a user relies on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(unreachable_pub, reason = "the modules of a test are seen by nobody else")]

mod administration;
mod answer;
mod backup;
mod command;
mod command_line;
mod docs;
mod documents;
mod drawn;
mod durability;
mod each;
mod encodings;
mod exports;
mod fields;
mod full_disk;
mod gone;
mod hostile;
mod kill;
mod language_model;
mod languages;
mod learning;
mod memory;
mod nodes;
mod page_pictures;
mod papers;
mod passwords;
mod pdf_export;
mod pictures;
mod programs;
mod published_page;
mod random;
mod relocation;
mod request;
mod reuse;
mod rights;
mod run;
mod scans;
mod security;
mod server;
mod soak;
mod terminal;
mod text_layer;
mod traces;
mod upright;
mod watching;
mod web_pages;
mod webhooks;
mod words;
mod workers;
