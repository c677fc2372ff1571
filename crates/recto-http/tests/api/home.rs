//! `GET /`

use recto_http::ApiSettings;

use crate::server::{Answer, TestServer};

#[tokio::test]
async fn a_browser_is_greeted_with_commands_to_paste() {
    let server = TestServer::start().await;
    let answer = Answer::of(server.client.get(&server.base)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let page = String::from_utf8(answer.bytes).unwrap();
    assert!(page.contains("curl $RECTO_URL/v1/openapi/batch/upload"), "{page}");
    assert!(page.contains("2 workers are ready"));
}

#[tokio::test]
async fn the_page_names_the_public_address_and_never_the_host_that_was_asked_for() {
    let public_url = Some("https://ocr.example.com/".to_owned());
    let named = TestServer::with(ApiSettings { public_url, ..ApiSettings::default() }).await;
    let unnamed = TestServer::start().await;
    for (server, address) in [(&named, "https://ocr.example.com\n"), (&unnamed, "http://…\n")] {
        let request = server.client.get(&server.base).header("Host", "attacker.example");
        let page = String::from_utf8(Answer::of(request).await.bytes).unwrap();
        assert!(page.contains(&format!("export RECTO_URL={address}")) && !page.contains("attacker"), "{page}");
    }
}

#[tokio::test]
async fn the_page_loads_nothing_inline_and_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let page = String::from_utf8(Answer::of(server.client.get(&server.base)).await.bytes).unwrap();
    assert!(!page.contains("<script") && !page.contains("<style") && !page.contains("style="));
    let mut found = 0;
    for link in page.split(['"', '\'']).filter(|text| text.starts_with('/')) {
        let answer = Answer::of(server.client.get(format!("{}{link}", server.base))).await;
        assert_eq!(answer.status, 200, "{link}");
        found += 1;
    }
    assert!(found >= 4, "links of the page");
}
