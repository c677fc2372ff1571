//! Makes a searchable PDF of any file, with five crates of Recto: `embedding DEPS IN OUT.pdf`
//!
//! DEPS is the folder that `bootstrap.sh` fills: it has PDFium, ONNX Runtime and the models.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use recto_domain::{Page, PageSource, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, export};
use recto_ocr::{OcrEngine, read_page};
use recto_ocr_neural::{Models, NeuralEngine, Recogniser, Runtime};
use recto_pages::{FileOpener, PageLimits, PdfLibrary, TextLayer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [deps, path, out] = arguments.as_slice() else { return Err("usage: embedding DEPS IN OUT.pdf".into()) };
    let deps = Path::new(deps).canonicalize()?;
    let load = |name: &str| std::fs::read(deps.join("neural").join(name)).map(|bytes| &*bytes.leak());
    let recogniser = Recogniser { model: load("recogniser.onnx")?, dictionary: load("recogniser.txt")? };
    let models = Models { detector: load("detector.onnx")?, recogniser, careful: None };
    let mut engine = NeuralEngine::new(Runtime::from_file(&deps.join("neural/libonnxruntime.so"))?, models);
    let pdfium = PdfLibrary::from_file(&deps.join("pdfium/libpdfium.so"))?;

    let opener = FileOpener::new(pdfium, PageLimits::default());
    let mut file = opener.open(File::open(path)?)?;
    let mut pages = Vec::new();
    for number in 1..=file.page_count() {
        if let TextLayer::Sound(page) = file.text_layer(number)? {
            pages.push(page);
            continue;
        }
        let drawn = file.render(number, 300)?;
        let read = read_page(&mut engine, &drawn.image, &"eng".parse()?)?;
        let (size, rotation) = (drawn.size.turned(read.turn), drawn.rotation.then(read.turn));
        let source = PageSource::Engine(engine.name().to_owned());
        pages.push(Page::read(number, size, rotation, source, Some("eng".to_owned()), read.blocks));
    }

    let mut batch = MemoryBatch::new("Scans", Timestamp::now());
    batch.add(path, file.kind(), path, pages);
    export(Format::Pdf, &ExportOptions::default(), &mut batch, &mut File::create(out)?)?;
    Ok(())
}
