//! A page of an original PDF in the export: unchanged, with the recognised words laid on it.

use recto_domain::{FinishedDocument, Page, PageSource, Rotation};

use super::Export;
use super::actions;
use super::archive::{self, Fate, Findings};
use super::clean::{Words, sole_picture};
use super::copy::Copier;
use super::failure::Failure;
use super::hidden_text::{Bared, with_forms, without_hidden_text};
use super::matrix::{Frame, Matrix};
use super::object::{Dictionary, Object, Reference};
use super::source::Source;
use super::text;
use super::view::{View, views};

/// Entries of a page that depend on the structure of the original.
const LEFT_OUT: [&str; 6] = ["Type", "Parent", "B", "Thumb", "PresSteps", "TemplateInstantiated"];

/// The boxes of a page: the parts of its user space that are shown for various purposes.
const BOXES: [&str; 5] = ["MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox"];

impl Export<'_> {
    /// Writes the page and everything that it needs.
    pub(super) fn carried_page(
        &mut self,
        reference: Reference,
        page: &Page,
        index: usize,
        findings: &Findings,
        document: &FinishedDocument,
        copier: &mut Copier,
    ) -> Result<(), Failure> {
        let mut original = original_page(index, copier)?;
        if let Some(mender) = copier.mender.clone() {
            if findings.drops_group {
                original.remove("Group");
            }
            keep_annotations(&mut original, &mut copier.source, |annotation, source| {
                matches!(archive::fate(annotation, mender.standard(), source), Fate::Kept(_))
            });
            let resources = copier.source.dictionary_at(&original, "Resources").unwrap_or_default();
            original.set("Resources", mender.resources(resources, &mut copier.source));
        }
        if !original.contains("MediaBox") {
            let Frame { left, bottom, right, top } = Frame::LETTER;
            original.set("MediaBox", Object::numbers([left, bottom, right, top]));
        }
        let rotation =
            if page.error.is_some() { stored_rotation(&original, &mut copier.source) } else { page.rotation };
        let mut carried = Dictionary::new();
        for (key, value) in original.iter() {
            if key == b"StructParents" {
                if let Some(number) = copier.tag_number(value) {
                    carried.insert(key.clone(), number);
                }
            } else if key != b"Resources" && key != b"Contents" {
                carried.insert(key.clone(), copier.translated(value, &mut self.writer));
            }
        }
        carried.set("Rotate", u32::from(rotation.degrees()));
        if gets_words(page) {
            self.worded_pages(reference, page, rotation, &original, &carried, document, copier)?;
        } else {
            let resources = original.get("Resources").cloned().unwrap_or_else(|| Dictionary::new().into());
            carried.set("Resources", copier.translated(&resources, &mut self.writer));
            if let Some(contents) = original.get("Contents") {
                carried.set("Contents", copier.translated(contents, &mut self.writer));
            }
            self.pages.push(reference, carried, &mut self.writer)?;
        }
        copier.write_waiting(&mut self.writer)
    }

    /// Writes a page with its recognised words, or the pages that it becomes. `carried` contains the entries of the
    /// original's page that all of them share.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the one page")]
    fn worded_pages(
        &mut self,
        reference: Reference,
        page: &Page,
        rotation: Rotation,
        original: &Dictionary,
        carried: &Dictionary,
        document: &FinishedDocument,
        copier: &mut Copier,
    ) -> Result<(), Failure> {
        let resources = original.get("Resources").cloned().unwrap_or_else(|| Dictionary::new().into());
        let contents = original.get("Contents").cloned();
        let resources = copier.source.dictionary(&resources).unwrap_or_default();
        let resources = actions::harmless(&resources, &mut copier.source).unwrap_or_default();
        let frame = visible(original, &mut copier.source);
        let to_user = Matrix::displayed_to_user(page.size, rotation, frame);
        let fonts = resources.get("Font").and_then(|fonts| copier.source.dictionary(fonts)).unwrap_or_default();
        let font_name = free_name(&fonts);
        let bared = match &contents {
            Some(contents) => without_hidden_text(contents, &resources, frame, copier, &mut self.writer)?,
            None => None,
        };
        if self.options.clean
            && let Some(contents) = &contents
            && let Some(picture) = sole_picture(contents, &resources, &mut copier.source)
        {
            let to_picture = picture.inverse().map(|to_picture| to_user.then(to_picture));
            self.writer.clean(to_picture.map(|to_picture| Words::of(page, to_picture)));
        }
        // Annotations belong to the page in its original orientation.
        let annotations = original.get("Annots").and_then(|list| copier.source.array(list)).unwrap_or_default();
        let views = if annotations.is_empty() { views(page, &self.options) } else { vec![View::whole(page)] };
        let forms = bared.as_ref().map_or(&[][..], |bared| &bared.forms);
        for (index, view) in views.into_iter().enumerate() {
            self.treated.note(document, page.number, view.changes.iter().cloned());
            let mut carried = carried.clone();
            let mut shown = Matrix::IDENTITY;
            let mut words_to_user = to_user;
            if !view.is_whole() {
                let sideways = matches!(rotation, Rotation::Clockwise | Rotation::CounterClockwise);
                let placed = view.in_user_space(page.size, to_user, frame, sideways);
                (shown, words_to_user) = (placed.old_to_new, placed.view_to_user);
                for key in BOXES {
                    carried.remove(key);
                }
                let Frame { left, bottom, right, top } = placed.frame;
                carried.set("MediaBox", Object::numbers([left, bottom, right, top]));
            }
            let reference = if index == 0 { reference } else { self.writer.reserve() };
            if index > 0 {
                // Only the first page keeps the tags.
                carried.remove("StructParents");
            }
            let (words, reaches) = text::content(&view.page, words_to_user, &font_name, &mut self.font);
            let invisible = self.font.resources(&font_name, reaches, &mut self.writer);
            carried.set("Resources", self.with_fonts(resources.clone(), &fonts, &invisible, forms, copier));
            carried.set("Contents", self.with_words(&words, shown, contents.clone(), bared.as_ref(), copier)?);
            self.pages.push(reference, carried, &mut self.writer)?;
        }
        Ok(())
    }

    /// The page's resources with additional fonts, and with forms whose hidden text was removed.
    fn with_fonts(
        &mut self,
        mut resources: Dictionary,
        fonts: &Dictionary,
        more: &Dictionary,
        forms: &[(Vec<u8>, Reference)],
        copier: &mut Copier,
    ) -> Dictionary {
        let mut translated = Dictionary::new();
        for (name, font) in fonts.iter() {
            translated.insert(name.clone(), copier.translated(font, &mut self.writer));
        }
        more.iter().for_each(|(name, font)| translated.insert(name.clone(), font.clone()));
        resources.remove("Font");
        with_forms(&resources, forms, copier, &mut self.writer).with("Font", translated)
    }

    /// The page's contents, preceded by the words. At that position, the page's coordinate changes do not affect the
    /// words, and they lie under everything the page paints. `shown` transforms the page's own contents.
    fn with_words(
        &mut self,
        words: &[u8],
        shown: Matrix,
        contents: Option<Object>,
        bared: Option<&Bared>,
        copier: &mut Copier,
    ) -> Result<Object, Failure> {
        let stream = self.writer.reserve();
        self.writer.compressed(stream, Dictionary::new(), words)?;
        let mut parts = vec![Object::from(stream)];
        if shown != Matrix::IDENTITY {
            parts.push(self.small_stream(format!("q {shown} cm\n").as_bytes())?);
        }
        if let Some(bared) = bared {
            let stream = self.writer.reserve();
            self.writer.compressed(stream, Dictionary::new(), &bared.contents)?;
            parts.push(stream.into());
        } else if let Some(contents) = contents {
            match copier.source.resolved(&contents) {
                Object::Array(streams) => {
                    parts.extend(streams.iter().map(|part| copier.translated(part, &mut self.writer)));
                }
                // A single stream, which does not resolve to a plain object.
                _ => parts.push(copier.translated(&contents, &mut self.writer)),
            }
        }
        if shown != Matrix::IDENTITY {
            parts.push(self.small_stream(b"\nQ\n")?);
        }
        Ok(parts.into())
    }

    fn small_stream(&mut self, data: &[u8]) -> Result<Object, Failure> {
        let stream = self.writer.reserve();
        self.writer.stream(stream, Dictionary::new(), data)?;
        Ok(stream.into())
    }
}

/// A page of the original without entries that depend on its structure.
pub(super) fn original_page(index: usize, copier: &mut Copier) -> Result<Dictionary, Failure> {
    let page = copier.page(index).ok_or_else(|| Failure::original("it can no longer be found in the file"))?;
    let mut page = page;
    for key in LEFT_OUT {
        page.remove(key);
    }
    if copier.mender.is_some() {
        for key in ["AA", "Metadata"] {
            page.remove(key);
        }
    }
    Ok(page)
}

/// Keeps the annotations of a page that `stays` accepts.
pub(super) fn keep_annotations(
    page: &mut Dictionary,
    source: &mut Source,
    stays: impl Fn(&Dictionary, &mut Source) -> bool,
) {
    let Some(mut all) = page.get("Annots").and_then(|list| source.array(list)) else { return };
    all.retain(|annotation| source.dictionary(annotation).is_some_and(|annotation| stays(&annotation, source)));
    page.set("Annots", all);
}

/// Whether words are laid on a page, because they were recognised in its picture.
pub(super) fn gets_words(page: &Page) -> bool {
    matches!(page.source, Some(PageSource::Engine(_))) && page.words().next().is_some()
}

/// A prefix that none of the font names has.
fn free_name(fonts: &Dictionary) -> String {
    let mut name = "Recto".to_owned();
    while fonts.iter().any(|(key, _)| key.starts_with(name.as_bytes())) {
        name.push('_');
    }
    name
}

/// The visible part of a page's user space: its crop box, clipped to its media box.
pub(super) fn visible(page: &Dictionary, source: &mut Source) -> Frame {
    let mut frame = |key: &str| {
        let corners = page.get(key).and_then(|corners| source.array(corners))?;
        let corners: Vec<f64> = corners.iter().filter_map(|c| source.resolved(c).as_number()).collect();
        Frame::from_corners(corners.try_into().ok()?)
    };
    let medium = frame("MediaBox").unwrap_or(Frame::LETTER);
    frame("CropBox").and_then(|crop| crop.intersection(medium)).unwrap_or(medium)
}

/// The page's own rotation.
pub(super) fn stored_rotation(page: &Dictionary, source: &mut Source) -> Rotation {
    let degrees = page.get("Rotate").map(|r| source.resolved(r)).and_then(|r| r.as_integer());
    degrees.and_then(|d| i32::try_from(d).ok()).and_then(Rotation::from_degrees).unwrap_or_default()
}
