//! `GET /schemas/…`

use reqwest::Method;

use crate::server::{Answer, TestServer};

#[tokio::test]
async fn the_schemas_are_served_without_a_key() {
    let server = TestServer::start().await;
    let json = Answer::of(server.bare(Method::GET, "/schemas/export.schema.json")).await;
    assert_eq!((json.status, json.header("content-type")), (200, "application/schema+json"));
    assert!(json.body["$schema"].is_string());
    let xsd = Answer::of(server.bare(Method::GET, "/schemas/export.xsd")).await;
    assert_eq!((xsd.status, xsd.header("content-type")), (200, "application/xml"));
    assert!(String::from_utf8(xsd.bytes).unwrap().contains("schema"));
}
