//! XLSX: SpreadsheetML in a zip (ECMA-376 part 1, section 18), readable by Excel from 2007 on.
//!
//! There is one row per file: with a template, a cell for each field, with typed numbers and dates; otherwise its text.
//! Line items have rows on a second sheet, each table of a page has a sheet, and problems are on the last sheet. Rows
//! are written while they are read. Texts are stored in their cells rather than in a shared table, which would have to
//! be kept until the end.

mod cell;
mod problems;
mod sheet;
mod tables;
mod text;

use std::io::{self, Write};

use recto_domain::{Field, FieldType, FinishedBatch, FinishedDocument, RecordStatus};
use serde_json::Value;

use crate::error::ExportError;
use crate::field_table::{FieldTable, cell_text, field_named, is_list_of_objects, items};
use crate::files::{Entry, UnreadFile, entries};
use crate::flat_text::page_text;
use crate::markup::Markup;
use crate::measure;
use crate::notation::Notation;
use crate::options::ExportOptions;
use crate::package::Package;
use cell::Cell;
use sheet::{Column, MAIN, RELATIONSHIPS, Shape, Sheet, fixed_area, write_links};
use text::LongText;

const PACKAGE_RELATIONSHIPS: &str = include_str!("package_relationships.xml");
const STYLES: &str = include_str!("styles.xml");
/// The common prefix of the content types.
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

/// The names of the sheets: for files, for line items, for tables (followed by a number), and for problems.
const DOCUMENTS: &str = "Documents";
const ITEMS: &str = "Line items";
const TABLE: &str = "Table";
const PROBLEMS: &str = "Problems";
/// Separates two pages; a spreadsheet has no form feed.
const PAGE_BREAK: &str = "\n\n";
/// The height of a row with a document's whole text, in points: four lines of text.
const TEXT_ROW_HEIGHT: u32 = 60;

/// A sheet: its name, its number of rows including the header, and its columns.
struct Plan {
    name: String,
    rows: u32,
    columns: Vec<Column>,
}

/// The placeholder for the date format in `styles.xml`.
const DATE_FORMAT: &str = "DATE_FORMAT";
/// The widths of text columns, in characters: that of their longest value, within this range.
const WIDTHS: std::ops::RangeInclusive<usize> = 14..=48;

/// Writes the documents of a batch as one workbook.
pub(crate) fn write(
    batch: &mut dyn FinishedBatch,
    options: &ExportOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let documents = batch.documents().to_vec();
    let entries = entries(batch);
    let mut problems = problems::problems(batch, &entries)?;
    let (placed, left_out) = tables::placed(batch, &entries)?;
    problems.extend(left_out);
    let table = FieldTable::of(&documents);
    let mut sheets = plan(&documents, entries.len(), table.as_ref());
    let first_table = sheets.len();
    sheets.extend(placed.iter().zip(1..).map(|(table, number)| Plan {
        name: format!("{TABLE} {}", i32::to_string(&number)),
        rows: table.row_count() + 1,
        columns: table.columns(),
    }));
    if !problems.is_empty() {
        let name = PROBLEMS.to_owned();
        sheets.push(Plan { name, rows: problems.len() as u32 + 1, columns: problems::columns() });
    }
    let mut package = Package::new(out);
    write_content_types(&mut package, sheets.len())?;
    package.fixed("_rels/.rels", PACKAGE_RELATIONSHIPS)?;
    package.properties(batch.details())?;
    write_workbook(&mut package, &sheets)?;
    let days = Notation::of(options.date_format.as_ref(), options.locale).date.number_format();
    package.fixed("xl/styles.xml", &STYLES.replace(DATE_FORMAT, &days))?;
    for (at, plan) in sheets.iter().enumerate() {
        package.begin(&format!("xl/worksheets/sheet{}.xml", at + 1))?;
        let shape = Shape {
            is_first: at == 0,
            row_height: Some(TEXT_ROW_HEIGHT).filter(|_| table.is_none() && at == 0),
            record_address: options.record_address.as_deref(),
        };
        let of_page = at.checked_sub(first_table).and_then(|at| placed.get(at));
        let links = match (plan.name.as_str(), &table, of_page) {
            (_, _, Some(table)) => table.write(&plan.columns, &shape, &mut package)?,
            (PROBLEMS, ..) => problems::write(&problems, &plan.columns, &shape, &mut package)?,
            (ITEMS, Some(table), _) => write_items(&documents, table, plan, &shape, &mut package)?,
            (_, Some(table), _) => write_fields(&entries, table, plan, &shape, &mut package)?,
            (_, None, _) => write_texts(batch, &entries, plan, &shape, &mut package)?,
        };
        if !links.is_empty() {
            package.begin(&format!("xl/worksheets/_rels/sheet{}.xml.rels", at + 1))?;
            write_links(&links, &mut package)?;
        }
    }
    Ok(package.finish()?)
}

/// The sheets that the batch needs, except for that of problems.
fn plan(documents: &[FinishedDocument], files: usize, table: Option<&FieldTable>) -> Vec<Plan> {
    let rows = |count: usize| count as u32 + 1;
    let mut columns = vec![
        Column::new("fileName", 32),
        Column::new("status", 14),
        Column::of_numbers("pages", 9),
        Column::of_numbers("confidence", 14),
    ];
    let Some(table) = table else {
        columns.push(Column::new("text", 100));
        return vec![Plan { name: DOCUMENTS.to_owned(), rows: rows(files), columns }];
    };
    columns.extend(table.columns.iter().map(|column| {
        let fields = || documents.iter().filter_map(|document| field_named(document, &column.name));
        let width = text_width(fields().map(|field| &field.value));
        field_column(&column.name, fields().next().map(|field| field.kind), width)
    }));
    // Fields do not show that a page of their document could not be read.
    columns.push(Column::new("warnings", 40));
    let mut sheets = vec![Plan { name: DOCUMENTS.to_owned(), rows: rows(files), columns }];
    let item_rows = items(documents).count();
    if item_rows > 0 {
        let first = [Column::new("fileName", 32), Column::new("field", 16)];
        let rest = table.item_columns.iter().map(|name| item_column(name, documents));
        sheets.push(Plan {
            name: ITEMS.to_owned(),
            rows: rows(item_rows),
            columns: first.into_iter().chain(rest).collect(),
        });
    }
    sheets
}

fn field_column(name: &str, kind: Option<FieldType>, width: u32) -> Column {
    match kind {
        Some(FieldType::Number | FieldType::Integer) => Column::of_numbers(name, 14),
        Some(FieldType::Date) => Column::of_numbers(name, 12),
        Some(FieldType::Boolean) => Column::new(name, 10),
        _ => Column::new(name, width),
    }
}

/// The width of the longest line of the values, within limits.
fn text_width<'a>(values: impl Iterator<Item = &'a Value>) -> u32 {
    let longest = values.map(cell_text).map(|text| text.lines().map(|line| line.chars().count()).max().unwrap_or(0));
    (longest.max().unwrap_or(0) + 2).clamp(*WIDTHS.start(), *WIDTHS.end()) as u32
}

fn item_column(name: &str, documents: &[FinishedDocument]) -> Column {
    let cells: Vec<Cell> = item_values(name, documents).map(Cell::of).filter(|cell| *cell != Cell::Empty).collect();
    let all = |is: fn(&Cell) -> bool| !cells.is_empty() && cells.iter().all(is);
    if all(|cell| matches!(cell, Cell::Whole(_) | Cell::Number(_))) {
        Column::of_numbers(name, 14)
    } else if all(|cell| matches!(cell, Cell::Day(_))) {
        Column::of_numbers(name, 12)
    } else {
        Column::new(name, text_width(item_values(name, documents)))
    }
}

fn item_values<'a>(name: &'a str, documents: &'a [FinishedDocument]) -> impl Iterator<Item = &'a Value> {
    items(documents).filter_map(move |item| item.members.get(name))
}

fn write_beginning<W: Write>(sheet: &mut Sheet<W>, document: &FinishedDocument) -> io::Result<()> {
    sheet.begin_row()?;
    sheet.file_name(&document.file_name, document.record_id)?;
    sheet.cell(&Cell::Text(RecordStatus::Completed.as_str().to_owned()))?;
    sheet.cell(&Cell::Whole(document.page_count.into()))?;
    sheet.cell(&document.confidence.map_or(Cell::Empty, |confidence| Cell::Share(measure::confidence(confidence))))
}

fn write_unread<W: Write>(sheet: &mut Sheet<W>, file: &UnreadFile) -> io::Result<()> {
    sheet.begin_row()?;
    sheet.file_name(&file.file_name, file.record_id)?;
    sheet.cell(&Cell::Text(file.status.as_str().to_owned()))?;
    sheet.cell(&file.pages.map_or(Cell::Empty, |pages| Cell::Whole(pages.into())))?;
    sheet.cell(&Cell::Empty)
}

/// Writes one row per file with its text, as much of it as a cell can hold.
fn write_texts(
    batch: &mut dyn FinishedBatch,
    entries: &[Entry],
    plan: &Plan,
    shape: &Shape<'_>,
    out: impl Write,
) -> Result<Vec<String>, ExportError> {
    let mut sheet = Sheet::begin(out, &plan.columns, shape)?;
    for entry in entries {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                write_unread(&mut sheet, file)?;
                sheet.cell(&Cell::Text(file.note()))?;
                sheet.end_row()?;
                continue;
            }
        };
        write_beginning(&mut sheet, document)?;
        let mut text = LongText::default();
        for index in 0..document.page_count {
            if text.is_full() {
                break;
            }
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            if index > 0 {
                text.push(PAGE_BREAK);
            }
            text.push(&page_text(&page));
        }
        sheet.gathered(&text)?;
        sheet.end_row()?;
    }
    Ok(sheet.end()?)
}

/// Writes one row per file with its fields.
fn write_fields(
    entries: &[Entry],
    table: &FieldTable,
    plan: &Plan,
    shape: &Shape<'_>,
    out: impl Write,
) -> Result<Vec<String>, ExportError> {
    let mut sheet = Sheet::begin(out, &plan.columns, shape)?;
    for entry in entries {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                write_unread(&mut sheet, file)?;
                table.columns.iter().try_for_each(|_| sheet.cell(&Cell::Empty))?;
                sheet.cell(&Cell::Text(file.reason.clone()))?;
                sheet.end_row()?;
                continue;
            }
        };
        write_beginning(&mut sheet, document)?;
        for column in &table.columns {
            sheet.cell(&field_named(document, &column.name).map_or(Cell::Empty, field_cell))?;
        }
        sheet.cell(&Cell::Text(document.warnings.join("\n")))?;
        sheet.end_row()?;
    }
    Ok(sheet.end()?)
}

fn field_cell(field: &Field) -> Cell {
    match field.value.as_array() {
        Some(list) if is_list_of_objects(field) => {
            let rows = if list.len() == 1 { "1 row".to_owned() } else { format!("{} rows", list.len()) };
            Cell::Text(format!("{rows} on the sheet {ITEMS}"))
        }
        _ => Cell::of_field(field),
    }
}

/// Writes one row per line item.
fn write_items(
    documents: &[FinishedDocument],
    table: &FieldTable,
    plan: &Plan,
    shape: &Shape<'_>,
    out: impl Write,
) -> Result<Vec<String>, ExportError> {
    let mut sheet = Sheet::begin(out, &plan.columns, shape)?;
    // The members of line items have no declared type: if one value has decimals, the whole column gets decimals.
    let hinto_decimals = |name: &String| item_values(name, documents).any(Value::is_f64);
    let columns: Vec<(&String, bool)> = table.item_columns.iter().map(|name| (name, hinto_decimals(name))).collect();
    for item in items(documents) {
        sheet.begin_row()?;
        sheet.file_name(&item.document.file_name, item.document.record_id)?;
        sheet.cell(&Cell::Text(item.field.name.clone()))?;
        for (name, hinto_decimals) in &columns {
            let cell = item.members.get(*name).map_or(Cell::Empty, Cell::of);
            sheet.cell(&if *hinto_decimals { cell.into_decimal() } else { cell })?;
        }
        sheet.end_row()?;
    }
    Ok(sheet.end()?)
}

fn write_content_types(package: &mut Package<'_>, sheets: usize) -> io::Result<()> {
    package.begin("[Content_Types].xml")?;
    let mut xml = Markup::begin(package, Some("yes"))?;
    xml.open("Types", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")])?;
    let rels = "application/vnd.openxmlformats-package.relationships+xml";
    xml.empty("Default", &[("Extension", "rels"), ("ContentType", rels)])?;
    xml.empty("Default", &[("Extension", "xml"), ("ContentType", "application/xml")])?;
    let mut part = |name: &str, kind: &str| xml.empty("Override", &[("PartName", name), ("ContentType", kind)]);
    part("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml")?;
    part("/xl/workbook.xml", &format!("{TYPE}sheet.main+xml"))?;
    part("/xl/styles.xml", &format!("{TYPE}styles+xml"))?;
    for number in 1..=sheets {
        part(&format!("/xl/worksheets/sheet{number}.xml"), &format!("{TYPE}worksheet+xml"))?;
    }
    xml.close("Types")
}

fn write_workbook(package: &mut Package<'_>, sheets: &[Plan]) -> io::Result<()> {
    package.begin("xl/_rels/workbook.xml.rels")?;
    let mut xml = Markup::begin(&mut *package, Some("yes"))?;
    xml.open("Relationships", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")])?;
    let styles = format!("{RELATIONSHIPS}/styles");
    xml.empty("Relationship", &[("Id", "styles"), ("Type", &styles), ("Target", "styles.xml")])?;
    for number in 1..=sheets.len() {
        let (id, target) = (format!("sheet{number}"), format!("worksheets/sheet{number}.xml"));
        let kind = format!("{RELATIONSHIPS}/worksheet");
        xml.empty("Relationship", &[("Id", &id), ("Type", &kind), ("Target", &target)])?;
    }
    xml.close("Relationships")?;

    package.begin("xl/workbook.xml")?;
    let mut xml = Markup::begin(package, Some("yes"))?;
    xml.open("workbook", &[MAIN, ("xmlns:r", RELATIONSHIPS)])?;
    xml.open("sheets", &[])?;
    for (number, plan) in (1..).zip(sheets) {
        let (number, id) = (i32::to_string(&number), format!("sheet{number}"));
        xml.empty("sheet", &[("name", plan.name.as_str()), ("sheetId", &number), ("r:id", &id)])?;
    }
    xml.close("sheets")?;
    // Excel looks for the filter's range under this name.
    xml.open("definedNames", &[])?;
    for (at, plan) in sheets.iter().enumerate() {
        let name = [("name", "_xlnm._FilterDatabase"), ("localSheetId", &at.to_string()), ("hidden", "1")];
        xml.element("definedName", &name, &format!("'{}'!{}", plan.name, fixed_area(plan.columns.len(), plan.rows)))?;
    }
    xml.close("definedNames")?;
    xml.close("workbook")
}
