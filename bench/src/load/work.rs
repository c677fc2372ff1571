//! Work for nodes: files that were opened, whose pages wait.

use anyhow::Context;
use recto_domain::{
    Block, BlockKind, FileKind, Line, OrganizationId, Page, PageSource, ProjectId, ReadOptions, Rect, Rotation, Size,
    UserId, Word, WorkKind,
};
use recto_storage::{Accepted, NewBatch, Opened, OpenedPage, Storage, StorageSettings};
use std::time::Duration;
use tempfile::TempDir;

/// For how long work is claimed.
pub(super) const LEASE: Duration = Duration::from_mins(10);
/// Files of a batch.
const FILES: u32 = 50;

/// An installation on PostgreSQL with one project.
pub(super) struct Installation {
    pub(super) storage: Storage,
    pub(super) settings: StorageSettings,
    organization: OrganizationId,
    project: ProjectId,
    user: UserId,
    _folder: TempDir,
}

impl Installation {
    pub(super) async fn on(database_url: String) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = StorageSettings {
            data_dir: folder.path().to_owned(),
            database_url: Some(database_url),
            ..StorageSettings::default()
        };
        let storage = Storage::open(&settings).await?;
        let organization = storage.tenants().create_organization("load").await?;
        let project = storage.tenants().create_project(organization.id, "load", "").await?;
        Ok(Self {
            storage,
            settings,
            organization: organization.id,
            project: project.id,
            user: organization.owner_id,
            _folder: folder,
        })
    }

    /// Lets so many pages wait, in files of `a_file`.
    pub(super) async fn add_pages(&self, pages: u32, a_file: u32) -> anyhow::Result<()> {
        let queue = self.storage.queue();
        let node = queue.join().await?;
        let files = pages.div_ceil(a_file);
        for sent in (0..files).step_by(FILES as usize) {
            self.send(FILES.min(files - sent)).await?;
        }
        // All files are claimed before the first is opened: then no claim comes upon a page.
        let mut items = Vec::new();
        for _ in 0..files {
            let item = queue.claim(&node, LEASE).await?.context("a file waits to be opened")?;
            anyhow::ensure!(item.kind == WorkKind::Open, "only files wait");
            items.push(item);
        }
        let mut pages_left = pages;
        for item in items {
            let count = pages_left.min(a_file);
            let pages = (1..=count).map(|number| OpenedPage { number, text_layer: None }).collect();
            queue.record_opened(&node, &item, Opened { kind: FileKind::Pdf, pages }).await?;
            pages_left -= count;
        }
        Ok(())
    }

    async fn send(&self, files: u32) -> anyhow::Result<()> {
        let mut receiving = self.storage.batches().begin_receiving().await?;
        let mut received = Vec::new();
        for number in 0..files {
            let mut file = receiving.file(format!("{number}.pdf"));
            file.write("%PDF-1.7".into()).await?;
            received.push((file.finish().await?, ReadOptions::default()));
        }
        let batch = NewBatch {
            organization: self.organization,
            project: self.project,
            user: self.user,
            name: "load".to_owned(),
            metadata: None,
            template: None,
            files: received,
        };
        let accepted = self.storage.batches().accept(receiving, batch, None).await?;
        anyhow::ensure!(matches!(accepted, Accepted::New(_)), "the batch is new");
        Ok(())
    }
}

/// A page as an engine reads it: 40 lines of eight words.
pub(super) fn page(number: u32) -> Page {
    let word = |line: u16, at: u16| Word {
        text: format!("word{line}x{at}"),
        bbox: Rect { x: 50.0 + 60.0 * f32::from(at), y: 40.0 + 18.0 * f32::from(line), width: 52.0, height: 12.0 },
        confidence: 0.97,
    };
    let lines = (0..40).filter_map(|line| Line::of(0.0, (0..8).map(|at| word(line, at)).collect())).collect();
    let blocks = Block::of(BlockKind::Paragraph, lines).into_iter().collect();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(number, size, Rotation::None, PageSource::Engine("stub".to_owned()), Some("eng".to_owned()), blocks)
}
