//! Nobody reaches into another tenant: every route of the document, asked by those who have no business there.

use std::collections::BTreeMap;

use recto_domain::Timestamp;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::form::PNG;
use crate::openapi::{document, needs_key, operations};
use crate::server::{Answer, TestServer};
use crate::webhooks::HOOK;

/// Routes that name nothing of anybody: outsiders get and make what is their own.
const OF_THE_CALLER: [&str; 4] = ["listProjects", "createProject", "listBuiltinTemplates", "getBuiltinTemplate"];

/// What must not show: names and texts of the owner's objects.
const FACTS: [&str; 8] = ["Acme", "Nightfall", "moonlit", "Eclipse", "stardust", "8.8.8.8", "Comet", "Invoices"];

/// One object of each kind, under the name that paths have for its id.
async fn objects(server: &TestServer) -> BTreeMap<&'static str, String> {
    let id = |answer: &Answer| answer.body["id"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned();
    let make = async |path: &str, body: &Value| id(&server.call_with(&server.key, Method::POST, path, body).await);
    let project = server.project.to_string();
    let webhook = json!({"name": "Comet", "url": HOOK, "events": ["batch.uploaded"], "projectId": project});
    let webhook = make("/webhooks", &webhook).await;
    let schema = json!({"stardust": {"type": "number"}});
    let template = json!({"name": "Eclipse", "description": "", "templateSchema": schema, "projectId": project});
    let template = make("/templates", &template).await;
    let token = json!({"name": "Comet", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
    let token = make("/tokens", &token).await;
    let example = Form::new().part("file", Part::bytes(PNG).file_name("moonlit.png"));
    let example = server.call(Method::POST, &format!("/templates/{template}/data-files")).multipart(example);
    let file = id(&Answer::of(example).await);
    let batch = server.send(server.form().field("name", "Nightfall").file("moonlit.png", PNG)).await;
    server.work().await;
    let deliveries = server.get(&format!("/webhooks/{webhook}/deliveries")).await;
    BTreeMap::from([
        ("batchId", id(&batch)),
        ("recordId", batch.body["processingHistoryIds"][0].as_str().unwrap().to_owned()),
        ("uploadId", batch.body["uploadIds"][0].as_str().unwrap().to_owned()),
        ("templateId", template),
        ("fileId", file),
        ("webhookId", webhook),
        ("deliveryId", deliveries.body["data"][0]["id"].as_str().unwrap().to_owned()),
        ("tokenId", token),
        ("projectId", project),
        // Nobody's.
        ("builtinId", "invoice".to_owned()),
    ])
}

/// The path with the ids filled in, and the query that names the owner's project where there is one.
fn address(path: &str, operation: &Value, ids: &BTreeMap<&str, String>) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => ids.get(name).unwrap_or_else(|| panic!("{path}: put an object's id for {name} into `objects`")),
        None => part,
    });
    let path = parts.collect::<Vec<_>>().join("/");
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    let names_project = parameters.any(|parameter| parameter["name"] == "projectId" && parameter["in"] == "query");
    let sought = if operation["operationId"] == "search" { "&q=invoice" } else { "" };
    if names_project { format!("{path}?projectId={}{sought}", ids["projectId"]) } else { path }
}

/// What goes with a request: a body that is sound but for whom it is about.
fn body(operation: &Value, ids: &BTreeMap<&str, String>) -> Option<Value> {
    let project = &ids["projectId"];
    operation.get("requestBody")?;
    Some(match operation["operationId"].as_str().unwrap() {
        "createTemplate" | "replaceTemplate" => {
            json!({"name": "x", "description": "", "templateSchema": {"a": {"type": "string"}}, "projectId": project})
        }
        "createWebhook" => json!({"name": "x", "url": HOOK, "events": ["batch.completed"], "projectId": project}),
        "createToken" => json!({
            "name": "x", "type": "project", "permissions": ["read"], "scopes": ["*"], "projectId": project
        }),
        "createProject" => json!({"name": "x"}),
        "copyBuiltinTemplate" => json!({"projectId": project}),
        _ => json!({"name": "taken over", "fields": {"stardust": 1}}),
    })
}

async fn ask(server: &TestServer, key: Option<&str>, route: &(Method, String, Value), body: Option<Value>) -> Answer {
    let (method, address, operation) = route;
    let mut request = server.client.request(method.clone(), format!("{}{address}", server.base));
    if let Some(key) = key {
        request = request.header("X-API-Key", key);
    }
    if operation["requestBody"]["content"].get("multipart/form-data").is_some() {
        let part = if operation["operationId"] == "uploadBatch" { "files" } else { "file" };
        let form = Form::new().text("projectId", server.project.to_string());
        request = request.multipart(form.part(part, Part::bytes(PNG).file_name("x.png")));
    } else if let Some(body) = body {
        request = request.json(&body);
    }
    Answer::of(request).await
}

/// All that the owner sees, without what changes by looking.
async fn dump(server: &TestServer, ids: &BTreeMap<&str, String>) -> Value {
    let document = document(server).await;
    let mut seen = serde_json::Map::new();
    for (method, path, operation) in operations(&document) {
        let is_text = path.ends_with("/events") || path.ends_with("/export");
        if method == Method::GET && needs_key(operation) && !is_text {
            let address = address(path, operation, ids);
            let answer = server.client.get(format!("{}{address}", server.base)).header("X-API-Key", &server.key);
            seen.insert(address, steady(Answer::of(answer).await.body));
        }
    }
    Value::Object(seen)
}

fn steady(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .into_iter()
                .filter(|(name, _)| !["fileUrl", "publicUrl", "imageUrl", "lastUsedAt"].contains(&name.as_str()));
            kept.map(|(name, member)| (name, steady(member))).collect()
        }
        Value::Array(items) => items.into_iter().map(steady).collect(),
        other => other,
    }
}

#[tokio::test]
async fn no_route_lets_an_outsider_in_or_tells_him_anything() {
    let server = TestServer::start().await;
    let ids = objects(&server).await;
    let (foreign, _) = server.foreign().await;
    let sibling = server.new_key(server.organization, Some(server.sibling_project().await)).await;
    let yesterday = Timestamp::from_millis(Timestamp::now().as_millis() - 86_400_000);
    let (expired, _) = server.new_token(server.organization, None, Some(yesterday)).await;
    let document = document(&server).await;
    let before = dump(&server, &ids).await;
    assert!(before.as_object().unwrap().len() > 10 && before.to_string().contains("Nightfall"), "{before:#}");

    let mut asked = 0;
    for (method, path, operation) in operations(&document).into_iter().filter(|(.., operation)| needs_key(operation)) {
        let route = (method, address(path, operation, &ids), operation.clone());
        let name = operation["operationId"].as_str().unwrap();
        for (who, key, may_be) in [
            ("another organization", Some(foreign.as_str()), &[401, 403, 404][..]),
            ("a sibling project", Some(sibling.as_str()), &[401, 403, 404]),
            ("an expired key", Some(expired.as_str()), &[401]),
            ("nobody", None, &[401]),
        ] {
            let answer = ask(&server, key, &route, body(operation, &ids)).await;
            let is_own = OF_THE_CALLER.contains(&name) && key.is_some() && answer.status < 300;
            assert!(is_own || may_be.contains(&answer.status), "{name} by {who}: {} {}", answer.status, answer.body);
            let told = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.bytes));
            let organization = server.organization.to_string();
            let is_ours = who == "a sibling project" && is_own;
            for fact in FACTS.iter().chain([&organization.as_str()]).filter(|_| !is_ours) {
                assert!(!told.contains(fact), "{name} tells {who} of {fact}: {told}");
            }
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
    let after = dump(&server, &ids).await;
    assert_eq!(before, after);
}

/// What the published page says of: a batch, a project or a template of another organization is 401.
const SAID_BY_THE_PAGE: [&str; 3] = ["{batchId}", "{projectId}", "{templateId}"];

#[tokio::test]
async fn what_belongs_to_another_organization_is_as_what_there_is_not() {
    const NOWHERE: &str = "0123456789abcdef01234567";
    let server = TestServer::start().await;
    let ids = objects(&server).await;
    let (foreign, _) = server.foreign().await;
    let nowhere: BTreeMap<&str, String> = ids.keys().map(|name| (*name, NOWHERE.to_owned())).collect();
    let document = document(&server).await;
    let mut alike = 0;
    for (method, path, operation) in operations(&document).into_iter().filter(|(.., operation)| needs_key(operation)) {
        if !path.contains('{') || path.contains("{builtinId}") {
            continue;
        }
        let name = operation["operationId"].as_str().unwrap();
        let mut answers = Vec::new();
        for ids in [&ids, &nowhere] {
            let named = ids.iter().find(|(name, _)| path.contains(&format!("{{{name}}}"))).map(|(_, id)| id.clone());
            let route = (method.clone(), address(path, operation, ids), operation.clone());
            let answer = ask(&server, Some(&foreign), &route, body(operation, ids)).await;
            let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            headers.sort();
            let told = String::from_utf8(answer.bytes).unwrap().replace(&named.unwrap(), "<id>");
            answers.push((answer.status, headers, told));
        }
        if SAID_BY_THE_PAGE.iter().any(|named| path.contains(named)) {
            assert_eq!((answers[0].0, answers[1].0), (401, 404), "{name}");
        } else {
            assert_eq!(answers[0], answers[1], "{name}");
            assert_eq!(answers[0].0, 404, "{name}");
            alike += 1;
        }
    }
    assert!(alike > 12, "{alike}");
}

/// The permission and the scope that an operation takes, by its kind.
fn access(method: &Method, operation: &Value) -> (&'static str, &'static str) {
    let is_read = method == Method::GET;
    let writes = if is_read { "read" } else { "write" };
    match operation["tags"][0].as_str().unwrap() {
        "Batches" => (writes, "batches"),
        "Uploads" => (writes, "uploads"),
        "Processing history" => (writes, "history"),
        "Templates" => (writes, "templates"),
        "Webhooks" => (writes, "webhooks"),
        "Projects" => (if is_read { "read" } else { "admin" }, "projects"),
        "Tokens" => ("admin", "tokens"),
        "Audit log" => ("admin", "*"),
        tag => panic!("say which permission and scope {tag} takes"),
    }
}

#[tokio::test]
async fn no_route_is_open_to_a_key_without_its_permission_or_its_scope() {
    const PERMISSIONS: [&str; 3] = ["read", "write", "admin"];
    const SCOPES: [&str; 7] = ["projects", "templates", "uploads", "batches", "history", "webhooks", "tokens"];
    let server = TestServer::start().await;
    let ids = objects(&server).await;
    let key = async |permissions: &[&str], scopes: &[&str]| {
        let body = json!({"name": "t", "type": "organization", "permissions": permissions, "scopes": scopes});
        server.json(Method::POST, "/tokens", body).await.body["apiKey"].as_str().unwrap().to_owned()
    };
    let mut without = BTreeMap::new();
    for name in PERMISSIONS {
        without
            .insert(name, key(&PERMISSIONS.iter().filter(|p| **p != name).copied().collect::<Vec<_>>(), &["*"]).await);
    }
    for name in SCOPES {
        let others: Vec<_> = SCOPES.iter().filter(|scope| **scope != name).copied().collect();
        without.insert(name, key(&PERMISSIONS, &others).await);
    }
    without.insert("*", key(&PERMISSIONS, &SCOPES).await);
    let document = document(&server).await;
    let before = dump(&server, &ids).await;
    let routes: Vec<_> = operations(&document).into_iter().filter(|(.., operation)| needs_key(operation)).collect();
    for (method, path, operation) in &routes {
        let (permission, scope) = access(method, operation);
        let route = (method.clone(), address(path, operation, &ids), (*operation).clone());
        for missing in [permission, scope] {
            let answer = ask(&server, Some(&without[missing]), &route, body(operation, &ids)).await;
            let told = answer.error(403);
            let needs = format!("the permission {permission} in the scope {scope}");
            assert!(told.contains(&needs), "{}: {told}", operation["operationId"]);
        }
    }
    assert_eq!(dump(&server, &ids).await, before);
    for (method, path, operation) in routes.iter().filter(|(method, ..)| method == Method::GET) {
        let (permission, scope) = access(method, operation);
        let exact = key(&[permission], &[scope]).await;
        let route = (method.clone(), address(path, operation, &ids), (*operation).clone());
        let answer = ask(&server, Some(&exact), &route, None).await;
        assert!(![401, 403].contains(&answer.status), "{}: {}", operation["operationId"], answer.body);
    }
}

#[tokio::test]
async fn what_belongs_to_others_cannot_be_used_for_ones_own() {
    let server = TestServer::start().await;
    let ids = objects(&server).await;
    let (foreign, theirs) = server.foreign().await;
    for field in ["batchId", "templateId"] {
        let form = Form::new().text("projectId", theirs.to_string()).text(field, ids[field].clone());
        let form = form.part("file", Part::bytes(PNG).file_name("x.png"));
        let request = server.bare(Method::POST, "/upload").header("X-API-Key", &foreign).multipart(form);
        let told = Answer::of(request).await.error(401);
        assert!(!FACTS.iter().any(|fact| told.contains(fact)), "{told}");
    }
}

#[tokio::test]
async fn a_link_to_a_file_is_nothing_without_its_signature() {
    let server = TestServer::start().await;
    let ids = objects(&server).await;
    for page in ["", "/pages/1"] {
        Answer::of(server.bare(Method::GET, &format!("/files/{}{page}", ids["uploadId"]))).await.error(403);
    }
}
