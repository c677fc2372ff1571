//! The page ribbon: a row of cells that shows progress at a glance.

use maud::{Markup, PreEscaped, html};

/// The most cells. More are grouped into buckets.
const MOST: usize = 60;
const WIDTH: usize = 10;

/// The meaning of a cell. If the cells of a bucket differ, the last variant among them is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Read,
    Waiting,
    Working,
    /// A person should check the document.
    Doubtful,
    Failed,
}

/// A row of cells, with `said` as its text alternative.
pub(crate) fn ribbon(cells: &[Cell], said: &str) -> Markup {
    let per_bucket = cells.len().div_ceil(MOST).max(1);
    let shown: Vec<Cell> = cells.chunks(per_bucket).filter_map(|bucket| bucket.iter().max().copied()).collect();
    let width = (shown.len() * WIDTH).max(WIDTH);
    html! {
        svg.ribbon role="img" aria-label=(said) viewBox={ "0 0 " (width) " 14" } width=(width) height="14" {
            @for (index, cell) in shown.iter().enumerate() { (PreEscaped(drawn(*cell, index * WIDTH))) }
        }
    }
}

/// A cell whose left edge is at `x`. The cell for a failure has a notch, so that it can be told without colour.
fn drawn(cell: Cell, x: usize) -> String {
    let (left, right) = (x + 1, x + 8);
    let outline = |class: &str| format!(r#"<rect class="{class}" x="{left}.5" y="1.5" width="6" height="11"/>"#);
    match cell {
        Cell::Waiting => outline("outline"),
        Cell::Working => {
            outline("outline working") + &format!(r#"<rect class="half" x="{left}" y="7" width="7" height="6"/>"#)
        }
        Cell::Read => format!(r#"<rect class="full" x="{left}" y="1" width="7" height="12"/>"#),
        Cell::Doubtful => format!(r#"<path class="doubtful" d="M{left} 1h7v12H{left}zm2.5 2v5h2V3zm0 6.5v2h2v-2z"/>"#),
        Cell::Failed => format!(r#"<path class="fault" d="M{left} 1h3l.5 5 1-5H{right}v12H{left}z"/>"#),
    }
}

/// Cells in the order read, failed, in progress, waiting.
pub(crate) fn cells(total: u64, read: u64, failed: u64, is_working: bool) -> Vec<Cell> {
    let waiting = total.saturating_sub(read + failed);
    let working = u64::from(is_working && waiting > 0);
    [(Cell::Read, read), (Cell::Failed, failed), (Cell::Working, working), (Cell::Waiting, waiting - working)]
        .into_iter()
        .flat_map(|(cell, n)| std::iter::repeat_n(cell, n as usize))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_with_a_failed_page_shows_it() {
        let drawn = ribbon(&cells(1000, 999, 1, false), "x").into_string();
        assert_eq!(drawn.matches("class=\"fault\"").count(), 1);
        assert!(drawn.matches("<rect").count() < MOST);
    }

    #[test]
    fn what_is_not_read_waits_but_for_one() {
        let all = cells(5, 2, 1, true);
        assert_eq!(all.iter().filter(|cell| **cell == Cell::Waiting).count(), 1);
        assert_eq!(all.iter().filter(|cell| **cell == Cell::Working).count(), 1);
    }
}
