//! The log: lines on stderr, for people or for programs.

use std::io::IsTerminal;

use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{self, Writer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::settings::LogSettings;
use crate::terminal;

/// Starts the log as the settings say.
pub(crate) fn start(settings: &LogSettings) {
    start_with(settings.json, settings.filter.clone());
}

/// Starts the log of a command that talks to a person: errors alone, unless somebody asked for more.
pub(crate) fn start_quietly(settings: &LogSettings) {
    let filter =
        if settings.level_is_set { settings.filter.clone() } else { Targets::new().with_default(LevelFilter::ERROR) };
    start_with(settings.json, filter);
}

fn start_with(json: bool, filter: Targets) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry();
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
