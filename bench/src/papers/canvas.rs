//! The sheets of a paper: what is drawn on them, and how they become a PDF. Layouts count from where a line begins: a paper
//! that is read from right to left is the mirror of the other.

use anyhow::{Context, anyhow};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use crate::papers::typeface::Typeface;

/// Red, green and blue.
pub(crate) type Colour = (u8, u8, u8);

pub(crate) const BLACK: Colour = (0, 0, 0);
pub(crate) const GREY: Colour = (90, 90, 90);

/// How letters look.
#[derive(Clone, Copy)]
pub(crate) struct Ink {
    /// In points.
    pub(crate) size: f32,
    pub(crate) is_bold: bool,
    pub(crate) colour: Colour,
}

impl Ink {
    pub(crate) fn plain(size: f32) -> Self {
        Self { size, is_bold: false, colour: BLACK }
    }

    pub(crate) fn bold(size: f32) -> Self {
        Self { is_bold: true, ..Self::plain(size) }
    }

    pub(crate) fn of(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }
}

/// What of a text stands at its place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

/// What is drawn, in points from the top left corner of the sheet.
enum Mark {
    /// Letters, from their left end and their base line.
    Text {
        x: f32,
        y: f32,
        ink: Ink,
        text: String,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        weight: f32,
    },
    Area {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
}

/// The sheets of a paper.
pub(crate) struct Canvas {
    typeface: Typeface,
    pub(crate) width: f32,
    pub(crate) height: f32,
    from_right: bool,
    sheets: Vec<Vec<Mark>>,
    /// The sheet that is drawn on, from 0.
    at: usize,
}

impl Canvas {
    pub(crate) fn new(typeface: Typeface, width: f32, height: f32, from_right: bool) -> Self {
        Self { typeface, width, height, from_right, sheets: vec![Vec::new()], at: 0 }
    }

    /// Goes on on another sheet.
    pub(crate) fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.at = self.sheets.len() - 1;
    }

    /// Goes back to a sheet, counted from 0.
    pub(crate) fn go_to(&mut self, sheet: usize) {
        self.at = sheet.min(self.sheets.len() - 1);
    }

    pub(crate) fn sheets(&self) -> usize {
        self.sheets.len()
    }

    /// Cuts the sheets off at a height.
    pub(crate) fn cut(&mut self, height: f32) {
        self.height = height;
    }

    fn mark(&mut self, mark: Mark) {
        self.sheets[self.at].push(mark);
    }

    pub(crate) fn width_of(&self, text: &str, ink: Ink) -> f32 {
        ink.size * self.typeface.width(text, ink.is_bold)
    }

    pub(crate) fn text(&mut self, x: f32, y: f32, ink: Ink, align: Align, text: &str) {
        let width = self.width_of(text, ink);
        let start = match align {
            Align::Start => x,
            Align::Middle => x - width / 2.0,
            Align::End => x - width,
        };
        let x = if self.from_right { self.width - start - width } else { start };
        self.mark(Mark::Text { x, y, ink, text: text.to_owned() });
    }

    /// Lines one under another; the base line of the next.
    pub(crate) fn lines(&mut self, x: f32, y: f32, ink: Ink, align: Align, lines: &[String]) -> f32 {
        let mut y = y;
        for line in lines {
            self.text(x, y, ink, align, line);
            y += 1.3 * ink.size;
        }
        y
    }

    /// A text in lines no wider than `width`; the base line of the next.
    pub(crate) fn paragraph(&mut self, x: f32, y: f32, width: f32, ink: Ink, text: &str) -> f32 {
        let lines = self.broken(text, width, ink);
        self.lines(x, y, ink, Align::Start, &lines)
    }

    /// A text broken into lines no wider than `width`.
    pub(crate) fn broken(&self, text: &str, width: f32, ink: Ink) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if self.width_of(&format!("{line} {word}"), ink) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }

    pub(crate) fn rule(&mut self, from: (f32, f32), to: (f32, f32), weight: f32) {
        let turned = |(x, y): (f32, f32)| if self.from_right { (self.width - x, y) } else { (x, y) };
        let (from, to) = (turned(from), turned(to));
        self.mark(Mark::Rule { from, to, weight });
    }

    /// A level rule.
    pub(crate) fn level(&mut self, x: f32, end: f32, y: f32, weight: f32) {
        self.rule((x, y), (end, y), weight);
    }

    pub(crate) fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let (end, bottom) = (x + width, y + height);
        for (from, to) in
            [((x, y), (end, y)), ((end, y), (end, bottom)), ((end, bottom), (x, bottom)), ((x, bottom), (x, y))]
        {
            self.rule(from, to, 0.6);
        }
    }

    pub(crate) fn area(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let x = if self.from_right { self.width - x - width } else { x };
        self.mark(Mark::Area { x, y, width, height, colour });
    }

    /// All texts, in the order in which they were drawn.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<&str> {
        let text = |mark: &'_ Mark| matches!(mark, Mark::Text { .. });
        let marks = self.sheets.iter().flatten().filter(|mark| text(mark));
        marks.filter_map(|mark| if let Mark::Text { text, .. } = mark { Some(text.as_str()) } else { None }).collect()
    }

    /// The paper as a PDF, with its text.
    pub(crate) fn pdf(&self) -> anyhow::Result<Vec<u8>> {
        let mut document =
            Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
        for sheet in &self.sheets {
            let settings = PageSettings::from_wh(self.width, self.height).context("the sheet has no size")?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for mark in sheet {
                self.draw(&mut surface, mark)?;
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| anyhow!("the PDF cannot be written: {error:?}"))
    }

    fn draw(&self, surface: &mut Surface<'_>, mark: &Mark) -> anyhow::Result<()> {
        match mark {
            Mark::Text { x, y, ink, text } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(ink.colour)));
                let mut x = *x;
                for run in self.typeface.set(text, ink.is_bold)? {
                    surface.draw_glyphs(
                        Point::from_xy(x, *y),
                        &run.glyphs,
                        run.font.clone(),
                        &run.text,
                        ink.size,
                        false,
                    );
                    x += ink.size * run.width;
                }
            }
            Mark::Rule { from, to, weight } => {
                let mut path = PathBuilder::new();
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke { width: *weight, ..Stroke::default() }));
                surface.draw_path(&path.finish().context("a rule has two ends")?);
            }
            Mark::Area { x, y, width, height, colour } => {
                let mut path = PathBuilder::new();
                path.push_rect(Rect::from_xywh(*x, *y, *width, *height).context("an area has a size")?);
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*colour)));
                surface.draw_path(&path.finish().context("an area has a size")?);
            }
        }
        Ok(())
    }
}

fn fill((red, green, blue): Colour) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: krilla::paint::FillRule::default(),
    }
}
