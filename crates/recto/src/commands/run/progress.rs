//! The display while pages are read: a bar on a terminal, lines elsewhere.

use std::fmt::Write as _;
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recto_domain::BatchDetails;

use super::report::{Outcome, seconds};
use super::{all_opened, ribbon};
use crate::logging::colours;
use crate::terminal::one_line;

/// The cells of the ribbon on a wide terminal.
const RIBBON_CELLS: usize = 30;
/// The most lines under the bar. Any others are shown at the end.
const ATTENTION_LINES: usize = 8;
/// Reasons are aligned behind names of at most this many characters.
const NAME_CHARS: usize = 48;
/// The width that is assumed when the terminal does not report one.
const USUAL_WIDTH: u16 = 80;
/// The time before the first rate is shown; earlier rates are meaningless.
const RATE_AFTER: Duration = Duration::from_millis(500);

/// The view of a run.
pub(super) struct Progress {
    view: View,
    begun: Instant,
    workers: usize,
    /// Which files have been reported, in the order of the batch.
    told: Vec<bool>,
}

enum View {
    /// A bar that is redrawn, with notes under it.
    Bar(ProgressBar),
    /// A line for each file.
    Lines,
    /// Failures only.
    Failures,
    /// Nothing. The caller reports failures.
    Nothing,
}

impl Progress {
    /// A bar if stderr is a terminal. With `quiet`, only failures are shown.
    pub(super) fn new(quiet: bool, workers: usize) -> Self {
        let view = if quiet { View::Failures } else { bar().map_or(View::Lines, View::Bar) };
        Self { view, begun: Instant::now(), workers, told: Vec::new() }
    }

    /// A bar if stderr is a terminal, and nothing else.
    pub(super) fn bar_alone(workers: usize) -> Self {
        let view = bar().map_or(View::Nothing, View::Bar);
        Self { view, begun: Instant::now(), workers, told: Vec::new() }
    }

    /// No output at all.
    pub(super) fn none() -> Self {
        Self { view: View::Nothing, begun: Instant::now(), workers: 1, told: Vec::new() }
    }

    /// Shows the state of the batch. `outcomes` are those of its files, in the order of the batch.
    pub(super) fn update(&mut self, details: &BatchDetails, outcomes: &[Outcome]) {
        match &self.view {
            View::Bar(bar) => bar.set_message(self.drawn(details, outcomes)),
            View::Lines | View::Failures => self.tell(outcomes),
            View::Nothing => {}
        }
    }

    /// Removes the bar and reports whatever has not been reported yet.
    pub(super) fn end(&mut self, outcomes: &[Outcome]) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
            let all: Vec<&Outcome> = outcomes.iter().collect();
            for note in notes(&all, usize::MAX, colours(&stderr())) {
                eprintln!("{note}");
            }
        } else {
            self.tell(outcomes);
        }
    }

    /// Reports a file that never got into the batch. It must not be called while the bar is shown.
    pub(super) fn tell_apart(outcome: &Outcome) {
        if let Some(line) = outcome.attention() {
            eprintln!("{}", line_about(outcome, &line));
        }
    }

    fn tell(&mut self, outcomes: &[Outcome]) {
        self.told.resize(outcomes.len(), false);
        for (outcome, told) in outcomes.iter().zip(&mut self.told) {
            let line = match &self.view {
                // The bar shows these; they are reported when it is removed.
                View::Bar(_) | View::Nothing => None,
                View::Lines => outcome.attention().or_else(|| Some(outcome.good_news())),
                View::Failures => outcome.attention().filter(|_| outcome.failed()),
            };
            if outcome.settled
                && !std::mem::replace(told, true)
                && let Some(line) = line
            {
                eprintln!("{}", line_about(outcome, &line));
            }
        }
    }

    // Writing to a string, here and below, cannot fail.
    fn drawn(&self, details: &BatchDetails, outcomes: &[Outcome]) -> String {
        let width = match &self.view {
            View::Bar(_) => Term::stderr().size_checked().map_or(USUAL_WIDTH, |(_, columns)| columns),
            View::Lines | View::Failures | View::Nothing => USUAL_WIDTH,
        };
        let verdicts: Vec<_> = outcomes.iter().map(Outcome::verdict).collect();
        let facts = self.facts(details);
        let room = usize::from(width).saturating_sub(facts.chars().count() + 5);
        let room = room.clamp(4, RIBBON_CELLS);
        let cells = ribbon::cells(&details.files, &verdicts, self.workers, room);
        let mut text = format!("  {}  {facts}", ribbon::draw(&ribbon::stretched(&cells, room), colours(&stderr())));
        let settled: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.settled).collect();
        let notes = notes(&settled, usize::from(width).saturating_sub(3), colours(&stderr()));
        for note in notes.iter().rev().take(ATTENTION_LINES).rev() {
            let _ = write!(text, "\n  {note}");
        }
        if notes.len() > ATTENTION_LINES {
            let _ = write!(text, "\n  and {} more", notes.len() - ATTENTION_LINES);
        }
        text
    }

    /// `58/61 pages  2.1 pages/s  about 2 s left`. Each part appears as soon as it is known.
    fn facts(&self, details: &BatchDetails) -> String {
        // Until all files are opened, the number of pages left is unknown.
        let all_opened = all_opened(details);
        if details.total_pages == 0 && !all_opened {
            return "opening the files".to_owned();
        }
        let done = details.completed_pages + details.failed_pages;
        let mut text = format!("{done}/{} pages", details.total_pages);
        let passed = self.begun.elapsed();
        if done > 0 && passed > RATE_AFTER {
            let _ = write!(text, "  {:.1} pages/s", f64::from(done) / passed.as_secs_f64());
        }
        if let Some(left) = details.eta_seconds.filter(|_| all_opened) {
            let _ = write!(text, "  about {} left", seconds(Duration::from_secs(left.max(1))));
        }
        text
    }
}

/// A line about a file.
fn line_about(outcome: &Outcome, line: &str) -> String {
    format!("{}  {}", one_line(&outcome.file), one_line(line))
}

/// A bar on stderr if that is a terminal.
fn bar() -> Option<ProgressBar> {
    let bar =
        stderr().is_terminal().then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(15)))?;
    bar.set_style(ProgressStyle::with_template("{msg}").expect("a static template is sound"));
    Some(bar)
}

/// The lines about files that need attention, one per file and at most `width` characters long. The reasons are
/// aligned, and the first word of each has the colour of its cell in the ribbon.
fn notes(outcomes: &[&Outcome], width: usize, colours: bool) -> Vec<String> {
    let shown =
        |outcome: &Outcome| Some((one_line(&outcome.file).into_owned(), one_line(&outcome.attention()?).into_owned()));
    let noted: Vec<_> = outcomes.iter().filter_map(|&o| Some((o, shown(o)?))).collect();
    let longest = noted.iter().map(|(_, (name, _))| name.chars().count()).max().unwrap_or(0).min(NAME_CHARS);
    let line = |(outcome, (name, reason)): &(&Outcome, (String, String))| {
        let line: String = format!("{name:<longest$}  {reason}").chars().take(width).collect();
        let word = reason.split(':').next().unwrap_or_default();
        match outcome.cell().colour().filter(|_| colours) {
            Some(colour) => line.replacen(&format!("  {word}:"), &format!("  \x1b[{colour}m{word}\x1b[0m:"), 1),
            None => line,
        }
    };
    noted.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_below_each_other_and_in_their_colour() {
        let failed = |name: &str| Outcome::unreadable(name.to_owned(), "needs a password".to_owned());
        let (long, short) = (failed("scans/locked.pdf"), failed("a.pdf"));
        let plain = notes(&[&long, &short], 80, false);
        assert_eq!(plain, ["scans/locked.pdf  failed: needs a password", "a.pdf             failed: needs a password"]);
        assert_eq!(notes(&[&short], 80, true), ["a.pdf  \x1b[31mfailed\x1b[0m: needs a password"]);
        assert_eq!(notes(&[&short], 20, true), ["a.pdf  \x1b[31mfailed\x1b[0m: needs"]);
        assert_eq!(notes(&[&short], 9, true), ["a.pdf  fa"]);
        let hostile = Outcome::unreadable("\u{1b}[2J\u{202e}.pdf".to_owned(), "\u{7}".to_owned());
        assert_eq!(notes(&[&hostile], 80, true), ["\\u{1b}[2J\\u{202e}.pdf  \x1b[31mfailed\x1b[0m: \\u{7}"]);
    }
}
