//! What the structure of a page costs: `cargo bench -p recto-layout`

use divan::Bencher;
use divan::counter::ItemsCount;
use recto_domain::{Block, BlockKind, Line, Page, PageSource, Rect, Rotation, Size, Word};
use recto_layout::{elements, ordered, tables};

fn main() {
    divan::main();
}

/// A page of that many lines, in two columns of prose over a table of four columns.
fn page(lines: usize) -> Page {
    let word = |text: &str, x: f32, y: f32| {
        let bbox = Rect { x, y, width: 4.0 * text.chars().count() as f32, height: 7.0 };
        Word { text: text.to_owned(), bbox, confidence: 0.95 }
    };
    let prose = |x: f32, row: usize| {
        let words = ["The", "committee", "met", "on", "the", "first", "Monday"];
        let mut at = x;
        let words = words.iter().map(|text| {
            let word = word(text, at, 40.0 + 9.0 * row as f32);
            at = word.bbox.right() + 4.0;
            word
        });
        Line::of(0.0, words.collect())
    };
    let cell = |column: usize, row: usize| {
        let text = ["Bolt M8", "12", "1.25", "15.00"][column].replace(' ', "-");
        Line::of(0.0, vec![word(&text, 60.0 + 120.0 * column as f32, 420.0 + 11.0 * row as f32)])
    };
    let columns = [60.0, 310.0].into_iter().flat_map(|x| (0..lines / 3).map(move |row| (x, row)));
    let cells = (0..lines / 3).flat_map(|row| (0..4).map(move |column| (column, row)));
    let lines = columns.filter_map(|(x, row)| prose(x, row)).chain(cells.filter_map(|(column, row)| cell(column, row)));
    let blocks = lines.filter_map(|line| Block::of(BlockKind::Paragraph, vec![line])).collect();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks)
}

/// Lines of the pages: a letter, a dense page.
const LINES: [usize; 2] = [30, 110];

#[divan::bench(args = LINES)]
fn structure(bencher: Bencher, lines: usize) {
    let page = page(lines);
    bencher.counter(ItemsCount::new(page.words().count())).bench(|| elements(divan::black_box(&page)));
}

#[divan::bench(args = LINES)]
fn only_tables(bencher: Bencher, lines: usize) {
    let page = page(lines);
    bencher.counter(ItemsCount::new(page.words().count())).bench(|| tables(divan::black_box(&page)));
}

#[divan::bench(args = LINES)]
fn reading_order(bencher: Bencher, lines: usize) {
    let page = page(lines);
    let words = page.words().count();
    bencher.counter(ItemsCount::new(words)).with_inputs(|| page.blocks.clone()).bench_values(ordered);
}
