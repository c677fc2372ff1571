//! How worker processes are started: this executable with the hidden command `worker` and its arguments.

use std::ffi::OsString;

use anyhow::Context;
use recto_pipeline::{PipelineMetrics, PoolSettings, WorkerPool};

use crate::settings::Settings;

/// Starts the workers that the settings ask for, on the current runtime. Their work is counted in `metrics`.
pub(crate) fn start(settings: &Settings, metrics: PipelineMetrics) -> anyhow::Result<WorkerPool> {
    let command = std::env::current_exe().context("cannot find Recto's own executable to start workers from")?;
    Ok(WorkerPool::start(PoolSettings {
        command,
        args: arguments(settings),
        // A server that leaves reading to other nodes still needs a worker to draw pages.
        count: settings.workers.count.max(1),
        memory_bytes: settings.workers.memory_bytes,
        page_timeout: settings.work_limits.page,
        remote: Vec::new(),
        metrics,
    }))
}

/// The worker's command line: workers read no settings of their own.
fn arguments(settings: &Settings) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["worker".into()];
    let mut give = |flag: &str, value: OsString| arguments.extend([flag.into(), value]);
    give("--engine", settings.ocr.engine.clone().into());
    give("--languages", settings.ocr.languages.to_string().into());
    give("--dpi", settings.ocr.dpi.to_string().into());
    give("--text-layer", settings.ocr.text_layer.as_str().into());
    give("--max-pages", settings.max_pages.to_string().into());
    give("--max-megapixels", settings.max_megapixels.to_string().into());
    if let Some(folder) = &settings.ocr.tessdata_dir {
        give("--tessdata-dir", folder.into());
    }
    if !settings.ocr.careful {
        arguments.push("--tiny-models".into());
    }
    arguments
}
