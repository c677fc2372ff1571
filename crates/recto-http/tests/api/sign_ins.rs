//! Sign-ins that fail.

use std::time::Duration;

use recto_domain::{ApiKey, AuditAction, AuditEntry, OrganizationId};
use recto_http::{ApiSettings, ClientSettings};
use recto_storage::AuditFilter;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::server::{Answer, TestServer};

/// One failure a minute from an address that a proxy tells; the log is told at once.
async fn strict() -> TestServer {
    let clients = ClientSettings {
        failed_sign_ins_per_minute: 1,
        noting: Duration::from_millis(10),
        ..ClientSettings::default()
    };
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    TestServer::with(ApiSettings { rate_limit_per_minute: 0, trusted_proxies, clients, ..ApiSettings::default() }).await
}

fn from(server: &TestServer, address: &str) -> RequestBuilder {
    let path = format!("/batch?projectId={}", server.project);
    server.bare(Method::GET, &path).header("X-Forwarded-For", address)
}

async fn with_key(server: &TestServer, address: &str, key: &str) -> Answer {
    Answer::of(from(server, address).header("X-API-Key", key)).await
}

async fn failures(server: &TestServer, organization: Option<OrganizationId>) -> Vec<AuditEntry> {
    let action = Some(AuditAction::SignInFailed);
    let filter = AuditFilter { organization, project: None, action, object: None, since: None, page: 1, limit: 100 };
    server.storage.audit().entries(&filter).await.unwrap().0
}

/// Waits until so many failures are in the log.
async fn counted(server: &TestServer, organization: Option<OrganizationId>, count: u64) -> Vec<AuditEntry> {
    let counting = async {
        loop {
            let entries = failures(server, organization).await;
            if entries.iter().map(|entry| entry.count).sum::<u64>() >= count {
                return entries;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), counting).await.expect("the failures are in the log")
}

#[tokio::test]
async fn an_address_that_fails_too_often_must_wait_and_others_need_not() {
    let server = strict().await;
    let (working, new) = (server.key.clone(), server.new_key(server.organization, None).await);
    assert_eq!(with_key(&server, "192.0.2.1", &working).await.status, 200);
    with_key(&server, "192.0.2.1", ApiKey::generate().expose()).await.error(401);
    let wrong = with_key(&server, "192.0.2.1", ApiKey::generate().expose()).await;
    assert!(wrong.error(429).starts_with("too many failed sign-ins from your address; try again in "));
    assert!((1..=61).contains(&wrong.header("retry-after").parse().unwrap()));
    with_key(&server, "192.0.2.1", "ocr_mistyped").await.error(429);
    Answer::of(from(&server, "192.0.2.1").header("Authorization", "Bearer a.b.c")).await.error(429);
    let login = server.bare(Method::POST, "/auth/login").header("X-Forwarded-For", "192.0.2.1");
    Answer::of(login.json(&json!({"token": ApiKey::generate().expose()}))).await.error(429);
    with_key(&server, "192.0.2.1", &new).await.error(429);

    assert_eq!(with_key(&server, "192.0.2.1", &working).await.status, 200, "it was good before");
    assert_eq!(with_key(&server, "192.0.2.2", &new).await.status, 200);
    assert_eq!(with_key(&server, "192.0.2.1", &new).await.status, 200, "now it was good before");
    let health = server.client.get(format!("{}/healthz", server.base)).header("X-Forwarded-For", "192.0.2.1");
    assert_eq!(Answer::of(health).await.status, 200);
}

#[tokio::test]
async fn an_address_of_ipv6_is_slowed_with_its_network() {
    let server = strict().await;
    with_key(&server, "2001:db8::1", "ocr_wrong").await.error(401);
    with_key(&server, "2001:db8::4", "ocr_wrong").await.error(429);
    with_key(&server, "2001:db8:0:1::4", "ocr_wrong").await.error(401);
}

#[tokio::test]
async fn wrong_keys_are_counted_in_the_log_of_the_installation() {
    let server = strict().await;
    for _ in 0..5 {
        with_key(&server, "192.0.2.1", ApiKey::generate().expose()).await;
    }
    let entries = counted(&server, None, 5).await;
    assert_eq!(entries.iter().map(|entry| entry.count).sum::<u64>(), 5);
    let entry = &entries[0];
    assert_eq!((entry.organization_id, entry.token_id, entry.actor.as_str()), (None, None, "unknown"));
    assert_eq!(entry.address, Some("192.0.2.1".parse().unwrap()));
    assert_eq!(failures(&server, Some(server.organization)).await, []);
}

#[tokio::test]
async fn a_key_that_was_revoked_is_counted_in_the_log_of_its_organization() {
    let server = strict().await;
    let (key, token) = server.new_token(server.organization, None, None).await;
    server.storage.tokens().revoke(token.id).await.unwrap();
    with_key(&server, "192.0.2.1", &key).await.error(401);
    counted(&server, Some(server.organization), 1).await;
    let log = server.get("/audit-log?action=token.sign_in_failed").await.body;
    let entry = &log["data"][0];
    assert_eq!((&entry["tokenId"], &entry["objectId"]), (&json!(token.id), &json!(token.id)));
    assert_eq!((&entry["actor"], &entry["address"]), (&json!("test"), &json!("192.0.2.1")));
    assert_eq!(failures(&server, None).await, []);
}

#[tokio::test]
async fn what_failed_before_the_server_stops_is_in_the_log() {
    let noting = Duration::from_hours(1);
    let clients = ClientSettings { noting, ..ClientSettings::default() };
    let settings = ApiSettings { rate_limit_per_minute: 0, clients, ..ApiSettings::default() };
    let server = TestServer::with(settings).await;
    server.get_with("ocr_wrong", "/projects").await.error(401);
    server.stop.cancel();
    counted(&server, None, 1).await;
}
