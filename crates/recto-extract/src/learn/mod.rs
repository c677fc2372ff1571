//! Teaching: hints for a template out of documents whose right values are known.
//!
//! For each field that the template does not find surely in all examples, the known value is looked up on their pages;
//! what stands beside and over it, how it is written and where suggest hints. Each suggestion is tried on all examples,
//! and one is kept only when it makes more values right, or as many surer, without making another field wrong.

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

/// The key of hints in a field's schema.
const FIND: &str = "find";

/// A document whose right values are known.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// What reports call it.
    pub name: &'a str,
    /// Its pages in order.
    pub pages: &'a [Page],
    /// The right values by field name. `null` says that the document has none; what is not named is not known.
    pub values: &'a Map<String, Value>,
}

/// What was learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The template's schema with the hints.
    pub template_schema: Value,
    /// A lesson for each field whose value some example knows, in the template's order.
    pub lessons: Vec<Lesson>,
}

/// What examples taught about a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The field's name.
    pub field: String,
    /// In how many examples its value is known.
    pub known: usize,
    /// In how many of them the template found it before,
    pub right_before: usize,
    /// and in how many it does now.
    pub right_after: usize,
    /// The hints that were learned; `None` when none was better than what the template had.
    pub find: Option<Value>,
    /// The examples on whose pages the known value does not stand, by name.
    pub unseen_in: Vec<String>,
}

/// Why nothing can be learned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// The template is none.
    #[error(transparent)]
    InvalidTemplate(#[from] InvalidTemplateSchema),
    /// Templates of invoice2data are run as that program runs them.
    #[error("a template of invoice2data is kept as it is and cannot learn; teach one that has a schema of its own")]
    Invoice2Data,
    /// There is no example.
    #[error("there is no example to learn from")]
    NoExamples,
    /// An example names what the template does not ask for.
    #[error("{example}: the template has no field {field}")]
    UnknownField {
        /// The example's name.
        example: String,
        /// What it names.
        field: String,
    },
    /// A known value is none of its field's.
    #[error("{example}: {field} must be of type {kind}, not {value}")]
    WrongType {
        /// The example's name.
        example: String,
        /// The field.
        field: String,
        /// What it holds.
        kind: FieldType,
        /// What the example says, as JSON.
        value: String,
    },
}

/// Learns from examples of one issuer, or of one kind of document.
///
/// # Errors
/// [`LearnError`] when the template is none, when it is one of invoice2data, or when an example names a field that the
/// template does not ask for.
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

/// An example, read.
struct Taught<'a> {
    name: &'a str,
    pages: &'a [Page],
    /// The known values, a place for each field.
    values: Vec<Option<Value>>,
    sheet: Sheet,
    matches: Matches,
    /// The words in which they stand.
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

/// Examples and what a template makes of them.
struct Class<'a> {
    content: TemplateContent,
    fields: Vec<FieldSchema>,
    taught: Vec<Taught<'a>>,
}

/// How well a template does: more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Marks {
    /// Right values of all fields in all examples.
    right: usize,
    /// Right cells of tables.
    cells: usize,
    /// Right values that need no person's eye.
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

    /// The hints for a field that give the template the most marks, if they are more than those it has.
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
            // A suggestion that no template may have is none.
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
        // What is printed is what other documents of the issuer have; an invoice in the file as data needs no hints.
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

    /// The known values of a field, each with the sheet that it may stand on.
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
