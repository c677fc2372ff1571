//! Blocks of consecutive lines: addresses and letterheads.

use rapidfuzz::distance::osa;
use recto_domain::Rect;
use recto_values::date;
use recto_values::words::LINES;

use crate::concept::{Concept, Kind};
use crate::label_key::key_of;
use crate::labels::Label;
use crate::lexicon::LEXICON;
use crate::sheet::{Cell, Sheet};

/// The largest gap between lines of a block, in line heights.
const LINE_GAP: f32 = 3.6;

/// The kind of a letterhead's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// It contains a company's legal form.
    Company,
    /// A street, a house number, a floor.
    Street,
    /// A postal code with a place.
    Place,
    /// A telephone number, another number, or a date: text with a label, or a code.
    Data,
    /// The title of the document.
    Title,
    /// Names the role of whoever follows below, or in the next cell: `Bill to`, `Cliente`, `Herrn`.
    Label,
    /// Any other words.
    Words,
}

/// A line of a block of text.
#[derive(Debug, Clone)]
pub(crate) struct TextLine {
    /// Indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) bbox: Rect,
    pub(crate) text: String,
    pub(crate) kind: LineKind,
}

/// Consecutive lines of a page that share an edge or the centre.
#[derive(Debug, Clone)]
pub(crate) struct TextBlock {
    pub(crate) page: u32,
    pub(crate) lines: Vec<TextLine>,
}

/// All text blocks of a sheet, without the words in `left_out`.
pub(crate) fn find(sheet: &Sheet, labels: &[Label], left_out: std::ops::Range<usize>) -> Vec<TextBlock> {
    let mut text_blocks: Vec<TextBlock> = Vec::new();
    let cells: Vec<&Cell> = sheet.cells.iter().filter(|cell| !left_out.contains(&cell.first)).collect();
    for cells in cells.chunk_by(|left, right| is_close(sheet, left, right) || is_torn(sheet, left, right)) {
        let (first, end) = (cells[0].first, cells[cells.len() - 1].end);
        let page = sheet.rows[cells[0].row].page;
        let text = sheet.text(first, end);
        let kind = match kind_of(sheet, labels, first, end, &text) {
            LineKind::Words if is_key(sheet, end) => LineKind::Data,
            kind => kind,
        };
        let line = TextLine { first, end, bbox: sheet.bbox(first, end), kind, text };
        let above = text_blocks.iter_mut().filter(|text_block| text_block.page == page).filter_map(|text_block| {
            let last = &text_block.lines.last()?.bbox;
            let gap = line.bbox.y - last.bottom();
            let height = last.height.max(line.bbox.height).min(2.0 * sheet.line_height);
            (gap > -0.5 * height && gap < LINE_GAP * height && is_aligned(last, &line.bbox, height))
                .then_some((gap, text_block))
        });
        match above.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((_, text_block)) => text_block.lines.push(line),
            None => text_blocks.push(TextBlock { page, lines: vec![line] }),
        }
    }
    text_blocks
}

/// Whether the words that end there are separated from the rest of their row by a colon: `Nummer   : 549910`.
fn is_key(sheet: &Sheet, end: usize) -> bool {
    let next = sheet.words.get(end).filter(|next| next.row == sheet.words[end - 1].row);
    next.is_some_and(|next| next.text.starts_with(':'))
}

/// Whether two cells are parts of one line: a row of low letters is parted at spaces that are none on the page.
fn is_close(sheet: &Sheet, left: &Cell, right: &Cell) -> bool {
    left.row == right.row && right.bbox.x - left.bbox.right() < CLOSE * sheet.line_height
}

/// The widest space within a line, in line heights of the page.
const CLOSE: f32 = 1.2;

/// Whether the second of two cells is the end of a name that begins in the first: large print is widely spaced.
fn is_torn(sheet: &Sheet, left: &Cell, right: &Cell) -> bool {
    let gap = right.bbox.x - left.bbox.right();
    left.row == right.row && gap < WIDEST_BLANK * right.bbox.height && starts_with_form(&sheet.cell_text(right))
}

/// The widest space within a name, in heights of its letters.
const WIDEST_BLANK: f32 = 3.0;

/// Whether two lines share an edge or the centre.
fn is_aligned(a: &Rect, b: &Rect, height: f32) -> bool {
    let overlaps = a.x < b.right() && b.x < a.right();
    let left = (a.x - b.x).abs() < 1.6 * height;
    let right = (a.right() - b.right()).abs() < 0.8 * height;
    let middle = (a.center().x - b.center().x).abs() < 2.2 * height;
    overlaps && (left || right || middle)
}

fn kind_of(sheet: &Sheet, labels: &[Label], first: usize, end: usize, text: &str) -> LineKind {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let figures = text.chars().filter(char::is_ascii_digit).count();
    if is_party_label(sheet, labels, first, end, text) {
        return LineKind::Label;
    }
    if is_title(text) || is_numbered_title(text) {
        return LineKind::Title;
    }
    if is_legal_form(text) && text.chars().count() > 1 {
        return LineKind::Company;
    }
    if is_label_alone(labels, first, end, text) || is_told_number(text) {
        return LineKind::Data;
    }
    let labelled = labels.iter().any(|label| {
        let leads = label.first == first || (label.first == first + 1 && label.is_exact);
        let leads = leads && label.end <= end;
        leads && label.meanings.iter().any(|m| tells_data(m.concept) && !m.is_weak) && !is_name_part(sheet, label, end)
    });
    if labelled || text.contains('@') || text.to_lowercase().contains("www.") || text.contains("http") {
        return LineKind::Data;
    }
    if date::first(text, date::DayOrder::DayMonthYear).is_some() {
        return LineKind::Data;
    }
    if is_place(text) {
        return LineKind::Place;
    }
    if has_legal_form(text) {
        return LineKind::Company;
    }
    if letters < 3 {
        return LineKind::Data;
    }
    if is_street(text) {
        return LineKind::Street;
    }
    if figures > letters || (tells_something(text) && !leads_to_party(labels, first, end)) {
        return LineKind::Data;
    }
    LineKind::Words
}

/// Whether a line is a key with its value: `Type of text: REG`.
fn tells_something(text: &str) -> bool {
    let is_word = |part: &str| part.chars().filter(|c| c.is_alphabetic()).count() > 1;
    text.split_once(':').is_some_and(|(key, value)| is_word(key) && value.chars().any(char::is_alphanumeric))
}

/// Whether a line begins with the label of a party.
fn leads_to_party(labels: &[Label], first: usize, end: usize) -> bool {
    let leads = |label: &&Label| label.first == first && label.end <= end;
    let names_party = |label: &Label| label.meanings.iter().any(|meaning| meaning.concept.side().is_some());
    labels.iter().filter(leads).any(names_party)
}

/// Whether a label at the start of a line announces data.
fn tells_data(concept: Concept) -> bool {
    // `No. 2, High Street`: column headings are not labels here.
    let is_column = concept.is_of_items() || matches!(concept, Concept::Table | Concept::Own(_));
    !is_column
        && matches!(
            LEXICON.kind(concept),
            Kind::Code
                | Kind::Date
                | Kind::Time
                | Kind::Amount
                | Kind::Vat
                | Kind::Iban
                | Kind::Bic
                | Kind::Phone
                | Kind::Email
                | Kind::Url
                | Kind::Quantity
        )
}

/// `Lieferant GmbH`: a word that is a label elsewhere may be part of a name.
pub(crate) fn is_name_part(sheet: &Sheet, label: &Label, end: usize) -> bool {
    label.end < end && has_legal_form(&sheet.text(label.first, end.min(label.end + 2)))
}

/// Whether a line consists only of the label of a party, or of a form of address.
fn is_party_label(sheet: &Sheet, labels: &[Label], first: usize, end: usize, text: &str) -> bool {
    let is_whole = |label: &&Label| label.first == first && label.end == end;
    let names_party = |label: &Label| {
        let ends_open = sheet.words[end - 1].text.ends_with(':');
        label.meanings.iter().any(|m| m.concept.side().is_some() && (!m.is_weak || ends_open))
    };
    labels.iter().filter(is_whole).any(names_party) || LINES.greetings.contains(&recto_values::words::plain(text))
}

/// Whether a line consists only of another label: `Nummer:`, `Ansprechpartner`.
fn is_label_alone(labels: &[Label], first: usize, end: usize, text: &str) -> bool {
    let is_whole = |label: &&Label| label.first == first && label.end == end && label.is_exact;
    let names = |label: &Label| text.ends_with(':') || label.meanings.iter().any(|m| !m.is_weak && !is_own(m.concept));
    labels.iter().filter(is_whole).any(names)
}

fn is_own(concept: Concept) -> bool {
    matches!(concept, Concept::Own(_))
}

/// Whether a text consists only of a label.
pub(crate) fn is_label(text: &str) -> bool {
    let meanings = LEXICON.exactly(&key_of(text)).unwrap_or_default();
    !meanings.is_empty()
}

/// Whether a line contains any kind of number with a label: `Globale Nummer: 4000001123452 (GTIN)`, `COMPANY REG. NO.:
/// 725186-V`.
fn is_told_number(text: &str) -> bool {
    let Some((before, behind)) = text.split_once(':') else { return false };
    let words: Vec<&str> = before.split_whitespace().collect();
    // The `company` in `Company reg. no.` is not a company.
    let label = (0..words.len()).find(|first| is_label(&words[*first..].join(" "))).unwrap_or(words.len());
    let is_number = behind.trim_start().chars().take_while(char::is_ascii_digit).count() >= 4;
    is_number && !has_legal_form(&words[..label].join(" "))
}

/// Whether a text is just a legal form.
pub(crate) fn is_legal_form(text: &str) -> bool {
    let plain = recto_values::words::plain(text);
    let is_form = |text: &str| LINES.legal_forms.contains(text);
    is_form(&plain.replace(' ', "")) || (!plain.is_empty() && plain.split(' ').all(is_form))
}

/// Whether a line begins with a legal form, like the end of a name that did not fit on one line: `CO. (M) SDN BHD`.
pub(crate) fn starts_with_form(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let from = usize::from(words.first().is_some_and(|word| word.starts_with('(') && word.ends_with(')')));
    (from + 1..=words.len().min(from + 3)).any(|end| is_legal_form(&words[from..end].join(" ")))
}

/// Whether a line contains the legal form of a company.
pub(crate) fn has_legal_form(text: &str) -> bool {
    let parts: Vec<&str> =
        text.split([' ', ',', '(', ')', '&', '/', '+', '·', '•', '|']).filter(|part| !part.is_empty()).collect();
    // Unicode does not class every letter as alphabetic: the vowels of Thai are marks.
    let plain =
        |part: &&str| recto_values::fold(part).chars().filter(|c| c.is_alphanumeric() || !c.is_ascii()).collect();
    let words: Vec<String> = parts.iter().map(plain).collect();
    let is_form = |start: usize, end: usize| {
        let form = words[start..end].concat();
        // Recognition may read the letter as a digit: `Sp. z 0.o.`
        let has_letters = form.contains(|c: char| c.is_alphabetic());
        let form = if has_letters { form.replace('0', "o") } else { form };
        if !LINES.legal_forms.contains(&form) {
            return false;
        }
        // `as`, `co` and `se` are words too. They count in capitals after a name, or otherwise only at its end. `500
        // kg` does not count.
        let is_loud = parts[start..end].concat().chars().all(|c| !c.is_lowercase());
        let counts = start > 0 && words[start - 1].chars().all(|c| c.is_ascii_digit());
        form.chars().count() > 2 || (start > 0 && !counts && (is_loud || end == words.len()))
    };
    let ends: Vec<usize> = (1..=words.len()).collect();
    ends.iter().any(|end| (end.saturating_sub(MAX_FORM_WORDS)..*end).any(|start| is_form(start, *end)))
        || words.iter().any(|word| word.ends_with("gmbh") || has_form_within(word))
}

/// The most words of a legal form: `Sp. z o.o.`
const MAX_FORM_WORDS: usize = 3;

/// Whether a word of a script without spaces contains a legal form.
fn has_form_within(word: &str) -> bool {
    let is_unspaced = |c: char| ('\u{e00}'..='\u{eff}').contains(&c) || ('\u{3040}'..='\u{d7af}').contains(&c);
    word.contains(is_unspaced)
        && LINES.legal_forms.iter().any(|form| form.starts_with(is_unspaced) && word.contains(form.as_str()))
}

/// Whether a line contains a street, a house or a floor with a number.
pub(crate) fn is_street(text: &str) -> bool {
    let folded = recto_values::fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has_figures = folded.chars().any(|c| c.is_ascii_digit());
    let names_street = names_street(text);
    let starts_with_number = words.first().is_some_and(|word| {
        word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 5 || matches!(*word, "no" | "lot" | "nr")
    });
    (names_street && has_figures)
        || (starts_with_number && has_figures && words.len() > 1)
        || (words.len() > 1 && words.iter().any(|word| matches!(*word, "jalan" | "jln" | "taman" | "rue" | "calle")))
}

/// Whether a text contains a word for a street, a building or a district.
pub(crate) fn names_street(text: &str) -> bool {
    let folded = recto_values::fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).any(|word| LINES.streets.contains(word) || ends_like_street(word))
}

fn ends_like_street(word: &str) -> bool {
    // The ß is misread in many ways.
    let is_strasse = word.len() > 7
        && word.ends_with('e')
        && word[..word.len() - 1].char_indices().rev().take(7).any(|(at, _)| word[at..].starts_with("stra"));
    is_strasse || LINES.street_ends.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

/// Whether a line has a postal code with a place, in the format of any country whose codes have digits.
pub(crate) fn is_place(text: &str) -> bool {
    let segments: Vec<Vec<&str>> = text
        .split([',', ';', '·', '•', '|'])
        .map(|segment| segment.split([' ', '.']).filter(|part| !part.is_empty()).collect())
        .filter(|segment: &Vec<&str>| !segment.is_empty())
        .collect();
    let parts: Vec<&str> = segments.concat();
    let codes = parts.iter().filter(|part| is_long_code(part)).count();
    let has_neighbour = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| parts.get(at));
        [before, parts.get(at + 1)].into_iter().flatten().any(|part| is_word(part))
    };
    let has_long = codes == 1 && (0..parts.len()).any(|at| is_long_code(parts[at]) && has_neighbour(at));
    let has_two_parts = parts.windows(2).any(|pair| is_code_of_two(pair[0], pair[1]));
    let is_after_street = |at: usize| at > 0 && segments[at - 1].iter().any(|part| part.starts_with(is_figure));
    let has_short = (0..segments.len()).any(|at| starts_with_short_code(&segments[at], is_after_street(at)))
        && (segments.len() > 1 || parts.len() <= 4);
    has_long || has_two_parts || has_short
}

fn is_figure(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_word(part: &str) -> bool {
    part.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

/// Whether a word is a code of five or six digits, with an optional country prefix and hyphen: `D-24143`, `00-950`,
/// `1000-205`.
fn is_long_code(part: &str) -> bool {
    let part = part.trim_start_matches(|c: char| c.is_ascii_uppercase()).trim_start_matches(['-', '〒']);
    let groups: Vec<&str> = part.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    groups.iter().all(|group| group.chars().all(is_figure))
        && matches!(lengths.as_slice(), [5 | 6] | [2 | 4 | 5, 3] | [3 | 5, 4])
}

/// Whether two words are a two-part code, which nothing else resembles: `2042 AD`, `SW1A 2AA`, `K1A 0B1`.
fn is_code_of_two(out: &str, inward: &str) -> bool {
    let is_capital = |c: char| c.is_ascii_uppercase();
    let dutch = out.len() == 4 && out.chars().all(is_figure) && inward.len() == 2 && inward.chars().all(is_capital);
    let mixed = (2..=4).contains(&out.len())
        && out.starts_with(is_capital)
        && out.contains(is_figure)
        && out.chars().all(|c| is_figure(c) || is_capital(c));
    let shape: Vec<bool> = inward.chars().map(is_figure).collect();
    let is_code = inward.chars().all(|c| is_figure(c) || is_capital(c));
    dutch || (mixed && is_code && matches!(shape.as_slice(), [true, false, _]))
}

/// Whether a segment begins with four digits, or three and two, before the name of a place, as in Austria, Denmark or
/// Sweden. A year does not count, unless a street comes before it.
fn starts_with_short_code(segment: &[&str], is_after_street: bool) -> bool {
    let [code, next, ..] = segment else { return false };
    let code = code.trim_start_matches(|c: char| c.is_ascii_uppercase()).trim_start_matches('-');
    let is_year = code.starts_with("19") || code.starts_with("20");
    let four = code.len() == 4 && code.chars().all(is_figure) && is_word(next) && (!is_year || is_after_street);
    let two = code.len() == 3 && code.chars().all(is_figure) && next.len() == 2 && next.chars().all(is_figure);
    segment.len() <= 4 && (four || (two && segment.get(2).is_some_and(|place| is_word(place))))
}

/// Whether a text is a document title with its number or its date after it: `Invoice 4471`.
pub(crate) fn is_numbered_title(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let numbers = words.iter().rev().take_while(|word| !is_word(word) || word.contains(is_figure)).count();
    // `No.` and the like between the two.
    let title = words.len() - numbers;
    let shorter = title.checked_sub(1).filter(|end| words[*end].chars().filter(|c| c.is_alphabetic()).count() <= 3);
    numbers > 0
        && words[title..].iter().any(|word| word.contains(is_figure))
        && [Some(title), shorter].into_iter().flatten().any(|end| is_title(&words[..end].join(" ")))
}

/// Whether a text is a document title, possibly with a code in brackets: `Handelsrechnung (380)`.
pub(crate) fn is_title_head(text: &str) -> bool {
    let name = text.split('(').next().unwrap_or_default();
    let plain = recto_values::words::plain(name);
    let is_compound = |title: &&String| title.chars().count() > SHORT_TITLE && plain.ends_with(title.as_str());
    let is_word = !plain.is_empty() && !plain.contains(' ');
    is_title(name) || (is_word && LINES.titles.iter().any(|title| is_compound(&title)))
}

/// A longer title may be the end of a compound word: `Handelsrechnung`.
const SHORT_TITLE: usize = 6;

/// Whether a text is a document title. A long one may have an error of recognition, a very long one two.
pub(crate) fn is_title(text: &str) -> bool {
    let plain = recto_values::words::plain(text);
    let slips = match plain.chars().count() {
        0..=7 => return LINES.titles.contains(&plain),
        8..=12 => 1,
        _ => 2,
    };
    let scorer = osa::BatchComparator::new(plain.chars());
    let args = osa::Args::default().score_cutoff(slips);
    LINES.titles.iter().any(|title| scorer.distance_with_args(title.chars(), &args).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels;
    use crate::sheet::tests::page;

    fn kinds(lines: &[&str]) -> Vec<LineKind> {
        let sheet = Sheet::of(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        find(&sheet, &labels, 0..0).into_iter().flat_map(|text_block| text_block.lines).map(|line| line.kind).collect()
    }

    #[test]
    fn the_lines_of_a_letterhead_are_told_apart() {
        use LineKind::{Company, Data, Place, Street, Title};
        assert_eq!(
            kinds(&[
                "Acme Trading Sdn Bhd",
                "(867388-U)",
                "12, Jalan Tampoi 7/4,",
                "81200 Johor Bahru",
                "Tel: 03-7805 7889",
                "TAX INVOICE",
            ]),
            [Company, Data, Street, Place, Data, Title]
        );
        assert_eq!(kinds(&["Lieferant GmbH", "Hauptstr. 20", "80333 München"]), [Company, Street, Place]);
        assert_eq!(kinds(&["10 Downing Street", "London SW1A 2AA"]), [Street, Place]);
    }

    #[test]
    fn columns_make_blocks_of_their_own() {
        let sheet = Sheet::of(&[page(&["Seller AG            Buyer AG", "Street 1             Road 2"])]);
        let labels = labels::find(&sheet, &[]);
        let text_blocks = find(&sheet, &labels, 0..0);
        let texts: Vec<Vec<&str>> = text_blocks
            .iter()
            .map(|text_block| text_block.lines.iter().map(|line| line.text.as_str()).collect())
            .collect();
        assert_eq!(texts, [["Seller AG", "Street 1"], ["Buyer AG", "Road 2"]]);
    }
}
