//! An engine outside of the workers, as a client of a service on another machine would be.

use std::sync::Arc;

use async_trait::async_trait;
use libtest_mimic::Trial;
use recto_domain::{Block, BlockKind, EngineInfo, Line, Page, PageSource, Rect, Word};
use recto_pipeline::{
    Answer, Job, PipelineMetrics, PoolSettings, RemoteEngine, RemotePicture, RemoteProfile, WorkerFailure, WorkerPool,
};

use crate::WORKER;
use crate::pool::{MEMORY_BYTES, PAGE_TIMEOUT, nobody_else, trial};
use crate::sample::open_bitmap;
use crate::test_engine::Conduct;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("a_remote_engine_reads_what_a_worker_opened", a_remote_engine_reads_what_a_worker_opened()),
        trial("a_remote_engine_is_chosen_for_what_it_reads", a_remote_engine_is_chosen_for_what_it_reads()),
        trial("a_remote_engine_that_refuses_fails_the_page", a_remote_engine_that_refuses_fails_the_page()),
        trial("a_remote_engine_that_is_silent_costs_an_attempt", a_remote_engine_that_is_silent_costs_an_attempt()),
        trial("a_remote_answer_that_is_too_long_fails_the_page", a_remote_answer_that_is_too_long_fails_the_page()),
    ]
}

/// Reads Esperanto, in which every page says how it came here; its conduct is that of the page's second language.
#[derive(Debug)]
struct Elsewhere;

#[async_trait]
impl RemoteEngine for Elsewhere {
    fn profile(&self) -> RemoteProfile {
        let languages = ["aym", "epo", "que", "yid"].map(str::to_owned).to_vec();
        let info = EngineInfo { name: "elsewhere".to_owned(), version: "3".to_owned(), languages };
        RemoteProfile { info, sound: 0.5, sure: 0.5, right: 0.99, seconds: 0.01 }
    }

    async fn recognize(&self, picture: RemotePicture) -> Result<Vec<Block>, String> {
        match picture.languages.codes().last().map(String::as_str) {
            Some("aym") => Err("it is closed on Sundays".to_owned()),
            Some("que") => std::future::pending().await,
            Some("yid") => Ok(vec![block(&"long".repeat(5 << 20))]),
            _ => {
                let decoded = image::load_from_memory(&picture.png).map_err(|e| e.to_string())?;
                let (width, height) = (decoded.width(), decoded.height());
                Ok(vec![block(&format!("{width}x{height}-at-{}-in-{}", picture.dpi, picture.languages))])
            }
        }
    }
}

fn block(text: &str) -> Block {
    let bbox = Rect { x: 10.0, y: 20.0, width: 40.0, height: 10.0 };
    let line = Line::of(0.0, vec![Word { text: text.to_owned(), bbox, confidence: 0.9 }]);
    Block::of(BlockKind::Paragraph, line.into_iter().collect()).expect("a block with a word")
}

async fn read(engine: Option<&str>, languages: &str) -> Result<Page, WorkerFailure> {
    let pool = WorkerPool::start(PoolSettings {
        command: std::env::current_exe().unwrap(),
        args: vec![WORKER.into()],
        count: 1,
        memory_bytes: MEMORY_BYTES,
        page_timeout: PAGE_TIMEOUT,
        remote: vec![Arc::new(Elsewhere)],
        metrics: PipelineMetrics::default(),
    });
    let job = Job::Page {
        number: 1,
        engine: engine.map(str::to_owned),
        languages: Some(languages.parse().unwrap()),
        text_layer: None,
    };
    match pool.run(nobody_else(), "bitmap", job, open_bitmap(Conduct::Answer)).await? {
        Answer::Page(page) => Ok(page),
        other => panic!("no page but {other:?}"),
    }
}

async fn a_remote_engine_reads_what_a_worker_opened() {
    let page = read(Some("elsewhere"), "epo").await.unwrap();
    let (width, height) = (Conduct::Answer.width_pixels(), page.size.height / 72.0 * 300.0);
    let words: Vec<String> = page.words().map(|word| word.text.clone()).collect();
    assert_eq!(words[0], format!("{width}x{height:.0}-at-300-in-epo"));
    // What this leaves of the lines is cut out and read again.
    assert!(words[1].ends_with("-at-300-in-epo") && words[1] != words[0], "{words:?}");
    assert_eq!(page.source, Some(PageSource::Engine("elsewhere".to_owned())));
}

async fn a_remote_engine_is_chosen_for_what_it_reads() {
    let page = read(None, "epo").await.unwrap();
    assert_eq!(page.source, Some(PageSource::Engine("elsewhere".to_owned())));
    let page = read(None, "eng").await.unwrap();
    assert_eq!(page.source, Some(PageSource::Engine("test".to_owned())));
}

async fn a_remote_engine_that_refuses_fails_the_page() {
    let page = read(None, "epo+aym").await.unwrap();
    assert_eq!(page.error.as_deref(), Some("elsewhere could not read the page: it is closed on Sundays"));
}

async fn a_remote_engine_that_is_silent_costs_an_attempt() {
    let failure = read(None, "que").await.unwrap_err();
    assert!(matches!(failure, WorkerFailure::TimedOut { .. }), "{failure:?}");
}

async fn a_remote_answer_that_is_too_long_fails_the_page() {
    let error = read(None, "yid").await.unwrap().error.unwrap();
    assert!(error.starts_with("elsewhere could not read the page: its answer of"), "{error}");
}
