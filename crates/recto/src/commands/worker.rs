//! `recto worker`: the process that parses untrusted files. Other processes start it; people do not.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use recto_domain::{LanguageChoice, TextLayerUse};
use recto_ocr::EngineRegistry;
use recto_ocr_neural::{LineByLine, Models, NeuralEngine, Recogniser, Runtime};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};
use recto_pages::{FileOpener, PageLimits, PdfLibrary};
use recto_pipeline::{WorkerParts, serve};

use crate::embedded::{self, ENG_TRAINEDDATA, LIBPDFIUM, OSD_TRAINEDDATA};

/// What a worker must know, because it reads no settings.
#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    #[arg(long)]
    engine: String,
    #[arg(long)]
    languages: LanguageChoice,
    #[arg(long)]
    dpi: u32,
    #[arg(long)]
    text_layer: TextLayerUse,
    #[arg(long)]
    max_pages: u32,
    #[arg(long)]
    max_megapixels: u32,
    #[arg(long)]
    tiny_models: bool,
    #[arg(long)]
    tessdata_dir: Option<PathBuf>,
}

pub(crate) fn run(args: WorkerArgs) -> anyhow::Result<ExitCode> {
    // Any of the arguments may change the results.
    let told = format!("{args:?}");
    let pdf = PdfLibrary::from_bytes(LIBPDFIUM).context("PDFium cannot be loaded")?;
    let limits = PageLimits { max_pages: args.max_pages, max_megapixels: args.max_megapixels };
    let mut models = Traineddata::new()
        .with_embedded("eng", ENG_TRAINEDDATA)
        .with_embedded("osd", OSD_TRAINEDDATA)
        .with_system_folders();
    if let Some(folder) = args.tessdata_dir {
        // A worker changes its root folder, after which relative paths lead elsewhere.
        models = models.with_folder(std::path::absolute(folder).context("the folder with the models has no path")?);
    }
    // The library is loaded now, because a confined worker can no longer load any. The models are loaded when a page
    // needs them.
    let runtime = Runtime::from_bytes(embedded::LIBONNXRUNTIME).context("ONNX Runtime cannot be loaded")?;
    let networks = Models {
        detector: embedded::DETECTOR,
        recogniser: Recogniser { model: embedded::RECOGNISER, dictionary: embedded::RECOGNISER_DICTIONARY },
        careful: (!args.tiny_models).then_some(Recogniser {
            model: embedded::CAREFUL_RECOGNISER,
            dictionary: embedded::CAREFUL_RECOGNISER_DICTIONARY,
        }),
    };
    let neural = || NeuralEngine::new(runtime.clone(), networks);
    let tesseract = || TesseractEngine::new(models.clone());
    let readable = models.folders().map(PathBuf::from).collect();
    serve(WorkerParts {
        version: format!("{} {} {told}", env!("RECTO_READING"), models.fingerprint()),
        opener: FileOpener::new(pdf, limits),
        engines: EngineRegistry::new().with(tesseract()).with(neural()).with(LineByLine::new(neural(), tesseract())),
        engine: args.engine,
        languages: args.languages,
        dpi: args.dpi,
        text_layer: args.text_layer,
        readable,
    })?;
    Ok(ExitCode::SUCCESS)
}
