//! `/tokens`

use std::time::Duration;

use insta::assert_json_snapshot;
use recto_domain::Timestamp;
use recto_http::ApiSettings;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// A token of the organization with those permissions and scopes: its path and its key.
async fn token(server: &TestServer, permissions: Value, scopes: Value) -> (String, String) {
    let body = json!({"name": "t", "type": "organization", "permissions": permissions, "scopes": scopes});
    made(&server.json(Method::POST, "/tokens", body).await)
}

/// A token of the server's project with all permissions and scopes: its path and its key.
async fn project_token(server: &TestServer) -> (String, String) {
    let body = json!({"name": "p", "type": "project", "projectId": server.project,
        "permissions": ["read", "write", "admin"], "scopes": ["*"]});
    made(&server.json(Method::POST, "/tokens", body).await)
}

fn made(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 201, "{}", answer.body);
    let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    (format!("/tokens/{}", text("id")), text("apiKey"))
}

/// The path of the token that the server's own key belongs to.
async fn own_path(server: &TestServer) -> String {
    let login = server.bare(Method::POST, "/auth/login").json(&json!({"token": server.key}));
    let answer = Answer::of(login).await;
    format!("/tokens/{}", answer.body["tokenInfo"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_token_is_made_with_a_key_that_is_shown_once() {
    let server = TestServer::start().await;
    let body = json!({
        "name": "Scan station", "description": "ground floor", "type": "project", "projectId": server.project,
        "permissions": ["read", "write"], "scopes": ["batches", "uploads"],
        "allowedAddresses": ["127.0.0.1", "10.1.2.3/8"], "expiresInDays": 30,
    });
    let answer = server.json(Method::POST, "/tokens", body).await;
    let (path, key) = made(&answer);
    let mut tidy = answer.tidy();
    (tidy["apiKey"], tidy["hint"]) = ("<key>".into(), "<hint>".into());
    assert_json_snapshot!(tidy);
    assert_eq!(answer.body["hint"], format!("{}…", &key[..8]));
    assert_eq!(server.get_with(&key, "/batch").await.status, 200);
    for shown in [server.get("/tokens").await, server.get(&path).await] {
        assert_eq!(shown.status, 200);
        assert!(!String::from_utf8(shown.bytes).unwrap().contains(&key), "the key is not shown again");
    }
}

#[tokio::test]
async fn a_token_works_for_a_year_unless_it_is_said() {
    let server = TestServer::start().await;
    let expiry = async |field: Value| {
        let mut body = json!({"name": "t", "type": "organization", "permissions": ["read"], "scopes": ["*"]});
        body.as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        server.json(Method::POST, "/tokens", body).await.body["expiresAt"].clone()
    };
    let year = expiry(json!({})).await.as_str().unwrap().parse::<Timestamp>().unwrap();
    let days = (year.as_millis() - Timestamp::now().as_millis()) / 86_400_000;
    assert!((364..=365).contains(&days), "{year}");
    assert_eq!(expiry(json!({"expiresAt": null})).await, Value::Null);
    assert_eq!(expiry(json!({"expiresAt": "2100-01-01T02:00:00+02:00"})).await, "2100-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn everything_wrong_with_a_token_is_said_at_once() {
    let server = TestServer::start().await;
    let mut said = Vec::new();
    for body in [
        json!({}),
        json!({"name": "x".repeat(101), "description": "x".repeat(501), "type": "robot", "permissions": [],
            "scopes": ["all"], "allowedAddresses": ["10.0.0.0/33", 5], "expiresAt": "2020-01-01T00:00:00Z"}),
        json!({"name": 5, "type": {}, "permissions": "read", "scopes": [], "expiresInDays": 0}),
        json!({"name": "t", "type": "organization", "projectId": server.project, "permissions": ["read", "x"],
            "scopes": ["*"], "expiresInDays": 1, "expiresAt": null}),
        json!({"name": "t", "type": "project", "permissions": ["read"], "scopes": ["*"]}),
    ] {
        said.push(server.json(Method::POST, "/tokens", body).await.error(400).replace(" | ", "\n"));
    }
    insta::assert_snapshot!(said.join("\n\n"));
}

#[tokio::test]
async fn a_list_is_paged_and_shows_revoked_tokens_on_demand() {
    let server = TestServer::start().await;
    let (revoked, _) = token(&server, json!(["read"]), json!(["*"])).await;
    let (of_project, _) = project_token(&server).await;
    assert_eq!(server.delete(&revoked).await.status, 204);
    let list = async |query: String| {
        let answer = server.get(&format!("/tokens?{query}")).await;
        let data = answer.body["data"].as_array().unwrap();
        let ids = data.iter().map(|token| format!("/tokens/{}", token["id"].as_str().unwrap())).collect::<Vec<_>>();
        (ids, answer.body["pagination"].clone())
    };
    let own = own_path(&server).await;
    assert_eq!(list(String::new()).await.0, [&*of_project, &*own]);
    assert_eq!(list("includeRevoked=true".to_owned()).await.0, [&*of_project, &*revoked, &*own]);
    assert_eq!(list(format!("projectId={}", server.project)).await.0, [&*of_project]);
    let (ids, pagination) = list("limit=1&page=2".to_owned()).await;
    assert_eq!((ids, pagination), (vec![own], json!({"page": 2, "limit": 1, "total": 2, "pages": 2})));
    assert!(server.get(&revoked).await.body["revokedAt"].is_string());
    server.get("/tokens?includeRevoked=maybe&limit=0").await.error(400);
}

#[tokio::test]
async fn a_token_is_changed_and_what_is_left_out_stays() {
    let server = TestServer::start().await;
    let (path, key) = token(&server, json!(["read"]), json!(["batches"])).await;
    let projects = async || server.get_with(&key, "/projects").await.status;
    assert_eq!(projects().await, 403);
    let body = json!({"name": "wider", "scopes": ["batches", "projects"], "expiresAt": null});
    let changed = server.json(Method::PATCH, &path, body).await;
    assert_eq!((changed.status, &changed.body["name"]), (200, &json!("wider")));
    assert_eq!((&changed.body["permissions"], &changed.body["expiresAt"]), (&json!(["read"]), &Value::Null));
    assert_eq!(projects().await, 200);
    server.json(Method::PATCH, &path, json!({"allowedAddresses": ["192.0.2.0/24"]})).await;
    assert_eq!(projects().await, 403);
    server.json(Method::PATCH, &path, json!({"allowedAddresses": []})).await;
    assert_eq!(projects().await, 200);
    server.json(Method::PATCH, &path, json!({"permissions": []})).await.error(400);
}

#[tokio::test]
async fn an_allow_list_is_held_against_the_socket_or_what_a_trusted_proxy_tells() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let settings = || ApiSettings { rate_limit_per_minute: 0, ..ApiSettings::default() };
    let behind_proxy = TestServer::with(ApiSettings { trusted_proxies, ..settings() }).await;
    let open = TestServer::with(settings()).await;
    for (server, client, status) in [
        (&behind_proxy, "198.51.100.7", 200),
        (&behind_proxy, "2001:db8::7", 200),
        (&behind_proxy, "203.0.113.1", 403),
        (&open, "198.51.100.7", 403),
    ] {
        let (path, key) = token(server, json!(["read"]), json!(["*"])).await;
        let list = json!({"allowedAddresses": ["198.51.100.0/24", "2001:db8::/32"]});
        assert_eq!(server.json(Method::PATCH, &path, list).await.status, 200);
        let asked = server.bare(Method::GET, "/projects").header("X-API-Key", &key);
        assert_eq!(Answer::of(asked.header("X-Forwarded-For", client)).await.status, status, "{client}");
        let login = server.bare(Method::POST, "/auth/login").json(&json!({"token": key}));
        assert_eq!(Answer::of(login.header("X-Forwarded-For", client)).await.status, status, "{client}");
    }
}

#[tokio::test]
async fn a_regenerated_key_replaces_the_one_before_it_at_once() {
    let server = TestServer::start().await;
    let (path, old) = token(&server, json!(["read"]), json!(["*"])).await;
    let login = Answer::of(server.bare(Method::POST, "/auth/login").json(&json!({"token": old}))).await;
    let signed_in = async || {
        let jwt = login.body["accessToken"].as_str().unwrap();
        Answer::of(server.bare(Method::GET, "/projects").bearer_auth(jwt)).await.status
    };
    assert_eq!(signed_in().await, 200);
    let answer = server.post(&format!("{path}/regenerate")).await;
    assert_eq!((answer.status, answer.body["name"].as_str()), (200, Some("t")));
    let new = answer.body["apiKey"].as_str().unwrap();
    server.get_with(&old, "/projects").await.error(401);
    assert_eq!(server.get_with(new, "/projects").await.status, 200);
    assert_eq!(signed_in().await, 401, "nor does a sign-in outlive the key");
}

#[tokio::test]
async fn a_revoked_token_stops_at_once_and_for_good() {
    let server = TestServer::start().await;
    let (path, key) = token(&server, json!(["read"]), json!(["*"])).await;
    assert_eq!(server.delete(&path).await.status, 204);
    server.get_with(&key, "/projects").await.error(401);
    server.json(Method::PATCH, &path, json!({"name": "x"})).await.error(409);
    server.post(&format!("{path}/regenerate")).await.error(409);
    assert_eq!(server.delete(&path).await.status, 204, "twice is once");
}

#[tokio::test]
async fn nobody_gives_what_they_have_not_got() {
    let server = TestServer::start().await;
    let (_, reader) = token(&server, json!(["read"]), json!(["*"])).await;
    let (_, weak) = token(&server, json!(["read", "admin"]), json!(["tokens", "batches"])).await;
    let (strong, _) = token(&server, json!(["read", "write"]), json!(["*"])).await;
    let make = async |key: &str, permissions: &[&str], scopes: &[&str]| {
        let body = json!({"name": "x", "type": "organization", "permissions": permissions, "scopes": scopes});
        server.json_with(key, Method::POST, "/tokens", body).await
    };
    make(&reader, &["read"], &["batches"]).await.error(403);
    let mut said = vec![make(&weak, &["write"], &["batches"]).await.error(403)];
    said.push(make(&weak, &["read"], &["*"]).await.error(403));
    said.push(server.json_with(&weak, Method::PATCH, &strong, json!({"name": "x"})).await.error(403));
    said.push(server.json_with(&weak, Method::POST, &format!("{strong}/regenerate"), json!({})).await.error(403));
    insta::assert_snapshot!(said.join("\n"));
    let (path, _) = made(&make(&weak, &["read", "admin"], &["tokens"]).await);
    assert_eq!(server.json_with(&weak, Method::PATCH, &path, json!({"name": "x"})).await.status, 200);
}

#[tokio::test]
async fn a_key_that_only_looks_after_tokens_touches_none_that_can_do_more() {
    let server = TestServer::start().await;
    let (own, weak) = token(&server, json!(["admin"]), json!(["tokens"])).await;
    let (peer, _) = token(&server, json!(["admin"]), json!(["tokens"])).await;
    let stronger = [
        token(&server, json!(["read", "admin"]), json!(["tokens"])).await.0,
        token(&server, json!(["admin"]), json!(["tokens", "projects"])).await.0,
        token(&server, json!(["admin"]), json!(["*"])).await.0,
        own_path(&server).await,
    ];
    let lowered = json!({"permissions": ["admin"], "scopes": ["tokens"]});
    for path in &stronger {
        let before = server.get(path).await.body;
        for (method, path, body) in [
            (Method::DELETE, path.clone(), json!({})),
            (Method::PATCH, path.clone(), lowered.clone()),
            (Method::PATCH, path.clone(), json!({"name": "x"})),
            (Method::PATCH, path.clone(), json!({"expiresInDays": 1})),
            (Method::POST, format!("{path}/regenerate"), json!({})),
        ] {
            server.json_with(&weak, method, &path, body).await.error(403);
        }
        let after = server.get(path).await.body;
        assert_eq!((&after["revokedAt"], &after["permissions"]), (&Value::Null, &before["permissions"]), "{path}");
    }
    assert_eq!(server.json_with(&weak, Method::POST, &format!("{peer}/regenerate"), json!({})).await.status, 200);
    assert_eq!(server.json_with(&weak, Method::DELETE, &peer, json!({})).await.status, 204);
    assert_eq!(
        server.json_with(&weak, Method::DELETE, &own, json!({})).await.status,
        204,
        "one may always give up one's own"
    );
}

#[tokio::test]
async fn a_key_that_is_bound_to_addresses_touches_none_that_works_from_others() {
    let server = TestServer::start().await;
    let (own, bound) = token(&server, json!(["admin"]), json!(["tokens"])).await;
    let (other, _) = token(&server, json!(["admin"]), json!(["tokens"])).await;
    for (path, range) in [(&own, "127.0.0.0/8"), (&other, "127.0.0.0/8")] {
        assert_eq!(server.json(Method::PATCH, path, json!({"allowedAddresses": [range]})).await.status, 200);
    }
    let narrower = json!({"allowedAddresses": ["127.0.0.1"]});
    assert_eq!(server.json_with(&bound, Method::PATCH, &other, narrower).await.status, 200);
    server.json_with(&bound, Method::PATCH, &other, json!({"allowedAddresses": []})).await.error(403);
    assert_eq!(server.json(Method::PATCH, &other, json!({"allowedAddresses": []})).await.status, 200);
    server.json_with(&bound, Method::DELETE, &other, json!({})).await.error(403);
}

#[tokio::test]
async fn a_project_token_looks_after_the_tokens_of_its_project() {
    let server = TestServer::start().await;
    let (own, key) = project_token(&server).await;
    let sibling = server.sibling_project().await;
    let (_, of_sibling) = server.new_token(server.organization, Some(sibling), None).await;
    let of_organization = own_path(&server).await;
    let body = |kind: &str, project: Value| {
        json!({"name": "x", "type": kind, "projectId": project,
        "permissions": ["read"], "scopes": ["*"]})
    };
    let post = async |body| server.json_with(&key, Method::POST, "/tokens", body).await;
    post(body("organization", Value::Null)).await.error(403);
    post(body("project", json!(sibling))).await.error(401);
    let implied = post(body("project", Value::Null)).await;
    assert_eq!((implied.status, &implied.body["projectId"]), (201, &json!(server.project)));
    assert_eq!(server.get_with(&key, "/tokens").await.body["pagination"]["total"], 2);
    for path in [of_organization, format!("/tokens/{}", of_sibling.id)] {
        server.get_with(&key, &path).await.error(401);
        server.json_with(&key, Method::PATCH, &path, json!({"name": "x"})).await.error(401);
        server.json_with(&key, Method::DELETE, &path, json!({})).await.error(401);
    }
    assert_eq!(server.json_with(&key, Method::DELETE, &own, json!({})).await.status, 204);
}

#[tokio::test]
async fn the_last_token_that_looks_after_tokens_stays() {
    let server = TestServer::start().await;
    let own = own_path(&server).await;
    token(&server, json!(["read", "write"]), json!(["*"])).await;
    project_token(&server).await;
    server.delete(&own).await.error(409);
    server.json(Method::PATCH, &own, json!({"permissions": ["read"]})).await.error(409);
    server.json(Method::PATCH, &own, json!({"scopes": ["batches"]})).await.error(409);
    assert_eq!(server.get("/tokens").await.status, 200, "nothing was changed");
    token(&server, json!(["admin"]), json!(["tokens"])).await;
    assert_eq!(server.delete(&own).await.status, 204);
    server.get("/tokens").await.error(401);
}

#[tokio::test]
async fn foreign_and_unknown_tokens_and_projects_are_refused() {
    let server = TestServer::start().await;
    let (foreign, theirs) = server.foreign().await;
    let own = own_path(&server).await;
    server.get_with(&foreign, &own).await.error(404);
    server.json_with(&foreign, Method::DELETE, &own, json!({})).await.error(404);
    server.get("/tokens/0123456789abcdef01234567").await.error(404);
    server.get("/tokens/nonsense").await.error(404);
    let body = |project: Value| {
        json!({"name": "x", "type": "project", "projectId": project,
        "permissions": ["read"], "scopes": ["*"]})
    };
    server.json(Method::POST, "/tokens", body(json!(theirs))).await.error(401);
    server.json(Method::POST, "/tokens", body(json!("0123456789abcdef01234567"))).await.error(400);
    assert_eq!(server.get_with(&foreign, "/tokens").await.body["pagination"]["total"], 1);
}

#[tokio::test]
async fn the_last_use_is_known_to_the_minute() {
    let server = TestServer::start().await;
    let (path, key) = token(&server, json!(["read"]), json!(["*"])).await;
    assert_eq!(server.get(&path).await.body["lastUsedAt"], Value::Null);
    server.get_with(&key, "/projects").await;
    let used: Timestamp = server.get(&path).await.body["lastUsedAt"].as_str().unwrap().parse().unwrap();
    let now = Timestamp::now();
    assert_eq!(used.as_millis() % 60_000, 0);
    assert!(used <= now && used > now.minus(Duration::from_mins(2)), "{used}");
}
