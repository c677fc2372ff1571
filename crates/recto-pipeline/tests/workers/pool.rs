//! The pool and its workers, without a database.

use std::sync::LazyLock;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use recto_domain::{OrganizationId, Page};
use recto_pipeline::{Answer, Death, Job, PipelineMetrics, PoolSettings, WorkerFailure, WorkerPool};

use crate::sample::{open, open_bitmap};
use crate::test_engine::Conduct;
use crate::{BROKEN_WORKER, WORKER};

/// Enough for PDFium and a page, little enough to be eaten quickly.
pub(crate) const MEMORY_BYTES: u64 = 512 * 1024 * 1024;
/// Long enough for a well-behaved page on a busy machine.
pub(crate) const PAGE_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("a_page_is_read", a_page_is_read()),
        trial(
            "ink_that_no_word_covers_is_told_and_costs_confidence",
            ink_that_no_word_covers_is_told_and_costs_confidence(),
        ),
        trial("a_file_that_is_none_fails_with_the_reason", a_file_that_is_none_fails_with_the_reason()),
        trial("wanted_pages_that_are_not_there_fail_the_file", wanted_pages_that_are_not_there_fail_the_file()),
        trial("an_engine_that_refuses_a_page_fails_it_in_words", an_engine_that_refuses_a_page_fails_it_in_words()),
        trial("a_missing_language_fails_the_file", a_missing_language_fails_the_file()),
        trial("an_unknown_engine_fails_the_file", an_unknown_engine_fails_the_file()),
        trial("an_engine_is_taken_by_name_or_for_what_it_reads", an_engine_is_taken_by_name_or_for_what_it_reads()),
        trial("a_crashed_worker_is_replaced", a_crashed_worker_is_replaced()),
        trial("a_panic_is_a_crash", a_panic_is_a_crash()),
        trial("a_worker_that_hangs_is_killed", a_worker_that_hangs_is_killed()),
        trial("a_worker_that_eats_memory_is_stopped", a_worker_that_eats_memory_is_stopped()),
        trial("dropping_the_future_kills_the_worker", dropping_the_future_kills_the_worker()),
        trial("a_worker_can_do_next_to_nothing", a_worker_can_do_next_to_nothing()),
        trial("workers_that_do_not_start_are_told_of", workers_that_do_not_start_are_told_of()),
        trial("a_pool_that_finishes_lets_pages_at_work_end", a_pool_that_finishes_lets_pages_at_work_end()),
    ]
}

/// A test on a runtime of its own.
pub(crate) fn trial(name: &str, body: impl Future<Output = ()> + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Runtime::new().map_err(|e| Failed::from(e.to_string()))?;
        runtime.block_on(body);
        Ok(())
    })
}

pub(crate) fn pool_of(mode: &str, count: usize) -> WorkerPool {
    WorkerPool::start(PoolSettings {
        command: std::env::current_exe().expect("this executable has a path"),
        args: vec![mode.into()],
        count,
        memory_bytes: MEMORY_BYTES,
        page_timeout: PAGE_TIMEOUT,
        remote: Vec::new(),
        metrics: PipelineMetrics::default(),
    })
}

/// The one organization of tests that are not about organizations.
pub(crate) fn nobody_else() -> OrganizationId {
    static ONE: LazyLock<OrganizationId> = LazyLock::new(OrganizationId::generate);
    *ONE
}

fn page() -> Job {
    Job::Page { number: 1, engine: None, languages: None, text_layer: None }
}

async fn read(pool: &WorkerPool, conduct: Conduct) -> Result<Answer, WorkerFailure> {
    pool.run(nobody_else(), &format!("{conduct:?}"), page(), open_bitmap(conduct)).await
}

async fn read_page(pool: &WorkerPool, conduct: Conduct) -> Page {
    match read(pool, conduct).await {
        Ok(Answer::Page(page)) => page,
        other => panic!("no page but {other:?}"),
    }
}

async fn a_page_is_read() {
    let pool = pool_of(WORKER, 1);
    let job = Job::Open { wanted: None, text_layer: None };
    let opened = pool.run(nobody_else(), "Answer", job, open_bitmap(Conduct::Answer)).await.unwrap();
    assert_eq!(opened, Answer::Opened { kind: recto_domain::FileKind::Bmp, pages: vec![(1, None)] });
    let page = read_page(&pool, Conduct::Answer).await;
    assert_eq!(page.text(), "hello\neng");
    assert!((page.size.width - 96.0).abs() < 0.1 && page.language.as_deref() == Some("eng"), "{page:?}");
    let status = pool.status().borrow().clone();
    assert_eq!((status.ready, status.engines[0].name.as_str(), status.problem), (1, "test", None));
}

async fn ink_that_no_word_covers_is_told_and_costs_confidence() {
    let page = read_page(&pool_of(WORKER, 1), Conduct::Answer).await;
    let [warning] = page.warnings.as_slice() else { panic!("{:?}", page.warnings) };
    let percent = warning.strip_prefix("about ").and_then(|rest| rest.strip_suffix(" % of the ink was not read"));
    let unread = percent.unwrap().parse::<f32>().unwrap() / 100.0;
    assert!(unread > 0.5, "the engine read two words of many lines: {unread}");
    let expected = 0.95 * (1.0 - unread);
    assert!((page.confidence.unwrap() - expected).abs() < 0.01, "{:?}, not {expected}", page.confidence);
}

async fn a_file_that_is_none_fails_with_the_reason() {
    let pool = pool_of(WORKER, 1);
    let job = Job::Open { wanted: None, text_layer: None };
    let answer = pool.run(nobody_else(), "x", job, open(b"just some text")).await.unwrap();
    assert!(matches!(&answer, Answer::FileFailure(reason) if reason.contains("is not a PDF")), "{answer:?}");
}

async fn wanted_pages_that_are_not_there_fail_the_file() {
    let pool = pool_of(WORKER, 1);
    let job = Job::Open { wanted: Some("7-9".parse().unwrap()), text_layer: None };
    let answer = pool.run(nobody_else(), "x", job, open_bitmap(Conduct::Answer)).await.unwrap();
    assert_eq!(answer, Answer::FileFailure("none of the requested pages is in the file, which has 1 page".to_owned()));
}

async fn an_engine_that_refuses_a_page_fails_it_in_words() {
    let page = read_page(&pool_of(WORKER, 1), Conduct::Refuse).await;
    assert_eq!(page.error.as_deref(), Some("test could not read the page: it is ugly"));
}

async fn a_missing_language_fails_the_file() {
    let answer = read(&pool_of(WORKER, 1), Conduct::LackLanguage).await.unwrap();
    assert_eq!(answer, Answer::FileFailure("language \"tlh\" is not installed; installed are eng, lat".to_owned()));
}

async fn an_unknown_engine_fails_the_file() {
    let job = Job::Page { number: 1, engine: Some("abacus".to_owned()), languages: None, text_layer: None };
    let answer = pool_of(WORKER, 1).run(nobody_else(), "x", job, open_bitmap(Conduct::Answer)).await.unwrap();
    assert!(matches!(&answer, Answer::FileFailure(reason) if reason.contains("abacus")), "{answer:?}");
}

async fn an_engine_is_taken_by_name_or_for_what_it_reads() {
    let pool = pool_of(WORKER, 1);
    let read = async |engine: Option<&str>, languages: Option<&str>| {
        let (engine, languages) = (engine.map(str::to_owned), languages.map(|codes| codes.parse().unwrap()));
        let job = Job::Page { number: 1, engine, languages, text_layer: None };
        match pool.run(nobody_else(), "x", job, open_bitmap(Conduct::Answer)).await {
            Ok(Answer::Page(page)) => String::from(page.source.unwrap()),
            other => panic!("no page but {other:?}"),
        }
    };
    assert_eq!(read(None, None).await, "test");
    assert_eq!(read(Some("further"), None).await, "further");
    assert_eq!(read(Some("auto"), Some("lat")).await, "further");
}

async fn a_crashed_worker_is_replaced() {
    let pool = pool_of(WORKER, 1);
    let failure = read(&pool, Conduct::Abort).await.unwrap_err();
    assert_eq!(failure.to_string(), "the worker crashed (abort)");
    assert!(failure.counts_as_attempt());
    assert_eq!(read_page(&pool, Conduct::Answer).await.error, None);
}

async fn a_panic_is_a_crash() {
    let failure = read(&pool_of(WORKER, 1), Conduct::Panic).await.unwrap_err();
    let WorkerFailure::Crashed { death: Death::Exit(101), hint } = &failure else { panic!("{failure:?}") };
    assert!(hint.contains("this engine panics"), "{hint}");
    assert_eq!(failure.to_string(), "the worker crashed (internal error)");
}

async fn a_worker_that_hangs_is_killed() {
    let pool = pool_of(WORKER, 1);
    assert_eq!(read(&pool, Conduct::Hang).await.unwrap_err().to_string(), "the page took longer than 5 s");
    assert_eq!(read_page(&pool, Conduct::Answer).await.error, None);
}

async fn a_worker_that_eats_memory_is_stopped() {
    let pool = pool_of(WORKER, 1);
    let failure = read(&pool, Conduct::Eat).await.unwrap_err();
    assert_eq!(failure.to_string(), "the worker ran out of memory (limit 512 MiB)");
    assert_eq!(read_page(&pool, Conduct::Answer).await.error, None);
}

async fn dropping_the_future_kills_the_worker() {
    let settings_with_patience = PAGE_TIMEOUT * 1000;
    let pool = WorkerPool::start(PoolSettings {
        command: std::env::current_exe().unwrap(),
        args: vec![WORKER.into()],
        count: 1,
        memory_bytes: MEMORY_BYTES,
        page_timeout: settings_with_patience,
        remote: Vec::new(),
        metrics: PipelineMetrics::default(),
    });
    let hanging = read(&pool, Conduct::Hang);
    assert!(tokio::time::timeout(Duration::from_secs(1), hanging).await.is_err());
    // The only worker is free for this, though its page had 50 minutes left.
    assert_eq!(read_page(&pool, Conduct::Answer).await.error, None);
}

async fn a_worker_can_do_next_to_nothing() {
    let pool = pool_of(WORKER, 1);
    assert_eq!(read_page(&pool, Conduct::Probe).await.text(), "start-thread\nread-fonts");
    assert_eq!(pool.status().borrow().unconfined, Vec::<String>::new());
}

async fn workers_that_do_not_start_are_told_of() {
    let pool = pool_of(BROKEN_WORKER, 2);
    let failure = read(&pool, Conduct::Answer).await.unwrap_err();
    assert_eq!(failure.to_string(), "worker processes do not start: the PDF library cannot be loaded");
    assert!(!failure.counts_as_attempt());
    let status = pool.status().borrow().clone();
    assert_eq!((status.ready, status.problem.as_deref()), (0, Some("the PDF library cannot be loaded")));
}

async fn a_pool_that_finishes_lets_pages_at_work_end() {
    let pool = pool_of(WORKER, 1);
    let at_work = tokio::spawn({
        let pool = pool.clone();
        async move { read(&pool, Conduct::Hang).await }
    });
    // The worker has its job once it uses the processor; until then the job may be turned away instead.
    while read_is_pending(&pool) {
        tokio::task::yield_now().await;
    }
    pool.finish(PAGE_TIMEOUT * 100).await;
    let ended = at_work.await.unwrap().unwrap_err();
    assert!(matches!(ended, WorkerFailure::TimedOut { .. } | WorkerFailure::Cancelled), "{ended:?}");
    assert_eq!(read(&pool, Conduct::Answer).await.unwrap_err(), WorkerFailure::Cancelled);
}

fn read_is_pending(pool: &WorkerPool) -> bool {
    pool.status().borrow().ready == 0
}
