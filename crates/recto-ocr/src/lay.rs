//! The orientation and slant of a page's lines, by the majority of its letters. Where hardly any letters can be told
//! apart, the angle at which the ink gathers in rows decides.

use std::borrow::Cow;

use crate::gather::{Gathering, MAX_SKEW};
use crate::ink::darker;
use crate::letters::{Spot, ink_spots, spots};
use crate::page_image::PageImage;
use crate::parts::lines_apart;
use crate::reduced::Reduced;
use crate::statistics::{Slant, near};
use crate::text_lines::{Run, TextLine, text_lines};

/// The least number of letters in lines, and their least share of all marks, that determine the direction of lines.
const TELLING_LETTERS: f32 = 3.0;
const TELLING_SHARE: f32 = 0.15;
/// Alternatively, the least number of letters, if it exceeds that of the other direction by the factor `CLEARLY`.
const CLEAR_LETTERS: f32 = 20.0;
const CLEARLY: f32 = 4.0;
/// With fewer letters, ink is found locally: pixels darker than the share `INK` of the surrounding mean and by
/// `CONTRAST` levels. The mean is over a square whose side is twice one part in `AROUND` of the page's.
const FEW_LETTERS: f32 = 40.0;
const INK: f32 = 0.85;
const CONTRAST: f32 = 16.0;
const AROUND: usize = 64;
/// The longest stroke of a letter, in pixels of the smaller copy.
const LONGEST_STROKE: u16 = 60;
/// The least error of a line's angle, in degrees: paper and lenses distort lines.
const BENT: f32 = 0.3;
/// Lines agree when their angles differ by no more than this many times their error.
const AGREED: f32 = 3.0;
/// How far from the angle of the letters the projection profile is searched: this many times the error of the angle,
/// which is large for a word or two, but within the limits `CLOSELY` and `FAR`, in degrees.
const SPREAD: f32 = 2.0;
const CLOSELY: f32 = 0.75;
const FAR: f32 = 5.0;
/// The longest lines are enough evidence.
const MOST_LINES: usize = 400;

/// The lines of letters on a page, in no particular order.
pub(crate) struct Lines {
    across: Vec<TextLine>,
    down: Vec<TextLine>,
    /// How many pixels of the page correspond to one pixel of these lines.
    pub(crate) scale: f32,
}

impl Lines {
    /// The lines of a picture that was already smoothed if necessary.
    pub(crate) fn of(image: &PageImage) -> Self {
        let near = near(image);
        let found = ink_spots(&near);
        let mut lines = Self::among(&found, near.divisor as f32);
        if lines.letters() < FEW_LETTERS {
            let local = Self::among(&locally(&near), near.divisor as f32);
            if local.letters() > lines.letters() {
                lines = local;
            }
        }
        lines
    }

    fn among(spots: &[Spot], scale: f32) -> Self {
        Self { across: text_lines(spots, Run::Across), down: text_lines(spots, Run::Down), scale }
    }

    pub(crate) fn of_run(&self, run: Run) -> &[TextLine] {
        match run {
            Run::Across => &self.across,
            Run::Down => &self.down,
        }
    }

    fn letters(&self) -> f32 {
        let of = |lines: &[TextLine]| lines.iter().map(|line| line.letters).sum::<f32>();
        of(&self.across).max(of(&self.down))
    }
}

/// Connected pixels that are darker than their surroundings: in a photo, the ink of the page may be lighter than the
/// table.
fn locally(near: &Reduced) -> Vec<Spot> {
    let around = (near.width.max(near.height) / AROUND).max(4);
    let ink = darker(&near.luma, near.width, around, INK, CONTRAST);
    let luma = ink.into_iter().map(|is_ink| if is_ink { 0 } else { 255 }).collect();
    spots(&Reduced { luma, ..*near }, |p| p == 0)
}

/// A page as the first look sees it.
pub(crate) struct Looks<'a> {
    /// The copy on which letters are searched, and its connected components.
    pub(crate) near: &'a Reduced,
    pub(crate) spots: &'a [Spot],
    /// The size of the smaller copy that the points below refer to, in pixels.
    pub(crate) size: (usize, usize),
    /// How many pixels of the picture with the spots correspond to one pixel of that copy.
    pub(crate) scale: f32,
    /// Ink with background below it, in reading order.
    pub(crate) below: &'a [(u16, u16)],
    /// Ink with background to its right.
    pub(crate) beside: &'a [(u16, u16)],
}

impl Looks<'_> {
    /// The slants of horizontal and of vertical lines, and the number of letters in lines that do not agree with most
    /// of the page.
    pub(crate) fn slants(&self) -> (Slant, Slant, f32) {
        let mut votes = Votes::of(Cow::Borrowed(self.spots));
        if votes.letters() < FEW_LETTERS {
            let local = Votes::of(Cow::Owned(locally(self.near)));
            if local.letters() > votes.letters() {
                votes = local;
            }
        }
        if !votes.tell() {
            return (self.by_profile(Run::Across), self.by_profile(Run::Down), 0.0);
        }
        let run = if votes.down.letters > votes.across.letters { Run::Down } else { Run::Across };
        let apart = lines_apart(&votes.lines, run, votes.of_run(run).degrees);
        let apart = apart.into_iter().map(|(_, line)| line.letters).sum();
        (self.by_letters(&votes, Run::Across), self.by_letters(&votes, Run::Down), apart)
    }

    fn by_letters(&self, votes: &Votes<'_>, run: Run) -> Slant {
        let vote = votes.of_run(run);
        let ink = self.within(&votes.spots, vote, run);
        let (width, height) = self.turned(run);
        let within = (SPREAD * vote.error).clamp(CLOSELY, FAR);
        let degrees = match Gathering::of(&ink, width, height, vote.degrees.abs() + within + CLOSELY) {
            Some(mut ink) => ink.best_near(vote.degrees, within),
            None => vote.degrees,
        };
        Slant { degrees, strength: 0.0, letters: vote.letters }
    }

    fn by_profile(&self, run: Run) -> Slant {
        let (width, height) = self.turned(run);
        let points: Vec<(u16, u16)> = self.points(run).map(self.turn(run)).collect();
        let points = without_rules(&points, width, height);
        let Some(mut gathering) = Gathering::of(&points, width, height, MAX_SKEW) else { return Slant::default() };
        let (degrees, strength) = gathering.best();
        Slant { degrees, strength, letters: 0.0 }
    }

    /// The points of ink in the agreeing lines.
    fn within(&self, spots: &[Spot], vote: &Vote, run: Run) -> Vec<(u16, u16)> {
        let (width, height) = self.size;
        let mut is_text = vec![false; width * height];
        let at = |pixels: usize, most: usize| ((pixels as f32 / self.scale) as usize).min(most);
        for spot in vote.members.iter().map(|&i| &spots[i]) {
            let (left, right) = (at(spot.left, width - 1), at(spot.right, width - 1));
            for y in at(spot.top, height - 1)..=at(spot.bottom, height - 1) {
                is_text[y * width + left..=y * width + right].fill(true);
            }
        }
        let is_text = |x: u16, y: u16| is_text[usize::from(y) * width + usize::from(x)];
        self.points(run).filter(|&(x, y)| is_text(x, y)).map(self.turn(run)).collect()
    }

    fn points(&self, run: Run) -> impl Iterator<Item = (u16, u16)> + use<'_> {
        let points = match run {
            Run::Across => self.below,
            Run::Down => self.beside,
        };
        points.iter().copied()
    }

    /// The map that makes lines horizontal: columns become rows, and clockwise angles stay clockwise.
    fn turn(&self, run: Run) -> impl Fn((u16, u16)) -> (u16, u16) + use<> {
        let right = self.size.0 as u16 - 1;
        move |(x, y)| if run == Run::Across { (x, y) } else { (y, right - x) }
    }

    fn turned(&self, run: Run) -> (usize, usize) {
        let (width, height) = self.size;
        if run == Run::Across { (width, height) } else { (height, width) }
    }
}

/// The points without those of long unbroken horizontal lines, such as rules and the edges of a sheet.
fn without_rules(points: &[(u16, u16)], width: usize, height: usize) -> Vec<(u16, u16)> {
    let mut is_edge = vec![false; width * height];
    for &(x, y) in points {
        is_edge[usize::from(y) * width + usize::from(x)] = true;
    }
    // The number of points of a line that end at each point, from either side; from one column to the next, a line
    // moves by at most one row.
    let run = |columns: &mut dyn Iterator<Item = usize>| {
        let mut long = vec![0u16; width * height];
        let mut before = None;
        for x in columns {
            for y in 0..height {
                if is_edge[y * width + x] {
                    let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
                    let so_far = before.map_or(0, |before| rows.map(|y| long[y * width + before]).max().unwrap_or(0));
                    long[y * width + x] = so_far + 1;
                }
            }
            before = Some(x);
        }
        long
    };
    let (forth, back) = (run(&mut (0..width)), run(&mut (0..width).rev()));
    let is_short = |&&(x, y): &&(u16, u16)| {
        let at = usize::from(y) * width + usize::from(x);
        forth[at] + back[at] <= LONGEST_STROKE + 1
    };
    points.iter().filter(is_short).copied().collect()
}

/// The evidence of the letters for both directions.
struct Votes<'a> {
    spots: Cow<'a, [Spot]>,
    lines: Lines,
    across: Vote,
    down: Vote,
}

impl<'a> Votes<'a> {
    fn of(spots: Cow<'a, [Spot]>) -> Self {
        let lines = Lines::among(&spots, 1.0);
        let (across, down) = (Vote::of(&lines.across), Vote::of(&lines.down));
        Self { spots, lines, across, down }
    }

    fn of_run(&self, run: Run) -> &Vote {
        match run {
            Run::Across => &self.across,
            Run::Down => &self.down,
        }
    }

    fn letters(&self) -> f32 {
        self.across.letters.max(self.down.letters)
    }

    /// Whether the letters are enough to determine the direction of lines.
    fn tell(&self) -> bool {
        let marks = self.spots.iter().filter(|spot| spot.is_mark()).count() as f32;
        let (most, least) = (self.letters(), self.across.letters.min(self.down.letters));
        most >= TELLING_LETTERS.max(TELLING_SHARE * marks) || (most >= CLEAR_LETTERS && most >= CLEARLY * least)
    }
}

/// The evidence for the angle of the lines of one direction.
#[derive(Default)]
struct Vote {
    degrees: f32,
    /// The error of the angle, in degrees.
    error: f32,
    /// The number of letters in the agreeing lines.
    letters: f32,
    /// The marks of the agreeing lines, as indices of the page's spots.
    members: Vec<usize>,
}

impl Vote {
    /// The angle that most letters agree on.
    fn of(lines: &[TextLine]) -> Self {
        let mut lines: Vec<&TextLine> = lines.iter().collect();
        lines.sort_by(|a, b| b.letters.total_cmp(&a.letters));
        lines.truncate(MOST_LINES);
        let off = |line: &TextLine| line.error.hypot(BENT);
        let votes = |degrees: f32| -> f32 {
            let vote = |line: &TextLine| line.letters * (-0.5 * ((line.degrees - degrees) / off(line)).powi(2)).exp();
            lines.iter().map(|line| vote(line)).sum()
        };
        let angles = lines.iter().map(|line| (line.degrees, votes(line.degrees)));
        let Some((most, _)) = angles.max_by(|a, b| a.1.total_cmp(&b.1)) else { return Self::default() };
        lines.retain(|line| (line.degrees - most).abs() <= AGREED * off(line));
        let weight = |line: &TextLine| line.letters.max(0.1) / off(line).powi(2);
        let all: f32 = lines.iter().map(|line| weight(line)).sum();
        let degrees = lines.iter().map(|line| weight(line) * line.degrees).sum::<f32>() / all;
        let error = lines.iter().map(|line| off(line)).fold(f32::INFINITY, f32::min);
        let letters = lines.iter().map(|line| line.letters).sum();
        Self {
            degrees,
            error,
            letters,
            members: lines.into_iter().flat_map(|line| line.members.iter().copied()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::Rotation;

    use super::*;
    use crate::page_image::PageImage;
    use crate::resample::deskewed;
    use crate::statistics::statistics;

    /// Lines of strokes that vary in width and height like letters, with spaces between words.
    fn page(lines: u32, letters: u32) -> PageImage {
        let (w, h) = (900u32, 120 + lines * 44);
        let mut luma = vec![255u8; (w * h) as usize];
        for line in 0..lines {
            for letter in (0..letters).filter(|letter| (letter * 7 + line * 3) % 6 != 0) {
                let (left, base) = (60 + letter * 17 + (letter * line) % 3, 90 + line * 44);
                let (wide, high) = (7 + (letter * 5 + line) % 5, if (letter + line) % 3 == 0 { 20 } else { 14 });
                for y in base - high..base {
                    for x in left..left + wide {
                        let is_stroke = x < left + 3 || y < base - high + 3 || (y > base - 4 && letter % 2 == 0);
                        if is_stroke {
                            luma[(y * w + x) as usize] = 20;
                        }
                    }
                }
            }
        }
        PageImage::new(w, h, 200, luma)
    }

    /// The page with a thick frame that is skewed by that many degrees.
    fn framed(page: &PageImage, degrees: f32) -> PageImage {
        let (w, h) = (page.width() as f32, page.height() as f32);
        let (sin, cos) = degrees.to_radians().sin_cos();
        let level = |(i, &p): (usize, &u8)| {
            let (x, y) = ((i as f32 % w) - w / 2.0, (i as f32 / w).floor() - h / 2.0);
            let (u, v) = ((x * cos + y * sin).abs() / (0.35 * w), (y * cos - x * sin).abs() / (0.35 * h));
            if (0.97..1.0).contains(&u.max(v)) { 0 } else { p }
        };
        PageImage::new(page.width(), page.height(), 200, page.luma().iter().enumerate().map(level).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_angle_and_the_direction_of_lines_are_told_whatever_they_are(
            degrees in -25f32..25.0, quarter in 0i32..4, lines in 3u32..16, letters in 20u32..44,
        ) {
            let turn = Rotation::from_degrees(90 * quarter).unwrap();
            let seen = statistics(&deskewed(&page(lines, letters).turned(turn), -degrees).image);
            let is_sideways = matches!(turn, Rotation::Clockwise | Rotation::CounterClockwise);
            prop_assert_eq!(seen.is_sideways(), is_sideways, "{:?}", seen);
            prop_assert!((seen.slant().degrees - degrees).abs() < 0.5, "{seen:?}");
            prop_assert!(seen.apart < 8.0, "{seen:?}");
        }

        #[test]
        fn a_frame_does_not_tilt_what_is_written(degrees in -25f32..25.0, lines in 4u32..12) {
            let seen = statistics(&framed(&page(lines, 40), degrees));
            prop_assert!(!seen.is_sideways() && seen.rows.degrees.abs() < 0.5, "{seen:?}");
        }
    }

    #[test]
    fn a_picture_without_letters_has_no_lines() {
        for level in [0u8, 255] {
            let lines = Lines::of(&PageImage::new(300, 200, 100, vec![level; 300 * 200]));
            assert!(lines.of_run(Run::Across).is_empty() && lines.of_run(Run::Down).is_empty());
        }
        let noise = (0..300 * 200u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let _ = Lines::of(&PageImage::new(300, 200, 100, noise));
    }
}
