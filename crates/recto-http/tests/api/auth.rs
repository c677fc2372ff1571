//! Keys, and `POST /auth/login`

use recto_domain::{ApiKey, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

async fn login(server: &TestServer, body: Value) -> Answer {
    Answer::of(server.bare(Method::POST, "/auth/login").json(&body)).await
}

async fn with_bearer(server: &TestServer, bearer: &str) -> Answer {
    let request = server.bare(Method::GET, &format!("/batch?projectId={}", server.project));
    Answer::of(request.header("Authorization", format!("Bearer {bearer}"))).await
}

#[tokio::test]
async fn a_key_goes_in_either_header() {
    let server = TestServer::start().await;
    assert_eq!(server.get(&format!("/batch?projectId={}", server.project)).await.status, 200);
    assert_eq!(with_bearer(&server, &server.key).await.status, 200);
}

#[tokio::test]
async fn missing_mistyped_unknown_expired_and_revoked_keys_are_401() {
    let server = TestServer::start().await;
    let path = format!("/batch?projectId={}", server.project);
    let past = Timestamp::from_millis(1);
    let (expired, _) = server.new_token(server.organization, None, Some(past)).await;
    let (revoked, token) = server.new_token(server.organization, None, None).await;
    server.storage.tokens().revoke(token.id).await.unwrap();
    let mut said = vec![Answer::of(server.bare(Method::GET, &path)).await.error(401)];
    for key in ["ocr_wrong", ApiKey::generate().expose(), &expired, &revoked] {
        said.push(server.get_with(key, &path).await.error(401));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    an API key is required: send it as X-API-Key or as Authorization: Bearer
    the API key or access token is not valid
    the API key or access token is not valid
    the API key or access token has expired
    the API key was revoked
    ");
}

#[tokio::test]
async fn a_sign_in_gives_an_access_token_that_works() {
    let server = TestServer::start().await;
    let answer = login(&server, json!({"token": server.key})).await;
    assert_eq!((answer.status, &answer.body["expiresIn"]), (200, &json!(3600)));
    let jwt = answer.body["accessToken"].as_str().unwrap();
    assert_eq!(with_bearer(&server, jwt).await.status, 200);
    with_bearer(&server, &format!("{}AAAA", &jwt[..jwt.len() - 4])).await.error(401);
    let mut info = answer.tidy()["tokenInfo"].clone();
    info["permissions"] = info["permissions"].as_array().unwrap().len().into();
    let expected = json!({
        "id": "<id>", "name": "test", "type": "organization", "organizationId": "<id>", "organizationName": "Acme",
        "projectId": null,
        "permissions": 3, "scopes": ["*"], "expiresAt": null,
    });
    assert_eq!(info, expected);
}

#[tokio::test]
async fn a_project_token_signs_in_as_one() {
    let server = TestServer::start().await;
    let key = server.new_key(server.organization, Some(server.project)).await;
    let info = login(&server, json!({"token": key})).await.body["tokenInfo"].clone();
    assert_eq!((&info["type"], &info["projectId"]), (&json!("project"), &json!(server.project)));
}

#[tokio::test]
async fn an_access_token_ends_with_its_key() {
    let server = TestServer::start().await;
    let (key, token) = server.new_token(server.organization, None, None).await;
    let jwt = login(&server, json!({"token": key})).await.body["accessToken"].clone();
    server.storage.tokens().revoke(token.id).await.unwrap();
    with_bearer(&server, jwt.as_str().unwrap()).await.error(401);
}

#[tokio::test]
async fn bad_sign_ins_are_refused() {
    let server = TestServer::start().await;
    login(&server, json!({"token": "ocr_no"})).await.error(401);
    login(&server, json!({"token": ApiKey::generate().expose()})).await.error(401);
    login(&server, json!({})).await.error(400);
    login(&server, json!({"token": ""})).await.error(400);
    login(&server, json!({"token": 5})).await.error(400);
    login(&server, json!([])).await.error(400);
    let post = || server.bare(Method::POST, "/auth/login");
    Answer::of(post().body("{}")).await.error(415);
    Answer::of(post().header("Content-Type", "application/json").body("{")).await.error(400);
    Answer::of(post().header("Content-Type", "application/json").body(vec![b' '; 100_000])).await.error(413);
}
