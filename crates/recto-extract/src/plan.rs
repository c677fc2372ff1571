//! A template, checked and ready to be looked for.

use recto_domain::template_schema::InvalidTemplateSchema;
use recto_domain::{Field, FieldSchema, TemplateContent, TemplateSchema};

use crate::e_invoice::EInvoice;
use crate::extractor::{Document, Extraction};
use crate::hints::Hints;
use crate::invoice2data::Invoice2DataTemplate;
use crate::seek::Search;
use crate::sheet::Sheet;
use crate::sought::Sought;

/// Values that are surer than this need no person's eye.
pub(crate) const SURE: f32 = 0.6;

/// What a template asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldPlan {
    schema: TemplateSchema,
    /// The template of that program that the schema keeps, which then finds the fields.
    invoice2data: Option<Invoice2DataTemplate>,
    /// What each field means and where to look for it.
    sought: Vec<Sought>,
}

impl FieldPlan {
    /// Reads a template.
    ///
    /// # Errors
    /// [`InvalidTemplateSchema`] with everything that is wrong with its schema, each with its path.
    pub fn parse(content: &TemplateContent) -> Result<Self, InvalidTemplateSchema> {
        let schema = TemplateSchema::parse(&content.template_schema)?;
        let invoice2data = Invoice2DataTemplate::of_schema(&content.template_schema)?;
        let mut wrong = Vec::new();
        let with_hints = |field| {
            let sought = Sought::of(field, false);
            Sought { hints: Hints::of_field(&content.template_schema, field, &mut wrong), ..sought }
        };
        let sought = schema.fields.iter().map(with_hints).collect();
        if wrong.is_empty() { Ok(Self { schema, invoice2data, sought }) } else { Err(InvalidTemplateSchema(wrong)) }
    }

    /// The fields it asks for, in its order.
    #[must_use]
    pub fn fields(&self) -> &[FieldSchema] {
        &self.schema.fields
    }

    /// Finds its fields by rules, without help from outside. The document's own data goes before its print.
    #[must_use]
    pub fn extract(&self, document: Document<'_>) -> Extraction {
        if let Some(template) = &self.invoice2data {
            let outcome = template.fill(self.fields(), document);
            let extraction = self.reviewed(outcome.fields);
            return Extraction { needs_review: extraction.needs_review || !outcome.problems.is_empty(), ..extraction };
        }
        let sheet = Sheet::of(document.pages);
        let search = Search::of(&sheet, &self.sought);
        let text = document.e_invoice.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let e_invoice = text.and_then(EInvoice::parse);
        let numbered = self.fields().iter().zip(&self.sought).enumerate();
        let found = numbered.map(|(index, (field, sought))| {
            let embedded = e_invoice.as_ref().and_then(|invoice| invoice.field(field, sought));
            embedded.unwrap_or_else(|| search.field(Some(index), field, sought))
        });
        let fields = found.collect();
        self.reviewed(fields)
    }

    /// Says of found fields whether a person should look at them.
    pub(crate) fn reviewed(&self, fields: Vec<Field>) -> Extraction {
        let is_missing = |(schema, field): (&FieldSchema, &Field)| schema.required && field.value.is_null();
        let needs_review = self.fields().iter().zip(&fields).any(is_missing)
            || fields.iter().any(|field| field.confidence.is_some_and(|confidence| confidence < SURE));
        Extraction { fields, needs_review }
    }
}
