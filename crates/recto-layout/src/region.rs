//! The regions of a page that are read one after the other.
//!
//! The page is cut recursively (G. Nagy and S. Seth, "Hierarchical representation of optically scanned documents",
//! 1984), but a gutter need not run down the whole page. It is searched in the longest run of bands with common white
//! space. The part above the run is read first, then the side at which reading begins, then the other side, and then
//! the part below. [`Evidence`] decides whether white space separates columns or the cells of rows.

use std::ops::Range;

use crate::band::{Band, Span, bands, intersect};
use crate::evidence::Evidence;
use crate::piece::Piece;

/// The least width of a gutter, in letter sizes.
const GUTTER: f32 = 0.7;
/// The fewest pieces that need ordering.
const MIN_PIECES: usize = 4;
const MAX_DEPTH: u32 = 12;
/// Pages with more bands have no columns that are worth the time.
const MAX_BANDS: usize = 500;
/// The most runs of bands that are examined closely.
const MAX_CANDIDATES: usize = 24;
/// There is a break between two bands when the white space is this many times the usual,
const BREAK: f32 = 1.4;
/// and exceeds it by this many letter sizes.
const BREAK_SIZE: f32 = 0.25;
/// Pieces on one side only do not belong to columns that are further away than this many letter sizes.
const FAR: f32 = 1.5;
/// Columns overlap vertically by at least this share of the lower one's height.
const BESIDE: f32 = 0.5;
/// When the log odds of columns are below minus this value, part of a run consists of rows.
const CERTAIN: f32 = 2.0;

/// Pieces with their indexes.
type Numbered<'a> = Vec<(usize, &'a Piece)>;

/// White space that may separate columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Gutter {
    /// Indexes of the pieces to its left, from top to bottom.
    pub left: Vec<usize>,
    /// Indexes of the pieces to its right, from top to bottom.
    pub right: Vec<usize>,
    /// Its left edge.
    pub from: f32,
    /// Its right edge.
    pub to: f32,
    /// The evidence for and against columns.
    pub evidence: Evidence,
}

/// The indexes of the pieces, grouped by region in reading order. Within a region, lines are read from top to bottom,
/// each over its whole width: the cells of a table are in one region, the columns of a newspaper are not.
///
/// Each piece is in exactly one region, where indexes are sorted by height. The result does not depend on the order of
/// the pieces, their unit, or the page's origin.
#[must_use]
pub fn regions(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    split(pieces.iter().enumerate().collect(), 0, &mut found);
    found
}

/// Every gutter that [`regions`] considers at first, beginning with the widest run; used to fit the evidence for
/// columns.
#[must_use]
pub fn gutters(pieces: &[Piece]) -> Vec<Gutter> {
    let pieces: Numbered = pieces.iter().enumerate().collect();
    let width = GUTTER * typical_size(&pieces);
    let bands = bands(pieces);
    candidates(&bands, width).into_iter().flat_map(|run| gutters_of(&bands[run.bands], &run.free, width)).collect()
}

fn split(pieces: Numbered, depth: u32, found: &mut Vec<Vec<usize>>) {
    if pieces.is_empty() {
        return;
    }
    let width = GUTTER * typical_size(&pieces);
    let few = pieces.len() < MIN_PIECES || depth == MAX_DEPTH;
    let mut above = bands(pieces);
    let columns = if few { None } else { columns(&above, width) };
    let Some((run, gutter)) = columns else {
        found.push(all(above).into_iter().map(|piece| piece.0).collect());
        return;
    };
    let below = above.split_off(run.end);
    let beside = all(above.split_off(run.start));
    let from_right = is_from_right(&beside);
    let (left, right): (Numbered, Numbered) =
        beside.into_iter().partition(|piece| piece.1.bounds.center().x < gutter.from);
    let (first, second) = if from_right { (right, left) } else { (left, right) };
    let (first, second) = if is_staggered(&first, &second) { (second, first) } else { (first, second) };
    for part in [all(above), first, second, all(below)] {
        split(part, depth + 1, found);
    }
}

/// Whether the side that would be read second stands above the other rather than beside it, as in letterheads, and in
/// letters with names below and initials on the other side.
fn is_staggered(first: &Numbered, second: &Numbered) -> bool {
    let height = |side: &Numbered| {
        let top = side.iter().map(|piece| piece.1.bounds.y).fold(f32::INFINITY, f32::min);
        (top, side.iter().map(|piece| piece.1.bounds.bottom()).fold(f32::NEG_INFINITY, f32::max))
    };
    let ((a, b), (c, d)) = (height(first), height(second));
    c < a && b.min(d) - a.max(c) < BESIDE * (b - a).min(d - c)
}

/// The pieces of some bands, from top to bottom.
fn all(bands: Vec<Band<'_>>) -> Numbered<'_> {
    bands.into_iter().flat_map(|band| band.pieces).collect()
}

/// Consecutive bands, with their common white space.
struct Run {
    bands: Range<usize>,
    free: Vec<Span>,
}

/// The longest run of bands that a gutter passes through, with that gutter.
fn columns(bands: &[Band], width: f32) -> Option<(Range<usize>, Gutter)> {
    let judged: Vec<(Range<usize>, Vec<Gutter>)> = candidates(bands, width)
        .into_iter()
        .map(|run| (run.bands.clone(), gutters_of(&bands[run.bands], &run.free, width)))
        .collect();
    let within = |run: &Range<usize>, other: &Range<usize>| run.start <= other.start && other.end <= run.end;
    let is_spoilt = |run: &Range<usize>, gutter: &Gutter| {
        judged
            .iter()
            .filter(|(other, _)| within(run, other) && other.len() < run.len())
            .flat_map(|(_, parts)| parts)
            .any(|part| part.from < gutter.to && gutter.from < part.to && part.evidence.odds() < -CERTAIN)
    };
    judged.iter().find_map(|(run, gutters)| {
        let are_columns = |gutter: &&Gutter| gutter.evidence.tells_columns() && !is_spoilt(run, gutter);
        let likeliest = gutters
            .iter()
            .filter(are_columns)
            .max_by(|a, b| a.evidence.odds().total_cmp(&b.evidence.odds()).then(b.from.total_cmp(&a.from)));
        likeliest.map(|gutter| (trimmed(run, bands, gutter, width / GUTTER), gutter.clone()))
    })
}

/// Extends a run by one-sided pieces closely above its columns, and cuts off one-sided pieces far above or below them,
/// such as a date, a subject, or a page number.
fn trimmed(run: &Range<usize>, bands: &[Band], gutter: &Gutter, size: f32) -> Range<usize> {
    let is_both = |at: &usize| bands[*at].leftmost_end <= gutter.from && bands[*at].rightmost_start >= gutter.to;
    let (Some(first), Some(last)) = (run.clone().find(is_both), run.clone().rfind(is_both)) else { return run.clone() };
    let is_far = |at: &usize| bands[at + 1].top - bands[*at].bottom > FAR * size;
    // Pieces closely above on one side, where one column may begin higher than the other.
    let is_one_sided = |at: &usize| bands[*at].rightmost_end <= gutter.from || bands[*at].leftmost_start >= gutter.to;
    let above = (0..run.start).rev().take_while(|at| is_one_sided(at) && !is_far(at)).last().unwrap_or(run.start);
    let start = (run.start..first).rfind(is_far).map_or(above, |at| at + 1);
    let end = (last..run.end - 1).find(is_far).map_or(run.end, |at| at + 1);
    start..end
}

/// The runs of bands that begin and end at a break or where their common white space does; only those with most pieces.
fn candidates(bands: &[Band], width: f32) -> Vec<Run> {
    if bands.len() > MAX_BANDS {
        return Vec::new();
    }
    let breaks = breaks(bands, width / GUTTER);
    let mut runs: Vec<Run> = Vec::new();
    let mut furthest = 0;
    for start in 0..bands.len() {
        let found = runs_from(bands, start, width, &breaks);
        let end = found.last().map_or(start, |run| run.bands.end);
        if breaks[start] || end > furthest {
            runs.extend(found);
        }
        furthest = furthest.max(end);
    }
    let pieces = |run: &Run| bands[run.bands.clone()].iter().map(|band| band.pieces.len()).sum::<usize>();
    runs.sort_by_key(|run| std::cmp::Reverse(pieces(run)));
    runs.truncate(MAX_CANDIDATES);
    runs
}

/// For each band, whether there is clearly more white space than usual above it.
fn breaks(bands: &[Band], size: f32) -> Vec<bool> {
    let gaps: Vec<f32> = bands.windows(2).map(|pair| pair[1].top - pair[0].bottom).collect();
    let mut sorted = gaps.clone();
    sorted.sort_by(f32::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let is_break = |gap: &f32| *gap > BREAK * usual && *gap - usual > BREAK_SIZE * size;
    std::iter::once(true).chain(gaps.iter().map(is_break)).collect()
}

/// The longest run from `start` whose bands have common white space with pieces on both sides, and all its prefixes
/// that end at a break.
fn runs_from(bands: &[Band], start: usize, width: f32, breaks: &[bool]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut free = vec![Span { from: f32::NEG_INFINITY, to: f32::INFINITY }];
    let (mut leftmost_end, mut rightmost_start) = (f32::INFINITY, f32::NEG_INFINITY);
    let mut end = start;
    for (band, is_break) in bands[start..].iter().zip(&breaks[start..]) {
        let common = intersect(&free, &band.free, width);
        let (left, right) = (leftmost_end.min(band.leftmost_end), rightmost_start.max(band.rightmost_start));
        if end > start && !common.iter().any(|span| left <= span.from && right >= span.to) {
            break;
        }
        if *is_break && end > start {
            runs.push(Run { bands: start..end, free: free.clone() });
        }
        (free, leftmost_end, rightmost_start) = (common, left, right);
        end += 1;
    }
    runs.push(Run { bands: start..end, free });
    runs
}

/// The gutters through some bands, with their evidence.
fn gutters_of(bands: &[Band], free: &[Span], width: f32) -> Vec<Gutter> {
    let inner = free.iter().filter(|span| span.from.is_finite() && span.to.is_finite() && span.width() >= width);
    inner
        .filter_map(|span| {
            let pieces = bands.iter().flat_map(|band| &band.pieces).copied();
            let (left, right): (Numbered, Numbered) = pieces.partition(|(_, p)| p.bounds.center().x < span.from);
            let evidence = Evidence::of(&left, &right, span.width(), is_from_right(&left) || is_from_right(&right))?;
            let indexes = |side: Numbered| side.into_iter().map(|piece| piece.0).collect();
            Some(Gutter { left: indexes(left), right: indexes(right), from: span.from, to: span.to, evidence })
        })
        .collect()
}

/// The median size.
fn typical_size(pieces: &[(usize, &Piece)]) -> f32 {
    let mut sizes: Vec<f32> = pieces.iter().map(|piece| piece.1.size).collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
}

/// Whether most of the text runs from right to left.
fn is_from_right(pieces: &[(usize, &Piece)]) -> bool {
    let sum = |of: fn(&Piece) -> usize| pieces.iter().map(|piece| of(piece.1)).sum::<usize>();
    sum(|piece| piece.text.from_right) * 2 > sum(|piece| piece.text.letters)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::Rect;

    use super::*;

    const SIZE: f32 = 10.0;

    fn piece(text: &str, x: f32, y: f32) -> Piece {
        let bounds = Rect { x, y, width: 5.0 * text.chars().count() as f32, height: SIZE };
        Piece::new(bounds, SIZE, text)
    }

    /// A column of prose with lines of 40 letters.
    fn prose(x: f32, y: f32, lines: u8) -> Vec<Piece> {
        let line = |i| piece("and so it went on, line after line, until", x, y + 14.0 * f32::from(i));
        (0..lines).map(line).collect()
    }

    /// The regions as text, in order: for each, the letters of the groups whose pieces it contains.
    fn told(groups: &[(char, Vec<Piece>)]) -> String {
        let names: Vec<char> = groups.iter().flat_map(|(name, pieces)| pieces.iter().map(|_| *name)).collect();
        let pieces: Vec<Piece> = groups.iter().flat_map(|(_, pieces)| pieces.clone()).collect();
        let mut regions: Vec<String> = Vec::new();
        for region in regions_of(&pieces) {
            let mut letters: Vec<char> = region.into_iter().map(|at| names[at]).collect();
            letters.dedup();
            regions.push(letters.into_iter().collect());
        }
        regions.join(" ")
    }

    fn regions_of(pieces: &[Piece]) -> Vec<Vec<usize>> {
        super::regions(pieces)
    }

    #[test]
    fn columns_are_read_one_after_the_other_between_what_stands_over_and_under_them() {
        let over = vec![piece("A heading that runs over both of the columns below, and further", 60.0, 20.0)];
        let under = vec![piece("What the foot of the page says runs over both columns as well", 60.0, 300.0)];
        let page = [('h', over), ('r', prose(280.0, 55.0, 14)), ('l', prose(50.0, 50.0, 14)), ('f', under)];
        assert_eq!(told(&page), "h l r f");
    }

    #[test]
    fn a_heading_over_two_of_three_columns_is_read_before_these() {
        let heading = vec![piece("A heading that runs over the second and the third column of three", 280.0, 50.0)];
        let page = [
            ('c', prose(500.0, 75.0, 12)),
            ('h', heading),
            ('b', prose(280.0, 75.0, 12)),
            ('a', prose(50.0, 52.0, 14)),
        ];
        assert_eq!(told(&page), "a h b c");
    }

    #[test]
    fn a_menu_of_short_lines_beside_prose_is_a_column() {
        let entries = ["Home", "About us", "Prices", "News", "Contact", "Careers", "Press"];
        let menu = entries.iter().zip(0u8..).map(|(text, i)| piece(text, 50.0, 54.0 + 17.0 * f32::from(i))).collect();
        assert_eq!(told(&[('p', prose(170.0, 50.0, 16)), ('m', menu)]), "m p");
    }

    #[test]
    fn two_lists_of_prices_are_read_one_after_the_other_each_across() {
        let list = |x: f32| -> Vec<Piece> {
            let dishes = ["Soup of the day", "Bread", "Fried fish", "Green salad", "Roast beef", "Ice cream"];
            let line = |(text, i): (&&str, u8)| {
                let y = 50.0 + 16.0 * f32::from(i);
                [piece(text, x, y), piece(&format!("{}.50", i + 4), x + 180.0, y)]
            };
            dishes.iter().zip(0u8..).flat_map(line).collect()
        };
        assert_eq!(told(&[('r', list(330.0)), ('l', list(50.0))]), "l r");
    }

    #[test]
    fn the_rows_of_a_table_are_read_across() {
        let row = |i: u8| {
            let y = 50.0 + 18.0 * f32::from(i);
            [piece("Bolts and nuts", 50.0, y), piece("12", 230.0, y), piece("4.50", 300.0, y), piece("54.00", 380.0, y)]
        };
        assert_eq!(regions_of(&(0..8).flat_map(row).collect::<Vec<_>>()).len(), 1);
    }

    #[test]
    fn terms_stand_before_what_they_mean() {
        let mut pieces = Vec::new();
        let mut y = 50.0;
        for (term, lines) in [("Harbour", 3), ("Ship", 1), ("Crew", 2), ("Anchor", 4), ("Sail", 2)] {
            pieces.push(piece(term, 50.0, y));
            pieces.extend(prose(150.0, y, lines));
            y += 14.0 * f32::from(lines) + 6.0;
        }
        assert_eq!(regions_of(&pieces).len(), 1);
    }

    #[test]
    fn columns_of_a_script_that_runs_from_right_to_left_begin_at_the_right() {
        let column = |x: f32| -> Vec<Piece> {
            let line = |i: u8| piece("הנמל היה סגור כאשר, אוניות חדשות באו מן", x, 50.0 + 14.0 * f32::from(i));
            (0..12).map(line).collect()
        };
        assert_eq!(told(&[('l', column(50.0)), ('r', column(300.0))]), "r l");
    }

    #[test]
    fn a_block_that_begins_where_the_other_ends_is_read_after_it_on_either_side() {
        let block = |x: f32, y: f32, lines: &[&str]| -> Vec<Piece> {
            lines.iter().zip(0u8..).map(|(text, i)| piece(text, x, y + 12.0 * f32::from(i))).collect()
        };
        let head =
            block(400.0, 40.0, &["Private Client Group", "2300 West Sahara Avenue", "Las Vegas, Nevada", "Fax 7052"]);
        let name = block(60.0, 88.0, &["Harbour and Sons", "September 3, 1993", "Mr. Wallace", "7065 Del Rey Avenue"]);
        // Whether the head is one region does not matter.
        assert_eq!(told(&[('n', name), ('h', head)]).replace("h h", "h"), "h n");
    }

    #[test]
    fn the_subject_under_two_blocks_is_read_after_both() {
        let block = |x: f32, lines: &[&str]| -> Vec<Piece> {
            lines.iter().zip(0u8..).map(|(text, i)| piece(text, x, 50.0 + 13.0 * f32::from(i))).collect()
        };
        let address = block(50.0, &["Anna Muster", "Hafenweg 4", "20457 Hamburg", "Deutschland"]);
        let other = block(320.0, &["Ships and Sails Ltd", "Harbour Road 17", "Portsmouth"]);
        let subject = vec![piece("Your order of last week", 50.0, 150.0)];
        let page = told(&[('a', address), ('o', other), ('s', subject)]);
        assert!(page.ends_with('s'), "{page}");
    }

    proptest! {
        #[test]
        fn every_piece_comes_once_whatever_their_order_and_wherever_the_page_lies(
            places in proptest::collection::vec((0u16..500, 0u16..700, 0usize..6), 1..60),
            shuffle in any::<u64>(), shift in (-2000i16..2000, -2000i16..2000), scale in 0usize..3,
        ) {
            let texts = ["and so on, and", "12.50", "Name:", "• milk", "Harbour", "until the end of the page."];
            let pieces: Vec<Piece> =
                places.iter().map(|&(x, y, text)| piece(texts[text], f32::from(x), f32::from(y))).collect();
            let regions = regions(&pieces);
            let mut all = regions.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..pieces.len()).collect::<Vec<_>>());

            // Powers of two and whole numbers keep the arithmetic exact.
            let scale = [0.5, 2.0, 4.0][scale];
            let (dx, dy) = (f32::from(shift.0), f32::from(shift.1));
            let moved = |piece: &Piece| {
                let b = piece.bounds;
                let bounds = Rect {
                    x: (b.x + dx) * scale, y: (b.y + dy) * scale, width: b.width * scale, height: b.height * scale,
                };
                Piece { bounds, size: piece.size * scale, ..piece.clone() }
            };
            prop_assert_eq!(&super::regions(&pieces.iter().map(moved).collect::<Vec<_>>()), &regions);

            let mut order: Vec<usize> = (0..pieces.len()).collect();
            order.sort_by_key(|&at| (at as u64 + 1).wrapping_mul(shuffle | 1));
            let shuffled: Vec<Piece> = order.iter().map(|&at| pieces[at].clone()).collect();
            let places = |pieces: &[Piece], regions: &[Vec<usize>]| -> Vec<Vec<(u32, u32, usize)>> {
                let place = |at: &usize| {
                    (pieces[*at].bounds.x.to_bits(), pieces[*at].bounds.y.to_bits(), pieces[*at].text.letters)
                };
                let sorted = |region: &Vec<usize>| {
                    let mut places: Vec<_> = region.iter().map(place).collect();
                    places.sort_unstable();
                    places
                };
                regions.iter().map(sorted).collect()
            };
            prop_assert_eq!(places(&shuffled, &super::regions(&shuffled)), places(&pieces, &regions));
        }
    }
}
