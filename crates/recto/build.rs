//! Finds what the binary embeds beside the project's own assets: the PDFium library, two language models of Tesseract,
//! and the runtime and models of the neural engine.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Models that are embedded: the default language, and what tells which way a page lies.
const MODELS: [&str; 2] = ["eng", "osd"];

/// What `bootstrap.sh` fetches for the neural engine: the name in the program, the file, and what it is.
const NEURAL: [(&str, &str, &str); 6] = [
    ("LIBONNXRUNTIME", "libonnxruntime.so", "The ONNX Runtime shared library."),
    ("DETECTOR", "detector.onnx", "The model that finds lines."),
    ("RECOGNISER", "recogniser.onnx", "The model that reads lines."),
    ("RECOGNISER_DICTIONARY", "recogniser.txt", "The characters that it knows."),
    ("CAREFUL_RECOGNISER", "careful-recogniser.onnx", "The slower model that reads doubtful lines."),
    ("CAREFUL_RECOGNISER_DICTIONARY", "careful-recogniser.txt", "The characters that it knows."),
];

#[expect(clippy::unnecessary_debug_formatting, reason = "a path's Debug form is the Rust literal that is needed")]
fn main() {
    println!("cargo::rerun-if-env-changed=RECTO_PDFIUM");
    println!("cargo::rerun-if-env-changed=RECTO_NEURAL");
    println!("cargo::rerun-if-env-changed=RECTO_TESSDATA");
    println!("cargo::rerun-if-env-changed=TESSDATA_PREFIX");
    let mut source = String::new();
    match embedded() {
        Ok(files) => {
            println!("cargo::rustc-env=RECTO_READING={}", reading(&files));
            for (name, about, path) in files {
                println!("cargo::rerun-if-changed={}", path.display());
                writeln!(source, "/// {about}\npub(crate) static {name}: &[u8] = include_bytes!({path:?});")
                    .expect("writing to a string does not fail");
            }
        }
        Err(missing) => {
            println!("cargo::error={missing}");
            return;
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a folder for what a build script makes"));
    fs::write(out.join("embedded.rs"), source).expect("cargo's folder can be written");
}

/// Tells this build apart from all that may read otherwise: a hash over the sources of all crates, the versions of what
/// they depend on, and what is embedded. Results of another build are not taken for this one's.
fn reading(embedded: &[Embedded]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let versions = root.join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", versions.display());
    let mut files = vec![versions];
    let crates = fs::read_dir(root.join("crates")).expect("the crates of the workspace lie side by side");
    for folder in crates.flatten().map(|entry| entry.path().join("src")) {
        println!("cargo::rerun-if-changed={}", folder.display());
        add_files(&folder, &mut files);
    }
    files.sort();
    files.extend(embedded.iter().map(|(_, _, path)| path.clone()));
    let mut hash = DefaultHasher::new();
    for path in files {
        // A source that cannot be read stops the compiler.
        fs::read(path).unwrap_or_default().hash(&mut hash);
    }
    format!("{:016x}", hash.finish())
}

fn add_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() { add_files(&path, files) } else { files.push(path) }
    }
}

type Embedded = (String, String, PathBuf);

fn embedded() -> Result<Vec<Embedded>, String> {
    let mut files = vec![("LIBPDFIUM".to_owned(), "The PDFium shared library.".to_owned(), pdfium()?)];
    let folders = tessdata_folders();
    for code in MODELS {
        let about = format!("The model `{code}` of Tesseract.");
        files.push((format!("{}_TRAINEDDATA", code.to_uppercase()), about, model(code, &folders)?));
    }
    for (name, file, about) in NEURAL {
        files.push((name.to_owned(), about.to_owned(), neural(file)?));
    }
    Ok(files)
}

fn neural(name: &str) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = env::var_os("RECTO_NEURAL").map_or_else(|| root.join(".deps/neural"), PathBuf::from);
    let path = folder.join(name);
    fs::canonicalize(&path).map_err(|_| {
        format!(
            "{} of the neural engine is not there. Run ./bootstrap.sh, or name its folder in RECTO_NEURAL.",
            path.display()
        )
    })
}

fn pdfium() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = env::var_os("RECTO_PDFIUM").map_or_else(|| root.join(".deps/pdfium/libpdfium.so"), PathBuf::from);
    // Canonical, because the `include_bytes!` stands in another folder.
    fs::canonicalize(&path).map_err(|_| {
        format!(
            "the PDFium library is not at {}. Run ./bootstrap.sh, or name the file in RECTO_PDFIUM.",
            path.display()
        )
    })
}

fn model(code: &str, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let name = format!("{code}.traineddata");
    let found = folders.iter().map(|folder| folder.join(&name)).find(|path| path.is_file());
    found.and_then(|path| fs::canonicalize(path).ok()).ok_or_else(|| {
        format!("Tesseract's model {name} is not installed. Run ./bootstrap.sh, or name its folder in RECTO_TESSDATA.")
    })
}

/// Where models are looked for: the folder that is named, else those of the distributions, newest first.
fn tessdata_folders() -> Vec<PathBuf> {
    let named: Vec<PathBuf> =
        ["RECTO_TESSDATA", "TESSDATA_PREFIX"].iter().filter_map(env::var_os).map(PathBuf::from).collect();
    if env::var_os("RECTO_TESSDATA").is_some() {
        return named;
    }
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/share/tesseract-ocr")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("tessdata")).collect())
        .unwrap_or_default();
    versions.sort();
    let usual = ["/usr/share/tesseract/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata"];
    named.into_iter().chain(versions.into_iter().rev()).chain(usual.map(PathBuf::from)).collect()
}
