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
use crate::text_blocks::{self, LineKind, TextBlock, TextLine};

pub use model::{LINE_PARTS, WEIGHTS_FILE};

/// The number of lines of the first page that are examined.
const MAX_LINES: usize = 24;
/// A line below this probability is not part of the name or address, unless no other line is.
const LIKELY: f32 = 0.5;
/// A line below this probability is never a candidate.
const LEAST: f32 = 0.1;
/// A street or a place beside an address belongs to it from this probability.
const BESIDE: f32 = 0.3;
/// The first line of an address has at least this probability, or is a street or a place. A slogan or a family's name
/// above the street is no part of it.
const SURE: f32 = 0.85;

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
            let mut next = end + 1;
            if end > at {
                match part {
                    Part::Name => runs.push(self.run(self.with_name_of_form(at..end), at..end, part)),
                    Part::Address => {
                        let parts = self.parted(self.without_lines_around(at..end));
                        for address in parts {
                            let is_end = |edge: usize| edge == at || edge == end;
                            let whole = self.with_lines_beside(address.clone(), is_end);
                            next = next.max(whole.end + 1);
                            runs.push(self.run(whole, address, part));
                        }
                    }
                }
            }
            at = next;
        }
        let best = (0..self.lines.len()).max_by(|a, b| likely(*a).total_cmp(&likely(*b)));
        if let Some(best) = best.filter(|best| runs.is_empty() && likely(*best) >= LEAST) {
            runs.push(self.run(best..best + 1, best..best + 1, part));
        }
        runs
    }

    /// The lines of a name, with the line above if they begin with nothing but a legal form, and with the line below if
    /// that is nothing else.
    fn with_name_of_form(&self, lines: Range<usize>) -> Range<usize> {
        let is_form = |at: usize| self.lines.get(at).is_some_and(|line| text_blocks::is_legal_form(&line.text));
        let is_cut = lines.start > 0 && is_form(lines.start);
        lines.start - usize::from(is_cut)..lines.end + usize::from(is_form(lines.end))
    }

    /// The lines of an address from the first one that is a street, a place or sure; all of them if none is a street or
    /// a place. A company at the end is no part of it, while a district or a country may be.
    fn without_lines_around(&self, lines: Range<usize>) -> Range<usize> {
        if !lines.clone().any(|at| self.has_shape(at)) {
            return lines;
        }
        let is_core = |at: &usize| self.has_shape(*at) || self.likelihoods[*at][Part::Address as usize] >= SURE;
        let first = lines.clone().find(is_core).unwrap_or(lines.start);
        let is_company = |at: &usize| self.lines[*at].kind == LineKind::Company;
        let last = lines.clone().rfind(|at| is_core(at) || !is_company(at)).unwrap_or(lines.end - 1);
        first..last + 1
    }

    /// The addresses of lines that hold several: the seat of the company and the shop, each with its place, and between
    /// them a line with the name of the shop.
    fn parted(&self, lines: Range<usize>) -> Vec<Range<usize>> {
        let is_name = |at: usize| {
            let line = &self.lines[at];
            line.kind == LineKind::Words && self.likelihoods[at][Part::Address as usize] < SURE
        };
        let has_place = |range: Range<usize>| self.lines[range].iter().any(|line| line.kind == LineKind::Place);
        let mut parts = Vec::new();
        let mut start = lines.start;
        for at in lines.clone() {
            if is_name(at) && has_place(start..at) && has_place(at + 1..lines.end) {
                parts.push(start..at);
                start = at + 1;
            }
        }
        parts.push(start..lines.end);
        parts
    }

    /// The lines of an address with those above and below that belong to it. `is_end` tells the edges beyond which
    /// nothing was cut off.
    fn with_lines_beside(&self, lines: Range<usize>, is_end: impl Fn(usize) -> bool) -> Range<usize> {
        let (mut start, mut end) = (lines.start, lines.end);
        let is_of_name = |at: usize| self.likelihoods[at][Part::Name as usize] >= LIKELY;
        let is_street = |at: usize| {
            let line = &self.lines[at];
            line.kind == LineKind::Street || text_blocks::names_street(&line.text)
        };
        let is_place = |at: usize| self.lines[at].kind == LineKind::Place;
        // An address has one street and one place.
        let lacks_street = !lines.clone().any(is_street);
        let lacks_place = !lines.clone().any(is_place);
        let belongs = |at: usize| {
            let is_lacking = is_street(at) && lacks_street || is_place(at) && lacks_place;
            is_lacking && self.has_shape(at) && self.likelihoods[at][Part::Address as usize] >= BESIDE
        };
        // What ends with a comma goes on below.
        let goes_on = |at: usize| self.lines[at].text.trim_end().ends_with(',');
        if is_end(start) {
            while start > 0 && !is_of_name(start - 1) && (belongs(start - 1) || goes_on(start - 1)) {
                start -= 1;
            }
        }
        if is_end(end) {
            let may_follow = |at: usize| belongs(at) || (goes_on(at - 1) && self.lines[at].kind == LineKind::Words);
            while end < self.lines.len() && !is_of_name(end) && may_follow(end) {
                end += 1;
            }
        }
        start..end
    }

    /// Whether a line looks like a part of an address by itself: a street, or a place with its code.
    fn has_shape(&self, at: usize) -> bool {
        matches!(self.lines[at].kind, LineKind::Street | LineKind::Place)
    }

    /// The run of lines; its probability is that of the lines `told` by the model.
    fn run(&self, lines: Range<usize>, told: Range<usize>, part: Part) -> Run<'_> {
        let sum: f32 = told.clone().map(|at| self.likelihoods[at][part as usize]).sum();
        Run { likelihood: sum / told.len().max(1) as f32, lines: &self.lines[lines] }
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
    fn a_slogan_above_the_street_is_no_part_of_the_address() {
        let lines = ["Dorfladen Trogen", "Genossenschaft", "Landsgemeindeplatz 2", "9043 Trogen", "Tel. 071 550 22 14"];
        assert_eq!(shop(&lines)[1].as_deref(), Some("Landsgemeindeplatz 2, 9043 Trogen"));
    }

    #[test]
    fn an_address_goes_on_behind_a_comma() {
        let lines =
            ["SIA Birzs", "Reg. Nr. 40003417726", "veikals: Liela iela 33,", "Talsi, LV-3201", "Kasieris: Ilze B."];
        assert_eq!(shop(&lines)[1].as_deref(), Some("veikals: Liela iela 33, Talsi, LV-3201"));
    }

    #[test]
    fn the_seat_of_the_company_and_the_shop_are_two_addresses() {
        let lines = [
            "Stokrotka sp. z o.o.",
            "20-209 Lublin, ul. Projektowa 1",
            "Supermarket Stokrotka",
            "26-610 Radom, ul. Limanowskiego 100",
            "NIP 712-10-08-323",
        ];
        let address = shop(&lines)[1].clone().unwrap();
        assert!(!address.contains("Stokrotka"), "{address}");
        assert_ne!(address.contains("Lublin"), address.contains("Radom"), "{address}");
    }

    #[test]
    fn a_legal_form_alone_in_its_line_belongs_to_the_name_above() {
        let lines = ["AUTOPISTAS DEL NORTE,", "S.A. DE C.V.", "Av. Paseo del Moral 1402", "37160 Leon"];
        assert_eq!(shop(&lines)[0].as_deref(), Some("AUTOPISTAS DEL NORTE S.A. DE C.V."));
    }

    #[test]
    fn an_empty_page_names_nobody() {
        assert_eq!(shop(&[]), [None, None]);
    }
}
