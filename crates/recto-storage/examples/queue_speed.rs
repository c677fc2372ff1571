//! How many pages a second the queue can hand out and take back, with nothing read in between.
//!
//! `cargo run --release -p recto-storage --example queue_speed -- [TASKS] [PAGES] [DATABASE_URL]`

use std::time::{Duration, Instant};

use recto_domain::record::ReadOptions;
use recto_domain::{Block, BlockKind, FileKind, Line, Page, PageSource, Rect, Rotation, Size, Word, WorkKind};
use recto_storage::{NewBatch, Node, Opened, OpenedPage, Storage, StorageSettings};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let tasks: usize = arguments.next().map_or(Ok(2), |tasks| tasks.parse())?;
    let pages: u32 = arguments.next().map_or(Ok(2000), |pages| pages.parse())?;
    let folder = tempfile::tempdir()?;
    let data_dir = folder.path().to_owned();
    let settings = StorageSettings { data_dir, database_url: arguments.next(), ..StorageSettings::default() };
    let storage = Storage::open(&settings).await?;
    let node = storage.queue().join().await?;

    let begun = Instant::now();
    accept(&storage, 50).await?;
    println!("accepted a batch of 50 files in {:.0?}", begun.elapsed());

    let begun = Instant::now();
    let workers: Vec<_> = (0..tasks).map(|_| tokio::spawn(work(storage.clone(), node.clone(), pages / 50))).collect();
    let mut items = 0;
    for worker in workers {
        items += worker.await??;
    }
    let rate = f64::from(items) / begun.elapsed().as_secs_f64();
    println!("{items} items claimed and brought home by {tasks} tasks in {:.2?}: {rate:.0}/s", begun.elapsed());
    Ok(())
}

async fn accept(storage: &Storage, count: u32) -> anyhow::Result<()> {
    let organization = storage.tenants().create_organization("O").await?;
    let project = storage.tenants().create_project(organization.id, "P", "").await?;
    let mut receiving = storage.batches().begin_receiving().await?;
    let mut files = Vec::new();
    for i in 0..count {
        let mut file = receiving.file(format!("{i}.pdf"));
        file.write("%PDF-1.7".into()).await?;
        files.push((file.finish().await?, ReadOptions::default()));
    }
    let name = "B".to_owned();
    let (organization, user) = (organization.id, organization.owner_id);
    let batch = NewBatch { organization, project: project.id, user, name, metadata: None, template: None, files };
    storage.batches().accept(receiving, batch, None).await?;
    Ok(())
}

async fn work(storage: Storage, node: Node, pages: u32) -> anyhow::Result<u32> {
    let mut items = 0;
    while let Some(item) = storage.queue().claim(&node, Duration::from_mins(1)).await? {
        match item.kind {
            WorkKind::Open => {
                let pages = (1..=pages).map(|number| OpenedPage { number, text_layer: None }).collect();
                storage.queue().record_opened(&node, &item, Opened { kind: FileKind::Pdf, pages }).await?;
            }
            WorkKind::Extract => unreachable!("the batch has no template"),
            WorkKind::Page { number } => {
                storage.queue().record_page_result(&node, &item, full_page(number)).await?;
            }
        }
        items += 1;
    }
    Ok(items)
}

/// A page of 400 words, as a letter has.
fn full_page(number: u32) -> Page {
    let word = |line: u32, at: u32| {
        let bbox = Rect { x: 50.0 + at as f32 * 48.3, y: 60.0 + line as f32 * 17.7, width: 41.2, height: 9.7 };
        Word { text: format!("word{}", line * 31 + at * 7), bbox, confidence: 0.9 + at as f32 * 0.007 }
    };
    let lines = (0..40).filter_map(|line| Line::of(0.0, (0..10).map(|at| word(line, at)).collect())).collect();
    let size = Size { width: 595.0, height: 842.0 };
    let source = PageSource::Engine("pretended".to_owned());
    Page::read(number, size, Rotation::None, source, None, Block::of(BlockKind::Paragraph, lines).into_iter().collect())
}
