use proptest::prelude::*;
use recto_domain::{Affine, Block, BlockKind, Line, Page, PageSource, Point, Rect, Rotation, Rule, Size, Word};

use super::super::element::{Align, Table};
use super::tables;
use crate::{Element, elements};

const A4: Size = Size { width: 595.0, height: 842.0 };

/// A page of cells, given by position and text; with `apart`, each is a line in a block of its own.
fn page(cells: &[(f32, f32, &str)], apart: bool) -> Page {
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
    Page::read(1, A4, Rotation::None, PageSource::TextLayer, None, blocks)
}

fn level(y: f32, from: f32, to: f32) -> Rule {
    Rule::between(Point { x: from, y }, Point { x: to, y })
}

fn upright(x: f32, from: f32, to: f32) -> Rule {
    Rule::between(Point { x, y: from }, Point { x, y: to })
}

/// The rows of a table: the text of each cell, with `>` for each further column and `v` for each further row.
fn told(table: &Table) -> Vec<String> {
    let cell = |cell: &crate::Cell| {
        let spans = ">".repeat(cell.col_span as usize - 1) + &"v".repeat(cell.row_span as usize - 1);
        format!("{}{spans}", cell.text)
    };
    table.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" | ")).collect()
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

fn borrowed(cells: &[(f32, f32, String)]) -> Vec<(f32, f32, &str)> {
    cells.iter().map(|(x, y, text)| (*x, *y, text.as_str())).collect()
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
        let found = tables(&page(&borrowed(&money(&BUDGET, leaders)), false));
        assert_eq!(found.len(), 1);
        let label = if leaders { "Police department ...................." } else { "Police department" };
        assert_eq!(told(&found[0])[2], format!("{label} | 98,210.35"));
        assert_eq!(found[0].columns.iter().map(|c| c.align).collect::<Vec<_>>(), [Align::Start, Align::End]);
    }
}

#[test]
fn columns_that_the_engine_took_for_blocks_are_one_table() {
    let mut cells = money(&BUDGET, false);
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(tables(&page(&borrowed(&cells), true))[0].rows.len(), 4);
}

#[test]
fn two_columns_of_text_are_no_table() {
    let lines = ["the quick brown fox jumped over the dogs", "and so they ran on to the far harbour"];
    let cells: Vec<_> = (0..12u8)
        .flat_map(|at| [72.0, 330.0].map(|x| (x, 100.0 + 14.0 * f32::from(at), lines[usize::from(at) % 2])))
        .collect();
    assert_eq!(tables(&page(&cells, true)), []);
}

#[test]
fn a_list_is_no_table() {
    let markers = ["(1)", "(2)", "(3)", "(4)", "(5)"];
    let cells: Vec<_> = markers
        .iter()
        .zip(0u8..)
        .flat_map(|(marker, at)| {
            let y = 100.0 + 14.0 * f32::from(at);
            [(72.0, y, *marker), (120.0, y, "something to do")]
        })
        .collect();
    assert_eq!(tables(&page(&cells, false)), []);
}

#[test]
fn the_scales_of_a_chart_are_no_table() {
    let rows = ["450", "400", "350", "300", "250", "200"];
    let cells: Vec<_> = rows
        .iter()
        .zip(0u8..)
        .flat_map(|(number, at)| [72.0, 400.0].map(|x| (x, 100.0 + 20.0 * f32::from(at), *number)))
        .collect();
    assert_eq!(tables(&page(&cells, false)), []);
}

#[test]
fn a_heading_in_the_middle_of_several_columns_stands_over_them() {
    let mut cells = vec![(250.0, 100.0, "Lead time"), (72.0, 114.0, "Statistic")];
    cells.extend([(180.0, 114.0, "1"), (260.0, 114.0, "2"), (340.0, 114.0, "3")]);
    for (at, name) in ["Enrolment", "Graduates", "Teachers", "Budget"].into_iter().enumerate() {
        let y = 130.0 + 14.0 * at as f32;
        cells.extend([(72.0, y, name), (180.0, y, "0.3"), (260.0, y, "0.6"), (340.0, y, "1.1")]);
    }
    let mut page = page(&cells, false);
    page.rules = vec![level(97.0, 70.0, 360.0), level(126.0, 70.0, 360.0), level(190.0, 70.0, 360.0)];
    let found = tables(&page);
    assert_eq!(told(&found[0])[..3], ["Statisticv | Lead time>>", "1 | 2 | 3", "Enrolment | 0.3 | 0.6 | 1.1"]);
    assert_eq!(found[0].header_rows(), 2);
}

#[test]
fn rules_part_the_cells_that_they_go_around() {
    let cells = [
        (80.0, 105.0, "Assignments"),
        (80.0, 125.0, "1"),
        (130.0, 125.0, "Involvement at the"),
        (130.0, 137.0, "beginning"),
        (300.0, 125.0, "1a"),
        (300.0, 145.0, "1b"),
        (80.0, 165.0, "2"),
        (130.0, 165.0, "Involvement later"),
        (300.0, 165.0, "2a"),
    ];
    let mut page = page(&cells, false);
    page.rules = [100.0, 120.0, 160.0, 180.0].map(|y| level(y, 75.0, 400.0)).to_vec();
    page.rules.push(level(140.0, 290.0, 400.0));
    page.rules.extend([75.0, 400.0].map(|x| upright(x, 100.0, 180.0)));
    page.rules.extend([125.0, 290.0].map(|x| upright(x, 120.0, 180.0)));
    let found = tables(&page);
    assert_eq!(
        told(&found[0]),
        ["Assignments>>", "1v | Involvement at the beginningv | 1a", "1b", "2 | Involvement later | 2a"]
    );
    assert_eq!(found[0].bbox, Rect { x: 75.0, y: 100.0, width: 325.0, height: 80.0 });
    assert_eq!(found[0].rows[2][0].bbox, Rect { x: 290.0, y: 140.0, width: 110.0, height: 20.0 });
}

#[test]
fn tables_whose_columns_are_named_alike_stand_side_by_side() {
    let mut cells = Vec::new();
    for x in [72.0, 300.0] {
        cells.extend([(x, 100.0, "Age"), (x + 100.0, 100.0, "Population")]);
    }
    let ages = ["1 year", "2 years", "3 years", "4 years"];
    for (at, age) in ages.into_iter().enumerate() {
        let y = 114.0 + 14.0 * at as f32;
        for x in [72.0, 300.0] {
            cells.extend([(x, y, age), (x + 100.0, y, "3,533,692")]);
        }
    }
    cells.sort_by(|a, b| a.1.total_cmp(&b.1));
    let found = tables(&page(&cells, false));
    assert_eq!(found.len(), 2);
    assert_eq!(told(&found[1])[..2], ["Age | Population", "1 year | 3,533,692"]);
}

#[test]
fn text_beside_a_ruled_table_stays_text() {
    let mut cells = Vec::new();
    for (at, (name, count)) in [("Age", "Students"), ("18-19", "3,769"), ("20-21", "3,648")].into_iter().enumerate() {
        let y = 104.0 + 20.0 * at as f32;
        cells.extend([(72.0, y, "students of all ages were asked there"), (350.0, y, name), (430.0, y, count)]);
    }
    let mut page = page(&cells, false);
    page.rules = [100.0, 120.0, 140.0, 160.0].map(|y| level(y, 345.0, 490.0)).to_vec();
    page.rules.extend([345.0, 425.0, 490.0].map(|x| upright(x, 100.0, 160.0)));
    let found = elements(&page);
    let table = found.iter().find_map(|e| if let Element::Table(table) = e { Some(table) } else { None });
    assert_eq!(told(table.unwrap()), ["Age | Students", "18-19 | 3,769", "20-21 | 3,648"]);
    let text = found.iter().filter_map(|e| if let Element::Paragraph(p) = e { Some(p.text.as_str()) } else { None });
    assert_eq!(text.collect::<Vec<_>>().join(" ").matches("students").count(), 3);
}

proptest! {
    #[test]
    fn a_grid_of_short_cells_comes_back(rows in 3usize..12, columns in 2usize..6, skew in -3f32..3.0) {
        let cells: Vec<_> = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| {
                (60.0 + 90.0 * column as f32, 100.0 + 16.0 * row as f32, format!("c{row}x{column}"))
            }))
            .collect();
        let mut page = page(&borrowed(&cells), false);
        let turn = Affine::rotation_about(skew, Point { x: 300.0, y: 400.0 });
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
        prop_assert_eq!(&found[0].rows[rows - 1][columns - 1].text, &format!("c{}x{}", rows - 1, columns - 1));
    }

    #[test]
    fn on_any_page_cells_cover_their_table_once_and_words_stand_in_one_cell_at_most(
        words in proptest::collection::vec((0u8..12, 0u8..25, -6f32..6.0, 0usize..7), 1..90),
        rules in proptest::collection::vec((0u8..14, 0u8..26, 0u8..14, 0u8..26, any::<bool>()), 0..40),
        wild in proptest::option::of((any::<f32>(), any::<f32>())),
        skew in prop_oneof![Just(0f32), -4f32..4.0],
    ) {
        let texts = ["12", "3,769", "Total", "• milk", "and so on until the end", "NA", "Under 1 year"];
        let cells: Vec<(f32, f32, String)> = words
            .iter()
            .enumerate()
            .map(|(at, (x, y, off, text))| {
                // Makes each word unique.
                let text: Vec<String> = texts[*text].split(' ').enumerate().map(|(n, w)| format!("{w}#{at}.{n}")).collect();
                (40.0 * f32::from(*x) + 20.0 + off, 30.0 * f32::from(*y) + 30.0 + off / 3.0, text.join(" "))
            })
            .collect();
        let mut page = page(&borrowed(&cells), true);
        for line in page.blocks.iter_mut().flat_map(|block| &mut block.lines) {
            line.angle = skew;
        }
        page.rules = rules
            .iter()
            .map(|(x, y, to_x, to_y, across)| {
                let place = |x: u8, y: u8| Point { x: 40.0 * f32::from(x) + 15.0, y: 30.0 * f32::from(y) + 25.0 };
                let to = if *across { place(*to_x, *y) } else { place(*x, *to_y) };
                Rule::between(place(*x, *y), to)
            })
            .collect();
        if let Some((x, y)) = wild {
            page.rules.push(level(y, x, -x));
            page.blocks[0].lines[0].words[0].bbox = Rect { x, y, width: y, height: x };
        }
        let mut seen = std::collections::HashSet::new();
        for table in tables(&page) {
            let columns = table.columns.len();
            for row in table.crossed() {
                let mut next = 0;
                for (column, _, cell) in row {
                    prop_assert_eq!(column, next, "{:?}", told(&table));
                    prop_assert!(cell.col_span > 0 && cell.row_span > 0);
                    next = column + cell.col_span as usize;
                }
                prop_assert_eq!(next, columns, "{:?}", told(&table));
            }
            for cell in table.rows.iter().flatten() {
                prop_assert!(cell.bbox.width.is_finite() && cell.bbox.height.is_finite());
                for word in cell.text.split(' ').filter(|word| !word.is_empty()) {
                    prop_assert!(seen.insert(word.to_owned()), "{word} stands in two cells");
                }
            }
        }
        // Words outside tables are in the text.
        let count: usize = elements(&page)
            .iter()
            .map(|element| match element {
                Element::Heading { text, .. } => text.matches('#').count(),
                Element::Paragraph(paragraph) => paragraph.text.matches('#').count(),
                Element::Item(item) => item.paragraph.text.matches('#').count() + item.marker.to_string().matches('#').count(),
                Element::Table(table) => table.rows.iter().flatten().map(|cell| cell.text.matches('#').count()).sum(),
            })
            .sum();
        prop_assert_eq!(count, page.words().count());
    }
}
