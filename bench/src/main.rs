//! Measures Recto from outside, beside the programs that people would pick otherwise, on the same pages in the same
//! run: `recto-bench accuracy`, `recto-bench fields`, `recto-bench order`, `recto-bench tables` and `recto-bench speed`;
//! its engines beside each other: `recto-bench engines`; learns how sure found values are: `recto-bench train-fields`; makes
//! papers with known values to learn from and to test with: `recto-bench papers`; and what an installation of several nodes
//! bears: `recto-bench load`.

mod accuracy;
mod chart;
mod confidence;
mod corpus;
mod engines;
mod fields;
mod gutters;
mod invoice2data;
mod issuers;
mod letterhead;
mod line_items;
mod load;
mod made;
mod measure;
mod order;
mod papers;
mod peers;
mod ranking;
mod reliability;
mod score;
mod speed;
mod tables;
mod training;
mod variants;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::corpus::{Choice, Split};
use crate::peers::Programs;

/// As in the program that is measured.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Recto beside its peers.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Word recall and character error rate beside the `tesseract` command's.
    Accuracy {
        /// A folder with a manifest.json that names pictures and their true texts.
        #[arg(long)]
        corpus: PathBuf,
        /// The language of the cases and of both programs.
        #[arg(long, default_value = "eng")]
        lang: String,
        /// Only cases whose path contains this text.
        #[arg(long)]
        only: Option<String>,
        /// Also turned by 90, 180 and 270 degrees and skewed: this many cases of each source.
        #[arg(long, default_value_t = 2)]
        turned: usize,
        /// The program to measure.
        #[arg(long, default_value = "target/release/recto")]
        recto: PathBuf,
    },
    /// Word-F1, recall, time and the worth of confidences of an engine, source by source.
    Engines(engines::Options),
    /// Precision, recall and F1 of the fields that templates find, beside invoice2data on its own invoices.
    Fields {
        /// A folder with a manifest.json that names documents and their right values.
        #[arg(long)]
        corpus: PathBuf,
        /// The program to compare with.
        #[arg(long, default_value = ".deps/peers/bin/invoice2data")]
        invoice2data: PathBuf,
        /// The program to measure.
        #[arg(long, default_value = "target/release/recto")]
        recto: PathBuf,
    },
    /// What several nodes get through on one database, and how long others wait for them.
    Load(load::Options),
    /// How often what is read next comes next, kind by kind, beside pdftotext and the `tesseract` command.
    Order(order::Options),
    /// Makes papers of many countries and kinds, with what is printed on them, as a corpus.
    Papers(papers::Options),
    /// F1 of neighbouring cells of tables, in PDFs with text and as pictures.
    Tables(tables::Options),
    /// Learns from documents with known values how sure found values are.
    TrainFields(training::Options),
    /// Learns which lines of the heads of receipts name the shop and say where it stands.
    TrainLetterhead(training::Options),
    /// Learns from documents with known values which of the values on a paper is that of a field.
    TrainRanking(training::Options),
    /// The values that are found on made-up receipts and papers, by kind.
    Made,
    /// Recto beside its peers on the same files: files a second, word-F1, CPU seconds a page and peak memory. See
    /// bench/README.md.
    Speed {
        /// Folders with a manifest.json that lists documents and their true texts.
        #[arg(long, required = true, num_args = 1..)]
        corpus: Vec<PathBuf>,
        /// Sets of a manifest that names none itself: NAME=FOLDER, the folder within the corpus.
        #[arg(long = "set", value_parser = set, default_values = [
            "receipts=accuracy/sroie", "dense pages=accuracy/unlv", "PDFs with text=tables/icdar2013",
        ])]
        sets: Vec<(String, String)>,
        /// Files of each set.
        #[arg(long, default_value_t = 30)]
        files: usize,
        /// Entries of a manifest that belong to another split are left out.
        #[arg(long, value_enum, default_value_t = Split::Check)]
        split: Split,
        /// The language of the files and of all programs.
        #[arg(long, default_value = "eng")]
        lang: String,
        /// How often each program runs; the median counts.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
        /// Where speed.json, speed.md and speed.svg go.
        #[arg(long, default_value = "docs/bench")]
        out: PathBuf,
        /// The program to measure.
        #[arg(long, default_value = "target/release/recto")]
        recto: PathBuf,
        /// The folder of the peers that ./bootstrap.sh --bench installs.
        #[arg(long, default_value = ".deps/peers/bin")]
        peers: PathBuf,
    },
}

fn set(text: &str) -> Result<(String, String), String> {
    let (name, folder) = text.split_once('=').ok_or("a set is written as NAME=FOLDER")?;
    Ok((name.to_owned(), folder.to_owned()))
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Accuracy { corpus, lang, only, turned, recto } => {
            accuracy::run(&corpus, &lang, only.as_deref(), turned, &recto)
        }
        Command::Engines(options) => engines::run(&options),
        Command::Load(options) => load::run(&options),
        Command::TrainFields(options) => confidence::run(&options),
        Command::TrainLetterhead(options) => letterhead::run(&options),
        Command::TrainRanking(options) => ranking::run(&options),
        Command::Made => made::measure(),
        Command::Order(options) => order::run(&options),
        Command::Papers(options) => papers::run(&options),
        Command::Tables(options) => tables::run(&options),
        Command::Fields { corpus, invoice2data, recto } => fields::run(&corpus, &recto, &invoice2data),
        Command::Speed { corpus, sets, files, split, lang, rounds, out, recto, peers } => {
            let choice = Choice { folders: &sets, lang: &lang, split, files };
            let cores = std::thread::available_parallelism()?.get();
            // Programs are started in other folders.
            let (recto, peers) = (std::path::absolute(recto)?, std::path::absolute(peers)?);
            let programs = Programs { recto, peers, cores, lang: lang.clone() };
            speed::run(&corpus, &choice, rounds, &programs, &out)
        }
    }
}
