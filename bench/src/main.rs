//! Measures Recto from outside, beside the programs that people would pick otherwise, on the same pages in the same
//! run: `recto-bench accuracy`, `recto-bench fields` and `recto-bench speed`; and its engines beside each other:
//! `recto-bench engines`.

mod accuracy;
mod chart;
mod corpus;
mod engines;
mod fields;
mod invoice2data;
mod issuers;
mod line_items;
mod measure;
mod raw_engine;
mod reliability;
mod score;
mod speed;
mod variants;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

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
        #[arg(long, default_value = ".deps/invoice2data/bin/invoice2data")]
        invoice2data: PathBuf,
        /// The program to measure.
        #[arg(long, default_value = "target/release/recto")]
        recto: PathBuf,
    },
    /// Pages a second and peak memory of `recto run`, parallel `tesseract` and OCRmyPDF.
    Speed {
        /// A folder with a manifest.json; its dense full pages are read.
        #[arg(long)]
        corpus: PathBuf,
        /// How many pages.
        #[arg(long, default_value_t = 24)]
        pages: usize,
        /// How often each program runs; the median counts.
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Where the numbers and the chart go.
        #[arg(long, default_value = "target/bench")]
        out: PathBuf,
        /// The program to measure.
        #[arg(long, default_value = "target/release/recto")]
        recto: PathBuf,
        /// The engine alone: one warm engine a core, pictures decoded beforehand.
        #[arg(long, default_value = "target/release/examples/engine_speed")]
        engine: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Accuracy { corpus, lang, only, turned, recto } => {
            accuracy::run(&corpus, &lang, only.as_deref(), turned, &recto)
        }
        Command::Engines(options) => engines::run(&options),
        Command::Fields { corpus, invoice2data, recto } => fields::run(&corpus, &recto, &invoice2data),
        Command::Speed { corpus, pages, runs, out, recto, engine } => {
            speed::run(&corpus, pages, runs, &out, &recto, &engine)
        }
    }
}
