//! What a claim costs when much waits: claims a second with backlogs of several sizes behind them.
//!
//! `cargo run --release -p recto-storage --example backlog_speed -- [ITEMS,ITEMS,…] [CLAIMS] [DATABASE_URL]`

use std::time::{Duration, Instant};

use recto_domain::record::ReadOptions;
use recto_domain::{FileKind, WorkKind};
use recto_storage::{NewBatch, Node, Opened, OpenedPage, Storage, StorageSettings};

const PAGES_A_FILE: u32 = 1000;
const LEASE: Duration = Duration::from_mins(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let backlogs = arguments.next().unwrap_or_else(|| "1000,10000,100000".to_owned());
    let claims: u32 = arguments.next().map_or(Ok(2000), |claims| claims.parse())?;
    let folder = tempfile::tempdir()?;
    let data_dir = folder.path().to_owned();
    let settings = StorageSettings { data_dir, database_url: arguments.next(), ..StorageSettings::default() };
    let storage = Storage::open(&settings).await?;
    let node = storage.queue().join().await?;
    let organization = storage.tenants().create_organization("O").await?;
    let project = storage.tenants().create_project(organization.id, "P", "").await?;

    let mut waiting = 0;
    for backlog in backlogs.split(',') {
        let backlog: u32 = backlog.parse()?;
        while waiting < backlog {
            let batch = NewBatch {
                organization: organization.id,
                project: project.id,
                user: organization.owner_id,
                name: "B".to_owned(),
                metadata: None,
                template: None,
                files: Vec::new(),
            };
            add_file(&storage, &node, batch).await?;
            waiting += PAGES_A_FILE;
        }
        // The first claims after so many inserts pay for pages that the database has yet to write out.
        claim_and_release(&storage, &node, claims / 10).await?;
        let mut rates = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            claim_and_release(&storage, &node, claims / 5).await?;
            rates.push(f64::from(claims / 5) / begun.elapsed().as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        println!("{waiting} items wait: {:.0} claims a second (from {:.0} to {:.0})", rates[2], rates[0], rates[4]);
    }
    Ok(())
}

/// Adds a file and opens it, so that each of its pages waits.
async fn add_file(storage: &Storage, node: &Node, batch: NewBatch) -> anyhow::Result<()> {
    let mut receiving = storage.batches().begin_receiving().await?;
    let mut file = receiving.file("a.pdf".to_owned());
    file.write("%PDF-1.7".into()).await?;
    let files = vec![(file.finish().await?, ReadOptions::default())];
    storage.batches().accept(receiving, NewBatch { files, ..batch }, None).await?;
    let mut set_aside = Vec::new();
    // Pages of the files before may have their turn first.
    while let Some(item) = storage.queue().claim(node, LEASE).await? {
        if item.kind == WorkKind::Open {
            let pages = (1..=PAGES_A_FILE).map(|number| OpenedPage { number, text_layer: None }).collect();
            storage.queue().record_opened(node, &item, Opened { kind: FileKind::Pdf, pages }).await?;
            break;
        }
        set_aside.push(item.id);
    }
    Ok(storage.queue().release(node, &set_aside).await?)
}

async fn claim_and_release(storage: &Storage, node: &Node, claims: u32) -> anyhow::Result<()> {
    let mut claimed = Vec::new();
    for _ in 0..claims {
        claimed.extend(storage.queue().claim(node, LEASE).await?.map(|item| item.id));
        // As many are in hand as a large machine has.
        if claimed.len() == 128 {
            storage.queue().release(node, &claimed).await?;
            claimed.clear();
        }
    }
    Ok(storage.queue().release(node, &claimed).await?)
}
