//! What is shown while the pages are read: a bar on a terminal, lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recto_domain::BatchDetails;

use super::report::{Outcome, seconds};
use super::ribbon;
use crate::logging::colours;

/// Cells of the ribbon on a wide terminal.
const RIBBON_CELLS: usize = 30;
/// Lines under the bar; the rest is told at the end.
const ATTENTION_LINES: usize = 8;
/// The terminal's width when it does not tell.
const USUAL_WIDTH: u16 = 80;
/// No rate is told before it means something.
const RATE_AFTER: Duration = Duration::from_millis(500);

/// The view of a run.
pub(super) struct Progress {
    view: View,
    begun: Instant,
    workers: usize,
    /// Which files were told of, in the batch's order.
    told: Vec<bool>,
}

enum View {
    /// A bar that is drawn over, and notes under it.
    Bar(ProgressBar),
    /// A line a file.
    Lines,
    /// Failures alone.
    Failures,
}

impl Progress {
    /// A bar if stderr is a terminal. `quiet` shows failures alone.
    pub(super) fn new(quiet: bool, workers: usize) -> Self {
        let view = if quiet {
            View::Failures
        } else if stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(15));
            bar.set_style(ProgressStyle::with_template("{msg}").expect("a static template is sound"));
            View::Bar(bar)
        } else {
            View::Lines
        };
        Self { view, begun: Instant::now(), workers, told: Vec::new() }
    }

    /// Shows where the batch stands. `outcomes` are those of its files, in its order.
    pub(super) fn update(&mut self, details: &BatchDetails, outcomes: &[Outcome]) {
        match &self.view {
            View::Bar(bar) => bar.set_message(self.drawn(details, outcomes)),
            View::Lines | View::Failures => self.tell(outcomes),
        }
    }

    /// Takes the bar away and tells what was not told yet.
    pub(super) fn end(&mut self, outcomes: &[Outcome]) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
        self.tell(outcomes);
    }

    /// Tells of a file that never came into the batch. Not while the bar is up.
    pub(super) fn tell_apart(outcome: &Outcome) {
        outcome.attention().iter().for_each(|line| eprintln!("{}  {line}", outcome.file));
    }

    fn tell(&mut self, outcomes: &[Outcome]) {
        self.told.resize(outcomes.len(), false);
        for (outcome, told) in outcomes.iter().zip(&mut self.told) {
            let line = match &self.view {
                View::Bar(_) => outcome.attention(),
                View::Lines => outcome.attention().or_else(|| Some(outcome.good_news())),
                View::Failures => outcome.attention().filter(|_| outcome.failed()),
            };
            if outcome.settled && !std::mem::replace(told, true) {
                line.iter().for_each(|line| eprintln!("{}  {line}", outcome.file));
            }
        }
    }

    fn drawn(&self, details: &BatchDetails, outcomes: &[Outcome]) -> String {
        let width = match &self.view {
            View::Bar(_) => Term::stderr().size_checked().map_or(USUAL_WIDTH, |(_, columns)| columns),
            View::Lines | View::Failures => USUAL_WIDTH,
        };
        let verdicts: Vec<_> = outcomes.iter().map(Outcome::verdict).collect();
        let facts = self.facts(details);
        let room = usize::from(width).saturating_sub(facts.chars().count() + 5);
        let cells = ribbon::cells(&details.files, &verdicts, self.workers, room.clamp(4, RIBBON_CELLS));
        let mut text = format!("  {}  {facts}", ribbon::draw(&cells, colours(&stderr())));
        let notes: Vec<String> = outcomes
            .iter()
            .filter(|outcome| outcome.settled)
            .filter_map(|outcome| Some(format!("{}  {}", outcome.file, outcome.attention()?)))
            .collect();
        for note in notes.iter().rev().take(ATTENTION_LINES).rev() {
            let note: String = note.chars().take(usize::from(width).saturating_sub(3)).collect();
            text.push_str(&format!("\n  {note}"));
        }
        if notes.len() > ATTENTION_LINES {
            text.push_str(&format!("\n  and {} more", notes.len() - ATTENTION_LINES));
        }
        text
    }

    /// `58/61 pages  2.1 pages/s  about 2 s left`, each as soon as it is known.
    fn facts(&self, details: &BatchDetails) -> String {
        let done = details.completed_pages + details.failed_pages;
        let mut text = format!("{done}/{} pages", details.total_pages);
        let passed = self.begun.elapsed();
        if done > 0 && passed > RATE_AFTER {
            text.push_str(&format!("  {:.1} pages/s", f64::from(done) / passed.as_secs_f64()));
        }
        // Before all files are opened the pages left are not known.
        let all_opened = details.files.iter().all(|file| file.pages.is_some() || file.status.is_final());
        if let Some(left) = details.eta_seconds.filter(|_| all_opened) {
            text.push_str(&format!("  about {} left", seconds(Duration::from_secs(left.max(1)))));
        }
        text
    }
}
