//! A template that was checked and prepared for extraction.

use recto_domain::template_schema::InvalidTemplateSchema;
use recto_domain::{Field, FieldSchema, PatternBudget, TemplateContent, TemplateSchema};
use recto_invoice2data::Invoice2DataTemplate;

use crate::assignment::{self, Choice};
use crate::check_digits;
use crate::confidence::Assessed;
use crate::conventions::Conventions;
use crate::e_invoice::EInvoice;
use crate::extractor::{Document, Extraction};
use crate::field_query::FieldQuery;
use crate::hints;
use crate::ranking::{Ranked, Ranking};
use crate::search::Search;
use crate::sheet::Sheet;

/// Values with a higher confidence need no review.
pub(crate) const SURE: f32 = 0.6;

/// The factor on the confidence in a number with invalid check digits.
const WRONG: f32 = 0.6;

/// The prepared fields of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPlan {
    schema: TemplateSchema,
    instructions: String,
    /// The invoice2data template stored in the schema, which then does the extraction.
    invoice2data: Option<Invoice2DataTemplate>,
    /// The meaning of each field, and where to search for it.
    query: Vec<FieldQuery>,
    /// The computed fields, each after the fields that it depends on.
    computed: Vec<usize>,
}

impl FieldPlan {
    /// Parses a template. All of its regular expressions are compiled within one [`PatternBudget`].
    ///
    /// # Errors
    /// [`InvalidTemplateSchema`] with all problems of its schema, each with its path.
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

    /// The fields, in the template's order.
    #[must_use]
    pub fn fields(&self) -> &[FieldSchema] {
        &self.schema.fields
    }

    /// Further instructions of its author for the extractor; may be empty.
    #[must_use]
    pub fn instructions(&self) -> &str {
        &self.instructions
    }

    /// The meaning of each field, in the order of the fields.
    pub(crate) fn query(&self) -> &[FieldQuery] {
        &self.query
    }

    /// Extracts its fields by rules, without outside help. Data in the file takes precedence over the print.
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
        let told = |(field, query): (&FieldSchema, &FieldQuery)| {
            e_invoice.as_ref().filter(|_| !query.hints.are_binding()).and_then(|invoice| invoice.field(field, query))
        };
        let embedded: Vec<Option<Field>> = self.fields().iter().zip(&self.query).map(told).collect();
        let choices = self.choices(&sheet, &searches, |index| embedded[index].is_none());
        let numbered = self.fields().iter().zip(&self.query).zip(embedded).enumerate();
        let found = numbered.map(|(index, ((field, query), embedded))| {
            let hints = &query.hints;
            let search = searches.iter().find(|search| search.conventions == hints.conventions);
            let printed = || search.map(|search| search.field(field, query, &choices[index]));
            // A computed field waits for the others.
            let found = if hints.computed.is_some() { None } else { embedded.or_else(printed) };
            found.unwrap_or_else(|| Field::missing(field.name.clone(), field.kind))
        });
        let mut fields = self.with_computed(found.collect());
        let warnings = self.doubt_wrong_numbers(&mut fields, &sheet);
        Extraction { warnings, ..self.reviewed(fields) }
    }

    /// The features of the fields' values, for training the confidence model on documents with known values. Fields
    /// without a value, lists and objects are left out.
    #[must_use]
    pub fn assess(&self, document: Document<'_>) -> Vec<Assessed> {
        let sheet = Sheet::of(document.pages);
        let searches = self.searches(&sheet);
        let choices = self.choices(&sheet, &searches, |_| true);
        let numbered = self.fields().iter().zip(&self.query).enumerate();
        let is_single = |field: &FieldSchema| !field.kind.is_composite();
        let assessed = numbered.filter(|(_, (field, _))| is_single(field)).filter_map(|(index, (field, query))| {
            let search = searches.iter().find(|search| search.conventions == query.hints.conventions)?;
            search.judged(field, query, &choices[index])?.assessed(&field.name)
        });
        assessed.collect()
    }

    /// The possible values of the fields that are ranked, with their features, for training the ranking on documents with
    /// known values.
    #[must_use]
    pub fn rank(&self, document: Document<'_>) -> Vec<(String, Vec<Ranked>)> {
        let sheet = Sheet::of(document.pages);
        let mut all = Vec::new();
        for search in self.searches(&sheet) {
            let ranking = Ranking::of(&search, &self.query);
            let numbered = self.fields().iter().zip(&self.query).enumerate();
            let own = numbered.filter(|(_, (field, query))| {
                search.conventions == query.hints.conventions && search.is_ranked(field, query)
            });
            all.extend(own.map(|(index, (field, query))| {
                let choice = search.choice(Some(index), field, query);
                (field.name.clone(), ranking.examples(index, field, query, choice))
            }));
        }
        all
    }

    /// Lowers the confidence in numbers with invalid check digits, and says why.
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

    /// Computes the computed fields again, for use after another source has changed some fields.
    #[must_use]
    pub fn with_computed(&self, mut fields: Vec<Field>) -> Vec<Field> {
        for index in &self.computed {
            if let Some(computed) = &self.query[*index].hints.computed {
                fields[*index] = computed.field(&self.schema.fields[*index], &fields);
            }
        }
        fields
    }

    /// Whether another source may provide the field with that index: the template gives neither its value, nor how it
    /// is computed, nor its exact position.
    #[must_use]
    pub fn is_open(&self, index: usize) -> bool {
        self.query.get(index).is_some_and(|query| !query.hints.are_binding())
    }

    /// One search for each set of conventions in use.
    fn searches<'a>(&self, sheet: &'a Sheet) -> Vec<Search<'a>> {
        self.conventions().into_iter().map(|conventions| Search::of(sheet, &self.query, conventions)).collect()
    }

    /// The candidates of the fields to search, settled together; none for the others.
    fn choices(&self, sheet: &Sheet, searches: &[Search<'_>], is_open: impl Fn(usize) -> bool) -> Vec<Choice> {
        let numbered = self.fields().iter().zip(&self.query).enumerate();
        let rankings: Vec<Ranking<'_>> = searches.iter().map(|search| Ranking::of(search, &self.query)).collect();
        let choice = numbered.map(|(index, (field, query))| {
            let is_own = |search: &&Search<'_>| search.conventions == query.hints.conventions;
            let both = searches.iter().zip(&rankings).find(|(search, _)| is_own(search));
            let both = both.filter(|_| is_open(index) && query.hints.computed.is_none());
            let Some((search, ranking)) = both else { return Choice::default() };
            let choice = search.choice(Some(index), field, query);
            if search.is_ranked(field, query) { ranking.choice(index, field, query, choice) } else { choice }
        });
        let mut choices: Vec<Choice> = choice.collect();
        assignment::settle(sheet, &self.query, &mut choices);
        choices
    }

    /// The conventions in use, each once.
    pub(crate) fn conventions(&self) -> Vec<Conventions> {
        let mut all = Vec::new();
        for conventions in self.query.iter().map(|query| query.hints.conventions) {
            if !all.contains(&conventions) {
                all.push(conventions);
            }
        }
        all
    }

    /// An extraction of the fields, with a decision about review.
    pub(crate) fn reviewed(&self, fields: Vec<Field>) -> Extraction {
        Extraction { needs_review: self.needs_review(&fields), fields, warnings: Vec::new() }
    }

    /// Whether the fields, in the order of [`FieldPlan::fields`], need review: a required field is missing, or a value
    /// is doubtful.
    #[must_use]
    pub fn needs_review(&self, fields: &[Field]) -> bool {
        let is_missing = |(schema, field): (&FieldSchema, &Field)| schema.required && field.value.is_null();
        self.fields().iter().zip(fields).any(is_missing)
            || fields.iter().any(|field| field.confidence.is_some_and(|confidence| confidence < SURE))
    }
}
