//! Prints the text of pictures: `cargo run --example read -p recto-ocr-neural -- [--quick] [--lang LANGUAGES] [--out FOLDER] FILE…`
//!
//! It takes the library and the models from `.deps/neural`, where `bootstrap.sh` puts them, or from the folder that
//! `RECTO_NEURAL` names. With `--quick` the careful recogniser is left out. With `--out`, the text of each picture goes to
//! a file of its name in that folder, and the seconds that it took to standard output.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use recto_ocr::{PageImage, read_page};
use recto_ocr_neural::{Models, NeuralEngine, Recogniser, Runtime};

/// What a scanner of documents is usually set to; the `image` crate does not tell a file's own resolution.
const DPI: u32 = 300;

fn main() -> anyhow::Result<()> {
    let (mut quick, mut languages, mut out, mut files) = (false, "eng".to_owned(), None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--lang" => languages = arguments.next().context("--lang needs languages")?,
            "--out" => out = Some(PathBuf::from(arguments.next().context("--out needs a folder")?)),
            _ => files.push(argument),
        }
    }
    anyhow::ensure!(!files.is_empty(), "usage: read [--quick] [--lang LANGUAGES] [--out FOLDER] FILE…");
    let languages = languages.parse()?;
    let mut engine = engine(quick)?;
    for file in &files {
        let picture = image::open(file).with_context(|| format!("{file} cannot be read"))?.into_luma8();
        let page = PageImage::new(picture.width(), picture.height(), DPI, picture.into_raw());
        let start = Instant::now();
        let read = read_page(&mut engine, &page, &languages)?;
        let seconds = start.elapsed().as_secs_f32();
        let text: Vec<String> = read.blocks.iter().map(recto_domain::Block::text).collect();
        match &out {
            None => println!("{}\n", text.join("\n\n")),
            Some(folder) => {
                let name = Path::new(file).file_name().context("a file has a name")?.to_string_lossy();
                std::fs::write(folder.join(format!("{name}.txt")), text.join("\n\n"))?;
                println!("{seconds:.3} {name}");
            }
        }
    }
    Ok(())
}

/// The engine with the models that `bootstrap.sh` fetched.
fn engine(quick: bool) -> anyhow::Result<NeuralEngine> {
    let folder = std::env::var_os("RECTO_NEURAL").map_or_else(|| PathBuf::from(".deps/neural"), PathBuf::from);
    let load = |name: &str| -> anyhow::Result<&'static [u8]> {
        let path = folder.join(name);
        let bytes =
            std::fs::read(&path).with_context(|| format!("{} is missing: run ./bootstrap.sh", path.display()))?;
        Ok(bytes.leak())
    };
    let recogniser = Recogniser { model: load("recogniser.onnx")?, dictionary: load("recogniser.txt")? };
    let careful = Recogniser { model: load("careful-recogniser.onnx")?, dictionary: load("careful-recogniser.txt")? };
    let models = Models { detector: load("detector.onnx")?, recogniser, careful: (!quick).then_some(careful) };
    Ok(NeuralEngine::new(Runtime::from_file(&folder.canonicalize()?.join("libonnxruntime.so"))?, models))
}
