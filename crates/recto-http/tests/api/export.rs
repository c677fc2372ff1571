//! `GET /batch/:id/export`

use crate::server::TestServer;

/// The published table of formats, and those that Recto adds.
const FORMATS: [(&str, &str, &str); 13] = [
    ("json", "application/json", "json"),
    ("csv", "text/csv", "csv"),
    ("text", "text/plain", "txt"),
    ("xml", "application/xml", "xml"),
    ("pdf", "application/pdf", "pdf"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("html", "text/html", "html"),
    ("md", "text/markdown", "md"),
    ("jsonl", "application/x-ndjson", "jsonl"),
    ("hocr", "text/html", "hocr"),
    ("alto", "application/xml", "alto"),
    ("tsv", "text/tab-separated-values", "tsv"),
];

#[tokio::test]
async fn every_format_has_its_type_and_its_file_name() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    for (format, content_type, extension) in FORMATS {
        let answer = server.get(&format!("/batch/{id}/export?format={format}")).await;
        assert_eq!(answer.status, 200, "{format}");
        assert_eq!(answer.header("content-type").split(';').next(), Some(content_type), "{format}");
        let disposition = format!("attachment; filename=\"batch-{id}-export.{extension}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
        assert!(!answer.bytes.is_empty(), "{format}");
    }
}

#[tokio::test]
async fn only_completed_files_are_exported_in_upload_order() {
    let server = TestServer::start().await;
    let id = server.batch(&["b.png", "broken.png", "a.png"]).await;
    server.work().await;
    let body = server.get(&format!("/batch/{id}/export?format=json")).await.body;
    let names: Vec<_> = body["documents"].as_array().unwrap().iter().map(|d| d["fileName"].as_str().unwrap()).collect();
    assert_eq!(names, ["b.png", "a.png"]);
}

#[tokio::test]
async fn an_unchanged_batch_exports_the_same_bytes_again() {
    let server = TestServer::start().await;
    let id = server.batch(&["two.png", "two-bad.png"]).await;
    server.work().await;
    for (format, ..) in FORMATS {
        let path = format!("/batch/{id}/export?format={format}");
        assert_eq!(server.get(&path).await.bytes, server.get(&path).await.bytes, "{format}");
    }
}

#[tokio::test]
async fn a_missing_or_unknown_format_is_400() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    for query in ["", "?format=", "?format=exe", "?format=PDF"] {
        let message = server.get(&format!("/batch/{id}/export{query}")).await.error(400);
        assert_eq!(
            message, "format must be one of json, csv, text, xml, pdf, docx, xlsx, html, md, jsonl, hocr, alto, tsv",
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_option_that_is_unknown_or_of_another_format_is_400() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let cases = [
        ("format=pdf&standard=pdfa-1b", "standard must be one of pdfa-2b, pdfa-2u, pdfa-3b"),
        ("format=csv&layout=wide", "layout must be one of documents, items"),
        ("format=json&standard=pdfa-2b", "standard pdfa-2b is for the format pdf, not for json"),
        ("format=xlsx&layout=items", "layout items is for the format csv, not for xlsx"),
    ];
    for (query, message) in cases {
        assert_eq!(server.get(&format!("/batch/{id}/export?{query}")).await.error(400), message, "{query}");
    }
}

#[tokio::test]
async fn a_batch_of_pictures_becomes_a_pdf_for_archives() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}/export?format=pdf&standard=pdfa-2b")).await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8_lossy(&answer.bytes).contains("<pdfaid:part>2</pdfaid:part>"));
}

#[tokio::test]
async fn a_csv_can_have_line_items_apart() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}/export?format=csv&layout=items")).await;
    assert!(answer.bytes.ends_with(b"\r\n\r\nfileName,field\r\n"));
}

#[tokio::test]
async fn nothing_completed_is_400() {
    let server = TestServer::start().await;
    let waiting = server.batch(&["a.png"]).await;
    server.get(&format!("/batch/{waiting}/export?format=json")).await.error(400);
    server.work().await;
    let failed = server.batch(&["broken.png"]).await;
    server.work().await;
    server.get(&format!("/batch/{failed}/export?format=json")).await.error(400);
}

#[tokio::test]
async fn a_batch_in_the_middle_exports_what_is_done() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "b.png"]).await;
    while server.get(&format!("/batch/{id}")).await.body["completedFiles"] == 0 {
        assert!(server.work_once().await);
    }
    let body = server.get(&format!("/batch/{id}/export?format=json")).await.body;
    assert_eq!(body["documents"].as_array().unwrap().len(), 1);
    assert_eq!(body["batch"]["status"], "processing");
}
