//! Recto and the programs that people would pick otherwise: how each is run on a set of files, and where its texts are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::corpus::Set;

/// A program to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// `recto run`, with an engine or with what a user gets without asking.
    Recto(Option<&'static str>),
    /// The `tesseract` command, one a core.
    Tesseract,
    /// The library in Python, one engine a core.
    Tesserocr,
    Kreuzberg,
    /// PP-OCRv6 in faster-paddle, with the models of that size.
    Paddle(&'static str),
    OcrMyPdf,
}

impl Peer {
    /// All of them, Recto first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Recto(None),
        Self::Recto(Some("tesseract")),
        Self::Recto(Some("neural")),
        Self::Tesseract,
        Self::Tesserocr,
        Self::Kreuzberg,
        Self::Paddle("tiny"),
        Self::Paddle("small"),
        Self::OcrMyPdf,
    ];

    pub(crate) fn name(self) -> String {
        let program = self.program();
        match self {
            Self::Recto(Some(engine)) => format!("{program} --engine {engine}"),
            Self::Tesseract => format!("{program}, one a core"),
            Self::Paddle(model) => format!("{program} {model}"),
            Self::Recto(None) | Self::Tesserocr | Self::Kreuzberg | Self::OcrMyPdf => program.to_owned(),
        }
    }

    /// The program without how it is run.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Recto(_) => "Recto",
            Self::Tesseract => "tesseract",
            Self::Tesserocr => "tesserocr",
            Self::Kreuzberg => "Kreuzberg",
            Self::Paddle(_) => "faster-paddle",
            Self::OcrMyPdf => "OCRmyPDF",
        }
    }

    /// Whether it takes PDFs as they are.
    fn reads_pdfs(self) -> bool {
        !matches!(self, Self::Tesserocr | Self::Paddle(_))
    }
}

/// Where the programs are.
pub(crate) struct Programs {
    pub(crate) recto: PathBuf,
    /// The folder of Python and the commands of the peers that come with it.
    pub(crate) peers: PathBuf,
    pub(crate) cores: usize,
    pub(crate) lang: String,
}

impl Programs {
    /// The version of a peer, or why it cannot be measured here.
    pub(crate) fn version(&self, peer: Peer) -> Result<String, String> {
        let python = |package: &str, module: &str| {
            let code = format!("import {module}, importlib.metadata as m; print(m.version('{package}'))");
            said(Command::new(self.peers.join("python")).args(["-c", &code]), "--bench did not install it")
        };
        match peer {
            Peer::Recto(_) => said(Command::new(&self.recto).arg("--version"), "it is not built"),
            Peer::Tesseract => said(Command::new("tesseract").arg("--version"), "it is not installed"),
            Peer::Tesserocr => python("tesserocr", "tesserocr"),
            Peer::Kreuzberg => python("kreuzberg", "kreuzberg"),
            Peer::Paddle(_) => python("faster-paddle", "faster_paddle"),
            Peer::OcrMyPdf => python("ocrmypdf", "ocrmypdf"),
        }
    }
}

/// The version that stands in the first line of what a command says; what is wrong when it says none.
fn said(command: &mut Command, missing: &str) -> Result<String, String> {
    let output = command.output().map_err(|_| missing.to_owned())?;
    let (good, bad) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    match good.lines().next() {
        // The last word of `tesseract 5.5.0` or `recto 0.1.0`.
        Some(line) if output.status.success() => Ok(line.split_whitespace().last().unwrap_or_default().to_owned()),
        _ => Err(bad.trim_end().lines().last().unwrap_or(missing).to_owned()),
    }
}

/// A peer with a set to read, in a folder of their own.
pub(crate) struct Task<'a> {
    peer: Peer,
    programs: &'a Programs,
    set: &'a Set,
    folder: PathBuf,
}

impl<'a> Task<'a> {
    /// Makes what is not to be timed; `None` when the peer does not read such files.
    pub(crate) fn of(
        peer: Peer,
        programs: &'a Programs,
        set: &'a Set,
        folder: PathBuf,
    ) -> anyhow::Result<Option<Self>> {
        if set.are_pdfs && !peer.reads_pdfs() {
            return Ok(None);
        }
        fs::create_dir_all(&folder)?;
        let task = Self { peer, programs, set, folder };
        let names: Vec<_> = set.files.iter().map(|file| file.to_string_lossy()).collect();
        fs::write(task.file("files.json"), serde_json::to_vec(&names)?)?;
        // What xargs takes: for each file its number, which is the name of its text, and its path.
        let numbered: Vec<String> = names.iter().enumerate().map(|(n, name)| format!("{n}\0{name}")).collect();
        fs::write(task.file("files"), numbered.join("\0"))?;
        if peer == Peer::OcrMyPdf && !set.are_pdfs {
            task.join_pictures()?;
        }
        Ok(Some(task))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The pictures as one PDF: OCRmyPDF takes one document at a time, and its cores share the pages of one.
    fn join_pictures(&self) -> anyhow::Result<()> {
        let mut command = Command::new(self.programs.peers.join("img2pdf"));
        // Some pictures say upside down what they mean by their orientation.
        command.arg("--rotation=ifvalid").arg("-o").arg(self.file("pages.pdf")).args(&self.set.files);
        let output = command.output().context("img2pdf does not start")?;
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.trim_end().lines().last().unwrap_or_default();
        ensure!(output.status.success(), "img2pdf makes no PDF of the pictures: {last}");
        Ok(())
    }

    /// What is to be timed.
    pub(crate) fn command(&self) -> Command {
        let (programs, pdfs) = (self.programs, self.set.are_pdfs);
        let mut command = match self.peer {
            Peer::Recto(engine) => {
                let mut command = Command::new(&programs.recto);
                command.args(["run", "--quiet", "--format", "json", "--lang", &programs.lang, "-o"]);
                command.arg(self.file("out.json"));
                if let Some(engine) = engine {
                    command.args(["--engine", engine]);
                }
                // Every file is to be read, also when two are the same.
                command.args(&self.set.files).env("RECTO__OCR__REUSE_RESULTS", "false");
                command
            }
            Peer::Tesseract if pdfs => self.one_a_core(
                r#"pdftoppm -r 300 -gray "$2" "$D/$1" && for page in "$D/$1"-*.pgm; do
                   tesseract "$page" - -l "$L" && rm "$page"; done > "$D/$1.txt""#,
            ),
            Peer::Tesseract => self.one_a_core(r#"tesseract "$2" - -l "$L" > "$D/$1.txt""#),
            Peer::Tesserocr => self.python("read_with_tesserocr.py", &programs.lang),
            Peer::Kreuzberg => self.python("read_with_kreuzberg.py", &programs.lang),
            Peer::Paddle(model) => self.python("read_with_faster_paddle.py", model),
            Peer::OcrMyPdf if pdfs => self.one_a_core(
                r#"ocrmypdf -q -j1 --output-type pdf -O0 --skip-text -l "$L" "$2" "$D/$1.pdf" &&
                   pdftotext "$D/$1.pdf" "$D/$1.txt""#,
            ),
            Peer::OcrMyPdf => {
                let mut command = Command::new(programs.peers.join("ocrmypdf"));
                command.args(["-q", "--output-type", "pdf", "-O0", "-l", &programs.lang, "-j"]);
                command.arg(programs.cores.to_string()).arg("--sidecar").arg(self.file("pages.txt"));
                command.arg(self.file("pages.pdf")).arg(self.file("read.pdf"));
                command
            }
        };
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", programs.peers.display())).env("OMP_THREAD_LIMIT", "1");
        command.current_dir(&self.folder);
        command
    }

    /// A shell command for each file, as many at once as there are cores: `$1` is its number, `$2` its path, `$D` the
    /// folder of this task, `$L` the language.
    fn one_a_core(&self, script: &str) -> Command {
        let mut command = Command::new("xargs");
        command.arg("-0").arg("-a").arg(self.file("files")).arg("-n2").arg(format!("-P{}", self.programs.cores));
        command.args(["sh", "-c", script, "sh"]).env("D", &self.folder).env("L", &self.programs.lang);
        command
    }

    fn python(&self, script: &str, argument: &str) -> Command {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let mut command = Command::new(self.programs.peers.join("python"));
        command.arg(scripts.join(script)).arg(self.file("files.json")).arg(self.file("out.json")).arg(argument);
        command.arg(if self.set.are_pdfs { "pdfs" } else { "pictures" }).arg(self.programs.cores.to_string());
        command
    }

    /// What it read, in the order of the set's files; nothing of a file that it failed at.
    pub(crate) fn texts(&self) -> anyhow::Result<Vec<String>> {
        let files = &self.set.files;
        match self.peer {
            Peer::Recto(_) => {
                let export: Export = serde_json::from_slice(&fs::read(self.file("out.json"))?)?;
                let text = |file: &PathBuf| {
                    let document = export.documents.iter().find(|document| Path::new(&document.file_name) == file);
                    document.map_or_else(String::new, |document| document.text.clone())
                };
                Ok(files.iter().map(text).collect())
            }
            Peer::Tesserocr | Peer::Kreuzberg | Peer::Paddle(_) => {
                Ok(serde_json::from_slice(&fs::read(self.file("out.json"))?)?)
            }
            Peer::OcrMyPdf if !self.set.are_pdfs => {
                let all = fs::read_to_string(self.file("pages.txt"))?;
                let mut pages: Vec<String> = all.split('\u{c}').map(str::to_owned).collect();
                pages.resize(files.len(), String::new());
                Ok(pages)
            }
            Peer::Tesseract | Peer::OcrMyPdf => {
                let text = |n| fs::read(self.file(&format!("{n}.txt"))).unwrap_or_default();
                Ok((0..files.len()).map(|n| String::from_utf8_lossy(&text(n)).into_owned()).collect())
            }
        }
    }
}

/// What the benchmarks take of Recto's JSON export.
#[derive(Deserialize)]
pub(crate) struct Export {
    pub(crate) documents: Vec<Document>,
}

/// A file that was read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    pub(crate) file_name: String,
    pub(crate) text: String,
}

/// The text that a PDF carries, as poppler's `pdftotext` takes it out.
pub(crate) fn text_layer(pdf: &Path) -> anyhow::Result<String> {
    let output = Command::new("pdftotext").arg(pdf).arg("-").output().context("pdftotext does not start")?;
    ensure!(output.status.success(), "pdftotext cannot read {}", pdf.display());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
