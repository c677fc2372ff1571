//! Recto: self-hosted batch OCR, as a server and as a command. This crate wires the others together: it alone knows
//! which engine, database and blob store are used.

mod cli;
mod commands;
mod document_reader;
mod embedded;
mod extractor;
mod failure;
mod installation;
mod logging;
mod open_files;
mod page_pictures;
mod retention;
mod settings;
mod stop;
mod terminal;
mod traces;
mod umask;
mod worker_pool;

/// The allocator of the whole process, including the C++ code, because recognition allocates all the time. It reads a
/// page 6 % faster than with the `malloc` of glibc.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
