//! Decides whether words in rows and columns are a table.

use super::grid::{Evidence, Grid, GridCell, Region};
use super::ink::Ink;
use crate::structure::list::Marker;
use crate::structure::sheet::{is_leader, percentile};

const FEWEST_ROWS: usize = 3;
/// The least share of filled cells in a table; charts have less. A fully ruled form may be mostly empty.
const FILLED: f32 = 0.35;
const FILLED_OF_FORM: f32 = 0.25;
/// The fewest numbers of a chart's scale.
const SCALE: usize = 4;
/// The least median number of words per cell in a column of running text.
const PROSE_WORDS: f32 = 5.0;

/// The nature of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Table,
    /// The scales and labels of charts.
    Chart,
    Neither,
}

/// The nature of a grid, by the requirements for a table with that evidence.
pub(super) fn verdict(inks: &[Ink<'_>], region: &Region, grid: &Grid) -> Verdict {
    if is_chart(inks, grid) {
        return Verdict::Chart;
    }
    let share = grid.cells.iter().filter(|cell| !cell.words.is_empty()).count() as f32 / grid.cells.len() as f32;
    if share < if grid.is_ruled { FILLED_OF_FORM } else { FILLED } {
        return Verdict::Neither;
    }
    let columns = grid.xs.len() - 1;
    let filled = |row: usize| {
        grid.cells.iter().filter(|c| (c.row..c.row + c.row_span).contains(&row) && !c.words.is_empty()).count()
    };
    let with_cells = (0..grid.row_count()).filter(|&row| filled(row) > 1).count();
    let is_table = match region.evidence {
        Evidence::Lattice => with_cells >= 2,
        Evidence::Bounds => {
            let is_read_across = grid.crossing * 5 <= grid.text_rows && grid.prose < 2 && !grid.has_caption;
            with_cells >= 2 && is_read_across && lines_up(inks, grid, true)
        }
        Evidence::Words => {
            with_cells >= FEWEST_ROWS && grid.crossing * 2 <= grid.text_rows && lines_up(inks, grid, false)
        }
    };
    if is_table && columns > 1 && grid.row_count() > 1 { Verdict::Table } else { Verdict::Neither }
}

/// Whether the cells of the columns are aligned, and are neither running text nor list markers.
fn lines_up(inks: &[Ink<'_>], grid: &Grid, is_bounded: bool) -> bool {
    let columns = grid.xs.len() - 1;
    let em = percentile(grid.cells.iter().flat_map(|c| &c.words).map(|&at| inks[at].em), 0.5).unwrap_or(10.0);
    let (mut prose, mut ragged) = (0, 0);
    for column in 0..columns {
        let cells = grid.cells.iter().filter(|c| c.column == column && c.column_span == 1 && !c.words.is_empty());
        let cells: Vec<&GridCell> = cells.collect();
        if cells.is_empty() {
            continue;
        }
        let words = percentile(cells.iter().map(|c| c.words.len() as f32), 0.5).unwrap_or(0.0);
        prose += usize::from(words >= PROSE_WORDS);
        let places: Vec<(f32, f32)> = cells.iter().filter_map(|c| extent(inks, &c.words)).collect();
        let near = |pick: fn(&(f32, f32)) -> f32| {
            let middle = percentile(places.iter().map(pick), 0.5).unwrap_or(0.0);
            places.iter().filter(|place| (pick(place) - middle).abs() < 0.8 * em).count()
        };
        let best = near(|p| p.0).max(near(|p| p.1)).max(near(|p| f32::midpoint(p.0, p.1)));
        ragged += usize::from(best * 10 < cells.len() * 5);
        let is_marker = |c: &&&GridCell| c.words.len() == 1 && Marker::read(&inks[c.words[0]].word.text).is_some();
        if column == 0 && cells.iter().filter(is_marker).count() * 10 > cells.len() * 7 {
            return false;
        }
    }
    (prose <= 1 || is_bounded && prose < columns) && ragged * 4 <= columns
}

/// Whether the columns contain the scales of charts: numbers that decrease by the same step from row to row.
fn is_chart(inks: &[Ink<'_>], grid: &Grid) -> bool {
    let mut scales = 0;
    for column in 0..grid.xs.len() - 1 {
        let own = grid.cells.iter().filter(|c| c.column == column && c.words.len() == 1 && !c.header);
        let numbers: Vec<f64> = own.filter_map(|c| number(&inks[c.words[0]].word.text)).collect();
        let mut steps: Vec<f64> = numbers.windows(2).map(|pair| pair[0] - pair[1]).collect();
        steps.sort_by(f64::total_cmp);
        let step = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
        // Several charts above one another have one scale each.
        let even = steps.iter().filter(|other| (*other - step).abs() <= 0.01 * step.abs()).count();
        let is_scale = numbers.len() >= SCALE && even * 5 >= steps.len() * 3 && step > 0.0 && step != 1.0;
        if numbers.len() >= SCALE && !is_scale {
            return false;
        }
        scales += usize::from(is_scale);
    }
    scales > 0
}

fn number(text: &str) -> Option<f64> {
    text.replace([',', '%', '$'], "").replace('−', "-").parse().ok().filter(|number: &f64| number.is_finite())
}

/// The start and end of words, ignoring leaders.
pub(super) fn extent(inks: &[Ink<'_>], words: &[usize]) -> Option<(f32, f32)> {
    let inked = words.iter().map(|&at| inks[at].word).filter(|word| !is_leader(&word.text));
    let (start, end) = inked.fold((f32::MAX, f32::MIN), |(a, b), w| (a.min(w.start), b.max(w.end)));
    (start <= end).then_some((start, end))
}
