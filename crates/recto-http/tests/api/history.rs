//! `/processing-history`

use insta::{assert_json_snapshot, assert_snapshot};
use reqwest::Method;
use serde_json::{Value, json};

use crate::form::PNG;
use crate::server::{Answer, TestServer};

/// A project with a completed record of a template, a failed one, and one that waits.
async fn busy_server() -> (TestServer, String) {
    let server = TestServer::start().await;
    let body = json!({"name": "Receipt", "description": "", "projectId": server.project.to_string(),
        "templateSchema": {"total": {"type": "number"}, "shop": {"type": "string"}}});
    let template = Answer::of(server.call(Method::POST, "/templates").json(&body)).await.body["id"].clone();
    let template = template.as_str().unwrap().to_owned();
    server.send(server.form().file("receipt.png", PNG).field("templateId", template.clone())).await;
    server.batch(&["broken.png"]).await;
    server.work().await;
    server.batch(&["waits_100%.png"]).await;
    (server, template)
}

async fn list(server: &TestServer, query: &str) -> Answer {
    server.get(&format!("/processing-history?projectId={}{query}", server.project)).await
}

async fn total(server: &TestServer, query: &str) -> u64 {
    let answer = list(server, query).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["pagination"]["total"].as_u64().unwrap()
}

async fn completed(server: &TestServer) -> Value {
    list(server, "&status=completed").await.body["data"][0].clone()
}

#[tokio::test]
async fn a_list_has_the_documented_fields_newest_first() {
    let (server, _) = busy_server().await;
    let mut answer = list(&server, "").await;
    assert_eq!(answer.body["pagination"], json!({"page": 1, "limit": 10, "total": 3, "pages": 1}));
    let names: Vec<_> = answer.body["data"].as_array().unwrap().iter().map(|r| r["fileName"].clone()).collect();
    assert_eq!(names, ["waits_100%.png", "broken.png", "receipt.png"]);
    for record in answer.body["data"].as_array_mut().unwrap() {
        record["fileUrl"] = "<link>".into();
        let path = record["filePath"].as_str().unwrap().to_owned();
        let ids = format!("{}/projects/{}/", server.organization, server.project);
        record["filePath"] = path.replace(&ids, "<organization>/projects/<project>/").into();
        if record["processingTimeMs"].is_number() {
            record["processingTimeMs"] = "<ms>".into();
        }
    }
    assert_json_snapshot!(answer.tidy());
}

#[tokio::test]
async fn every_filter_narrows_the_list() {
    let (server, template) = busy_server().await;
    let batch = completed(&server).await["batchId"].as_str().unwrap().to_owned();
    for (query, count) in [
        ("&status=completed".to_owned(), 1),
        ("&status=failed".to_owned(), 1),
        ("&status=queued".to_owned(), 1),
        (format!("&templateId={template}"), 1),
        (format!("&batchId={batch}"), 1),
        ("&search=RECEIPT".to_owned(), 1),
        ("&search=100%25".to_owned(), 1),
        ("&search=100_".to_owned(), 0),
        ("&search=.png".to_owned(), 3),
        ("&fromDate=2026-01-01&toDate=2999-12-31".to_owned(), 3),
        ("&toDate=2026-01-01".to_owned(), 0),
        ("&fromDate=2999-01-01".to_owned(), 0),
        (format!("&status=failed&templateId={template}"), 0),
    ] {
        assert_eq!(total(&server, &query).await, count, "{query}");
    }
}

#[tokio::test]
async fn one_page_of_a_record_comes_alone_with_the_numbers_of_all() {
    let server = TestServer::start().await;
    server.batch(&["two.png"]).await;
    let open = list(&server, "").await.body["data"][0]["id"].as_str().unwrap().to_owned();
    let page = async |query: &str| server.get(&format!("/processing-history/{open}?{query}")).await;
    assert_eq!(page("page=1").await.body["pageNumbers"], json!([]));
    server.work().await;
    let second = page("page=2&include=words").await.body;
    assert_eq!((&second["pageNumbers"], &second["text"]), (&json!([1, 2]), &json!("Invoice")));
    assert_eq!((second["pages"].as_array().unwrap().len(), &second["pages"][0]["number"]), (1, &json!(2)));
    assert!(second["pages"][0]["blocks"].is_array() && second["pages"][0]["imageUrl"].is_string());
    assert_eq!(page("page=3").await.body["pages"], json!([]));
    assert_eq!(page("").await.body["pages"].as_array().unwrap().len(), 2);
    assert!(page("page=0").await.error(400).contains("page must be a whole number from 1, not 0"));
}

#[tokio::test]
async fn what_wants_review_is_listed_until_somebody_has_corrected_it() {
    let (server, template) = busy_server().await;
    server.send(server.form().file("paid.png", PNG).field("templateId", template)).await;
    server.work().await;
    let waiting = list(&server, "&needsReview=true").await.body;
    assert_eq!((&waiting["pagination"]["total"], &waiting["data"][0]["fileName"]), (&json!(1), &json!("paid.png")));
    assert_eq!(total(&server, "&needsReview=false").await, 3);
    let record = format!("/processing-history/{}", waiting["data"][0]["id"].as_str().unwrap());
    server.json(Method::PATCH, &record, json!({"fields": {"total": 12.5}})).await;
    assert_eq!((total(&server, "&needsReview=true").await, total(&server, "&needsReview=false").await), (0, 4));
    server.json(Method::PATCH, &record, json!({"fields": {"total": null}, "needsReview": true})).await;
    assert_eq!(total(&server, "&needsReview=true").await, 1);
    let accepted = server.json(Method::PATCH, &record, json!({"fields": {}})).await.body;
    assert_eq!(
        (&accepted["needsReview"], &accepted["fieldDetails"]["total"]["corrected"]),
        (&json!(false), &json!(false))
    );
    let wrong = list(&server, "&needsReview=perhaps").await.error(400);
    assert!(wrong.contains("needsReview must be true or false, not perhaps"), "{wrong}");
}

#[tokio::test]
async fn a_record_shows_that_it_is_being_read() {
    let server = TestServer::start().await;
    server.batch(&["two.png"]).await;
    assert_eq!(total(&server, "&status=in_progress").await, 0);
    server.work_once().await;
    assert_eq!((total(&server, "&status=in_progress").await, total(&server, "&status=queued").await), (1, 0));
    assert_eq!(total(&server, "&status=pending").await, 0);
    let stats = server.get(&format!("/processing-history/stats?projectId={}", server.project)).await.body;
    assert_eq!((&stats["inProgress"], &stats["pending"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn both_ends_of_a_span_of_days_are_in_it() {
    let (server, _) = busy_server().await;
    let today = completed(&server).await["createdAt"].as_str().unwrap()[..10].to_owned();
    assert_eq!(total(&server, &format!("&fromDate={today}&toDate={today}")).await, 3);
    let stats = format!("/processing-history/stats?projectId={}&fromDate={today}&toDate={today}", server.project);
    let stats = server.get(&stats).await.body;
    let stored = 3 * PNG.len();
    assert_eq!(stats["storedBytes"], json!(stored));
    let day =
        json!({"date": today, "completed": 1, "failed": 1, "pages": 1, "storedBytes": stored, "workerSeconds": 0.0});
    assert_eq!(stats["byDay"], json!([day]));
    assert!(stats["averageProcessingTimeMs"].is_u64(), "{stats}");
}

#[tokio::test]
async fn pages_of_a_list_add_up() {
    let (server, _) = busy_server().await;
    let page = async |page: u32| list(&server, &format!("&limit=2&page={page}")).await.body;
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!(second["pagination"], json!({"page": 2, "limit": 2, "total": 3, "pages": 2}));
    let names: Vec<&Value> = [&first, &second].iter().flat_map(|page| page["data"].as_array().unwrap()).collect();
    let names: Vec<&Value> = names.into_iter().map(|record| &record["fileName"]).collect();
    assert_eq!(names, ["waits_100%.png", "broken.png", "receipt.png"]);
}

#[tokio::test]
async fn a_project_token_sees_its_project_without_naming_it() {
    let (server, _) = busy_server().await;
    let sibling = server.sibling_project().await;
    for (project, count) in [(server.project, 3), (sibling, 0)] {
        let key = server.new_key(server.organization, Some(project)).await;
        for path in ["/processing-history", "/processing-history/stats"] {
            let seen = server.get_with(&key, path).await.body;
            assert_eq!(seen.get("pagination").unwrap_or(&seen)["total"], count, "{path}");
            let other = if project == sibling { server.project } else { sibling };
            server.get_with(&key, &format!("{path}?projectId={other}")).await.error(401);
        }
    }
}

#[tokio::test]
async fn a_record_its_upload_and_its_batch_lead_to_one_another() {
    let server = TestServer::start().await;
    let batch = server.batch(&["a.png", "b.png"]).await;
    server.work().await;
    let details = server.get(&format!("/batch/{batch}")).await.body;
    for (at, file) in details["files"].as_array().unwrap().iter().enumerate() {
        let (record, upload) = (&file["processingHistoryId"], &file["uploadId"]);
        assert_eq!((&details["processingHistoryIds"][at], &details["uploadIds"][at]), (record, upload));
        let by_record = server.get(&format!("/processing-history/{}", record.as_str().unwrap())).await.body;
        assert_eq!((&by_record["uploadId"], &by_record["batchId"]), (upload, &json!(batch)));
        let by_upload = server.get(&format!("/upload/{}", upload.as_str().unwrap())).await.body;
        assert_eq!((&by_upload["processingHistoryId"], &by_upload["batchId"]), (record, &json!(batch)));
        assert_eq!(total(&server, &format!("&batchId={batch}")).await, 2);
    }
}

#[tokio::test]
async fn everything_wrong_with_a_query_is_said_at_once() {
    let (server, _) = busy_server().await;
    let wrong = "&status=x&limit=0&page=x&fromDate=yesterday&toDate=2026-02-30&templateId=x&batchId=y";
    assert_snapshot!(list(&server, wrong).await.error(400).replace(" | ", "\n"));
    server.get("/processing-history").await.error(400);
}

#[tokio::test]
async fn numbers_tell_of_every_day_and_template() {
    let (server, template) = busy_server().await;
    let stats = server.get(&format!("/processing-history/stats?projectId={}", server.project)).await.body;
    assert_eq!(
        [&stats["total"], &stats["completed"], &stats["failed"], &stats["queued"], &stats["pages"]],
        [3, 1, 1, 1, 1]
    );
    assert_eq!((&stats["successRate"], &stats["averageConfidence"]), (&json!(50.0), &json!(0.9)));
    assert_eq!(stats["byDay"].as_array().unwrap().iter().map(|d| d["pages"].as_u64().unwrap()).sum::<u64>(), 1);
    assert_eq!(
        stats["byTemplate"],
        json!([{"templateId": template, "templateName": "Receipt", "total": 1, "completed": 1, "failed": 0,
            "pages": 1}])
    );
    let path = format!("/processing-history/stats?projectId={}&fromDate=2999-01-01", server.project);
    let none = server.get(&path).await.body;
    assert_eq!((&none["total"], &none["successRate"]), (&json!(0), &json!(null)));
}

#[tokio::test]
async fn a_record_tells_its_text_and_on_request_its_words() {
    let (server, _) = busy_server().await;
    let record = completed(&server).await;
    let path = format!("/processing-history/{}", record["id"].as_str().unwrap());
    let details = server.get(&path).await.body;
    assert_eq!((&details["text"], &details["pages"][0]["text"]), (&json!("Invoice"), &json!("Invoice")));
    assert_eq!(details["pages"][0].get("blocks"), None);
    let words = server.get(&format!("{path}?include=words")).await.body;
    assert_eq!(words["pages"][0]["blocks"][0]["lines"][0]["words"][0]["text"], "Invoice");
    server.get(&format!("{path}?include=everything")).await.error(400);
    let by_upload = server.get(&format!("/processing-history/{}", record["uploadId"].as_str().unwrap())).await;
    assert_eq!(by_upload.body["id"], record["id"]);
}

#[tokio::test]
async fn a_record_exports_alone() {
    let (server, _) = busy_server().await;
    let record = completed(&server).await;
    let path = format!("/processing-history/{}/export", record["id"].as_str().unwrap());
    let json = server.get(&format!("{path}?format=json")).await;
    assert_eq!(json.body["documents"].as_array().unwrap().len(), 1);
    assert_eq!(json.body["documents"][0]["fields"], json!({"total": null, "shop": null}));
    assert!(json.header("content-disposition").contains("record-"));
    let csv = server.get(&format!("{path}?format=csv")).await;
    assert!(csv.bytes.starts_with(b"fileName,status,pages,confidence,total,shop\r\n"));
    server.get(&path).await.error(400);
    let failed = list(&server, "&status=failed").await.body["data"][0]["id"].clone();
    server.get(&format!("/processing-history/{}/export?format=json", failed.as_str().unwrap())).await.error(400);
}

#[tokio::test]
async fn a_record_tells_its_tables() {
    let server = TestServer::start().await;
    server.batch(&["table.png", "broken.png"]).await;
    server.work().await;
    let record = completed(&server).await;
    let path = format!("/processing-history/{}/tables", record["id"].as_str().unwrap());
    let answer = server.get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let cell = |text: &str, bbox: [f64; 4], header: bool| json!({"text": text, "bbox": bbox, "header": header, "rowSpan": 1, "colSpan": 1});
    let row = |y: f64, texts: [&str; 2], header| {
        json!([cell(texts[0], [66.0, y, 184.0, 20.0], header), cell(texts[1], [250.0, y, 130.0, 20.0], header)])
    };
    let rows =
        [row(100.0, ["Harbour", "Ships"], true), row(120.0, ["North", "12"], false), row(140.0, ["South", "7"], false)];
    let table = json!({"page": 1, "bbox": [66.0, 100.0, 314.0, 60.0], "rows": rows});
    assert_eq!(answer.body, json!({"tables": [table]}));
    let by_upload = format!("/processing-history/{}/tables", record["uploadId"].as_str().unwrap());
    assert_eq!(server.get(&by_upload).await.body, answer.body);
    let failed = list(&server, "&status=failed").await.body["data"][0]["id"].clone();
    let none = server.get(&format!("/processing-history/{}/tables", failed.as_str().unwrap())).await;
    assert_eq!((none.status, none.body), (200, json!({"tables": []})));

    let (foreign, _) = server.foreign().await;
    server.get_with(&foreign, &path).await.error(404);
    server.get(&format!("/processing-history/{}/tables", "f".repeat(24))).await.error(404);

    let export = format!("/processing-history/{}/export?content=tables", record["id"].as_str().unwrap());
    let csv = server.get(&format!("{export}&format=csv")).await;
    assert!(csv.header("content-disposition").contains("-tables.csv"));
    let text = String::from_utf8(csv.bytes).unwrap();
    assert_eq!(text.lines().nth(2), Some("table.png,1,1,2,body,North,12"));
    let said = server.get(&format!("{export}&format=json")).await.error(400);
    assert!(said.contains("content tables is only available for the format csv, not for json"), "{said}");
}

#[tokio::test]
async fn corrections_stand_beside_what_was_found() {
    let (server, _) = busy_server().await;
    let path = format!("/processing-history/{}", completed(&server).await["id"].as_str().unwrap());
    let correct = async |body: Value| Answer::of(server.call(Method::PATCH, &path).json(&body)).await;
    let corrected = correct(json!({"fields": {"total": 12.5}, "metadata": {"seen": true}})).await;
    assert_eq!(corrected.status, 200, "{}", corrected.body);
    assert_eq!(corrected.body["fields"], json!({"total": 12.5, "shop": null}));
    assert_eq!(corrected.body["fieldDetails"]["total"]["corrected"], true);
    assert_eq!(corrected.body["metadata"], json!({"seen": true}));
    let csv = server.get(&format!("{path}/export?format=csv")).await;
    assert!(String::from_utf8(csv.bytes).unwrap().contains(",12.5,"));
    let back = correct(json!({"fields": {"total": null}})).await;
    assert_eq!(back.body["fields"]["total"], json!(null));
    let said = correct(json!({"fields": {"total": "much", "colour": 1}, "metadata": 7})).await.error(400);
    assert_snapshot!(said.replace(" | ", "\n"));
}

#[tokio::test]
async fn a_failed_record_is_read_again_alone() {
    let (server, _) = busy_server().await;
    let failed = list(&server, "&status=failed").await.body["data"][0]["id"].as_str().unwrap().to_owned();
    let retried = server.post(&format!("/processing-history/{failed}/retry")).await;
    assert_eq!((retried.status, &retried.body["status"]), (200, &json!("queued")));
    assert_eq!(total(&server, "&status=queued").await, 2);
}

#[tokio::test]
async fn a_deleted_record_goes_with_its_file() {
    let (server, _) = busy_server().await;
    let record = completed(&server).await;
    let path = format!("/processing-history/{}", record["id"].as_str().unwrap());
    assert_eq!(Answer::of(server.call(Method::DELETE, &path)).await.status, 204);
    server.get(&path).await.error(404);
    server.get(&format!("/upload/{}", record["uploadId"].as_str().unwrap())).await.error(404);
    server.get(&format!("/batch/{}", record["batchId"].as_str().unwrap())).await.error(404);
}
