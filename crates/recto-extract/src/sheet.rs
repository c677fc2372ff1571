//! The words of a document as a person sees them: in rows across the page, and in cells within a row.
//!
//! Engines group words into blocks in their own way, so a label and its value are often in different blocks. Here, only
//! positions matter.

use recto_domain::{Line, Page, Rect, Word};
use recto_layout::is_right_to_left;
use recto_values::fold;

use crate::level::Level;
use crate::ruled::Ruling;
use crate::tables::{PageTables, TableCell};

/// A gap wider than this many line heights ends a cell,
const CELL_GAP: f32 = 1.1;
/// if it is also this many times the usual gap, because the words of a page may all be far apart.
const USUAL_GAPS: f32 = 2.0;
/// Words are close together up to this many times the usual gap,
const CLOSE_GAPS: f32 = 1.4;
/// but at most this many line heights, because a page may consist entirely of tables.
const MAX_CLOSE: f32 = 2.0;
/// Words belong to one row when their centres are closer than this share of a line height.
const ROW_REACH: f32 = 0.5;

/// Rows whose words are beside each other are joined when their centres are closer than this share of a line height.
const JOIN_REACH: f32 = 0.75;

/// A word with its position.
#[derive(Debug, Clone)]
pub(crate) struct SheetWord {
    pub(crate) text: String,
    /// Its box on the deskewed page.
    pub(crate) bbox: Rect,
    /// Its box on the page as it is.
    pub(crate) place: Rect,
    /// The recognition confidence, 0 to 1.
    pub(crate) confidence: f32,
    /// Index in [`Sheet::rows`].
    pub(crate) row: usize,
    /// Index in [`Sheet::cells`].
    pub(crate) cell: usize,
    /// The index in [`Sheet::boxes`] of the ruled box around it, if there is one.
    pub(crate) ruled: Option<usize>,
    /// The cell around it in a table found by recto-layout, on a sheet made by [`with_tables`](Sheet::with_tables).
    pub(crate) in_table: Option<TableCell>,
}

/// A word of a deskewed page.
struct Straight<'a> {
    word: &'a Word,
    bbox: Rect,
}

/// Restores the order of left-to-right words within a mirrored row: mirroring has reversed each run of them.
fn turn_from_left(row: &mut [Straight<'_>]) {
    let is_other = |word: &Straight<'_>| is_right_to_left(&word.word.text);
    let mut first = 0;
    while first < row.len() {
        let follows = |at: &usize| {
            let (last, next) = (&row[at - 1].bbox, &row[*at]);
            !is_other(next) && next.bbox.x - last.right() < next.bbox.height
        };
        let end = (first + 1..row.len()).take_while(follows).last().map_or(first + 1, |at| at + 1);
        let run = &mut row[first..end];
        // Numbers alone have no direction: they follow that of the line.
        let has_letters = run.iter().any(|word| word.word.text.contains(char::is_alphabetic));
        if has_letters && !is_other(&run[0]) {
            let span = run[0].bbox.x + run[run.len() - 1].bbox.right();
            for word in &mut *run {
                word.bbox.x = span - word.bbox.right();
            }
            run.reverse();
        }
        first = end;
    }
}

/// Words side by side.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The page number, from 1.
    pub(crate) page: u32,
    /// Indices of its words from left to right: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) bbox: Rect,
    /// The largest gap between words that are close together, in points.
    close: f32,
}

/// Words of a row that stand close together.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) row: usize,
    /// Indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) bbox: Rect,
}

/// A part of a word: a run of letters, a run of digits, or a single sign.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// The folded text.
    pub(crate) text: String,
    pub(crate) word: usize,
    /// Its end within the word's text, in bytes.
    pub(crate) end: usize,
}

/// All pages of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    pub(crate) words: Vec<SheetWord>,
    pub(crate) rows: Vec<Row>,
    pub(crate) cells: Vec<Cell>,
    /// The ruled boxes that contain words.
    pub(crate) boxes: Vec<Rect>,
    /// The ruling lines of each page; the index is the page number minus one.
    pub(crate) rulings: Vec<Ruling>,
    /// The width and height of each page in points; the index is the page number minus one.
    pub(crate) sizes: Vec<(f32, f32)>,
    /// The top and bottom of the print on each page in points; the index is the page number minus one.
    printed: Vec<(f32, f32)>,
    /// The median height of all words, in points.
    pub(crate) line_height: f32,
}

impl Sheet {
    /// Arranges the words of some pages.
    pub(crate) fn of(pages: &[Page]) -> Self {
        let mut sheet = Self::default();
        for page in pages {
            let index = page.number as usize;
            if sheet.sizes.len() < index {
                sheet.sizes.resize(index, (0.0, 0.0));
                sheet.printed.resize(index, (0.0, 0.0));
                sheet.rulings.resize(index, Ruling::default());
            }
            if let Some(printed) = Rect::around(page.words().map(|word| word.bbox)) {
                sheet.printed[index - 1] = (printed.y, printed.bottom());
            }
            sheet.sizes[index - 1] = (page.size.width, page.size.height);
            sheet.add_page(page);
        }
        let mut heights: Vec<f32> = sheet.words.iter().map(|word| word.bbox.height).collect();
        heights.sort_by(f32::total_cmp);
        sheet.line_height = heights.get(heights.len() / 2).copied().unwrap_or(10.0).max(1.0);
        sheet
    }

    /// The same with the tables that recto-layout finds on the pages, which are used for line items.
    pub(crate) fn with_tables(pages: &[Page]) -> Self {
        let mut sheet = Self::of(pages);
        let mut tables = 0;
        for page in pages {
            let found = PageTables::of(page, tables);
            tables = found.end(tables);
            let rows = sheet.rows.iter().filter(|row| row.page == page.number);
            for word in rows.flat_map(|row| row.first..row.end) {
                let word = &mut sheet.words[word];
                word.in_table = found.at(word.place.center());
            }
        }
        sheet
    }

    fn add_page(&mut self, page: &Page) {
        let lines = page.blocks.iter().flat_map(|block| &block.lines).filter(|line| !runs_upwards(line));
        let level = Level::of(page);
        let words = lines.flat_map(|line| &line.words).filter(|word| !is_rule(&word.text));
        let mut words: Vec<Straight<'_>> = words.map(|word| Straight { word, bbox: level.word(&word.bbox) }).collect();
        words.sort_by(|a, b| a.bbox.center().y.total_cmp(&b.bbox.center().y));
        let mut rows: Vec<Vec<Straight<'_>>> = Vec::new();
        for word in words {
            // The row whose horizontally nearest word is at the same height: lines may slope.
            let center = word.bbox.center().y;
            let fits = |row: &Vec<Straight<'_>>| {
                let near = row.iter().min_by(|a, b| aside(&a.bbox, &word.bbox).total_cmp(&aside(&b.bbox, &word.bbox)));
                near.is_some_and(|near| {
                    let reach = ROW_REACH * near.bbox.height.min(word.bbox.height).max(3.0);
                    (near.bbox.center().y - center).abs() <= reach
                })
            };
            let open = rows.len().saturating_sub(4);
            match rows[open..].iter().rposition(fits) {
                Some(at) => rows[open + at].push(word),
                None => rows.push(vec![word]),
            }
        }
        let mut rows = joined(rows);
        for row in &mut rows {
            row.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
            if level.is_mirrored() {
                turn_from_left(row);
            }
        }
        let usual_gap = usual_gap(&rows);
        let ruling = Ruling::of(page, &level);
        let first_box = self.boxes.len();
        for row in rows {
            self.add_row(page.number, &row, usual_gap, &ruling, first_box);
        }
        self.rulings[page.number as usize - 1] = ruling;
    }

    /// `first_box` is the index of the page's first box.
    fn add_row(&mut self, page: u32, words: &[Straight<'_>], usual_gap: f32, ruling: &Ruling, first_box: usize) {
        let row = self.rows.len();
        let first = self.words.len();
        let Some(bbox) = Rect::around(words.iter().map(|word| word.bbox)) else { return };
        let mut heights: Vec<f32> = words.iter().map(|word| word.bbox.height).collect();
        heights.sort_by(f32::total_cmp);
        let height = heights[heights.len() / 2];
        for word in words {
            let wide = (CELL_GAP * height).max(USUAL_GAPS * usual_gap);
            let last = self.words.get(first..).and_then(<[_]>::last).map(|last| last.bbox);
            if last.is_none_or(|last| word.bbox.x - last.right() > wide || ruling.parts(&last, &word.bbox)) {
                let at = self.words.len();
                self.cells.push(Cell { row, first: at, end: at, bbox: word.bbox });
            }
            let cell = self.cells.len() - 1;
            let ruled = ruling.around(&word.bbox).map(|ruled| self.index_of_box(ruled, first_box));
            self.words.push(SheetWord {
                text: word.word.text.clone(),
                bbox: word.bbox,
                place: word.word.bbox,
                confidence: word.word.confidence,
                row,
                cell,
                ruled,
                in_table: None,
            });
            self.cells[cell].end = self.words.len();
            self.cells[cell].bbox = self.cells[cell].bbox.union(&word.bbox);
        }
        let close = (CELL_GAP * height).max((CLOSE_GAPS * usual_gap).min(MAX_CLOSE * height));
        self.rows.push(Row { page, first, end: self.words.len(), bbox, close });
    }

    /// The index of a box among those from `first_box` on; the box is added if it is new.
    fn index_of_box(&mut self, ruled: Rect, first_box: usize) -> usize {
        let known = self.boxes[first_box..].iter().position(|other| *other == ruled);
        if known.is_none() {
            self.boxes.push(ruled);
        }
        known.map_or(self.boxes.len() - 1, |at| first_box + at)
    }

    /// Words separated by spaces.
    pub(crate) fn text(&self, first: usize, end: usize) -> String {
        let words = self.words.get(first..end).unwrap_or_default();
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The cells of a row.
    pub(crate) fn cells_of(&self, row: &Row) -> &[Cell] {
        &self.cells[self.words[row.first].cell..=self.words[row.end - 1].cell]
    }

    /// The text of a cell.
    pub(crate) fn cell_text(&self, cell: &Cell) -> String {
        self.text(cell.first, cell.end)
    }

    /// The bounding box of words on their page as it is.
    pub(crate) fn place(&self, first: usize, end: usize) -> Rect {
        let words = self.words.get(first..end).unwrap_or_default();
        Rect::around(words.iter().map(|word| word.place)).unwrap_or_default()
    }

    /// The bounding box of words on their deskewed page.
    pub(crate) fn bbox(&self, first: usize, end: usize) -> Rect {
        let words = self.words.get(first..end).unwrap_or_default();
        Rect::around(words.iter().map(|word| word.bbox)).unwrap_or_default()
    }

    /// The mean confidence of words.
    pub(crate) fn confidence(&self, first: usize, end: usize) -> f32 {
        let words = self.words.get(first..end).unwrap_or_default();
        if words.is_empty() {
            return 0.0;
        }
        words.iter().map(|word| word.confidence).sum::<f32>() / words.len() as f32
    }

    /// The factor on the probability of a value from the confidence of its words: recognition doubts more than it
    /// should.
    pub(crate) fn legibility(&self, first: usize, end: usize) -> f32 {
        0.6 + 0.4 * self.confidence(first, end)
    }

    /// The closely spaced words around a word: those of its cell, or fewer where the words of the page are far apart,
    /// as in a table.
    pub(crate) fn phrase_around(&self, at: usize) -> (usize, usize) {
        let row = &self.rows[self.words[at].row];
        let is_close = |before: usize| {
            let (left, right) = (&self.words[before].bbox, &self.words[before + 1].bbox);
            right.x - left.right() <= row.close.max(CELL_GAP * left.height.max(right.height))
        };
        let first = (row.first..at).rev().take_while(|before| is_close(*before)).last().unwrap_or(at);
        let end = (at..row.end - 1).take_while(|before| is_close(*before)).last().map_or(at, |before| before + 1) + 1;
        (first, end)
    }

    /// Whether any text on the pages is in Thai.
    pub(crate) fn is_thai(&self) -> bool {
        self.words.iter().any(|word| word.text.contains(|c| ('\u{e01}'..='\u{e5b}').contains(&c)))
    }

    /// The page of a word.
    pub(crate) fn page_of(&self, word: usize) -> u32 {
        self.words.get(word).map_or(1, |word| self.rows[word.row].page)
    }

    /// The vertical position of a row on its page: 0 at the top, 1 at the bottom of the printed part.
    pub(crate) fn depth(&self, row: usize) -> f32 {
        let Row { page, bbox, .. } = &self.rows[row];
        let (top, bottom) = self.printed.get(*page as usize - 1).copied().unwrap_or_default();
        if bottom > top { (bbox.y - top) / (bottom - top) } else { 0.0 }
    }

    /// The position of a row in the document: 0 at the top of the first page, 1 at the bottom of the last.
    pub(crate) fn depth_in_document(&self, row: usize) -> f32 {
        let pages = self.sizes.len().max(1) as f32;
        (self.rows[row].page as f32 - 1.0 + self.depth(row)) / pages
    }

    /// The tokens of a row.
    pub(crate) fn tokens(&self, row: &Row) -> Vec<Token> {
        (row.first..row.end).flat_map(|word| tokens_of(&self.words[word].text, word)).collect()
    }
}

/// Joins consecutive rows that are beside each other at nearly the same height: the entries of a form are seldom
/// exactly on the line of their labels.
fn joined(rows: Vec<Vec<Straight<'_>>>) -> Vec<Vec<Straight<'_>>> {
    let mut joined: Vec<Vec<Straight<'_>>> = Vec::new();
    for row in rows {
        let is_beside = joined.last().is_some_and(|last| {
            let off = |a: &Rect, b: &Rect| (a.center().y - b.center().y).abs() <= JOIN_REACH * a.height.min(b.height);
            let apart = |a: &Rect, b: &Rect| aside(a, b) > 0.5 * a.height.min(b.height);
            let pairs = || last.iter().flat_map(|a| row.iter().map(move |b| (&a.bbox, &b.bbox)));
            pairs().all(|(a, b)| off(a, b) && apart(a, b))
        });
        match joined.last_mut() {
            Some(last) if is_beside => last.extend(row),
            _ => joined.push(row),
        }
    }
    joined
}

/// The median gap between words of a page, in points: wide in the monospaced print of tills.
fn usual_gap(rows: &[Vec<Straight<'_>>]) -> f32 {
    let pairs = rows.iter().flat_map(|row| row.windows(2));
    let mut gaps: Vec<f32> = pairs.map(|pair| (pair[1].bbox.x - pair[0].bbox.right()).max(0.0)).collect();
    gaps.sort_by(f32::total_cmp);
    gaps.get(gaps.len() / 3).copied().unwrap_or_default()
}

/// Whether a line runs up or down the page, like a note in the margin: its words belong to no row.
fn runs_upwards(line: &Line) -> bool {
    (45.0..135.0).contains(&line.angle.rem_euclid(180.0))
}

/// Whether a text is a line drawn on the page, which recognition took for words.
fn is_rule(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '|' | '_' | '—' | '–' | '=' | '~' | '¦' | '─'))
}

/// The horizontal distance of two boxes.
fn aside(a: &Rect, b: &Rect) -> f32 {
    (a.x - b.right()).max(b.x - a.right()).max(0.0)
}

/// Splits a word into tokens. `N°` and `Nº` become `no`.
pub(crate) fn tokens_of(text: &str, word: usize) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut last: Option<Class> = None;
    for (at, c) in text.char_indices() {
        let class = Class::of(c);
        let end = at + c.len_utf8();
        match class {
            Class::Other => {}
            Class::Sign => tokens.push(Token { text: c.to_string(), word, end }),
            Class::Degree => match tokens.last_mut() {
                Some(token) if token.text.eq_ignore_ascii_case("n") && last == Some(Class::Letter) => {
                    token.text.push('o');
                    token.end = end;
                }
                _ => {}
            },
            Class::Letter | Class::Figure => match tokens.last_mut() {
                Some(token) if last == Some(class) => {
                    token.text.push(c);
                    token.end = end;
                }
                _ => tokens.push(Token { text: c.to_string(), word, end }),
            },
        }
        last = Some(class);
    }
    for token in &mut tokens {
        token.text = fold(&token.text);
    }
    tokens
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Figure,
    Sign,
    Degree,
    Other,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '°' | 'º' => Self::Degree,
            '#' | '%' => Self::Sign,
            c if c.is_ascii_digit() => Self::Figure,
            // The vowels and tone marks of Thai are marks in Unicode, not letters.
            c if c.is_alphanumeric() || ('\u{0e31}'..='\u{0e4e}').contains(&c) => Self::Letter,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use recto_domain::{Block, BlockKind, PageSource, Rotation, Size};

    use super::*;

    /// A page from lines of text: letters are 5 points wide, lines 12 points apart; two spaces or more are a gap.
    pub(crate) fn page(lines: &[&str]) -> Page {
        let blocks = lines.iter().enumerate().filter_map(|(n, line)| {
            let mut words = Vec::new();
            let mut start = None;
            for (at, c) in line.chars().chain([' ']).enumerate() {
                match (c, start) {
                    (' ', Some(from)) => {
                        let text: String = line.chars().skip(from).take(at - from).collect();
                        let bbox = Rect {
                            x: from as f32 * 5.0,
                            y: n as f32 * 12.0,
                            width: (at - from) as f32 * 5.0,
                            height: 8.0,
                        };
                        words.push(Word { text, bbox, confidence: 0.95 });
                        start = None;
                    }
                    (' ', None) => {}
                    (_, None) => start = Some(at),
                    _ => {}
                }
            }
            Block::of(BlockKind::Paragraph, vec![Line::of(0.0, words)?])
        });
        let size = Size { width: 595.0, height: 842.0 };
        Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks.collect())
    }

    #[test]
    fn words_side_by_side_make_a_row_and_gaps_make_cells() {
        let sheet = Sheet::of(&[page(&["Invoice No: 4711      Date: 3 May", "", "Total   9.00"])]);
        assert_eq!(sheet.rows.len(), 2);
        let cells: Vec<String> = sheet.cells.iter().map(|cell| sheet.cell_text(cell)).collect();
        assert_eq!(cells, ["Invoice No: 4711", "Date: 3 May", "Total", "9.00"]);
    }

    #[test]
    fn notes_that_run_up_the_margin_are_in_no_row() {
        let mut page = page(&["Total 9.00"]);
        let bbox = Rect { x: 2.0, y: 0.0, width: 8.0, height: 60.0 };
        let note = Line::of(270.0, vec![Word { text: "Copyright".to_owned(), bbox, confidence: 0.9 }]).unwrap();
        page.blocks.push(Block::of(BlockKind::Paragraph, vec![note]).unwrap());
        let sheet = Sheet::of(&[page]);
        assert_eq!((sheet.rows.len(), sheet.text(0, sheet.words.len())), (1, "Total 9.00".to_owned()));
    }

    #[test]
    fn words_are_parted_into_letters_figures_and_signs() {
        let texts = |word: &str| tokens_of(word, 0).into_iter().map(|t| t.text).collect::<Vec<_>>();
        assert_eq!(texts("Ust.-Betrag"), ["ust", "betrag"]);
        assert_eq!(texts("Nummer:82"), ["nummer", "82"]);
        assert_eq!(texts("Facture N°12"), ["facture", "no", "12"]);
        assert_eq!(texts("INV#"), ["inv", "#"]);
        assert_eq!(texts("วันที่"), ["วันที่"]);
    }
}
