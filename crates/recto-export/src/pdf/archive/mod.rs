//! The additional requirements of PDF/A-2 and -3 (ISO 19005-2 and -3): metadata that name the standard, and a profile
//! that defines the colours.
//!
//! Content made by this export follows the rest of the standard because of what it never contains: encryption, scripts,
//! transparency, fonts that are not embedded, LZW, JPEG 2000, and external references. Where it would otherwise contain
//! such a thing, the export checks for the standard: see [`ink_space`] and [`notice::frame`](super::notice::frame).
//!
//! Pages of originals are checked one by one ([`audit`]). A page that breaks no rule is carried over, with invisible
//! changes ([`Mender`]). Any other page is drawn as a picture with invisible text.

mod annotation;
mod audit;
mod colour;
mod file_findings;
mod font;
mod mend;
mod picture;

use std::io;

use recto_domain::BatchDetails;

use super::claim::{self, Claim};
use super::copy::Copier;
use super::object::{Dictionary, Object, Reference};
use super::properties::text_of;
use super::srgb;
use super::writer::Writer;
use crate::markup::Markup;
use crate::options::PdfStandard;
pub(super) use annotation::{Fate, fate};
pub(super) use audit::Findings;
pub(super) use colour::is_sound;
pub(super) use file_findings::{FileFindings, findings_by_file};
use font::Fonts;
pub(super) use mend::Mender;

/// Converts four inks to red, green and blue: each is the light that its complementary ink and black let through.
/// Written in the calculator language of ISO 32000-1, section 7.10.5; the stack goes from `c m y k` to `r g b`.
const MIXING: &str = "{1 exch sub 4 1 roll 1 exch sub 3 index mul 4 1 roll 1 exch sub 2 index mul 4 1 roll \
                      1 exch sub mul 3 1 roll}";

/// Writes the colour space of pictures made of inks. The standard allows device colours of one kind only, and these are
/// red, green and blue here. The inks stay unchanged in the file and are converted by the viewer (a `DeviceN` space,
/// ISO 32000-1, section 8.6.6.5).
pub(super) fn ink_space(writer: &mut Writer<'_>) -> io::Result<Reference> {
    let mixing = writer.reserve();
    let function = Dictionary::new()
        .with("FunctionType", 4u32)
        .with("Domain", Object::numbers([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]))
        .with("Range", Object::numbers([0.0, 1.0, 0.0, 1.0, 0.0, 1.0]));
    writer.compressed(mixing, function, MIXING.as_bytes())?;
    let inks = ["Cyan", "Magenta", "Yellow", "Black"].map(Object::name);
    writer.add(vec![Object::name("DeviceN"), inks.to_vec().into(), Object::name("DeviceRGB"), mixing.into()])
}

/// Checks the pages of one original that does not follow the standard itself.
pub(super) struct Archivist {
    standard: PdfStandard,
    has_ink_profile: bool,
    fonts: Fonts,
}

impl Archivist {
    /// Makes the copier change what it carries over; `None` for an original that claims to follow the standard.
    pub(super) fn begin(
        standard: PdfStandard,
        is_alone: bool,
        copier: &mut Copier,
        writer: &mut Writer<'_>,
    ) -> Option<Self> {
        claim::reason_against(&mut copier.source, standard, is_alone)?;
        copier.source.is_strict = true;
        let mut defaults = Vec::new();
        if let Some((components, profile)) = claim::profile(&mut copier.source) {
            let name = match components {
                1 => "DefaultGray",
                3 => "DefaultRGB",
                _ => "DefaultCMYK",
            };
            if let Some(profile) = copier.translated(&profile, writer).as_reference() {
                defaults.push((name, vec![Object::name("ICCBased"), Object::Made(profile)].into()));
            }
        }
        let has_ink_profile = defaults.iter().any(|(name, _)| *name == "DefaultCMYK");
        if let (false, Some(inks)) = (has_ink_profile, writer.inks().as_reference()) {
            defaults.push(("DefaultCMYK", Object::Made(inks)));
        }
        copier.mender = Some(Mender { standard, defaults });
        Some(Self { standard, has_ink_profile, fonts: Fonts::default() })
    }

    /// Checks a page.
    pub(super) fn page(&mut self, index: usize, copier: &mut Copier) -> Findings {
        let Some(page) = copier.page(index) else { return Findings::default() };
        audit::page(&page, self.standard, self.has_ink_profile, &mut self.fonts, &mut copier.source)
    }
}

/// Adds the entries that the standard requires to the catalog.
pub(super) fn complete(
    catalog: Dictionary,
    claim: Claim,
    information: &Dictionary,
    details: &BatchDetails,
    writer: &mut Writer<'_>,
) -> io::Result<Dictionary> {
    let profile = writer.reserve();
    writer.compressed(profile, Dictionary::new().with("N", 3u32), &srgb::profile())?;
    let intent = Dictionary::new()
        .with("Type", Object::name("OutputIntent"))
        .with("S", Object::name("GTS_PDFA1"))
        .with("OutputConditionIdentifier", Object::text(srgb::NAME))
        .with("Info", Object::text(srgb::NAME))
        .with("DestOutputProfile", profile);
    let metadata = writer.reserve();
    let kind = Dictionary::new().with("Type", Object::name("Metadata")).with("Subtype", Object::name("XML"));
    // Uncompressed, so that programs without PDF support find it.
    writer.stream(metadata, kind, &packet(claim, information, details)?)?;
    Ok(catalog.with("OutputIntents", vec![intent.into()]).with("Metadata", metadata))
}

/// The metadata (ISO 16684-1): the values of the information dictionary, and the standard.
fn packet(claim: Claim, information: &Dictionary, details: &BatchDetails) -> io::Result<Vec<u8>> {
    let told = |key: &str| information.get(key).and_then(text_of);
    let at = details.completed_at.unwrap_or(details.batch.updated_at).to_string();
    let at = at.split('.').next().map_or_else(|| at.clone(), |whole| format!("{whole}Z"));
    let mut bytes = Vec::new();
    let mut xml = Markup::begin_with(&mut bytes, "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n")?;
    xml.open("x:xmpmeta", &[("xmlns:x", "adobe:ns:meta/")])?;
    xml.open("rdf:RDF", &[("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")])?;
    xml.open(
        "rdf:Description",
        &[
            ("rdf:about", ""),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:pdf", "http://ns.adobe.com/pdf/1.3/"),
            ("xmlns:pdfaid", "http://www.aiim.org/pdfa/ns/id/"),
            ("xmlns:xmp", "http://ns.adobe.com/xap/1.0/"),
        ],
    )?;
    xml.element("pdfaid:part", &[], &claim.part())?;
    xml.element("pdfaid:conformance", &[], &claim.level())?;
    xml.open("dc:title", &[])?;
    xml.open("rdf:Alt", &[])?;
    let title = told("Title").unwrap_or_else(|| details.batch.name.clone());
    xml.element("rdf:li", &[("xml:lang", "x-default")], &title)?;
    xml.close("rdf:Alt")?;
    xml.close("dc:title")?;
    if let Some(author) = told("Author") {
        xml.open("dc:creator", &[])?;
        xml.open("rdf:Seq", &[])?;
        xml.element("rdf:li", &[], &author)?;
        xml.close("rdf:Seq")?;
        xml.close("dc:creator")?;
    }
    if let Some(subject) = told("Subject") {
        xml.open("dc:description", &[])?;
        xml.open("rdf:Alt", &[])?;
        xml.element("rdf:li", &[("xml:lang", "x-default")], &subject)?;
        xml.close("rdf:Alt")?;
        xml.close("dc:description")?;
    }
    if let Some(keywords) = told("Keywords") {
        xml.element("pdf:Keywords", &[], &keywords)?;
    }
    if let Some(creator) = told("Creator") {
        xml.element("xmp:CreatorTool", &[], &creator)?;
    }
    xml.element("pdf:Producer", &[], super::PRODUCER)?;
    xml.element("xmp:CreateDate", &[], &at)?;
    xml.element("xmp:ModifyDate", &[], &at)?;
    xml.element("xmp:MetadataDate", &[], &at)?;
    xml.close("rdf:Description")?;
    xml.close("rdf:RDF")?;
    xml.close("x:xmpmeta")?;
    bytes.extend_from_slice(b"\n<?xpacket end=\"r\"?>");
    Ok(bytes)
}
