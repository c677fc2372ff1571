//! `GET /v1/openapi.json`: the document describes the routes as they are.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// The document that a server serves.
pub async fn document(server: &TestServer) -> Value {
    let answer = Answer::of(server.client.get(format!("{}/v1/openapi.json", server.base))).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.body
}

/// Its operations: method, path, description.
pub fn operations(document: &Value) -> Vec<(Method, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            (Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap(), path.as_str(), operation)
        })
    });
    operations.collect()
}

/// Whether an operation needs a key: it does unless it says otherwise.
pub fn needs_key(operation: &Value) -> bool {
    operation.get("security").is_none()
}

#[tokio::test]
async fn every_route_is_in_the_document() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let routes = operations(&document).into_iter().map(|(method, path, operation)| {
        let key = if needs_key(operation) { "" } else { " (no key)" };
        format!("{path} {method} {}{key}", operation["operationId"].as_str().unwrap())
    });
    assert_snapshot!(routes.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_a_tag_and_a_summary() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap()).collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}");
        assert!(tags.contains(&operation["tags"][0].as_str().unwrap()), "{method} {path}");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty() && !summary.contains('`') && !summary.ends_with('.'), "{method} {path}: {summary}");
    }
}

#[tokio::test]
async fn an_export_must_name_its_format() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    for path in ["batch/{batchId}", "processing-history/{recordId}"] {
        let operation = &document["paths"][format!("/v1/openapi/{path}/export")]["get"];
        let mut parameters = operation["parameters"].as_array().unwrap().iter();
        let format = parameters.find(|parameter| parameter["name"] == "format").unwrap();
        assert_eq!((&format["in"], &format["required"]), (&json!("query"), &json!(true)));
        assert_eq!((&format["schema"]["type"], &format["schema"]["enum"][0]), (&json!("string"), &json!("json")));
        assert!(format["description"].is_string(), "{format}");
    }
    let template = &document["components"]["schemas"]["TemplateChange"]["properties"]["resultFormat"];
    assert!(template["description"].is_string() && template.to_string().contains("docx"), "{template}");
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    let mut values = vec![&document];
    while let Some(value) = values.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
                }
                values.extend(members.values());
            }
            Value::Array(items) => values.extend(items),
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_words_are_those_of_the_api() {
    let server = TestServer::start().await;
    let text = document(&server).await.to_string();
    for rust in ["[`", "`None`", "`Some", "crate::", "Member"] {
        let at = text.find(rust).map(|at| text[at.saturating_sub(80)..].chars().take(160).collect::<String>());
        assert_eq!(at, None, "{rust}");
    }
}

#[tokio::test]
async fn every_example_is_valid() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    let mut examples = 0;
    for (method, path, operation) in operations(&document) {
        for response in operation["responses"].as_object().unwrap().values() {
            for content in response["content"].as_object().into_iter().flat_map(|content| content.values()) {
                let Some(example) = content.get("example") else { continue };
                let wrong = errors(&document, &content["schema"], example);
                assert!(wrong.is_empty(), "{method} {path}: {wrong:?}");
                examples += 1;
            }
        }
    }
    assert!(examples >= 4, "{examples}");
}

/// What is wrong with a value by a schema of the document.
pub fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = json!({"allOf": [schema], "components": document["components"]});
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[tokio::test]
async fn a_real_batch_is_as_described() {
    let server = TestServer::start().await;
    let id = server.batch(&["one.png", "broken.png"]).await;
    server.work().await;
    let document = document(&server).await;
    let list = server.get(&format!("/batch?projectId={}", server.project)).await.body;
    assert_eq!(errors(&document, &json!({"$ref": "#/components/schemas/Page_Batch"}), &list), [""; 0]);
    let refused = server.get("/batch").await.body;
    assert_eq!(errors(&document, &json!({"$ref": "#/components/schemas/Error"}), &refused), [""; 0]);
    let details = server.get(&format!("/batch/{id}")).await.body;
    assert_eq!(errors(&document, &json!({"$ref": "#/components/schemas/BatchDetails"}), &details), [""; 0]);
    let mut spoilt = details;
    spoilt["id"] = "no id".into();
    assert_ne!(errors(&document, &json!({"$ref": "#/components/schemas/BatchDetails"}), &spoilt), [""; 0]);
}

#[tokio::test]
async fn what_needs_a_key_answers_401_without_one_and_nothing_is_described_that_is_not_there() {
    let server = TestServer::start().await;
    let document = document(&server).await;
    for (method, path, operation) in operations(&document) {
        let address = format!("{}{}", server.base, filled(path, "68dd2ee6d89a1f27be4c9b96"));
        let answer = Answer::of(server.client.request(method.clone(), address)).await;
        if needs_key(operation) {
            answer.error(401);
        } else {
            let message = answer.body["message"].as_str().unwrap_or_default();
            let is_there = !matches!(answer.status, 401 | 405) && !message.starts_with("there is nothing at");
            assert!(is_there, "{method} {path}: {} {}", answer.status, answer.body);
        }
    }
}

/// A path with every parameter replaced.
fn filled(path: &str, id: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{number}" => "1",
        part if part.starts_with('{') => id,
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}
