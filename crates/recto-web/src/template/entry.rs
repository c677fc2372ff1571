//! A template as the API returns it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The parts of a template that the pages show.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) is_active: bool,
    pub(super) updated_at: String,
    #[serde(flatten)]
    pub(super) content: Content,
}

/// The content of a template.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) instructions: String,
    pub(super) template_schema: Value,
    pub(super) result_format: Option<String>,
    pub(super) extraction_mode: Option<String>,
}

/// A version of a template.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(rename = "version")]
    pub(super) number: u64,
    pub(super) created_at: String,
    #[serde(flatten)]
    pub(super) content: Content,
}

impl Content {
    /// The content as the API accepts it, without absent parts.
    pub(super) fn to_body(&self) -> Value {
        let mut body = json!(self);
        if let Some(members) = body.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        body
    }

    /// The number of fields that the template asks for.
    pub(super) fn fields(&self) -> usize {
        self.field_names().len()
    }

    /// The names of the fields.
    pub(super) fn field_names(&self) -> Vec<String> {
        let schema = recto_domain::TemplateSchema::of_stored(&self.template_schema).unwrap_or_default();
        schema.fields.into_iter().map(|field| field.name).collect()
    }
}
