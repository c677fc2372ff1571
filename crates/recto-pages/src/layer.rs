//! What the text that a page carries is worth, and what becomes of it once the page's picture was read.

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

/// What a page's own text is worth.
#[derive(Debug, Clone, PartialEq)]
pub enum TextLayer {
    /// There is none, or nothing of it is of use: the page is to be recognised.
    Absent,
    /// It is what the page shows. A page on which nothing at all is drawn is a page without words.
    Sound(Page),
    /// It may not be what the page shows, or not all of it: the picture decides.
    Doubtful(Box<DoubtfulLayer>),
}

/// What speaks against a word of a text layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Nothing.
    None,
    /// The font, the statistics of its language, or that nobody sees it: what a picture shows may be something else.
    Suspect,
    /// Some of its letters are missing for sure.
    Damaged,
}

/// A text layer that the picture of its page has to confirm, to complete or to replace.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubtfulLayer {
    /// With all words of the layer.
    pub(crate) page: Page,
    /// What speaks against each word, in the order of [`Page::words`].
    pub(crate) doubts: Vec<Doubt>,
    /// Ink of characters that the layer has not, in points on the displayed page.
    pub(crate) holes: Vec<Rect>,
    /// Lines of the page that the layer does not tell, in points on the displayed page.
    pub(crate) missing: Vec<Rect>,
    /// Whether the layer is invisible, as another program's reading of a picture is.
    pub(crate) is_recognised: bool,
    /// Whether it cannot stand as it is, whatever a sample shows: two texts lie on the same place.
    pub(crate) is_tangled: bool,
}

/// What became of a doubtful layer.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The layer stands, with what it is worth as its confidence.
    Layer(Page),
    /// The layer stands for want of anything better, with little confidence: nothing could be compared with it.
    Unclear(Page),
    /// Sound words of the layer stand among what was read in the picture.
    Both {
        /// In reading order.
        blocks: Vec<Block>,
        /// Whether words of the layer were replaced, and not only others added.
        is_mended: bool,
    },
    /// What was read in the picture stands alone.
    Picture,
}

/// Confidence of a layer against which something speaks and which nothing could be compared with.
const UNCHECKED: f32 = 0.5;
/// Another program's reading is never surer than this.
const RECOGNISED: f32 = 0.97;
/// Another program's reading is kept after a look at some lines from this share of right words on.
const GOOD_READING: f32 = 0.93;
/// Fewer sound words than this share of a layer's are no more than a header on a page that was read.
const FEW_KEPT: f32 = 0.1;

impl DoubtfulLayer {
    /// Whether nothing speaks against the layer at all.
    pub(crate) fn is_sound(&self) -> bool {
        let is_whole = self.missing.is_empty() && !self.is_tangled && self.holes.is_empty();
        is_whole && self.doubts.iter().all(|doubt| *doubt == Doubt::None)
    }

    /// The page as the layer tells it.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// A few lines of the picture in which the layer is most doubtful; `None` when all of the picture is to be read
    /// anyway.
    #[must_use]
    pub fn sample(&self, picture: &RenderedPage) -> Option<Sample> {
        let decided = !self.missing.is_empty() || self.is_tangled || !self.holes.is_empty();
        let is_upright = picture.rotation == self.page.rotation;
        (!decided && is_upright).then(|| Sample::of(self, &picture.image)).flatten()
    }

    /// What of the picture the layer does not tell, if that is all that speaks against it.
    #[must_use]
    pub fn rest(&self, picture: &RenderedPage) -> Option<Rest> {
        let is_sound =
            !self.is_tangled && self.holes.is_empty() && self.doubts.iter().all(|doubt| *doubt == Doubt::None);
        let is_upright = picture.rotation == self.page.rotation;
        (is_sound && is_upright && !self.missing.is_empty()).then(|| Rest::of(self, &picture.image)).flatten()
    }

    /// The words of the layer among those that were read of the rest, which have their boxes on the displayed page;
    /// `None` when nothing of use was read.
    #[must_use]
    pub fn completed(&self, read: &[Block]) -> Option<Vec<Block>> {
        let blocks = merge::merged(&self.page.blocks, &vec![true; self.doubts.len()], read);
        let words: usize = blocks.iter().flat_map(|b| &b.lines).map(|line| line.words.len()).sum();
        (words > self.doubts.len()).then_some(blocks)
    }

    /// The layer, if what was read of a sample of the page says the same.
    #[must_use]
    pub fn confirmed(&self, sample: &Sample, read: &[Block]) -> Option<Page> {
        let agreement = sample.compare(read);
        match agreement.verdict(Evidence::Some) {
            Verdict::Agrees if !self.is_recognised => Some(self.page.clone()),
            Verdict::Agrees if agreement.right() >= GOOD_READING => Some(self.worth(agreement.right())),
            _ => None,
        }
    }

    /// What of the layer stands beside what was read of the whole picture. `read` has its boxes on the displayed page.
    #[must_use]
    pub fn settled(&self, read: &[Block]) -> Settled {
        if self.is_recognised { self.recognised_settled(read) } else { self.printed_settled(read) }
    }

    /// Of two readings of the same picture the one that is right in more words stands.
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

    /// Visible text has no errors of reading: what the picture confirms stands as it is, word by word.
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

    /// The layer when the picture cannot be read: with the little confidence that it deserves.
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

    /// The layer with words that are right with that probability.
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
