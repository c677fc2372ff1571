//! Word recall and character error rate beside the `tesseract` command's on the same files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::corpus::{self, Case};
use crate::peers::Export;
use crate::score::{Score, score};
use crate::variants::{self, Variant};
use anyhow::{Context, bail, ensure};

/// A file to read, the row of the table it counts in, and what stands on it.
struct Job<'a> {
    group: String,
    file: PathBuf,
    truth: &'a str,
}

#[derive(Default)]
struct Row {
    n: usize,
    recto: Score,
    tesseract: Score,
    worse: usize,
}

pub(crate) fn run(root: &Path, lang: &str, only: Option<&str>, turned: usize, recto: &Path) -> anyhow::Result<()> {
    let mut cases = corpus::cases(root, lang)?;
    cases.retain(|c| only.is_none_or(|part| c.file.to_string_lossy().contains(part)));
    ensure!(!cases.is_empty(), "no case of the corpus fits");
    let folder = tempfile::tempdir()?;
    let jobs = jobs(&cases, turned, folder.path())?;
    let mine = read_with_recto(recto, &jobs, lang, folder.path())?;
    let theirs = read_with_tesseract(&jobs, lang)?;

    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    for (i, job) in jobs.iter().enumerate() {
        let (a, b) = (score(job.truth, &mine[i]), score(job.truth, &theirs[i]));
        let worse = a.recall < b.recall - 0.005 || a.cer > b.cer + 0.005;
        if worse {
            println!(
                "worse: {} recall {:.3} against {:.3}, CER {:.3} against {:.3}",
                job.file.display(),
                a.recall,
                b.recall,
                a.cer,
                b.cer
            );
        }
        let groups =
            if job.group.contains(' ') { vec![job.group.as_str()] } else { vec![job.group.as_str(), "~ all upright"] };
        for group in groups {
            let row = rows.entry(group).or_default();
            row.n += 1;
            row.recto.recall += a.recall;
            row.recto.cer += a.cer;
            row.tesseract.recall += b.recall;
            row.tesseract.cer += b.cer;
            row.worse += usize::from(worse);
        }
    }
    println!("{:16} {:>5}   {:>7} {:>7}   {:>9} {:>7}   {:>5}", "", "", "recto", "", "tesseract", "", "");
    println!(
        "{:16} {:>5}   {:>7} {:>7}   {:>9} {:>7}   {:>5}",
        "source", "pages", "recall", "CER", "recall", "CER", "worse"
    );
    for (group, row) in rows {
        let n = row.n as f64;
        println!(
            "{group:16} {:>5}   {:>7.4} {:>7.4}   {:>9.4} {:>7.4}   {:>5}",
            row.n,
            row.recto.recall / n,
            row.recto.cer / n,
            row.tesseract.recall / n,
            row.tesseract.cer / n,
            row.worse
        );
    }
    Ok(())
}

/// Every case as it is, and the first of each source turned and skewed.
fn jobs<'a>(cases: &'a [Case], turned: usize, folder: &Path) -> anyhow::Result<Vec<Job<'a>>> {
    let mut jobs: Vec<Job> =
        cases.iter().map(|c| Job { group: c.source.clone(), file: c.file.clone(), truth: &c.truth }).collect();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, case) in cases.iter().enumerate() {
        let used = used.entry(&case.source).or_default();
        *used += 1;
        // Pages that lie on their side in the corpus would be set upright by a turn.
        if *used > turned || case.file.to_string_lossy().contains("rotated") {
            continue;
        }
        for (k, variant) in Variant::ALL.into_iter().enumerate() {
            let file = variants::write(&case.file, variant, folder, &format!("variant-{i:03}-{k}"))?;
            jobs.push(Job { group: variant.label(), file, truth: &case.truth });
        }
    }
    Ok(jobs)
}

/// One `recto run` over all files; the texts in the order of the jobs.
fn read_with_recto(recto: &Path, jobs: &[Job], lang: &str, folder: &Path) -> anyhow::Result<Vec<String>> {
    let named = folder.join("named");
    std::fs::create_dir(&named)?;
    let mut files = Vec::new();
    for (i, job) in jobs.iter().enumerate() {
        let extension = job.file.extension().unwrap_or_default().to_string_lossy();
        let file = named.join(format!("{i:04}.{extension}"));
        std::fs::copy(&job.file, &file)?;
        files.push(file);
    }
    let out = folder.join("recto.json");
    let status = Command::new(recto)
        .args(["run", "--format", "json", "--quiet", "--lang", lang, "-o"])
        .arg(&out)
        .args(&files)
        .status()
        .with_context(|| format!("{} does not start", recto.display()))?;
    if !matches!(status.code(), Some(0 | 2)) {
        bail!("recto run ended with {status}");
    }
    let export: Export = serde_json::from_slice(&std::fs::read(&out)?)?;
    let mut texts = vec![String::new(); jobs.len()];
    for document in export.documents {
        let i: usize = document
            .file_name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .get(..4)
            .and_then(|n| n.parse().ok())
            .context("a document without its number")?;
        texts[i] = document.text;
    }
    Ok(texts)
}

/// The `tesseract` command, one process a page and one page a core.
fn read_with_tesseract(jobs: &[Job], lang: &str) -> anyhow::Result<Vec<String>> {
    let (next, texts) = (AtomicUsize::new(0), Mutex::new(vec![String::new(); jobs.len()]));
    let cores = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<()> {
                    while let Some((i, job)) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, jobs.get(i)?)))
                    {
                        let output = Command::new("tesseract")
                            .arg(&job.file)
                            .args(["-", "-l", lang])
                            .env("OMP_THREAD_LIMIT", "1")
                            .output()
                            .context("the tesseract command does not start: run ./bootstrap.sh --bench")?;
                        texts.lock().expect("no thread panics with the lock")[i] =
                            String::from_utf8_lossy(&output.stdout).into_owned();
                    }
                    Ok(())
                })
            })
            .collect();
        threads.into_iter().try_for_each(|t| t.join().expect("the closure returns its errors"))
    })?;
    Ok(texts.into_inner().expect("no thread panics with the lock"))
}
