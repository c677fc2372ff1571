//! Adds characters that a page should show but does not draw: marks of check boxes, and text set into a frame.

use recto_domain::{Point, Rect, Size};

use super::bidi::on_page;
use super::frame::{Direction, is_east_asian};
use super::word::{Glyph, Piece};

/// The object number of added characters.
pub(crate) const ADDED: usize = usize::MAX;
/// The largest distance of a box from its text, in heights of the box.
const LABEL_DISTANCE: f32 = 3.0;
/// The largest type size, in points, in a frame without a given size.
const FITTING_SIZE: f32 = 12.0;
/// The line height, and the width of letters, in type sizes; East Asian letters are twice as wide.
const LINE: f32 = 1.15;
const LETTER_WIDTH: f32 = 0.5;
/// The distance of the baseline from the top of the line, in type sizes.
const ASCENT: f32 = 0.8;

/// Inserts the sign of a box beside the text it belongs to, replacing what is drawn in it.
pub(crate) fn add_box(pieces: &mut Vec<Piece>, place: &Rect, sign: char) {
    let label = label_of(pieces, place);
    let height = place.height.min(place.width);
    let (at, size, baseline) = match label {
        Some((at, _)) => match &pieces[at] {
            Piece::Glyph(glyph) => (at, glyph.size, glyph.origin.y),
            _ => (at, height, place.bottom()),
        },
        None => (pieces.len(), height, place.bottom()),
    };
    let sign = Piece::Glyph(Glyph {
        text: sign,
        ink: *place,
        cell: Rect { x: place.x, y: baseline - ASCENT * size, width: place.width, height: size },
        origin: Point { x: place.x, y: baseline },
        size,
        direction: Direction::default(),
        object: ADDED,
    });
    let (at, added) = match label {
        Some((at, true)) => (at, vec![sign, Piece::Blank]),
        Some((at, false)) => (at + 1, vec![Piece::Blank, sign]),
        None => (at, vec![Piece::LineEnd, sign, Piece::LineEnd]),
    };
    pieces.splice(at..at, added);
}

/// The nearest character on a box's line: the first one to its right, or the last one to its left; and whether it is
/// the one to the right.
fn label_of(pieces: &[Piece], place: &Rect) -> Option<(usize, bool)> {
    let reach = LABEL_DISTANCE * place.height.min(place.width);
    let distance = |to_right: bool| {
        move |(index, piece): (usize, &Piece)| {
            let Piece::Glyph(glyph) = piece else { return None };
            let on_line = (place.y..place.bottom()).contains(&glyph.cell.center().y)
                || (glyph.cell.y..glyph.cell.bottom()).contains(&place.center().y);
            let gap = if to_right { glyph.cell.x - place.right() } else { place.x - glyph.cell.right() };
            let upright = glyph.direction == Direction::default();
            (upright && on_line && gap > -0.5 * place.width && gap < reach).then_some((gap, index, to_right))
        }
    };
    let right = pieces.iter().enumerate().filter_map(distance(true)).min_by(|a, b| a.0.total_cmp(&b.0));
    let left = || pieces.iter().enumerate().filter_map(distance(false)).min_by(|a, b| a.0.total_cmp(&b.0));
    right.or_else(left).map(|(_, index, to_right)| (index, to_right))
}

/// Sets text into a frame as a viewer would: from its top left, keeping line ends, and wrapped at the frame's edge. A
/// text too long for the frame is set more tightly.
pub(crate) fn add_text(pieces: &mut Vec<Piece>, text: &str, frame: &Rect, size: Option<f32>, page: Size) {
    let size = size.unwrap_or_else(|| FITTING_SIZE.min(frame.height / LINE)).max(1.0);
    let lines: Vec<String> = text.split(['\r', '\n']).flat_map(|line| broken(line, frame.width, size)).collect();
    let step = (LINE * size).min(frame.height / lines.len().max(1) as f32);
    for (number, line) in lines.iter().enumerate() {
        pieces.push(Piece::LineEnd);
        let top = frame.y + step * number as f32;
        let mut x = frame.x;
        for c in on_page(line) {
            let width = width_of(c) * size;
            let cell = Rect { x, y: top, width, height: step };
            x += width;
            let Some(ink) = cell.clipped(page) else { continue };
            pieces.push(if c.is_whitespace() {
                Piece::Blank
            } else {
                let origin = Point { x: cell.x, y: top + ASCENT * step };
                Piece::Glyph(Glyph {
                    text: c,
                    ink,
                    cell,
                    origin,
                    size: step,
                    direction: Direction::default(),
                    object: ADDED,
                })
            });
        }
    }
    pieces.push(Piece::LineEnd);
}

fn width_of(c: char) -> f32 {
    LETTER_WIDTH * (1.0 + f32::from(u8::from(is_east_asian(c))))
}

/// A line wrapped between words so that each part is about as wide as the frame.
fn broken(line: &str, width: f32, size: f32) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut room = 0.0;
    for word in line.split_whitespace() {
        let needed = word.chars().map(width_of).sum::<f32>() * size;
        match parts.last_mut() {
            Some(part) if needed + LETTER_WIDTH * size <= room => {
                part.push(' ');
                part.push_str(word);
                room -= needed + LETTER_WIDTH * size;
            }
            _ => {
                parts.push(word.to_owned());
                room = width - needed;
            }
        }
    }
    parts
}
