//! Prints the text that a PDF carries, which a worker without rights has read:
//! `cargo run --example text_of_pdf -p recto-pipeline -- FILE.pdf`
//!
//! PDFium is found at the path in `RECTO_PDFIUM`, or in `.deps/pdfium` of this workspace.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};

use recto_domain::{ANY_ENGINE, OrganizationId, TextLayerUse};
use recto_ocr::EngineRegistry;
use recto_pages::{FileOpener, PageLimits, PdfLibrary};
use recto_pipeline::{Answer, Job, PipelineMetrics, PoolSettings, WorkerParts, WorkerPool, serve};

/// The argument that makes this program a worker.
const WORKER: &str = "worker";

// A worker must begin on the main thread, before a runtime has made others.
fn main() -> Result<(), Box<dyn Error>> {
    let argument = std::env::args().nth(1).ok_or("usage: text_of_pdf FILE.pdf")?;
    if argument == WORKER {
        return Ok(serve(parts()?)?);
    }
    tokio::runtime::Runtime::new()?.block_on(print_text(&argument))
}

fn parts() -> Result<WorkerParts, Box<dyn Error>> {
    let in_workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
    let pdfium = std::env::var_os("RECTO_PDFIUM").map_or_else(in_workspace, PathBuf::from);
    Ok(WorkerParts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        opener: FileOpener::new(PdfLibrary::from_file(&pdfium)?, PageLimits::default()),
        engines: EngineRegistry::new(),
        engine: ANY_ENGINE.to_owned(),
        languages: "eng".parse()?,
        dpi: 300,
        text_layer: TextLayerUse::Trust,
        readable: Vec::new(),
    })
}

async fn print_text(path: &str) -> Result<(), Box<dyn Error>> {
    let pool = WorkerPool::start(PoolSettings {
        command: std::env::current_exe()?,
        args: vec![WORKER.into()],
        count: 1,
        memory_bytes: PoolSettings::DEFAULT_MEMORY_BYTES,
        page_timeout: PoolSettings::DEFAULT_PAGE_TIMEOUT,
        remote: Vec::new(),
        metrics: PipelineMetrics::default(),
    });
    let job = Job::Open { wanted: None, text_layer: None };
    match pool.run(OrganizationId::generate(), path, job, File::open(path)?).await? {
        Answer::Opened { pages, .. } => {
            for (number, page) in pages {
                let text = page.map_or("(needs recognition)".to_owned(), |page| page.text());
                println!("-- page {number}\n{text}");
            }
        }
        other => println!("{other:?}"),
    }
    Ok(())
}
