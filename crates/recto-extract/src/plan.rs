//! A template, checked and ready to be looked for.

use recto_domain::template_schema::InvalidTemplateSchema;
use recto_domain::{Field, FieldSchema, PatternBudget, TemplateContent, TemplateSchema};
use recto_invoice2data::Invoice2DataTemplate;

use crate::check_digits;
use crate::confidence::Assessed;
use crate::conventions::Conventions;
use crate::e_invoice::EInvoice;
use crate::extractor::{Document, Extraction};
use crate::field_query::FieldQuery;
use crate::hints;
use crate::search::Search;
use crate::sheet::Sheet;

/// Values that are surer than this need no person's eye.
pub(crate) const SURE: f32 = 0.6;

/// What is left of the confidence in a number whose check digits are wrong.
const WRONG: f32 = 0.6;

/// What a template asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPlan {
    schema: TemplateSchema,
    instructions: String,
    /// The template of that program that the schema keeps, which then finds the fields.
    invoice2data: Option<Invoice2DataTemplate>,
    /// What each field means and where to look for it.
    query: Vec<FieldQuery>,
    /// The fields that are computed from others, each after those.
    computed: Vec<usize>,
}

impl FieldPlan {
    /// Reads a template. Its regular expressions are compiled, all of them under one [`PatternBudget`].
    ///
    /// # Errors
    /// [`InvalidTemplateSchema`] with everything that is wrong with its schema, each with its path.
    pub fn parse(content: &TemplateContent) -> Result<Self, InvalidTemplateSchema> {
        let mut budget = PatternBudget::default();
        let schema = TemplateSchema::parse_within(&content.template_schema, &mut budget)?;
        let invoice2data = Invoice2DataTemplate::of_schema(&content.template_schema, &mut budget)?;
        let mut wrong = Vec::new();
        let (hints, computed) = hints::read(&content.template_schema, &schema.fields, &mut budget, &mut wrong);
        if !wrong.is_empty() {
            return Err(InvalidTemplateSchema(wrong));
        }
        let with_hints = |(field, hints)| FieldQuery { hints, ..FieldQuery::of(field, false) };
        let query = schema.fields.iter().zip(hints).map(with_hints).collect();
        Ok(Self { schema, instructions: content.instructions.clone(), invoice2data, query, computed })
    }

    /// The fields it asks for, in its order.
    #[must_use]
    pub fn fields(&self) -> &[FieldSchema] {
        &self.schema.fields
    }

    /// What else its author says to whoever looks for the fields; may be empty.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// What each field means, in the order of the fields.
    pub(crate) fn query(&self) -> &[FieldQuery] {
        &self.query
    }

    /// Finds its fields by rules, without help from outside. The document's own data goes before its print.
    #[must_use]
    pub fn extract(&self, document: Document<'_>) -> Extraction {
        if let Some(template) = &self.invoice2data {
            let outcome = template.fill(self.fields(), document.pages);
            let extraction = self.reviewed(outcome.fields);
            return Extraction { needs_review: extraction.needs_review || !outcome.problems.is_empty(), ..extraction };
        }
        let may_have_items = self.fields().iter().any(|field| field.kind.is_composite());
        let sheet = if may_have_items { Sheet::with_tables(document.pages) } else { Sheet::of(document.pages) };
        let searches = self.searches(&sheet);
        let text = document.e_invoice.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let e_invoice = text.and_then(EInvoice::parse);
        let numbered = self.fields().iter().zip(&self.query).enumerate();
        let found = numbered.map(|(index, (field, query))| {
            let hints = &query.hints;
            let embedded = e_invoice.as_ref().filter(|_| !hints.are_binding()).and_then(|i| i.field(field, query));
            let search = searches.iter().find(|search| search.conventions == hints.conventions);
            let printed = || search.map(|search| search.field(Some(index), field, query));
            // A computed field waits for the others.
            let found = if hints.computed.is_some() { None } else { embedded.or_else(printed) };
            found.unwrap_or_else(|| Field::missing(field.name.clone(), field.kind))
        });
        let mut fields = self.with_computed(found.collect());
        let warnings = self.doubt_wrong_numbers(&mut fields, &sheet);
        Extraction { warnings, ..self.reviewed(fields) }
    }

    /// What the model of confidence is to judge the values of the fields by, to learn it from documents whose values are
    /// known. Fields of which nothing is found, lists and objects are left out.
    #[must_use]
    pub fn assess(&self, document: Document<'_>) -> Vec<Assessed> {
        let sheet = Sheet::of(document.pages);
        let searches = self.searches(&sheet);
        let numbered = self.fields().iter().zip(&self.query).enumerate();
        let is_single = |field: &FieldSchema| !field.kind.is_composite();
        let assessed = numbered.filter(|(_, (field, _))| is_single(field)).filter_map(|(index, (field, query))| {
            let search = searches.iter().find(|search| search.conventions == query.hints.conventions)?;
            search.judged(Some(index), field, query)?.assessed(&field.name)
        });
        assessed.collect()
    }

    /// Makes numbers whose check digits are wrong doubtful, and says why.
    fn doubt_wrong_numbers(&self, fields: &mut [Field], sheet: &Sheet) -> Vec<String> {
        let is_thai = sheet.is_thai();
        let doubt = |(query, field): (&FieldQuery, &mut Field)| {
            let value = field.value.as_str()?;
            let fault = check_digits::fault(query.kind, query.concept, value, is_thai)?;
            field.confidence = field.confidence.map(|confidence| confidence * WRONG);
            field.why.push(fault.to_owned());
            Some(format!("{}: {value} may be misread, {fault}", field.name))
        };
        self.query.iter().zip(fields).filter_map(doubt).collect()
    }

    /// The fields with those anew that are computed from others: for when another source has told some.
    #[must_use]
    pub fn with_computed(&self, mut fields: Vec<Field>) -> Vec<Field> {
        for index in &self.computed {
            if let Some(computed) = &self.query[*index].hints.computed {
                fields[*index] = computed.field(&self.schema.fields[*index], &fields);
            }
        }
        fields
    }

    /// Whether another source may tell a field, by its index: the template does not say what its value is, how it is
    /// computed, or exactly where it is printed.
    #[must_use]
    pub fn is_open(&self, index: usize) -> bool {
        self.query.get(index).is_some_and(|query| !query.hints.are_binding())
    }

    /// A search for each way in which values are to be read.
    fn searches<'a>(&self, sheet: &'a Sheet) -> Vec<Search<'a>> {
        self.conventions().into_iter().map(|conventions| Search::of(sheet, &self.query, conventions)).collect()
    }

    /// The ways in which values are to be read, each once.
    pub(crate) fn conventions(&self) -> Vec<Conventions> {
        let mut all = Vec::new();
        for conventions in self.query.iter().map(|query| query.hints.conventions) {
            if !all.contains(&conventions) {
                all.push(conventions);
            }
        }
        all
    }

    /// Says of found fields whether a person should look at them.
    pub(crate) fn reviewed(&self, fields: Vec<Field>) -> Extraction {
        Extraction { needs_review: self.needs_review(&fields), fields, warnings: Vec::new() }
    }

    /// Whether a person should look at found fields, which are in the order of [`FieldPlan::fields`]: a required one is
    /// missing, or a value is doubtful.
    #[must_use]
    pub fn needs_review(&self, fields: &[Field]) -> bool {
        let is_missing = |(schema, field): (&FieldSchema, &Field)| schema.required && field.value.is_null();
        self.fields().iter().zip(fields).any(is_missing)
            || fields.iter().any(|field| field.confidence.is_some_and(|confidence| confidence < SURE))
    }
}
