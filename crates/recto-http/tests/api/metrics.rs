//! `GET /metrics`

use recto_http::{ApiSettings, MetricsToken};

use crate::server::{Answer, TestServer};

const TOKEN: &str = "a token for metrics";

async fn get(server: &TestServer, token: Option<&str>) -> Answer {
    let request = server.client.get(format!("{}/metrics", server.base));
    Answer::of(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

#[tokio::test]
async fn nobody_reads_metrics_unless_the_settings_say_who() {
    let server = TestServer::start().await;
    get(&server, None).await.error(404);
    get(&server, Some(TOKEN)).await.error(404);
}

#[tokio::test]
async fn with_the_token_they_tell_of_the_disk() {
    let metrics_token = Some(MetricsToken::new(TOKEN.to_owned()));
    let server = TestServer::with(ApiSettings { metrics_token, ..ApiSettings::default() }).await;
    for wrong in [None, Some(""), Some("a token for metric"), Some(server.key.as_str())] {
        let answer = get(&server, wrong).await;
        answer.error(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let answer = get(&server, Some(TOKEN)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = String::from_utf8(answer.bytes).unwrap();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{name}{{holds="))).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!(value("recto_disk_free_bytes") > 0 && value("recto_disk_free_bytes") < value("recto_disk_size_bytes"));
    assert!(value("recto_disk_reserve_bytes") <= 200_000_000);
    assert!(text.contains("\nrecto_workers_ready 2\n") && text.ends_with("# EOF\n"), "{text}");
    assert_eq!(text.matches("# EOF").count(), 1);
    // The refused requests above were answered; this one was not yet.
    assert!(text.contains("recto_http_requests_total{method=\"GET\",path=\"/metrics\",status=\"401\"} 4\n"), "{text}");
    assert!(text.contains("recto_http_answer_seconds_count{method=\"GET\",path=\"/metrics\"} 4\n"), "{text}");
}

#[tokio::test]
async fn they_tell_what_waits_and_for_how_long() {
    let metrics_token = Some(MetricsToken::new(TOKEN.to_owned()));
    let server = TestServer::with(ApiSettings { metrics_token, ..ApiSettings::default() }).await;
    server.batch(&["a.png", "b.png"]).await;
    // What waits is counted about once a second.
    let text = loop {
        let text = String::from_utf8(get(&server, Some(TOKEN)).await.bytes).unwrap();
        if text.contains("\nrecto_queue_items 2\n") {
            break text;
        }
    };
    assert!(text.contains("\nrecto_queue_extractions 0\n"), "{text}");
    let age = text.lines().find_map(|line| line.strip_prefix("recto_queue_oldest_seconds ")).unwrap();
    assert!(age.parse::<u64>().unwrap() < 600, "{age}");
}
