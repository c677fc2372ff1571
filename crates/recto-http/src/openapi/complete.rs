//! Adds to each route what follows from its kind.

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};

use super::{examples, refusals};
use crate::error::ErrorBody;
use crate::router::API;

/// Added to every response.
const REQUEST_ID: (&str, &str) =
    ("X-Request-Id", "The id of the request, as sent or else generated; every log line of the request has it.");
/// Added to every API response to a valid key, unless the settings turn the limit off.
const RATE_LIMIT: [(&str, &str); 3] = [
    ("X-RateLimit-Limit", "Requests allowed per minute for this key."),
    ("X-RateLimit-Remaining", "Requests left in the current minute."),
    ("X-RateLimit-Reset", "Unix seconds at which the next minute begins."),
];

/// Adds to every route what routes share: refusals, headers, and the published examples.
pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.schemas.insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    components.responses.extend(refusals::all().into_iter().map(|(name, response)| (name.to_owned(), response)));
    add_headers(components.responses.values_mut(), true);
    components.headers.insert(REQUEST_ID.0.to_owned(), header(String::schema(), REQUEST_ID.1).into());
    for (name, description) in RATE_LIMIT {
        components.headers.insert(name.to_owned(), header(u64::schema(), description).into());
    }
    for (path, item) in &mut document.paths.paths {
        let in_api = path.strip_prefix(API).is_some_and(|rest| rest.starts_with('/'));
        for (operation, writes) in operations(item) {
            examples::add(operation);
            add_headers(operation.responses.responses.values_mut(), in_api);
            if in_api {
                add_refusals(operation, writes);
            }
        }
    }
}

/// Every operation of a path, and whether it writes.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [(get, false), (put, true), (post, true), (delete, true), (patch, true)];
    all.into_iter().filter_map(|(operation, writes)| Some((operation.as_mut()?, writes)))
}

/// Adds the refusals that follow from a route's kind. Those that the handler declares itself stay.
fn add_refusals(operation: &mut Operation, writes: bool) {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has_id = parameters.iter().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Path));
    let has_query = parameters.iter().any(|p| matches!(p, RefOr::T(p) if p.parameter_in != ParameterIn::Path));
    let has_body = operation.request_body.is_some();
    let needs_key = operation.security.is_none();
    let given = [
        ("400", "BadRequest", has_query || has_body),
        ("401", "Unauthorized", needs_key),
        ("403", "Forbidden", needs_key),
        ("404", "NotFound", has_id),
        ("408", "RequestTimeout", has_body),
        ("413", "PayloadTooLarge", has_body),
        ("415", "UnsupportedMediaType", has_body),
        ("429", "TooManyRequests", true),
        ("500", "InternalServerError", true),
        ("503", "ServiceUnavailable", true),
        ("507", "InsufficientStorage", writes),
    ];
    for (status, name, _) in given.into_iter().filter(|(.., applies)| *applies) {
        let refusal = || Ref::from_response_name(name).into();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(refusal);
    }
}

/// Adds the headers to responses that are described in place.
fn add_headers<'a>(responses: impl Iterator<Item = &'a mut RefOr<Response>>, in_api: bool) {
    let names = RATE_LIMIT.iter().filter(|_| in_api).chain([&REQUEST_ID]).map(|(name, _)| *name);
    for response in responses {
        if let RefOr::T(response) = response {
            response.headers.extend(names.clone().map(refer));
        }
    }
}

fn refer(name: &str) -> (String, RefOr<Header>) {
    (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))))
}

/// A header of a response.
pub(super) fn header(schema: RefOr<Schema>, description: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}
