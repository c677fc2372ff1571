//! The evidence against each word of a text layer.

use std::collections::BTreeSet;

use recto_domain::{Page, Rect};

use crate::layer::Doubt;
use crate::layout::{Glyph, Piece};
use crate::pdf::chars::{Characters, Mark};
use crate::pdf::library::PdfLibrary;
use crate::pdf::lookalike;
use crate::pdf::script;

/// A font has a wrong map if this share of its characters look like others, and at least this many of them.
const WRONG_FONT: f32 = 0.3;
const WRONG_CHARACTERS: usize = 3;
/// There is no evidence for the map of a font that draws this many known characters as bitmaps, without outlines.
const UNSEEN: usize = 6;
/// A single letter may look odd in a good font; this many may not, nor may a digit.
const ODD_LETTERS: usize = 2;
/// Unmapped characters this close to others, in type sizes, belong to their word.
const IN_WORD: f32 = 0.25;
/// Two words are at the same place when they overlap by this share of the smaller one.
const SAME_PLACE: f32 = 0.5;
/// On a page with two overlapping texts, this share of the words overlap others.
const TANGLED: f32 = 0.15;

/// The evidence against the words of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doubts {
    /// For each word, in the order of [`Page::words`].
    pub(super) words: Vec<Doubt>,
    /// The ink of unmapped characters that belong to words or numbers.
    pub(super) holes: Vec<Rect>,
}

/// The evidence against each word: an implausible form (all words, if the page is not plausible), its font, its script,
/// invisibility, and unmapped characters.
pub(super) fn doubts(library: &PdfLibrary, characters: &Characters, page: &Page, is_plausible: bool) -> Doubts {
    let odd = odd_characters(library, characters);
    let holes = holes(characters);
    let suspects: Vec<Rect> = characters
        .glyphs()
        .zip(&characters.marks)
        .filter(|(glyph, mark)| mark.invisible || mark.font.is_some_and(|font| odd[font].contains(&glyph.text)))
        .map(|(glyph, _)| glyph.ink)
        .collect();
    let wrong_script = script::doubtful_words(page);
    let words = page.words().zip(wrong_script).map(|(word, is_wrong_script)| {
        let near = with_room(&word.bbox, 0.1 * word.bbox.height);
        if holes.iter().any(|hole| hole.intersection(&near).is_some()) {
            Doubt::Damaged
        } else if !is_plausible || is_wrong_script || suspects.iter().any(|ink| holds(&word.bbox, ink)) {
            Doubt::Suspect
        } else {
            Doubt::None
        }
    });
    Doubts { words: words.collect(), holes: holes.clone() }
}

/// Whether two texts overlap.
pub(super) fn is_tangled(page: &Page) -> bool {
    let mut boxes: Vec<Rect> = page.words().map(|word| word.bbox).collect();
    boxes.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut tangled = 0;
    for (at, one) in boxes.iter().enumerate() {
        let below = boxes[at + 1..].iter().take_while(|other| other.y < one.bottom());
        let lies_on_another = below.filter_map(|other| {
            let shared = one.intersection(other)?.area();
            Some(shared > SAME_PLACE * one.area().min(other.area()))
        });
        tangled += usize::from(lies_on_another.into_iter().any(|lies| lies));
    }
    tangled >= 3 && tangled as f32 > TANGLED * boxes.len() as f32
}

/// For each font, the characters that look different from what its map declares.
fn odd_characters(library: &PdfLibrary, characters: &Characters) -> Vec<BTreeSet<char>> {
    let odd = |font: &crate::pdf::chars::UsedFont| {
        let comparison = lookalike::compare(library, font.handle, font.characters.iter().copied());
        let is_unseen = comparison.known >= UNSEEN && comparison.compared == 0;
        let odd = comparison.unlike;
        let is_wrong = odd.len() >= WRONG_CHARACTERS && odd.len() as f32 >= WRONG_FONT * comparison.compared as f32;
        let digits = || odd.iter().filter(|c| c.is_numeric());
        let letters = odd.iter().filter(|c| c.is_alphabetic()).count();
        if is_wrong || is_unseen {
            font.characters.clone()
        } else if letters >= ODD_LETTERS {
            odd
        } else {
            digits().copied().collect()
        }
    };
    characters.fonts.iter().map(odd).collect()
}

/// The ink of unmapped characters, except for those that stand alone, like bullets.
fn holes(characters: &Characters) -> Vec<Rect> {
    if characters.unusable == 0 {
        return Vec::new();
    }
    let mut marks = characters.marks.iter();
    let placed: Vec<Option<(&Glyph, &Mark)>> = characters
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Glyph(glyph) => marks.next().map(|mark| (glyph, mark)),
            Piece::Blank | Piece::Gap | Piece::LineEnd => None,
        })
        .collect();
    let is_hole = |at: usize| {
        let Some(Some((glyph, mark))) = placed.get(at) else { return None };
        // Without ink it is a space.
        if !mark.unusable || glyph.ink == glyph.cell {
            return None;
        }
        let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let belongs =
            neighbours.filter_map(|at| placed.get(at).copied().flatten()).any(|(other, _)| joins(glyph, other));
        // A sign before a number.
        let number = placed.get(at + 1).is_some_and(Option::is_none)
            && placed.get(at + 2).copied().flatten().is_some_and(|(other, _)| other.text.is_numeric());
        (belongs || number).then_some(glyph.ink)
    };
    (0..placed.len()).filter_map(is_hole).collect()
}

fn joins(one: &Glyph, other: &Glyph) -> bool {
    let apart = (one.cell.x - other.cell.right()).max(other.cell.x - one.cell.right());
    let across = (one.origin.y - other.origin.y).abs();
    apart <= IN_WORD * one.size && across <= 0.5 * one.size
}

fn with_room(r: &Rect, room: f32) -> Rect {
    Rect { x: r.x - room, y: r.y - room, width: r.width + 2.0 * room, height: r.height + 2.0 * room }
}

fn holds(place: &Rect, ink: &Rect) -> bool {
    let center = ink.center();
    (place.x..=place.right()).contains(&center.x) && (place.y..=place.bottom()).contains(&center.y)
}
