//! Adds and removes characters of a page: adds the signs of check boxes, and notes and values that are not drawn;
//! removes copies and invisible characters.

use std::collections::{HashMap, HashSet};

use recto_domain::{Point, Rect, Size};

use crate::layout::{ADDED, Piece, add_box, add_text};
use crate::pdf::annotations::{Annotation, Saying};
use crate::pdf::chars::{Characters, Mark};

/// The signs of check boxes.
const MARKED: char = '☑';
const UNMARKED: char = '☐';
/// The mark of an added character.
const PLAIN: Mark = Mark { unusable: false, invisible: false, font: None };

impl Characters {
    /// Removes the pieces with those indexes.
    pub(super) fn remove(&mut self, indexes: &HashSet<usize>) {
        if indexes.is_empty() {
            return;
        }
        // Added characters have no marks yet.
        let is_marked = |piece: &Piece| matches!(piece, Piece::Glyph(glyph) if glyph.object != ADDED);
        let glyphs = self.pieces.iter().enumerate().filter(|(_, piece)| is_marked(piece));
        let mut stays = glyphs.map(|(i, _)| !indexes.contains(&i)).collect::<Vec<_>>().into_iter();
        self.marks.retain(|_| stays.next().unwrap_or(true));
        let mut index = 0..;
        self.pieces.retain(|_| index.next().is_some_and(|i| !indexes.contains(&i)));
    }

    /// Adds the text or state of an annotation.
    pub(super) fn add(&mut self, annotation: &Annotation, page: Size) {
        let place = &annotation.place;
        match &annotation.saying {
            Saying::Box { marked } => self.add_box(place, if *marked { MARKED } else { UNMARKED }),
            Saying::Text { text, size } => {
                let drawn = self.drawn_in(place);
                // For a note without an appearance, PDFium draws only Latin letters, and no line breaks.
                let is_whole = !text.trim().contains(['\r', '\n']);
                if self.letters_missing(&drawn, text).is_some_and(|missing| missing > 0 || !is_whole) {
                    self.remove(&drawn);
                    add_text(&mut self.pieces, text, place, *size, page);
                }
            }
        }
    }

    /// Indexes of the characters in an area.
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

    /// Indexes of the characters of drawing commands that begin in an area; they may extend beyond it.
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

    /// Replaces the cross or tick drawn in a check box by its sign.
    pub(super) fn add_box(&mut self, place: &Rect, sign: char) {
        // Except for a letter of the label that extends into it.
        let is_alone = |object: usize| self.glyphs().filter(|g| g.object == object).take(2).count() == 1;
        let mut drawn = self.within(place);
        drawn.retain(|&i| match &self.pieces[i] {
            Piece::Glyph(glyph) => !glyph.text.is_alphanumeric() || is_alone(glyph.object),
            _ => false,
        });
        self.remove(&drawn);
        add_box(&mut self.pieces, place, sign);
    }

    /// Gives the added characters their marks, after all were added.
    pub(super) fn mark_what_was_added(&mut self) {
        let added: Vec<bool> = self.glyphs().map(|glyph| glyph.object == ADDED).collect();
        let mut marks = std::mem::take(&mut self.marks).into_iter();
        let mark = |added: bool| if added { Some(PLAIN) } else { marks.next() };
        self.marks = added.into_iter().filter_map(mark).collect();
    }

    /// The number of letters and digits of a text that are missing among the characters at the indexes; `None` when
    /// these are a different text. Dotted lines and frames are ignored.
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
