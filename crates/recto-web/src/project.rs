//! The project whose batches are shown, and the switch to another one.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::Web;
use crate::call::Failure;
use crate::form::{Form, query};
use crate::paging::Pagination;
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
    /// The number of documents of the chosen project that need review; `None` for a key that may not see them.
    pub(crate) to_review: Option<u64>,
}

impl Projects {
    /// The chosen project is the one in the cookie, otherwise the first. A key that may not list projects uses the
    /// project that was returned at sign-in.
    pub(crate) async fn load(web: &Web, session: &Session) -> Result<Self, Failure> {
        let all: Vec<Project> = match web.get(session, "/projects").await {
            Ok(all) => all,
            Err(failure) if failure.status == StatusCode::FORBIDDEN => Vec::new(),
            Err(failure) => return Err(failure),
        };
        let all: Vec<Project> = all.into_iter().filter(|project| project.is_active).collect();
        let wanted = session.project.clone().filter(|id| all.is_empty() || all.iter().any(|p| p.id == *id));
        let chosen = wanted.or_else(|| all.first().map(|project| project.id.clone()));
        let to_review = to_review(web, session, chosen.as_deref().unwrap_or_default()).await?;
        Ok(Self { all, chosen, to_review })
    }

    /// The chosen project's id; empty when there is none.
    pub(crate) fn id(&self) -> &str {
        self.chosen.as_deref().unwrap_or_default()
    }
}

async fn to_review(web: &Web, session: &Session, project: &str) -> Result<Option<u64>, Failure> {
    #[derive(Deserialize)]
    struct Listed {
        pagination: Pagination,
    }
    let words = query(&[("projectId", project), ("needsReview", "true"), ("limit", "1")]);
    match web.get::<Listed>(session, &format!("/processing-history?{words}")).await {
        Ok(listed) => Ok(Some(listed.pagination.total)),
        // Without a project, there is nothing to review either.
        Err(failure) if matches!(failure.status, StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST) => Ok(None),
        Err(failure) => Err(failure),
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
