//! What a request says that a template is to say.

use recto_domain::{ExtractionMode, Template, TemplateContent, TemplateSchema};
use recto_export::Format;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::member::Member;

/// The body of a request that makes or changes a template.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TemplateBody {
    name: Member<String>,
    description: Member<String>,
    instructions: Member<String>,
    template_schema: Member<Value>,
    result_format: Member<String>,
    extraction_mode: Member<String>,
    is_active: Member<bool>,
    project_id: Member<String>,
}

/// A body that was read: what is `None` was not sent.
pub(super) struct Said {
    name: Option<String>,
    description: Option<String>,
    instructions: Option<String>,
    schema: Option<Value>,
    result_format: Option<String>,
    mode: Option<ExtractionMode>,
    pub(super) is_active: Option<bool>,
    pub(super) project_id: Option<String>,
}

impl TemplateBody {
    /// What the body says, and everything that is wrong with it. A `whole` one must say all that a template needs.
    pub(super) fn read(self, whole: bool) -> (Said, Vec<String>) {
        let mut wrong = Vec::new();
        let mut text = |member: Member<String>, name, chars| {
            if whole { member.text(name, chars, &mut wrong) } else { member.optional_text(name, chars, &mut wrong) }
        };
        let name = text(self.name, "name", 1..=Template::MAX_NAME_CHARS);
        let description = text(self.description, "description", 0..=Template::MAX_DESCRIPTION_CHARS);
        let what = "an object of fields";
        let schema = match whole {
            true => self.template_schema.required("templateSchema", what, &mut wrong),
            false => self.template_schema.optional("templateSchema", what, &mut wrong),
        };
        if let Some(schema) = &schema
            && let Err(invalid) = TemplateSchema::parse(schema)
        {
            wrong.extend(invalid.0);
        }
        let most = Template::MAX_INSTRUCTIONS_CHARS;
        let format = self.result_format.spelled::<Format>("resultFormat", &mut wrong);
        let said = Said {
            name,
            description,
            schema,
            instructions: self.instructions.optional_text("instructions", 0..=most, &mut wrong),
            result_format: format.map(|format| format.name().to_owned()),
            mode: self.extraction_mode.spelled("extractionMode", &mut wrong),
            is_active: self.is_active.flag("isActive", &mut wrong),
            project_id: self.project_id.optional_text("projectId", 0..=100, &mut wrong),
        };
        (said, wrong)
    }
}

impl Said {
    /// What the template says with this: what was not sent is as before, or as it is by default.
    pub(super) fn content(self, before: Option<TemplateContent>) -> Result<TemplateContent, ApiError> {
        let before = before.unwrap_or_else(|| TemplateContent {
            name: String::new(),
            description: String::new(),
            instructions: String::new(),
            template_schema: Value::Null,
            result_format: Format::Json.name().to_owned(),
            extraction_mode: ExtractionMode::default(),
        });
        let content = TemplateContent {
            name: self.name.unwrap_or(before.name),
            description: self.description.unwrap_or(before.description),
            instructions: self.instructions.unwrap_or(before.instructions),
            template_schema: self.schema.unwrap_or(before.template_schema),
            result_format: self.result_format.unwrap_or(before.result_format),
            extraction_mode: self.mode.unwrap_or(before.extraction_mode),
        };
        let is_empty = TemplateSchema::parse(&content.template_schema).is_ok_and(|schema| schema.fields.is_empty());
        if is_empty && content.extraction_mode == ExtractionMode::Structured {
            return Err(ApiError::invalid(
                "templateSchema must have at least one field; only with extractionMode free_text may it be empty",
            ));
        }
        Ok(content)
    }
}
