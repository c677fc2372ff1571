//! `/templates`

use insta::{assert_json_snapshot, assert_snapshot};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

fn receipt(server: &TestServer) -> Value {
    json!({
        "name": "Receipt",
        "description": "shop receipts",
        "projectId": server.project.to_string(),
        "templateSchema": {"total": {"type": "number", "description": "Total amount"}},
    })
}

async fn create(server: &TestServer, body: &Value) -> Answer {
    Answer::of(server.call(Method::POST, "/templates").json(body)).await
}

async fn change(server: &TestServer, method: Method, id: &str, body: &Value) -> Answer {
    Answer::of(server.call(method, &format!("/templates/{id}")).json(body)).await
}

async fn made(server: &TestServer) -> String {
    let answer = create(server, &receipt(server)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["templateId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_template_comes_back_as_it_was_sent() {
    let server = TestServer::start().await;
    let answer = create(&server, &receipt(&server)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["id"], answer.body["templateId"]);
    assert_json_snapshot!(answer.tidy());
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/templates/{id}")).await.body, answer.body);
    assert_eq!(server.get("/templates").await.body, json!([answer.body]));
}

#[tokio::test]
async fn both_forms_of_a_schema_are_kept() {
    let server = TestServer::start().await;
    let nested = json!({"type": "object", "properties": {"a": {"type": "date"}}, "required": ["a"]});
    let body = json!({"name": "x", "description": "", "projectId": server.project.to_string(),
        "templateSchema": nested});
    assert_eq!(create(&server, &body).await.body["templateSchema"], nested);
}

#[tokio::test]
async fn a_list_is_of_the_organization_or_of_the_tokens_or_the_named_project() {
    let server = TestServer::start().await;
    let sibling = server.sibling_project().await;
    let (foreign, theirs) = server.foreign().await;
    let own = made(&server).await;
    let mut body = receipt(&server);
    body["projectId"] = json!(sibling);
    let other = create(&server, &body).await.body["templateId"].as_str().unwrap().to_owned();
    let ids = |answer: &Answer| {
        let list = answer.body.as_array().unwrap().iter();
        let mut ids: Vec<String> = list.map(|template| template["templateId"].as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&server.get("/templates").await), [own.clone(), other.clone()]);
    assert_eq!(ids(&server.get(&format!("/templates?projectId={sibling}")).await), std::slice::from_ref(&other));
    server.get(&format!("/templates?projectId={theirs}")).await.error(401);
    assert_eq!(server.get_with(&foreign, "/templates").await.body, json!([]));
    let key = server.new_key(server.organization, Some(sibling)).await;
    assert_eq!(ids(&server.get_with(&key, "/templates").await), [other]);
    server.get_with(&key, &format!("/templates?projectId={}", server.project)).await.error(401);
}

#[tokio::test]
async fn a_project_token_implies_its_project() {
    let server = TestServer::start().await;
    let key = server.new_key(server.organization, Some(server.project)).await;
    let mut body = receipt(&server);
    body.as_object_mut().unwrap().remove("projectId");
    let made = server.json_with(&key, Method::POST, "/templates", body.clone()).await;
    assert_eq!((made.status, &made.body["projectId"]), (201, &json!(server.project)));
    assert_eq!(create(&server, &body).await.status, 400, "an organization's key names it");
}

#[tokio::test]
async fn free_text_needs_no_fields() {
    let server = TestServer::start().await;
    let template = |format: &str, schema: Value| {
        json!({"name": "Letter", "description": "", "templateSchema": schema, "resultFormat": format,
            "instructions": "Keep the salutation.", "projectId": server.project})
    };
    for format in ["text", "pdf", "docx", "xml", "html"] {
        let made = create(&server, &template(format, json!({}))).await;
        assert_eq!((made.status, &made.body["extractionMode"]), (201, &json!("free_text")), "{format}");
        assert_eq!((&made.body["resultFormat"], &made.body["templateSchema"]), (&json!(format), &json!({})));
        assert_eq!(made.body["instructions"], "Keep the salutation.");
    }
    for format in ["json", "csv"] {
        create(&server, &template(format, json!({}))).await.error(400);
    }
    let mixed = create(&server, &template("docx", json!({"total": {"type": "number"}}))).await;
    assert_eq!(mixed.body["extractionMode"], "structured");
}

#[tokio::test]
async fn everything_wrong_with_a_template_is_said_at_once() {
    let server = TestServer::start().await;
    let wrong = json!({"name": "", "templateSchema": {"a": {"type": "colour"}}, "extractionMode": "guess",
        "resultFormat": "rtf", "isActive": "yes"});
    let said = [
        create(&server, &wrong).await.error(400),
        create(&server, &json!({})).await.error(400),
        create(
            &server,
            &json!({"name": "x", "description": "x", "projectId": server.project.to_string(),
            "templateSchema": {}}),
        )
        .await
        .error(400),
    ];
    assert_snapshot!(said.join("\n").replace(" | ", "\n"));
}

#[tokio::test]
async fn a_change_of_what_it_says_is_a_new_version() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let changed = change(&server, Method::PATCH, &id, &json!({"description": "better"})).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)));
    assert_eq!(changed.body["templateSchema"]["total"]["type"], "number");
    let same = change(&server, Method::PATCH, &id, &json!({"description": "better", "isActive": false})).await;
    assert_eq!((&same.body["version"], &same.body["isActive"]), (&json!(2), &json!(false)));
    let versions = server.get(&format!("/templates/{id}/versions")).await.body;
    assert_eq!(versions.as_array().unwrap().len(), 2);
    assert_eq!((&versions[0]["version"], &versions[1]["description"]), (&json!(2), &json!("shop receipts")));
    let replaced = change(&server, Method::PUT, &id, &receipt(&server)).await;
    assert_eq!(replaced.body["version"], 3);
    change(&server, Method::PUT, &id, &json!({"name": "half"})).await.error(400);
}

#[tokio::test]
async fn a_template_sent_as_inactive_is_made_so_and_not_changed() {
    let server = TestServer::start().await;
    let mut body = receipt(&server);
    body["isActive"] = false.into();
    let made = create(&server, &body).await;
    assert_eq!((made.status, &made.body["isActive"], &made.body["version"]), (201, &json!(false), &json!(1)));
    assert_eq!(server.get("/audit-log?action=template.created").await.body["pagination"]["total"], 1);
    assert_eq!(server.get("/audit-log?action=template.updated").await.body["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_deleted_template_is_gone_and_its_records_keep_it() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let form = server.form().file("a.png", crate::form::PNG).field("templateId", id.clone());
    let batch = server.send(form).await;
    assert_eq!((batch.status, &batch.body["templateName"]), (201, &json!("Receipt")));
    assert_eq!(Answer::of(server.call(Method::DELETE, &format!("/templates/{id}"))).await.status, 204);
    server.get(&format!("/templates/{id}")).await.error(404);
    assert_eq!(server.get("/templates").await.body, json!([]));
    server.work().await;
    let record = batch.body["processingHistoryIds"][0].as_str().unwrap();
    let record = server.get(&format!("/processing-history/{record}")).await.body;
    assert_eq!((&record["status"], &record["templateName"]), (&json!("completed"), &json!("Receipt")));
    assert_eq!((&record["templateVersion"], &record["fields"]), (&json!(1), &json!({"total": null})));
    let form = server.form().file("a.png", crate::form::PNG).field("templateId", id);
    server.send(form).await.error(400);
}

#[tokio::test]
async fn work_in_hand_keeps_the_version_it_was_sent_with() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let send = async || {
        let form = server.form().file("a.png", crate::form::PNG).field("templateId", id.clone());
        server.send(form).await.body["processingHistoryIds"][0].as_str().unwrap().to_owned()
    };
    let before = send().await;
    let schema = json!({"templateSchema": {"shop": {"type": "string"}}, "name": "Shop"});
    assert_eq!(change(&server, Method::PATCH, &id, &schema).await.body["version"], 2);
    let after = send().await;
    server.work().await;
    for (record, version, name, fields) in
        [(before, 1, "Receipt", json!({"total": null})), (after, 2, "Shop", json!({"shop": null}))]
    {
        let record = server.get(&format!("/processing-history/{record}")).await.body;
        assert_eq!((&record["templateVersion"], &record["fields"]), (&json!(version), &fields));
        assert_eq!((&record["status"], &record["templateName"]), (&json!("completed"), &json!(name)));
    }
}

#[tokio::test]
async fn a_batch_takes_only_templates_that_fit() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let other = server.sibling_project().await;
    let form = |project: String, template: &str| {
        crate::form::Upload::new()
            .file("a.png", crate::form::PNG)
            .field("projectId", project)
            .field("templateId", template.to_owned())
    };
    assert!(server.send(form(other.to_string(), &id)).await.error(400).contains("another project"));
    server.send(form(server.project.to_string(), "nonsense")).await.error(400);
    change(&server, Method::PATCH, &id, &json!({"isActive": false})).await;
    assert!(server.send(form(server.project.to_string(), &id)).await.error(400).contains("not active"));
    let (key, project) = server.foreign().await;
    let foreign = form(project.to_string(), &id).into_form();
    Answer::of(server.bare(Method::POST, "/batch/upload").header("X-API-Key", key).multipart(foreign)).await.error(401);
    server.assert_nothing_kept().await;
}

#[tokio::test]
async fn examples_are_kept_with_their_right_values() {
    let server = TestServer::start().await;
    let id = made(&server).await;
    let path = format!("/templates/{id}/data-files");
    let form = Form::new()
        .part("file", Part::bytes(crate::form::PNG).file_name("März.png"))
        .text("fields", r#"{"total": 12.5}"#);
    let added = Answer::of(server.call(Method::POST, &path).multipart(form)).await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!((&added.body["fileName"], &added.body["fields"]), (&json!("März.png"), &json!({"total": 12.5})));
    assert_eq!(server.get(&path).await.body, json!([added.body]));
    let one = format!("{path}/{}", added.body["id"].as_str().unwrap());
    let file = server.get(&one).await;
    assert_eq!((file.bytes.as_slice(), file.header("content-type")), (crate::form::PNG, "image/png"));
    assert!(file.header("content-disposition").starts_with("attachment;"));
    assert_eq!(Answer::of(server.call(Method::DELETE, &one)).await.status, 204);
    server.get(&one).await.error(404);
    crate::server::eventually("the example is gone", || server.blobs().is_empty()).await;
}

#[tokio::test]
async fn the_regular_expressions_of_a_template_share_what_may_be_spent_on_them() {
    let server = TestServer::start().await;
    let body =
        |schema: Value| json!({"name": "x", "description": "", "projectId": server.project, "templateSchema": schema});
    let many = |field: &dyn Fn(usize) -> Value| (0..200).map(|n| (format!("f{n}"), field(n))).collect::<Value>();
    let costly = r"\w{12}";
    let patterns = many(&|_| json!({"type": "string", "pattern": costly}));
    let hints = many(&|_| json!({"type": "string", "find": {"regex": costly}}));
    let other_case = many(&|_| json!({"type": "string", "pattern": r"(?i)[\w&&\S]+"}));
    let fields = many(&|_| json!({"parser": "regex", "regex": format!("({costly})")}));
    let program = json!({"type": "object", "properties": {}, "invoice2data": {"keywords": ["a"], "fields": fields}});
    let id = made(&server).await;
    for (schema, field) in [
        (&patterns, "templateSchema.f"),
        (&hints, "templateSchema.f"),
        (&other_case, "templateSchema.f"),
        (&program, "templateSchema.invoice2data.fields.f"),
    ] {
        for answer in [
            create(&server, &body(schema.clone())).await,
            change(&server, Method::PATCH, &id, &json!({"templateSchema": schema})).await,
        ] {
            let told = answer.error(400);
            assert!(told.starts_with(field) && told.contains("is too costly to compile"), "{told}");
        }
    }
    // Half of it for each is too much together.
    let half = (0..10).map(|n| (format!("f{n}"), json!({"type": "string", "pattern": costly}))).collect::<Value>();
    let made = create(&server, &body(half.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mut both = half;
    for n in 0..10 {
        both[format!("g{n}")] = json!({"type": "string", "find": {"regex": costly}});
    }
    let told = create(&server, &body(both)).await.error(400);
    assert!(told.starts_with("templateSchema.g"), "{told}");
    let ordinary = many(
        &|n| json!({"type": "string", "pattern": r"^[A-Z]{2}\d{9}$", "find": {"regex": format!(r"No\. {n} (\S+)")}}),
    );
    let made = create(&server, &body(ordinary)).await;
    assert_eq!(made.status, 201, "{}", made.body);
}
