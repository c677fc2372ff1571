//! What is taken in no more because too much waits, or because a project has had its share of the day.

use recto_http::ApiSettings;
use recto_storage::{Limit, ProjectChange};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::form::PNG;
use crate::server::{Answer, TestServer};

#[tokio::test]
async fn while_too_much_waits_nothing_more_is_taken() {
    let server = TestServer::with(ApiSettings { max_backlog: 2, ..ApiSettings::default() }).await;
    // What waits is counted about once a second: some more may come in.
    let refused = loop {
        let answer = server.send(server.form().file("a.png", PNG)).await;
        if answer.status != 201 {
            break answer;
        }
    };
    let taken = server.total().await;
    assert!(taken >= 2, "{taken}");
    let said = refused.error(503);
    assert!(said.ends_with("waiting to be read; no more are accepted until fewer than 2 are"), "{said}");
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(server.blobs().len() as u64, taken, "nothing is stored of what is refused");
    let single = Form::new().part("file", Part::bytes(PNG).file_name("a.png"));
    Answer::of(server.call(Method::POST, "/upload").multipart(single)).await.error(503);
    assert_eq!(server.get(&format!("/batch?projectId={}", server.project)).await.status, 200, "all else is done");
    server.work().await;
    while server.send(server.form().file("b.png", PNG)).await.status == 503 {}
}

#[tokio::test]
async fn a_project_that_has_had_its_pages_of_the_day_waits_for_the_next() {
    let server = TestServer::with(ApiSettings { pages_per_day: 3, ..ApiSettings::default() }).await;
    server.batch(&["two.png", "a.png"]).await;
    assert_eq!(server.send(server.form().file("b.png", PNG)).await.status, 201, "what is not opened has not counted");
    server.work().await;
    let answer = server.send(server.form().file("c.png", PNG)).await;
    let said = answer.error(429);
    assert!(said.starts_with("the project has used up its 3 pages for today"), "{said}");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
    assert_eq!(server.total().await, 2);

    let batches = server.get(&format!("/batch?projectId={}", server.project)).await.body;
    let batch = batches["data"][0]["id"].as_str().unwrap().to_owned();
    server.post(&format!("/batch/{batch}/retry")).await.error(429);
    let details = server.get(&format!("/batch/{batch}")).await.body;
    let record = details["files"][0]["processingHistoryId"].as_str().unwrap();
    server.post(&format!("/processing-history/{record}/retry")).await.error(429);

    let more = ProjectChange { pages_per_day: Some(Limit::Own(5)), ..ProjectChange::default() };
    server.storage.tenants().update_project(server.project, more).await.unwrap();
    assert_eq!(server.send(server.form().file("c.png", PNG)).await.status, 201, "its own quota counts");
    let path = format!("/projects/{}", server.project);
    assert_eq!(server.get(&path).await.body["pagesPerDay"], 5);
    server.json(Method::PATCH, &path, json!({"pagesPerDay": 0})).await;
    assert_eq!(server.get(&path).await.body["pagesPerDay"], 5, "the operator gives it");
}

#[tokio::test]
async fn a_project_says_for_how_long_it_keeps_what_has_ended() {
    let server = TestServer::start().await;
    let path = format!("/projects/{}", server.project);
    assert_eq!(server.get(&path).await.body["retentionDays"], Value::Null);
    for (sent, kept) in [(json!(30), json!(30)), (json!(0), json!(0)), (Value::Null, Value::Null)] {
        let answer = server.json(Method::PATCH, &path, json!({"retentionDays": sent})).await;
        assert_eq!((answer.status, &answer.body["retentionDays"]), (200, &kept));
    }
    for wrong in [json!(36_501), json!(-1), json!("30"), json!(1.5)] {
        let said = server.json(Method::PATCH, &path, json!({"retentionDays": wrong})).await.error(400);
        assert!(said.starts_with("retentionDays must be null or a whole number from 0 to 36500"), "{said}");
    }
}
