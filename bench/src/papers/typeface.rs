//! The fonts of the system that papers are set in, and their glyphs in the order that they are drawn in.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use harfrust::{Buffer, Direction, ShapeOptions, ShaperFont};
use unicode_bidi::{BidiInfo, Level};

/// Where Debian keeps fonts.
const FOLDER: &str = "/usr/share/fonts/truetype";

/// A font in two weights, as the files of its regular and its bold cut.
pub(crate) type Cuts = (&'static str, &'static str);

/// Fonts for Latin letters.
pub(crate) const LATIN: &[Cuts] = &[
    ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf"),
    ("liberation/LiberationSerif-Regular.ttf", "liberation/LiberationSerif-Bold.ttf"),
    ("liberation/LiberationSansNarrow-Regular.ttf", "liberation/LiberationSansNarrow-Bold.ttf"),
    ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    ("lato/Lato-Regular.ttf", "lato/Lato-Bold.ttf"),
    ("noto/NotoSans-Regular.ttf", "noto/NotoSans-Bold.ttf"),
    ("noto/NotoSerif-Regular.ttf", "noto/NotoSerif-Bold.ttf"),
    ("freefont/FreeSans.ttf", "freefont/FreeSansBold.ttf"),
];

/// Fonts of tills, in Latin letters.
pub(crate) const TILL: &[Cuts] = &[
    ("liberation/LiberationMono-Regular.ttf", "liberation/LiberationMono-Bold.ttf"),
    ("dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSansMono-Bold.ttf"),
    ("freefont/FreeMono.ttf", "freefont/FreeMonoBold.ttf"),
    ("liberation/LiberationSansNarrow-Regular.ttf", "liberation/LiberationSansNarrow-Bold.ttf"),
    ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
];

/// Fonts for Arabic letters.
pub(crate) const ARABIC: &[Cuts] = &[
    ("noto/NotoSansArabic-Regular.ttf", "noto/NotoSansArabic-Bold.ttf"),
    ("noto/NotoNaskhArabic-Regular.ttf", "noto/NotoNaskhArabic-Bold.ttf"),
    ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf"),
];

/// Fonts for Hebrew letters.
pub(crate) const HEBREW: &[Cuts] = &[
    ("noto/NotoSansHebrew-Regular.ttf", "noto/NotoSansHebrew-Bold.ttf"),
    ("noto/NotoSerifHebrew-Regular.ttf", "noto/NotoSerifHebrew-Bold.ttf"),
    ("freefont/FreeSans.ttf", "freefont/FreeSansBold.ttf"),
];

/// Fonts for Thai letters.
pub(crate) const THAI: &[Cuts] = &[
    ("noto/NotoSansThai-Regular.ttf", "noto/NotoSansThai-Bold.ttf"),
    ("noto/NotoSerifThai-Regular.ttf", "noto/NotoSerifThai-Bold.ttf"),
    ("noto/NotoLoopedThai-Regular.ttf", "noto/NotoLoopedThai-Bold.ttf"),
];

/// What has the letters that the others lack.
const LAST: Cuts = ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf");

/// One font file, as the shaper and the writer of PDFs know it.
struct Face {
    shaped: harfrust::Font,
    drawn: krilla::text::Font,
}

impl Face {
    fn open(file: &str) -> anyhow::Result<Self> {
        let path = PathBuf::from(FOLDER).join(file);
        let bytes = std::fs::read(&path)
            .with_context(|| format!("{} is missing: ./bootstrap.sh --bench installs it", path.display()))?;
        let odd = || anyhow!("{} is no font", path.display());
        let shaped = harfrust::Font::new(bytes.clone(), 0).ok_or_else(odd)?;
        let drawn = krilla::text::Font::new(bytes.into(), 0).ok_or_else(odd)?;
        Ok(Self { shaped, drawn })
    }

    fn has(&self, letter: char) -> bool {
        letter == ' ' || ShaperFont::new(&self.shaped).nominal_glyph(letter as u32).is_some()
    }
}

/// A font in two weights, with one behind it for letters that it lacks.
pub(crate) struct Typeface {
    regular: [Face; 2],
    bold: [Face; 2],
}

/// Glyphs of one font that stand side by side, from the left.
pub(crate) struct Run<'a> {
    pub(crate) font: &'a krilla::text::Font,
    /// Their part of the text.
    pub(crate) text: String,
    pub(crate) glyphs: Vec<krilla::text::KrillaGlyph>,
    /// Their width at a size of one.
    pub(crate) width: f32,
}

impl Typeface {
    pub(crate) fn open((regular, bold): Cuts) -> anyhow::Result<Self> {
        let is_there = Path::new(FOLDER).join(bold).is_file();
        let bold = if is_there { bold } else { regular };
        Ok(Self {
            regular: [Face::open(regular)?, Face::open(LAST.0)?],
            bold: [Face::open(bold)?, Face::open(LAST.1)?],
        })
    }

    /// A line of text as it is drawn, from left to right. One without a letter of a script that is read from the right, such
    /// as a telephone number, is read from the left everywhere.
    pub(crate) fn set(&self, text: &str, is_bold: bool) -> anyhow::Result<Vec<Run<'_>>> {
        let faces = if is_bold { &self.bold } else { &self.regular };
        let from_right = text.chars().any(|letter| ('\u{590}'..'\u{660}').contains(&letter));
        let level = if from_right { Level::rtl() } else { Level::ltr() };
        let bidi = BidiInfo::new(text, Some(level));
        let Some(line) = bidi.paragraphs.first() else { return Ok(Vec::new()) };
        let (levels, runs) = bidi.visual_runs(line, line.range.clone());
        let mut set = Vec::new();
        for run in runs {
            let is_reversed = levels[run.start].is_rtl();
            let mut pieces = pieces(faces, text, run);
            if is_reversed {
                pieces.reverse();
            }
            for (face, range) in pieces {
                set.push(shaped(&faces[face], &text[range], is_reversed)?);
            }
        }
        Ok(set)
    }

    /// How wide a line of text is at a size of one.
    pub(crate) fn width(&self, text: &str, is_bold: bool) -> f32 {
        self.set(text, is_bold).map_or(0.0, |runs| runs.iter().map(|run| run.width).sum())
    }
}

/// The parts of a run that one face has the letters of, with the index of the face.
fn pieces(faces: &[Face; 2], text: &str, run: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut pieces: Vec<(usize, Range<usize>)> = Vec::new();
    for (at, letter) in text[run.clone()].char_indices() {
        let end = run.start + at + letter.len_utf8();
        let face = match pieces.last() {
            // A blank, or a mark over a letter, goes with what stands before it.
            Some((face, _)) if faces[*face].has(letter) && (!letter.is_alphanumeric() || *face == 0) => *face,
            _ => usize::from(!faces[0].has(letter)),
        };
        match pieces.last_mut() {
            Some((last, range)) if *last == face => range.end = end,
            _ => pieces.push((face, end - letter.len_utf8()..end)),
        }
    }
    pieces
}

fn shaped<'a>(face: &'a Face, text: &str, from_right: bool) -> anyhow::Result<Run<'a>> {
    let mut buffer = Buffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(if from_right { Direction::RightToLeft } else { Direction::LeftToRight });
    harfrust::shape(&ShaperFont::new(&face.shaped), &mut buffer, ShapeOptions::new())
        .map_err(|error| anyhow!("{text} cannot be set: {error}"))?;
    let em = f32::from(face.shaped.units_per_em());
    let mut starts: Vec<usize> = buffer.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    let glyph = |(info, place): (&harfrust::GlyphInfo, &harfrust::GlyphPosition)| {
        let start = info.cluster as usize;
        let end = starts.iter().copied().find(|other| *other > start).unwrap_or(text.len());
        krilla::text::KrillaGlyph::new(
            krilla::text::GlyphId::new(info.glyph_id),
            place.x_advance as f32 / em,
            place.x_offset as f32 / em,
            place.y_offset as f32 / em,
            place.y_advance as f32 / em,
            start..end,
            None,
        )
    };
    let glyphs: Vec<_> = buffer.glyph_infos().iter().zip(buffer.glyph_positions()).map(glyph).collect();
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Ok(Run { font: &face.drawn, text: text.to_owned(), glyphs, width })
}
