//! Invisible text over a page's picture: each word lies in its box, along its line's direction.

use recto_domain::{Line, Page, Rect};
use unicode_bidi::BidiInfo;

use super::font::{DESCENT, GLYPH_WIDTH, InvisibleFont};
use super::matrix::Matrix;
use super::object::print;

/// A word no smaller than this can be placed, in points.
const SMALLEST: f64 = 0.1;

/// The content stream that lays a page's words over it; empty when it has none.
///
/// `to_user` takes the displayed page (y upwards from its bottom left corner) to the page's user space; `font_name` is
/// the font's name in the page's resources.
pub(super) fn content(page: &Page, to_user: Matrix, font_name: &str, font: &mut InvisibleFont) -> Vec<u8> {
    let mut out = Vec::new();
    for line in page.blocks.iter().flat_map(|block| &block.lines) {
        if out.is_empty() {
            // Between q and Q, so that nothing of it reaches what the page draws itself. Mode 3 paints nothing.
            out.extend_from_slice(b"q");
            for number in to_user.0 {
                print(&mut out, format_args!(" {}", Decimal(number, 5)));
            }
            out.extend_from_slice(b" cm\nBT\n3 Tr\n");
        }
        lay_line(line, f64::from(page.size.height), font_name, font, &mut out);
    }
    if !out.is_empty() {
        out.extend_from_slice(b"ET\nQ\n");
    }
    out
}

/// A word's place in its line's own directions, in points: `along` the line and `across` it, downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stand {
    along: f64,
    length: f64,
    top: f64,
    bottom: f64,
}

fn lay_line(line: &Line, page_height: f64, font_name: &str, font: &mut InvisibleFont, out: &mut Vec<u8>) {
    let direction = Direction::of(line.angle.into());
    let mut stands: Vec<Stand> = line.words.iter().map(|word| direction.stand(&word.bbox)).collect();
    align(&mut stands);
    let mut pen = Pen { direction, page_height, font_name, font, size: None, out };
    for (index, (word, stand)) in line.words.iter().zip(&stands).enumerate() {
        pen.show(&in_visual_order(&word.text), *stand);
        // A blank fills the gap to the next word, so that what is copied has its words apart.
        if let Some(next) = stands.get(index + 1) {
            pen.show(" ", stand.gap(*next));
        }
    }
}

/// Gives the words of a line one baseline and one size. Boxes around the ink differ between "one" and "gap", and
/// readers would take such words for text of several lines when they look for the order of reading. A word far out of
/// line, such as an initial over three lines, keeps its own.
fn align(stands: &mut [Stand]) {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let height = median(stands.iter().map(|s| s.bottom - s.top).collect());
    let middle = median(stands.iter().map(|s| s.top.midpoint(s.bottom)).collect());
    let in_line = |s: &Stand| s.top > middle - 1.2 * height && s.bottom < middle + 1.2 * height;
    let members = || stands.iter().filter(|s| in_line(s));
    let top = members().map(|s| s.top).fold(f64::INFINITY, f64::min);
    let bottom = members().map(|s| s.bottom).fold(f64::NEG_INFINITY, f64::max);
    for stand in stands.iter_mut().filter(|s| in_line(s)) {
        (stand.top, stand.bottom) = (top, bottom);
    }
}

impl Stand {
    /// What lies between two words, whichever comes first; at least a sliver.
    fn gap(self, next: Self) -> Self {
        let (first, second) = if self.along <= next.along { (self, next) } else { (next, self) };
        let end = first.along + first.length;
        Self { along: end, length: (second.along - end).max(SMALLEST), ..self }
    }
}

/// The direction that a line runs in.
#[derive(Debug, Clone, Copy)]
struct Direction {
    sin: f64,
    cos: f64,
    /// What is left of the angle after whole quarter turns, in radians, at most an eighth turn.
    lean: f64,
    /// Whether the line runs more up or down than across.
    upright: bool,
}

impl Direction {
    /// From degrees clockwise.
    fn of(degrees: f64) -> Self {
        let degrees = if degrees.is_finite() { degrees } else { 0.0 };
        let quarters = (degrees / 90.0).round();
        // Less than a third of a degree is what measuring a short line leaves; straight text is shorter to write.
        let mut lean = degrees - quarters * 90.0;
        if lean.abs() < 0.3 {
            lean = 0.0;
        }
        let (sin, cos) = (quarters * 90.0 + lean).to_radians().sin_cos();
        let upright = quarters.rem_euclid(2.0) == 1.0;
        Self { sin, cos, lean: lean.to_radians(), upright }
    }

    /// The slanted word that fills a box: with sides `l` and `h` its box is `l cos a + h sin a` wide and
    /// `l sin a + h cos a` high, which is solved for `l` and `h`.
    fn stand(self, bbox: &Rect) -> Stand {
        let (width, height) = (f64::from(bbox.width), f64::from(bbox.height));
        let (along, across) = if self.upright { (height, width) } else { (width, height) };
        let (sin, cos) = (self.lean.abs().sin(), self.lean.abs().cos());
        // Near an eighth turn both sides have the same share in both and cannot be told apart any more.
        let double = cos * cos - sin * sin;
        let (mut l, mut h) = (along, across);
        if sin > 0.0 && double > 0.3 {
            l = (along * cos - across * sin) / double;
            h = (across * cos - along * sin) / double;
        }
        // A box that was measured a little too flat for its slope would get no height.
        let length = l.clamp(along * 0.3, along.hypot(across)).max(SMALLEST);
        let height = h.clamp(across * 0.2, along.hypot(across)).max(SMALLEST);
        let center = bbox.center();
        let (x, y) = (f64::from(center.x), f64::from(center.y));
        let middle = y * self.cos - x * self.sin;
        Stand {
            along: x * self.cos + y * self.sin - length / 2.0,
            length,
            top: middle - height / 2.0,
            bottom: middle + height / 2.0,
        }
    }
}

/// Writes the operators of a line.
struct Pen<'a> {
    direction: Direction,
    page_height: f64,
    font_name: &'a str,
    font: &'a mut InvisibleFont,
    /// The font size that is set.
    size: Option<f64>,
    out: &'a mut Vec<u8>,
}

impl Pen<'_> {
    fn show(&mut self, text: &str, stand: Stand) {
        let characters = text.chars().count() as f64;
        if characters == 0.0 {
            return;
        }
        let size = ((stand.bottom - stand.top) * 100.0).round() / 100.0;
        if self.size != Some(size) {
            print(self.out, format_args!("/{} {size} Tf\n", self.font_name));
            self.size = Some(size);
        }
        let Direction { sin, cos, .. } = self.direction;
        // Back from the line's directions to the page, whose y grows upwards here.
        let baseline = stand.bottom - DESCENT * size;
        let x = stand.along * cos - baseline * sin;
        let y = self.page_height - (stand.along * sin + baseline * cos);
        print(
            self.out,
            format_args!(
                "{} Tz {} {} {} {} {} {} Tm<",
                Decimal(stand.length / (characters * GLYPH_WIDTH * size) * 100.0, 2),
                Decimal(cos, 4),
                Decimal(-sin, 4),
                Decimal(sin, 4),
                Decimal(cos, 4),
                Decimal(x, 2),
                Decimal(y, 2),
            ),
        );
        for character in text.chars() {
            print(self.out, format_args!("{:04X}", self.font.code(character)));
        }
        self.out.extend_from_slice(b">Tj\n");
    }
}

/// A word's characters from left to right as they are displayed. Readers expect this order and turn text in
/// right-to-left scripts back when it is copied.
fn in_visual_order(word: &str) -> String {
    let bidi = BidiInfo::new(word, None);
    match bidi.paragraphs.first() {
        Some(paragraph) if bidi.has_rtl() => bidi.reorder_line(paragraph, paragraph.range.clone()).into_owned(),
        _ => word.to_owned(),
    }
}

/// Prints a number with at most that many decimals and no trailing zeros.
struct Decimal(f64, i32);

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = 10f64.powi(self.1);
        // Adding zero turns a negative zero into a positive one.
        let rounded = (self.0 * scale).round() / scale + 0.0;
        write!(f, "{}", if rounded.is_finite() { rounded } else { 0.0 })
    }
}
