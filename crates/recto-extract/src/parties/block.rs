//! Blocks of lines with a party's name and contact data.

use std::ops::Range;

use recto_values::words::LINES;

use crate::concept::{Concept, Side};
use crate::labels::Label;
use crate::lexicon::Meaning;
use crate::sheet::Sheet;
use crate::text_blocks::{self, LineKind, TextBlock, TextLine};

/// Lines with a party's name and contact data.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a feature of its own")]
pub(super) struct Block {
    pub(super) page: u32,
    /// The lines of the name, as ranges of words.
    pub(super) name: Vec<(usize, usize)>,
    pub(super) name_text: String,
    pub(super) address: Vec<(usize, usize)>,
    pub(super) address_text: String,
    /// The top left corner in points, and its position as a share of the page.
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width_share: f32,
    pub(super) height_share: f32,
    /// Whether it contains a telephone number, a tax number, a bank or a web page.
    pub(super) has_contact: bool,
    pub(super) has_legal_form: bool,
    pub(super) labelled: Option<Side>,
    /// Whether the label is that of the recipient of the goods, who may differ from the payer.
    pub(super) is_delivery: bool,
    /// Whether only the position on the page indicates that it is a name.
    pub(super) is_lone: bool,
    /// Its index among the blocks of the page.
    pub(super) order: usize,
    pub(super) confidence: f32,
}

/// The parties in a block of text: one for each postal line, one for each name below a label or above a street, or one
/// for the whole letterhead if there are none of these. `table` is the row where the first table begins.
pub(super) fn blocks_of(sheet: &Sheet, labels: &[Label], text_block: &TextBlock, table: Option<usize>) -> Vec<Block> {
    let lines = &text_block.lines;
    let mut blocks = Vec::new();
    let mut from = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.kind == LineKind::Place {
            let to = last_line_of_address(lines, from, at);
            let top = top_of(sheet, labels, lines, from, at);
            blocks.extend(without_place(sheet, labels, text_block, from..top, table));
            blocks.extend(block(sheet, labels, text_block, top..to + 1, at));
            from = to + 1;
        }
    }
    blocks.extend(without_place(sheet, labels, text_block, from..lines.len(), table));
    // A name without an address: a company's logo, or the first words of the page.
    if blocks.is_empty()
        && let Some(at) = lines.iter().position(|line| line.kind == LineKind::Company)
    {
        blocks.extend(block(sheet, labels, text_block, at..at + 1, at));
    } else if blocks.iter().all(|block| block.is_lone)
        && lines.first().is_some_and(|line| sheet.words[line.first].row <= 2)
        && let Some(at) = lines.iter().position(|line| line.kind == LineKind::Words)
    {
        blocks.extend(block(sheet, labels, text_block, at..at + 1, at));
    }
    blocks
}

/// The parties in lines without a postal line: names below a label or above a street, and names that stand alone above
/// the table.
fn without_place(
    sheet: &Sheet,
    labels: &[Label],
    text_block: &TextBlock,
    lines: Range<usize>,
    table: Option<usize>,
) -> Vec<Block> {
    let is_of_party =
        |at: usize| matches!(text_block.lines[at].kind, LineKind::Company | LineKind::Words | LineKind::Street);
    let mut blocks = Vec::new();
    let mut at = lines.start;
    while at < lines.end {
        if !is_of_party(at) {
            at += 1;
            continue;
        }
        let end = end_of_run(text_block, at..lines.end, is_of_party);
        blocks.extend(block_of_run(sheet, labels, text_block, at..end, table));
        at = end;
    }
    blocks
}

/// The end of a run of closely spaced lines.
fn end_of_run(text_block: &TextBlock, lines: Range<usize>, is_meant: impl Fn(usize) -> bool) -> usize {
    let is_close = |at: usize| {
        let (above, below) = (&text_block.lines[at - 1].bbox, &text_block.lines[at].bbox);
        below.y - above.bottom() < 1.6 * below.height.max(above.height)
    };
    (lines.start + 1..lines.end).find(|at| !is_meant(*at) || !is_close(*at)).unwrap_or(lines.end)
}

/// The block formed by a run of names and streets.
fn block_of_run(
    sheet: &Sheet,
    labels: &[Label],
    text_block: &TextBlock,
    run: Range<usize>,
    table: Option<usize>,
) -> Option<Block> {
    let lines = &text_block.lines;
    let is_labelled = run.start > 0 && lines[run.start - 1].kind == LineKind::Label;
    let is_labelled = is_labelled || labelled_side(sheet, labels, &lines[run.start]).is_some();
    let row = sheet.words[lines[run.start].first].row;
    // Without a table, as on most receipts, the top of the first page is used.
    let is_over_table = table.map_or(row < HEAD_ROWS && text_block.page == 1, |table| row < table);
    let street = run.clone().find(|at| lines[*at].kind == LineKind::Street).filter(|street| *street > run.start);
    match street {
        Some(street) if is_labelled || is_over_table => {
            let last = last_of_street(lines, &run, street);
            block(sheet, labels, text_block, run.start..last + 1, street)
        }
        _ if lines[run.start].kind == LineKind::Street => {
            let name = name_over(lines, run.start).filter(|_| is_over_table)?;
            let last = last_of_street(lines, &run, run.start);
            block(sheet, labels, text_block, name..last + 1, run.start)
        }
        _ if is_labelled => block(sheet, labels, text_block, run.start..run.start + 1, run.start),
        _ => {
            let is_name = |at: usize| lines[at].kind == LineKind::Words && is_proper_name(&lines[at].text);
            let is_lone = is_over_table && run.len() <= MAX_LONE && run.clone().all(is_name);
            let block = block(sheet, labels, text_block, run.start..run.start + 1, run.start).filter(|_| is_lone)?;
            Some(Block { is_lone: true, ..block })
        }
    }
}

/// The last line of an address without a postal code, whose street is in the run.
fn last_of_street(lines: &[TextLine], run: &Range<usize>, street: usize) -> usize {
    let last = run.clone().rev().find(|at| lines[*at].kind == LineKind::Street).unwrap_or(street);
    let goes_on = |at: &usize| is_open(&lines[*at - 1].text) || text_blocks::names_street(&lines[*at].text);
    (last + 1..run.end).take_while(goes_on).last().unwrap_or(last)
}

/// The line with the name above a street, if only register and tax numbers stand between the two.
fn name_over(lines: &[TextLine], street: usize) -> Option<usize> {
    let name = lines[..street].iter().rposition(|line| line.kind != LineKind::Data)?;
    let is_name = |at: usize| matches!(lines[at].kind, LineKind::Company | LineKind::Words);
    let first = (name.saturating_sub(1)..=name).find(|at| (*at..=name).all(is_name))?;
    (street - name <= MAX_NUMBERS + 1).then_some(first)
}

/// The most lines of numbers between a name and its street.
const MAX_NUMBERS: usize = 3;
/// The number of rows at the top of the first page that count as its head if no table follows.
const HEAD_ROWS: usize = 12;
/// The most lines of a name that is recognised only by its position.
const MAX_LONE: usize = 3;

/// Whether a few words are written like a name: capitalised, without digits, and not as a sentence.
fn is_proper_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let small = |word: &&&str| word.starts_with(char::is_lowercase);
    let capitals = words.len() - words.iter().filter(small).count();
    words.len() <= 6
        && !text.ends_with(['.', ':', '!', '?'])
        && !text.chars().any(|c| c.is_ascii_digit())
        && 2 * capitals > words.len()
        && !words[0].starts_with(char::is_lowercase)
}

/// A place may continue in the next lines: the country, the state, the city after its code.
fn last_line_of_address(lines: &[TextLine], from: usize, place: usize) -> usize {
    // In some countries the street stands below the place: `24-102 Puławy`, `ul. Lubelska 1`.
    let has_street = lines[from..place].iter().any(|line| line.kind == LineKind::Street);
    let is_street = |line: &TextLine| line.kind == LineKind::Street && text_blocks::names_street(&line.text);
    let is_under = !has_street && !text_blocks::names_street(&lines[place].text);
    if is_under && lines.get(place + 1).is_some_and(is_street) {
        return place + 1;
    }
    let goes_on = |at: usize| {
        let (line, Some(next)) = (&lines[at], lines.get(at + 1)) else { return false };
        let gap = next.bbox.y - line.bbox.bottom();
        let is_short = next.text.split_whitespace().count() <= 4 && !next.text.chars().any(|c| c.is_ascii_digit());
        let is_near = gap < 1.6 * next.bbox.height.max(line.bbox.height);
        next.kind == LineKind::Words && is_short && is_near && is_open(&line.text)
    };
    (place..place + MAX_BEHIND_PLACE).find(|at| !goes_on(*at)).unwrap_or(place + MAX_BEHIND_PLACE)
}

/// The most lines after the one with the postal code.
const MAX_BEHIND_PLACE: usize = 2;

/// Whether a line of an address continues in the next one: it ends with a comma, or has at most one place name after
/// its last number.
fn is_open(text: &str) -> bool {
    let behind = text.rsplit(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    text.trim_end().ends_with(',') || !behind.contains(',')
}

/// Whether a line may stand between a name and its street: a building, a floor, a district.
fn is_of_address(line: &TextLine) -> bool {
    let has_figures = line.text.contains(|c: char| c.is_ascii_digit());
    let goes_on = line.text.trim_end().ends_with(',') || text_blocks::names_street(&line.text);
    has_figures || (goes_on && line.kind != LineKind::Company)
}

/// The first line of the block whose postal line is at `place`. Streets and words above it belong to the block, up to a
/// title, a label, data or the start.
fn top_of(sheet: &Sheet, labels: &[Label], lines: &[TextLine], from: usize, place: usize) -> usize {
    let mut top = place;
    while top > from && place - top < 6 {
        match lines[top - 1].kind {
            LineKind::Title | LineKind::Label => break,
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
    top
}

/// The block formed by some lines; the line at `place` is the postal line, the last street, or the only line.
fn block(sheet: &Sheet, labels: &[Label], text_block: &TextBlock, whole: Range<usize>, place: usize) -> Option<Block> {
    let lines = &text_block.lines;
    let (top, to) = (whole.start, whole.end - 1);
    let own: Vec<&TextLine> = lines[top..=to].iter().filter(|line| line.kind != LineKind::Data).collect();
    let has_place = matches!(lines[place].kind, LineKind::Place | LineKind::Street);
    let street =
        own.iter().position(|line| matches!(line.kind, LineKind::Street | LineKind::Place)).unwrap_or(own.len());
    let (head, tail) = own.split_at(street);
    let name = name_of(head);
    // Words between the name and the street belong to the address: a building, a floor.
    let after_name =
        name.last().map_or(0, |last| head.iter().position(|line| line.first == last.first).map_or(0, |at| at + 1));
    let between = &head[after_name..];
    let between = &between[between.iter().rposition(|line| !is_of_address(line)).map_or(0, |at| at + 1)..];
    let address: Vec<&TextLine> = if has_place { between.iter().chain(tail).copied().collect() } else { Vec::new() };
    if name.is_empty() && address.is_empty() {
        return None;
    }
    let spans = |lines: &[&TextLine]| lines.iter().map(|line| (line.first, line.end)).collect::<Vec<_>>();
    let first = own.first()?;
    let (width, height) = sheet.sizes.get(text_block.page as usize - 1).copied().unwrap_or((1.0, 1.0));
    let around = top.saturating_sub(2)..(to + 5).min(lines.len());
    let words: Vec<(usize, usize)> = spans(&name).into_iter().chain(spans(&address)).collect();
    let confidence = words.iter().map(|(a, b)| sheet.confidence(*a, *b)).sum::<f32>() / words.len().max(1) as f32;
    Some(Block {
        page: text_block.page,
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
        is_delivery: is_delivery(sheet, labels, own.first()?),
        is_lone: false,
        order: 0,
        confidence,
    })
}

/// A line that is this many times as high as the one below it is printed in larger letters.
const LARGER: f32 = 1.35;

/// The lines of a party's name: the line with the company, including the lines before that it continues; otherwise the
/// first line.
pub(super) fn name_of<'b>(head: &[&'b TextLine]) -> Vec<&'b TextLine> {
    if let Some(at) = head.iter().position(|line| line.kind == LineKind::Company) {
        let mut first = at;
        // `LIAN CHI PU TIAN VEGETARIAN` / `RESTAURANT SDN BHD`: a name in capitals that does not fit on one line. A
        // short line with a legal form is the end of a name; a long one is a name by itself.
        let is_tail = head[at].text.split_whitespace().count() <= 3 || text_blocks::starts_with_form(&head[at].text);
        // `Invoice 4471` above it is not part of it.
        let is_heading =
            |line: &TextLine| text_blocks::is_title(line.text.trim_end_matches(|c: char| !c.is_alphabetic()));
        let begins_name =
            |line: &TextLine| line.kind == LineKind::Words && is_proper_name(&line.text) && !is_heading(line);
        // A brand in large letters has its company below in small ones.
        let is_as_high = |line: &TextLine| line.bbox.height < LARGER * head[at].bbox.height;
        let is_form = text_blocks::is_legal_form(&head[at].text);
        if at > 0 && (is_form || is_tail && begins_name(head[at - 1]) && is_as_high(head[at - 1])) {
            first = at - 1;
        }
        let goes_on = |at: usize| head.get(at + 1).is_some_and(|next| text_blocks::starts_with_form(&next.text));
        return head[first..=at + usize::from(goes_on(at))].to_vec();
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

/// A one-line name without the label before it: `Sold by: Acme Ltd`. `None` when there is no such label.
pub(super) fn without_label(sheet: &Sheet, labels: &[Label], name: &[&TextLine]) -> Option<String> {
    let [line] = name else { return None };
    // `Owned by: Acme Ltd`, in any words.
    if let Some((_, rest)) = line.text.split_once(": ").filter(|(_, rest)| text_blocks::has_legal_form(rest)) {
        return Some(without_register(rest));
    }
    labelled_side(sheet, labels, line)?;
    let label = labels.iter().find(|label| label.first == line.first && label.end < line.end)?;
    let rest = sheet.text(label.end, line.end);
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';'));
    rest.chars().any(char::is_alphabetic).then(|| rest.to_owned())
}

/// Whether a text may be a name: it is mostly letters, unlike specks and numbers, and not a sentence.
pub(super) fn is_nameable(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let small = words.iter().filter(|word| word.starts_with(char::is_lowercase)).count();
    // `Für Rückfragen stehen wir zur Verfügung.`, `used for Project Q.`
    let is_sentence = words.len() > 4 && 2 * small >= words.len() || (text.ends_with('.') && small > words.len() / 3);
    let goes_on = words.len() > 2 && text.starts_with(char::is_lowercase);
    if (is_sentence || goes_on) && !text_blocks::has_legal_form(text) {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let solid = text.chars().filter(|c| !c.is_whitespace()).count();
    let is_form =
        words.iter().all(|word| text_blocks::is_legal_form(word) || (word.starts_with('(') && word.ends_with(')')));
    letters >= 4 && letters * 10 >= solid * 6 && !is_form
}

/// Whether a line is in capitals.
fn is_loud(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    !letters.is_empty() && letters.iter().filter(|c| c.is_uppercase()).count() * 4 >= letters.len() * 3
}

/// Lines joined to one text, without marks left by specks at their ends, and without a register number after a name.
pub(super) fn joined(lines: &[&TextLine], between: &str) -> String {
    let parts = lines.iter().map(|line| {
        let text = if between == " " { without_register(&line.text) } else { line.text.clone() };
        text.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | '|' | '*' | ':' | ';' | '“' | '”' | '"' | '[' | ']' | '—')
        })
        .to_owned()
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

/// A name without its company register number in brackets or after its legal form: `Acme Sdn Bhd 862725-U`.
fn without_register(text: &str) -> String {
    let mut name = text.to_owned();
    while let Some(open) =
        name.match_indices('(').map(|(at, _)| at).find(|open| is_register(in_bracket(&name[*open..])))
    {
        let length = in_bracket(&name[open..]).len();
        name.replace_range(open..open + length, "");
    }
    let words: Vec<&str> = name.split_whitespace().collect();
    let Some(code) = words.iter().position(|word| is_register(word)).filter(|code| *code > 1) else { return name };
    // The words that label the number are removed with it.
    let is_called = |first: &usize| text_blocks::is_label(&words[*first..code].join(" "));
    let end = (code.saturating_sub(MAX_CALLED).max(1)..code).find(is_called).unwrap_or(code);
    let name = words[..end].join(" ");
    if end < code || text_blocks::has_legal_form(&name) { name } else { words.join(" ") }
}

/// A name without long numbers after it, such as a telephone number.
pub(super) fn without_telephone(name: &str) -> &str {
    let mut name = name.trim_end();
    while let Some((before, last)) = name.rsplit_once(' ')
        && last.chars().filter(char::is_ascii_digit).count() >= LONG_NUMBER
    {
        name = before.trim_end();
    }
    name
}

/// A word with this many digits is a telephone number or the like.
pub(super) const LONG_NUMBER: usize = 7;

/// The most words of a register number's label.
const MAX_CALLED: usize = 4;

/// A bracketed part at the start of a text, up to its closing bracket.
fn in_bracket(text: &str) -> &str {
    text.find(')').map_or(text, |end| &text[..=end])
}

fn is_register(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= 4
}

/// Whether a line is a company register number: `(867388-U)`, `002043319-W`.
fn is_code_line(text: &str) -> bool {
    let figures = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    figures >= 4 && letters <= 3 && text.split_whitespace().count() <= 2
}

pub(super) fn is_contact(labels: &[Label], line: &TextLine) -> bool {
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

/// The party of the name below, according to a label in a line of its own or at its start.
fn labelled_side(sheet: &Sheet, labels: &[Label], line: &TextLine) -> Option<Side> {
    let at_start = labels.iter().filter(|label| label.first == line.first && label.end <= line.end);
    for label in at_start {
        if text_blocks::is_name_part(sheet, label, line.end) {
            continue;
        }
        // `Kunden AG Mitte` is not a label; `Kunde`, `Kunde:` and `Bill to Mr X` are.
        let stands_alone = label.end == line.end;
        let has_colon = sheet.words[label.end - 1].text.ends_with(':');
        let is_long = label.length >= 6;
        if !stands_alone && !has_colon && !is_long {
            continue;
        }
        // A word such as `To:`, which addresses somebody, is a label only by itself.
        let counts = |meaning: &&Meaning| !meaning.is_weak || has_colon;
        if let Some(side) = label.meanings.iter().filter(counts).find_map(|meaning| meaning.concept.side()) {
            return Some(side);
        }
    }
    let is_greeting = line.kind == LineKind::Label && LINES.greetings.contains(&recto_values::words::plain(&line.text));
    is_greeting.then_some(Side::Buyer)
}

/// The party named by a label above or at the start of the lines.
fn side_of(sheet: &Sheet, labels: &[Label], lines: &[TextLine], top: usize, first: &TextLine) -> Option<Side> {
    if let Some(side) = labelled_side(sheet, labels, first) {
        return Some(side);
    }
    for line in lines[top.saturating_sub(3)..top].iter().rev() {
        if let Some(side) = labelled_side(sheet, labels, line) {
            return Some(side);
        }
    }
    // A label in a neighbouring block of text: `Bill to` at the left, above an indented block.
    let near = near_labels(sheet, labels, first);
    near.flat_map(|label| &label.meanings).filter(|meaning| !meaning.is_weak).find_map(|meaning| meaning.concept.side())
}

/// Whether a block stands only below the label of the recipient of the goods.
fn is_delivery(sheet: &Sheet, labels: &[Label], first: &TextLine) -> bool {
    let mut near = near_labels(sheet, labels, first).flat_map(|label| &label.meanings).map(|meaning| meaning.concept);
    near.find(|concept| concept.side().is_some()) == Some(Concept::ShipTo)
}

/// The labels closely above a line that are not parts of names.
fn near_labels<'l>(sheet: &Sheet, labels: &'l [Label], first: &TextLine) -> impl Iterator<Item = &'l Label> {
    labels.iter().filter(move |label| {
        let bbox = sheet.bbox(label.first, label.end);
        let above = first.bbox.y - bbox.bottom();
        sheet.page_of(label.first) == sheet.page_of(first.first)
            && (0.0..2.5 * first.bbox.height).contains(&above)
            && bbox.x < first.bbox.right()
            && bbox.right() > first.bbox.x - 3.0 * first.bbox.height
            && !text_blocks::is_name_part(sheet, label, label.end + 2)
    })
}
