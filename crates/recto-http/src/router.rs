//! All routes, by resource and verb.

use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use axum::{Extension, Router};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{SignIns, identify, login};
use crate::error::{ApiError, excerpt};
use crate::in_process::Api;
use crate::permits::Permits;
use crate::state::ApiState;
use crate::{
    audit_log, batch, client_address, docs, file_link, health, history, home, metrics, page_picture, project,
    request_id, room, schemas, search, security_headers, template, token, unread_body, upload, webhook,
};

/// The root path of the API.
pub(crate) const API: &str = "/v1/openapi";

/// The largest body that is read as a whole, such as that of a sign-in, in bytes. Uploads are streamed and have their
/// own limit.
pub(crate) const MAX_SMALL_BODY_BYTES: usize = 64 * 1024;

/// All routes over a state, with pages that call the API.
pub(crate) fn router(state: ApiState, sign_ins: SignIns, further: impl FnOnce(Api) -> Router) -> Router {
    let places = Permits::new(&state.settings.clients.places);
    let api = Router::new()
        .nest(API, protected(api().into(), &state))
        .layer(Extension(places.clone()))
        .layer(Extension(sign_ins.clone()))
        .with_state(state.clone());
    let pages = further(Api::new(api, state.clone()));
    let counted = state.metrics.clone();
    routes()
        .nest(API, protected(self::api().into(), &state))
        .merge(metrics::with_token(&state))
        .merge(docs::routes())
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(state)
        .merge(pages)
        .layer(Extension(places))
        .layer(Extension(sign_ins))
        .layer(from_fn(unread_body::read_off))
        .layer(from_fn_with_state(counted, request_id::trace))
        .layer(from_fn(security_headers::add))
}

/// The page at `/` of a server that has no other pages.
pub(crate) fn greeting(state: &ApiState) -> Router {
    Router::new().route("/", get(home::page)).with_state(state.clone())
}

fn routes() -> Router<ApiState> {
    Router::from(health()).merge(assets())
}

/// The routes that the OpenAPI document describes: all except the pages for people.
pub(crate) fn described() -> OpenApiRouter<ApiState> {
    health().nest(API, api())
}

fn api() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(login::login))
        .routes(routes!(batch::list::list))
        .routes(routes!(batch::create::upload))
        .routes(routes!(batch::details::details, batch::change::delete_batch))
        .routes(routes!(batch::export::export))
        .routes(routes!(batch::change::retry))
        .routes(routes!(batch::change::cancel))
        .routes(routes!(batch::events::events))
        .routes(routes!(project::list::list, project::create::create))
        .routes(routes!(project::details::details, project::change::update, project::change::deactivate))
        .routes(routes!(token::list::list, token::create::create))
        .routes(routes!(token::details::details, token::change::update, token::change::revoke))
        .routes(routes!(token::change::regenerate))
        .routes(routes!(audit_log::list))
        .routes(routes!(upload::create::create))
        .routes(routes!(upload::details::details, upload::change::delete_upload))
        .routes(routes!(file_link::file))
        .routes(routes!(page_picture::picture))
        .routes(routes!(history::list::list))
        .routes(routes!(history::stats::stats))
        .routes(routes!(search::search))
        .routes(routes!(history::details::record, history::change::update, history::change::delete_record))
        .routes(routes!(history::export::export))
        .routes(routes!(history::tables::tables))
        .routes(routes!(history::change::retry))
        .routes(routes!(template::list::list, template::create::create))
        .routes(routes!(
            template::details::details,
            template::change::update,
            template::change::replace,
            template::change::delete_template
        ))
        .routes(routes!(template::builtin::list))
        .routes(routes!(template::builtin::builtin))
        .routes(routes!(template::builtin::copy))
        .routes(routes!(template::details::versions))
        .routes(routes!(template::learn::teach))
        .routes(routes!(template::apply::apply))
        .routes(routes!(template::files::files, template::files::add_file))
        .routes(routes!(template::files::file, template::files::delete_file))
        .routes(routes!(webhook::list::list, webhook::create::create))
        .routes(routes!(webhook::details::details, webhook::change::update, webhook::change::delete_webhook))
        .routes(routes!(webhook::deliveries::test))
        .routes(routes!(webhook::deliveries::deliveries))
        .routes(routes!(webhook::deliveries::redeliver))
        .routes(routes!(schemas::json_schema))
        .routes(routes!(schemas::xsd))
}

fn health() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default().routes(routes!(health::alive)).routes(routes!(health::ready))
}

fn assets() -> Router<ApiState> {
    Router::new().route("/assets/home.css", get(home::style)).route("/assets/icon.svg", get(home::icon))
}

/// The API with the layers that run before each of its routes.
fn protected(api: Router<ApiState>, state: &ApiState) -> Router<ApiState> {
    api.fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), room::check))
        .layer(from_fn_with_state(state.clone(), identify))
        .layer(from_fn_with_state(state.clone(), client_address::settle))
        .layer(DefaultBodyLimit::max(MAX_SMALL_BODY_BYTES))
}

async fn unknown_route(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::NotFound(format!("there is nothing at {}", excerpt(uri.path())))
}

async fn wrong_method() -> ApiError {
    ApiError::MethodNotAllowed
}
