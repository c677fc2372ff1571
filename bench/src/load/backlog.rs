//! What a claim costs, however much waits.

use std::time::{Duration, Instant};

use anyhow::Context;
use recto_test_postgres::Postgres;

use super::quantile;
use super::work::{Installation, LEASE};

const CLAIMS: usize = 1000;
/// The first ones warm caches up.
const UNCOUNTED: usize = 100;
const PAGES_A_FILE: u32 = 2000;

pub(super) fn measure(postgres: &Postgres, backlogs: &[u32]) -> anyhow::Result<()> {
    println!("claims of one node while pages wait:");
    let mut least = None;
    for &pages in backlogs {
        let url = postgres.database(&format!("backlog_{pages}"))?;
        let times = tokio::runtime::Runtime::new()?.block_on(times_of_claims(url, pages))?;
        let mean = times.iter().sum::<Duration>().as_secs_f64() * 1000.0 / times.len() as f64;
        let ratio = mean / *least.get_or_insert(mean);
        println!(
            "  {pages:>9} wait  mean {mean:.2} ms  p50 {:.2} ms  p99 {:.2} ms  {ratio:.2}x the first",
            quantile(&times, 0.5),
            quantile(&times, 0.99)
        );
    }
    Ok(())
}

/// How long each of the claims took, sorted.
async fn times_of_claims(url: String, pages: u32) -> anyhow::Result<Vec<Duration>> {
    let installation = Installation::on(url).await?;
    installation.add_pages(pages, PAGES_A_FILE).await?;
    let storage = &installation.storage;
    let node = storage.queue().join().await?;
    let mut times = Vec::new();
    for _ in 0..CLAIMS + UNCOUNTED {
        let begun = Instant::now();
        storage.queue().claim(&node, LEASE).await?.context("a page waits")?;
        times.push(begun.elapsed());
    }
    let mut times = times.split_off(UNCOUNTED);
    times.sort_unstable();
    Ok(times)
}
