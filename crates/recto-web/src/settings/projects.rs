//! The projects of the organization.

use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use recto_domain::ProjectId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame::{self, problem};
use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::project::Projects;
use crate::session::Session;
use crate::words::time;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    name: String,
    description: String,
    is_active: bool,
    created_at: String,
}

/// `GET /settings/projects`
pub(crate) async fn page(State(web): State<Web>, session: Session) -> Result<Response, Failure> {
    shown(&web, &session, None).await
}

async fn shown(web: &Web, session: &Session, wrong: Option<&str>) -> Result<Response, Failure> {
    let projects = Projects::load(web, session).await?;
    let all: Vec<Entry> = web.get(session, "/projects?includeInactive=true").await?;
    let code = session.form_code();
    let content = html! {
        ul.batches { @for entry in &all { li {
            form.row method="post" action={ "/settings/projects/" (entry.id) } {
                input type="hidden" name="code" value=(code);
                div.grow { label for={ "name-" (entry.id) } { "Name" }
                    input id={ "name-" (entry.id) } name="name" value=(entry.name) required maxlength="100"; }
                div.grow { label for={ "description-" (entry.id) } { "Description" }
                    input id={ "description-" (entry.id) } name="description" value=(entry.description) maxlength="500"; }
                button type="submit" { "Save" }
                @if entry.is_active { button.danger type="submit" name="active" value="no" { "Deactivate" } }
                @else { button type="submit" name="active" value="yes" { "Activate" } }
            }
            div.facts {
                @if !entry.is_active { span.doubt { "accepts no new work" } }
                span { "created " (time(&entry.created_at)) }
                span.mono { (entry.id) }
            }
        } } }
        h2 { "New project" }
        (problem(wrong))
        form.row method="post" action="/settings/projects" {
            input type="hidden" name="code" value=(code);
            div.grow { label for="name" { "Name" } input id="name" name="name" required maxlength="100"; }
            div.grow { label for="description" { "Description" } input id="description" name="description" maxlength="500"; }
            button.primary type="submit" { "Create project" }
        }
    };
    Ok(frame::page(web, session, &projects, "Projects", &content))
}

/// `POST /settings/projects`
pub(crate) async fn create(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let body = json!({ "name": form.get("name"), "description": form.get("description") });
    answered(&web, &session, web.put::<Value>(&session, Method::POST, "/projects", &body).await).await
}

/// `POST /settings/projects/:id`
pub(crate) async fn change(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<ProjectId>,
    form: Form,
) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let mut body = json!({ "name": form.get("name"), "description": form.get("description") });
    match form.get("active") {
        "yes" => body["isActive"] = true.into(),
        "no" => body["isActive"] = false.into(),
        _ => {}
    }
    let changed = web.change(&session, &format!("/projects/{id}"), &body).await;
    answered(&web, &session, changed).await
}

async fn answered(web: &Web, session: &Session, done: Result<Value, Failure>) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to("/settings/projects").into_response()),
        Err(failure) if matches!(failure.status, StatusCode::BAD_REQUEST | StatusCode::CONFLICT) => {
            shown(web, session, Some(&failure.message)).await
        }
        Err(failure) => Err(failure),
    }
}
