//! Line items: the rows of a table between its head and its sums.
//!
//! The head names the columns, and what stands under a name belongs to it. Where a page has no head, as on many
//! receipts, quantity times price is the amount of the line, and the amount comes last.

use recto_domain::{Field, FieldSchema, FieldType};
use serde_json::{Map, Value};

use crate::candidate::Candidate;
use crate::columns::{self, Columns, ToldColumn};
use crate::finds::{AmountFind, Finds};
use crate::hints::ColumnHeads;
use crate::item::{self, Item};
use crate::labels::{self, Label};
use crate::lexicon::{Concept, Kind, LEXICON};
use crate::sheet::{Row, Sheet};
use crate::sought::Sought;

/// The most rows by which the text of an item goes on.
const MAX_CONTINUED: usize = 4;
/// A row that is further below another than this many line heights does not go on with it.
const NEAR: f32 = 1.8;
/// A gap of this many line heights ends a table without amounts.
const END_GAP: f32 = 3.0;

/// The line items of a sheet in the columns of the field, some of which the template may tell the heads of.
pub(crate) fn field(
    sheet: &Sheet,
    finds: &Finds,
    labels: &[Label],
    schema: &FieldSchema,
    heads: &[ColumnHeads],
) -> Field {
    let missing = || Field::missing(schema.name.clone(), schema.kind);
    let Some(of_items) = schema.items.as_ref().filter(|items| items.kind == FieldType::Object) else {
        return missing();
    };
    let properties = &of_items.properties;
    let sought: Vec<Sought> = properties.iter().map(|property| Sought::of(property, true)).collect();
    let told = told(heads, &sought);
    let table = Table::of(sheet, finds, labels, properties, &told);
    let items =
        if table.columns.is_empty() || table.columns.have_amounts() { table.priced() } else { table.unpriced() };
    if items.is_empty() {
        return missing();
    }
    let row = |item: &Item| {
        let named = properties.iter().zip(&sought).enumerate();
        let cell = |(index, (property, sought)): (usize, (&FieldSchema, &Sought))| {
            (property.name.clone(), item.cell(&table.columns, index, sought, property))
        };
        Value::Object(named.map(cell).collect::<Map<String, Value>>())
    };
    let rows = items.iter().map(row).collect();
    let adding_up = items.iter().filter(|item| item.adds_up).count() as f32 / items.len() as f32;
    // A head that the template tells leaves little doubt that this is the table.
    let score = if table.columns.are_told() { 0.75 + 0.2 * adding_up } else { 0.55 + 0.37 * adding_up };
    let words = items.iter().flat_map(|item| item.words.clone()).collect();
    Candidate { value: Value::Array(rows), raw: None, words, score }.into_field(sheet, schema, "rules")
}

/// What the told columns mean: one of the numbers that rows are reckoned from or the description, or else the
/// template's own.
fn told<'a>(heads: &'a [ColumnHeads], sought: &[Sought]) -> Vec<ToldColumn<'a>> {
    let mut told: Vec<ToldColumn> = Vec::new();
    for ColumnHeads { property, heads } in heads {
        let known = sought[*property]
            .concept
            .filter(|concept| columns::is_reckoned(*concept) && !told.iter().any(|column| column.concept == *concept));
        told.push(ToldColumn { concept: known.unwrap_or(Concept::Own(*property)), heads });
    }
    told
}

/// A table on a sheet, or a sheet whose rows need no head.
struct Table<'a> {
    sheet: &'a Sheet,
    finds: &'a Finds,
    labels: &'a [Label],
    properties: &'a [FieldSchema],
    told: &'a [ToldColumn<'a>],
    /// Empty without a head.
    columns: Columns,
    /// The row below the head.
    start: usize,
}

impl<'a> Table<'a> {
    fn of(
        sheet: &'a Sheet,
        finds: &'a Finds,
        labels: &'a [Label],
        properties: &'a [FieldSchema],
        told: &'a [ToldColumn<'a>],
    ) -> Self {
        let (start, columns) =
            columns::head(sheet, labels, told).map_or_else(Default::default, |(row, columns)| (row + 1, columns));
        Self { sheet, finds, labels, properties, told, columns, start }
    }

    fn amounts(&self, row: &Row) -> Vec<&'a AmountFind> {
        self.finds.amounts_in(row.first, row.end).collect()
    }

    fn has_money(&self, row: &Row) -> bool {
        let is_told = |find: &AmountFind| self.columns.tell_amount(&self.sheet.bbox(find.first, find.end));
        self.amounts(row).into_iter().any(|find| find.is_money || is_told(find))
    }

    /// The columns of a row that has all the heads again which the template tells, as on a further page.
    fn repeated_head(&self, index: usize) -> Option<Columns> {
        if !self.columns.are_told() {
            return None;
        }
        let columns = Columns::of_row(self.sheet, self.labels, self.told, index);
        (columns.told_count() == self.columns.told_count()).then_some(columns)
    }

    fn item(&self, row: &Row) -> Item {
        Item::of_row(self.sheet, self.finds, &self.columns, self.properties, (row.first, row.end))
    }

    /// The items of a table whose rows say what they cost.
    fn priced(&self) -> Vec<Item> {
        let Self { sheet, labels, .. } = *self;
        let is_headed = !self.columns.is_empty();
        let named_above = !is_headed || self.names_stand_above();
        let mut items: Vec<Item> = Vec::new();
        let mut above: Option<(usize, String)> = None;
        let mut continued = 0;
        for (index, row) in sheet.rows.iter().enumerate().skip(self.start) {
            if self.repeated_head(index).is_some() {
                continue;
            }
            let has_money = self.has_money(row);
            if has_money && is_sum(labels, index) {
                // The sums end the table, unless it has not begun: a letterhead may speak of amounts too.
                if items.is_empty() {
                    continue;
                }
                break;
            }
            let names_data = labels::in_row(labels, index).any(|label| {
                label.first == row.first && label.meanings.iter().any(|m| !m.is_weak && is_data(m.concept))
            });
            if !has_money {
                let text = item::continued(sheet, &self.columns, row.first, row.end);
                let is_near = index > 0 && row.bbox.y - sheet.rows[index - 1].bbox.bottom() < NEAR * sheet.line_height;
                match items.last_mut() {
                    // What stands under an item goes on with it, where it is not the next item's name.
                    Some(item)
                        if !named_above
                            && is_near
                            && continued < MAX_CONTINUED
                            && !names_data
                            && !text.is_empty()
                            && self.is_description(row) =>
                    {
                        item.description.push(text);
                        item.words.push((row.first, row.end));
                        continued += 1;
                    }
                    _ if !names_data && !text.is_empty() => above = Some((index, text)),
                    _ => {}
                }
                continue;
            }
            if names_data || (!is_headed && self.finds.dates_in(row.first, row.end).next().is_some()) {
                continue;
            }
            let mut item = self.item(row);
            if !item.is_priced() {
                continue;
            }
            if let Some((at, name)) = above.take()
                && item.description.is_empty()
                && at + 1 == index
            {
                item.words.insert(0, (sheet.rows[at].first, sheet.rows[at].end));
                item.description.push(name);
            }
            items.push(item);
            continued = 0;
        }
        // Without a head, only lines that name something are items.
        items.retain(|item| is_headed || !item.description.is_empty());
        items
    }

    /// Whether all that stands in a row is in the column of descriptions: the foot of a page stands under others too.
    fn is_description(&self, row: &Row) -> bool {
        let mut cells = self.sheet.cells_of(row).iter().map(|cell| self.columns.nearest(&cell.bbox));
        !self.columns.have(Concept::Description) || cells.all(|column| column == Some(Concept::Description))
    }

    /// The items of a table that the template tells and whose rows do not say what they cost: each row under the head
    /// that fills two columns. Its head may stand on further pages again.
    fn unpriced(&self) -> Vec<Item> {
        let sheet = self.sheet;
        let mut items: Vec<Item> = Vec::new();
        let mut table = Some(Self { columns: self.columns.clone(), ..*self });
        let mut last = self.start - 1;
        for (index, row) in sheet.rows.iter().enumerate().skip(self.start) {
            if let Some(columns) = self.repeated_head(index) {
                (table, last) = (Some(Self { columns, ..*self }), index);
                continue;
            }
            let Some(open) = &table else { continue };
            let above = &sheet.rows[last];
            let gap = row.bbox.y - above.bbox.bottom();
            if row.page != above.page || gap > END_GAP * sheet.line_height || is_sum(self.labels, index) {
                table = None;
                continue;
            }
            let filled = open.columns.filled(sheet, row.first, row.end);
            let goes_on = filled == [Concept::Description] && gap < NEAR * sheet.line_height;
            match items.last_mut() {
                _ if filled.len() >= open.columns.meant_count().min(2) => items.push(open.item(row)),
                Some(item) if goes_on => {
                    item.description.push(sheet.text(row.first, row.end));
                    item.words.push((row.first, row.end));
                }
                _ => {
                    table = None;
                    continue;
                }
            }
            last = index;
        }
        items
    }

    /// Whether most rows with amounts have no words of their own: then the row before each names it.
    fn names_stand_above(&self) -> bool {
        let (mut with, mut without) = (0, 0);
        for (index, row) in self.sheet.rows.iter().enumerate().skip(self.start) {
            if !self.has_money(row) {
                continue;
            }
            if is_sum(self.labels, index) {
                break;
            }
            let is_named = !item::text_of(self.sheet, &self.columns, row.first, row.end, &self.amounts(row)).is_empty();
            *(if is_named { &mut with } else { &mut without }) += 1;
        }
        without > with
    }
}

/// Whether a row has the label of a sum, a payment or a discount.
fn is_sum(labels: &[Label], row: usize) -> bool {
    labels::in_row(labels, row).any(|label| {
        label.meanings.iter().any(|m| {
            !m.is_weak
                && matches!(
                    m.concept,
                    Concept::TotalGross
                        | Concept::TotalNet
                        | Concept::TotalTax
                        | Concept::AmountPaid
                        | Concept::AmountDue
                        | Concept::Change
                        | Concept::Rounding
                        | Concept::ServiceCharge
                )
        })
    })
}

fn is_data(concept: Concept) -> bool {
    matches!(
        LEXICON.kind(concept),
        Kind::Date | Kind::Phone | Kind::Iban | Kind::Bic | Kind::Vat | Kind::Email | Kind::Time
    )
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::json;

    use super::*;
    use crate::hints::Conventions;
    use crate::sheet::tests::page;

    fn rows(lines: &[&str]) -> Value {
        let schema =
            TemplateSchema::parse(&json!({"items": {"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "quantity": {"type": "number"}, "unitPrice": {"type": "number"},
            "amount": {"type": "number"}}}}}));
        let sheet = Sheet::of(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        let finds = Finds::of(&sheet, Conventions::default());
        field(&sheet, &finds, &labels, &schema.unwrap().fields[0], &[]).value
    }

    #[test]
    fn the_head_of_a_table_names_its_columns() {
        let rows = rows(&[
            "Description           Qty    Price    Amount",
            "Paper A4               20     9.90    198.00",
            "white, 80 g",
            "Pens, model 2010        2     1.50      3.00",
            "Blue ink 5              7.00     35.00",
            "Subtotal                              236.00",
            "Total                                 280.84",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Paper A4 white, 80 g", "quantity": 20, "unitPrice": 9.9, "amount": 198},
                {"description": "Pens, model 2010", "quantity": 2, "unitPrice": 1.5, "amount": 3},
                {"description": "Blue ink", "quantity": 5, "unitPrice": 7, "amount": 35},
            ])
        );
    }

    #[test]
    fn lines_of_a_receipt_need_no_head() {
        let rows = rows(&["Shop", "Teh (B)", "  2x   2.20    4.40 SR", "Cake    3.50", "TOTAL   7.90", "CASH   10.00"]);
        assert_eq!(
            rows,
            json!([
                {"description": "Teh (B)", "quantity": 2, "unitPrice": 2.2, "amount": 4.4},
                {"description": "Cake", "quantity": null, "unitPrice": null, "amount": 3.5},
            ])
        );
    }
}
