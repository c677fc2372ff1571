//! What is put to the characters of a page and taken from them: the signs of check boxes, notes and values that are not
//! drawn, copies and what nobody sees.

use std::collections::{HashMap, HashSet};

use recto_domain::{Point, Rect, Size};

use crate::layout::{ADDED, Piece, add_box, add_text};
use crate::pdf::annotations::{Annotation, Saying};
use crate::pdf::chars::{Characters, Mark};

/// What stands for a check box.
const MARKED: char = '☑';
const UNMARKED: char = '☐';
/// How a character that was added came about.
const PLAIN: Mark = Mark { unusable: false, invisible: false, font: None };

impl Characters {
    /// Takes out the pieces with those indexes.
    pub(super) fn remove(&mut self, indexes: &HashSet<usize>) {
        if indexes.is_empty() {
            return;
        }
        // Those that were added have no marks yet.
        let is_marked = |piece: &Piece| matches!(piece, Piece::Glyph(glyph) if glyph.object != ADDED);
        let glyphs = self.pieces.iter().enumerate().filter(|(_, piece)| is_marked(piece));
        let mut stays = glyphs.map(|(i, _)| !indexes.contains(&i)).collect::<Vec<_>>().into_iter();
        self.marks.retain(|_| stays.next().unwrap_or(true));
        let mut index = 0..;
        self.pieces.retain(|_| index.next().is_some_and(|i| !indexes.contains(&i)));
    }

    /// Adds what an annotation says.
    pub(super) fn add(&mut self, annotation: &Annotation, page: Size) {
        let place = &annotation.place;
        match &annotation.saying {
            Saying::Box { marked } => self.add_box(place, if *marked { MARKED } else { UNMARKED }),
            Saying::Text { text, size } => {
                let drawn = self.drawn_in(place);
                // What PDFium draws of a note without an appearance has no lines and only Latin letters.
                let is_whole = !text.trim().contains(['\r', '\n']);
                if self.letters_missing(&drawn, text).is_some_and(|missing| missing > 0 || !is_whole) {
                    self.remove(&drawn);
                    add_text(&mut self.pieces, text, place, *size, page);
                }
            }
        }
    }

    /// Indexes of the characters in a place.
    fn within(&self, place: &Rect) -> HashSet<usize> {
        let holds = |piece: &Piece| match piece {
            Piece::Glyph(glyph) => {
                let Point { x, y } = glyph.ink.center();
                (place.x..place.right()).contains(&x) && (place.y..place.bottom()).contains(&y)
            }
            _ => false,
        };
        (0..self.pieces.len()).filter(|&i| holds(&self.pieces[i])).collect()
    }

    /// Indexes of the characters that commands draw which begin in a place, and maybe go on beyond it.
    fn drawn_in(&self, place: &Rect) -> HashSet<usize> {
        let within = self.within(place);
        let mut begins: HashMap<usize, bool> = HashMap::new();
        let mut drawn = HashSet::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            if let Piece::Glyph(glyph) = piece
                && *begins.entry(glyph.object).or_insert_with(|| within.contains(&index))
            {
                drawn.insert(index);
            }
        }
        drawn
    }

    /// Puts the sign of a check box in the place of the cross or tick that is drawn in it.
    pub(super) fn add_box(&mut self, place: &Rect, sign: char) {
        // Not of a letter of the label that reaches into it.
        let is_alone = |object: usize| self.glyphs().filter(|g| g.object == object).take(2).count() == 1;
        let mut drawn = self.within(place);
        drawn.retain(|&i| match &self.pieces[i] {
            Piece::Glyph(glyph) => !glyph.text.is_alphanumeric() || is_alone(glyph.object),
            _ => false,
        });
        self.remove(&drawn);
        add_box(&mut self.pieces, place, sign);
    }

    /// Gives the characters that were added their marks, once all are.
    pub(super) fn mark_what_was_added(&mut self) {
        let added: Vec<bool> = self.glyphs().map(|glyph| glyph.object == ADDED).collect();
        let mut marks = std::mem::take(&mut self.marks).into_iter();
        let mark = |added: bool| if added { Some(PLAIN) } else { marks.next() };
        self.marks = added.into_iter().filter_map(mark).collect();
    }

    /// How many letters and figures of a text are missing among those with the indexes; `None` when these say something
    /// else. Dotted lines and frames say nothing.
    fn letters_missing(&self, indexes: &HashSet<usize>, text: &str) -> Option<usize> {
        let mut missing = 0;
        let mut rest = text.chars().filter(|c| c.is_alphanumeric());
        for (_, piece) in self.pieces.iter().enumerate().filter(|(i, _)| indexes.contains(i)) {
            if let Piece::Glyph(glyph) = piece
                && glyph.text.is_alphanumeric()
            {
                missing += rest.by_ref().position(|c| c == glyph.text)?;
            }
        }
        Some(missing + rest.count())
    }
}
