//! Checks whether a font draws the characters that its map declares: letters, digits and signs are compared with those
//! of the fonts built into PDFium.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

use crate::pdf::library::PdfLibrary;
use crate::pdf::shape::{Segment, Shape};

/// Fonts of every kind of text typeface, by the names that every PDF viewer knows.
const MODELS: [&str; 8] = [
    "Helvetica",
    "Helvetica-Bold",
    "Helvetica-Oblique",
    "Times-Roman",
    "Times-Bold",
    "Times-Italic",
    "Courier",
    "Courier-Bold",
];
/// A filled box has at least this share of ink.
const FILLED: f32 = 0.7;
/// The characters that are compared.
const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%&?!@#$*+=;:<>(){}[]/";
/// Letters and signs that look alike in some typeface and are not distinguished by shape.
const ALIKE: [&str; 17] = [
    "oO0QC()",
    "lI1|i!j[]()/",
    "{}()[]",
    "sS5$",
    "zZ2",
    "vVyY",
    "xX*",
    "cCeG",
    "wW",
    "uUvV",
    "kK",
    "pP",
    "mM",
    "gq9y",
    "b6",
    "nh",
    "B8$&",
];
/// Capitals, small letters and digits that look the same in other scripts.
const SAME_IN_OTHER_SCRIPTS: [(char, char); 45] = [
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('к', 'k'),
    ('І', 'I'),
    ('і', 'i'),
    ('Ѕ', 'S'),
    ('ѕ', 's'),
    ('Ј', 'J'),
    ('ј', 'j'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    ('ο', 'o'),
    ('κ', 'k'),
    ('ν', 'v'),
    ('α', 'a'),
    ('υ', 'u'),
    ('ρ', 'p'),
];

/// The result of comparing a font's letters with the models.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Comparison {
    /// The number of characters whose look is known.
    pub(super) known: usize,
    /// The number of those that could be compared, because the font has an outline for them.
    pub(super) compared: usize,
    /// Those that look like another character rather than like the one declared.
    pub(super) unlike: BTreeSet<char>,
}

/// The shapes of one character in all models.
struct Model {
    character: char,
    shapes: Vec<Shape>,
}

/// Compares what a font draws for these characters with the models.
pub(super) fn compare(library: &PdfLibrary, font: *mut c_void, characters: impl Iterator<Item = char>) -> Comparison {
    let models = models(library);
    let has_outlines = has_name(library, font);
    let mut comparison = Comparison::default();
    for character in characters {
        let Some(plain) = plain(character) else { continue };
        comparison.known += 1;
        if !has_outlines {
            continue;
        }
        let outline = drawn(library, font, character);
        let is_like = JUDGED.with_borrow_mut(|judged| {
            if judged.len() > MOST_JUDGED {
                judged.clear();
            }
            *judged
                .entry((plain, bits(&outline)))
                .or_insert_with(|| Some(looks_like(&Shape::of(&outline)?, plain, models)))
        });
        comparison.compared += usize::from(is_like.is_some());
        if is_like == Some(false) {
            comparison.unlike.insert(character);
        }
    }
    comparison
}

thread_local! {
    /// A cache of whether an outline, given as bits, looks like a character; `None` when it has no shape. The pages of
    /// a document use the same few fonts.
    static JUDGED: RefCell<HashMap<Drawn, Option<bool>>> = RefCell::default();
}

/// A character and the outline that a font draws for it.
type Drawn = (char, Vec<u32>);

/// The size of the cache; an outline takes some kilobytes.
const MOST_JUDGED: usize = 2000;

/// Whether a shape is nearest to that of a character, or of a look-alike.
fn looks_like(shape: &Shape, character: char, models: &[Model]) -> bool {
    let nearest = |own: bool| {
        let shapes = models.iter().filter(|m| is_alike(m.character, character) == own).flat_map(|m| &m.shapes);
        shapes.map(|model| model.distance(shape)).fold(f32::INFINITY, f32::min)
    };
    nearest(true) <= nearest(false) + MARGIN
}

/// An outline as a hash key.
fn bits(outline: &[Segment]) -> Vec<u32> {
    let point = |(x, y): (f32, f32)| [x.to_bits(), y.to_bits()];
    outline
        .iter()
        .flat_map(|segment| match *segment {
            Segment::Move(to) => [[0, 0], [0, 0], point(to)],
            Segment::Line(to) => [[1, 0], [0, 0], point(to)],
            Segment::Curve(first, second, to) => [point(first), point(second), point(to)],
        })
        .flatten()
        .collect()
}

/// By how much another character's shape must be nearer.
const MARGIN: f32 = 0.05;

/// The model character that looks like this one.
fn plain(character: char) -> Option<char> {
    let base = std::iter::once(character).nfd().next().unwrap_or(character);
    if base != character {
        // Accents change the box of a letter too much.
        return None;
    }
    let latin =
        SAME_IN_OTHER_SCRIPTS.iter().find(|(other, _)| *other == character).map_or(character, |(_, latin)| *latin);
    CHARACTERS.contains(latin).then_some(latin)
}

fn is_alike(one: char, other: char) -> bool {
    one == other || ALIKE.iter().any(|group| group.contains(one) && group.contains(other))
}

/// The models, drawn once per process.
fn models(library: &PdfLibrary) -> &'static [Model] {
    static MODELS_DRAWN: OnceLock<Vec<Model>> = OnceLock::new();
    MODELS_DRAWN.get_or_init(|| {
        let api = library.api();
        let mut models: Vec<Model> =
            CHARACTERS.chars().map(|character| Model { character, shapes: Vec::new() }).collect();
        // SAFETY: the document is closed after the fonts, each of which is closed once.
        unsafe {
            let document = api.FPDF_CreateNewDocument();
            for name in MODELS {
                let font = api.FPDFText_LoadStandardFont(document, name);
                if font.is_null() {
                    continue;
                }
                for model in &mut models {
                    model.shapes.extend(Shape::of(&drawn(library, font.cast(), model.character)));
                }
                api.FPDFFont_Close(font);
            }
            api.FPDF_CloseDocument(document);
        }
        models
    })
}

/// Whether a font has a name. Type 3 fonts, which draw each character like a small page, have none, and PDFium returns
/// outlines of another font for them.
fn has_name(library: &PdfLibrary, font: *mut c_void) -> bool {
    // SAFETY: the font belongs to an open document; without a buffer only the length of the name is told, with the zero
    // that ends it.
    unsafe { library.api().FPDFFont_GetBaseFontName(font.cast(), ptr::null_mut(), 0) > 1 }
}

/// Whether the drawing of a character fills its box, as a bar does and a tilde does not; also true when its outline is
/// not available.
pub(super) fn is_filled(library: &PdfLibrary, font: *mut c_void, character: char) -> bool {
    Shape::of(&drawn(library, font, character)).is_none_or(|shape| shape.coverage() >= FILLED)
}

/// The outline that a font draws for a character; empty when it has none.
fn drawn(library: &PdfLibrary, font: *mut c_void, character: char) -> Vec<Segment> {
    /// `FPDF_SEGMENT_…` of `fpdf_edit.h`.
    const LINE: c_int = 0;
    const CURVE: c_int = 1;
    const MOVE: c_int = 2;
    let api = library.api();
    // SAFETY: the font belongs to an open document; the path belongs to the font, and its segments to the path.
    let points: Vec<(c_int, (f32, f32))> = unsafe {
        let path = api.FPDFFont_GetGlyphPath(font.cast(), character.into(), 1.0);
        if path.is_null() {
            return Vec::new();
        }
        (0..api.FPDFGlyphPath_CountGlyphSegments(path))
            .map(|index| {
                let segment = api.FPDFGlyphPath_GetGlyphPathSegment(path, index);
                let (mut x, mut y) = (0.0, 0.0);
                api.FPDFPathSegment_GetPoint(segment, ptr::from_mut(&mut x), ptr::from_mut(&mut y));
                (api.FPDFPathSegment_GetType(segment), (x, y))
            })
            .collect()
    };
    let mut outline = Vec::with_capacity(points.len());
    let mut rest = points.as_slice();
    loop {
        rest = match *rest {
            [(MOVE, to), ref rest @ ..] => {
                outline.push(Segment::Move(to));
                rest
            }
            [(LINE, to), ref rest @ ..] => {
                outline.push(Segment::Line(to));
                rest
            }
            [(CURVE, first), (CURVE, second), (CURVE, to), ref rest @ ..] => {
                outline.push(Segment::Curve(first, second, to));
                rest
            }
            _ => break,
        };
    }
    outline
}
