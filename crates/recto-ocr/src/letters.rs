//! The size of the letters on a page.

use crate::reduced::Reduced;

/// The fewest letters for a median.
const MIN_LETTERS: usize = 8;
/// A spot this low and this narrow is a speck.
const SPECK: usize = 3;
/// Letters that touch are up to this many times as long as high; anything longer is a rule.
const MARK: usize = 16;
/// A noisy picture has any number of spots; the first ones are enough.
const MAX_RUNS: usize = 2_000_000;

/// Statistics of the connected components of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Marks {
    /// The number of spots with the shape of a letter, or of a few joined letters.
    pub(crate) letters: usize,
    /// Their median height in pixels of the picture: about that of an `x` in running text, of a capital or digit in a
    /// table. `None` when there are too few.
    pub(crate) height: Option<f32>,
    /// The number of spots that are too small for a letter.
    pub(crate) specks: usize,
}

impl Marks {
    /// Statistics of the spots of a picture whose sides were divided by `divisor`.
    pub(crate) fn of(spots: &[Spot], divisor: usize) -> Self {
        let specks = spots.iter().filter(|spot| spot.is_speck()).count();
        let mut heights: Vec<usize> = spots.iter().filter_map(Spot::letter_height).collect();
        let letters = heights.len();
        if letters < MIN_LETTERS {
            return Self { letters, height: None, specks };
        }
        let median = *heights.select_nth_unstable(letters / 2).1;
        Self { letters, height: Some((median * divisor) as f32), specks }
    }
}

/// The connected components of ink, which is the minority of the pixels; none on a picture of one level.
pub(crate) fn ink_spots(picture: &Reduced) -> Vec<Spot> {
    let Some((threshold, dark)) = picture.threshold() else { return Vec::new() };
    let light_on_dark = dark * 2 > picture.luma.len();
    spots(picture, |p| (p <= threshold) != light_on_dark)
}

/// The height of the letters that contain most of the ink, in pixels of the original; `None` when there are too few.
/// Dust and grain may outnumber letters but have almost no ink.
pub(crate) fn inked_height(picture: &Reduced) -> Option<f32> {
    let (threshold, dark) = picture.threshold()?;
    let light_on_dark = dark * 2 > picture.luma.len();
    let spots = spots(picture, |p| (p <= threshold) != light_on_dark);
    let mut heights: Vec<(usize, usize)> =
        spots.into_iter().filter_map(|spot| Some((spot.letter_height()?, spot.pixels))).collect();
    if heights.len() < MIN_LETTERS {
        return None;
    }
    heights.sort_unstable();
    let ink: usize = heights.iter().map(|&(_, pixels)| pixels).sum();
    let mut seen = 0;
    let middle = heights.iter().find(|&&(_, pixels)| {
        seen += pixels;
        2 * seen >= ink
    });
    middle.map(|&(height, _)| (height * picture.divisor) as f32)
}

/// Connected pixels: their bounding box and number.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) pixels: usize,
}

impl Spot {
    pub(crate) fn width(&self) -> usize {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// Whether it is too small for a readable letter.
    pub(crate) fn is_speck(&self) -> bool {
        self.width() <= SPECK && self.height() <= SPECK
    }

    /// Whether it may be a letter, or a few joined letters.
    pub(crate) fn has_shape_of_letters(&self) -> bool {
        self.letter_height().is_some()
    }

    /// Whether it may be a letter or a few joined letters, in any orientation.
    pub(crate) fn is_mark(&self) -> bool {
        let (long, short) = (self.width().max(self.height()), self.width().min(self.height()));
        (4..=400).contains(&long) && long <= MARK * short && self.pixels * 8 >= long * short
    }

    /// The height, if it has the shape of a letter or of a few joined letters.
    fn letter_height(&self) -> Option<usize> {
        let (w, h) = (self.right - self.left, self.bottom - self.top);
        // Spots lower than 4 pixels are dots and dirt; rules and frames are long and thin, or large and hollow.
        let shape = (4..=200).contains(&h) && w * 8 >= h && w <= 5 * h;
        let filled = self.pixels * 8 >= w * h;
        (shape && filled).then_some(h)
    }

    fn join(&mut self, other: Self) {
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
        self.top = self.top.min(other.top);
        self.bottom = self.bottom.max(other.bottom);
        self.pixels += other.pixels;
    }
}

/// The connected components of ink (8 neighbours), by runs and union-find.
pub(crate) fn spots(picture: &Reduced, is_ink: impl Fn(u8) -> bool) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    let mut parent: Vec<usize> = Vec::new();
    // Runs of the row above and of this row: first pixel, end, component.
    let mut above: Vec<(usize, usize, usize)> = Vec::new();
    let mut here: Vec<(usize, usize, usize)> = Vec::new();
    for (y, row) in picture.luma.chunks_exact(picture.width).enumerate() {
        here.clear();
        let (mut x, mut candidate) = (0, 0);
        while x < row.len() {
            let Some(start) = row[x..].iter().position(|&p| is_ink(p)).map(|i| x + i) else { break };
            let end = row[start..].iter().position(|&p| !is_ink(p)).map_or(row.len(), |i| start + i);
            x = end;
            let run = Spot { left: start, right: end, top: y, bottom: y + 1, pixels: end - start };
            let mut mine = None;
            while candidate < above.len() && above[candidate].1 < start {
                candidate += 1;
            }
            for &(_, _, theirs) in above[candidate..].iter().take_while(|a| a.0 <= end) {
                let root = root_of(&mut parent, theirs);
                match mine {
                    None => {
                        spots[root].join(run);
                        mine = Some(root);
                    }
                    Some(mine) if mine != root => {
                        let other = spots[root];
                        spots[mine].join(other);
                        parent[root] = mine;
                    }
                    Some(_) => {}
                }
            }
            let component = mine.unwrap_or_else(|| {
                spots.push(run);
                parent.push(parent.len());
                parent.len() - 1
            });
            here.push((start, end, component));
        }
        if spots.len() > MAX_RUNS {
            break;
        }
        std::mem::swap(&mut above, &mut here);
    }
    spots.into_iter().enumerate().filter(|&(i, _)| parent[i] == i).map(|(_, spot)| spot).collect()
}

fn root_of(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rows: &[&str]) -> Reduced {
        let luma: Vec<u8> = rows.iter().flat_map(|r| r.bytes()).map(|b| if b == b'#' { 0 } else { 255 }).collect();
        Reduced::of(&luma, rows[0].len(), rows.len(), 1)
    }

    fn marks(luma: &[u8], w: usize, h: usize) -> Marks {
        Marks::of(&ink_spots(&Reduced::of(luma, w, h, 1)), 1)
    }

    #[test]
    fn parts_that_meet_further_down_are_one_spot() {
        let found = spots(&picture(&["#...#..", ".#.#..#", "..#...#", ".......", "#######"]), |p| p == 0);
        let mut sizes: Vec<_> = found.iter().map(|s| (s.right - s.left, s.bottom - s.top, s.pixels)).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [(1, 2, 2), (5, 3, 5), (7, 1, 7)]);
    }

    #[test]
    fn the_height_of_letters_is_told_whatever_else_is_on_the_page() {
        for (ink, ground) in [(20u8, 250u8), (240, 10)] {
            let (w, h) = (600, 400);
            let mut luma = vec![ground; w * h];
            let mut fill = |left: usize, top: usize, wide: usize, high: usize| {
                for y in top..top + high {
                    luma[y * w + left..y * w + left + wide].fill(ink);
                }
            };
            for i in 0..100 {
                fill(40 + (i % 20) * 25, 60 + (i / 20) * 40, 9, 13 + (i % 3) * 6 / 2);
                fill(10 + i * 5, 300, 2, 2);
            }
            fill(0, 350, 600, 3);
            let found = marks(&luma, w, h).height.unwrap();
            assert!((13.0..=19.0).contains(&found), "{found}");
        }
    }

    #[test]
    fn a_page_without_letters_has_no_letter_height() {
        assert_eq!(marks(&[255; 100], 10, 10), Marks::default());
        assert_eq!(marks(&[0; 100], 10, 10), Marks::default());
    }
}
