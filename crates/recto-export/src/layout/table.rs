//! Words that line up in columns.
//!
//! Engines often give the columns of a table as blocks of their own, one beside the other. So rows are put together
//! across the whole page first; a run of rows is a table when the same gaps part most of its rows and the cells
//! between the gaps line up and are no running text (which would be columns of a newspaper).

use recto_domain::BlockKind;

use super::list::Marker;
use super::piece::{Align, Column, Table};
use super::sheet::{PlacedWord, Segment, Sheet, TextLine, is_leader, percentile};

/// The least gap between two cells, in em: more than between two sentences on a typewriter.
const CELL_GAP: f32 = 1.6;
/// The same where the engine took the block for a table.
const CELL_GAP_IN_TABLE: f32 = 1.0;
/// The least width of the empty band between two columns, in em.
const GUTTER: f32 = 0.6;
/// Rows that stand further apart than that (in em) are not of one table.
const ROW_GAP: f32 = 4.0;
const FEWEST_ROWS: usize = 3;
/// Rows in a row without a gap, such as a title within the table or the rest of a long cell.
const MOST_PLAIN_ROWS: usize = 4;
/// Word's own limit.
const MOST_COLUMNS: usize = 63;
/// The median cell of a column of running text has at least that many words.
const PROSE_WORDS: f32 = 5.0;

/// The tables of a page.
pub(super) struct Tables {
    /// Which table each line of the page belongs to.
    pub(super) owner: Vec<Option<usize>>,
    /// The line of each table that comes first in reading order.
    pub(super) first_line: Vec<usize>,
    pub(super) found: Vec<Table>,
}

/// Finds the tables of a page.
pub(super) fn find(sheet: &Sheet) -> Tables {
    let mut tables = Tables { owner: vec![None; sheet.lines.len()], first_line: Vec::new(), found: Vec::new() };
    let rows = rows(sheet);
    let mut found = Vec::new();
    tables_in(&rows, MOST_PLAIN_ROWS, &mut found);
    for (run, table) in found {
        let lines = run.iter().flat_map(|row| &row.lines);
        for &line in lines.clone() {
            tables.owner[line] = Some(tables.found.len());
        }
        tables.first_line.push(lines.copied().min().unwrap_or(0));
        tables.found.push(table);
    }
    tables
}

/// What stands on one height.
struct Row<'a> {
    /// Indices of its lines on the sheet.
    lines: Vec<usize>,
    /// In the direction of reading.
    segments: Vec<Segment<'a>>,
    baseline: f32,
    em: f32,
}

impl Row<'_> {
    fn start(&self) -> f32 {
        self.segments.first().map_or(0.0, |s| s.start)
    }

    fn end(&self) -> f32 {
        self.segments.last().map_or(0.0, |s| s.end)
    }

    fn has_cells(&self) -> bool {
        self.segments.len() > 1
    }

    fn words(&self) -> usize {
        self.segments.iter().map(|s| s.words.len()).sum()
    }
}

fn rows(sheet: &Sheet) -> Vec<Row<'_>> {
    let mut order: Vec<usize> = (0..sheet.lines.len()).filter(|&at| !sheet.lines[at].sideways).collect();
    order.sort_by(|&a, &b| sheet.lines[a].baseline.total_cmp(&sheet.lines[b].baseline));
    let mut rows: Vec<Row<'_>> = Vec::new();
    for at in order {
        let line = &sheet.lines[at];
        let segments = line.segments(gap_of(line));
        match rows.last_mut() {
            Some(row)
                if line.baseline - row.baseline < 0.4 * row.em.min(line.em)
                    && row.segments.len() < MOST_COLUMNS
                    && !overlap(row, &segments) =>
            {
                row.lines.push(at);
                row.segments.extend(segments);
                row.segments.sort_by(|a, b| a.start.total_cmp(&b.start));
            }
            _ => rows.push(Row { lines: vec![at], segments, baseline: line.baseline, em: line.em }),
        }
    }
    rows
}

fn gap_of(line: &TextLine) -> f32 {
    if line.kind == BlockKind::Table { CELL_GAP_IN_TABLE } else { CELL_GAP }
}

fn overlap(row: &Row<'_>, segments: &[Segment<'_>]) -> bool {
    segments.iter().any(|a| row.segments.iter().any(|b| a.start < b.end && b.start < a.end))
}

/// Finds the tables among rows. What is no table with that many rows without a gap between rows with cells may be
/// several with fewer.
fn tables_in<'r, 'a>(rows: &'r [Row<'a>], most_plain: usize, found: &mut Vec<(&'r [Row<'a>], Table)>) {
    for run in runs(rows, most_plain) {
        match table_of(run) {
            Some(table) => found.push((run, table)),
            None if most_plain > 0 => tables_in(run, most_plain / 2, found),
            None => {}
        }
    }
}

/// Rows in a row that could be a table: no more rows without a gap than that between two with cells, and no line of
/// running text.
fn runs<'r, 'a>(rows: &'r [Row<'a>], most_plain: usize) -> Vec<&'r [Row<'a>]> {
    let mut runs = Vec::new();
    let mut begin = 0;
    while begin < rows.len() {
        if !rows[begin].has_cells() {
            begin += 1;
            continue;
        }
        let (mut last, mut at) = (begin, begin + 1);
        let (mut start, mut end) = (rows[begin].start(), rows[begin].end());
        while at < rows.len() && at - last <= most_plain + 1 {
            let row = &rows[at];
            if row.baseline - rows[at - 1].baseline > ROW_GAP * row.em.max(rows[at - 1].em) {
                break;
            }
            if row.has_cells() {
                last = at;
                (start, end) = (start.min(row.start()), end.max(row.end()));
            } else if row.words() > 7 && row.end() - row.start() > 0.6 * (end - start) {
                break;
            }
            at += 1;
        }
        runs.push(&rows[begin..=last]);
        begin = last + 1;
    }
    runs
}

/// The table that a run of rows is; `None` when it is none.
fn table_of(run: &[Row<'_>]) -> Option<Table> {
    let with_cells = run.iter().filter(|row| row.has_cells()).count();
    if with_cells < FEWEST_ROWS {
        return None;
    }
    let gutters = gutters(run)?;
    // Rows without a gap are parts of a table when they keep to a column.
    let crosses = |row: &&Row<'_>| !row.has_cells() && gutters.iter().any(|x| row.start() < *x && *x < row.end());
    if run.iter().filter(crosses).count() > with_cells / 2 {
        return None;
    }
    let start = run.iter().map(Row::start).fold(f32::MAX, f32::min);
    let end = run.iter().map(Row::end).fold(f32::MIN, f32::max);
    let edges: Vec<f32> = std::iter::once(start).chain(gutters).chain([end]).collect();
    let count = edges.len() - 1;
    let cells: Vec<Vec<Cell>> = run.iter().map(|row| cells(row, &edges)).collect();
    let filled = |row: &&Vec<Cell>| row.iter().filter(|cell| cell.words > 0).count() > 1;
    if cells.iter().filter(filled).count() < FEWEST_ROWS {
        return None;
    }
    let em = percentile(run.iter().map(|row| row.em), 0.5)?;
    let columns: Vec<ColumnShape> =
        (0..count).map(|at| ColumnShape::of(cells.iter().map(|row| &row[at]), em)).collect();
    let prose = columns.iter().filter(|column| column.words >= PROSE_WORDS).count();
    let ragged = columns.iter().filter(|column| !column.lines_up).count();
    if prose > 1 || ragged * 4 > count || columns[0].markers || columns.iter().any(|column| column.filled == 0) {
        return None;
    }
    let columns = columns.iter().zip(edges.windows(2));
    Some(Table {
        columns: columns.map(|(shape, edge)| Column { width: edge[1] - edge[0], align: shape.align }).collect(),
        rows: cells.into_iter().map(|row| row.into_iter().map(|cell| cell.text).collect()).collect(),
    })
}

/// The middles of the bands that hardly any row crosses; `None` without one.
fn gutters(run: &[Row<'_>]) -> Option<Vec<f32>> {
    let rows: Vec<&Row<'_>> = run.iter().filter(|row| row.has_cells()).collect();
    let em = percentile(rows.iter().map(|row| row.em), 0.5)?;
    // A long name may reach into the next column once in a while.
    let crossing = rows.len() / 8;
    // Where the number of rows with ink changes: +1 at the start of a segment, -1 at its end.
    let mut changes: Vec<(f32, i32)> =
        rows.iter().flat_map(|row| &row.segments).flat_map(|s| [(s.start, 1), (s.end, -1)]).collect();
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut middles = Vec::new();
    let (mut ink, mut free_from, mut seen) = (0i32, None, false);
    for (x, change) in changes {
        ink += change;
        let free = ink <= crossing as i32;
        match (free, free_from) {
            (true, None) => free_from = Some(x),
            (false, Some(from)) => {
                if seen && x - from >= GUTTER * em {
                    middles.push(f32::midpoint(from, x));
                }
                free_from = None;
            }
            _ => {}
        }
        seen |= !free;
    }
    ((1..MOST_COLUMNS).contains(&middles.len())).then_some(middles)
}

struct Cell {
    text: String,
    words: usize,
    start: f32,
    end: f32,
}

/// The cells of a row. A row without gaps goes whole into the column where it starts.
fn cells(row: &Row<'_>, edges: &[f32]) -> Vec<Cell> {
    let count = edges.len() - 1;
    let column = |x: f32| edges[1..count].partition_point(|edge| *edge <= x);
    let mut cells: Vec<Vec<&PlacedWord>> = vec![Vec::new(); count];
    for segment in &row.segments {
        let mut last = column(segment.start);
        for word in &segment.words {
            // A leader belongs to what it leads from, wherever it ends.
            if row.has_cells() && !is_leader(&word.text) {
                last = column(f32::midpoint(word.start, word.end));
            }
            cells[last].push(word);
        }
    }
    let cell = |words: Vec<&PlacedWord>| {
        let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        let inked: Vec<_> = words.iter().filter(|w| !is_leader(&w.text)).collect();
        Cell {
            text,
            words: words.len(),
            start: inked.iter().map(|w| w.start).fold(f32::MAX, f32::min),
            end: inked.iter().map(|w| w.end).fold(f32::MIN, f32::max),
        }
    };
    cells.into_iter().map(cell).collect()
}

struct ColumnShape {
    filled: usize,
    /// Of the median cell.
    words: f32,
    align: Align,
    /// Whether most cells share an edge or the middle.
    lines_up: bool,
    /// Whether most cells are markers of a list.
    markers: bool,
}

impl ColumnShape {
    fn of<'c>(cells: impl Iterator<Item = &'c Cell>, em: f32) -> Self {
        let cells: Vec<&Cell> = cells.filter(|cell| cell.words > 0).collect();
        let near = |pick: fn(&Cell) -> f32| {
            let middle = percentile(cells.iter().map(|c| pick(c)), 0.5).unwrap_or(0.0);
            cells.iter().filter(|c| (pick(c) - middle).abs() < 0.8 * em).count()
        };
        let (starts, ends) = (near(|c| c.start), near(|c| c.end));
        let centers = near(|c| f32::midpoint(c.start, c.end));
        let align = if starts >= ends && starts >= centers {
            Align::Start
        } else if ends >= centers {
            Align::End
        } else {
            Align::Center
        };
        let markers = cells.iter().filter(|c| Marker::read(&c.text).is_some()).count();
        Self {
            filled: cells.len(),
            words: percentile(cells.iter().map(|c| c.words as f32), 0.5).unwrap_or(0.0),
            align,
            lines_up: starts.max(ends).max(centers) * 10 >= cells.len() * 5,
            markers: markers * 10 > cells.len() * 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use recto_domain::{Block, Line, Page, PageSource, Rect, Rotation, Size, Word};

    /// A page of cells: their place, and their text; each a line in a block of its own when `apart`.
    fn page(cells: &[(f32, f32, String)], apart: bool) -> Page {
        let mut rows: Vec<(f32, Vec<Word>)> = Vec::new();
        for (x, y, text) in cells {
            let mut x = *x;
            let words: Vec<Word> = text
                .split(' ')
                .map(|part| {
                    let width = part.chars().count() as f32 * 5.0;
                    let bbox = Rect { x, y: *y, width, height: 9.0 };
                    x += width + 5.0;
                    Word { text: part.to_owned(), bbox, confidence: 0.9 }
                })
                .collect();
            match rows.last_mut() {
                Some((height, row)) if (*height - *y).abs() < 1.0 && !apart => row.extend(words),
                _ => rows.push((*y, words)),
            }
        }
        let lines = rows.into_iter().filter_map(|(_, words)| Line::of(0.0, words));
        let blocks = lines.filter_map(|line| Block::of(BlockKind::Paragraph, vec![line])).collect();
        let size = Size { width: 595.0, height: 842.0 };
        Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks)
    }

    fn tables(page: &Page) -> Vec<Table> {
        find(&Sheet::of(page)).found
    }

    fn money(rows: &[(&str, &str)], leaders: bool) -> Vec<(f32, f32, String)> {
        let mut cells = Vec::new();
        for (at, (label, sum)) in rows.iter().enumerate() {
            let y = 100.0 + 14.0 * at as f32;
            let dots = if leaders { " ...................." } else { "" };
            cells.push((72.0, y, format!("{label}{dots}")));
            cells.push((400.0 - 5.0 * sum.len() as f32, y, (*sum).to_owned()));
        }
        cells
    }

    const BUDGET: [(&str, &str); 4] = [
        ("Town officers' salaries", "12,500.00"),
        ("Election", "480.00"),
        ("Police department", "98,210.35"),
        ("Total", "111,190.35"),
    ];

    #[test]
    fn labels_and_sums_are_a_table_with_and_without_leaders() {
        for leaders in [false, true] {
            let found = tables(&page(&money(&BUDGET, leaders), false));
            assert_eq!(found.len(), 1);
            let label = if leaders { "Police department ...................." } else { "Police department" };
            assert_eq!(found[0].rows[2], [label, "98,210.35"]);
            assert_eq!(found[0].columns.iter().map(|c| c.align).collect::<Vec<_>>(), [Align::Start, Align::End]);
        }
    }

    #[test]
    fn columns_that_the_engine_took_for_blocks_are_one_table() {
        let mut cells = money(&BUDGET, false);
        cells.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert_eq!(tables(&page(&cells, true))[0].rows.len(), 4);
    }

    #[test]
    fn two_columns_of_text_are_no_table() {
        let cells: Vec<_> = (0..12)
            .flat_map(|at| {
                let y = 100.0 + 14.0 * at as f32;
                [72.0, 330.0].map(|x| (x, y, "the quick brown fox jumped over the dogs".to_owned()))
            })
            .collect();
        assert_eq!(tables(&page(&cells, true)), []);
    }

    #[test]
    fn a_list_is_no_table() {
        let cells: Vec<_> = (0..5)
            .flat_map(|at| {
                let y = 100.0 + 14.0 * at as f32;
                [(72.0, y, format!("({}).", at + 1).replace('.', "")), (120.0, y, "something to do".to_owned())]
            })
            .collect();
        assert_eq!(tables(&page(&cells, false)), []);
    }

    proptest! {
        #[test]
        fn a_grid_of_short_cells_comes_back(rows in 3usize..12, columns in 2usize..6, skew in -3f32..3.0) {
            let cells: Vec<_> = (0..rows)
                .flat_map(|row| (0..columns).map(move |column| {
                    (60.0 + 90.0 * column as f32, 100.0 + 16.0 * row as f32, format!("c{row}x{column}"))
                }))
                .collect();
            let mut page = page(&cells, false);
            let turn = recto_domain::Affine::rotation_about(skew, recto_domain::Point { x: 300.0, y: 400.0 });
            for line in page.blocks.iter_mut().flat_map(|block| &mut block.lines) {
                line.angle = skew;
                for word in &mut line.words {
                    word.bbox = turn.apply_rect(&word.bbox);
                }
            }
            let found = tables(&page);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].columns.len(), columns);
            prop_assert_eq!(found[0].rows.len(), rows);
            prop_assert_eq!(&found[0].rows[rows - 1][columns - 1], &format!("c{}x{}", rows - 1, columns - 1));
        }
    }
}
