//! The content of a template in a request.

use recto_domain::{ExtractionMode, ProjectId, Template, TemplateContent, TemplateSchema};
use recto_export::Format;
use recto_extract::FieldPlan;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::member::Member;
use crate::openapi::{FormatName, whole};

/// The body of a request that makes or changes a template.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateChange)]
pub(crate) struct TemplateBody {
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    #[serde(default)]
    name: Member<String>,
    /// A description for people; may be empty.
    #[schema(value_type = String, max_length = 2000)]
    #[serde(default)]
    description: Member<String>,
    /// Further instructions for the extractor.
    #[schema(value_type = Option<String>, max_length = 20000)]
    #[serde(default)]
    instructions: Member<String>,
    /// A map of fields, or a JSON Schema of an object.
    #[schema(value_type = std::collections::BTreeMap<String, Value>,
        example = json!({"total": {"type": "number", "description": "The sum to pay, with tax"}}))]
    #[serde(default)]
    template_schema: Member<Value>,
    /// The preferred export format, for clients to offer first; `json` by default. An export names its own format.
    #[schema(value_type = Option<FormatName>, inline)]
    #[serde(default)]
    result_format: Member<String>,
    /// `structured` by default, or `free_text` when there are no fields and `resultFormat` holds free text.
    #[schema(value_type = Option<ExtractionMode>)]
    #[serde(default)]
    extraction_mode: Member<String>,
    /// Whether it may be applied to new documents.
    #[schema(value_type = Option<bool>)]
    #[serde(default)]
    is_active: Member<bool>,
    /// The project. An organization's key must name it; a project's key may. It cannot be changed.
    #[schema(value_type = Option<ProjectId>)]
    #[serde(default)]
    project_id: Member<String>,
}

whole! {
    /// The body of a request that must have all required members of a template.
    NewTemplate = TemplateBody { "name", "description", "templateSchema" }
}

/// A body that was read; `None` for members that were not sent.
pub(super) struct Said {
    name: Option<String>,
    description: Option<String>,
    instructions: Option<String>,
    schema: Option<Value>,
    result_format: Option<Format>,
    mode: Option<ExtractionMode>,
    pub(super) is_active: Option<bool>,
    pub(super) project_id: Option<String>,
}

impl TemplateBody {
    /// The body's content, and all problems with it. A `whole` body must have all required members.
    pub(super) async fn read(self, whole: bool) -> Result<(Said, Vec<String>), ApiError> {
        let mut wrong = Vec::new();
        let mut text = |member: Member<String>, name, chars| {
            if whole { member.text(name, chars, &mut wrong) } else { member.optional_text(name, chars, &mut wrong) }
        };
        let name = text(self.name, "name", 1..=Template::MAX_NAME_CHARS);
        let description = text(self.description, "description", 0..=Template::MAX_DESCRIPTION_CHARS);
        let what = "an object of fields";
        let schema = if whole {
            self.template_schema.required("templateSchema", what, &mut wrong)
        } else {
            self.template_schema.optional("templateSchema", what, &mut wrong)
        };
        if let Some(schema) = schema.clone() {
            // Its regular expressions may take half a second to compile.
            let problems = tokio::task::spawn_blocking(move || problems(&schema)).await;
            wrong.extend(problems.map_err(|error| ApiError::Internal(error.into()))?);
        }
        let most = Template::MAX_INSTRUCTIONS_CHARS;
        let said = Said {
            name,
            description,
            schema,
            instructions: self.instructions.optional_text("instructions", 0..=most, &mut wrong),
            result_format: self.result_format.spelled("resultFormat", &mut wrong),
            mode: self.extraction_mode.spelled("extractionMode", &mut wrong),
            is_active: self.is_active.flag("isActive", &mut wrong),
            project_id: self.project_id.optional_text("projectId", 0..=100, &mut wrong),
        };
        Ok((said, wrong))
    }
}

impl Said {
    /// The template's new content: members that were not sent keep their value or get the default.
    pub(super) fn content(self, before: Option<TemplateContent>) -> Result<TemplateContent, ApiError> {
        let before = before.unwrap_or_else(|| self.defaults());
        let content = TemplateContent {
            name: self.name.unwrap_or(before.name),
            description: self.description.unwrap_or(before.description),
            instructions: self.instructions.unwrap_or(before.instructions),
            template_schema: self.schema.unwrap_or(before.template_schema),
            result_format: self.result_format.map_or(before.result_format, |format| format.name().to_owned()),
            extraction_mode: self.mode.unwrap_or(before.extraction_mode),
        };
        if has_no_fields(&content.template_schema) && content.extraction_mode == ExtractionMode::Structured {
            return Err(ApiError::invalid(
                "templateSchema must have at least one field, unless extractionMode is free_text",
            ));
        }
        Ok(content)
    }

    /// The defaults of a new template.
    fn defaults(&self) -> TemplateContent {
        let is_free =
            self.result_format.is_some_and(holds_free_text) && self.schema.as_ref().is_some_and(has_no_fields);
        TemplateContent {
            name: String::new(),
            description: String::new(),
            instructions: String::new(),
            template_schema: Value::Null,
            result_format: Format::Json.name().to_owned(),
            extraction_mode: if is_free { ExtractionMode::FreeText } else { ExtractionMode::default() },
        }
    }
}

/// Whether a schema asks for no fields.
fn has_no_fields(schema: &Value) -> bool {
    TemplateSchema::of_stored(schema).is_ok_and(|schema| schema.fields.is_empty())
}

/// Whether a format holds text for reading, and needs no fields to be useful.
fn holds_free_text(format: Format) -> bool {
    !matches!(format, Format::Json | Format::Jsonl | Format::Csv | Format::Xlsx)
}

/// All problems that would prevent the extraction of a schema's fields.
fn problems(schema: &Value) -> Vec<String> {
    let content = TemplateContent {
        name: String::new(),
        description: String::new(),
        instructions: String::new(),
        template_schema: schema.clone(),
        result_format: String::new(),
        extraction_mode: ExtractionMode::default(),
    };
    FieldPlan::parse(&content).map_or_else(|invalid| invalid.0, |_| Vec::new())
}
