//! Reads what a first reading of a page left out: lines of letters that no word covers.

use recto_domain::{ANY_ENGINE, Block, Languages, Line, Rect, Rotation, Word};

use crate::engine::OcrError;
use crate::ink::InkLine;
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::print::print_alone;
use crate::profile::Profile;
use crate::read::ReadError;
use crate::read_page::{ReadPage, read_as};
use crate::registry::{Confidences, EngineRegistry};
use crate::second_look::{insert, is_covered};
use crate::statistics::{PageStatistics, Slant, statistics};
use crate::unread::Unread;

/// The margin that is read around the letters of an area, in their heights: engines need some background.
const MARGIN: f32 = 1.5;
/// Areas that are this close, in heights of their letters, are read as one.
const NEAR: f32 = 3.0;
/// The least confidence of new words, higher than even odds: what a reading left out is a drawing or a stamp more often
/// than text.
const BELIEVED: f32 = 0.6;
/// This many marks in a row are signs rather than letters.
const SIGNS: usize = 4;
/// A word joins a line that is no further away than this, in heights of the word.
const BESIDE: f32 = 3.0;

impl EngineRegistry {
    /// Reads again, in another way, the parts of a page that the words of a reading do not cover, and returns the share
    /// that is still unread.
    ///
    /// Each place is read with its print alone: dark on white, without rules. If no engine was named and another one
    /// reads the languages, that one is tried first. In total, this costs no more than reading the page once.
    #[allow(clippy::too_many_arguments, reason = "what is asked for, what was read, and what that may cost")]
    pub(crate) fn with_unread(
        &mut self,
        name: &str,
        first: &str,
        mut read: ReadPage,
        image: &PageImage,
        statistics: &PageStatistics,
        languages: &Languages,
        budget: &mut Budget,
    ) -> Result<ReadPage, ReadError> {
        // Calibration is fitted on a single reading.
        if self.confidences == Confidences::Raw {
            return Ok(read);
        }
        let Some(unread) = Unread::of(image, statistics, &read) else { return Ok(read) };
        read.unread = unread.share();
        if read.unread.is_none() {
            return Ok(read);
        }
        let mut engines = vec![first.to_owned()];
        if name == ANY_ENGINE
            && let Some(other) = self.choose_beside(first, statistics, languages)
        {
            engines.insert(0, other.name().to_owned());
        }
        let upright = if read.turn == Rotation::None { None } else { Some(image.turned(read.turn)) };
        let page = print_alone(upright.as_ref().unwrap_or(image));
        let mut left = image.luma().len();
        let mut is_mended = false;
        // Rows of asterisks, dashes and the like are not letters if an engine says so.
        let mut signs = Vec::new();
        for area in areas(&unread.lines) {
            let Some(cut) = Cut::of(&page, &area.bbox) else { continue };
            let looks = cut.looks(statistics, read.turn);
            for engine in &engines {
                let Some(rest) = left.checked_sub(cut.image.luma().len()) else { break };
                left = rest;
                let confidences = self.confidences;
                let engine = self.choose(engine, statistics, languages)?;
                if !budget.has(engine.cost(cut.image.luma().len(), looks.letters)) {
                    break;
                }
                let profile = Profile { other_modes: &[], ..confidences.profile(engine) };
                let blocks = match read_as(engine, &profile, &cut.image, &looks, languages, budget) {
                    Ok(again) if again.turn == Rotation::None => again.blocks,
                    // An engine that cannot read the place says nothing about its content.
                    Ok(_) | Err(OcrError::Page { .. }) => Vec::new(),
                    Err(error) => return Err(error.into()),
                };
                let lines = cut.placed(blocks);
                signs.extend(lines.iter().filter(|line| is_of_signs(line)).map(|line| line.bbox));
                let lines = area.believed(lines, &read.blocks);
                if !lines.is_empty() {
                    for line in lines {
                        join(&mut read.blocks, line);
                    }
                    is_mended = true;
                    break;
                }
            }
        }
        if is_mended {
            // Words were added, so the boxes are computed again.
            read.blocks = read.blocks.into_iter().filter_map(|block| Block::of(block.kind, block.lines)).collect();
            let left = Unread::of(image, statistics, &read);
            read.unread = left.and_then(|unread| unread.without(&signs).share());
        } else {
            read.unread = unread.without(&signs).share();
        }
        Ok(read)
    }
}

/// Whether a line has no letter or digit, but several other characters.
fn is_of_signs(line: &Line) -> bool {
    let mut marks = line.words.iter().flat_map(|word| word.text.chars());
    let count = marks.clone().count();
    count >= SIGNS && !marks.any(char::is_alphanumeric)
}

/// A place with letters that no word covers.
struct Area {
    bbox: Rect,
    lines: Vec<InkLine>,
}

/// The places of some lines, the one with the most letters first.
fn areas(lines: &[InkLine]) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for line in lines {
        let mut area = Area { bbox: grown(&line.bbox, MARGIN * line.height), lines: vec![*line] };
        let near = |other: &mut Area| grown(&other.bbox, NEAR * line.height).intersection(&area.bbox).is_some();
        let near: Vec<Area> = areas.extract_if(.., near).collect();
        for other in near {
            area.bbox = area.bbox.union(&other.bbox);
            area.lines.extend(other.lines);
        }
        areas.push(area);
    }
    let letters = |area: &Area| area.lines.iter().map(|line| line.letters).sum::<f32>();
    areas.sort_by(|a, b| letters(b).total_cmp(&letters(a)));
    areas
}

impl Area {
    /// The words of lines read here that are trusted, cover letters that were left out, and overlap no existing word.
    fn believed(&self, read: Vec<Line>, standing: &[Block]) -> Vec<Line> {
        let standing = || standing.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words);
        let is_new = |word: &Word| {
            let shared = |other: &Rect| other.intersection(&word.bbox).map_or(0.0, |shared| shared.area());
            word.confidence >= BELIEVED
                && self.lines.iter().any(|line| shared(&line.bbox) > 0.0)
                && !standing().any(|other| is_covered(&word.bbox, &other.bbox))
        };
        let line = |line: Line| Line::of(line.angle, line.words.into_iter().filter(is_new).collect());
        read.into_iter().filter_map(line).collect()
    }
}

/// A part of a page.
struct Cut {
    image: PageImage,
    /// Its position on the page, in points.
    left: f32,
    top: f32,
}

impl Cut {
    /// `None` if no part of it lies on the page.
    fn of(page: &PageImage, place: &Rect) -> Option<Self> {
        let place = place.clipped(page.size())?;
        let pixel = |points: f32| (points / page.scale()) as usize;
        let (left, top) = (pixel(place.x), pixel(place.y));
        let (right, bottom) =
            (pixel(place.right()).min(page.width() as usize), pixel(place.bottom()).min(page.height() as usize));
        if left >= right || top >= bottom {
            return None;
        }
        let rows = page.luma().chunks_exact(page.width() as usize).take(bottom).skip(top);
        let luma = rows.flat_map(|row| &row[left..right]).copied().collect();
        let image = PageImage::new((right - left) as u32, (bottom - top) as u32, page.dpi(), luma);
        Some(Self { image, left: left as f32 * page.scale(), top: top as f32 * page.scale() })
    }

    /// Its statistics. The slant of its lines is taken from the whole page, where it is more precise.
    fn looks(&self, page: &PageStatistics, turn: Rotation) -> PageStatistics {
        let is_upright = matches!(turn, Rotation::None | Rotation::Half);
        let rows = if is_upright { page.rows } else { page.columns };
        PageStatistics { rows, columns: Slant::default(), ..statistics(&self.image) }
    }

    /// The lines of some blocks at their place on the page.
    fn placed(&self, blocks: Vec<Block>) -> Vec<Line> {
        let place = |line: Line| {
            let words = line.words.into_iter().map(|mut word| {
                word.bbox.x += self.left;
                word.bbox.y += self.top;
                word
            });
            Line::of(line.angle, words.collect())
        };
        blocks.into_iter().flat_map(|block| block.lines).filter_map(place).collect()
    }
}

/// Adds a line where it belongs: to the line beside it, or as a line of its own.
fn join(blocks: &mut Vec<Block>, line: Line) {
    let height = line.bbox.height;
    let apart = |other: &Line| {
        let shared = other.bbox.bottom().min(line.bbox.bottom()) - other.bbox.y.max(line.bbox.y);
        let gap = other.bbox.x.max(line.bbox.x) - other.bbox.right().min(line.bbox.right());
        (2.0 * shared >= height.min(other.bbox.height) && gap <= BESIDE * height).then_some(gap)
    };
    let lines = blocks.iter_mut().flat_map(|block| &mut block.lines);
    let nearest = lines.filter_map(|other| Some((apart(other)?, other))).min_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, other)) => {
            let mut words = std::mem::take(&mut other.words);
            for word in line.words {
                let place = words.iter().position(|w| w.bbox.center().x > word.bbox.center().x).unwrap_or(words.len());
                words.insert(place, word);
            }
            if let Some(joined) = Line::of(other.angle, words) {
                *other = joined;
            }
        }
        None => insert(blocks, line),
    }
}

fn grown(r: &Rect, by: f32) -> Rect {
    Rect::from_edges(r.x - by, r.y - by, r.right() + by, r.bottom() + by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_engine::TestEngine;
    use crate::{Calibration, OcrEngine};

    const WIDTH: usize = 800;
    const HEIGHT: usize = 600;

    /// Rows of letters of two widths, 60 pixels apart; the last row is light on a dark band.
    fn page() -> PageImage {
        let mut luma = vec![235; WIDTH * HEIGHT];
        luma[450 * WIDTH..510 * WIDTH].fill(20);
        for line in 0..8 {
            let (top, ink) = (40 + 60 * line, if line == 7 { 240 } else { 20 });
            for at in 0..40 {
                for y in top..top + 16 {
                    luma[y * WIDTH + 30 + 18 * at..][..8 + 4 * (at % 2)].fill(ink);
                }
            }
        }
        PageImage::new(WIDTH as u32, HEIGHT as u32, 144, luma)
    }

    /// An engine that reads the rows it is given, but misses the last two of a whole page; it reads `part` on a part of
    /// the page.
    fn careless(name: &'static str, part: &'static str, confidence: f32) -> impl OcrEngine {
        let reads = move |image: &PageImage| {
            let is_dark = |row: &[u8]| row.iter().filter(|&&p| p < 100).count() > 20;
            let rows: Vec<bool> = image.luma().chunks_exact(image.width() as usize).map(is_dark).collect();
            let mut lines: Vec<(usize, usize)> = Vec::new();
            for (y, _) in rows.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
                match lines.last_mut() {
                    Some(line) if line.1 == y => line.1 = y + 1,
                    _ => lines.push((y, y + 1)),
                }
            }
            let is_whole = image.height() as usize == HEIGHT;
            lines.truncate(if is_whole { 6 } else { usize::MAX });
            let line = |(top, bottom): (usize, usize)| {
                let text = if is_whole { "standing" } else { part };
                let bbox = Rect::from_edges(
                    15.0_f32.min(image.size().width),
                    top as f32 / 2.0,
                    390.0_f32.min(image.size().width),
                    bottom as f32 / 2.0,
                );
                Line::of(0.0, vec![Word { text: text.to_owned(), bbox, confidence }])
            };
            lines.into_iter().filter_map(line).collect()
        };
        TestEngine { name, calibration: Calibration::IDENTITY, expected: 0.95, reads }
    }

    fn read(engines: &[(&'static str, &'static str, f32)], name: &str) -> (Vec<String>, Option<f32>) {
        let with = |all: EngineRegistry, &(name, part, confidence): &(&'static str, &'static str, f32)| {
            all.with(careless(name, part, confidence))
        };
        let mut registry = engines.iter().fold(EngineRegistry::new(), with);
        let page = page();
        let (_, read) = registry.read(name, &page, &statistics(&page), &"eng".parse().unwrap()).unwrap();
        (read.blocks.iter().flat_map(|block| &block.lines).map(Line::text).collect(), read.unread)
    }

    #[test]
    fn what_was_left_out_is_read_again_also_light_on_dark() {
        let (lines, unread) = read(&[("one", "found", 0.9)], "one");
        assert_eq!(lines[..6], ["standing"; 6]);
        assert_eq!(lines[6..], ["found"; 2]);
        assert_eq!(unread, None);
    }

    #[test]
    fn the_other_engine_is_asked_first_when_none_is_named() {
        let engines = [("one", "by one", 0.95), ("other", "by other", 0.95)];
        assert_eq!(read(&engines, ANY_ENGINE).0[6..], ["by other"; 2]);
        assert_eq!(read(&engines, "one").0[6..], ["by one"; 2]);
    }

    #[test]
    fn what_nobody_is_sure_of_stays_unread_and_is_told() {
        let (lines, unread) = read(&[("one", "doubtful", 0.4)], "one");
        assert_eq!(lines, ["standing"; 6]);
        assert!(unread.is_some_and(|share| (0.15..0.35).contains(&share)), "{unread:?}");
    }

    #[test]
    fn rows_of_signs_are_no_letters() {
        assert_eq!(read(&[("one", "********", 0.4)], "one").1, None);
    }
}
