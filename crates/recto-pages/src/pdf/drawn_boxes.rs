//! Check boxes drawn with lines, and whether they are marked.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_void};

use recto_domain::{Point, Rect};

use crate::layout::{Glyph, Piece};
use crate::pdf::page::PdfPage;

/// The side lengths of a check box, in points.
const SIDES: std::ops::RangeInclusive<f32> = 5.0..=20.0;
/// The largest ratio of its sides.
const SQUARE: f32 = 1.2;
/// The most segments of a square or a ring; a path with more is a drawing.
const MAX_SEGMENTS: c_int = 16;
/// A mark covers at least this share of the side of its box.
const MARK: f32 = 0.3;
/// The largest distance between a box and its label, in sides. Boxes are further apart from each other; otherwise they
/// are cells.
const LABEL_DISTANCE: f32 = 1.5;
const BOX_DISTANCE: f32 = 0.4;
/// Characters that mark a box.
const TICKS: &str = "✓✔√☑vV•●■*";
const CROSSES: &str = "xX×✗✘☒";
/// `FPDF_SEGMENT_BEZIERTO` of `fpdf_edit.h`.
const CURVE: c_int = 1;

/// The kind of a small path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SmallPath {
    /// A square or a ring, empty or with a light fill.
    Box,
    /// Any other drawing.
    Mark,
}

/// A small path with its position on the displayed page.
pub(super) type Drawn = (Rect, SmallPath);

/// A check box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CheckBox {
    pub(super) place: Rect,
    pub(super) sign: char,
}

impl PdfPage<'_> {
    /// The kind of a path with the size of a check box or of a mark in one. `is_dark` says whether its fill would hide
    /// anything inside.
    pub(super) fn small_path(&self, object: *mut c_void, bounds: Rect, is_dark: bool) -> Option<Drawn> {
        let (long, short) = (bounds.width.max(bounds.height), bounds.width.min(bounds.height));
        if long > *SIDES.end() || long < MARK * *SIDES.start() {
            return None;
        }
        let square = short >= *SIDES.start() && long <= SQUARE * short;
        let is_box = square && !is_dark && self.is_outline(object);
        Some((bounds, if is_box { SmallPath::Box } else { SmallPath::Mark }))
    }

    /// Whether all edges of a path are horizontal or vertical, or all are curves that form a ring.
    fn is_outline(&self, object: *mut c_void) -> bool {
        let api = self.api();
        // SAFETY: the object is a path of the loaded page and has as many segments.
        let segments: Vec<(c_int, Point)> = unsafe {
            let count = api.FPDFPath_CountSegments(object.cast());
            if !(4..=MAX_SEGMENTS).contains(&count) {
                return false;
            }
            (0..count)
                .map(|index| {
                    let segment = api.FPDFPath_GetPathSegment(object.cast(), index);
                    let mut point = Point::default();
                    api.FPDFPathSegment_GetPoint(segment, &raw mut point.x, &raw mut point.y);
                    (api.FPDFPathSegment_GetType(segment), point)
                })
                .collect()
        };
        let curves = segments.iter().filter(|(kind, _)| *kind == CURVE).count();
        let is_straight = |a: Point, b: Point| (a.x - b.x).abs() < 0.1 || (a.y - b.y).abs() < 0.1;
        // Rounded corners are curves among straight edges.
        curves >= 4 || curves == 0 && segments.windows(2).all(|pair| is_straight(pair[0].1, pair[1].1))
    }
}

/// The check boxes among small paths: those with a label beside them that are neither cells of a table nor frames of
/// letters.
pub(super) fn check_boxes(drawn: &[Drawn], pieces: &[Piece], taken: &[Rect]) -> Vec<CheckBox> {
    let mut boxes: Vec<Rect> = Vec::new();
    for (bounds, kind) in drawn {
        // Its background and its frame are often two paths.
        let known = boxes.iter().chain(taken).any(|other| holds(other, bounds.center()));
        if *kind == SmallPath::Box && !known {
            boxes.push(*bounds);
        }
    }
    let glyphs: Vec<&Glyph> =
        pieces.iter().filter_map(|piece| if let Piece::Glyph(glyph) = piece { Some(glyph) } else { None }).collect();
    let alone = |place: &Rect| {
        let near = BOX_DISTANCE * place.width;
        boxes.iter().filter(|other| distance(place, other) < near).count() == 1
    };
    boxes.iter().filter(|place| alone(place)).filter_map(|place| check_box(place, drawn, &glyphs)).collect()
}

fn check_box(place: &Rect, drawn: &[Drawn], glyphs: &[&Glyph]) -> Option<CheckBox> {
    let within: Vec<&&Glyph> = glyphs.iter().filter(|g| holds(place, g.ink.center())).collect();
    let labelled = glyphs.iter().any(|g| {
        let level = (place.y..place.bottom()).contains(&g.ink.center().y);
        let gap = (g.ink.x - place.right()).max(place.x - g.ink.right());
        level && g.text.is_alphanumeric() && (0.0..LABEL_DISTANCE * place.width).contains(&gap)
    });
    if !labelled || within.len() > 1 {
        return None;
    }
    let sign = match within.first().map(|g| g.text) {
        Some(c) if CROSSES.contains(c) => '☒',
        Some(c) if TICKS.contains(c) => '☑',
        Some(_) => return None,
        None => {
            let is_mark = |(bounds, kind): &Drawn| {
                *kind == SmallPath::Mark
                    && holds(place, bounds.center())
                    && bounds.width.max(bounds.height) >= MARK * place.width
            };
            if drawn.iter().any(is_mark) { '☑' } else { '☐' }
        }
    };
    Some(CheckBox { place: *place, sign })
}

fn holds(r: &Rect, p: Point) -> bool {
    (r.x..r.right()).contains(&p.x) && (r.y..r.bottom()).contains(&p.y)
}

/// The distance between two rectangles, 0 where they touch.
fn distance(a: &Rect, b: &Rect) -> f32 {
    let across = (b.x - a.right()).max(a.x - b.right()).max(0.0);
    let down = (b.y - a.bottom()).max(a.y - b.bottom()).max(0.0);
    across.max(down)
}
