//! Labels with their values: beside each other, one under another, in a row of boxes, or in running lines.

use crate::papers::canvas::{Align, Canvas, GREY, Ink};
use crate::papers::paper::Fact;

/// How labels and values stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facts {
    /// Values in a column of their own.
    Columns,
    /// Values at the end of the line.
    AtEnd,
    /// Each value behind its label.
    Behind,
    /// Each value under its label.
    Under,
    /// Labels in one row, values in the next, between rules.
    Row,
    /// Each pair in a box of its own, four in a row.
    Boxes,
}

impl Facts {
    pub(crate) const ALL: [Self; 6] = [Self::Columns, Self::AtEnd, Self::Behind, Self::Under, Self::Row, Self::Boxes];

    /// Whether half of a sheet is enough.
    pub(crate) fn is_narrow(self) -> bool {
        !matches!(self, Self::Row | Self::Boxes)
    }
}

/// Draws facts between two ends of a line, from `top`; where they end.
pub(crate) fn draw(canvas: &mut Canvas, size: f32, look: Facts, facts: &[Fact], ends: (f32, f32), top: f32) -> f32 {
    let plain = Ink::plain(size);
    let (start, end) = ends;
    let line = 1.45 * size;
    let mut y = top + size;
    match look {
        Facts::Columns | Facts::AtEnd | Facts::Behind => {
            let widths = facts.iter().map(|fact| canvas.width_of(&fact.label, plain));
            let column = start + widths.fold(0.0, f32::max) + 10.0;
            for fact in facts {
                canvas.text(start, y, plain, Align::Start, &fact.label);
                match look {
                    Facts::Columns => canvas.text(column, y, plain, Align::Start, &fact.shown),
                    Facts::AtEnd => canvas.text(end.min(start + 240.0), y, plain, Align::End, &fact.shown),
                    _ => {
                        let x = start + canvas.width_of(&format!("{} ", fact.label), plain);
                        canvas.text(x, y, plain, Align::Start, &fact.shown);
                    }
                }
                y += line;
            }
            y
        }
        Facts::Under => {
            let small = Ink::plain(0.8 * size).of(GREY);
            for fact in facts {
                canvas.text(start, y, small, Align::Start, bare(&fact.label));
                canvas.text(start, y + 1.2 * size, plain, Align::Start, &fact.shown);
                y += 2.7 * size;
            }
            y
        }
        Facts::Row => {
            for facts in facts.chunks(5) {
                let step = (end - start) / facts.len() as f32;
                canvas.level(start, end, y - size, 0.6);
                canvas.level(start, end, y + 0.5 * size, 0.6);
                canvas.level(start, end, y + 2.0 * size, 0.6);
                for (at, fact) in facts.iter().enumerate() {
                    let x = start + at as f32 * step + 3.0;
                    let ink = fitting(canvas, bare(&fact.label), Ink::bold(0.9 * size), step - 5.0);
                    canvas.text(x, y, ink, Align::Start, bare(&fact.label));
                    canvas.text(
                        x,
                        y + 1.5 * size,
                        fitting(canvas, &fact.shown, plain, step - 5.0),
                        Align::Start,
                        &fact.shown,
                    );
                }
                y += 3.4 * size;
            }
            y
        }
        Facts::Boxes => {
            for facts in facts.chunks(4) {
                let step = (end - start) / 4.0;
                for (at, fact) in facts.iter().enumerate() {
                    let x = start + at as f32 * step;
                    canvas.frame(x, y - size, step, 2.8 * size);
                    let small = fitting(canvas, bare(&fact.label), Ink::plain(0.78 * size), step - 6.0);
                    canvas.text(x + 3.0, y, small, Align::Start, bare(&fact.label));
                    let ink = fitting(canvas, &fact.shown, plain, step - 6.0);
                    canvas.text(x + 3.0, y + 1.35 * size, ink, Align::Start, &fact.shown);
                }
                y += 2.8 * size;
            }
            y + 0.6 * size
        }
    }
}

/// A label without the colon that a value behind it would want.
pub(crate) fn bare(label: &str) -> &str {
    label.trim_end_matches([':', ' '])
}

/// An ink in which a text is no wider than `width`.
pub(crate) fn fitting(canvas: &Canvas, text: &str, ink: Ink, width: f32) -> Ink {
    let natural = canvas.width_of(text, ink);
    if natural <= width { ink } else { Ink { size: ink.size * width / natural, ..ink } }
}
