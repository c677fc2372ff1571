//! `GET /batch/:id/export`

use recto_http::ApiSettings;

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
async fn every_format_names_files_that_failed_or_are_still_open() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "broken.png", "b.png"]).await;
    let details = loop {
        let details = server.get(&format!("/batch/{id}")).await.body;
        if details["completedFiles"] == 1 && details["failedFiles"] == 1 {
            break details;
        }
        assert!(server.work_once().await);
    };
    assert_eq!(details["status"], "processing");
    for (format, ..) in FORMATS {
        let answer = server.get(&format!("/batch/{id}/export?format={format}")).await;
        assert_eq!(answer.status, 200, "{format}");
        if matches!(format, "pdf" | "docx" | "xlsx") {
            continue;
        }
        let text = String::from_utf8(answer.bytes).unwrap();
        for named in ["a.png", "broken.png", "failed", "b.png"] {
            assert!(text.contains(named), "{format} names {named}:\n{text}");
        }
    }
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
        ("format=json&standard=pdfa-2b", "standard pdfa-2b is only available for the format pdf, not for json"),
        ("format=pdf&optimize=4", "optimize must be one of 0, 1, 2, 3"),
        ("format=docx&optimize=1", "optimize 1 is only available for the format pdf, not for docx"),
        ("format=pdf&deskew=1", "deskew must be true or false, not 1"),
        ("format=csv&deskew=true", "deskew is only available for the format pdf, not for csv"),
        ("format=csv&clean=true", "clean is only available for the format pdf, not for csv"),
        ("format=json&dropBlank=true", "dropBlank is only available for the format pdf, not for json"),
        ("format=json&splitSpreads=true", "splitSpreads is only available for the format pdf, not for json"),
        ("format=text&rasterize=true", "rasterize is only available for the format pdf, not for text"),
        ("format=xlsx&layout=items", "layout items is only available for the format csv, not for xlsx"),
        ("format=xlsx&delimiter=;", "delimiter ; is only available for the format csv, not for xlsx"),
        ("format=csv&delimiter=;;", "delimiter must be one of , ; | tab"),
        ("format=csv&bom=yes", "bom must be true or false, not yes"),
        ("format=text&bom=true", "bom is only available for the format csv, not for text"),
        (
            "format=csv&dateFormat=dd.MM",
            "dateFormat must contain day, month and year once each, as in dd.MM.yyyy, d/M/yy or yyyy-MM-dd",
        ),
        ("format=md&dateFormat=dd.MM.yyyy", "dateFormat is only available for the formats csv and xlsx, not for md"),
        (
            "format=xlsx&locale=german",
            "locale must be a known language, with or without a country, as in de-DE, en_US or fr",
        ),
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
async fn a_report_tells_what_a_pdf_changes_and_how_large_it_is() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}/export?format=pdf&standard=pdfa-2b&content=report")).await;
    assert_eq!((answer.status, &answer.body["standard"]), (200, &"pdfa-2b".into()));
    assert_eq!(answer.body["files"].as_array().map(Vec::len), Some(0), "pictures are not changed");
    let pdf = server.get(&format!("/batch/{id}/export?format=pdf&standard=pdfa-2b")).await;
    assert_eq!(answer.body["bytesExported"], pdf.bytes.len());
    assert_eq!(answer.body["bytesSent"], crate::form::PNG.len());
    let refused = server.get(&format!("/batch/{id}/export?format=csv&content=report")).await;
    assert_eq!(refused.error(400), "content report is only available for the format pdf, not for csv");
}

#[tokio::test]
async fn a_pdf_can_be_smaller_straighter_and_cleaner() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let asked = "optimize=1&deskew=true&clean=true&dropBlank=true&splitSpreads=true&rasterize=true";
    let pdf = server.get(&format!("/batch/{id}/export?format=pdf&{asked}")).await;
    assert!(pdf.status == 200 && pdf.bytes.starts_with(b"%PDF-1.7"), "{}", pdf.status);
    let report = server.get(&format!("/batch/{id}/export?format=pdf&content=report&{asked}")).await;
    assert_eq!((report.status, &report.body["optimized"]["level"]), (200, &1.into()));
    assert_eq!(report.body["bytesExported"], pdf.bytes.len());
    // What is switched off is as if it were not there.
    let plain = server.get(&format!("/batch/{id}/export?format=pdf")).await;
    let off = server.get(&format!("/batch/{id}/export?format=pdf&optimize=0&deskew=false&rasterize=false")).await;
    assert_eq!(plain.bytes, off.bytes);
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
async fn a_csv_can_be_made_for_a_spreadsheet_of_another_country() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}/export?format=csv&bom=true&delimiter=%3B&locale=de-DE")).await;
    let text = String::from_utf8(answer.bytes).unwrap();
    assert!(text.starts_with("\u{feff}fileName;status;pages;confidence;text\r\na.png;completed;1;0,"), "{text}");
}

#[tokio::test]
async fn the_names_of_a_workbook_lead_to_the_records_when_it_is_known_where_these_are() {
    let settings = |public_url| ApiSettings { rate_limit_per_minute: 0, public_url, ..ApiSettings::default() };
    for (public_url, is_linked) in [(Some("https://ocr.example.com/".to_owned()), true), (None, false)] {
        let server = TestServer::with(settings(public_url)).await;
        let id = server.batch(&["a.png"]).await;
        server.work().await;
        let record = server.get(&format!("/batch/{id}")).await.body["processingHistoryIds"][0].clone();
        let answer = server.get(&format!("/batch/{id}/export?format=xlsx")).await;
        let mut package = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
        let links = package.by_name("xl/worksheets/_rels/sheet1.xml.rels");
        assert_eq!(links.is_ok(), is_linked);
        if let Ok(mut links) = links {
            let mut xml = String::new();
            std::io::Read::read_to_string(&mut links, &mut xml).unwrap();
            let address = format!("https://ocr.example.com/records/{}", record.as_str().unwrap());
            assert!(xml.contains(&format!("Target=\"{address}\"")), "{xml}");
        }
    }
}

#[tokio::test]
async fn a_zip_has_a_file_for_each_document_and_says_what_is_missing() {
    let server = TestServer::start().await;
    let id = server.batch(&["a.png", "broken.png", "b.png"]).await;
    server.work().await;
    let answer = server.get(&format!("/batch/{id}/export?format=md&content=zip")).await;
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"batch-{id}-export.zip\""));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    assert_eq!(names, ["a.md", "b.md", "problems.txt"]);
    let mut problems = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("problems.txt").unwrap(), &mut problems).unwrap();
    assert!(problems.starts_with("broken.png [failed: "), "{problems}");
    let message = server.get(&format!("/batch/{id}/export?format=md&content=tar")).await.error(400);
    assert_eq!(message, "content must be one of combined, zip, tables, report");
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
