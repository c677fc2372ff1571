//! Invisible text over a page's picture. Each word is in its box, in its line's direction, and the lines are placed so
//! that viewers find them in reading order.

mod level;
mod size;
mod stand;

use std::collections::BTreeSet;

use recto_domain::{Line, Page};
use unicode_bidi::BidiInfo;

use super::font::{DESCENT, GLYPH_WIDTH, InvisibleFont, Reach};
use super::matrix::Matrix;
use super::object::print;
use level::{Leveller, Slope};
use size::Sizes;
pub(super) use stand::{Direction, median};
use stand::{Stand, aligned};

/// A wide gap between words, as a multiple of the line's height.
const WIDE: f64 = 2.5;

/// The content stream with a page's words, and the fonts it needs; empty when the page has no words.
///
/// `to_user` maps the displayed page (y upwards from its bottom left corner) to the page's user space. `font_name` is
/// the prefix of the fonts' names in the page's resources.
pub(super) fn content(
    page: &Page,
    to_user: Matrix,
    font_name: &str,
    font: &mut InvisibleFont,
) -> (Vec<u8>, BTreeSet<Reach>) {
    let mut pen =
        Pen { page_height: f64::from(page.size.height), font_name, font, reaches: BTreeSet::new(), out: Vec::new() };
    let lines: Vec<Placed<'_>> = page.blocks.iter().flat_map(|block| Placed::of_block(&block.lines)).collect();
    if lines.is_empty() {
        return (pen.out, pen.reaches);
    }
    // It is enclosed in q and Q, so that it does not affect the page's own contents. Mode 3 paints nothing.
    print(&mut pen.out, format_args!("q {to_user} cm 3 Tr\n"));
    let sizes = Sizes::of(&lines);
    let leveller = Leveller::of(&lines);
    for line in &lines {
        let size = sizes.size(line);
        // Letters are centred in their line's height.
        let baseline = line.whole.middle() + (0.5 - DESCENT) * size;
        match leveller.slope(line, baseline) {
            Some(slope) => pen.slanted_line(line, size, baseline, slope),
            None => pen.straight_line(line, size, baseline),
        }
    }
    pen.out.extend_from_slice(b"Q\n");
    (pen.out, pen.reaches)
}

/// A line and the positions of its words.
struct Placed<'a> {
    line: &'a Line,
    direction: Direction,
    words: Vec<Stand>,
    /// The extent of the whole line.
    whole: Stand,
    /// The median height of its block's lines.
    block_height: f64,
    /// Their distance, if there are several.
    block_pitch: Option<f64>,
    /// Whether most of them contain a wide gap, like the rows of tables.
    has_columns: bool,
}

impl<'a> Placed<'a> {
    fn of_block(lines: &'a [Line]) -> Vec<Self> {
        let mut placed: Vec<Self> = lines.iter().filter_map(Self::of).collect();
        let heights = placed.iter().map(|line| line.whole.height()).collect();
        let block_height = stand::median(heights).unwrap_or_default();
        let apart = |pair: &[Self]| pair[1].whole.middle() - pair[0].whole.middle();
        // Pieces of one line are side by side.
        let pitches = placed.windows(2).map(apart).filter(|pitch| *pitch > 0.6 * block_height).collect();
        let block_pitch = stand::median(pitches);
        let parted = placed.iter().filter(|line| line.is_parted()).count();
        let has_columns = 2 * parted >= placed.len();
        for line in &mut placed {
            (line.block_height, line.block_pitch, line.has_columns) = (block_height, block_pitch, has_columns);
        }
        placed
    }

    fn of(line: &'a Line) -> Option<Self> {
        let direction = Direction::of(line.angle.into());
        let (words, whole) = aligned(line, direction)?;
        Some(Self {
            line,
            direction,
            words,
            whole,
            block_height: whole.height(),
            block_pitch: None,
            has_columns: false,
        })
    }

    /// Whether words are so far apart that they are not read as one piece of text.
    fn is_parted(&self) -> bool {
        self.words.windows(2).any(|pair| pair[0].gap(pair[1]).length > WIDE * self.whole.height())
    }

    /// The number of letters of the line, up to a limit.
    fn letters(&self) -> usize {
        self.line.words.iter().map(|word| word.text.chars().count()).sum::<usize>().min(500)
    }

    /// Each word with the gap to the next, in reading order.
    fn words(&self) -> Vec<Shown> {
        let texts = self.line.words.iter().map(|word| in_visual_order(&word.text));
        let shown = texts.zip(&self.words).map(|(text, stand)| Shown { text, stand: *stand, gap: None });
        with_gaps(shown.collect())
    }

    /// Each word with the gap to the next. In a line with a right-to-left script, the order is from left to right:
    /// viewers expect that of a level line and reverse it as a whole.
    fn words_from_the_left(&self) -> Vec<Shown> {
        let mut words = self.words();
        if self.line.words.iter().any(|word| BidiInfo::new(&word.text, None).has_rtl()) {
            words.sort_by(|a, b| a.stand.along.total_cmp(&b.stand.along));
        }
        with_gaps(words)
    }
}

/// A word as it is shown.
struct Shown {
    /// Its characters from left to right.
    text: String,
    stand: Stand,
    /// The gap between it and the next word.
    gap: Option<Stand>,
}

fn with_gaps(mut words: Vec<Shown>) -> Vec<Shown> {
    let next: Vec<Stand> = words.iter().skip(1).map(|word| word.stand).collect();
    for (index, word) in words.iter_mut().enumerate() {
        word.gap = next.get(index).map(|next| word.stand.gap(*next));
    }
    words
}

/// Writes the operators of lines.
struct Pen<'a> {
    page_height: f64,
    font_name: &'a str,
    font: &'a mut InvisibleFont,
    /// The fonts used so far.
    reaches: BTreeSet<Reach>,
    out: Vec<u8>,
}

impl Pen<'_> {
    fn straight_line(&mut self, line: &Placed<'_>, size: f64, baseline: f64) {
        let font = self.font(Reach::default());
        print(&mut self.out, format_args!("BT/{font} {} Tf\n", Decimal(size, 2)));
        for Shown { text, stand, gap } in line.words_from_the_left() {
            let shift = if in_line(stand, line.whole) { 0.0 } else { stand.bottom - line.whole.bottom };
            self.placed_word(&text, stand, size, baseline + shift, line.direction);
            // A space fills the gap to the next word, so that copied text has separate words.
            if let Some(gap) = gap {
                self.placed_word(" ", gap, size, baseline + shift, line.direction);
            }
        }
        self.out.extend_from_slice(b"ET\n");
    }

    fn placed_word(&mut self, text: &str, stand: Stand, size: f64, baseline: f64, direction: Direction) {
        let (x, y) = direction.on_page(stand.along, baseline);
        let Direction { sin, cos, .. } = direction;
        let turn = [cos, -sin, sin, cos].map(|number| Decimal(number, 4));
        let glyphs = glyphs(text);
        self.stretch(glyphs.len(), stand.length, size);
        let [a, b, c, d] = turn;
        print(&mut self.out, format_args!("{a} {b} {c} {d} {} {} Tm", Decimal(x, 2), Decimal(self.page_height - y, 2)));
        self.show(&glyphs);
    }

    /// Writes a slanted line. Every word is drawn at its place. Its text is a replacement text that ends in the
    /// coordinate system of the level line, by which programs without support for slanted lines place it.
    fn slanted_line(&mut self, line: &Placed<'_>, size: f64, baseline: f64, slope: Slope) {
        let drawn = Matrix::turned(line.direction.sin, line.direction.cos)
            .then(Matrix::translation_of(line.direction.on_page(line.whole.along, baseline), self.page_height));
        let level = slope.matrix(self.page_height);
        let Some(back) = level.inverse() else { return self.straight_line(line, size, baseline) };
        let slant = drawn.then(back);
        print(&mut self.out, format_args!("q {level} cm\n"));
        let font = self.font(Reach::default());
        let mut reached = None;
        let mut before: Option<Stand> = None;
        for Shown { text, stand, gap } in line.words() {
            let reach =
                slope.reach(line.direction.on_page(stand.along + stand.length / 2.0, line.whole.middle()), size);
            if reached.replace(reach) != Some(reach) {
                let tall = self.font(reach);
                print(&mut self.out, format_args!("/{tall} {} Tf", Decimal(size, 2)));
            }
            self.out.extend_from_slice(b"/Span<</ActualText<FEFF");
            for unit in text.encode_utf16() {
                print(&mut self.out, format_args!("{unit:04X}"));
            }
            self.out.extend_from_slice(b">>>BDC ");
            let drawn = |pen: &mut Self, glyphs: &[String], stand: Stand| {
                print(&mut pen.out, format_args!("q {slant} cm BT/{font} {} Tf ", Decimal(size, 2)));
                pen.stretch(glyphs.len(), stand.length, size);
                print(&mut pen.out, format_args!("{} 0 Td", Decimal(stand.along - line.whole.along, 2)));
                pen.show(glyphs);
                pen.out.extend_from_slice(b"ET Q ");
            };
            let mut glyphs = glyphs(&text);
            if before.replace(stand).is_some_and(|before| stand.along < before.along) {
                begin_with_blank(&mut glyphs);
            }
            drawn(self, &glyphs, stand);
            self.out.extend_from_slice(b"EMC\n");
            if let Some(gap) = gap {
                drawn(self, &[" ".to_owned()], gap);
            }
        }
        self.out.extend_from_slice(b"Q\n");
    }

    /// The name of the invisible font with that reach.
    fn font(&mut self, reach: Reach) -> String {
        self.reaches.insert(reach);
        reach.font_name(self.font_name)
    }

    /// Stretches that many glyphs to that length.
    fn stretch(&mut self, glyphs: usize, length: f64, size: f64) {
        let width = glyphs.max(1) as f64 * GLYPH_WIDTH * size;
        print(&mut self.out, format_args!("{} Tz ", Decimal(length / width * 100.0, 2)));
    }

    fn show(&mut self, glyphs: &[String]) {
        self.out.push(b'<');
        for glyph in glyphs {
            print(&mut self.out, format_args!("{:04X}", self.font.code(glyph)));
        }
        self.out.extend_from_slice(b">Tj\n");
    }
}

/// The meanings of a text's glyphs: one character each.
fn glyphs(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

/// Makes a space before a word, in left-to-right display order, be part of its text.
///
/// PDF.js treats each word of a slanted line separately, and derives a space only from a movement to the right. An
/// explicit space is read if it is at the end of a glyph's meaning, or after a mark that gives the direction of the
/// text.
fn begin_with_blank(glyphs: &mut [String]) {
    if glyphs.iter().any(|glyph| BidiInfo::new(glyph, None).has_rtl()) {
        glyphs.last_mut().into_iter().for_each(|last| last.push(' '));
    } else {
        glyphs.first_mut().into_iter().for_each(|first| first.insert_str(0, "\u{200f} "));
    }
}

/// Whether a word has its line's height.
fn in_line(word: Stand, line: Stand) -> bool {
    word.top == line.top && word.bottom == line.bottom
}

/// A word's characters from left to right as displayed. Viewers expect this order, and reverse right-to-left text when
/// it is copied.
fn in_visual_order(word: &str) -> String {
    let bidi = BidiInfo::new(word, None);
    match bidi.paragraphs.first() {
        Some(paragraph) if bidi.has_rtl() => bidi.reorder_line(paragraph, paragraph.range.clone()).into_owned(),
        _ => word.to_owned(),
    }
}

/// Prints a number with at most that many decimals and without trailing zeros.
struct Decimal(f64, i32);

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10f64.powi(self.1);
        // Adding zero turns a negative zero into a positive one.
        let rounded = (self.0 * scale).round() / scale + 0.0;
        write!(f, "{}", if rounded.is_finite() { rounded } else { 0.0 })
    }
}

impl std::fmt::Display for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, x, y] = self.0.map(|number| Decimal(number, 5));
        write!(f, "{a} {b} {c} {d} {x} {y}")
    }
}
