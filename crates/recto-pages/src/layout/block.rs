//! Groups the lines of a region into paragraphs, headings and tables.

use recto_domain::{Block, BlockKind};

use super::frame::Direction;
use super::line::PlacedLine;

/// The largest distance between the centres of lines in a block, in type sizes.
const LINE_STEP: f32 = 1.75;
/// A step larger than the block's usual step by this factor ends the block.
const LONGER_STEP: f32 = 1.3;
/// The largest ratio of type sizes in one block.
const SIZE_RATIO: f32 = 1.25;
/// The indent of a first line, in type sizes.
const INDENT: std::ops::Range<f32> = 0.8..6.0;
/// The least ratio of a heading's type size to that of the page's text,
const HEADING_SIZE: f32 = 1.18;
/// and the most lines of a heading.
const HEADING_LINES: usize = 3;
const HEADING_CHARACTERS: usize = 200;
/// The fewest rows with several cells in a table.
const TABLE_ROWS: usize = 3;
/// Edges of cells are aligned if they differ by less than this, in type sizes.
const ALIGNED: f32 = 0.5;

/// The blocks of consecutive lines. `body_size` is the type size of most of the page.
pub(super) fn blocks(lines: &[PlacedLine], direction: Direction, body_size: f32) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let rows = table_rows(rest);
        let (taken, kind) = if rows >= TABLE_ROWS {
            (rows, BlockKind::Table)
        } else {
            let taken = paragraph_lines(rest);
            (taken, if is_heading(&rest[..taken], body_size) { BlockKind::Heading } else { BlockKind::Paragraph })
        };
        let (block, left) = rest.split_at(taken);
        let lines = block.iter().cloned().filter_map(|line| line.into_line(direction)).collect();
        blocks.extend(Block::of(kind, lines));
        rest = left;
    }
    blocks
}

/// The number of first lines that form a paragraph; at least 1.
fn paragraph_lines(lines: &[PlacedLine]) -> usize {
    let mut step: Option<f32> = None;
    for (i, pair) in lines.windows(2).enumerate() {
        let (last, next) = (&pair[0], &pair[1]);
        let this_step = next.cell.center().y - last.cell.center().y;
        let far = this_step > LINE_STEP * last.size.max(next.size)
            || step.is_some_and(|s| this_step > LONGER_STEP * s && this_step > s + 1.5);
        let other_size = last.size.max(next.size) > SIZE_RATIO * last.size.min(next.size);
        if far || other_size || starts_paragraph(&lines[..=i], next) || table_rows(&lines[i + 1..]) >= TABLE_ROWS {
            return i + 1;
        }
        step = Some(step.map_or(this_step, |s| s.max(this_step)));
    }
    lines.len()
}

/// Whether the line is indented relative to the block above, whose last line began at the left edge.
fn starts_paragraph(block: &[PlacedLine], next: &PlacedLine) -> bool {
    let (Some(first), Some(last)) = (block.first(), block.last()) else { return false };
    let left = block.iter().map(|l| l.cell.x).fold(f32::INFINITY, f32::min);
    let right = block.iter().map(|l| l.cell.right()).fold(f32::NEG_INFINITY, f32::max);
    let indented = INDENT.contains(&((next.cell.x - left) / next.size));
    let flush = last.cell.x - left < 0.4 * last.size;
    // Centred lines are indented too, equally on both sides.
    let centred = ((next.cell.x - left) - (right - next.cell.right())).abs() < next.size;
    indented && flush && !centred && (block.len() > 1 || first.cell.right() < right + 1.0)
}

fn is_heading(lines: &[PlacedLine], body_size: f32) -> bool {
    let characters: usize = lines.iter().flat_map(|l| &l.segments).map(super::line::Segment::characters).sum();
    lines.len() <= HEADING_LINES
        && characters <= HEADING_CHARACTERS
        && lines.iter().all(|line| line.size >= HEADING_SIZE * body_size)
}

/// The number of first lines that are rows of a table: each with several cells, one of them aligned with the row above.
fn table_rows(lines: &[PlacedLine]) -> usize {
    let Some(first) = lines.first() else { return 0 };
    if first.segments.len() < 2 {
        return 0;
    }
    let aligned = lines.windows(2).take_while(|pair| {
        let (above, below) = (&pair[0], &pair[1]);
        below.segments.len() >= 2
            && below.cell.center().y - above.cell.center().y < 3.0 * above.size.max(below.size)
            && below.segments.iter().skip(1).any(|b| {
                let near = |x: f32, y: f32| (x - y).abs() < ALIGNED * b.size;
                above.segments.iter().skip(1).any(|a| near(a.cell.x, b.cell.x) || near(a.cell.right(), b.cell.right()))
            })
    });
    1 + aligned.count()
}
