//! Reading order: how often what is read next comes next, beside the programs that people would pick otherwise.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use recto_domain::Block;
use serde::Deserialize;

use crate::corpus::{OrderedPage, Split, ordered_pages};
use crate::gutters;
use crate::peers::text_layer;

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A folder that bench/pages/order.py wrote, or another with a manifest.json whose truths are in reading order.
    #[arg(long)]
    corpus: PathBuf,
    /// Only pages whose path contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Only pages of this side.
    #[arg(long)]
    split: Option<Split>,
    /// Prints the steps that come out wrong of pages that can be learnt from.
    #[arg(long)]
    wrong: bool,
    /// Where the gutters of text layers that can be learnt from go, one a line, with what speaks for columns and what
    /// the truth says.
    #[arg(long)]
    gutters: Option<PathBuf>,
    /// The program to measure.
    #[arg(long, default_value = "target/release/recto")]
    recto: PathBuf,
}

/// What reads a page. PDFs are read by the first two, pictures by the others.
const READERS: [&str; 5] = ["text layer", "pdftotext", "tesseract", "neural", "tesseract command"];

/// What was read of a page.
#[derive(Default, Clone)]
struct Reading {
    text: String,
    /// Of Recto only.
    blocks: Vec<Block>,
}

/// The part of Recto's JSON that matters here.
#[derive(Deserialize)]
struct Export {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    text: String,
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    blocks: Vec<Block>,
}

/// Steps from one line to the next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Steps {
    right: usize,
    /// Of those whose lines were both read at the ends that meet.
    of: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut pages = ordered_pages(&options.corpus)?;
    pages.retain(|page| options.split.is_none_or(|split| page.split == split));
    pages.retain(|page| options.only.as_ref().is_none_or(|part| page.file.to_string_lossy().contains(part.as_str())));
    ensure!(!pages.is_empty(), "no page of the corpus fits");
    let mut table = String::new();
    let mut rows: BTreeMap<(Split, &str), [Steps; READERS.len()]> = BTreeMap::new();
    for (reader, name) in READERS.into_iter().enumerate() {
        let of_reader: Vec<&OrderedPage> = pages.iter().filter(|page| page.is_pdf() == (reader < 2)).collect();
        for (page, reading) in of_reader.iter().zip(read(name, &of_reader, &options.recto)?) {
            if reader == 0 && page.split == Split::Learn {
                table += &gutters::table(&page.file.to_string_lossy(), &reading.blocks, &page.truth);
            }
            let wrong = options.wrong && page.split == Split::Learn;
            let steps = steps(&page.truth, &reading.text, |from, to| {
                if wrong {
                    println!("{name}: {}: {from} > {to}", page.file.display());
                }
            });
            for kind in [page.kind.as_str(), "~ all"] {
                let sum = &mut rows.entry((page.split, kind)).or_default()[reader];
                sum.right += steps.right;
                sum.of += steps.of;
            }
        }
    }
    if let Some(file) = &options.gutters {
        std::fs::write(file, table).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    print!("{:6} {:26}", "split", "kind");
    println!("{}", READERS.map(|name| format!(" {name:>17}")).concat());
    for ((split, kind), row) in rows {
        let split = if split == Split::Learn { "learn" } else { "check" };
        println!("{split:6} {kind:26}{}", row.map(|steps| format!(" {:>17}", steps.to_string())).concat());
    }
    Ok(())
}

impl std::fmt::Display for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.of == 0 {
            return write!(f, "-");
        }
        write!(f, "{:.3} of {}", self.right as f64 / self.of as f64, self.of)
    }
}

/// How many characters of the ends that meet must be found together: enough to stand once on a page.
const END: usize = 12;

/// The steps of a truth that a text takes too: the end of one line and the beginning of the next stand together in it.
/// Lines that are not read, or not at these ends, do not count.
fn steps(truth: &str, text: &str, mut wrong: impl FnMut(&str, &str)) -> Steps {
    let text = plain(text);
    let mut steps = Steps::default();
    for (from, to) in ends(truth) {
        if !text.contains(&from) || !text.contains(&to) {
            continue;
        }
        steps.of += 1;
        if text.contains(&format!("{from}{to}")) { steps.right += 1 } else { wrong(&from, &to) }
    }
    steps
}

/// The last characters of each line of a truth with the first ones of the next line of its chain.
pub(crate) fn ends(truth: &str) -> Vec<(String, String)> {
    let mut ends = Vec::new();
    for chain in truth.split("\n\n") {
        let lines: Vec<String> = chain.lines().map(plain).filter(|line| !line.is_empty()).collect();
        for pair in lines.windows(2) {
            let letters = pair[0].chars().count();
            let from = pair[0].chars().skip(letters.saturating_sub(END)).collect();
            ends.push((from, pair[1].chars().take(END).collect()));
        }
    }
    ends
}

/// Letters and digits without regard to case.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What each page says.
fn read(reader: &str, pages: &[&OrderedPage], recto: &Path) -> anyhow::Result<Vec<Reading>> {
    let text = |text: String| Reading { text, ..Reading::default() };
    match reader {
        "pdftotext" => pages.iter().map(|page| text_layer(&page.file).map(text)).collect(),
        "tesseract command" => pages.iter().map(|page| read_with_tesseract(page).map(text)).collect(),
        "text layer" => read_with_recto(recto, pages, &["--text-layer", "trust"]),
        engine => read_with_recto(recto, pages, &["--engine", engine]),
    }
}

fn read_with_tesseract(page: &OrderedPage) -> anyhow::Result<String> {
    let output = Command::new("tesseract")
        .arg(&page.file)
        .args(["-", "-l", &page.lang])
        .env("OMP_THREAD_LIMIT", "1")
        .output()
        .context("the tesseract command does not start: run ./bootstrap.sh --bench")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One `recto run` for each language.
fn read_with_recto(recto: &Path, pages: &[&OrderedPage], options: &[&str]) -> anyhow::Result<Vec<Reading>> {
    let mut readings = vec![Reading::default(); pages.len()];
    let mut by_language: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, page) in pages.iter().enumerate() {
        // Text of a file has no language to be read in.
        by_language.entry(if page.is_pdf() { "eng" } else { &page.lang }).or_default().push(i);
    }
    let folder = tempfile::tempdir()?;
    for (lang, of_language) in by_language {
        let out = folder.path().join(format!("{lang}.json"));
        let status = Command::new(recto)
            .args(["run", "--format", "json", "--quiet", "--lang", lang, "-o"])
            .arg(&out)
            .args(options)
            .args(of_language.iter().map(|&i| &pages[i].file))
            .status()
            .with_context(|| format!("{} does not start", recto.display()))?;
        ensure!(matches!(status.code(), Some(0 | 2)), "recto run ended with {status}");
        let export: Export = serde_json::from_slice(&std::fs::read(&out)?)?;
        ensure!(export.documents.len() == of_language.len(), "recto run left a file out");
        for (i, document) in of_language.into_iter().zip(export.documents) {
            let blocks = document.pages.into_iter().flat_map(|page| page.blocks).collect();
            readings[i] = Reading { text: document.text, blocks };
        }
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_right_when_its_lines_stand_together() {
        let truth = "the first line\nthe second line\n\nanother column\nand its end";
        let read = "Another column the first line\nthe second line, and its end";
        assert_eq!(steps(truth, read, |_, _| {}), Steps { right: 1, of: 2 });
    }

    #[test]
    fn lines_that_were_not_read_do_not_count() {
        assert_eq!(steps("one\ntwo\nthree", "one three", |_, _| {}), Steps::default());
    }
}
