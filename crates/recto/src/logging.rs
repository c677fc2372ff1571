//! The log: lines on stderr, for people or for programs.

use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::layer::Identity;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::settings::LogSettings;
use crate::terminal;
use crate::traces::TraceExport;

/// Starts the log and the export of traces according to the settings. The caller keeps the guard until the end.
pub(crate) fn start(settings: &LogSettings) -> anyhow::Result<TraceExport> {
    let export = settings.traces_url.as_deref().map(TraceExport::to).transpose()?.unwrap_or_default();
    start_with(settings.json, settings.filter.clone(), export.layer());
    Ok(export)
}

/// Starts the log of a command that a person runs: only errors, unless another level was set.
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
        let lines = lines.with_ansi(colours(&std::io::stderr())).fmt_fields(ShownFields);
        registry.with(lines.with_filter(filter)).init();
    }
}

/// Writes fields in the usual form on the line of their event. Control characters are escaped for the terminal, and a
/// field that only names a span for traces is left out.
struct ShownFields;

impl<'writer> FormatFields<'writer> for ShownFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> std::fmt::Result {
        let mut line = FieldLine { writer, is_first: true, written: Ok(()) };
        fields.record(&mut line);
        line.written
    }
}

struct FieldLine<'writer> {
    writer: Writer<'writer>,
    is_first: bool,
    written: std::fmt::Result,
}

impl Visit for FieldLine<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name().starts_with("otel.") || self.written.is_err() {
            return;
        }
        let before = if std::mem::replace(&mut self.is_first, false) { "" } else { " " };
        let text = format!("{value:?}");
        let shown = terminal::one_line(&text);
        self.written = match field.name() {
            "message" => write!(self.writer, "{before}{shown}"),
            name => write!(self.writer, "{before}{name}={shown}"),
        };
    }
}

/// Whether colours may be written to a stream: on a terminal, unless `NO_COLOR` is set to any value.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    /// The captured log.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn a_line_tells_its_span_without_what_names_it_for_traces_or_acts_on_a_terminal() {
        let log = Log::default();
        let lines = fmt::layer().with_writer(log.clone()).with_ansi(false).without_time().fmt_fields(ShownFields);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let span = tracing::info_span!("request", otel.name = "GET /", id = 7, otel.kind = "server", who = "me");
            span.in_scope(|| tracing::info!(file = "a\u{1b}[2Jb", "answered"));
        });
        let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(said.contains("request{id=7 who=\"me\"}: "), "{said}");
        assert!(said.contains("answered file=\"a\\u{1b}[2Jb\""), "{said}");
    }
}
