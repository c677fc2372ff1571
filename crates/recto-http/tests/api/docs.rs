//! `GET /docs`: Swagger UI from the binary.

use crate::server::{Answer, TestServer};

async fn get(server: &TestServer, path: &str) -> Answer {
    Answer::of(server.client.get(format!("{}{path}", server.base))).await
}

#[tokio::test]
async fn the_page_loads_only_what_the_server_has_and_runs_nothing_inline() {
    let server = TestServer::start().await;
    let page = get(&server, "/docs").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-eval"), "{policy}");
    let html = String::from_utf8(page.bytes).unwrap();
    let loaded: Vec<&str> = html.split(['"']).filter(|text| text.starts_with('/')).collect();
    assert!(loaded.contains(&"/docs/swagger-ui-bundle.js") && !html.contains("//"), "{html}");
    assert!(html.matches("<script").count() == html.matches("<script src=").count(), "{html}");
    for path in loaded {
        assert_eq!(get(&server, path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn other_files_are_not_there() {
    let server = TestServer::start().await;
    get(&server, "/docs/index.html").await.error(404);
    get(&server, "/docs/..%2f..%2fetc%2fpasswd").await.error(404);
}

#[tokio::test]
async fn no_validator_of_another_host_is_asked() {
    let server = TestServer::start().await;
    let script = get(&server, "/docs/docs.js").await;
    assert!(String::from_utf8(script.bytes).unwrap().contains("validatorUrl: null"));
}
