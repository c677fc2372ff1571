//! The page ribbon: a row of cells, one a page or one a few pages, that shows what a batch is doing.

use std::fmt::Write as _;

use recto_domain::{BatchFile, RecordStatus};

/// The state of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing of it was begun.
    Waiting,
    /// A worker is at it, or some of its pages are read.
    Working,
    /// Read.
    Read,
    /// Read, and holds no text.
    NoText,
    /// Read, with little confidence.
    Doubtful,
    /// Could not be read.
    Failed,
}

/// What is known of a file beside its counts, once it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Verdict {
    /// It is as it should be, or not known yet.
    #[default]
    Sound,
    /// It holds no text at all.
    NoText,
    /// Its mean confidence is low.
    Doubtful,
}

impl Cell {
    fn sign(self) -> char {
        match self {
            Self::Waiting => '░',
            Self::Working => '▒',
            Self::Read | Self::Doubtful => '█',
            Self::NoText => '·',
            // The notch: colour is never the only sign.
            Self::Failed => '▚',
        }
    }

    /// The colour as an SGR parameter; `None` for the terminal's own.
    pub(super) fn colour(self) -> Option<u8> {
        match self {
            Self::Doubtful => Some(33),
            Self::Failed => Some(31),
            _ => None,
        }
    }
}

/// The ribbon of these files in at most `width` cells. `verdicts` belong to the files, and `workers` is how many pages
/// can be at work at once.
pub(super) fn cells(files: &[BatchFile], verdicts: &[Verdict], workers: usize, width: usize) -> Vec<Cell> {
    let pages = pages(files, verdicts, workers);
    let width = width.clamp(1, pages.len().max(1));
    (0..width).map(|i| bucket(&pages[i * pages.len() / width..(i + 1) * pages.len() / width])).collect()
}

/// The cells repeated as often as they fit into `width`, so that a few pages make a bar and not a dash.
pub(super) fn stretched(cells: &[Cell], width: usize) -> Vec<Cell> {
    let times = (width / cells.len().max(1)).max(1);
    cells.iter().flat_map(|&cell| std::iter::repeat_n(cell, times)).collect()
}

/// One cell a page. The pages of a file stand in the order read, failed, at work, waiting: which of them are which is
/// not counted.
fn pages(files: &[BatchFile], verdicts: &[Verdict], workers: usize) -> Vec<Cell> {
    let mut hands = workers;
    let mut cells = Vec::new();
    for (i, file) in files.iter().enumerate() {
        let read = match verdicts.get(i).copied().unwrap_or_default() {
            Verdict::Sound => Cell::Read,
            Verdict::NoText => Cell::NoText,
            Verdict::Doubtful => Cell::Doubtful,
        };
        let all = file.pages.unwrap_or(1).max(1) as usize;
        let done = (file.pages_done as usize).min(all);
        let failed =
            if file.status == RecordStatus::Failed { all - done } else { (file.pages_failed as usize).min(all - done) };
        let left = all - done - failed;
        let working = if file.status == RecordStatus::InProgress { left.min(hands) } else { 0 };
        hands -= working;
        for (cell, count) in
            [(read, done), (Cell::Failed, failed), (Cell::Working, working), (Cell::Waiting, left - working)]
        {
            cells.extend(std::iter::repeat_n(cell, count));
        }
    }
    cells
}

/// What a few pages look like together: the worst of them, if anything is wrong.
fn bucket(pages: &[Cell]) -> Cell {
    let any = |cell| pages.contains(&cell);
    let all = |cell| pages.iter().all(|&page| page == cell);
    if any(Cell::Failed) {
        Cell::Failed
    } else if all(Cell::Waiting) {
        Cell::Waiting
    } else if any(Cell::Waiting) || any(Cell::Working) {
        Cell::Working
    } else if any(Cell::Doubtful) {
        Cell::Doubtful
    } else if all(Cell::NoText) {
        Cell::NoText
    } else {
        Cell::Read
    }
}

/// The cells as block characters, with colours or without.
pub(super) fn draw(cells: &[Cell], colours: bool) -> String {
    let mut text = String::new();
    let mut now = None;
    for cell in cells {
        let colour = cell.colour().filter(|_| colours);
        if colour != now {
            // Writing to a string cannot fail.
            let _ = write!(text, "\x1b[{}m", colour.unwrap_or(0));
            now = colour;
        }
        text.push(cell.sign());
    }
    if now.is_some() {
        text.push_str("\x1b[0m");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::run::samples::file;

    #[test]
    fn each_page_has_a_cell_while_there_is_room() {
        let files = [
            file("a", RecordStatus::Completed, Some(2), 2, 0),
            file("b", RecordStatus::Failed, None, 0, 0),
            file("c", RecordStatus::InProgress, Some(4), 1, 0),
            file("d", RecordStatus::Queued, None, 0, 0),
        ];
        let verdicts = [Verdict::Doubtful, Verdict::Sound];
        assert_eq!(draw(&cells(&files, &verdicts, 2, 40), false), "██▚█▒▒░░");
        assert_eq!(draw(&cells(&files[..2], &verdicts, 2, 40), true), "\x1b[33m██\x1b[31m▚\x1b[0m");
    }

    #[test]
    fn many_pages_share_cells_and_the_worst_shows() {
        let files = [
            file("a", RecordStatus::Completed, Some(100), 99, 1),
            file("b", RecordStatus::InProgress, Some(50), 10, 0),
            file("c", RecordStatus::Completed, Some(50), 50, 0),
        ];
        let verdicts = [Verdict::Sound, Verdict::Sound, Verdict::NoText];
        assert_eq!(draw(&cells(&files, &verdicts, 1, 8), false), "███▚▒░··");
    }

    #[test]
    fn a_few_pages_are_stretched_to_whole_cells() {
        let stretched = |cells: &[Cell]| draw(&stretched(cells, 7), false);
        assert_eq!(stretched(&[Cell::Read, Cell::Failed, Cell::Waiting]), "██▚▚░░");
        assert_eq!(stretched(&[Cell::Working; 4]), "▒▒▒▒");
        assert_eq!(stretched(&[Cell::Read; 9]), "█████████");
        assert_eq!(stretched(&[]), "");
    }

    #[test]
    fn a_ribbon_is_never_wider_than_it_may_be() {
        for pages in [1, 2, 7, 39, 40, 41, 2000] {
            let files = [file("a", RecordStatus::InProgress, Some(pages), 0, 0)];
            assert!(cells(&files, &[], 3, 40).len() <= 40.min(pages as usize));
        }
    }
}
