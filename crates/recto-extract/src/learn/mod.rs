//! Learning: derives a template's hints from documents with known values.
//!
//! For each field that the template does not find with confidence in all examples, the known value is located on their
//! pages. The text beside and above it, its format and its position suggest hints. Each suggestion is tried on all
//! examples. It is kept only if it makes more values correct, or the same number with more confidence, and no other
//! field worse.

mod known;
mod pattern;
mod place;
mod suggest;
mod table;

use std::ops::Range;

use recto_domain::template_schema::InvalidTemplateSchema;
use recto_domain::{Field, FieldSchema, FieldType, Page, PatternBudget, TemplateContent, TemplateSchema};
use recto_invoice2data::Invoice2DataTemplate;
use serde_json::{Map, Value};

use crate::conventions::Conventions;
use crate::extractor::Document;
use crate::matches::Matches;
use crate::plan::{FieldPlan, SURE};
use crate::same::{agreeing, is_same};
use crate::sheet::Sheet;
use known::normalized;
use suggest::{Known, suggestions};

pub use known::schema_of;

/// The key of the hints in a field's schema.
const FIND: &str = "find";

/// A document with known values.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Its name in reports.
    pub name: &'a str,
    /// Its pages, in order.
    pub pages: &'a [Page],
    /// The correct values by field name. `null` says that the document has no value; fields that are not named are
    /// unknown.
    pub values: &'a Map<String, Value>,
}

/// The result of learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The template's schema with the learned hints.
    pub template_schema: Value,
    /// One lesson for each field whose value is known in some example, in the template's order.
    pub lessons: Vec<Lesson>,
}

/// What the examples taught about a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The field's name.
    pub field: String,
    /// The number of examples in which its value is known.
    pub known: usize,
    /// The number of those in which the template found it before.
    pub right_before: usize,
    /// The number of those in which the template finds it now.
    pub right_after: usize,
    /// The learned hints; `None` when none was better than the template's own.
    pub find: Option<Value>,
    /// The names of the examples whose pages do not show the known value.
    pub unseen_in: Vec<String>,
}

/// Why learning is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// The template is invalid.
    #[error(transparent)]
    InvalidTemplate(#[from] InvalidTemplateSchema),
    /// Templates of invoice2data run exactly as in that program, so they cannot learn.
    #[error("a template of invoice2data is kept as it is and cannot learn; teach one that has a schema of its own")]
    Invoice2Data,
    /// There are no examples.
    #[error("there is no example to learn from")]
    NoExamples,
    /// An example has a value for a field that the template does not have.
    #[error("{example}: the template has no field {field}")]
    UnknownField {
        /// The example's name.
        example: String,
        /// The field named by the example.
        field: String,
    },
    /// A known value does not have its field's type.
    #[error("{example}: {field} must be of type {kind}, not {value}")]
    WrongType {
        /// The example's name.
        example: String,
        /// The field.
        field: String,
        /// The field's type.
        kind: FieldType,
        /// The example's value, as JSON.
        value: String,
    },
}

/// Learns from examples of one issuer, or of one kind of document.
///
/// # Errors
/// [`LearnError`] when the template is invalid or belongs to invoice2data, when there is no example, or when an example
/// has a value for an unknown field or of the wrong type.
pub fn learn(content: &TemplateContent, examples: &[Example<'_>]) -> Result<Learned, LearnError> {
    if examples.is_empty() {
        return Err(LearnError::NoExamples);
    }
    if Invoice2DataTemplate::of_schema(&content.template_schema, &mut PatternBudget::default())?.is_some() {
        return Err(LearnError::Invoice2Data);
    }
    let fields = TemplateSchema::parse(&content.template_schema)?.fields;
    let taught = examples.iter().map(|example| Taught::of(example, &fields)).collect::<Result<_, _>>()?;
    Class { content: content.clone(), fields, taught }.teach()
}

/// A prepared example.
struct Taught<'a> {
    name: &'a str,
    pages: &'a [Page],
    /// The known values, one entry for each field.
    values: Vec<Option<Value>>,
    sheet: Sheet,
    matches: Matches,
    /// The words that show them.
    printed: Vec<Range<usize>>,
}

impl<'a> Taught<'a> {
    fn of(example: &Example<'a>, fields: &[FieldSchema]) -> Result<Self, LearnError> {
        let mut values = vec![None; fields.len()];
        for (name, value) in example.values {
            let named = || (example.name.to_owned(), name.clone());
            let Some(index) = fields.iter().position(|field| field.name == *name) else {
                let (example, field) = named();
                return Err(LearnError::UnknownField { example, field });
            };
            let wrong = || {
                let (example, field) = named();
                LearnError::WrongType { example, field, kind: fields[index].kind, value: value.to_string() }
            };
            values[index] = Some(normalized(&fields[index], value).ok_or_else(wrong)?);
        }
        let sheet = Sheet::of(example.pages);
        let matches = Matches::of(&sheet, Conventions::default());
        let known = fields.iter().zip(&values).filter_map(|(field, value)| Some((field.kind, value.as_ref()?)));
        let places = known.flat_map(|(kind, value)| place::places(&sheet, &matches, kind, value));
        let printed = places.map(|place| place.words()).collect();
        Ok(Self { name: example.name, pages: example.pages, values, sheet, matches, printed })
    }

    fn known(&self, index: usize) -> Option<Known<'_>> {
        let value = self.values[index].as_ref()?;
        Some(Known { sheet: &self.sheet, matches: &self.matches, value, values: &self.printed })
    }
}

/// The examples, and the evaluation of a template on them.
struct Class<'a> {
    content: TemplateContent,
    fields: Vec<FieldSchema>,
    taught: Vec<Taught<'a>>,
}

/// The score of a template: more is better, in this order of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Marks {
    /// The number of correct values of all fields in all examples.
    right: usize,
    /// The number of correct table cells.
    cells: usize,
    /// The number of correct values that need no review.
    sure: usize,
}

impl Class<'_> {
    fn teach(self) -> Result<Learned, LearnError> {
        let before = self.read(&self.content.template_schema)?;
        let mut marks = self.marks(&before);
        let mut schema = self.content.template_schema.clone();
        let mut hints: Vec<Option<Value>> = vec![None; self.fields.len()];
        for (index, hint) in hints.iter_mut().enumerate() {
            if let Some((find, its)) = self.better_hints(index, &schema, marks)? {
                schema = with_hints(&schema, &self.fields[index].name, &find);
                (*hint, marks) = (Some(find), its);
            }
        }
        let after = self.read(&schema)?;
        let lessons = self.lessons(&before, &after, hints);
        Ok(Learned { template_schema: schema, lessons })
    }

    /// The hints for a field that give the template the highest score, if it exceeds the current one.
    fn better_hints(
        &self,
        index: usize,
        schema: &Value,
        marks: Marks,
    ) -> Result<Option<(Value, Marks)>, InvalidTemplateSchema> {
        let known = self.known(index);
        let is_perfect = |own: Marks| own.right == known.len() && own.sure == known.len();
        if is_perfect(self.field_marks(&self.read(schema)?, index)) {
            return Ok(None);
        }
        let (mut best, mut most) = (None, marks);
        for find in suggestions(&self.fields[index], &known) {
            // A suggestion is dropped when no template may contain it.
            let Ok(read) = self.read(&with_hints(schema, &self.fields[index].name, &find)) else { continue };
            let its = self.marks(&read);
            if its > most {
                (best, most) = (Some(find), its);
                if is_perfect(self.field_marks(&read, index)) {
                    break;
                }
            }
        }
        Ok(best.map(|find| (find, most)))
    }

    /// The fields that a schema finds in each example.
    fn read(&self, schema: &Value) -> Result<Vec<Vec<Field>>, InvalidTemplateSchema> {
        let plan = FieldPlan::parse(&TemplateContent { template_schema: schema.clone(), ..self.content.clone() })?;
        // Only the print is used, because other documents of the issuer have that too; an invoice in the file as data
        // needs no hints.
        let read = |example: &Taught<'_>| plan.extract(Document { pages: example.pages, e_invoice: None }).fields;
        Ok(self.taught.iter().map(read).collect())
    }

    fn marks(&self, read: &[Vec<Field>]) -> Marks {
        let each = (0..self.fields.len()).map(|index| self.field_marks(read, index));
        each.fold(Marks::default(), |all, one| Marks {
            right: all.right + one.right,
            cells: all.cells + one.cells,
            sure: all.sure + one.sure,
        })
    }

    fn field_marks(&self, read: &[Vec<Field>], index: usize) -> Marks {
        let mut marks = Marks::default();
        for (example, fields) in self.taught.iter().zip(read) {
            let (Some(known), Some(field)) = (&example.values[index], fields.get(index)) else { continue };
            marks.cells += agreeing(&self.fields[index], known, &field.value);
            if is_same(&self.fields[index], known, &field.value) {
                marks.right += 1;
                marks.sure += usize::from(field.confidence.is_none_or(|confidence| confidence >= SURE));
            }
        }
        marks
    }

    /// The known values of a field, each with its sheet.
    fn known(&self, index: usize) -> Vec<Known<'_>> {
        self.taught.iter().filter_map(|example| example.known(index)).collect()
    }

    fn lessons(&self, before: &[Vec<Field>], after: &[Vec<Field>], hints: Vec<Option<Value>>) -> Vec<Lesson> {
        let each = self.fields.iter().zip(hints).enumerate();
        let lesson = |(index, (field, find)): (usize, (&FieldSchema, Option<Value>))| {
            let known = self.known(index).len();
            let lesson = || Lesson {
                field: field.name.clone(),
                known,
                right_before: self.field_marks(before, index).right,
                right_after: self.field_marks(after, index).right,
                find,
                unseen_in: self.unseen_in(index),
            };
            (known > 0).then(lesson)
        };
        each.filter_map(lesson).collect()
    }

    fn unseen_in(&self, index: usize) -> Vec<String> {
        let kind = self.fields[index].kind;
        if matches!(kind, FieldType::Array | FieldType::Object | FieldType::Boolean) {
            return Vec::new();
        }
        let is_unseen = |example: &&Taught<'_>| {
            let value = example.values[index].as_ref().filter(|value| !value.is_null());
            value.is_some_and(|value| place::places(&example.sheet, &example.matches, kind, value).is_empty())
        };
        self.taught.iter().filter(is_unseen).map(|example| example.name.to_owned()).collect()
    }
}

/// A schema, in either form, with other hints for a field.
fn with_hints(schema: &Value, field: &str, find: &Value) -> Value {
    let mut schema = schema.clone();
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    let fields = if is_object { schema.get_mut("properties") } else { Some(&mut schema) };
    if let Some(Value::Object(said)) = fields.and_then(|fields| fields.get_mut(field)) {
        said.insert(FIND.to_owned(), find.clone());
    }
    schema
}
