//! The sender and the recipient of a document: names and addresses.
//!
//! Letterheads do not call anybody "seller". The parties are distinguished by the position of an address block, the
//! text above it, and whether it contains a telephone or tax number.

mod block;
mod legal_name;
mod letterhead;
mod sender_line;

use std::cmp::Ordering;

use recto_domain::Rect;
use serde_json::Value;

use self::block::Block;
use self::letterhead::{Letterhead, Part};
use self::sender_line::{SenderLine, sender_line};
use crate::candidate::{Candidate, Origin};
use crate::concept::Side;
use crate::labels::{self, Label};
use crate::sheet::Sheet;
use crate::text_blocks;

use self::letterhead::lines_to_learn;
pub use self::letterhead::{LINE_PARTS, LetterheadLine, WEIGHTS_FILE as LETTERHEAD_FILE};

/// A block below this probability names nobody: letters and books have first lines too.
const LEAST: f32 = 0.4;

/// The probability of a name above the table without any other evidence.
const LONE: f32 = 0.55;

/// The candidates for names and addresses of both parties.
pub(crate) struct Parties<'a> {
    sheet: &'a Sheet,
    blocks: Vec<Block>,
    /// The row where the first table begins.
    table: Option<usize>,
    sender_line: Option<SenderLine>,
    /// Candidates for name and address of the shop in the head of a receipt, which names nobody else.
    shop: Option<[Vec<Candidate>; 2]>,
    is_receipt: bool,
}

impl<'a> Parties<'a> {
    /// Finds the parties on a sheet.
    pub(crate) fn of(sheet: &'a Sheet, labels: &[Label]) -> Self {
        // Receipts are not sent in envelopes, and name no recipient.
        let is_receipt = is_receipt(sheet);
        let sender_line = if is_receipt { None } else { sender_line(sheet, labels) };
        let left_out = sender_line.as_ref().map_or(0..0, |line| line.first..line.end);
        let text_blocks = text_blocks::find(sheet, labels, left_out);
        let table = first_table(sheet, labels);
        let mut blocks: Vec<Block> = Vec::new();
        for text_block in &text_blocks {
            blocks.extend(block::blocks_of(sheet, labels, text_block, table));
        }
        blocks.retain(|block| block.name_text.is_empty() || block::is_nameable(&block.name_text));
        blocks.retain(|block| !(is_receipt && block.is_lone && block.labelled.is_none()));
        blocks.sort_by(|a, b| a.page.cmp(&b.page).then(a.y.total_cmp(&b.y)));
        for (order, block) in blocks.iter_mut().enumerate() {
            block.order = order;
        }
        let mut parties = Self { sheet, blocks, table, sender_line, shop: None, is_receipt };
        if is_receipt {
            let head = Letterhead::of(sheet, labels, &text_blocks, parties.likeliest(Side::Seller));
            parties.shop = Some([Part::Name, Part::Address].map(|part| of_shop(sheet, labels, &head, part)));
        }
        parties
    }

    /// Whether the sheet is a receipt, which names nobody but the shop.
    pub(crate) fn is_receipt(&self) -> bool {
        self.is_receipt
    }

    /// The candidates for a party's name.
    pub(crate) fn names(&self, side: Side) -> Vec<Candidate> {
        // If the model finds no name, those of the rules stand.
        let told = |shop: &&[Vec<Candidate>; 2]| side == Side::Seller && !shop[0].is_empty();
        if let Some([names, _]) = self.shop.as_ref().filter(told) {
            return names.clone();
        }
        let mut candidates: Vec<Candidate> = self
            .blocks
            .iter()
            .filter(|block| !block.name_text.is_empty())
            .filter_map(|block| {
                let score = self.score(block, side)?;
                let score = score * (0.7 + 0.3 * block.confidence);
                let value = Value::String(block.name_text.clone());
                Some(Candidate::new(value, Some(raw(self.sheet, &block.name)), block.name.clone(), score))
            })
            .collect();
        if side == Side::Seller
            && let Some(line) = &self.sender_line
        {
            let end = line.name_end;
            let value = Value::String(line.name.clone());
            candidates.push(Candidate::printed(self.sheet, line.first, end, value, 0.62));
        }
        if side == Side::Seller {
            let buyer = self.likeliest(Side::Buyer).map(|block| block.name_text.as_str()).unwrap_or_default();
            let is_other = |found: &Candidate| found.value.as_str().is_some_and(|name| !is_alike(name, buyer));
            candidates.extend(legal_name::issuers(self.sheet).into_iter().filter(is_other));
        }
        candidates.into_iter().map(|candidate| candidate.from(Origin::Party)).collect()
    }

    /// The candidates for a party's address.
    pub(crate) fn addresses(&self, side: Side) -> Vec<Candidate> {
        let told = |shop: &&[Vec<Candidate>; 2]| side == Side::Seller && !shop[1].is_empty();
        if let Some([_, addresses]) = self.shop.as_ref().filter(told) {
            return addresses.clone();
        }
        self.blocks
            .iter()
            .filter(|block| !block.address_text.is_empty())
            .filter_map(|block| {
                let score = self.score(block, side)?;
                let score = score * (0.6 + 0.4 * block.confidence);
                let value = Value::String(block.address_text.clone());
                let address =
                    Candidate::new(value, Some(raw(self.sheet, &block.address)), block.address.clone(), score);
                Some(address.from(Origin::Party))
            })
            .collect()
    }

    /// The block that most likely belongs to a party.
    fn likeliest(&self, side: Side) -> Option<&Block> {
        let scored = self.blocks.iter().filter_map(|block| Some((self.score(block, side)?, block)));
        scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, block)| block)
    }

    /// The probability that a block belongs to a party. It is lower if the block more likely belongs to the other
    /// party, and `None` if it is very low.
    fn score(&self, block: &Block, side: Side) -> Option<f32> {
        let other = if side == Side::Seller { Side::Buyer } else { Side::Seller };
        let (own, others) = (self.likelihood(block, side), self.likelihood(block, other));
        let score = if own < others { own * 0.5 } else { own };
        (score >= LEAST).then_some(score)
    }

    /// The party of the last name above a place, as far as position tells.
    pub(crate) fn side_over(&self, page: u32, is_over: impl Fn(&Rect) -> bool) -> Option<Side> {
        let over = self.blocks.iter().rev().find(|block| {
            let is_named = block.page == page && !block.name_text.is_empty() && !block.is_lone;
            is_named && is_over(&Rect { x: block.x, y: block.y, ..Rect::default() })
        })?;
        let (seller, buyer) = (self.likelihood(over, Side::Seller), self.likelihood(over, Side::Buyer));
        match seller.total_cmp(&buyer) {
            Ordering::Greater if seller >= LEAST => Some(Side::Seller),
            Ordering::Less if buyer >= LEAST => Some(Side::Buyer),
            _ => None,
        }
    }

    fn is_over_table(&self, block: &Block) -> bool {
        let row = block.name.first().map(|(first, _)| self.sheet.words[*first].row);
        row.zip(self.table).is_some_and(|(row, table)| row < table)
    }

    /// Whether a block has the first address of the document.
    fn is_first_address(&self, block: &Block) -> bool {
        let mut with_address = self.blocks.iter().filter(|block| !block.address.is_empty());
        with_address.next().is_some_and(|first| first.order == block.order)
    }

    /// The probability that a block belongs to a party, regardless of the other party.
    fn likelihood(&self, block: &Block, side: Side) -> f32 {
        if block.is_lone && block.labelled.is_none() {
            return if side == Side::Buyer && !self.is_receipt { LONE } else { 0.0 };
        }
        let mut points: f32 = 0.0;
        match block.labelled {
            Some(labelled) if labelled == side => points += if block.is_delivery { 2.2 } else { 3.0 },
            Some(_) => points -= 3.0,
            None => {}
        }
        let is_first = block.page == 1 && block.order == 0;
        let in_window = !self.is_receipt
            && block.page == 1
            && block.width_share < 0.45
            && ((0.1..0.42).contains(&block.height_share) || (block.order > 0 && self.is_over_table(block)))
            && !block.address.is_empty();
        let under_sender = self.sender_line.as_ref().is_some_and(|line| {
            let lies_under = (block.x - line.x).abs() < 60.0 && block.y > line.y && block.y - line.y < 70.0;
            lies_under && block.page == self.sheet.page_of(line.first)
        });
        let is_sender = self.sender_line.as_ref().is_some_and(|line| is_alike(&line.name, &block.name_text));
        match side {
            Side::Seller => {
                points += if block.has_contact { 1.2 } else { 0.0 };
                points += if block.has_legal_form { 0.8 } else { 0.0 };
                points += if is_first { 1.0 } else { 0.0 };
                points += if self.is_receipt && is_first { 1.5 } else { 0.0 };
                points += if self.is_receipt && self.is_first_address(block) { 1.5 } else { 0.0 };
                points += if is_sender { 2.0 } else { 0.0 };
                points -= if under_sender { 3.0 } else { 0.0 };
                points -= if block.height_share > 0.5 { 0.8 } else { 0.0 };
                points += if block.address.is_empty() { -0.5 } else { 0.4 };
            }
            Side::Buyer => {
                points -= if block.has_contact { 1.0 } else { 0.0 };
                points += if under_sender { 3.0 } else { 0.0 };
                points += if in_window { 1.2 } else { 0.0 };
                points -= if is_sender { 3.0 } else { 0.0 };
                points -= if is_first { 0.8 } else { 0.0 };
                points -= if self.is_receipt { 2.0 } else { 0.0 };
                points -= if block.height_share > 0.55 { 1.0 } else { 0.0 };
                points += if block.address.is_empty() { -1.0 } else { 0.3 };
            }
        }
        // In odds, evidence adds up: two points make it likely, four almost sure.
        1.0 / (1.0 + (1.2 - points).exp())
    }
}

/// The shop's names or addresses, according to the head of a receipt.
fn of_shop(sheet: &Sheet, labels: &[Label], head: &Letterhead, part: Part) -> Vec<Candidate> {
    let candidates = head.runs(part).into_iter().map(|run| {
        let mut lines: Vec<&text_blocks::TextLine> = run.lines.iter().collect();
        // A shop's brand above its company, and its branch below, are probable parts of the name too.
        let name = if part == Part::Name { block::name_of(&lines) } else { Vec::new() };
        if !name.is_empty() {
            lines = name;
        }
        let words: Vec<(usize, usize)> = lines.iter().map(|line| (line.first, line.end)).collect();
        let text = match part {
            Part::Name => {
                let name = block::without_label(sheet, labels, &lines).unwrap_or_else(|| block::joined(&lines, " "));
                block::without_telephone(&name).to_owned()
            }
            Part::Address => block::joined(&lines, ", "),
        };
        Candidate::new(Value::String(text), Some(raw(sheet, &words)), words, run.likelihood).from(Origin::Party)
    });
    candidates.filter(|candidate| candidate.value.as_str().is_some_and(|text| !text.is_empty())).collect()
}

fn raw(sheet: &Sheet, words: &[(usize, usize)]) -> String {
    words.iter().map(|(first, end)| sheet.text(*first, *end)).collect::<Vec<_>>().join("\n")
}

/// The lines of a document's head, for training on documents whose sender is known.
#[must_use]
pub fn letterhead(pages: &[recto_domain::Page]) -> Vec<LetterheadLine> {
    let sheet = Sheet::of(pages);
    let labels = labels::find(&sheet, &[]);
    let text_blocks = text_blocks::find(&sheet, &labels, 0..0);
    let parties = Parties::of(&sheet, &labels);
    lines_to_learn(&sheet, &labels, &text_blocks, parties.likeliest(Side::Seller))
}

/// Whether a value is at a place where a name may be, and is not a title, a street, a number or another label.
pub(crate) fn may_be_named(candidate: &Candidate) -> bool {
    let is_name = candidate.value.as_str().is_some_and(block::is_nameable);
    let text = candidate.value.as_str().unwrap_or_default();
    let is_bracketed = text.starts_with('(') && text.ends_with(')');
    let is_other = is_bracketed
        || text.contains('@')
        || text_blocks::is_title(text)
        || text_blocks::is_numbered_title(text)
        || (text_blocks::is_street(text) && !text_blocks::has_legal_form(text))
        || text_blocks::is_label(text);
    is_name && !is_other
}

/// The row where the first table begins: one that names at least three columns.
fn first_table(sheet: &Sheet, labels: &[Label]) -> Option<usize> {
    let is_column = |label: &&Label| label.meanings.iter().any(|meaning| meaning.concept.is_of_items());
    (0..sheet.rows.len()).find(|row| labels::in_row(labels, *row).filter(is_column).count() >= 3)
}

/// Whether two names are the same except for spaces and recognition errors.
fn is_alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String { recto_values::fold(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let (a, b) = (plain(a), plain(b));
    !a.is_empty() && !b.is_empty() && strsim::normalized_levenshtein(&a, &b) > 0.8
}

/// Whether the document is a receipt: narrow, or with one column and few words per row.
fn is_receipt(sheet: &Sheet) -> bool {
    let Some((width, height)) = sheet.sizes.first().copied() else { return false };
    let printed: Vec<_> = sheet.rows.iter().filter(|row| row.page == 1).collect();
    let left = printed.iter().map(|row| row.bbox.x).fold(f32::INFINITY, f32::min);
    let right = printed.iter().map(|row| row.bbox.right()).fold(0.0, f32::max);
    let column = (right - left).max(1.0);
    let rows_with_many = printed.iter().filter(|row| row.end - row.first > 9).count();
    height > 1.9 * width || column < 42.0 * sheet.line_height && rows_with_many * 8 < printed.len().max(1)
}
