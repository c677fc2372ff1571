//! Real worker processes, well-behaved and not: this executable starts itself as the worker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod extraction;
mod further_engine;
mod injected_calls;
mod organizations;
mod pipeline;
mod pool;
mod remote_engine;
mod sample;
mod server_death;
mod test_engine;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use recto_ocr::EngineRegistry;
use recto_pages::{FileOpener, PageLimits, PdfLibrary};
use recto_pipeline::WorkerParts;

/// The first argument of an execution that is to be a worker,
const WORKER: &str = "be-a-worker";
/// or a server that hangs on a page,
const SERVER: &str = "be-a-server";
/// or a worker that ends before its first word.
const BROKEN_WORKER: &str = "be-a-broken-worker";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(WORKER) => be_a_worker(),
        Some(SERVER) => server_death::be_a_server(),
        Some(BROKEN_WORKER) => {
            eprintln!("the PDF library cannot be loaded");
            ExitCode::FAILURE
        }
        _ => {
            let trials: Vec<Trial> = [
                pool::trials(),
                remote_engine::trials(),
                injected_calls::trials(),
                organizations::trials(),
                server_death::trials(),
                pipeline::trials(),
                extraction::trials(),
            ]
            .into_iter()
            .flatten()
            .collect();
            libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
        }
    }
}

fn be_a_worker() -> ExitCode {
    injected_calls::remember_server();
    let pdfium = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
    let library = PdfLibrary::from_file(&pdfium).expect("bootstrap.sh has fetched PDFium");
    let parts = WorkerParts {
        version: "1".to_owned(),
        opener: FileOpener::new(library, PageLimits::default()),
        engines: EngineRegistry::new().with(test_engine::TestEngine).with(further_engine::FurtherEngine),
        engine: recto_domain::ANY_ENGINE.to_owned(),
        languages: "eng".parse().expect("a language"),
        dpi: 300,
        text_layer: recto_domain::TextLayerUse::Auto,
        readable: Vec::new(),
    };
    match recto_pipeline::serve(parts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
