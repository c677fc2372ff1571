//! The ruling lines of a page: lines, thin bars, and the edges of areas, such as cells with a background of their own.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::ffi::{c_int, c_uint, c_ulong, c_void};

use recto_domain::{Affine, Point, Rect, Rule};
use recto_layout::joined_rules;

use crate::pdf::objects::{FORM, MAX_DEPTH, MAX_OBJECTS, PATH};
use crate::pdf::page::PdfPage;

/// `FPDF_SEGMENT_…` of `fpdf_edit.h`.
const LINE: c_int = 0;
const CURVE: c_int = 1;
const MOVE: c_int = 2;
/// The most path segments that are examined; a page with more is a drawing.
const MAX_SEGMENTS: usize = 100_000;
/// The least length of a line, in points; shorter ones are marks.
const LEAST: f32 = 4.0;
/// The largest thickness of a bar, in points.
const BAR: f32 = 3.0;
/// An area that covers this share of the page is its background.
const GROUND: f32 = 0.7;
/// The most areas that are examined; pages with more are maps and charts.
const MAX_AREAS: usize = 2000;
/// A horizontal line belongs to a side of an area if it covers the share `ALONG` of it and is no further away than
/// this, in points. A vertical line may be twice as far, because cells have more padding at their sides.
const BESIDE: f32 = 6.0;
const ALONG: f32 = 0.5;
/// Colours whose channels are at least this, of 255, are those of white paper.
const PAPER: c_uint = 250;
/// The largest deviation of a line from its direction, in points.
const STRAIGHT: f32 = 0.5;

impl PdfPage<'_> {
    /// The horizontal and vertical lines drawn, on the displayed page.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let mut drawn = DrawnRules { page: self, objects: 0, segments: 0, rules: Vec::new(), areas: Vec::new() };
        // SAFETY: the page is loaded.
        let count = unsafe { self.api().FPDFPage_CountObjects(self.handle.cast()) };
        for index in 0..count {
            // SAFETY: the page is loaded and has `count` objects.
            let object: *mut c_void = unsafe { self.api().FPDFPage_GetObject(self.handle.cast(), index) }.cast();
            drawn.take_in(object, &Affine::IDENTITY, 0);
        }
        let mut rules = joined_rules(&drawn.rules);
        let lines = rules.clone();
        let is_ruled = |area: &Rect| {
            let along = lines.iter().filter(|line| runs_along(line, area));
            let (level, upright): (Vec<&Rule>, Vec<&Rule>) = along.partition(|line| line.from.y == line.to.y);
            !level.is_empty() && !upright.is_empty()
        };
        let apart = drawn.areas.iter().filter(|area| !is_ruled(area));
        rules.extend(apart.flat_map(edges));
        joined_rules(&rules)
    }

    /// The red, green and blue channels, and the opacity.
    fn stroke_colour(&self, object: *mut c_void) -> Option<([c_uint; 3], c_uint)> {
        let (mut r, mut g, mut b, mut a): (c_uint, c_uint, c_uint, c_uint) = (0, 0, 0, 0);
        // SAFETY: the object belongs to the loaded page.
        let known = unsafe {
            self.api().FPDFPageObj_GetStrokeColor(object.cast(), &raw mut r, &raw mut g, &raw mut b, &raw mut a)
        };
        (known != 0).then_some(([r, g, b], a))
    }
}

/// Whether a colour with that opacity can be told from paper.
fn is_seen((colour, opacity): ([c_uint; 3], c_uint)) -> bool {
    opacity > 0 && colour.iter().any(|&channel| channel < PAPER)
}

/// Whether all edges of an outline are horizontal or vertical.
fn is_rectangle(outline: &[Point]) -> bool {
    let is_straight = |a: Point, b: Point| (a.x - b.x).abs() <= STRAIGHT || (a.y - b.y).abs() <= STRAIGHT;
    outline.len() >= 4 && outline.windows(2).all(|edge| is_straight(edge[0], edge[1]))
}

/// Whether a line runs along one of the sides of an area. An area between lines is the background of a cell, or of a
/// line of text in one.
fn runs_along(line: &Rule, area: &Rect) -> bool {
    let shared = |a: f32, b: f32, from: f32, to: f32| b.min(to) - a.max(from) >= ALONG * (to - from);
    if line.from.y == line.to.y {
        let y = line.from.y;
        let is_near = (y - area.y).abs() <= BESIDE || (y - area.bottom()).abs() <= BESIDE;
        is_near && shared(line.from.x, line.to.x, area.x, area.right())
    } else {
        let x = line.from.x;
        let is_near = (x - area.x).abs() <= 2.0 * BESIDE || (x - area.right()).abs() <= 2.0 * BESIDE;
        is_near && shared(line.from.y, line.to.y, area.y, area.bottom())
    }
}

fn edges(area: &Rect) -> [Rule; 4] {
    let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
    let edge = |x, y, to_x, to_y| Rule::between(Point { x, y }, Point { x: to_x, y: to_y });
    [
        edge(left, top, right, top),
        edge(left, bottom, right, bottom),
        edge(left, top, left, bottom),
        edge(right, top, right, bottom),
    ]
}

struct DrawnRules<'p, 'f> {
    page: &'p PdfPage<'f>,
    objects: usize,
    segments: usize,
    rules: Vec<Rule>,
    /// Filled areas that are too thick for a line.
    areas: Vec<Rect>,
}

impl DrawnRules<'_, '_> {
    fn take_in(&mut self, object: *mut c_void, outer: &Affine, depth: u32) {
        self.objects += 1;
        if object.is_null() || self.objects > MAX_OBJECTS || self.segments > MAX_SEGMENTS {
            return;
        }
        let api = self.page.api();
        // SAFETY: the object belongs to the loaded page.
        match unsafe { api.FPDFPageObj_GetType(object.cast()) } {
            PATH => self.path(object, outer),
            FORM if depth < MAX_DEPTH => {
                let inner = self.page.matrix(object).then(outer);
                // SAFETY: as above, and the object is a form.
                let count = unsafe { api.FPDFFormObj_CountObjects(object.cast()) };
                for index in 0..c_ulong::try_from(count).unwrap_or(0) {
                    // SAFETY: the form has `count` objects.
                    let part: *mut c_void = unsafe { api.FPDFFormObj_GetObject(object.cast(), index) }.cast();
                    self.take_in(part, &inner, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, object: *mut c_void, outer: &Affine) {
        let api = self.page.api();
        let (mut fill, mut stroke) = (0, 0);
        // SAFETY: the object is a path of the loaded page.
        let known = unsafe { api.FPDFPath_GetDrawMode(object.cast(), &raw mut fill, &raw mut stroke) } != 0;
        let is_filled = known && fill != 0 && self.page.fill_colour(object).is_some_and(is_seen);
        let is_stroked = known && stroke != 0 && self.page.stroke_colour(object).is_some_and(is_seen);
        if !is_filled && !is_stroked {
            return;
        }
        let to_display = self.page.matrix(object).then(outer).then(&self.page.to_display);
        for outline in self.outlines(object, &to_display) {
            if is_stroked {
                self.lines(&outline);
            } else {
                self.area(&outline);
            }
        }
    }

    /// The corners of each part of a path on the displayed page; for a part with curves, only its straight edges.
    fn outlines(&mut self, object: *mut c_void, to_display: &Affine) -> Vec<Vec<Point>> {
        let api = self.page.api();
        // SAFETY: the object is a path of the loaded page.
        let count = unsafe { api.FPDFPath_CountSegments(object.cast()) };
        self.segments += usize::try_from(count).unwrap_or(0);
        let mut outlines: Vec<Vec<Point>> = Vec::new();
        if self.segments > MAX_SEGMENTS {
            return outlines;
        }
        let mut first = Point::default();
        for index in 0..count {
            let mut point = Point::default();
            // SAFETY: the path has `count` segments.
            let (kind, closes) = unsafe {
                let segment = api.FPDFPath_GetPathSegment(object.cast(), index);
                api.FPDFPathSegment_GetPoint(segment, &raw mut point.x, &raw mut point.y);
                (api.FPDFPathSegment_GetType(segment), api.FPDFPathSegment_GetClose(segment) != 0)
            };
            let point = to_display.apply(point);
            match kind {
                LINE => {}
                MOVE => {
                    first = point;
                    outlines.push(Vec::new());
                }
                CURVE => outlines.push(Vec::new()),
                _ => continue,
            }
            if let Some(outline) = outlines.last_mut() {
                outline.push(point);
                if closes {
                    outline.push(first);
                }
            }
        }
        outlines
    }

    fn lines(&mut self, outline: &[Point]) {
        for edge in outline.windows(2) {
            self.line(edge[0], edge[1]);
        }
    }

    /// Treats a filled area as a line if it is a bar.
    fn area(&mut self, outline: &[Point]) {
        let corners = outline.iter().map(|p| Rect { x: p.x, y: p.y, width: 0.0, height: 0.0 });
        let Some(bounds) = Rect::around(corners) else { return };
        if bounds.area() > GROUND * self.page.size.width * self.page.size.height {
            return;
        }
        let middle = bounds.center();
        if bounds.height <= BAR && bounds.width > bounds.height {
            self.line(Point { x: bounds.x, y: middle.y }, Point { x: bounds.right(), y: middle.y });
        } else if bounds.width <= BAR {
            self.line(Point { x: middle.x, y: bounds.y }, Point { x: middle.x, y: bounds.bottom() });
        } else if self.areas.len() < MAX_AREAS
            && let Some(area) = bounds.clipped(self.page.size)
            && is_rectangle(outline)
        {
            self.areas.push(area);
        }
    }

    fn line(&mut self, from: Point, to: Point) {
        let (across, down) = ((from.x - to.x).abs(), (from.y - to.y).abs());
        let page = self.page.size;
        let bounds = Rect::from_edges(from.x, from.y, to.x, to.y);
        let is_straight = across.min(down) <= STRAIGHT && across.max(down) >= LEAST;
        let is_seen = bounds.right() > 0.0 && bounds.bottom() > 0.0 && bounds.x < page.width && bounds.y < page.height;
        if is_straight && is_seen {
            let on_page = |p: Point| Point { x: p.x.clamp(0.0, page.width), y: p.y.clamp(0.0, page.height) };
            self.rules.push(Rule::between(on_page(from), on_page(to)));
        }
    }
}
