//! One batch from its bytes to its text, with a worker that only pretends to read.
//!
//! `cargo run -p recto-storage --example accept_and_claim`

use std::time::Duration;

use recto_domain::finished::FinishedBatch;
use recto_domain::record::ReadOptions;
use recto_domain::{
    Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Word, WorkItem, WorkKind,
};
use recto_storage::{Accepted, NewBatch, Opened, OpenedPage, Storage, StorageSettings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let settings = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
    let storage = Storage::open(&settings).await?;
    let organization = storage.tenants().create_organization("Ledger Ltd").await?;
    let project = storage.tenants().create_project(organization.id, "Invoices", "What suppliers send").await?;

    // The bytes first, chunk by chunk; then one transaction makes the batch.
    let mut receiving = storage.batches().begin_receiving().await?;
    let mut file = receiving.file("invoice.pdf".to_owned());
    file.write("%PDF-1.7 …".into()).await?;
    let files = vec![(file.finish().await?, ReadOptions::default())];
    let batch = NewBatch {
        organization: organization.id,
        project: project.id,
        user: organization.owner_id,
        name: "March".to_owned(),
        metadata: None,
        template: None,
        files,
    };
    let Accepted::New(details) = storage.batches().accept(receiving, batch, None).await? else {
        anyhow::bail!("without an idempotency key every batch is new");
    };
    println!("accepted {} with {} file", details.batch.id, details.batch.total_files);

    // Claim, work, bring the result home, until the queue is empty.
    let node = storage.queue().join().await?;
    while let Some(item) = storage.queue().claim(&node, Duration::from_mins(1)).await? {
        match item.kind {
            WorkKind::Open => {
                let pages = (1..=2).map(|number| OpenedPage { number, text_layer: None }).collect();
                storage.queue().record_opened(&node, &item, Opened { kind: FileKind::Pdf, pages }).await?;
            }
            WorkKind::Extract => unreachable!("the batch has no template"),
            WorkKind::Page { number } => {
                storage.queue().record_page_result(&node, &item, read(&item, number)).await?;
            }
        }
        let details = storage.batches().details(item.batch_id).await?;
        let pages = details.map_or(0, |details| details.completed_pages);
        println!("{:?}: {pages} pages read", item.kind);
    }

    let Some(mut finished) = storage.batches().finished(details.batch.id).await? else {
        anyhow::bail!("nobody deleted the batch");
    };
    // The reader blocks, as exporters do.
    let texts = tokio::task::spawn_blocking(move || {
        let record = finished.documents()[0].record_id;
        (0..2).map(|index| finished.page(record, index).map(|page| page.text())).collect::<Result<Vec<_>, _>>()
    });
    for text in texts.await?.map_err(anyhow::Error::from_boxed)? {
        println!("{text}");
    }
    Ok(())
}

fn read(item: &WorkItem, number: u32) -> Page {
    let bbox = Rect { x: 72.0, y: 72.0, width: 200.0, height: 12.0 };
    let word = Word { text: format!("{}:{number}", item.file_name), bbox, confidence: 0.98 };
    let blocks = Line::of(0.0, vec![word]).and_then(|line| Block::of(BlockKind::Paragraph, vec![line]));
    let size = Size { width: 595.0, height: 842.0 };
    let engine = PageSource::Engine("pretended".to_owned());
    Page::read(number, size, Rotation::None, engine, None, blocks.into_iter().collect())
}
