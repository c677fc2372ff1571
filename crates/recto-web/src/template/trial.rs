//! A trial of a template on a stored document: what it would find there.

use axum::http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::project::Projects;
use crate::record::viewer::Viewed;
use crate::session::Session;
use crate::words::{percent, plain};

/// A document that can be chosen.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Choice {
    id: String,
    file_name: String,
}

/// The API's answer to a dry run.
#[derive(Deserialize)]
struct Answer {
    found: Vec<Found>,
}

/// What would be found in the document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    before: Map<String, Value>,
    fields: Map<String, Value>,
    field_details: Map<String, Value>,
    changed: Vec<String>,
}

/// The documents that a template can be tried on, the chosen one, and what would be found in it.
pub(super) struct Trial {
    choices: Vec<Choice>,
    pub(super) viewed: Option<Viewed>,
    chosen: String,
    found: Option<Found>,
    /// Why the template cannot be tried.
    wrong: Option<String>,
}

impl Trial {
    /// Tries a schema on the chosen document; an empty id chooses none.
    pub(super) async fn load(
        web: &Web,
        session: &Session,
        projects: &Projects,
        template: &str,
        (record, page): (&str, u32),
        schema: &Value,
    ) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Listed {
            data: Vec<Choice>,
        }
        let words = query(&[("projectId", projects.id()), ("status", "completed"), ("limit", "100")]);
        let choices = match web.get::<Listed>(session, &format!("/processing-history?{words}")).await {
            Ok(listed) => listed.data,
            Err(failure) if failure.status == axum::http::StatusCode::FORBIDDEN => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let mut trial = Self { choices, viewed: None, chosen: record.to_owned(), found: None, wrong: None };
        if record.is_empty() || template.is_empty() {
            return Ok(trial);
        }
        trial.viewed = Some(Viewed::load(web, session, record, page).await?);
        let body = json!({ "records": [record], "dryRun": true, "templateSchema": schema });
        match web.put::<Answer>(session, Method::POST, &format!("/templates/{template}/apply"), &body).await {
            Ok(answer) => trial.found = answer.found.into_iter().next(),
            Err(failure) => trial.wrong = Some(failure.message),
        }
        Ok(trial)
    }

    /// What was found for a field.
    pub(super) fn value(&self, name: &str) -> Markup {
        let Some(found) = &self.found else { return html! {} };
        let value = found.fields.get(name).unwrap_or(&Value::Null);
        let detail = found.field_details.get(name).unwrap_or(&Value::Null);
        let bbox = Some(&detail["bbox"]).filter(|bbox| bbox.is_array());
        let was = found.before.get(name).filter(|_| found.changed.iter().any(|changed| changed == name));
        html! {
            @match value {
                Value::Null => span.quiet { "not found" },
                Value::Array(rows) => { (rows.len()) " rows" },
                value => bdi.mono { (plain(value)) },
            }
            @if let Some(confidence) = detail["confidence"].as_f64() { " " span.quiet { (percent(confidence)) " sure" } }
            @if let (Some(bbox), Some(page)) = (bbox, detail["page"].as_u64()) {
                " " button.plain.live-only.show type="button" data-bbox=(bbox) data-page=(page) { "Show" }
            }
            @if let Some(was) = was.filter(|was| !was.is_null()) { " " span.doubt { "was " bdi { (plain(was)) } } }
        }
    }

    /// The selection of a document. It is part of the template's form, so that the typed content is tried.
    pub(super) fn chooser(&self) -> Markup {
        html! {
            div.try {
                div.grow { label for="record" { "Try it on" }
                    select id="record" name="record" form="template" {
                        option value="" { "no document" }
                        @for choice in &self.choices {
                            option value=(choice.id) selected[choice.id == self.chosen] { (choice.file_name) }
                        }
                    } }
                button id="try" type="submit" form="template" name="act" value="try" { "Try" }
            }
            @if let Some(wrong) = &self.wrong { p.problem role="alert" { (wrong) } }
        }
    }

    /// The page of the document. A click on a word puts it into a label field.
    pub(super) fn picture(&self, web: &Web, template: &str) -> Markup {
        let Some(viewed) = &self.viewed else { return html! {} };
        let chosen = &self.chosen;
        let link = |number: u32| {
            format!("/templates/{template}?{}", query(&[("record", chosen), ("page", &number.to_string())]))
        };
        html! {
            (viewed.picture(web, &link, "", &html! {}, &html! {}))
            p.quiet.live-only { "Click into a field's labels, then click the words beside or above its value." }
        }
    }

    /// The chosen document, for a form that applies the template to it.
    pub(super) fn chosen(&self) -> &str {
        &self.chosen
    }
}
