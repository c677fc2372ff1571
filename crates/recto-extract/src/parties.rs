//! Who sends a document and whom it goes to: names and addresses.
//!
//! Letterheads name nobody as "seller". What tells the two apart is where a block of address lines stands, what stands
//! over it, and whether a telephone or a tax number is part of it.

use serde_json::Value;

use crate::candidate::Candidate;
use crate::labels::Label;
use crate::lexicon::Concept;
use crate::sheet::Sheet;
use crate::stacks::{self, LineKind, Stack, StackLine};

/// A block that is less likely names nobody: letters and books have first lines too.
const LEAST: f32 = 0.4;

/// One side of the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Seller,
    Buyer,
}

/// Lines that name somebody and say where to find them.
#[derive(Debug, Clone, Default)]
struct Block {
    page: u32,
    /// The name's lines as ranges of words.
    name: Vec<(usize, usize)>,
    name_text: String,
    address: Vec<(usize, usize)>,
    address_text: String,
    /// Top left corner in points, and its share of the page.
    x: f32,
    y: f32,
    width_share: f32,
    height_share: f32,
    /// A telephone, a tax number, a bank or a web page is part of it.
    has_contact: bool,
    has_legal_form: bool,
    labelled: Option<Side>,
    /// Index among the blocks of the page.
    order: usize,
    confidence: f32,
}

/// The candidates for names and addresses of both sides.
pub(crate) struct Parties<'a> {
    sheet: &'a Sheet,
    blocks: Vec<Block>,
    sender_line: Option<SenderLine>,
    is_receipt: bool,
}

/// The line over a window envelope's address: the sender in small letters.
#[derive(Debug, Clone)]
struct SenderLine {
    first: usize,
    end: usize,
    /// The sender's name, as far as a separator shows.
    name: String,
    name_end: usize,
    x: f32,
    y: f32,
}

impl<'a> Parties<'a> {
    /// Finds the parties on a sheet.
    pub(crate) fn of(sheet: &'a Sheet, labels: &[Label]) -> Self {
        let sender_line = sender_line(sheet, labels);
        let left_out = sender_line.as_ref().map_or(0..0, |line| line.first..line.end);
        let stacks = stacks::find(sheet, labels, left_out);
        let mut blocks = Vec::new();
        for stack in &stacks {
            blocks.extend(blocks_of(sheet, labels, stack));
        }
        blocks.retain(|block| block.name_text.is_empty() || is_nameable(&block.name_text));
        for (order, block) in blocks.iter_mut().enumerate() {
            block.order = order;
        }
        Self { sheet, blocks, sender_line, is_receipt: is_receipt(sheet) }
    }

    /// Names that a side may have.
    pub(crate) fn names(&self, side: Side) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = self
            .blocks
            .iter()
            .filter(|block| !block.name_text.is_empty())
            .filter_map(|block| {
                let score = self.score(block, side)?;
                Some(Candidate {
                    value: Value::String(block.name_text.clone()),
                    raw: Some(self.raw(&block.name)),
                    words: block.name.clone(),
                    score: score * (0.7 + 0.3 * block.confidence),
                })
            })
            .collect();
        if side == Side::Seller
            && let Some(line) = &self.sender_line
        {
            let end = line.name_end;
            let value = Value::String(line.name.clone());
            candidates.push(Candidate::printed(self.sheet, line.first, end, value, 0.62));
        }
        candidates
    }

    /// Addresses that a side may have.
    pub(crate) fn addresses(&self, side: Side) -> Vec<Candidate> {
        self.blocks
            .iter()
            .filter(|block| !block.address_text.is_empty())
            .filter_map(|block| {
                let score = self.score(block, side)?;
                Some(Candidate {
                    value: Value::String(block.address_text.clone()),
                    raw: Some(self.raw(&block.address)),
                    words: block.address.clone(),
                    score: score * (0.6 + 0.4 * block.confidence),
                })
            })
            .collect()
    }

    fn raw(&self, words: &[(usize, usize)]) -> String {
        words.iter().map(|(first, end)| self.sheet.text(*first, *end)).collect::<Vec<_>>().join("\n")
    }

    /// How likely a block is a side's; less when it is likelier the other's, and `None` when it hardly is.
    fn score(&self, block: &Block, side: Side) -> Option<f32> {
        let other = if side == Side::Seller { Side::Buyer } else { Side::Seller };
        let (own, others) = (self.likelihood(block, side), self.likelihood(block, other));
        let score = if own < others { own * 0.5 } else { own };
        (score >= LEAST).then_some(score)
    }

    /// How likely a block is a side's by itself.
    fn likelihood(&self, block: &Block, side: Side) -> f32 {
        let mut points: f32 = 0.0;
        match block.labelled {
            Some(labelled) if labelled == side => points += 3.0,
            Some(_) => points -= 3.0,
            None => {}
        }
        let is_first = block.page == 1 && block.order == 0;
        let in_window = !self.is_receipt
            && block.page == 1
            && block.width_share < 0.45
            && (0.1..0.42).contains(&block.height_share)
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
        // Odds, so that evidence adds up: two points make it likely, four almost sure.
        1.0 / (1.0 + (1.2 - points).exp())
    }
}

/// The blocks of a stack: one for each postal line, or one for the whole letterhead when it has none.
fn blocks_of(sheet: &Sheet, labels: &[Label], stack: &Stack) -> Vec<Block> {
    let lines = &stack.lines;
    let mut blocks = Vec::new();
    let mut from = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.kind == LineKind::Place {
            let to = last_line_of_address(lines, at);
            if let Some(block) = block(sheet, labels, stack, from, at, to) {
                blocks.push(block);
            }
            from = to + 1;
        }
    }
    // A name without an address: a company's mark, or the first words of the page.
    if blocks.is_empty()
        && let Some(at) = lines.iter().position(|line| line.kind == LineKind::Company)
    {
        blocks.extend(block(sheet, labels, stack, at, at, at));
    } else if blocks.is_empty()
        && lines.first().is_some_and(|line| sheet.words[line.first].row <= 2)
        && let Some(at) = lines.iter().position(|line| line.kind == LineKind::Words)
    {
        blocks.extend(block(sheet, labels, stack, at, at, at));
    }
    blocks
}

/// A place may go on in the next line: the country, the state, the city after its code.
fn last_line_of_address(lines: &[StackLine], place: usize) -> usize {
    let Some(next) = lines.get(place + 1) else { return place };
    let gap = next.bbox.y - lines[place].bbox.bottom();
    let is_short = next.text.split_whitespace().count() <= 4 && !next.text.chars().any(|c| c.is_ascii_digit());
    let is_near = gap < 1.6 * next.bbox.height.max(lines[place].bbox.height);
    if next.kind == LineKind::Words && is_short && is_near { place + 1 } else { place }
}

fn block(sheet: &Sheet, labels: &[Label], stack: &Stack, from: usize, place: usize, to: usize) -> Option<Block> {
    let lines = &stack.lines;
    // Upwards from the place: streets and words belong to it, until a title, data or the start.
    let mut top = place;
    while top > from && place - top < 6 {
        match lines[top - 1].kind {
            LineKind::Title => break,
            // A register number between the name and the street.
            LineKind::Data if is_code_line(&lines[top - 1].text) && top - 1 > from => top -= 1,
            LineKind::Data if labelled_side(sheet, labels, &lines[top - 1]).is_some() => break,
            LineKind::Data => {
                // A tax number may stand between the name and the street of a receipt.
                let goes_on =
                    lines[from..top - 1].iter().any(|line| matches!(line.kind, LineKind::Company | LineKind::Words));
                if goes_on && top < place + 1 && lines[top].kind != LineKind::Words { top -= 1 } else { break }
            }
            _ => {
                if labelled_side(sheet, labels, &lines[top - 1]).is_some() {
                    break;
                }
                top -= 1;
            }
        }
    }
    let own: Vec<&StackLine> = lines[top..=to].iter().filter(|line| line.kind != LineKind::Data).collect();
    let has_place = lines[place].kind == LineKind::Place;
    let street =
        own.iter().position(|line| matches!(line.kind, LineKind::Street | LineKind::Place)).unwrap_or(own.len());
    let (head, tail) = own.split_at(street);
    let name = name_of(head);
    // Words between the name and the street belong to the address: a building, a floor.
    let after_name =
        name.last().map_or(0, |last| head.iter().position(|line| line.first == last.first).map_or(0, |at| at + 1));
    let address: Vec<&StackLine> =
        if has_place { head[after_name..].iter().chain(tail).copied().collect() } else { Vec::new() };
    if name.is_empty() && address.is_empty() {
        return None;
    }
    let spans = |lines: &[&StackLine]| lines.iter().map(|line| (line.first, line.end)).collect::<Vec<_>>();
    let first = own.first()?;
    let (width, height) = sheet.sizes.get(stack.page as usize - 1).copied().unwrap_or((1.0, 1.0));
    let around = top.saturating_sub(2)..(to + 5).min(lines.len());
    let words: Vec<(usize, usize)> = spans(&name).into_iter().chain(spans(&address)).collect();
    let confidence = words.iter().map(|(a, b)| sheet.confidence(*a, *b)).sum::<f32>() / words.len().max(1) as f32;
    Some(Block {
        page: stack.page,
        name_text: without_label(sheet, labels, &name).unwrap_or_else(|| joined(&name, " ")),
        address_text: joined(&address, ", "),
        name: spans(&name),
        address: spans(&address),
        x: first.bbox.x,
        y: first.bbox.y,
        width_share: first.bbox.x / width.max(1.0),
        height_share: first.bbox.y / height.max(1.0),
        has_contact: lines[around].iter().any(|line| line.kind == LineKind::Data && is_contact(labels, line)),
        has_legal_form: name.iter().any(|line| line.kind == LineKind::Company),
        labelled: side_of(sheet, labels, lines, top, own.first()?),
        order: 0,
        confidence,
    })
}

/// The lines that name the party: the company, with the lines before it that it goes on from; else the first line.
fn name_of<'b>(head: &[&'b StackLine]) -> Vec<&'b StackLine> {
    if let Some(at) = head.iter().position(|line| line.kind == LineKind::Company) {
        let mut first = at;
        // `LIAN CHI PU TIAN VEGETARIAN` / `RESTAURANT SDN BHD`: a name in capitals that does not fit one line. A short
        // line with a legal form is the end of a name; a long one is a name by itself.
        let is_tail = head[at].text.split_whitespace().count() <= 3;
        // `Invoice 4471` above it is no part of it.
        let is_heading = |line: &StackLine| stacks::is_title(line.text.trim_end_matches(|c: char| !c.is_alphabetic()));
        if is_tail && at > 0 && head[at - 1].kind == LineKind::Words && !is_heading(head[at - 1]) {
            first = at - 1;
        }
        return head[first..=at].to_vec();
    }
    let Some(at) = head.iter().position(|line| line.kind == LineKind::Words) else { return Vec::new() };
    let goes_on = head.get(at + 1).is_some_and(|next| {
        next.kind == LineKind::Words
            && is_loud(&head[at].text)
            && is_loud(&next.text)
            && next.bbox.height > 0.75 * head[at].bbox.height
            && next.text.split_whitespace().count() <= 3
    });
    head[at..=at + usize::from(goes_on)].to_vec()
}

/// A name of one line without the label before it: `Sold by: Acme Ltd`. `None` when there is no such label.
fn without_label(sheet: &Sheet, labels: &[Label], name: &[&StackLine]) -> Option<String> {
    let [line] = name else { return None };
    labelled_side(sheet, labels, line)?;
    let label = labels.iter().find(|label| label.first == line.first && label.end < line.end)?;
    let rest = sheet.text(label.end, line.end);
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';'));
    rest.chars().any(char::is_alphabetic).then(|| rest.to_owned())
}

/// Whether most of a text is letters: specks and numbers name nobody.
fn is_nameable(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let solid = text.chars().filter(|c| !c.is_whitespace()).count();
    letters >= 4 && letters * 10 >= solid * 6
}

/// Whether a line is in capitals.
fn is_loud(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    !letters.is_empty() && letters.iter().filter(|c| c.is_uppercase()).count() * 4 >= letters.len() * 3
}

/// Lines as one text, without the marks that specks leave at their ends, and without what a bracket adds to a name.
fn joined(lines: &[&StackLine], between: &str) -> String {
    let parts = lines.iter().map(|line| {
        let mut text = line.text.as_str();
        if between == " "
            && let Some(at) = text.find('(')
            && at > 3
        {
            text = &text[..at];
        }
        text.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '|' | '*' | ':' | ';' | '“' | '”' | '"' | '[' | ']' | '—')
        })
        .to_owned()
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

/// `(867388-U)`, `002043319-W`: a number in the register of companies.
fn is_code_line(text: &str) -> bool {
    let figures = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    figures >= 4 && letters <= 3 && text.split_whitespace().count() <= 2
}

fn is_contact(labels: &[Label], line: &StackLine) -> bool {
    let text = line.text.to_lowercase();
    let concepts = [
        Concept::Phone,
        Concept::Fax,
        Concept::Email,
        Concept::Website,
        Concept::SellerVatId,
        Concept::Iban,
        Concept::Bic,
        Concept::CompanyRegistration,
    ];
    text.contains('@')
        || text.contains("www.")
        || text.contains("http")
        || labels.iter().any(|label| {
            label.first >= line.first && label.end <= line.end && concepts.iter().any(|c| label.strength(*c).is_some())
        })
}

/// What a label in a line of its own, or at its start, says about who is named under it.
fn labelled_side(sheet: &Sheet, labels: &[Label], line: &StackLine) -> Option<Side> {
    let at_start = labels.iter().filter(|label| label.first == line.first && label.end <= line.end);
    for label in at_start {
        if stacks::is_name_part(sheet, label, line.end) {
            continue;
        }
        // `Kunden AG Mitte` is no label; `Kunde`, `Kunde:` and `Bill to Mr X` are.
        let stands_alone = label.end == line.end;
        let has_colon = sheet.words[label.end - 1].text.ends_with(':');
        let is_long = label.length >= 6;
        if !stands_alone && !has_colon && !is_long {
            continue;
        }
        if label.strength(Concept::SellerName).is_some_and(|s| s > 0.7) {
            return Some(Side::Seller);
        }
        if label.strength(Concept::BuyerName).is_some_and(|s| s > 0.7) {
            return Some(Side::Buyer);
        }
    }
    None
}

/// The side that a label over or at the start of the lines names.
fn side_of(sheet: &Sheet, labels: &[Label], lines: &[StackLine], top: usize, first: &StackLine) -> Option<Side> {
    if let Some(side) = labelled_side(sheet, labels, first) {
        return Some(side);
    }
    for line in lines[top.saturating_sub(3)..top].iter().rev() {
        if let Some(side) = labelled_side(sheet, labels, line) {
            return Some(side);
        }
    }
    // A label in the stack's neighbour: `Bill to` left over a block that is indented.
    let near = labels.iter().filter(|label| {
        let bbox = sheet.bbox(label.first, label.end);
        let above = first.bbox.y - bbox.bottom();
        sheet.page_of(label.first) == sheet.page_of(first.first)
            && (0.0..2.5 * first.bbox.height).contains(&above)
            && bbox.x < first.bbox.right()
            && bbox.right() > first.bbox.x - 3.0 * first.bbox.height
    });
    near.filter(|label| !stacks::is_name_part(sheet, label, label.end + 2)).find_map(|label| {
        let seller = label.strength(Concept::SellerName).is_some_and(|s| s > 0.7);
        let buyer = label.strength(Concept::BuyerName).is_some_and(|s| s > 0.7);
        if seller { Some(Side::Seller) } else { buyer.then_some(Side::Buyer) }
    })
}

/// A line in the upper part of the first page that holds a whole address with separators.
fn sender_line(sheet: &Sheet, labels: &[Label]) -> Option<SenderLine> {
    let (width, height) = sheet.sizes.first().copied()?;
    for cell in &sheet.cells {
        let row = &sheet.rows[cell.row];
        if row.page != 1 || cell.bbox.y > 0.35 * height || cell.bbox.x > 0.5 * width {
            continue;
        }
        // Its parts may be so far apart that they are cells: look at the left part of the row.
        let end = (cell.first..row.end)
            .take_while(|word| sheet.words[*word].bbox.x < 0.62 * width)
            .last()
            .map_or(cell.end, |word| word + 1);
        let words = &sheet.words[cell.first..end];
        let is_code = |text: &str| text.len() == 5 && text.chars().all(|c| c.is_ascii_digit());
        let code = words.iter().position(|word| is_code(word.text.trim_matches(|c: char| !c.is_alphanumeric())));
        let Some(code) = code.filter(|code| *code >= 3) else { continue };
        if labels.iter().any(|label| {
            label.first >= cell.first
                && label.end <= end
                && label.meanings.iter().any(|m| !m.is_weak && tells_side_or_data(m.concept))
        }) {
            continue;
        }
        let is_separator = |text: &str| {
            let single = text.chars().count() == 1;
            single && text.chars().all(|c| !c.is_ascii_digit() && !matches!(c, '&'))
        };
        let name_end = words[..code]
            .iter()
            .position(|word| is_separator(&word.text) || word.text.ends_with([',', '·', '•', '|', ';']))
            .map_or(0, |at| if is_separator(&words[at].text) { at } else { at + 1 });
        if !(1..=6).contains(&name_end) {
            continue;
        }
        let name = sheet.text(cell.first, cell.first + name_end);
        let name = name.trim_end_matches([',', '·', '•', '|', ';']).trim().to_owned();
        return Some(SenderLine {
            first: cell.first,
            end,
            name,
            name_end: cell.first + name_end,
            x: cell.bbox.x,
            y: cell.bbox.y,
        });
    }
    None
}

fn tells_side_or_data(concept: Concept) -> bool {
    matches!(concept, Concept::Phone | Concept::Fax | Concept::Date | Concept::InvoiceNumber | Concept::BuyerName)
}

/// Whether two names are the same but for blanks and slips.
fn is_alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String { crate::fold::fold(text).chars().filter(|c| c.is_alphanumeric()).collect() };
    let (a, b) = (plain(a), plain(b));
    !a.is_empty() && !b.is_empty() && strsim::normalized_levenshtein(&a, &b) > 0.8
}

/// Receipts are narrow, or have one column and few words a row.
fn is_receipt(sheet: &Sheet) -> bool {
    let Some((width, height)) = sheet.sizes.first().copied() else { return false };
    let printed: Vec<_> = sheet.rows.iter().filter(|row| row.page == 1).collect();
    let left = printed.iter().map(|row| row.bbox.x).fold(f32::INFINITY, f32::min);
    let right = printed.iter().map(|row| row.bbox.right()).fold(0.0, f32::max);
    let column = (right - left).max(1.0);
    let rows_with_many = printed.iter().filter(|row| row.end - row.first > 9).count();
    height > 1.9 * width || column < 42.0 * sheet.line_height && rows_with_many * 8 < printed.len().max(1)
}
