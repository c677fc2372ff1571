//! Cleans a scan: removes specks and the dark edge around the sheet.
//!
//! The recognised words determine what must stay. A spot is kept if it is inside a word or near other ink, if it is in
//! a row of similar spots, or if it is one of the many dots of a picture.

mod sole_picture;
mod spots;

use recto_domain::Page;

use super::matrix::Matrix;
use super::object::{Dictionary, Object};
use super::picture::{MAX_DECODED_BYTES, one_at_a_time};
use super::samples::{Coded, Samples};
pub(super) use sole_picture::sole_picture;
use spots::{Spot, Spots};

/// The largest size of a speck in both directions, as a share of a line's height …
const SPECK: f64 = 1.0 / 6.0;
/// … and the least distance to other ink, in the same unit.
const ALONE: f64 = 0.5;
/// In the area of `AROUND` line heights around a speck, specks cover at most the share `TEXTURE` of the paper; more of
/// them are the dots of a printed picture.
const AROUND: f64 = 2.0;
const TEXTURE: f64 = 0.04;
/// Specks with others at the same distance to the left and right, within this share of it, are leader dots before a
/// page number.
const EVEN: f64 = 0.15;
/// The largest depth of a dark edge, as a share of the picture's shorter side …
const EDGE: f64 = 0.08;
/// … and its least length, in the same unit.
const ALONG: f64 = 0.05;

/// The positions of a page's words on its picture.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// Left, top, right and bottom, as shares of the picture's sides from its top left corner.
    boxes: Vec<[f64; 4]>,
}

/// What was painted over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cleaned {
    pub(super) specks: usize,
    pub(super) edges: usize,
}

impl Words {
    /// The words of a page. `to_picture` maps positions (y upwards from the bottom left corner) to the unit square that
    /// the picture fills.
    pub(super) fn of(page: &Page, to_picture: Matrix) -> Self {
        let height = f64::from(page.size.height);
        let place = |word: &recto_domain::Word| {
            let bbox = word.bbox;
            let [left, top] = [f64::from(bbox.x), height - f64::from(bbox.y)];
            let (right, bottom) = (left + f64::from(bbox.width), top - f64::from(bbox.height));
            let ends = [(left, top), (right, bottom)].map(|place| to_picture.place(place));
            let [(x0, y0), (x1, y1)] = ends;
            [x0.min(x1), 1.0 - y0.max(y1), x0.max(x1), 1.0 - y0.min(y1)]
        };
        Self { boxes: page.words().map(place).collect() }
    }
}

impl Cleaned {
    /// A description of the changes for a person; `None` if there were none.
    pub(super) fn told(self) -> Option<String> {
        let many = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("one {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts: Vec<String> = [many(self.specks, "speck", "specks"), many(self.edges, "dark edge", "dark edges")]
            .into_iter()
            .flatten()
            .collect();
        (!parts.is_empty()).then(|| format!("{} removed", parts.join(" and ")))
    }
}

/// The cleaned picture, if anything was painted over; a photograph is compressed again at that quality.
pub(super) fn cleaned(dictionary: &Dictionary, data: &[u8], words: &Words, quality: u8) -> Option<(Coded, Cleaned)> {
    let _turn = one_at_a_time();
    let mut samples = Samples::decode(dictionary, data, MAX_DECODED_BYTES)?;
    let cleaned = clean(&mut samples, dictionary, words)?;
    let coded = if samples.is_lossy { samples.photograph(dictionary, quality) } else { samples.lossless(dictionary) };
    Some((coded?, cleaned))
}

/// Paints over what does not belong to the sheet; `None` if there is nothing, or if the meaning of the samples is
/// unknown.
fn clean(samples: &mut Samples, dictionary: &Dictionary, words: &Words) -> Option<Cleaned> {
    let picture = Picture::of(samples, dictionary)?;
    let (w, h) = (picture.width, picture.height);
    let in_pixels = |[left, top, right, bottom]: &[f64; 4]| {
        let at = |share: f64, side: usize| (share * side as f64).clamp(0.0, side as f64) as usize;
        Spot::around(at(*left, w), at(*top, h), at(*right, w), at(*bottom, h))
    };
    let words: Vec<Spot> = words.boxes.iter().map(in_pixels).filter(|word| word.width() * word.height() > 0).collect();
    // On a page that lies on its side, words are wide where they are otherwise high.
    let mut heights: Vec<usize> = words.iter().map(|word| word.width().min(word.height())).collect();
    if heights.is_empty() {
        return None;
    }
    let middle = heights.len() / 2;
    let line = *heights.select_nth_unstable(middle).1 as f64;
    let ink = Spots::of(&picture.ink, w)?;
    let is_dark_page = ink.pixels() * 2 > w * h;
    if is_dark_page {
        return None;
    }
    let edges = edges(&ink, &words, w, h);
    let specks = specks(&ink, &words, line, w, h);
    let cleaned = Cleaned { specks: specks.len(), edges: edges.len() };
    for spot in specks.into_iter().chain(edges) {
        picture.paint(&ink, spot, samples);
    }
    (cleaned != Cleaned::default()).then_some(cleaned)
}

/// The indices of the spots that are specks.
fn specks(ink: &Spots, words: &[Spot], line: f64, w: usize, h: usize) -> Vec<usize> {
    let most = ((line * SPECK) as usize).max(2);
    let is_small = |spot: &Spot| spot.width() <= most && spot.height() <= most;
    let small: Vec<usize> = (0..ink.boxes.len()).filter(|&i| is_small(&ink.boxes[i])).collect();
    let others = ink.counts(h, |spot| !is_small(spot));
    let smalls = ink.counts(h, is_small);
    let of_words = spots::counts_of(words, w, h);
    let (alone, around) = ((line * ALONE) as usize, (line * AROUND) as usize);
    let is_speck = |&index: &usize| {
        let spot = &ink.boxes[index];
        let near = spot.grown(alone, w, h);
        let far = spot.grown(around, w, h);
        others.within(&near) == 0
            && of_words.within(&near) == 0
            && f64::from(smalls.within(&far)) < TEXTURE * (far.width() * far.height()) as f64
    };
    let isolated: Vec<usize> = small.iter().copied().filter(is_speck).collect();
    let leads = leaders(ink, &isolated, line);
    isolated.into_iter().zip(leads).filter(|(_, leads)| !leads).map(|(index, _)| index).collect()
}

/// Which of those spots are in a row of similar ones.
fn leaders(ink: &Spots, isolated: &[usize], line: f64) -> Vec<bool> {
    let middle = |index: usize| ink.boxes[index].middle();
    let mut by_row: Vec<(f64, f64)> = isolated.iter().map(|&index| middle(index)).collect();
    by_row.sort_by(|a, b| a.1.total_cmp(&b.1));
    let flat = (line * SPECK / 2.0).max(1.5);
    let reach = 3.0 * line;
    let is_leader = |&index: &usize| {
        let (x, y) = middle(index);
        let from = by_row.partition_point(|other| other.1 < y - flat);
        let row = by_row[from..].iter().take_while(|other| other.1 <= y + flat).map(|other| other.0 - x);
        let steps: Vec<f64> = row.filter(|step| step.abs() > 0.5 && step.abs() <= 2.0 * reach).collect();
        let has = |step: f64| steps.iter().any(|other| (other - step).abs() <= EVEN * step.abs());
        // Two more at even steps: one on each side, or both on the same side.
        steps.iter().filter(|step| step.abs() <= reach).any(|&step| has(-step) || has(2.0 * step))
    };
    isolated.iter().map(is_leader).collect()
}

/// The indices of the spots that are dark edges.
fn edges(ink: &Spots, words: &[Spot], w: usize, h: usize) -> Vec<usize> {
    let side = w.min(h) as f64;
    let deep = (side * EDGE) as usize;
    let along = (side * ALONG) as usize;
    let of_words = spots::counts_of(words, w, h);
    let is_edge = |&index: &usize| {
        let spot = &ink.boxes[index];
        let touches = spot.left == 0 || spot.top == 0 || spot.right == w || spot.bottom == h;
        touches
            && spot.width().max(spot.height()) >= along
            && ink.runs_of(index).all(|run| {
                let from_side = run.y.min(h - 1 - run.y) < deep || run.end <= deep || run.start + deep >= w;
                from_side && of_words.within(&Spot::around(run.start, run.y, run.end, run.y + 1)) == 0
            })
    };
    (0..ink.boxes.len()).filter(is_edge).collect()
}

/// The ink of a picture, and the colour of its paper.
struct Picture {
    width: usize,
    height: usize,
    ink: Vec<bool>,
    /// The paper's sample for each component; for pictures of one bit, the bit.
    paper: [u8; 3],
}

impl Picture {
    fn of(samples: &Samples, dictionary: &Dictionary) -> Option<Self> {
        let (width, height) = (samples.width as usize, samples.height as usize);
        if dictionary.contains("SMask") || dictionary.contains("Mask") {
            return None;
        }
        let is_inverted = match dictionary.get("Decode") {
            None => false,
            Some(decode) => decode.as_array()?.first()?.as_number()? > 0.5,
        };
        match (samples.bits, samples.components) {
            (1, 1) => {
                let is_mask = dictionary.get("ImageMask") == Some(&Object::Boolean(true));
                if !is_mask && !dictionary.is("ColorSpace", "DeviceGray") {
                    return None;
                }
                let rows = samples.data.chunks_exact(width.div_ceil(8));
                let bit = |row: &[u8], x: usize| row[x / 8] >> (7 - x % 8) & 1 == 1;
                let ink = rows.flat_map(|row| (0..width).map(|x| bit(row, x) == is_inverted)).collect();
                Some(Self { width, height, ink, paper: [u8::from(!is_inverted); 3] })
            }
            (8, 1 | 3) if !is_inverted => {
                let n = usize::from(samples.components);
                let shade = |pixel: &[u8]| (pixel.iter().map(|s| usize::from(*s)).sum::<usize>() / n) as u8;
                let shades: Vec<u8> = samples.data.chunks_exact(n).map(shade).collect();
                let threshold = spots::threshold(&shades)?;
                let ink: Vec<bool> = shades.iter().map(|shade| *shade <= threshold).collect();
                let mut paper = [255; 3];
                for (component, paper) in paper.iter_mut().enumerate().take(n) {
                    let light = samples.data.chunks_exact(n).zip(&ink).filter(|(_, ink)| !**ink);
                    let mut light: Vec<u8> = light.map(|(pixel, _)| pixel[component]).collect();
                    let middle = light.len() / 2;
                    *paper = if light.is_empty() { 255 } else { *light.select_nth_unstable(middle).1 };
                }
                Some(Self { width, height, ink, paper })
            }
            _ => None,
        }
    }

    /// Paints a spot and its blurred edge in the colour of the surrounding paper.
    fn paint(&self, ink: &Spots, index: usize, samples: &mut Samples) {
        let rim = if samples.bits == 1 { 0 } else { 2 };
        let paper = self.paper_around(&ink.boxes[index], samples);
        let mut paint = |x: usize, y: usize| {
            if samples.bits == 1 {
                let byte = &mut samples.data[y * self.width.div_ceil(8) + x / 8];
                let bit = 0x80 >> (x % 8);
                if self.paper[0] == 1 { *byte |= bit } else { *byte &= !bit }
            } else {
                let n = usize::from(samples.components);
                samples.data[(y * self.width + x) * n..][..n].copy_from_slice(&paper[..n]);
            }
        };
        for run in ink.runs_of(index) {
            for y in run.y.saturating_sub(rim)..(run.y + rim + 1).min(self.height) {
                for x in run.start.saturating_sub(rim)..(run.end + rim).min(self.width) {
                    let is_own = y == run.y && (run.start..run.end).contains(&x);
                    if is_own || !self.ink[y * self.width + x] {
                        paint(x, y);
                    }
                }
            }
        }
    }

    /// The mean colour of the paper around a small spot; around a large one, that of all paper.
    fn paper_around(&self, spot: &Spot, samples: &Samples) -> [u8; 3] {
        const RING: usize = 5;
        const INNER: usize = 2;
        let n = usize::from(samples.components);
        if samples.bits == 1 || spot.width().max(spot.height()) > 100 {
            return self.paper;
        }
        let (ring, inner) = (spot.grown(RING, self.width, self.height), spot.grown(INNER, self.width, self.height));
        let (mut sums, mut count) = ([0usize; 3], 0);
        for y in ring.top..ring.bottom {
            for x in ring.left..ring.right {
                if inner.contains(x, y) || self.ink[y * self.width + x] {
                    continue;
                }
                let pixel = &samples.data[(y * self.width + x) * n..][..n];
                sums.iter_mut().zip(pixel).for_each(|(sum, sample)| *sum += usize::from(*sample));
                count += 1;
            }
        }
        if count == 0 { self.paper } else { sums.map(|sum| (sum / count) as u8) }
    }
}
