//! Pages a second of several nodes on one database, with an engine that takes 20 ms for any page.

use std::time::{Duration, Instant};

use recto_domain::WorkKind;
use recto_storage::Storage;
use recto_test_postgres::Postgres;

use super::work::{Installation, LEASE, page};

const ENGINE: Duration = Duration::from_millis(20);
/// Pages that a node reads at once.
const WORKERS: usize = 4;
const PAGES_A_NODE: u32 = 1500;

pub(super) fn measure(postgres: &Postgres) -> anyhow::Result<()> {
    println!("nodes, each with {WORKERS} workers, an engine of {} ms, pages of 320 words:", ENGINE.as_millis());
    let mut one = None;
    for nodes in [1, 2, 4, 8] {
        let url = postgres.database(&format!("nodes_{nodes}"))?;
        let runtime = tokio::runtime::Runtime::new()?;
        let rate = runtime.block_on(rate(url, nodes))?;
        let most = f64::from(nodes) * WORKERS as f64 / ENGINE.as_secs_f64();
        let alone = *one.get_or_insert(rate);
        println!("  {nodes} nodes  {rate:7.1} pages/s  {:.2}x one  of at most {most:.0}", rate / alone);
    }
    Ok(())
}

/// Pages a second until all are read.
async fn rate(url: String, nodes: u32) -> anyhow::Result<f64> {
    let installation = Installation::on(url).await?;
    let pages = nodes * PAGES_A_NODE;
    installation.add_pages(pages, 60).await?;
    let mut storages = Vec::new();
    for _ in 0..nodes {
        storages.push(Storage::open(&installation.settings).await?);
    }
    let begun = Instant::now();
    let mut working = Vec::new();
    for storage in storages {
        let node = storage.queue().join().await?;
        for _ in 0..WORKERS {
            working.push(tokio::spawn(read_all(storage.clone(), node.clone())));
        }
    }
    let mut read = 0;
    for worker in working {
        read += worker.await??;
    }
    anyhow::ensure!(read == pages, "{read} of {pages} pages were read");
    Ok(f64::from(pages) / begun.elapsed().as_secs_f64())
}

async fn read_all(storage: Storage, node: recto_storage::Node) -> anyhow::Result<u32> {
    let mut read = 0;
    while let Some(item) = storage.queue().claim(&node, LEASE).await? {
        let WorkKind::Page { number } = item.kind else { anyhow::bail!("only pages wait") };
        tokio::time::sleep(ENGINE).await;
        storage.queue().record_page_result(&node, &item, page(number)).await?;
        read += 1;
    }
    Ok(read)
}
