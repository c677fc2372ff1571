//! Whether, and where, the document shows a given value.

mod place;
mod text;

use jiff::civil::Date;
use recto_domain::{FieldSchema, FieldType, Page, Pattern, Rect};
use recto_values::amount::{self, DecimalMark};
use recto_values::date::{self, DayOrder};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::candidate::number;
use crate::concept::Concept;
use crate::labels::{self, Label};
use crate::matches::{AmountMatch, DateMatch, Matches};
use crate::plan::FieldPlan;
use crate::search::own_labels;
use crate::sheet::Sheet;
use place::{EvidencePlace, labelled, together};
use text::Text;

/// The certainty of a date that the document shows only if day and month are read in the other order than elsewhere.
const SWAPPED: f32 = 0.85;
/// The certainty of a number that is part of a word, as in `3x`.
const WITHIN_A_WORD: f32 = 0.9;

/// The words of a document, for looking up values.
///
/// A value is found however a page prints it: dates in digits or with names of months, numbers with any separators, and
/// texts with other spaces, capitals, accents, line breaks, or recognition errors.
pub struct Evidence<'a> {
    plan: &'a FieldPlan,
    sheet: Sheet,
    /// The values of the pages, for each set of conventions that the template uses.
    matches: Vec<Matches>,
    labels: Vec<Label>,
    /// The words in the engine's order, and in rows across the page.
    texts: [Text; 2],
}

/// A value, and the part of the document that shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The normalised value, without members of a list or an object that the document does not show.
    pub value: Value,
    /// The value as printed on the page; `None` for lists and objects.
    pub raw: Option<String>,
    /// The page number, from 1; `None` when nothing on the pages shows it.
    pub page: Option<u32>,
    /// The bounding box on that page.
    pub bbox: Option<Rect>,
    /// How much of it the document shows, 0 to 1. 0 means a value that no page can print and that is a judgement: yes
    /// or no, or one of the few values that the template allows.
    pub certainty: f32,
}

/// The result of a search for a value: all places that show it.
struct Looked {
    value: Value,
    places: Vec<EvidencePlace>,
    /// The share of its parts that the document shows; 0 is a judgement.
    share: f32,
}

impl<'a> Evidence<'a> {
    /// Prepares the pages of a document for values of a template's fields.
    #[must_use]
    pub fn of(plan: &'a FieldPlan, pages: &[Page]) -> Self {
        let sheet = Sheet::of(pages);
        let labels = labels::find(&sheet, &own_labels(plan.query()));
        let texts = [Text::in_reading_order(pages), Text::in_rows(&sheet)];
        let matches = plan.conventions().into_iter().map(|conventions| Matches::of(&sheet, conventions)).collect();
        Self { plan, sheet, matches, labels, texts }
    }

    /// Searches for the value of a field. `None` when the field may not have the value, or when the document does not
    /// show it.
    #[must_use]
    pub fn find(&self, field: &FieldSchema, value: &Value) -> Option<Found> {
        let Looked { value, places, share } = self.look(field, value)?;
        let place = labelled(&self.sheet, &self.labels_of(field), &places);
        let is_compound = value.is_array() || value.is_object();
        Some(Found {
            value,
            raw: place.filter(|_| !is_compound).map(|place| place.raw.clone()),
            page: place.map(|place| place.page),
            bbox: place.map(|place| place.bbox),
            certainty: share * place.map_or(0.0, |place| place.certainty),
        })
    }

    /// The labels of a field.
    fn labels_of(&self, field: &FieldSchema) -> Vec<&Label> {
        let Some(index) = self.plan.fields().iter().position(|other| other.name == field.name) else {
            return Vec::new();
        };
        let concept = self.plan.query()[index].concept;
        let leads =
            |label: &&Label| concept.into_iter().chain([Concept::Own(index)]).any(|c| label.strength(c).is_some());
        self.labels.iter().filter(leads).collect()
    }

    fn look(&self, field: &FieldSchema, value: &Value) -> Option<Looked> {
        match field.kind {
            FieldType::Array => self.list(field.items.as_deref(), value.as_array()?),
            FieldType::Object => self.object(&field.properties, value.as_object()?, false),
            FieldType::Boolean => {
                let is_plain = value.is_boolean();
                is_plain.then(|| Looked { value: value.clone(), places: Vec::new(), share: 0.0 })
            }
            _ => {
                let value = allowed(field, value)?;
                let looked = match field.kind {
                    FieldType::Number => self.number(&value),
                    FieldType::Integer => self.number(&value).filter(|looked| looked.value.is_i64()),
                    FieldType::Date => self.day(value.as_str()?),
                    _ => self.text(&value),
                };
                let judged = || Looked { value, places: Vec::new(), share: 0.0 };
                looked.or_else(|| (!field.allowed.is_empty()).then(judged))
            }
        }
    }

    /// Searches for a number, with any separators and any currency.
    fn number(&self, value: &Value) -> Option<Looked> {
        let readings = match value {
            Value::Number(number) => vec![decimal(&number.to_string())?],
            Value::String(text) => {
                let read = |mark| amount::read(text, mark).map(|amount| amount.value);
                [DecimalMark::Point, DecimalMark::Comma].into_iter().filter_map(read).collect()
            }
            _ => return None,
        };
        readings.into_iter().find_map(|wanted| {
            let places = self.places_of_number(wanted);
            (!places.is_empty()).then(|| Looked { value: number(wanted.normalize()), places, share: 1.0 })
        })
    }

    fn amounts(&self) -> impl Iterator<Item = &AmountMatch> {
        self.matches.iter().flat_map(|matches| &matches.amounts)
    }

    fn places_of_number(&self, wanted: Decimal) -> Vec<EvidencePlace> {
        let sheet = &self.sheet;
        let amounts = self.amounts().filter(|find| find.amount.value == wanted);
        let places: Vec<EvidencePlace> = amounts
            .map(|find| {
                let slips = 1.0 - 0.05 * find.amount.repairs.min(4) as f32;
                EvidencePlace::on(sheet, find.first, find.end, slips)
            })
            .collect();
        if !places.is_empty() {
            return places;
        }
        let says = |text: &str| {
            let read = |mark| amount::read(text, mark).is_some_and(|amount| amount.value == wanted);
            read(DecimalMark::Point) || read(DecimalMark::Comma)
        };
        let words = sheet.words.iter().enumerate();
        let within = words.filter(|(_, word)| only_number(&word.text).is_some_and(says));
        within.map(|(at, _)| EvidencePlace::on(sheet, at, at + 1, WITHIN_A_WORD)).collect()
    }

    /// Searches for a date in any format.
    fn day(&self, text: &str) -> Option<Looked> {
        let wanted = date::first(text, DayOrder::DayMonthYear)?;
        let swapped = |date: Date| Date::new(date.year(), date.day(), date.month()).ok();
        let likeness = |find: &DateMatch| {
            if find.date == wanted {
                Some(1.0)
            } else {
                (find.is_ambiguous && swapped(find.date) == Some(wanted)).then_some(SWAPPED)
            }
        };
        let dates = self.matches.iter().flat_map(|matches| &matches.dates);
        let found =
            dates.filter_map(|find| Some(EvidencePlace::on(&self.sheet, find.first, find.end, likeness(find)?)));
        let places: Vec<EvidencePlace> = found.collect();
        (!places.is_empty()).then(|| Looked { value: Value::String(wanted.to_string()), places, share: 1.0 })
    }

    /// Searches for a text. A date, a number or a currency may be printed in another form.
    fn text(&self, value: &Value) -> Option<Looked> {
        let text = match value {
            Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let mut places = self.texts.iter().map(|order| order.find(&text)).find(|p| !p.is_empty()).unwrap_or_default();
        if places.is_empty() {
            let is_day = date::find(&text, DayOrder::DayMonthYear).iter().any(|day| day.range == (0..text.len()));
            let looked = if is_day { self.day(&text) } else { self.number(&Value::String(text.clone())) };
            places = looked.map_or_else(|| self.places_of_currency(&text), |looked| looked.places);
        }
        (!places.is_empty()).then_some(Looked { value: Value::String(text), places, share: 1.0 })
    }

    /// The amounts and words that name a currency, also by its sign.
    fn places_of_currency(&self, code: &str) -> Vec<EvidencePlace> {
        let sheet = &self.sheet;
        let amounts = self.amounts().filter(|find| amount::may_be_in(&sheet.text(find.first, find.end), code));
        let places: Vec<EvidencePlace> =
            amounts.map(|find| EvidencePlace::on(sheet, find.first, find.end, 1.0)).collect();
        if !places.is_empty() {
            return places;
        }
        let words = sheet.words.iter().enumerate().filter(|(_, word)| amount::may_be_in(&word.text, code));
        words.map(|(at, _)| EvidencePlace::on(sheet, at, at + 1, 1.0)).collect()
    }

    /// The items of a list that the document shows. A row of a table counts if the document shows one of its cells.
    fn list(&self, items: Option<&FieldSchema>, values: &[Value]) -> Option<Looked> {
        let looked = values.iter().map(|value| match items {
            Some(row) if row.kind == FieldType::Object => self.object(&row.properties, value.as_object()?, true),
            Some(item) => self.look(item, value),
            None => self.text(value),
        });
        let found: Vec<Looked> = looked.flatten().filter(|item| !item.places.is_empty()).collect();
        let shares: f32 = found.iter().map(|item| item.share).sum();
        let places: Vec<EvidencePlace> = found.iter().filter_map(|item| item.places.first().cloned()).collect();
        Some(Looked {
            places: vec![EvidencePlace::around(&places)?],
            value: Value::Array(found.into_iter().map(|item| item.value).collect()),
            share: shares / values.len() as f32,
        })
    }

    /// The members of an object that the document shows. Those of a row count only if they are close to each other.
    fn object(&self, properties: &[FieldSchema], object: &Map<String, Value>, is_row: bool) -> Option<Looked> {
        let given = |property: &&FieldSchema| object.get(&property.name).is_some_and(|value| !value.is_null());
        let count = properties.iter().filter(given).count();
        let looked: Vec<Option<Looked>> = properties
            .iter()
            .map(|property| self.look(property, object.get(&property.name).unwrap_or(&Value::Null)))
            .collect();
        let all: Vec<&[EvidencePlace]> = looked.iter().flatten().map(|member| member.places.as_slice()).collect();
        let near: Vec<EvidencePlace> = together(&all, self.sheet.line_height).into_iter().flatten().collect();
        let standing = if is_row { near.len() } else { all.iter().filter(|places| !places.is_empty()).count() };
        let value = |(property, member): (&FieldSchema, Option<Looked>)| {
            (property.name.clone(), member.map_or(Value::Null, |member| member.value))
        };
        Some(Looked {
            places: vec![EvidencePlace::around(&near)?],
            value: Value::Object(properties.iter().zip(looked).map(value).collect()),
            share: standing as f32 / count.max(1) as f32,
        })
    }
}

/// The value in the form that the schema allows; `None` if the schema allows only others.
fn allowed(field: &FieldSchema, value: &Value) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pattern = field.pattern.as_ref().and_then(Pattern::regex);
    if pattern.is_some_and(|pattern| !pattern.is_match(&text)) {
        return None;
    }
    if field.allowed.is_empty() {
        return Some(value.clone());
    }
    let is_same = |listed: &&Value| {
        *listed == value
            || listed.as_str().is_some_and(|listed| recto_values::fold(listed) == recto_values::fold(&text))
    };
    field.allowed.iter().find(is_same).cloned()
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// The number in a word with letters and signs around it but no other number: `3` in `3x`. A number with a leading zero
/// is a code.
fn only_number(word: &str) -> Option<&str> {
    let start = word.find(|c: char| c.is_ascii_digit())?;
    let end = word.rfind(|c: char| c.is_ascii_digit())? + 1;
    let number = &word[start..end];
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\''));
    let is_code = number.starts_with('0') && number[1..].starts_with(|c: char| c.is_ascii_digit());
    (is_plain && !is_code && number != word).then_some(number)
}

#[cfg(test)]
mod tests;
