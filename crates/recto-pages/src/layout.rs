//! Groups placed characters into words, lines and blocks in reading order. This is pure geometry, independent of PDF.

mod added;
mod bidi;
mod block;
mod column;
mod doubled;
mod frame;
mod line;
mod raised;
mod spacing;
mod unicode;
mod visual;
mod word;

pub(crate) use added::{ADDED, add_box, add_text};
pub(crate) use bidi::is_right_to_left;
pub(crate) use doubled::copies;
pub(crate) use frame::Direction;
pub(crate) use unicode::is_unusable;
pub(crate) use word::{Glyph, Piece};

use recto_domain::Block;

/// The blocks, in reading order, of a stream of characters, which must be in logical order within its lines.
///
/// Text in the direction of most of the page comes first, followed by each other direction. Takes about `n log n` steps
/// for `n` characters.
pub(crate) fn blocks(pieces: &[Piece]) -> Vec<Block> {
    let words = visual::in_place(word::words(&frame::with_vertical_runs(pieces)));
    let from_right = word::runs_from_right(&words);
    let body_size = word::typical_size(&words);
    frame::by_direction(words)
        .into_iter()
        .flat_map(|(direction, words)| {
            column::regions(&line::segments(words))
                .into_iter()
                .flat_map(move |region| block::blocks(&line::lines(region, from_right), direction, body_size))
        })
        .collect()
}
