//! The part of a page that an exported page shows: all of it, or one half of a book's spread; unchanged or
//! straightened.

use recto_domain::{Block, Line, Page, Rect, Size, Word};

use super::carried_page::gets_words;
use super::matrix::{Frame, Matrix};
use super::text::{Direction, median};
use crate::options::PdfOptions;

/// Lines with a smaller slant, in degrees, count as level: a page of A4 is then off by half a millimetre.
const STRAIGHT: f64 = 0.1;
/// Slants are alike if they differ by at most this, in degrees …
const ALIKE: f64 = 1.0;
/// … and a page is skewed if this share of its letters is in such lines.
const MOST: f64 = 0.7;
/// The margin around words that would leave the page, in points.
const MARGIN: f32 = 9.0;
/// The least ratio of a spread's width to its height: that of two pages of the narrowest books.
const WIDE: f32 = 1.1;
/// The gutter is in this part of the width …
const MIDDLE: [f32; 2] = [0.4, 0.6];
/// … and at least this share of the width there is free of words.
const GUTTER: f32 = 0.02;
/// Each half has at least this many lines, or none.
const LINES: usize = 4;

/// A page of the export.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    /// Its words at their positions in it, and its size.
    pub(super) page: Page,
    /// The map from the displayed page to this view; y upwards from the bottom left corners of both.
    pub(super) from_page: Matrix,
    /// How it differs from the page, worded for a person.
    pub(super) changes: Vec<String>,
}

/// The pages that a page becomes, in reading order; at least one.
pub(super) fn views(page: &Page, options: &PdfOptions) -> Vec<View> {
    let whole = View::whole(page);
    if !gets_words(page) {
        return vec![whole];
    }
    let parts = match gutter(page).filter(|_| options.split_spreads) {
        Some(gutter) => vec![whole.part(0.0, gutter, "left"), whole.part(gutter, page.size.width, "right")],
        None => vec![whole],
    };
    parts.into_iter().map(|part| if options.deskew { part.straightened() } else { part }).collect()
}

impl View {
    /// The whole page, unchanged.
    pub(super) fn whole(page: &Page) -> Self {
        Self { page: page.clone(), from_page: Matrix::IDENTITY, changes: Vec::new() }
    }

    /// Whether it shows the page unchanged.
    pub(super) fn is_whole(&self) -> bool {
        self.changes.is_empty()
    }

    /// The strip of a page between two positions from its left edge.
    fn part(&self, from: f32, to: f32, side: &str) -> Self {
        let is_in = |word: &&Word| (from..to).contains(&word.bbox.center().x);
        let moved = |word: &Word| Word { bbox: Rect { x: word.bbox.x - from, ..word.bbox }, ..word.clone() };
        let line = |line: &Line| Line::of(line.angle, line.words.iter().filter(is_in).map(moved).collect());
        let block = |block: &Block| Block::of(block.kind, block.lines.iter().filter_map(line).collect());
        let blocks = self.page.blocks.iter().filter_map(block).collect();
        Self {
            page: Page { blocks, size: Size { width: to - from, ..self.page.size }, ..self.page.clone() },
            from_page: self.from_page.then(Matrix::translation(-f64::from(from), 0.0)),
            changes: vec![format!("it shows the {side} half of a spread")],
        }
    }

    /// The page rotated so that its lines are level, and enlarged if words would leave it.
    fn straightened(self) -> Self {
        let Some(skew) = skew(&self.page) else { return self };
        let (width, height) = (f64::from(self.page.size.width), f64::from(self.page.size.height));
        let (sin, cos) = skew.to_radians().sin_cos();
        let about = |x: f64, y: f64| Matrix::translation(-x, -y);
        let turn =
            about(width / 2.0, height / 2.0).then(Matrix::turned(-sin, cos)).then(about(-width / 2.0, -height / 2.0));
        let turned = |line: &Line| {
            let angle = f64::from(line.angle) - skew;
            let words = line.words.iter().map(|word| turned_word(word, line, angle, turn, height)).collect();
            Line::of(angle as f32, words)
        };
        let block = |block: &Block| Block::of(block.kind, block.lines.iter().filter_map(turned).collect());
        let blocks: Vec<Block> = self.page.blocks.iter().filter_map(block).collect();
        let sheet = Rect { x: 0.0, y: 0.0, width: self.page.size.width, height: self.page.size.height };
        let outside = |block: &&Block| {
            let b = block.bbox;
            b.x < 0.0 || b.y < 0.0 || b.x + b.width > sheet.width || b.y + b.height > sheet.height
        };
        let with_margin = |block: &Block| {
            let b = block.bbox;
            Rect { x: b.x - MARGIN, y: b.y - MARGIN, width: b.width + 2.0 * MARGIN, height: b.height + 2.0 * MARGIN }
        };
        let boxes = blocks.iter().filter(outside).map(with_margin).chain([sheet]);
        let shown = Rect::around(boxes).unwrap_or(sheet);
        let moved = |rect: Rect| Rect { x: rect.x - shown.x, y: rect.y - shown.y, ..rect };
        let mut page = Page { blocks, size: Size { width: shown.width, height: shown.height }, ..self.page };
        for block in &mut page.blocks {
            block.bbox = moved(block.bbox);
            for line in &mut block.lines {
                line.bbox = moved(line.bbox);
                line.words.iter_mut().for_each(|word| word.bbox = moved(word.bbox));
            }
        }
        // From the bottom of the page to the bottom of the shown part.
        let down = f64::from(shown.y + shown.height) - height;
        let from_page = self.from_page.then(turn).then(Matrix::translation(-f64::from(shown.x), down));
        let mut changes = self.changes;
        changes.push(format!("it was rotated by {:.1} degrees", -skew));
        Self { page, from_page, changes }
    }

    /// How a page must be changed to show this view, if `frame` is its visible area in user space: the new visible
    /// area, the map from the old to the new user space, and the map from this view (y upwards) to the new user space.
    pub(super) fn in_user_space(&self, displayed: Size, to_user: Matrix, frame: Frame, sideways: bool) -> InUserSpace {
        // The sizes may differ by a factor, as on pages with a `UserUnit`.
        let shown = if sideways { displayed.height } else { displayed.width };
        let factor = if shown > 0.0 { (frame.right - frame.left) / f64::from(shown) } else { 1.0 };
        let (width, height) = (f64::from(self.page.size.width) * factor, f64::from(self.page.size.height) * factor);
        let (width, height) = if sideways { (height, width) } else { (width, height) };
        let frame = Frame { left: 0.0, bottom: 0.0, right: width, top: height };
        let view_to_user = Matrix::displayed_to_user(self.page.size, self.page.rotation, frame);
        let old_to_new = to_user.inverse().unwrap_or(Matrix::IDENTITY).then(self.from_page).then(view_to_user);
        InUserSpace { frame, old_to_new, view_to_user }
    }
}

/// The position of a view in the user space of its page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct InUserSpace {
    pub(super) frame: Frame,
    pub(super) old_to_new: Matrix,
    pub(super) view_to_user: Matrix,
}

/// A word on a page that was rotated, as part of a line that then runs at `angle` degrees.
fn turned_word(word: &Word, line: &Line, angle: f64, turn: Matrix, height: f64) -> Word {
    let (length, tall) = Direction::of(line.angle.into()).sides(&word.bbox);
    let center = word.bbox.center();
    let (x, y) = turn.place((center.x.into(), height - f64::from(center.y)));
    let (sin, cos) = Direction::of(angle).unsigned();
    let (wide, high) = ((length * cos + tall * sin) as f32, (length * sin + tall * cos) as f32);
    let (x, y) = (x as f32, (height - y) as f32);
    Word { bbox: Rect { x: x - wide / 2.0, y: y - high / 2.0, width: wide, height: high }, ..word.clone() }
}

/// The skew of a page, in degrees clockwise; `None` if it is straight, or if its lines do not agree.
fn skew(page: &Page) -> Option<f64> {
    let lines = || page.blocks.iter().flat_map(|block| &block.lines);
    let lean = |line: &Line| {
        let degrees = f64::from(line.angle);
        let quarters = (degrees / 90.0).round();
        (degrees.is_finite() && quarters.rem_euclid(4.0) == 0.0).then_some(degrees - quarters * 90.0)
    };
    let letters = |line: &Line| line.words.iter().map(|word| word.text.chars().count()).sum::<usize>().min(500);
    let leans: Vec<f64> = lines()
        .flat_map(|line| lean(line).into_iter().flat_map(|lean| std::iter::repeat_n(lean, letters(line))))
        .collect();
    let all: usize = lines().map(letters).sum();
    let skew = median(leans.clone())?;
    let alike = leans.iter().filter(|lean| (*lean - skew).abs() <= ALIKE).count();
    (skew.abs() >= STRAIGHT && alike as f64 >= MOST * all as f64).then_some(skew)
}

/// The position of a spread's gutter, in points from the left; `None` if the page is not a spread.
fn gutter(page: &Page) -> Option<f32> {
    let Size { width, height } = page.size;
    if width < WIDE * height {
        return None;
    }
    let [from, to] = MIDDLE.map(|share| share * width);
    let mut words: Vec<(f32, f32)> = page.words().map(|word| (word.bbox.x, word.bbox.x + word.bbox.width)).collect();
    words.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut end = from;
    let mut widest: Option<(f32, f32)> = None;
    for (left, right) in words.into_iter().chain([(to, to)]) {
        let left = left.min(to);
        if left - end > widest.map_or(0.0, |(from, to)| to - from) {
            widest = Some((end, left));
        }
        end = end.max(right);
    }
    let (left, right) = widest.filter(|(left, right)| right - left >= GUTTER * width)?;
    // A book lies near the middle of the scanner, and lines that end early make a gutter look wider than it is.
    let margin = (right - left) / 4.0;
    let gutter = (width / 2.0).clamp(left + margin, right - margin);
    let lines = |is_left: bool| {
        let is_there = |line: &&Line| line.words.iter().any(|word| (word.bbox.center().x < gutter) == is_left);
        page.blocks.iter().flat_map(|block| &block.lines).filter(is_there).count()
    };
    let is_page = |lines: usize| lines == 0 || lines >= LINES;
    (is_page(lines(true)) && is_page(lines(false))).then_some(gutter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::{BlockKind, PageSource, Rotation};

    use super::*;

    /// A page of lines skewed by that many degrees about its centre, each with words of that text.
    fn askew(size: Size, degrees: f32, starts: &[f32]) -> Page {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (cx, cy) = (size.width / 2.0, size.height / 2.0);
        let word = |x: f32, y: f32| {
            let (long, tall) = (40.0, 10.0);
            let (dx, dy) = (x + long / 2.0 - cx, y - cy);
            let (px, py) = (cx + dx * cos - dy * sin, cy + dx * sin + dy * cos);
            let (wide, high) = (long * cos + tall * sin.abs(), long * sin.abs() + tall * cos);
            let bbox = Rect { x: px - wide / 2.0, y: py - high / 2.0, width: wide, height: high };
            Word { text: "letters".to_owned(), bbox, confidence: 0.9 }
        };
        let line = |start: f32, row: usize| {
            let y = 80.0 + 20.0 * row as f32;
            Line::of(degrees, (0..4).map(|k| word(start + 50.0 * k as f32, y)).collect())
        };
        let block =
            |start: &f32| Block::of(BlockKind::Paragraph, (0..12).filter_map(|row| line(*start, row)).collect());
        let source = PageSource::Engine("test".to_owned());
        Page::read(1, size, Rotation::None, source, None, starts.iter().filter_map(block).collect())
    }

    fn all() -> PdfOptions {
        PdfOptions { deskew: true, split_spreads: true, ..PdfOptions::default() }
    }

    const A4: Size = Size { width: 595.0, height: 842.0 };

    proptest! {
        #[test]
        fn words_stand_level_after_a_page_is_set_straight_and_where_its_picture_has_them(degrees in -25f32..25.0) {
            prop_assume!(degrees.abs() > 0.4);
            let page = askew(A4, degrees, &[60.0, 330.0]);
            let [view] = &views(&page, &all())[..] else { panic!("one page") };
            prop_assert_eq!(view.changes.len(), 1);
            for (before, after) in page.words().zip(view.page.words()) {
                prop_assert!((after.bbox.height - 10.0).abs() < 0.6, "{:?}", after.bbox);
                prop_assert!((after.bbox.width - 40.0).abs() < 0.6, "{:?}", after.bbox);
                let from = before.bbox.center();
                let (x, y) = view.from_page.place((from.x.into(), f64::from(A4.height - from.y)));
                let to = after.bbox.center();
                prop_assert!((x - f64::from(to.x)).abs() < 0.1, "{x} {:?}", to);
                prop_assert!((y - f64::from(view.page.size.height - to.y)).abs() < 0.1, "{y} {:?}", to);
                prop_assert!(after.bbox.x >= 0.0 && after.bbox.x + after.bbox.width <= view.page.size.width);
                prop_assert!(after.bbox.y >= 0.0 && after.bbox.y + after.bbox.height <= view.page.size.height);
            }
        }

        #[test]
        fn every_word_of_a_spread_is_on_one_of_its_halves(degrees in -2f32..2.0) {
            let page = askew(Size { width: 842.0, height: 595.0 }, degrees, &[60.0, 520.0]);
            let options = PdfOptions { split_spreads: true, ..PdfOptions::default() };
            let [left, right] = &views(&page, &options)[..] else { panic!("two pages") };
            let count = |view: &View| view.page.words().count();
            prop_assert_eq!((count(left), count(right)), (48, 48));
            prop_assert!((left.page.size.width + right.page.size.width - 842.0).abs() < 0.01);
            let inside = |view: &View| view.page.words().all(|w| w.bbox.x >= 0.0 && w.bbox.x + w.bbox.width <= view.page.size.width);
            prop_assert!(inside(left) && inside(right));
        }
    }

    #[test]
    fn a_page_without_a_gutter_or_askew_lines_is_shown_as_it_lies() {
        let landscape = Size { width: 842.0, height: 595.0 };
        // Text across the middle, a page as high as it is wide, and no request to split.
        for page in [askew(landscape, 0.0, &[60.0, 330.0, 520.0]), askew(A4, 0.0, &[60.0, 330.0])] {
            assert!(views(&page, &all()).iter().all(View::is_whole));
        }
        let askew = askew(landscape, 3.0, &[60.0, 520.0]);
        assert!(views(&askew, &PdfOptions::default()).iter().all(View::is_whole));
        // A text layer is left as its file has it.
        let layer = Page { source: Some(PageSource::TextLayer), ..askew };
        assert!(views(&layer, &all()).iter().all(View::is_whole));
    }
}
