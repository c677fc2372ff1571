//! Every route: found here by its resource and verb.

use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Extension, Router};

use crate::auth::{identify, login};
use crate::batch::{cancel, delete_batch, details, events, export, list, retry, upload as batch_upload};
use crate::error::{ApiError, start};
use crate::slots::Slots;
use crate::state::ApiState;
use crate::{
    audit_log, client_address, file_link, health, history, home, project, request_id, schemas, security_headers,
    template, token, unread_body, upload, webhook,
};

/// Where the API stands.
pub(crate) const API: &str = "/v1/openapi";

/// The largest body that is read as a whole, such as that of a sign-in; uploads are streamed and have their own.
pub(crate) const MAX_SMALL_BODY_BYTES: usize = 64 * 1024;

/// All routes over a state.
pub fn router(state: ApiState) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/assets/home.css", get(home::style))
        .route("/assets/icon.svg", get(home::icon))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .nest(API, api(&state))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(Extension(Slots::new()))
        .layer(from_fn(unread_body::read_off))
        .layer(from_fn(request_id::trace))
        .layer(from_fn(security_headers::add))
        .with_state(state)
}

fn api(state: &ApiState) -> Router<ApiState> {
    Router::new()
        .route("/auth/login", post(login))
        .route("/batch", get(list))
        .route("/batch/upload", post(batch_upload))
        .route("/batch/{batchId}", get(details).delete(delete_batch))
        .route("/batch/{batchId}/export", get(export))
        .route("/batch/{batchId}/retry", post(retry))
        .route("/batch/{batchId}/cancel", post(cancel))
        .route("/batch/{batchId}/events", get(events))
        .route("/projects", get(project::list).post(project::create))
        .route("/projects/{projectId}", get(project::details).patch(project::update).delete(project::deactivate))
        .route("/tokens", get(token::list).post(token::create))
        .route("/tokens/{tokenId}", get(token::details).patch(token::update).delete(token::revoke))
        .route("/tokens/{tokenId}/regenerate", post(token::regenerate))
        .route("/audit-log", get(audit_log::list))
        .route("/upload", post(upload::create))
        .route("/upload/{uploadId}", get(upload::upload).delete(upload::delete_upload))
        .route("/files/{uploadId}", get(file_link::file))
        .route("/processing-history", get(history::list))
        .route("/processing-history/stats", get(history::stats))
        .route(
            "/processing-history/{recordId}",
            get(history::record).patch(history::update).delete(history::delete_record),
        )
        .route("/processing-history/{recordId}/export", get(history::export))
        .route("/processing-history/{recordId}/retry", post(history::retry))
        .route("/templates", get(template::list).post(template::create))
        .route(
            "/templates/{templateId}",
            get(template::template).patch(template::update).put(template::replace).delete(template::delete_template),
        )
        .route("/templates/{templateId}/versions", get(template::versions))
        .route("/templates/{templateId}/data-files", get(template::files).post(template::add_file))
        .route("/templates/{templateId}/data-files/{fileId}", get(template::file).delete(template::delete_file))
        .route("/webhooks", get(webhook::list).post(webhook::create))
        .route("/webhooks/{webhookId}", get(webhook::details).patch(webhook::update).delete(webhook::delete_webhook))
        .route("/webhooks/{webhookId}/test", post(webhook::test))
        .route("/webhooks/{webhookId}/deliveries", get(webhook::deliveries))
        .route("/webhooks/deliveries/{deliveryId}/redeliver", post(webhook::redeliver))
        .route("/schemas/export.schema.json", get(schemas::json_schema))
        .route("/schemas/export.xsd", get(schemas::xsd))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), identify))
        .layer(from_fn_with_state(state.clone(), client_address::settle))
        .layer(DefaultBodyLimit::max(MAX_SMALL_BODY_BYTES))
}

async fn unknown_route(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::NotFound(format!("there is nothing at {}", start(uri.path())))
}

async fn wrong_method() -> ApiError {
    ApiError::MethodNotAllowed
}
