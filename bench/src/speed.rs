//! Recto beside its peers on the same files, run after each other round by round: files a second, how good the texts
//! are, processor time and peak memory.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use serde::Serialize;

use crate::chart;
use crate::corpus::{self, Choice, Set};
use crate::measure::{self, Run};
use crate::peers::{Peer, Programs, Task, text_layer};
use crate::score::word_f1;

/// A machine that does more than this beside the benchmark shows no true speeds.
const QUIET_LOAD: f64 = 0.5;

/// What one program reached on one set.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reached {
    pub(crate) program: String,
    pub(crate) files_per_second: f64,
    /// Median over the rounds of what parallel `tesseract` took in the round over what this program took in it.
    pub(crate) to_tesseract: f64,
    /// Mean over the files.
    pub(crate) word_f1: f64,
    pub(crate) cpu_seconds_per_page: f64,
    pub(crate) peak_megabytes: f64,
}

/// What all programs reached on one set, the fastest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    pub(crate) set: String,
    pub(crate) files: usize,
    pub(crate) pages: u32,
    pub(crate) reached: Vec<Reached>,
    /// Programs that are not among them, and why.
    pub(crate) left_out: Vec<(String, String)>,
}

/// All there is to tell.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) cores: usize,
    pub(crate) rounds: usize,
    /// Programs with their versions.
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) sets: Vec<Measured>,
}

/// Measures all sets and writes `speed.json`, `speed.md` and `speed.svg`.
pub(crate) fn run(
    roots: &[PathBuf],
    choice: &Choice<'_>,
    rounds: usize,
    programs: &Programs,
    out: &Path,
) -> anyhow::Result<()> {
    let sets = corpus::sets(roots, choice)?;
    ensure!(!sets.is_empty() && rounds > 0, "nothing to measure: no set of the corpus has a file");
    if let Some(load) = load().filter(|&load| load > QUIET_LOAD) {
        println!("The machine is busy (load {load:.1}): of the figures only CPU seconds and word-F1 can be trusted.\n");
    }
    let (mut versions, mut there, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for peer in Peer::ALL {
        match programs.version(peer) {
            Ok(version) => {
                let told = (peer.program().to_owned(), version);
                if !versions.contains(&told) {
                    versions.push(told);
                }
                there.push(peer);
            }
            Err(reason) => missing.push((peer.name(), reason)),
        }
    }
    let mut measured = Vec::new();
    for set in &sets {
        let mut of_set = measure(set, &there, rounds, programs)?;
        of_set.left_out.splice(0..0, missing.clone());
        measured.push(of_set);
    }
    let report = Report { cores: programs.cores, rounds, versions, sets: measured };
    let table = table(&report);
    println!("\n{table}");
    fs::create_dir_all(out)?;
    fs::write(out.join("speed.json"), serde_json::to_vec_pretty(&report)?)?;
    fs::write(out.join("speed.md"), table)?;
    fs::write(out.join("speed.svg"), chart::bars(&report))?;
    println!("written to {}", out.display());
    Ok(())
}

/// A program on its way through the rounds.
struct Runner<'a> {
    peer: Peer,
    task: Task<'a>,
    runs: Vec<Run>,
    word_f1: f64,
}

fn measure(set: &Set, peers: &[Peer], rounds: usize, programs: &Programs) -> anyhow::Result<Measured> {
    let folder = tempfile::tempdir()?;
    let truths = truths(set)?;
    let (mut runners, mut left_out) = (Vec::new(), Vec::new());
    for (n, &peer) in peers.iter().enumerate() {
        match Task::of(peer, programs, set, folder.path().join(n.to_string())) {
            Ok(Some(task)) => runners.push(Runner { peer, task, runs: Vec::new(), word_f1: 0.0 }),
            Ok(None) => left_out.push((peer.name(), "it reads no PDFs".to_owned())),
            Err(error) => left_out.push((peer.name(), format!("{error:#}"))),
        }
    }
    for round in 1..=rounds {
        let mut fit = Vec::new();
        for mut runner in runners {
            let name = runner.peer.name();
            match runner.once(&truths) {
                Ok(()) => {
                    let run = &runner.runs[runner.runs.len() - 1];
                    println!(
                        "{}, round {round}: {name:24} {:6.1} s  {:6.1} CPU s  {:5.0} MB  word-F1 {:.3}",
                        set.name,
                        run.wall.as_secs_f64(),
                        run.cpu.as_secs_f64(),
                        run.peak_bytes as f64 / 1e6,
                        runner.word_f1
                    );
                    fit.push(runner);
                }
                Err(error) => {
                    println!("{}, round {round}: {name} is left out: {error:#}", set.name);
                    left_out.push((name, format!("{error:#}")));
                }
            }
        }
        runners = fit;
    }
    let yardstick: Option<Vec<f64>> =
        runners.iter().find(|runner| runner.peer == Peer::Tesseract).map(|runner| runner.seconds().collect());
    let mut reached: Vec<Reached> = runners.iter().map(|runner| runner.reached(set, yardstick.as_deref())).collect();
    reached.sort_by(|a, b| b.files_per_second.total_cmp(&a.files_per_second));
    Ok(Measured { set: set.name.clone(), files: set.files.len(), pages: set.pages, reached, left_out })
}

impl Runner<'_> {
    fn once(&mut self, truths: &[String]) -> anyhow::Result<()> {
        self.runs.push(measure::run(&mut self.task.command())?);
        let texts = self.task.texts()?;
        ensure!(texts.len() == truths.len(), "it gave {} texts for {} files", texts.len(), truths.len());
        let scores = truths.iter().zip(&texts).map(|(truth, text)| word_f1(truth, text));
        self.word_f1 = scores.sum::<f64>() / truths.len() as f64;
        Ok(())
    }

    fn seconds(&self) -> impl Iterator<Item = f64> {
        self.runs.iter().map(|run| run.wall.as_secs_f64())
    }

    fn reached(&self, set: &Set, yardstick: Option<&[f64]>) -> Reached {
        let ratios = yardstick.unwrap_or_default().iter().zip(self.seconds()).map(|(theirs, mine)| theirs / mine);
        Reached {
            program: self.peer.name(),
            files_per_second: set.files.len() as f64 / median(self.seconds()),
            to_tesseract: median(ratios),
            word_f1: self.word_f1,
            cpu_seconds_per_page: median(self.runs.iter().map(|run| run.cpu.as_secs_f64())) / f64::from(set.pages),
            peak_megabytes: self.runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0) as f64 / 1e6,
        }
    }
}

/// The upper one of the two in the middle when they are even in number; not a number of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn truths(set: &Set) -> anyhow::Result<Vec<String>> {
    let truth = |(file, truth): (&PathBuf, &Option<String>)| match truth {
        Some(truth) => Ok(truth.clone()),
        None => text_layer(file),
    };
    set.files.iter().zip(&set.truths).map(truth).collect()
}

/// The load of the last minute.
fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// The report as Markdown.
fn table(report: &Report) -> String {
    let mut text = String::new();
    for set in &report.sets {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "**{}**: {} files, {} pages, {} cores, median of {} rounds\n\n\
             | | files/s | to parallel `tesseract` | word-F1 | CPU s a page | peak MB |\n|---|---|---|---|---|---|\n",
            set.set, set.files, set.pages, report.cores, report.rounds
        );
        for r in &set.reached {
            let name = if r.program == Peer::Recto(None).name() { "**Recto**" } else { &r.program };
            let _ = writeln!(
                text,
                "| {name} | {:.2} | {} | {:.3} | {:.2} | {:.0} |",
                r.files_per_second,
                ratio(r.to_tesseract),
                r.word_f1,
                r.cpu_seconds_per_page,
                r.peak_megabytes
            );
        }
        for (name, _) in &set.left_out {
            let _ = writeln!(text, "| {name} | - | - | - | - | - |");
        }
        for (name, reason) in &set.left_out {
            let _ = write!(text, "\n{name} is left out: {reason}.\n");
        }
        text.push('\n');
    }
    let versions: Vec<String> = report.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let _ = writeln!(text, "{}.", versions.join("; "));
    text
}

/// A ratio as people read it; a dash when there was nothing to compare with.
pub(crate) fn ratio(ratio: f64) -> String {
    match ratio {
        _ if !ratio.is_finite() => "-".to_owned(),
        10.0.. => format!("{ratio:.0}x"),
        _ => format!("{ratio:.2}x"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_program_and_says_who_is_left_out() {
        let reached = |program: &str, to_tesseract| Reached {
            program: program.to_owned(),
            files_per_second: 2.0,
            to_tesseract,
            word_f1: 0.95,
            cpu_seconds_per_page: 1.0,
            peak_megabytes: 300.0,
        };
        let set = Measured {
            set: "receipts".to_owned(),
            files: 30,
            pages: 30,
            reached: vec![reached("Recto", 2.0), reached("tesserocr", f64::NAN)],
            left_out: vec![("Kreuzberg".to_owned(), "it is not installed".to_owned())],
        };
        let report =
            Report { cores: 2, rounds: 3, versions: vec![("Recto".to_owned(), "1".to_owned())], sets: vec![set] };
        let table = table(&report);
        for line in [
            "| **Recto** | 2.00 | 2.00x | 0.950 | 1.00 | 300 |",
            "| tesserocr | 2.00 | - | 0.950 | 1.00 | 300 |",
            "| Kreuzberg | - | - | - | - | - |",
            "Kreuzberg is left out: it is not installed.",
        ] {
            assert!(table.lines().any(|l| l == line), "{line} in\n{table}");
        }
    }
}
