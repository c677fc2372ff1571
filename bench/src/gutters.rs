//! What is learnt about gutters: the evidence of each, and whether the truth goes across it or down beside it.

use std::fmt::Write as _;

use recto_domain::{Block, Line, Rect};
use recto_layout::{Piece, gutters};

use crate::order::{ends, plain};

/// A gap of this many heights of a line parts pieces.
const GAP: f32 = 1.2;

/// A piece and its letters and digits.
type Told = (Piece, String);

/// One line for each gutter of a page that the truth tells of: its name, how often the truth goes down where reading
/// across would break it less how often it goes across, and the measures.
pub(crate) fn table(name: &str, blocks: &[Block], truth: &str) -> String {
    let told: Vec<Told> = blocks.iter().flat_map(|block| &block.lines).flat_map(pieces).collect();
    let pieces: Vec<Piece> = told.iter().map(|piece| piece.0.clone()).collect();
    let steps: Vec<(usize, usize)> = ends(truth).iter().filter_map(|(from, to)| step(&told, from, to)).collect();
    let mut table = String::new();
    let from_right = truth.chars().any(|c| ('\u{590}'..='\u{8FF}').contains(&c));
    for gutter in gutters(&pieces) {
        let (first, second) = if from_right { (&gutter.right, &gutter.left) } else { (&gutter.left, &gutter.right) };
        let sum: i32 = steps.iter().map(|&step| weight(&pieces, first, second, step)).sum();
        if sum != 0 {
            let measures: Vec<String> = gutter.evidence.measures().iter().map(|m| format!("{m:.4}")).collect();
            let _ = writeln!(table, "{name}\t{sum}\t{}", measures.join("\t"));
        }
    }
    table
}

/// The pieces of a line of a text that was put in lines across gutters.
pub(crate) fn pieces(line: &Line) -> Vec<Told> {
    let mut words: Vec<_> = line.words.iter().collect();
    words.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
    let size = words.iter().map(|word| word.bbox.height).fold(0.0, f32::max);
    let parts = words.chunk_by(|a, b| b.bbox.x - a.bbox.right() < GAP * size);
    let piece = |part: &[&recto_domain::Word]| {
        // The words in their logical order.
        let logical = line.words.iter().filter(|word| part.iter().any(|other| std::ptr::eq(*other, *word)));
        let text = logical.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let bounds = Rect::around(part.iter().map(|word| word.bbox))?;
        Some((Piece::new(bounds, size, &text), plain(&text)))
    };
    parts.filter_map(piece).collect()
}

/// The only piece with that end and the only one with that beginning.
fn step(told: &[Told], from: &str, to: &str) -> Option<(usize, usize)> {
    let only = |is: &dyn Fn(&str) -> bool| {
        let mut found = told.iter().enumerate().filter(|(_, piece)| is(&piece.1)).map(|(at, _)| at);
        found.next().filter(|_| found.next().is_none())
    };
    Some((only(&|text| text.ends_with(from))?, only(&|text| text.starts_with(to))?))
}

/// 1 for a step down one side that reading across would break, -1 for a step across.
fn weight(pieces: &[Piece], first: &[usize], second: &[usize], (from, to): (usize, usize)) -> i32 {
    let beside = |a: usize, b: usize| (middle(&pieces[a]) - middle(&pieces[b])).abs() < 0.5 * pieces[a].size;
    let comes_between = |at: usize, other: &[usize]| !beside(from, to) && other.iter().any(|&piece| beside(at, piece));
    if first.contains(&from) && first.contains(&to) {
        i32::from(comes_between(from, second))
    } else if second.contains(&from) && second.contains(&to) {
        i32::from(comes_between(to, first))
    } else {
        -i32::from(first.contains(&from) && second.contains(&to) && beside(from, to))
    }
}

fn middle(piece: &Piece) -> f32 {
    piece.bounds.center().y
}
