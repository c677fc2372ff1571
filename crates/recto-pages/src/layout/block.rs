//! Paragraphs, headings and tables out of the lines of a region.

use recto_domain::{Block, BlockKind};

use super::frame::Direction;
use super::line::PlacedLine;

/// Lines further apart than this many type sizes, from middle to middle, are of different blocks.
const LINE_STEP: f32 = 1.75;
/// A step longer than the block's by this factor ends the block.
const LONGER_STEP: f32 = 1.3;
/// Sizes of one block differ by no more than this factor.
const SIZE_RATIO: f32 = 1.25;
/// A first line is indented by one to this many type sizes.
const INDENT: std::ops::Range<f32> = 0.8..6.0;
/// A heading is larger than the page's text by this factor,
const HEADING_SIZE: f32 = 1.18;
/// and not longer.
const HEADING_LINES: usize = 3;
const HEADING_CHARACTERS: usize = 200;
/// A table has at least this many rows of several cells.
const TABLE_ROWS: usize = 3;
/// Edges of cells that differ by less, in type sizes, are aligned.
const ALIGNED: f32 = 0.5;

/// The blocks of lines that follow each other from top to bottom. `body_size` is the type size of most of the page.
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

/// How many lines from the first on make up a paragraph; at least 1.
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

/// Whether the line is indented against the block above, whose last line stood at the left edge.
fn starts_paragraph(block: &[PlacedLine], next: &PlacedLine) -> bool {
    let (Some(first), Some(last)) = (block.first(), block.last()) else { return false };
    let left = block.iter().map(|l| l.cell.x).fold(f32::INFINITY, f32::min);
    let right = block.iter().map(|l| l.cell.right()).fold(f32::NEG_INFINITY, f32::max);
    let indented = INDENT.contains(&((next.cell.x - left) / next.size));
    let flush = last.cell.x - left < 0.4 * last.size;
    // Centred lines are indented too, on both sides alike.
    let centred = ((next.cell.x - left) - (right - next.cell.right())).abs() < next.size;
    indented && flush && !centred && (block.len() > 1 || first.cell.right() < right + 1.0)
}

fn is_heading(lines: &[PlacedLine], body_size: f32) -> bool {
    let characters: usize = lines.iter().flat_map(|l| &l.segments).map(super::line::Segment::characters).sum();
    lines.len() <= HEADING_LINES
        && characters <= HEADING_CHARACTERS
        && lines.iter().all(|line| line.size >= HEADING_SIZE * body_size)
}

/// How many lines from the first on are rows of a table: several cells each, one of them aligned with the row above.
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
