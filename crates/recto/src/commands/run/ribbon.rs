//! The page ribbon: a row of cells that shows the progress of a batch. Each cell stands for one page or for a few.

use std::fmt::Write as _;

use recto_domain::{BatchFile, RecordStatus};

/// The state of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// No page was begun.
    Waiting,
    /// A worker is reading it, or only some of its pages are read.
    Working,
    /// Read.
    Read,
    /// Read, but without text.
    NoText,
    /// Read, with little confidence.
    Doubtful,
    /// Could not be read.
    Failed,
}

/// What is known of a file besides its counts, once it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Verdict {
    /// Nothing is wrong, or nothing is known yet.
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
            // The notched block tells failures apart without colour.
            Self::Failed => '▚',
        }
    }

    /// The colour as an SGR parameter; `None` for the terminal's default.
    pub(super) fn colour(self) -> Option<u8> {
        match self {
            Self::Doubtful => Some(33),
            Self::Failed => Some(31),
            _ => None,
        }
    }
}

/// The ribbon of these files in at most `width` cells. `verdicts` has one entry per file. `workers` is the number of
/// pages that can be read at once.
pub(super) fn cells(files: &[BatchFile], verdicts: &[Verdict], workers: usize, width: usize) -> Vec<Cell> {
    let pages = pages(files, verdicts, workers);
    let width = width.clamp(1, pages.len().max(1));
    (0..width).map(|i| bucket(&pages[i * pages.len() / width..(i + 1) * pages.len() / width])).collect()
}

/// The cells, each repeated as often as fits into `width`, so that a few pages fill a bar.
pub(super) fn stretched(cells: &[Cell], width: usize) -> Vec<Cell> {
    let times = (width / cells.len().max(1)).max(1);
    cells.iter().flat_map(|&cell| std::iter::repeat_n(cell, times)).collect()
}

/// One cell per page. The pages of a file are ordered read, failed, in progress, waiting, because only their numbers
/// are known.
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

/// The cell for a few pages: the worst of them, if anything is wrong.
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

/// The cells as block characters, with or without colours.
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
