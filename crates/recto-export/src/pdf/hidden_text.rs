//! Hidden text of a page: text that another program recognised before, under the page's picture or without colour.
//! After the page is recognised again, it would be wrong or duplicate, so it is removed. Visible text stays.

use std::collections::HashSet;
use std::io;

use super::contents::{self, MAX_CONTENTS, Operation, Operations};
use super::copy::Copier;
use super::matrix::{Frame, Matrix};
use super::object::{Dictionary, Object, Reference};
use super::writer::Writer;

/// The most levels of nested forms that are searched.
const MAX_DEPTH: usize = 4;
/// A picture hides a page when it covers this share of both sides.
const COVERED: f64 = 0.9;

/// Contents without hidden text.
pub(super) struct Bared {
    pub(super) contents: Vec<u8>,
    /// Forms whose hidden text was removed: their names in the resources, and their numbers in the export.
    pub(super) forms: Vec<(Vec<u8>, Reference)>,
}

/// Searches a page whose visible area is `visible` for hidden text; `None` when there is none that can be removed.
pub(super) fn without_hidden_text(
    contents: &Object,
    resources: &Dictionary,
    visible: Frame,
    copier: &mut Copier,
    writer: &mut Writer<'_>,
) -> Result<Option<Bared>, io::Error> {
    let Some(data) = contents::joined(contents, &mut copier.source) else { return Ok(None) };
    let mut search = Search { copier, writer, visible, seen: HashSet::new() };
    search.contents(&data, resources, State::default(), MAX_DEPTH)
}

/// The resources translated for the export, with forms replaced.
pub(super) fn with_forms(
    resources: &Dictionary,
    forms: &[(Vec<u8>, Reference)],
    copier: &mut Copier,
    writer: &mut Writer<'_>,
) -> Dictionary {
    let mut resources = resources.clone();
    if !forms.is_empty() {
        // Indirect dictionaries may be shared with other pages.
        let objects = resources.get("XObject").and_then(|objects| copier.source.dictionary(objects));
        resources.set("XObject", objects.unwrap_or_default());
    }
    let Object::Dictionary(mut translated) = copier.translated(&resources.into(), writer) else {
        return Dictionary::new();
    };
    for (_, objects) in translated.iter_mut().filter(|(key, _)| key.as_slice() == b"XObject") {
        if let Object::Dictionary(objects) = objects {
            for (name, form) in forms {
                objects.insert(name.clone(), (*form).into());
            }
        }
    }
    translated
}

/// The relevant part of the graphics state.
#[derive(Debug, Clone, Copy)]
struct State {
    to_user: Matrix,
    /// The text rendering mode: 3 is invisible.
    mode: i64,
    /// Whether nothing makes painting transparent.
    is_plain: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { to_user: Matrix::IDENTITY, mode: 0, is_plain: true }
    }
}

struct Search<'a, 'w> {
    copier: &'a mut Copier,
    writer: &'a mut Writer<'w>,
    visible: Frame,
    /// Forms that are being searched.
    seen: HashSet<Reference>,
}

impl Search<'_, '_> {
    /// Contents without hidden text; `None` when they stay unchanged.
    fn contents(
        &mut self,
        data: &[u8],
        resources: &Dictionary,
        mut state: State,
        depth: usize,
    ) -> Result<Option<Bared>, io::Error> {
        let objects = resources.get("XObject").and_then(|objects| self.copier.source.dictionary(objects));
        let objects = objects.unwrap_or_default();
        let mut forms: Vec<(Vec<u8>, Reference)> = Vec::new();
        let mut stack = Vec::new();
        let mut hidden: Vec<(usize, usize, Vec<u8>)> = Vec::new();
        let mut shown: Vec<(usize, usize, Vec<u8>)> = Vec::new();
        // Whether removed text precedes other text on the same line, which would then move.
        let mut is_before = false;
        for operation in Operations::of(data) {
            match operation.operator {
                b"q" => stack.push(state),
                b"Q" => state = stack.pop().unwrap_or(state),
                b"cm" => {
                    if let Some(matrix) = operation.numbers() {
                        state.to_user = Matrix(matrix).then(state.to_user);
                    }
                }
                b"Tr" => state.mode = operation.numbers::<1>().map_or(0, |[mode]| mode as i64),
                b"gs" => state.is_plain = false,
                b"BT" | b"Td" | b"TD" | b"Tm" | b"T*" => is_before = false,
                b"Tj" | b"TJ" | b"'" | b"\"" => {
                    let moves = operation.operator.len() == 1;
                    let piece = (operation.start, operation.end, instead(&operation));
                    if state.mode == 3 {
                        hidden.push(piece);
                        is_before = true;
                    } else if is_before && !moves {
                        return Ok(None);
                    } else {
                        is_before = false;
                        shown.push(piece);
                    }
                }
                b"Do" => {
                    let Some(name) = operation.name() else { continue };
                    let Some(object) = objects.iter().find(|(key, _)| key.as_slice() == name) else { continue };
                    let (name, object) = (object.0.clone(), object.1.clone());
                    match self.drawn(&object, state, depth)? {
                        Drawn::Cover => hidden.append(&mut shown),
                        Drawn::Changed(form) => forms.push((name, form)),
                        Drawn::Other => {}
                    }
                }
                _ => {}
            }
        }
        if hidden.is_empty() && forms.is_empty() {
            return Ok(None);
        }
        hidden.sort_unstable_by_key(|piece| piece.0);
        let mut bared = Vec::with_capacity(data.len());
        let mut at = 0;
        for (start, end, instead) in hidden {
            bared.extend_from_slice(&data[at..start]);
            bared.extend_from_slice(&instead);
            at = end;
        }
        bared.extend_from_slice(&data[at..]);
        Ok(Some(Bared { contents: bared, forms }))
    }

    fn drawn(&mut self, object: &Object, state: State, depth: usize) -> Result<Drawn, io::Error> {
        let Some(reference) = object.as_reference() else { return Ok(Drawn::Other) };
        let Some(dictionary) = self.copier.source.load(reference).and_then(|l| l.object.as_dictionary().cloned())
        else {
            return Ok(Drawn::Other);
        };
        if dictionary.is("Subtype", "Image") {
            let is_mask = dictionary.get("ImageMask").is_some_and(|mask| *mask != Object::Boolean(false));
            let is_opaque =
                !is_mask && !["SMask", "Mask", "OC", "SMaskInData"].iter().any(|key| dictionary.contains(key));
            return Ok(if is_opaque && state.is_plain && self.covers(state) { Drawn::Cover } else { Drawn::Other });
        }
        if !dictionary.is("Subtype", "Form") || depth == 0 || !self.seen.insert(reference) {
            return Ok(Drawn::Other);
        }
        let changed = self.form(object, dictionary, state, depth);
        self.seen.remove(&reference);
        Ok(changed?.map_or(Drawn::Other, Drawn::Changed))
    }

    /// A form without hidden text, if it contains any.
    fn form(
        &mut self,
        form: &Object,
        mut dictionary: Dictionary,
        mut state: State,
        depth: usize,
    ) -> Result<Option<Reference>, io::Error> {
        let Some(data) = self.copier.source.decoded(form, MAX_CONTENTS) else { return Ok(None) };
        let matrix = dictionary.get("Matrix").and_then(|matrix| self.copier.source.array(matrix)).unwrap_or_default();
        let matrix: Vec<f64> = matrix.iter().filter_map(Object::as_number).collect();
        if let Ok(matrix) = matrix.try_into() {
            state.to_user = Matrix(matrix).then(state.to_user);
        }
        let resources = dictionary.get("Resources").and_then(|r| self.copier.source.dictionary(r)).unwrap_or_default();
        let Some(bared) = self.contents(&data, &resources, state, depth - 1)? else { return Ok(None) };
        for key in ["Filter", "DecodeParms", "Length", "F", "DP", "Resources"] {
            dictionary.remove(key);
        }
        let Object::Dictionary(dictionary) = self.copier.translated(&dictionary.into(), self.writer) else {
            return Ok(None);
        };
        let resources = with_forms(&resources, &bared.forms, self.copier, self.writer);
        let form = self.writer.reserve();
        self.writer.compressed(form, dictionary.with("Resources", resources), &bared.contents)?;
        Ok(Some(form))
    }

    /// Whether the unit square covers the page.
    fn covers(&self, state: State) -> bool {
        let [a, b, c, d, e, f] = state.to_user.0;
        let upright = b.abs() + c.abs() < 1e-3 * (a.abs() + d.abs()) || a.abs() + d.abs() < 1e-3 * (b.abs() + c.abs());
        let corners = [e, f, e + a + c, f + b + d];
        let Some(place) = Frame::from_corners(corners).and_then(|place| place.intersection(self.visible)) else {
            return false;
        };
        upright
            && place.right - place.left >= COVERED * (self.visible.right - self.visible.left)
            && place.top - place.bottom >= COVERED * (self.visible.top - self.visible.bottom)
    }
}

/// The effect of a drawn object on the text of a page.
enum Drawn {
    /// It covers what was drawn before.
    Cover,
    /// It contains hidden text; this is its replacement without it.
    Changed(Reference),
    Other,
}

/// The operators that replace an operator that shows text, keeping its other effects.
fn instead(operation: &Operation<'_>) -> Vec<u8> {
    match operation.operator {
        b"'" => b"T*".to_vec(),
        b"\"" => {
            let [word, letter] = [operation.operand(2), operation.operand(1)].map(Option::unwrap_or_default);
            [word, b" Tw ", letter, b" Tc T*"].concat()
        }
        _ => Vec::new(),
    }
}
