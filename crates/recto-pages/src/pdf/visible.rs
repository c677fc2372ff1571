//! Characters in the file that are invisible on the page: under bars, in the colour of their background, or on a layer
//! that is switched off.
#![allow(unsafe_code, reason = "PDFium is a C library")]

use std::collections::{HashMap, HashSet};
use std::ffi::{c_int, c_uint, c_ulong, c_void};

use recto_domain::{Affine, Point, Rect};
use recto_ocr::PageImage;

use crate::error::PagesError;
use crate::layout::{Glyph, Piece};
use crate::pdf::drawn_boxes::Drawn;
use crate::pdf::objects::{FORM, IMAGE, MAX_DEPTH, MAX_OBJECTS, PATH, SHADING, TEXT};
use crate::pdf::page::PdfPage;

/// Colours whose channels differ by less, of 255, cannot be distinguished.
const SAME_COLOUR: u32 = 40;
/// A lower opacity, of 255, counts as transparent.
const MIN_OPACITY: u32 = 20;
/// A character that changes no pixel by more than this, of 255, is invisible.
const MIN_CONTRAST: u8 = 12;
/// The most consecutive marks.
const MARKS: usize = 4;
/// Areas with a shorter side, in points, are rules.
const MIN_AREA_SIDE: f32 = 3.0;
/// A picture that covers this share of the page is the page; text under it is another program's reading of it.
const PAGE_PICTURE: f32 = 0.6;
/// The most areas that characters are compared with; pages with more are maps and charts.
const MAX_AREAS: usize = 600;
/// The resolution at which the presence of ink is checked.
const COARSE_DPI: u32 = 50;
/// The resolution at which pages are compared, …
const DPI: u32 = 100;
/// … unless they would have more pixels than about this.
const PIXELS: f32 = 4e6;
/// `FPDF_TEXTRENDERMODE_FILL` of `fpdf_edit.h`.
const FILLED: c_int = 0;

type Colour = [u32; 3];
const PAPER: Colour = [255; 3];

/// An area that is painted over what was there before.
#[derive(Debug, Clone, Copy)]
struct Area {
    /// Its position in the painting order.
    turn: usize,
    /// The bounding box on the displayed page.
    bounds: Rect,
    /// `None` for a picture or a shading.
    colour: Option<Colour>,
    is_picture: bool,
}

/// An object that draws characters.
#[derive(Debug, Clone, Copy)]
struct TextObject {
    turn: usize,
    /// `None` when it is not filled with a single colour.
    colour: Option<Colour>,
    opaque: bool,
    /// Whether it may be on a layer that is switched off.
    on_layer: bool,
}

/// The page's areas and text in painting order.
#[derive(Debug, Default)]
pub(super) struct Painting {
    turn: usize,
    /// Paths with the size of check boxes and of marks in them.
    pub(super) small_paths: Vec<Drawn>,
    areas: Vec<Area>,
    texts: HashMap<usize, TextObject>,
}

/// Why a character may be invisible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    /// Painted over, transparent, or in the colour of its surroundings.
    Hidden,
    /// Possibly on a layer that is switched off.
    OnLayer,
    /// Under a picture.
    UnderPicture,
}

/// A character in question, with its index among the pieces.
type Suspect<'a> = (usize, &'a Glyph, Suspicion);

impl PdfPage<'_> {
    /// Indexes of the pieces that are not visible on the page. Text in invisible mode, like that of a scan, is not
    /// included.
    ///
    /// Most pages have nothing that could hide a character. All other pages are drawn twice, with and without the
    /// characters in question.
    pub(super) fn unseen(&self, painting: &Painting, pieces: &[Piece]) -> Result<HashSet<usize>, PagesError> {
        let suspects: Vec<Suspect> = pieces
            .iter()
            .enumerate()
            .filter_map(|(index, piece)| {
                let Piece::Glyph(glyph) = piece else { return None };
                Some((index, glyph, painting.suspicion(glyph)?))
            })
            .collect();
        let suspects = self.without_plain_forms(suspects)?;
        if suspects.is_empty() {
            return Ok(HashSet::new());
        }
        let square_inches = self.size.width * self.size.height / (72.0 * 72.0);
        let dpi = DPI.min((PIXELS / square_inches).sqrt() as u32).max(1);
        let with = self.render_at(dpi)?;
        // PDFium reports only one of several texts at the same place, possibly the hidden one: all of them are checked
        // together.
        let told: HashSet<usize> = pieces
            .iter()
            .filter_map(|piece| if let Piece::Glyph(glyph) = piece { Some(glyph.object) } else { None })
            .collect();
        let untold = painting.texts.keys().copied().filter(|object| !told.contains(object));
        let objects: HashSet<usize> = suspects.iter().map(|(_, glyph, _)| glyph.object).chain(untold).collect();
        self.set_active(&objects, false);
        let without = self.render_at(dpi);
        self.set_active(&objects, true);
        let without = without?;
        // A picture hides the text under it where the picture is blank; otherwise the text is a reading of the picture.
        let shown: HashSet<usize> = suspects
            .iter()
            .filter(|(_, glyph, why)| *why == Suspicion::UnderPicture && contrast(&with, &glyph.ink) > MIN_CONTRAST)
            .map(|(_, glyph, _)| glyph.object)
            .collect();
        let unseen = suspects
            .iter()
            .map(|(_, glyph, why)| {
                difference(&with, &without, &glyph.ink) <= MIN_CONTRAST
                    && (*why != Suspicion::UnderPicture || !shown.contains(&glyph.object))
            })
            .collect::<Vec<_>>();
        Ok(suspects
            .iter()
            .enumerate()
            .filter(|(at, _)| unseen[*at] && !is_faint(&suspects, &unseen, *at))
            .map(|(_, (index, _, _))| *index)
            .collect())
    }

    /// The suspects without those that are suspected only because they are in a form, if most of what the form's text
    /// object draws has visible ink.
    fn without_plain_forms<'a>(&self, mut suspects: Vec<Suspect<'a>>) -> Result<Vec<Suspect<'a>>, PagesError> {
        if suspects.iter().any(|(_, _, why)| *why == Suspicion::OnLayer) {
            let page = self.render_at(COARSE_DPI)?;
            let mut flat: HashMap<usize, (usize, usize)> = HashMap::new();
            for (_, glyph, _) in &suspects {
                let (blank, all) = flat.entry(glyph.object).or_default();
                *blank += usize::from(contrast(&page, &glyph.ink) <= MIN_CONTRAST);
                *all += 1;
            }
            let plain = |object: usize| flat.get(&object).is_some_and(|(blank, all)| 2 * blank < *all);
            suspects.retain(|(_, glyph, why)| *why != Suspicion::OnLayer || !plain(glyph.object));
        }
        Ok(suspects)
    }

    /// A warning, for a person, that characters were left out.
    pub(super) fn warning_of_unseen(&self) -> Option<String> {
        let count = self.unseen.get();
        let characters = if count == 1 { "1 character".to_owned() } else { format!("{count} characters") };
        (count > 0).then(|| {
            format!(
                "The text of page {} has {characters} that cannot be seen on the page: covered, hidden or in the \
                 background colour. They were left out.",
                self.number
            )
        })
    }

    fn set_active(&self, objects: &HashSet<usize>, active: bool) {
        for &object in objects {
            // SAFETY: the numbers are addresses of objects of the loaded page.
            unsafe {
                self.api().FPDFPageObj_SetIsActive(
                    std::ptr::with_exposed_provenance_mut::<c_void>(object).cast(),
                    i32::from(active),
                );
            }
        }
    }

    /// Examines what the page draws.
    pub(super) fn painting(&self) -> Painting {
        let mut painting = Painting::default();
        // SAFETY: the page is loaded.
        let count = unsafe { self.api().FPDFPage_CountObjects(self.handle.cast()) };
        for index in 0..count {
            // SAFETY: the page is loaded and has `count` objects.
            let object: *mut c_void = unsafe { self.api().FPDFPage_GetObject(self.handle.cast(), index) }.cast();
            self.paint(object, &Affine::IDENTITY, 0, &mut painting);
        }
        painting
    }

    fn paint(&self, object: *mut c_void, outer: &Affine, depth: u32, painting: &mut Painting) {
        painting.turn += 1;
        if object.is_null() || painting.turn > MAX_OBJECTS {
            return;
        }
        // SAFETY: the object belongs to the loaded page.
        match unsafe { self.api().FPDFPageObj_GetType(object.cast()) } {
            TEXT => {
                let text = self.text_object(object, depth, painting.turn);
                painting.texts.insert(object.expose_provenance(), text);
            }
            kind @ (PATH | IMAGE | SHADING) if painting.areas.len() < MAX_AREAS => {
                self.paint_area(object, kind, outer, painting);
            }
            FORM if depth < MAX_DEPTH => {
                let inner = self.matrix(object).then(outer);
                // SAFETY: as above, and the object is a form.
                let count = unsafe { self.api().FPDFFormObj_CountObjects(object.cast()) };
                for index in 0..c_ulong::try_from(count).unwrap_or(0) {
                    // SAFETY: the form has `count` objects.
                    let part: *mut c_void = unsafe { self.api().FPDFFormObj_GetObject(object.cast(), index) }.cast();
                    self.paint(part, &inner, depth + 1, painting);
                }
            }
            _ => {}
        }
    }

    fn text_object(&self, object: *mut c_void, depth: u32, turn: usize) -> TextObject {
        let api = self.api();
        // SAFETY: the object is text of the loaded page.
        let (mode, marks) =
            unsafe { (api.FPDFTextObj_GetTextRenderMode(object.cast()), api.FPDFPageObj_CountMarks(object.cast())) };
        let colour = self.fill_colour(object).filter(|_| mode == FILLED);
        TextObject {
            turn,
            colour: colour.map(|(colour, _)| colour),
            opaque: colour.is_none_or(|(_, opacity)| opacity >= MIN_OPACITY),
            // Whether a form is on a layer cannot be determined.
            on_layer: mode == FILLED && (depth > 0 || (0..marks).any(|index| self.is_layer_mark(object, index))),
        }
    }

    /// Whether a mark of the object names a layer: `/OC`.
    fn is_layer_mark(&self, object: *mut c_void, index: c_int) -> bool {
        let mut name = [0u16; 8];
        let mut bytes: c_ulong = 0;
        let index = c_ulong::try_from(index).unwrap_or(0);
        // SAFETY: the object belongs to the loaded page; PDFium writes at most as many bytes as it is told there are.
        let known = unsafe {
            let mark = self.api().FPDFPageObj_GetMark(object.cast(), index);
            !mark.is_null()
                && self.api().FPDFPageObjMark_GetName(
                    mark,
                    name.as_mut_ptr().cast(),
                    size_of_val(&name) as c_ulong,
                    &raw mut bytes,
                ) != 0
        };
        known && name.starts_with(&[u16::from(b'O'), u16::from(b'C'), 0])
    }

    fn paint_area(&self, object: *mut c_void, kind: c_int, outer: &Affine, painting: &mut Painting) {
        let on_page = |bounds| outer.then(&self.to_display).apply_rect(&bounds).clipped(self.size);
        let Some(bounds) = self.bounds(object).and_then(on_page) else { return };
        let turn = painting.turn;
        if kind != PATH {
            let is_page = bounds.area() >= PAGE_PICTURE * self.size.width * self.size.height;
            let turn = if is_page { 0 } else { turn };
            painting.areas.push(Area { turn, bounds, colour: None, is_picture: true });
            return;
        }
        let (mut fill, mut stroke) = (0, 0);
        // SAFETY: the object is a path of the loaded page.
        let known = unsafe { self.api().FPDFPath_GetDrawMode(object.cast(), &raw mut fill, &raw mut stroke) } != 0;
        let filling = if known && fill != 0 { self.fill_colour(object) } else { None };
        let is_dark = filling.is_some_and(|(colour, opacity)| opacity > MIN_OPACITY && !is_light(colour));
        if painting.small_paths.len() < MAX_AREAS && (filling.is_some() || stroke != 0) {
            painting.small_paths.extend(self.small_path(object, bounds, is_dark));
        }
        let Some((colour, 255)) = filling else { return };
        // SAFETY: the object belongs to the loaded page.
        let transparent = unsafe { self.api().FPDFPageObj_HasTransparency(object.cast()) } != 0;
        if !transparent && bounds.width.min(bounds.height) >= MIN_AREA_SIDE {
            painting.areas.push(Area { turn, bounds, colour: Some(colour), is_picture: false });
        }
    }

    /// The red, green and blue channels, and the opacity.
    pub(super) fn fill_colour(&self, object: *mut c_void) -> Option<(Colour, u32)> {
        let (mut r, mut g, mut b, mut a): (c_uint, c_uint, c_uint, c_uint) = (0, 0, 0, 0);
        // SAFETY: the object belongs to the loaded page.
        let known = unsafe {
            self.api().FPDFPageObj_GetFillColor(object.cast(), &raw mut r, &raw mut g, &raw mut b, &raw mut a)
        };
        (known != 0).then_some(([r, g, b], a))
    }
}

impl Painting {
    fn suspicion(&self, glyph: &Glyph) -> Option<Suspicion> {
        let text = self.texts.get(&glyph.object)?;
        let colour = text.colour?;
        let middle = glyph.ink.center();
        let mut ground = Some(PAPER);
        let mut under = None;
        for area in self.areas.iter().filter(|area| holds(&area.bounds, middle)) {
            if area.turn < text.turn {
                ground = area.colour;
            } else if !area.is_picture {
                under = Some(Suspicion::Hidden);
            } else if under.is_none() {
                under = Some(Suspicion::UnderPicture);
            }
        }
        let lost = ground.is_some_and(|ground| (0..3).all(|i| ground[i].abs_diff(colour[i]) < SAME_COLOUR));
        if lost || !text.opaque {
            Some(Suspicion::Hidden)
        } else {
            under.or(text.on_layer.then_some(Suspicion::OnLayer))
        }
    }
}

/// Whether a character is a small mark that may be visible although it changes hardly a pixel: the letters beside it
/// are visible.
fn is_faint(suspects: &[Suspect], unseen: &[bool], at: usize) -> bool {
    let glyph = suspects[at].1;
    let letter = |i: &usize| {
        let other = suspects[*i].1;
        other.object == glyph.object && other.text.is_alphanumeric()
    };
    let before = (0..at).rev().take(MARKS).find(letter);
    let after = (at + 1..suspects.len()).take(MARKS).find(letter);
    !glyph.text.is_alphanumeric() && before.or(after).is_some_and(|i| !unseen[i])
}

/// Whether black text is legible on a colour.
fn is_light(colour: Colour) -> bool {
    colour.iter().sum::<u32>() > 3 * 128
}

fn holds(r: &Rect, p: Point) -> bool {
    (r.x..r.right()).contains(&p.x) && (r.y..r.bottom()).contains(&p.y)
}

/// The largest difference between two pictures of a page in an area.
fn difference(a: &PageImage, b: &PageImage, place: &Rect) -> u8 {
    let (mut rows_a, mut rows_b) = (rows(a, place), rows(b, place));
    let mut most = 0;
    while let (Some(a), Some(b)) = (rows_a.next(), rows_b.next()) {
        most = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).fold(most, u8::max);
    }
    most
}

/// The range of brightness in an area.
fn contrast(page: &PageImage, place: &Rect) -> u8 {
    let (least, most) = rows(page, place).flatten().fold((u8::MAX, 0), |(least, most), &v| (least.min(v), most.max(v)));
    most.saturating_sub(least)
}

/// The pixels of an area, row by row.
fn rows<'a>(page: &'a PageImage, place: &Rect) -> impl Iterator<Item = &'a [u8]> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let scale = page.scale();
    let pixels = |from: f32, to: f32, most: usize| {
        let from = ((from / scale).floor().max(0.0) as usize).min(most.saturating_sub(1));
        from..((to / scale).ceil().max(0.0) as usize).clamp(from + 1, most.max(from + 1))
    };
    let (across, down) = (pixels(place.x, place.right(), width), pixels(place.y, place.bottom(), height));
    down.filter_map(move |y| page.luma().get(y * width + across.start..y * width + across.end))
}
