//! The log: lines on stderr, for people or for programs.

use std::io::IsTerminal;

use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{self, Writer};
use tracing_subscriber::layer::Identity;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::settings::LogSettings;
use crate::terminal;
use crate::traces::TraceExport;

/// Starts the log as the settings say, and sends traces where they say. The guard is kept to the end.
pub(crate) fn start(settings: &LogSettings) -> anyhow::Result<TraceExport> {
    let export = settings.traces_url.as_deref().map(TraceExport::to).transpose()?.unwrap_or_default();
    start_with(settings.json, settings.filter.clone(), export.layer());
    Ok(export)
}

/// Starts the log of a command that talks to a person: errors alone, unless somebody asked for more.
pub(crate) fn start_quietly(settings: &LogSettings) {
    let filter =
        if settings.level_is_set { settings.filter.clone() } else { Targets::new().with_default(LevelFilter::ERROR) };
    start_with(settings.json, filter, None::<Identity>);
}

fn start_with(json: bool, filter: Targets, traces: Option<impl Layer<Registry> + Send + Sync>) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(traces);
    if json {
        registry.with(lines.json().flatten_event(true).with_filter(filter)).init();
    } else {
        let lines = lines.with_ansi(colours(&std::io::stderr())).fmt_fields(shown_fields());
        registry.with(lines.with_filter(filter)).init();
    }
}

/// Fields as they are usually written, on the line of their event and without what acts on a terminal.
fn shown_fields() -> impl for<'writer> FormatFields<'writer> + Clone + Send + Sync + 'static {
    let one = |writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug| {
        // What only names a span for traces.
        if field.name().starts_with("otel.") {
            return Ok(());
        }
        let text = format!("{value:?}");
        let shown = terminal::one_line(&text);
        if field.name() == "message" { write!(writer, "{shown}") } else { write!(writer, "{}={shown}", field.name()) }
    };
    format::debug_fn(one).delimited(" ")
}

/// Whether colours may be written there: on a terminal, unless `NO_COLOR` is set to anything.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
