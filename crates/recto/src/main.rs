//! Recto: self-hosted batch OCR, as a server and as a command. This crate is the wiring: it alone knows which
//! engine, database and blob store run.

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

/// Recognition allocates all the time, in C++ too: the `malloc` of the whole process is this one, which made reading a
/// page 6 % faster than that of glibc.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
