//! Random sequences of everything that can happen to batches, with the rows audited after each step and every page
//! that was said to be stored found again at the end.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use recto_domain::finished::FinishedBatch;
use recto_domain::{BatchId, FileKind, Page, PageOutcome, RecordId, Template, Timestamp, WorkItem, WorkKind};
use recto_storage::{Node, Opened, OpenedPage, Storage, Stored};
use sea_orm::DatabaseConnection;

use crate::fixture::{Fixture, LEASE, audit, fixtures, text_page, total};

/// What a worker at an item comes to.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Result,
    FailedPage,
    DeadWorker,
    BadFile,
    Release,
    /// The process goes on as if it had never had the item.
    Forget,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Batch {
        files: usize,
        with_template: bool,
    },
    Claim {
        node: usize,
        runs_out: bool,
        extraction: bool,
    },
    /// The item may stay in hand, so that its result is told again.
    Come {
        item: usize,
        outcome: Outcome,
        again: bool,
    },
    Cancel {
        batch: usize,
    },
    Retry {
        batch: usize,
    },
    Delete {
        batch: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        8 => Just(Outcome::Result),
        3 => Just(Outcome::FailedPage),
        3 => Just(Outcome::DeadWorker),
        1 => Just(Outcome::BadFile),
        1 => Just(Outcome::Release),
        1 => Just(Outcome::Forget),
    ];
    prop_oneof![
        2 => (1..4usize, any::<bool>()).prop_map(|(files, with_template)| Step::Batch { files, with_template }),
        10 => (0..2usize, any::<bool>(), prop::bool::weighted(0.3))
            .prop_map(|(node, runs_out, extraction)| Step::Claim { node, runs_out, extraction }),
        10 => (any::<usize>(), outcome, prop::bool::weighted(0.1))
            .prop_map(|(item, outcome, again)| Step::Come { item, outcome, again }),
        1 => any::<usize>().prop_map(|batch| Step::Cancel { batch }),
        2 => any::<usize>().prop_map(|batch| Step::Retry { batch }),
        1 => any::<usize>().prop_map(|batch| Step::Delete { batch }),
    ]
}

/// What the test remembers.
struct World {
    fixture: Fixture,
    connection: DatabaseConnection,
    nodes: [Node; 2],
    in_flight: Vec<(usize, WorkItem)>,
    batches: Vec<(BatchId, Timestamp)>,
    /// The text of every page that was stored as read.
    texts: HashMap<(RecordId, u32), String>,
    told: u32,
    template: Template,
}

/// A file has the same pages each time it is opened: of its one to six pages, some carry text.
fn pages_of(record: RecordId) -> Vec<(u32, bool)> {
    let digit = record.to_string().bytes().last().map_or(0, u32::from);
    (1..=digit % 6 + 1).map(|number| (number, number % 3 == 2)).collect()
}

impl World {
    async fn new(fixture: Fixture) -> Self {
        let nodes = [fixture.storage.queue().join().await.unwrap(), fixture.second_node().await];
        let (connection, template) = (fixture.connection().await, fixture.template().await);
        Self {
            fixture,
            connection,
            nodes,
            in_flight: vec![],
            batches: vec![],
            texts: HashMap::new(),
            told: 0,
            template,
        }
    }

    async fn take(&mut self, step: Step) {
        let storage = self.fixture.storage.clone();
        match step {
            Step::Batch { files, with_template } => {
                let names = &["a.pdf", "b.pdf", "c.pdf"][..files];
                let made = if with_template {
                    self.fixture.batch_with(&self.template, names).await
                } else {
                    self.fixture.batch(names).await
                };
                self.batches.push((made.batch.id, made.batch.updated_at));
            }
            Step::Claim { node, runs_out, extraction } => {
                let lease = if runs_out { Duration::ZERO } else { LEASE };
                let node_of = &self.nodes[node];
                let claimed = if extraction {
                    storage.queue().claim_extraction(node_of, lease).await
                } else {
                    storage.queue().claim(node_of, lease).await
                };
                if let Some(item) = claimed.unwrap() {
                    self.in_flight.push((node, item));
                }
            }
            Step::Come { item, outcome, again } if !self.in_flight.is_empty() => {
                let at = item % self.in_flight.len();
                let (node, item) = if again { self.in_flight[at].clone() } else { self.in_flight.swap_remove(at) };
                self.come(node, &item, outcome).await;
            }
            Step::Cancel { batch } if !self.batches.is_empty() => {
                let (id, _) = self.batches[batch % self.batches.len()];
                assert!(storage.batches().cancel(id).await.unwrap().unwrap().batch.status.is_final());
            }
            Step::Retry { batch } if !self.batches.is_empty() => {
                let (id, _) = self.batches[batch % self.batches.len()];
                assert_eq!(storage.batches().retry(id).await.unwrap().unwrap().0.failed_pages_of_ended_files(), 0);
            }
            Step::Delete { batch } if !self.batches.is_empty() => {
                let (id, _) = self.batches.swap_remove(batch % self.batches.len());
                assert!(storage.batches().delete(id).await.unwrap());
            }
            Step::Come { .. } | Step::Cancel { .. } | Step::Retry { .. } | Step::Delete { .. } => {}
        }
        self.check().await;
    }

    async fn come(&mut self, node: usize, item: &WorkItem, outcome: Outcome) {
        let storage = self.fixture.storage.clone();
        let node = self.nodes[node].clone();
        self.told += 1;
        match (outcome, item.kind) {
            (Outcome::Result | Outcome::FailedPage, WorkKind::Open) => {
                let text = format!("layer{}", self.told);
                if storage.queue().record_opened(&node, item, opened(item.record_id, &text)).await.unwrap()
                    == Stored::Yes
                {
                    for (number, _) in pages_of(item.record_id).into_iter().filter(|(_, carries_text)| *carries_text) {
                        // What was read before a retry stays.
                        self.texts.entry((item.record_id, number)).or_insert_with(|| text.clone());
                    }
                }
            }
            (Outcome::Result, WorkKind::Page { number }) => {
                let text = format!("told{}", self.told);
                let page = text_page(number, &text);
                if storage.queue().record_page_result(&node, item, page).await.unwrap() == Stored::Yes {
                    let before = self.texts.insert((item.record_id, number), text);
                    assert_eq!(before, None, "a page was stored twice");
                }
            }
            (Outcome::FailedPage, WorkKind::Page { number }) => {
                storage.queue().record_page_result(&node, item, Page::failed(number, "torn".to_owned())).await.unwrap();
            }
            (Outcome::Result, WorkKind::Extract) => {
                storage.queue().record_fields(&node, item, total(f64::from(self.told))).await.unwrap();
            }
            (Outcome::FailedPage | Outcome::BadFile, WorkKind::Extract) => {
                storage.queue().record_extraction_failure(&node, item, "nonsense", None).await.unwrap();
            }
            (Outcome::DeadWorker, WorkKind::Extract) => {
                let pause = Some(Duration::ZERO);
                storage.queue().record_extraction_failure(&node, item, "it is away", pause).await.unwrap();
            }
            (Outcome::DeadWorker, _) => {
                storage.queue().record_worker_failure(&node, item, "the worker died").await.unwrap();
            }
            (Outcome::BadFile, _) => {
                storage.queue().record_file_failure(&node, item, "broken").await.unwrap();
            }
            (Outcome::Release, _) => storage.queue().release(&node, &[item.id]).await.unwrap(),
            (Outcome::Forget, _) => {}
        }
    }

    async fn check(&mut self) {
        audit(&self.connection).await;
        for (id, updated_at) in &mut self.batches {
            let batch = self.fixture.storage.batches().get(*id).await.unwrap().unwrap();
            assert!(batch.updated_at >= *updated_at, "the time of the last change went back");
            *updated_at = batch.updated_at;
        }
    }

    /// Both nodes die, and a third one does all that is left.
    async fn drain(mut self) {
        use sea_orm::ConnectionTrait;

        let run_out = "UPDATE work_items SET lease_until = 0 WHERE lease_until IS NOT NULL";
        self.connection.execute_unprepared(run_out).await.unwrap();
        while let Some(item) = self.fixture.storage.queue().claim(&self.nodes[0], LEASE).await.unwrap() {
            self.come(0, &item, Outcome::Result).await;
        }
        while let Some(item) = self.fixture.storage.queue().claim_extraction(&self.nodes[0], LEASE).await.unwrap() {
            self.come(0, &item, Outcome::Result).await;
        }
        self.check().await;
        for (id, _) in &self.batches {
            assert!(
                self.fixture.storage.batches().get(*id).await.unwrap().unwrap().status.is_final(),
                "a file was lost"
            );
            compare(&self.fixture.storage, *id, &self.texts).await;
        }
    }
}

fn opened(record: RecordId, text: &str) -> Opened {
    let pages = pages_of(record)
        .into_iter()
        .map(|(number, carries_text)| OpenedPage { number, text_layer: carries_text.then(|| text_page(number, text)) });
    Opened { kind: FileKind::Pdf, pages: pages.collect() }
}

/// Finds every page that was said to be stored, with the text it was stored with.
async fn compare(storage: &Storage, id: BatchId, texts: &HashMap<(RecordId, u32), String>) {
    let mut batch = storage.batches().finished(id).await.unwrap().unwrap();
    let texts = texts.clone();
    let check = move || {
        for document in batch.documents().to_vec() {
            assert_eq!(document.page_count as usize, pages_of(document.record_id).len());
            for index in 0..document.page_count {
                let page = batch.page(document.record_id, index).unwrap();
                assert_eq!(page.number, index + 1);
                match texts.get(&(document.record_id, page.number)) {
                    Some(text) => assert_eq!(page.text(), *text),
                    None => assert_eq!(page.outcome(), PageOutcome::Failed),
                }
            }
        }
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

trait FailedPages {
    /// Pages that failed in files that have ended: a retry leaves none.
    fn failed_pages_of_ended_files(&self) -> u32;
}

impl FailedPages for recto_domain::BatchDetails {
    fn failed_pages_of_ended_files(&self) -> u32 {
        self.files.iter().filter(|file| file.status.is_final()).map(|file| file.pages_failed).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn counters_status_and_pages_hold_whatever_happens(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            for fixture in fixtures().await {
                let mut world = World::new(fixture).await;
                for step in &steps {
                    world.take(*step).await;
                }
                world.drain().await;
            }
        });
    }
}

/// A stream of numbers that differ enough (xorshift, G. Marsaglia, 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

async fn work(storage: Storage, node: Node, seed: u64, is_over: Arc<AtomicBool>, stored: Arc<AtomicU32>) {
    let mut dice = Dice(seed);
    loop {
        let was_over = is_over.load(Ordering::SeqCst);
        let lease = if dice.roll(5) == 0 { Duration::ZERO } else { LEASE };
        let extraction_first = dice.roll(3) == 0;
        let mut claimed = None;
        for extraction in [extraction_first, false, true] {
            if claimed.is_none() {
                claimed = if extraction {
                    storage.queue().claim_extraction(&node, lease).await.unwrap()
                } else {
                    storage.queue().claim(&node, lease).await.unwrap()
                };
            }
        }
        let Some(item) = claimed else {
            if was_over {
                return;
            }
            tokio::task::yield_now().await;
            continue;
        };
        // All files have the same bytes: mostly they are read in the same way.
        let item = WorkItem { way: (dice.roll(8) > 0).then(|| "w".to_owned()), ..item };
        if item.kind == WorkKind::Open
            && dice.roll(2) == 0
            && let Some(told) = storage.queue().take_over_reading(&node, &item).await.unwrap()
        {
            stored.fetch_add(u32::from(told == Stored::Yes), Ordering::SeqCst);
            continue;
        }
        let told = match (dice.roll(12), item.kind) {
            (0 | 2, WorkKind::Extract) => {
                let pause = Some(Duration::ZERO);
                storage.queue().record_extraction_failure(&node, &item, "it is away", pause).await.unwrap()
            }
            (0, _) => {
                storage.queue().record_worker_failure(&node, &item, "the worker died").await.unwrap();
                Stored::NotOurs
            }
            (1, _) => {
                storage.queue().release(&node, &[item.id]).await.unwrap();
                Stored::NotOurs
            }
            (2, WorkKind::Page { number }) => {
                let page = Page::failed(number, "torn".to_owned());
                storage.queue().record_page_result(&node, &item, page).await.unwrap()
            }
            (_, WorkKind::Page { number }) => {
                storage.queue().record_page_result(&node, &item, text_page(number, "x")).await.unwrap()
            }
            (_, WorkKind::Extract) => storage.queue().record_fields(&node, &item, total(1.0)).await.unwrap(),
            (_, WorkKind::Open) => {
                storage.queue().record_opened(&node, &item, opened(item.record_id, "x")).await.unwrap()
            }
        };
        stored.fetch_add(u32::from(told == Stored::Yes), Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_hold_while_everything_happens_at_once() {
    for f in fixtures().await {
        let (connection, template) = (f.connection().await, f.template().await);
        let nodes = [f.storage.queue().join().await.unwrap(), f.second_node().await];
        let (is_over, stored) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let workers: Vec<_> = (0..4)
            .map(|i| {
                let node = nodes[i % 2].clone();
                let work = work(f.storage.clone(), node, 77 + i as u64, is_over.clone(), stored.clone());
                tokio::spawn(work)
            })
            .collect();
        let mut dice = Dice(42);
        let mut batches = Vec::new();
        for _ in 0..60 {
            if batches.len() < 4 || dice.roll(3) == 0 {
                let names = ["a.pdf", "b.pdf", "c.pdf"];
                let made =
                    if dice.roll(2) == 0 { f.batch(&names).await } else { f.batch_with(&template, &names).await };
                batches.push(made.batch.id);
            }
            let at = dice.roll(batches.len() as u64) as usize;
            match dice.roll(6) {
                0 => {
                    f.storage.batches().cancel(batches[at]).await.unwrap();
                }
                1..=3 => {
                    f.storage.batches().retry(batches[at]).await.unwrap();
                }
                4 => {
                    assert!(f.storage.batches().delete(batches.swap_remove(at)).await.unwrap());
                }
                _ => {
                    f.storage.sweep_blobs().await.unwrap();
                }
            }
            audit(&connection).await;
        }
        is_over.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.await.unwrap();
        }
        audit(&connection).await;
        for id in batches {
            assert!(f.storage.batches().get(id).await.unwrap().unwrap().status.is_final(), "a file was lost");
        }
        assert!(stored.load(Ordering::SeqCst) > 0);
    }
}
