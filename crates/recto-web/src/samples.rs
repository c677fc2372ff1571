//! Sample documents for a new installation, sent with one click.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::call::{Failure, read};
use crate::form::Form;
use crate::one_time_link::random;
use crate::project::Projects;
use crate::session::Session;
use crate::{Sample, Web};

/// `POST /samples`
pub(crate) async fn send(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    #[derive(Deserialize)]
    struct Accepted {
        id: String,
    }
    session.check(form.get("code"))?;
    let projects = Projects::load(&web, &session).await?;
    let boundary = random();
    let mut request = Request::new(Body::from(body(&boundary, projects.id(), web.samples)));
    *request.method_mut() = Method::POST;
    let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
    request.headers_mut().insert(header::CONTENT_TYPE, kind.map_err(|_| Failure::missing())?);
    let accepted: Accepted = read(web.forward(&session, "/batch/upload", request).await).await?;
    Ok(Redirect::to(&format!("/batches/{}", accepted.id)).into_response())
}

/// The form that a browser would send.
fn body(boundary: &str, project: &str, samples: &[Sample]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |disposition: &str, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in [("name", "Sample documents"), ("projectId", project)] {
        if !value.is_empty() {
            part(&format!("name=\"{name}\""), value.as_bytes());
        }
    }
    for (name, bytes) in samples {
        part(&format!("name=\"files\"; filename=\"{name}\""), bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}
