//! How much several nodes get through on one PostgreSQL, and how long others wait for them: `recto-bench load`. Every part is
//! bounded in count, and speaks to this machine alone.

mod answers;
mod backlog;
mod nodes;
mod uploads;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use recto_test_postgres::Postgres;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Pages a second of 1, 2, 4 and 8 nodes whose engine takes 20 ms.
    Nodes,
    /// What a claim costs while more and more waits.
    Backlog,
    /// How long a batch is waited for while all cores read, and with a million records in the database.
    Answers,
    /// How fast 50 files of 10 MB are taken in, beside a plain copy.
    Uploads,
}

/// Flags of `recto-bench load`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Pages that wait, for `backlog`.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    backlogs: Vec<u32>,
    /// Records in the database, for `answers`.
    #[arg(long, default_value_t = 1_000_000)]
    records: u32,
    /// The program whose answers are timed.
    #[arg(long, default_value = "target/release/recto")]
    recto: PathBuf,
    /// Where the server of `answers` and `uploads` keeps files, such as `s3://bucket`; its endpoint and keys come from the
    /// environment. A folder beside it when not given.
    #[arg(long, value_name = "URL")]
    blobs: Option<String>,
}

/// Runs the parts that were asked for, or all.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    // As it is installed, but for the memory that any operator gives it.
    let postgres = Postgres::start_with("fsync = on\nfull_page_writes = on\nshared_buffers = 512MB\n")?;
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Nodes) {
        nodes::measure(&postgres)?;
    }
    if wanted(Part::Backlog) {
        backlog::measure(&postgres, &options.backlogs)?;
    }
    if wanted(Part::Answers) {
        answers::measure(&postgres, options, options.records)?;
    }
    if wanted(Part::Uploads) {
        uploads::measure(&postgres, options)?;
    }
    Ok(())
}

/// The time below which that share of all lies, in milliseconds. `times` must be sorted and not empty.
fn quantile(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() as f64 * share) as usize).min(times.len() - 1);
    times[at].as_secs_f64() * 1000.0
}
