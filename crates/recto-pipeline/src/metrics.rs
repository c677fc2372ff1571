//! Metrics of a node's work, for a monitoring system.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use recto_domain::{Page, PageSource, WorkKind};

/// The upper bounds of the histogram of working times, in seconds: from a text layer to a page that reaches its time
/// limit.
const WORK_SECONDS: [f64; 9] = [0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 60.0];
/// The engine label of work that no engine does.
const NO_ENGINE: &str = "";

/// Counters of pages, stages and workers. Cheap to clone; clones share the counters.
#[derive(Debug, Clone)]
pub struct PipelineMetrics {
    pages: Family<PageLabels, Counter>,
    work_seconds: Family<WorkLabels, Histogram>,
    worker_ends: Family<EndLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PageLabels {
    outcome: &'static str,
    engine: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkLabels {
    stage: &'static str,
    engine: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndLabels {
    reason: &'static str,
}

/// Why a worker process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkerEnd {
    /// It ended before it was given work.
    NotStarted,
    /// It died during a job.
    Crashed,
    /// It needed more memory than it may have.
    OutOfMemory,
    /// It exceeded its deadline.
    TimedOut,
    /// Somebody else killed it.
    Killed,
    /// Its job was no longer wanted.
    Cancelled,
    /// It had done enough jobs, or had grown too large.
    WornOut,
}

impl WorkerEnd {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Crashed => "crashed",
            Self::OutOfMemory => "out_of_memory",
            Self::TimedOut => "timed_out",
            Self::Killed => "killed",
            Self::Cancelled => "cancelled",
            Self::WornOut => "worn_out",
        }
    }
}

impl PipelineMetrics {
    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "recto_pages",
            "Pages that were read or could not be read, by engine",
            Family::clone(&self.pages),
        );
        registry.register("recto_work_seconds", "Time that a worker took for a job", Family::clone(&self.work_seconds));
        registry.register(
            "recto_worker_ends",
            "Worker processes that had to be replaced, by reason",
            Family::clone(&self.worker_ends),
        );
    }

    /// Counts a page that was read or could not be read.
    pub(crate) fn page(&self, page: &Page) {
        let engine = page.source.clone().map_or_else(|| NO_ENGINE.to_owned(), String::from);
        let outcome = if page.error.is_some() { "failed" } else { "read" };
        self.pages.get_or_create(&PageLabels { outcome, engine }).inc();
    }

    /// Counts a page, or a whole file, that was given up.
    pub(crate) fn given_up(&self) {
        self.pages.get_or_create(&PageLabels { outcome: "failed", engine: NO_ENGINE.to_owned() }).inc();
    }

    /// Records how long a worker, or the extractor for fields, took for a piece of work.
    pub(crate) fn work(&self, kind: WorkKind, source: Option<&PageSource>, took: Duration) {
        let stage = match kind {
            WorkKind::Open => "open",
            WorkKind::Page { .. } => "recognise",
            WorkKind::Extract => "extract",
        };
        let engine = source.map_or_else(|| NO_ENGINE.to_owned(), |source| source.clone().into());
        self.work_seconds.get_or_create(&WorkLabels { stage, engine }).observe(took.as_secs_f64());
    }

    /// Counts a worker process that ended.
    pub(crate) fn worker_ended(&self, end: WorkerEnd) {
        self.worker_ends.get_or_create(&EndLabels { reason: end.as_str() }).inc();
    }
}

impl Default for PipelineMetrics {
    fn default() -> Self {
        Self {
            pages: Family::default(),
            work_seconds: Family::new_with_constructor((|| Histogram::new(WORK_SECONDS)) as fn() -> Histogram),
            worker_ends: Family::default(),
        }
    }
}
