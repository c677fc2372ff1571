//! The doubtful fields of a document, which a person should check.

use axum::http::StatusCode;
use recto_domain::{FieldSchema, TemplateSchema};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Web;
use crate::call::Failure;
use crate::record::viewer::Page;
use crate::session::Session;

/// The confidence above which a value needs no check, on the scale of the extractor that found it.
const SURE: f64 = 0.6;

/// A record as the API returns it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) upload_id: recto_domain::UploadId,
    pub(super) batch_id: Option<String>,
    pub(super) file_name: String,
    pub(super) template_id: Option<String>,
    pub(super) template_name: Option<String>,
    fields: Option<Map<String, Value>>,
    field_details: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) warnings: Vec<String>,
    /// The first page, and the pages on which its fields are.
    #[serde(default)]
    pub(super) pages: Vec<Page>,
}

/// A field with its value and the position of the value.
pub(super) struct Found<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
    pub(super) confidence: Option<f64>,
    pub(super) page: Option<u32>,
    pub(super) bbox: Option<[f64; 4]>,
    pub(super) raw: Option<&'a str>,
    pub(super) is_corrected: bool,
    /// Why the value was chosen.
    pub(super) why: Vec<&'a str>,
}

impl Waiting {
    /// Asks the API for a document, with the pages on which its fields are.
    pub(super) async fn load(web: &Web, session: &Session, id: &str) -> Result<Self, Failure> {
        let path = |page: u32| format!("/processing-history/{id}?page={page}");
        let mut waiting: Self = web.get(session, &path(1)).await?;
        let mut wanted: Vec<u32> = waiting.fields().iter().filter_map(|field| field.page).collect();
        wanted.sort_unstable();
        wanted.dedup();
        for page in wanted.into_iter().filter(|page| *page > 1) {
            let further: Self = web.get(session, &path(page)).await?;
            waiting.pages.extend(further.pages);
        }
        Ok(waiting)
    }

    /// The fields in the order of the template.
    pub(super) fn fields(&self) -> Vec<Found<'_>> {
        let fields = self.fields.iter().flatten();
        let detail = |name: &str| self.field_details.as_ref().and_then(|details| details.get(name));
        fields.map(|(name, value)| Found::of(name, value, detail(name).unwrap_or(&Value::Null))).collect()
    }
}

impl<'a> Found<'a> {
    fn of(name: &'a str, value: &'a Value, detail: &'a Value) -> Self {
        Self {
            name,
            value,
            confidence: detail["confidence"].as_f64(),
            page: detail["page"].as_u64().and_then(|page| u32::try_from(page).ok()),
            bbox: serde_json::from_value(detail["bbox"].clone()).ok(),
            raw: detail["raw"].as_str(),
            is_corrected: detail["corrected"] == true,
            why: detail["why"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        }
    }

    /// Whether a person should check the field: it is doubtful, or it is missing although the template requires it.
    pub(super) fn is_doubtful(&self, asked: &[FieldSchema]) -> bool {
        let is_wanted = asked.iter().find(|field| field.name == self.name).is_some_and(|field| field.required);
        !self.is_corrected
            && (self.confidence.is_some_and(|confidence| confidence < SURE) || is_wanted && self.value.is_null())
    }
}

/// The fields that the template asks for now; empty when the template is gone or may not be seen.
pub(super) async fn asked(web: &Web, session: &Session, template: Option<&str>) -> Result<Vec<FieldSchema>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Template {
        template_schema: Value,
    }
    let Some(id) = template else { return Ok(Vec::new()) };
    match web.get::<Template>(session, &format!("/templates/{id}")).await {
        Ok(template) => Ok(TemplateSchema::of_stored(&template.template_schema).unwrap_or_default().fields),
        Err(failure) if matches!(failure.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}
