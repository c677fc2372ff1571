//! Pages a second and peak memory beside the peers, run after each other round by round on the same pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Serialize;

use crate::chart;
use crate::corpus;
use crate::measure::{self, Run};

/// What one program reached.
#[derive(Serialize)]
pub(crate) struct Result {
    pub(crate) name: String,
    pub(crate) pages_per_second: f64,
    pub(crate) peak_megabytes: f64,
    /// Pages a second of Recto over this program's.
    pub(crate) recto_is: f64,
}

pub(crate) fn run(
    root: &Path,
    pages: usize,
    runs: usize,
    out: &Path,
    recto: &Path,
    engine: &Path,
) -> anyhow::Result<()> {
    let mut cases = corpus::cases(root, "eng")?;
    // Dense full pages are what a day's work consists of; receipts and single lines would flatter every start-up.
    cases.sort_by_key(|c| std::cmp::Reverse(c.truth.len()));
    cases.truncate(pages);
    let files: Vec<PathBuf> = cases.into_iter().map(|c| c.file).collect();
    ensure!(!files.is_empty() && runs > 0, "nothing to measure");
    fs::create_dir_all(out)?;
    let folder = tempfile::tempdir()?;
    let cores = std::thread::available_parallelism()?.get();
    let pdf = one_pdf(&files, folder.path())?;

    let programs = ["recto run", "tesseract, one a core", "OCRmyPDF", "the engine alone"];
    let mut measured: Vec<Vec<Run>> = programs.iter().map(|_| Vec::new()).collect();
    for round in 1..=runs {
        for (i, name) in programs.iter().enumerate() {
            let mut run = measure::run(&mut match i {
                0 => recto_run(recto, &files, folder.path()),
                1 => parallel_tesseract(&files, cores, folder.path())?,
                2 => ocrmypdf(&pdf, cores, folder.path()),
                _ => engine_alone(engine, &files, cores),
            })?;
            if !run.output.is_empty() {
                // The engine tells its time of recognition alone, without loading models and decoding pictures.
                let seconds = run.output.trim().parse().context("the engine alone does not tell its time")?;
                run.wall = Duration::from_secs_f64(seconds);
            }
            println!(
                "round {round}: {name:22} {:6.1} s  {:5.2} pages/s  {:5.0} MB",
                run.wall.as_secs_f64(),
                files.len() as f64 / run.wall.as_secs_f64(),
                run.peak_bytes as f64 / 1e6
            );
            measured[i].push(run);
        }
    }
    let speed = |runs: &[Run]| {
        let mut speeds: Vec<f64> = runs.iter().map(|r| files.len() as f64 / r.wall.as_secs_f64()).collect();
        speeds.sort_by(f64::total_cmp);
        speeds[speeds.len() / 2]
    };
    let mine = speed(&measured[0]);
    let results: Vec<Result> = programs
        .iter()
        .zip(&measured)
        .map(|(name, runs)| Result {
            name: (*name).to_owned(),
            pages_per_second: speed(runs),
            peak_megabytes: runs.iter().map(|r| r.peak_bytes).max().unwrap_or(0) as f64 / 1e6,
            recto_is: mine / speed(runs),
        })
        .collect();

    println!("\n{} pages, {cores} cores, median of {runs}", files.len());
    for r in &results {
        println!(
            "{:24} {:5.2} pages/s   peak {:5.0} MB   recto is {:.2}x",
            r.name, r.pages_per_second, r.peak_megabytes, r.recto_is
        );
    }
    fs::write(out.join("speed.json"), serde_json::to_vec_pretty(&results)?)?;
    fs::write(out.join("speed.svg"), chart::bars(&results, files.len(), cores))?;
    println!("written to {}", out.display());
    Ok(())
}

fn recto_run(recto: &Path, files: &[PathBuf], folder: &Path) -> Command {
    let mut command = Command::new(recto);
    command
        .args(["run", "--quiet", "--format", "text", "-o"])
        .arg(folder.join("recto.txt"))
        .args(files)
        .stdout(Stdio::null());
    command
}

/// `xargs` starts one process a page, as many at once as there are cores.
fn parallel_tesseract(files: &[PathBuf], cores: usize, folder: &Path) -> anyhow::Result<Command> {
    let list = folder.join("files");
    let names: Vec<String> = files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    fs::write(&list, names.join("\0"))?;
    let mut command = Command::new("xargs");
    command
        .arg("-0")
        .arg(format!("-P{cores}"))
        .args(["-I@", "-a"])
        .arg(list)
        .args(["tesseract", "@", "-", "-l", "eng"])
        .env("OMP_THREAD_LIMIT", "1")
        .stdout(Stdio::null());
    Ok(command)
}

fn ocrmypdf(pdf: &Path, cores: usize, folder: &Path) -> Command {
    let mut command = Command::new("ocrmypdf");
    command
        .args(["--quiet", "--output-type", "pdf", "--rotate-pages", "--deskew", "--jobs", &cores.to_string()])
        .arg(pdf)
        .arg(folder.join("ocrmypdf.pdf"))
        .stdout(Stdio::null());
    command
}

fn engine_alone(engine: &Path, files: &[PathBuf], cores: usize) -> Command {
    let mut command = Command::new(engine);
    command.arg("--threads").arg(cores.to_string()).args(files).env("OMP_THREAD_LIMIT", "1").stdout(Stdio::piped());
    command
}

/// The pages as one PDF of pictures, made beforehand: OCRmyPDF takes one document at a time.
fn one_pdf(files: &[PathBuf], folder: &Path) -> anyhow::Result<PathBuf> {
    let pdf = folder.join("pages.pdf");
    let status = Command::new("img2pdf")
        .arg("-o")
        .arg(&pdf)
        .args(files)
        .stderr(Stdio::null())
        .status()
        .context("img2pdf does not start: run ./bootstrap.sh --bench")?;
    ensure!(status.success(), "img2pdf ended with {status}");
    Ok(pdf)
}
