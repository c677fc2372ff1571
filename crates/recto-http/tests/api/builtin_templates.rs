//! `/templates/builtin`

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

async fn copy(server: &TestServer, id: &str, body: &Value) -> Answer {
    Answer::of(server.call(Method::POST, &format!("/templates/builtin/{id}/copy")).json(body)).await
}

#[tokio::test]
async fn built_in_templates_are_listed_and_shown() {
    let server = TestServer::start().await;
    let all = server.get("/templates/builtin").await.body;
    let ids: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "invoice",
            "receipt",
            "purchase-order",
            "delivery-note",
            "bank-statement",
            "payslip",
            "contract",
            "id-card",
            "utility-bill",
        ]
    );
    assert_eq!(server.get("/templates/builtin/invoice").await.body, all[0]);
    assert_eq!(all[0]["templateSchema"]["total"]["type"], "number");
    let message = server.get("/templates/builtin/recipe").await.error(404);
    assert!(message.starts_with("there is no built-in template recipe; there are invoice, receipt, "), "{message}");
}

#[tokio::test]
async fn a_built_in_template_is_copied_with_one_call_and_then_changed_freely() {
    let server = TestServer::start().await;
    let made = copy(&server, "payslip", &json!({"projectId": server.project})).await;
    assert_eq!((made.status, &made.body["name"], &made.body["version"]), (201, &json!("Payslip"), &json!(1)));
    let id = made.body["id"].as_str().unwrap();
    let schema = json!({"net pay": {"type": "number"}});
    let changed = json!({"name": "Wages", "templateSchema": schema});
    let changed = Answer::of(server.call(Method::PATCH, &format!("/templates/{id}")).json(&changed)).await;
    assert_eq!((changed.status, &changed.body["templateSchema"]), (200, &schema));
    let original = server.get("/templates/builtin/payslip").await.body;
    assert_eq!(
        (&original["name"], &original["templateSchema"]["employer"]["type"]),
        (&json!("Payslip"), &json!("string"))
    );
    let named = copy(&server, "payslip", &json!({"projectId": server.project, "name": "Ours"})).await;
    assert_eq!(named.body["name"], "Ours");
}

#[tokio::test]
async fn a_copy_goes_where_the_key_may_write() {
    let server = TestServer::start().await;
    copy(&server, "invoice", &json!({})).await.error(400);
    copy(&server, "invoice", &json!({"projectId": server.project, "name": ""})).await.error(400);
    copy(&server, "nothing", &json!({"projectId": server.project})).await.error(404);
    let (foreign, theirs) = server.foreign().await;
    copy(&server, "invoice", &json!({"projectId": theirs})).await.error(401);
    let own =
        server.json_with(&foreign, Method::POST, "/templates/builtin/invoice/copy", json!({"projectId": theirs})).await;
    assert_eq!((own.status, &own.body["projectId"]), (201, &json!(theirs)));
    let key = server.new_key(server.organization, Some(server.project)).await;
    let own = server.json_with(&key, Method::POST, "/templates/builtin/invoice/copy", json!({})).await;
    assert_eq!((own.status, &own.body["projectId"]), (201, &json!(server.project)));
}
