//! The head of a receipt: which of its lines contain the shop's name, and which its address.
//!
//! Shops design their heads in many ways, so rules for them would never be complete. A model trained by `just
//! train-letterhead` on receipts of known shops gives the probability of each line being part of the name or of the
//! address, from the look of the line and its neighbours. Consecutive lines that are probably the same part form a
//! candidate.

mod features;
mod model;

use std::ops::Range;

use super::block::Block;
use crate::labels::Label;
use crate::sheet::Sheet;
use crate::text_blocks::{TextBlock, TextLine};

pub use model::{LINE_PARTS, WEIGHTS_FILE};

/// The number of lines of the first page that are examined.
const MAX_LINES: usize = 24;
/// A line below this probability is not part of the name or address, unless no other line is.
const LIKELY: f32 = 0.5;
/// A line below this probability is never a candidate.
const LEAST: f32 = 0.1;

/// A line of a head, for training.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterheadLine {
    /// The text as printed on the page.
    pub text: String,
    /// The names of its features.
    pub features: Vec<String>,
}

/// The lines of a head, with their probabilities.
#[derive(Debug)]
pub(super) struct Letterhead {
    lines: Vec<TextLine>,
    /// For each line, the probabilities of being part of the name and of the address.
    likelihoods: Vec<[f32; 2]>,
}

/// The part that a line may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Name = 0,
    Address = 1,
}

/// Lines that together form a part of the head.
#[derive(Debug)]
pub(super) struct Run<'l> {
    pub(super) lines: &'l [TextLine],
    /// The probability, 0 to 1.
    pub(super) likelihood: f32,
}

impl Letterhead {
    /// Evaluates the lines; `block` is the block that rules consider most likely to name the shop.
    pub(super) fn of(sheet: &Sheet, labels: &[Label], text_blocks: &[TextBlock], block: Option<&Block>) -> Self {
        let lines = head_of(sheet, text_blocks);
        let features = features::describe(sheet, labels, &lines, block);
        let likelihoods = features.iter().map(|features| model::likelihoods(features)).collect();
        Self { lines: lines.into_iter().cloned().collect(), likelihoods }
    }

    /// The runs of lines that probably belong to a part; if there are none, the most likely line alone.
    pub(super) fn runs(&self, part: Part) -> Vec<Run<'_>> {
        let likely = |at: usize| self.likelihoods[at][part as usize];
        let mut runs = Vec::new();
        let mut at = 0;
        while at < self.lines.len() {
            let end = (at..self.lines.len()).find(|line| likely(*line) < LIKELY).unwrap_or(self.lines.len());
            if end > at {
                runs.push(self.run(at..end, part));
            }
            at = end + 1;
        }
        let best = (0..self.lines.len()).max_by(|a, b| likely(*a).total_cmp(&likely(*b)));
        if let Some(best) = best.filter(|best| runs.is_empty() && likely(*best) >= LEAST) {
            runs.push(self.run(best..best + 1, part));
        }
        runs
    }

    fn run(&self, lines: Range<usize>, part: Part) -> Run<'_> {
        let sum: f32 = lines.clone().map(|at| self.likelihoods[at][part as usize]).sum();
        Run { likelihood: sum / lines.len().max(1) as f32, lines: &self.lines[lines] }
    }
}

/// The first lines of the first page, from the top.
fn head_of<'a>(sheet: &Sheet, text_blocks: &'a [TextBlock]) -> Vec<&'a TextLine> {
    let mut lines: Vec<&TextLine> =
        text_blocks.iter().filter(|text_block| text_block.page == 1).flat_map(|text_block| &text_block.lines).collect();
    lines.sort_by(|a, b| {
        let row = |line: &TextLine| sheet.words[line.first].row;
        row(a).cmp(&row(b)).then(a.bbox.x.total_cmp(&b.bbox.x))
    });
    lines.truncate(MAX_LINES);
    lines
}

/// The lines of a head with their features, for training.
pub(super) fn lines_to_learn(
    sheet: &Sheet,
    labels: &[Label],
    text_blocks: &[TextBlock],
    block: Option<&Block>,
) -> Vec<LetterheadLine> {
    let lines = head_of(sheet, text_blocks);
    let features = features::describe(sheet, labels, &lines, block);
    let with_text = |(line, features): (&&TextLine, Vec<String>)| LetterheadLine { text: line.text.clone(), features };
    lines.iter().zip(features).map(with_text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Parties;
    use crate::concept::Side;
    use crate::labels;
    use crate::sheet::{Sheet, tests::page};

    /// The most likely name and address of the shop.
    fn shop(lines: &[&str]) -> [Option<String>; 2] {
        let sheet = Sheet::of(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        let parties = Parties::of(&sheet, &labels);
        [parties.names(Side::Seller), parties.addresses(Side::Seller)].map(|candidates| {
            let best = candidates.into_iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
            best.value.as_str().map(str::to_owned)
        })
    }

    #[test]
    fn an_address_without_a_street_or_a_code_is_told_by_its_place() {
        let lines = [
            "Connaught Plaza Restaurants Pvt. Ltd.",
            "Shops 1 & 2, Crossriver Mall,",
            "CBD Shahadra, Delhi",
            "Ph: 9811852820",
            "TIN - 07780187932",
            "QTY ITEM TOTAL",
            "1 Tea 27.00",
        ];
        let [name, address] = shop(&lines);
        assert_eq!(name.as_deref(), Some("Connaught Plaza Restaurants Pvt. Ltd."));
        assert_eq!(address.as_deref(), Some("Shops 1 & 2, Crossriver Mall, CBD Shahadra, Delhi"));
    }

    #[test]
    fn a_name_without_anything_that_tells_it_is_given_and_doubtful() {
        let sheet = Sheet::of(&[page(&["Corner Shop", "1 Tea 27.00", "2 Cake 12.00", "Total 39.00"])]);
        let labels = labels::find(&sheet, &[]);
        let names = Parties::of(&sheet, &labels).names(Side::Seller);
        assert_eq!(names.len(), 1);
        assert_eq!(names[0].value, "Corner Shop");
        assert!(names[0].score < 0.9);
    }

    #[test]
    fn an_empty_page_names_nobody() {
        assert_eq!(shop(&[]), [None, None]);
    }
}
