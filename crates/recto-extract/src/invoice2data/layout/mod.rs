//! Pages laid out on a grid of characters, as templates with regular expressions expect them: words keep their
//! columns, wide gaps become runs of blanks, gaps between lines become empty lines, and a form feed ends each page.
//!
//! The outcome follows what `pdftotext -layout` of Poppler prints, from the boxes of words alone.

mod block;
mod columns;
mod ink;

use recto_domain::Page;

use self::block::SAME_LINE;
use self::columns::Fragment;
use super::traced::{Place, TracedText};

/// The most line ends between two lines.
const MAX_LINE_ENDS: f32 = 5.0;
/// The widest line in characters; a grid that would be wider is cut off, so that no page makes text without end.
const MAX_COLUMNS: usize = 2000;

/// The text of some pages on a grid.
pub(super) fn lay_out(pages: &[Page]) -> TracedText {
    let mut text = TracedText::default();
    for page in pages {
        let lines = page.blocks.iter().flat_map(|block| &block.lines);
        let words = lines.flat_map(ink::set_words).collect();
        let mut fragments = columns::fragments(block::blocks(words));
        into_rows(&mut fragments);
        print(&fragments, page.number, &mut text);
        text.push_filler("\u{c}");
    }
    text
}

/// Sorts by rows, and from left to right in each.
fn into_rows(fragments: &mut [Fragment<'_>]) {
    fragments.sort_by(|a, b| a.base().total_cmp(&b.base()).then(a.left().total_cmp(&b.left())));
    let mut from = 0;
    while from < fragments.len() {
        let (base, size) = (fragments[from].base(), fragments[from].size());
        let in_row = |fragment: &&Fragment<'_>| fragment.base() - base < SAME_LINE * size;
        let to = from + fragments[from..].iter().take_while(in_row).count().max(1);
        fragments[from..to].sort_by(|a, b| a.left().total_cmp(&b.left()));
        from = to;
    }
}

fn print(fragments: &[Fragment<'_>], page: u32, text: &mut TracedText) {
    let mut column = 0;
    for (index, fragment) in fragments.iter().enumerate() {
        let blanks = fragment.column.min(MAX_COLUMNS).saturating_sub(column);
        text.push_filler(&" ".repeat(blanks));
        column += blanks;
        for (at, set) in fragment.words.iter().enumerate() {
            if at > 0 {
                text.push_filler(" ");
                column += 1;
            }
            text.push_word(&set.word.text, Place { page, bbox: set.word.bbox });
            column += set.word.text.chars().count();
        }
        let Some(next) = fragments.get(index + 1) else {
            text.push_filler("\n");
            continue;
        };
        let down = (next.base() - fragment.base()) / fragment.size();
        if down.abs() > SAME_LINE || next.column < column {
            text.push_filler(&"\n".repeat(down.clamp(1.0, MAX_LINE_ENDS) as usize));
            column = 0;
        }
    }
}
