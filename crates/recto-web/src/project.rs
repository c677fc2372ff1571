//! The project whose batches are shown, and the switch to another.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::form::Form;
use crate::session::{Session, remember_project};

/// A project as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    is_active: bool,
}

/// The projects that may be chosen, and the chosen one.
pub(crate) struct Projects {
    pub(crate) all: Vec<Project>,
    pub(crate) chosen: Option<String>,
}

impl Projects {
    /// The chosen project is the one of the cookie, else the first. A key that may not list projects has the one that
    /// its sign-in told.
    pub(crate) async fn of(web: &Web, session: &Session) -> Result<Self, Failure> {
        let all: Vec<Project> = match web.get(session, "/projects").await {
            Ok(all) => all,
            Err(failure) if failure.status == axum::http::StatusCode::FORBIDDEN => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let all: Vec<Project> = all.into_iter().filter(|project| project.is_active).collect();
        let wanted = session.project.clone().filter(|id| all.is_empty() || all.iter().any(|p| p.id == *id));
        let chosen = wanted.or_else(|| all.first().map(|project| project.id.clone()));
        Ok(Self { all, chosen })
    }

    /// The chosen project's id; empty when there is none.
    pub(crate) fn id(&self) -> &str {
        self.chosen.as_deref().unwrap_or_default()
    }
}

/// `POST /project`
pub(crate) async fn switch(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let mut response = Redirect::to("/batches").into_response();
    if let Some(cookie) = remember_project(&web, form.get("project")) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
