//! The reliability of a page's text layer, and its combination with a reading of the page's picture.

mod agreement;
mod merge;
mod rest;
mod sample;

use recto_domain::{Block, Page, Rect};

use agreement::Verdict;
pub use rest::Rest;
pub use sample::Sample;

use crate::open_file::RenderedPage;
use agreement::{Agreement, Evidence};

/// The text layer of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum TextLayer {
    /// There is none, or it is useless: the page must be recognised.
    Absent,
    /// It matches what the page shows. A page on which nothing is drawn counts as a page without words.
    Sound(Page),
    /// It may not match what the page shows, or be incomplete: the picture decides.
    Doubtful(Box<DoubtfulLayer>),
}

/// The evidence against a word of a text layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// There is none.
    None,
    /// The font, the statistics of the language, or invisibility: the picture may show something else.
    Suspect,
    /// Some of its letters are definitely missing.
    Damaged,
}

/// A text layer that must be confirmed, completed or replaced by reading the page's picture.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubtfulLayer {
    /// The page with all words of the layer.
    pub(crate) page: Page,
    /// The evidence against each word, in the order of [`Page::words`].
    pub(crate) doubts: Vec<Doubt>,
    /// Ink of characters that are missing in the layer, in points on the displayed page.
    pub(crate) holes: Vec<Rect>,
    /// Lines of the page that are missing in the layer, in points on the displayed page.
    pub(crate) missing: Vec<Rect>,
    /// Whether the layer is invisible, like another program's reading of a picture.
    pub(crate) is_recognised: bool,
    /// Whether it must be replaced regardless of a sample, because two texts overlap.
    pub(crate) is_tangled: bool,
}

/// The result of comparing a doubtful layer with a reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The layer is kept, with its estimated reliability as confidence.
    Layer(Page),
    /// The layer is kept with low confidence, because nothing could be compared with it.
    Unclear(Page),
    /// Reliable words of the layer are combined with the reading of the picture.
    Both {
        /// The blocks in reading order.
        blocks: Vec<Block>,
        /// Whether words of the layer were replaced, rather than only others added.
        is_mended: bool,
    },
    /// Only the reading of the picture is used.
    Picture,
}

/// The confidence of a doubtful layer that could not be compared with anything.
const UNCHECKED: f32 = 0.5;
/// The highest confidence of another program's reading.
const RECOGNISED: f32 = 0.97;
/// From this share of correct words in a few sample lines, another program's reading is kept.
const GOOD_READING: f32 = 0.93;
/// Fewer reliable words than this share of a layer's words are only a header on a page that was read.
const FEW_KEPT: f32 = 0.1;

impl DoubtfulLayer {
    /// Whether there is no evidence against the layer.
    pub(crate) fn is_sound(&self) -> bool {
        let is_whole = self.missing.is_empty() && !self.is_tangled && self.holes.is_empty();
        is_whole && self.doubts.iter().all(|doubt| *doubt == Doubt::None)
    }

    /// The page according to the layer.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// A few lines of the picture in which the layer is most doubtful; `None` when the whole picture must be read
    /// anyway.
    #[must_use]
    pub fn sample(&self, picture: &RenderedPage) -> Option<Sample> {
        let decided = !self.missing.is_empty() || self.is_tangled || !self.holes.is_empty();
        let is_upright = picture.rotation == self.page.rotation;
        (!decided && is_upright).then(|| Sample::of(self, &picture.image)).flatten()
    }

    /// The parts of the picture that are missing in the layer, if that is the only evidence against it.
    #[must_use]
    pub fn rest(&self, picture: &RenderedPage) -> Option<Rest> {
        let is_sound =
            !self.is_tangled && self.holes.is_empty() && self.doubts.iter().all(|doubt| *doubt == Doubt::None);
        let is_upright = picture.rotation == self.page.rotation;
        (is_sound && is_upright && !self.missing.is_empty()).then(|| Rest::of(self, &picture.image)).flatten()
    }

    /// The words of the layer combined with those read from the rest, whose boxes are on the displayed page; `None`
    /// when nothing useful was read.
    #[must_use]
    pub fn completed(&self, read: &[Block]) -> Option<Vec<Block>> {
        let blocks = merge::merged(&self.page.blocks, &vec![true; self.doubts.len()], read);
        let words: usize = blocks.iter().flat_map(|b| &b.lines).map(|line| line.words.len()).sum();
        (words > self.doubts.len()).then_some(blocks)
    }

    /// The layer, if the reading of a sample of the page agrees with it.
    #[must_use]
    pub fn confirmed(&self, sample: &Sample, read: &[Block]) -> Option<Page> {
        let agreement = sample.compare(read);
        match agreement.verdict(Evidence::Some) {
            Verdict::Agrees if !self.is_recognised => Some(self.page.clone()),
            Verdict::Agrees if agreement.right() >= GOOD_READING => Some(self.worth(agreement.right())),
            _ => None,
        }
    }

    /// The result of comparing the layer with a reading of the whole picture. The boxes of `read` are on the displayed
    /// page.
    #[must_use]
    pub fn settled(&self, read: &[Block]) -> Settled {
        if self.is_recognised { self.recognised_settled(read) } else { self.printed_settled(read) }
    }

    /// Of two readings of the same picture, keeps the one with more correct words.
    fn recognised_settled(&self, read: &[Block]) -> Settled {
        let agreement = Agreement::of(self.page.words(), read);
        match agreement.verdict(Evidence::All) {
            _ if self.is_tangled => Settled::Picture,
            Verdict::Unclear if !agreement.is_empty() => Settled::Unclear(self.unchecked()),
            Verdict::Agrees if agreement.right() >= agreement.sure() && self.missing.is_empty() => {
                Settled::Layer(self.worth(agreement.right()))
            }
            _ => Settled::Picture,
        }
    }

    /// Visible text has no recognition errors: words that the picture confirms are kept.
    fn printed_settled(&self, read: &[Block]) -> Settled {
        let verdict_on = |which: Doubt| {
            let words = self.page.words().zip(&self.doubts).filter(|&(_, doubt)| *doubt == which);
            Agreement::of(words.map(|(word, _)| word), read).verdict(Evidence::All)
        };
        let (sound, suspect) = (verdict_on(Doubt::None), verdict_on(Doubt::Suspect));
        if sound == Verdict::Disagrees || self.is_tangled {
            return Settled::Picture;
        }
        let keep = |doubt: &Doubt| *doubt == Doubt::None || (*doubt == Doubt::Suspect && suspect != Verdict::Disagrees);
        let keeps: Vec<bool> = self.doubts.iter().map(keep).collect();
        let kept = keeps.iter().filter(|&&keep| keep).count();
        if suspect == Verdict::Disagrees && kept as f32 <= FEW_KEPT * keeps.len() as f32 {
            return Settled::Picture;
        }
        let is_unclear = suspect == Verdict::Unclear && self.doubts.contains(&Doubt::Suspect);
        let page = if is_unclear { self.unchecked() } else { self.page.clone() };
        let is_mended = kept < keeps.len() || !self.holes.is_empty();
        if is_mended || !self.missing.is_empty() {
            Settled::Both { blocks: merge::merged(&page.blocks, &keeps, read), is_mended }
        } else if is_unclear {
            Settled::Unclear(page)
        } else {
            Settled::Layer(page)
        }
    }

    /// The layer with low confidence, for a picture that cannot be read.
    #[must_use]
    pub fn unchecked(&self) -> Page {
        let mut doubts = self.doubts.iter();
        let mut page = self.page.clone();
        for word in page.blocks.iter_mut().flat_map(|b| &mut b.lines).flat_map(|l| &mut l.words) {
            if doubts.next().is_some_and(|doubt| *doubt != Doubt::None) {
                word.confidence = word.confidence.min(UNCHECKED);
            }
        }
        with_mean_confidence(page)
    }

    /// The layer, whose words are right with that probability.
    fn worth(&self, right: f32) -> Page {
        let mut page = self.page.clone();
        for word in page.blocks.iter_mut().flat_map(|b| &mut b.lines).flat_map(|l| &mut l.words) {
            word.confidence = right.min(RECOGNISED);
        }
        with_mean_confidence(page)
    }
}

fn with_mean_confidence(page: Page) -> Page {
    Page { confidence: recto_domain::document::mean_confidence(&page.blocks), ..page }
}
