//! Requests per key and minute.

use recto_domain::Timestamp;
use recto_http::ApiSettings;
use reqwest::Method;

use crate::server::{Answer, TestServer};

async fn limited(limit: u64) -> TestServer {
    TestServer::with(ApiSettings { rate_limit_per_minute: limit, ..ApiSettings::default() }).await
}

fn number(answer: &Answer, name: &str) -> i64 {
    answer.header(name).parse().unwrap()
}

#[tokio::test]
async fn every_answer_to_a_key_counts_down() {
    let server = limited(600).await;
    let first = server.get("/nowhere").await;
    first.error(404);
    assert_eq!(first.header("x-ratelimit-limit"), "600");
    let now = Timestamp::now().as_millis() / 1000;
    let reset = number(&first, "x-ratelimit-reset");
    assert!(reset % 60 == 0 && (now - 1..=now + 60).contains(&reset), "{reset} at {now}");
    let second = server.get("/batch").await;
    second.error(400);
    let same_minute = number(&second, "x-ratelimit-reset") == reset;
    let left = number(&second, "x-ratelimit-remaining");
    assert_eq!(left, if same_minute { 598 } else { 599 });
}

#[tokio::test]
async fn one_request_too_many_is_429_and_other_keys_are_not_touched() {
    let server = limited(3).await;
    let other = server.new_key(server.organization, None).await;
    let path = format!("/batch?projectId={}", server.project);
    let mut refused = None;
    // A minute may end in between: then the count begins again, once.
    for _ in 0..8 {
        let answer = server.get(&path).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 200);
    }
    let refused = refused.expect("a limit of 3 ends within 8 requests");
    refused.error(429);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert!((1..=60).contains(&number(&refused, "retry-after")));
    assert_eq!(server.get_with(&other, &path).await.status, 200);
}

#[tokio::test]
async fn a_hundred_at_once_get_twenty_through() {
    let server = limited(20).await;
    let path = format!("/batch?projectId={}", server.project);
    room_in_the_minute().await;
    let answers = futures::future::join_all((0..100).map(|_| server.get(&path))).await;
    let resets: std::collections::BTreeSet<i64> = answers.iter().map(|a| number(a, "x-ratelimit-reset")).collect();
    assert_eq!(resets.len(), 1, "one window");
    let mut left: Vec<i64> =
        answers.iter().filter(|a| a.status == 200).map(|a| number(a, "x-ratelimit-remaining")).collect();
    left.sort_unstable();
    assert_eq!(left, (0..20).collect::<Vec<_>>());
    assert!(answers.iter().all(|a| a.status == 200 || (a.status == 429 && !a.header("retry-after").is_empty())));
}

/// Waits for the next minute unless enough is left of this one, so that a count in one window is exact.
async fn room_in_the_minute() {
    let into_the_minute = Timestamp::now().as_millis().rem_euclid(60_000).unsigned_abs();
    if into_the_minute > 40_000 {
        tokio::time::sleep(std::time::Duration::from_millis(60_100 - into_the_minute)).await;
    }
}

#[tokio::test]
async fn servers_over_one_database_count_together() {
    let server = limited(20).await;
    let settings = ApiSettings { rate_limit_per_minute: 20, ..ApiSettings::default() };
    let other = server.another(settings).await;
    room_in_the_minute().await;
    let asked = (0..60).map(|i| {
        let address = if i % 2 == 0 { &server.address } else { &other };
        let url = format!("http://{address}/v1/openapi/batch?projectId={}", server.project);
        Answer::of(server.client.get(url).header("X-API-Key", &server.key))
    });
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 20);
    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 40);
}

#[tokio::test]
async fn a_sign_in_counts_as_a_request_of_its_key() {
    let server = limited(600).await;
    let login = || server.bare(Method::POST, "/auth/login").json(&serde_json::json!({"token": server.key}));
    let first = Answer::of(login()).await;
    assert_eq!((first.status, first.header("x-ratelimit-limit")), (200, "600"));
    let server = limited(1).await;
    let login = || server.bare(Method::POST, "/auth/login").json(&serde_json::json!({"token": server.key}));
    let mut answers = vec![Answer::of(login()).await];
    while answers.len() < 4 && answers.last().is_some_and(|answer| answer.status == 200) {
        answers.push(Answer::of(login()).await);
    }
    let refused = answers.last().unwrap();
    refused.error(429);
    assert!(!refused.header("retry-after").is_empty() && refused.header("x-ratelimit-remaining") == "0");
}

#[tokio::test]
async fn without_a_limit_or_a_key_nothing_is_counted() {
    let server = limited(0).await;
    assert_eq!(server.get("/nowhere").await.header("x-ratelimit-limit"), "");
    let server = limited(1).await;
    for _ in 0..3 {
        let answer = Answer::of(server.bare(Method::GET, "/nowhere")).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (404, ""));
    }
}
