//! Lines under one another: the blocks of addresses and letterheads.

use recto_domain::Rect;

use crate::labels::Label;
use crate::lexicon::{Concept, Kind, LEXICON};
use crate::sheet::Sheet;
use crate::value::date;

/// Lines belong together when the gap between them is at most this many line heights.
const LINE_GAP: f32 = 3.6;

/// What a line of a letterhead is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// Has the mark of a company's legal form.
    Company,
    /// A street, a house number, a floor.
    Street,
    /// A postal code with a place.
    Place,
    /// A telephone, a number, a day: something with a label, or a code.
    Data,
    /// The title of the document.
    Title,
    /// Any other words.
    Words,
}

/// A line of a stack.
#[derive(Debug, Clone)]
pub(crate) struct StackLine {
    /// Indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) bbox: Rect,
    pub(crate) text: String,
    pub(crate) kind: LineKind,
}

/// Lines of a page under one another, with the left edge or the middle in common.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    pub(crate) page: u32,
    pub(crate) lines: Vec<StackLine>,
}

/// All stacks of a sheet, without the words `left_out`.
pub(crate) fn find(sheet: &Sheet, labels: &[Label], left_out: std::ops::Range<usize>) -> Vec<Stack> {
    let mut stacks: Vec<Stack> = Vec::new();
    for cell in sheet.cells.iter().filter(|cell| !left_out.contains(&cell.first)) {
        let page = sheet.rows[cell.row].page;
        let text = sheet.cell_text(cell);
        let line = StackLine {
            first: cell.first,
            end: cell.end,
            bbox: cell.bbox,
            kind: kind_of(sheet, labels, cell.first, cell.end, &text),
            text,
        };
        let above = stacks.iter_mut().filter(|stack| stack.page == page).filter_map(|stack| {
            let last = &stack.lines.last()?.bbox;
            let gap = line.bbox.y - last.bottom();
            let height = last.height.max(line.bbox.height).min(2.0 * sheet.line_height);
            (gap > -0.5 * height && gap < LINE_GAP * height && is_aligned(last, &line.bbox, height))
                .then_some((gap, stack))
        });
        match above.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            Some((_, stack)) => stack.lines.push(line),
            None => stacks.push(Stack { page, lines: vec![line] }),
        }
    }
    stacks
}

/// Whether two lines have an edge or the middle in common.
fn is_aligned(a: &Rect, b: &Rect, height: f32) -> bool {
    let overlaps = a.x < b.right() && b.x < a.right();
    let left = (a.x - b.x).abs() < 1.6 * height;
    let middle = (a.center().x - b.center().x).abs() < 2.2 * height;
    overlaps && (left || middle)
}

fn kind_of(sheet: &Sheet, labels: &[Label], first: usize, end: usize, text: &str) -> LineKind {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let figures = text.chars().filter(char::is_ascii_digit).count();
    if is_title(text) {
        return LineKind::Title;
    }
    let labelled = labels.iter().any(|label| {
        let leads = label.first == first || (label.first == first + 1 && label.is_exact);
        let leads = leads && label.end <= end;
        leads && label.meanings.iter().any(|m| tells_data(m.concept) && !m.is_weak) && !is_name_part(sheet, label, end)
    });
    if labelled || text.contains('@') || text.to_lowercase().contains("www.") || text.contains("http") {
        return LineKind::Data;
    }
    if is_place(text) {
        return LineKind::Place;
    }
    if date::first(text, date::DayOrder::DayFirst).is_some() {
        return LineKind::Data;
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
    if figures > letters {
        return LineKind::Data;
    }
    LineKind::Words
}

/// Whether a label at the start of a line says that data follow.
fn tells_data(concept: Concept) -> bool {
    // `No. 2, High Street`: the heads of columns are no labels here.
    let is_column = matches!(concept, Concept::Position | Concept::ArticleNumber | Concept::Table | Concept::Own(_));
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

/// Marks of the legal forms of companies, folded and without full stops; the longer ones may be misread in a letter.
const LEGAL_FORMS: &[&str] = &[
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "ohg",
    "gbr",
    "ug",
    "ek",
    "ev",
    "eg",
    "kgaa",
    "se",
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "plc",
    "company",
    "co",
    "pte",
    "pty",
    "bhd",
    "berhad",
    "sdn",
    "enterprise",
    "enterprises",
    "trading",
    "sa",
    "sas",
    "sasu",
    "sarl",
    "eurl",
    "sci",
    "snc",
    "sl",
    "slu",
    "scp",
    "srl",
    "spa",
    "bv",
    "nv",
    "as",
    "ab",
    "oy",
    "aps",
    "จำกัด",
    "บริษัท",
];

/// Whether a line names the legal form of a company.
pub(crate) fn has_legal_form(text: &str) -> bool {
    // In capitals the short ones are no other words.
    if text
        .split([' ', ','])
        .skip(1)
        .any(|word| matches!(word, "AG" | "KG" | "SE" | "SA" | "SL" | "UG" | "BV" | "NV" | "AB" | "OY"))
    {
        return true;
    }
    let folded = crate::fold::fold(text);
    let words: Vec<String> = folded
        .split([' ', ',', '(', ')', '&', '/', '+'])
        .map(|word| word.chars().filter(|c| c.is_alphanumeric() || ('\u{0e31}'..='\u{0e4e}').contains(c)).collect())
        .filter(|word: &String| !word.is_empty())
        .collect();
    let short_counts_last = |word: &str| words.last().is_some_and(|last| last == word);
    words.iter().any(|word| {
        LEGAL_FORMS.iter().any(|form| {
            if form.len() <= 2 {
                // `as`, `co`, `se` are words too: only at the end of the name.
                word == form && short_counts_last(word) && words.len() > 1
            } else {
                word == form
            }
        }) || word.starts_with("บริษัท")
            || word.ends_with("gmbh")
    }) || words.windows(2).any(|pair| pair[1] == "bhd" || (pair[0] == "pte" && pair[1] == "ltd"))
}

/// Words of streets and buildings, folded.
const STREETS: &[&str] = &[
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "square",
    "highway",
    "hwy",
    "court",
    "building",
    "bldg",
    "floor",
    "suite",
    "unit",
    "block",
    "blk",
    "level",
    "lot",
    "plaza",
    "tower",
    "menara",
    "wisma",
    "bangunan",
    "jalan",
    "jln",
    "lorong",
    "lrg",
    "persiaran",
    "taman",
    "tmn",
    "bandar",
    "seksyen",
    "section",
    "kawasan",
    "kampung",
    "kg",
    "medan",
    "plot",
    "strasse",
    "str",
    "weg",
    "platz",
    "allee",
    "gasse",
    "ring",
    "damm",
    "ufer",
    "rue",
    "bd",
    "place",
    "chemin",
    "impasse",
    "quai",
    "route",
    "calle",
    "avda",
    "avenida",
    "paseo",
    "plaza",
    "carrer",
    "poligono",
    "via",
    "viale",
    "piazza",
    "postfach",
    "box",
    "house",
    "ถนน",
    "ซอย",
    "แขวง",
    "เขต",
    "ตำบล",
    "อำเภอ",
];

fn is_street(text: &str) -> bool {
    let folded = crate::fold::fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has_figures = folded.chars().any(|c| c.is_ascii_digit());
    let names_street = words.iter().any(|word| STREETS.contains(word) || ends_like_street(word));
    let starts_with_number = words.first().is_some_and(|word| {
        word.starts_with(|c: char| c.is_ascii_digit()) && word.len() <= 5 || matches!(*word, "no" | "lot" | "nr")
    });
    (names_street && has_figures)
        || (starts_with_number && has_figures && words.len() > 1)
        || (words.len() > 1 && words.iter().any(|word| matches!(*word, "jalan" | "jln" | "taman" | "rue" | "calle")))
}

fn ends_like_street(word: &str) -> bool {
    // The sharp s is misread in many ways.
    let is_strasse = word.len() > 7
        && word.ends_with('e')
        && word[..word.len() - 1].char_indices().rev().take(7).any(|(at, _)| word[at..].starts_with("stra"));
    is_strasse
        || ["str", "weg", "platz", "allee", "gasse"].iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

/// Whether a line has a postal code with a place: five figures, or four as in Austria or the Netherlands, next to a
/// word; or a British one.
fn is_place(text: &str) -> bool {
    let parts: Vec<&str> = text.split([' ', ',', '.', ';']).filter(|part| !part.is_empty()).collect();
    let is_code = |part: &str| {
        let part = part.trim_start_matches(['D', 'A', 'F', 'E', 'B', 'L']).trim_start_matches('-');
        (part.len() == 5 || part.len() == 6) && part.chars().all(|c| c.is_ascii_digit())
    };
    let is_word = |part: &&str| part.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    let at_start_of_four = parts.first().is_some_and(|part| {
        part.len() == 4
            && part.chars().all(|c| c.is_ascii_digit())
            && !part.starts_with("20")
            && !part.starts_with("19")
    }) && parts.len() <= 4
        && parts.get(1).is_some_and(is_word);
    let british = parts.windows(2).any(|pair| {
        let (out, inward) = (pair[0].as_bytes(), pair[1].as_bytes());
        (2..=4).contains(&out.len())
            && out[0].is_ascii_uppercase()
            && out.iter().any(u8::is_ascii_digit)
            && matches!(inward, [d, a, b] if d.is_ascii_digit() && a.is_ascii_uppercase() && b.is_ascii_uppercase())
    });
    let five = parts.iter().enumerate().any(|(at, part)| {
        let neighbour = parts.get(at + 1).is_some_and(is_word) || (at > 0 && is_word(&parts[at - 1]));
        is_code(part) && neighbour
    });
    (five && parts.iter().filter(|part| is_code(part)).count() == 1) || at_start_of_four || british
}

/// Titles of documents, folded.
const TITLES: &[&str] = &[
    "invoice",
    "tax invoice",
    "simplified tax invoice",
    "receipt",
    "tax receipt",
    "official receipt",
    "cash receipt",
    "cash bill",
    "bill",
    "sales receipt",
    "credit note",
    "debit note",
    "delivery note",
    "statement",
    "quotation",
    "purchase order",
    "order confirmation",
    "proforma invoice",
    "pro forma invoice",
    "original",
    "copy",
    "duplicate",
    "rechnung",
    "gutschrift",
    "quittung",
    "kassenbon",
    "lieferschein",
    "angebot",
    "mahnung",
    "kostenrechnung",
    "facture",
    "avoir",
    "recu",
    "ticket",
    "bon de livraison",
    "devis",
    "factura",
    "recibo",
    "albaran",
    "factura simplificada",
    "ใบกำกับภาษี",
    "ใบเสร็จรับเงิน",
    "ใบแจ้งหนี้",
    "ใบกำกับภาษีอย่างย่อ",
    "cash sales",
    "guest check",
];

/// Whether a text is what documents are called.
pub(crate) fn is_title(text: &str) -> bool {
    let folded = crate::fold::fold(text);
    let plain: String =
        folded.chars().map(|c| if c.is_alphanumeric() || !c.is_ascii() { c } else { ' ' }).collect::<String>();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    TITLES.iter().any(|title| {
        plain == *title || (plain.len() > 7 && strsim::osa_distance(&plain, title) <= 1 + usize::from(plain.len() > 12))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels;
    use crate::sheet::tests::page;

    fn kinds(lines: &[&str]) -> Vec<LineKind> {
        let sheet = Sheet::of(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        find(&sheet, &labels, 0..0).into_iter().flat_map(|stack| stack.lines).map(|line| line.kind).collect()
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
    fn columns_make_stacks_of_their_own() {
        let sheet = Sheet::of(&[page(&["Seller AG            Buyer AG", "Street 1             Road 2"])]);
        let labels = labels::find(&sheet, &[]);
        let stacks = find(&sheet, &labels, 0..0);
        let texts: Vec<Vec<&str>> =
            stacks.iter().map(|stack| stack.lines.iter().map(|line| line.text.as_str()).collect()).collect();
        assert_eq!(texts, [["Seller AG", "Street 1"], ["Buyer AG", "Road 2"]]);
    }
}
