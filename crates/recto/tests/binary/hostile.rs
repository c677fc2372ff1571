//! Files that are broken or mean harm: each ends with a reason in words or a result, and nothing else suffers.

use std::fmt::Write as _;

use serde_json::Value;

use crate::documents::{bytes, files};
use crate::server::{Server, eventually};
use crate::words::assert_reads_letter;

/// Checks that each of the files failed, in words that do not tell of Recto's inside; the words.
fn assert_all_fail(server: &Server, names: &[&str]) -> Vec<String> {
    let details = server.read(files(names));
    assert_eq!(details["status"], "failed", "{details:#}");
    let reason = |file: &Value| {
        let reason = file["error"].as_str().unwrap_or_else(|| panic!("no reason: {file:#}")).to_owned();
        assert!(reason.contains(' ') && !reason.contains('/') && !reason.contains("Error"), "{reason}");
        reason
    };
    details["files"].as_array().unwrap().iter().map(reason).collect()
}

#[test]
fn what_is_no_document_fails_with_a_reason() {
    let server = Server::start();
    let reasons = assert_all_fail(
        &server,
        &[
            "text-named.pdf",
            "zip-named.pdf",
            "html-named.png",
            "zero-pages.pdf",
            "recursive-page-tree.pdf",
            "poppler-395-0-fuzzed.pdf",
            "xhdn0g08.png",
        ],
    );
    let kinds = "the file is not a PDF, PNG, JPEG, TIFF, WebP, HEIC, AVIF, JPEG 2000, BMP, GIF or PNM file";
    assert_eq!(reasons[..3], [kinds, kinds, kinds]);
}

#[test]
fn an_encrypted_pdf_says_that_it_needs_a_password() {
    let server = Server::start();
    for reason in assert_all_fail(&server, &["password-aes256.pdf", "issue6010_1.pdf"]) {
        assert!(reason.contains("password"), "{reason}");
    }
    let open = server.documents([("owner-password-only.pdf", bytes("owner-password-only.pdf"))]);
    assert_eq!(open[0]["text"].as_str().unwrap().trim(), "Hello hostile world");
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_by_its_header() {
    let server = Server::start();
    assert_all_fail(&server, &["png-claims-65535.png", "tiff-claims-100000.tif", "bmp-claims-2g.bmp"]);
}

#[test]
fn pictures_of_telephones_and_archives_that_are_cut_off_or_changed_fail_with_a_reason() {
    let server = Server::start();
    let mut broken = Vec::new();
    for name in ["letter.heic", "letter.avif", "letter.jp2"] {
        let whole = bytes(name);
        for tenths in [1, 5, 9] {
            broken.push((format!("{tenths}-{name}"), whole[..whole.len() * tenths / 10].to_vec()));
        }
        let mut changed = whole;
        let middle = changed.len() / 2;
        changed[middle..middle + 200].fill(0xa5);
        broken.push((format!("changed-{name}"), changed));
    }
    let details = server.read(broken.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())));
    for file in details["files"].as_array().unwrap() {
        // Half of a picture may be enough to show something of it.
        let reason = file["error"].as_str();
        assert!(file["status"] == "completed" || reason.is_some_and(|reason| reason.contains(' ')), "{file:#}");
        assert!(reason.is_none_or(|reason| !reason.contains("worker")), "{file:#}");
    }
}

/// A PDF of so many pages, all of the same content: forms that each draw the next one twice, 2^24 times in all.
fn nested_forms(pages: usize) -> Vec<u8> {
    const DEPTH: usize = 24;
    let mut objects: Vec<String> = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let first_page = 3 + DEPTH;
    let kids = (0..pages).map(|i| format!("{} 0 R", first_page + i)).collect::<Vec<_>>().join(" ");
    objects.push(format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"));
    for level in 0..DEPTH {
        let (content, resources) = if level + 1 < DEPTH {
            ("/F Do /F Do", format!("<< /XObject << /F {} 0 R >> >>", 4 + level))
        } else {
            ("0 0 9 9 re f", "<< >>".to_owned())
        };
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources {resources} /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    let content = first_page + pages;
    for _ in 0..pages {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources << /XObject << /F 3 0 R >> >> \
             /Contents {content} 0 R >>"
        ));
    }
    objects.push("<< /Length 5 >>\nstream\n/F Do\nendstream".to_owned());
    let (mut pdf, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", pdf.len()).unwrap();
        write!(pdf, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    write!(pdf, "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n").unwrap();
    write!(pdf, "startxref\n{start}\n%%EOF\n").unwrap();
    pdf.into_bytes()
}

#[test]
fn a_file_that_only_takes_time_is_cut_short_and_the_others_of_its_batch_are_read() {
    let server = Server::with(&[("workers.page_timeout_seconds", "5"), ("limits.file_seconds", "6")]);
    let details = server.read([("forms.pdf", nested_forms(1000)), ("invoice.pdf", bytes("invoice.pdf"))]);
    let (forms, invoice) = (&details["files"][0], &details["files"][1]);
    assert_eq!((&forms["status"], &invoice["status"]), (&"failed".into(), &"completed".into()), "{details:#}");
    let warnings: Vec<&str> = forms["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let told = " to 1000 could not be read: the file used up the 6 s of worker time";
    assert!(warnings.iter().any(|warning| warning.contains(told)), "{warnings:?}");
    assert!(invoice["warnings"].as_array().unwrap().is_empty(), "{invoice:#}");
}

#[test]
fn an_empty_file_and_one_cut_in_two_fail_alone() {
    let server = Server::start();
    let half = bytes("two-page-scan.tif");
    let half = half[..half.len() / 2].to_vec();
    let details = server.read([("empty.png", Vec::new()), ("half.tif", half), ("letter.tif", bytes("letter.tif"))]);
    assert_eq!(details["status"], "partially_failed", "{details:#}");
    assert_eq!(details["files"][0]["status"], "failed");
    assert_eq!(details["files"][2]["status"], "completed");
}

/// Whatever becomes of them, each ends, and the letter sent after them is read.
#[test]
fn files_made_to_hang_or_to_exhaust_harm_nobody_else() {
    let server = Server::with(&[("workers.page_timeout_seconds", "5")]);
    let hostile = server.batch(files(&[
        "xobject-self-reference.pdf",
        "image-claims-60000.pdf",
        "nested-arrays.pdf",
        "xref-prev-loop.pdf",
        "tiff-ifd-loop.tif",
        "gif-claims-65535.gif",
        "huge-page-14400pt.pdf",
    ]));
    let letter = server.documents(files(&["letter.tif"]));
    assert_reads_letter(&letter[0]);
    let details = server.wait(&hostile);
    for file in details["files"].as_array().unwrap() {
        let told = file["status"] == "completed" || file["error"].is_string();
        assert!(told, "{file:#}");
    }
    assert_eq!(details["files"][6]["status"], "completed", "{details:#}");
    assert!(server.memory("VmHWM") < 400_000_000);
}

#[test]
fn names_that_mean_harm_are_only_names() {
    let server = Server::start();
    let names =
        ["../../etc/passwd", "C:\\temp\\a.pdf", "$(id);`id`.tif", "<script>alert(1)</script>.tif", "見積書.tif"];
    let documents = server.documents(names.map(|name| (name, bytes("g4_orientation_1.tif"))));
    let kept: Vec<&str> = documents.iter().map(|document| document["fileName"].as_str().unwrap()).collect();
    assert_eq!(kept, names);
    let mut beside: Vec<_> =
        std::fs::read_dir(server.working_folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, ["recto-data", "server.log"]);
}

#[test]
fn a_deleted_batch_leaves_no_file_behind() {
    let server = Server::start();
    let blobs = || walk(&server.data_dir().join("blobs"));
    let details = server.read(files(&["letter.tif", "receipt.jpg"]));
    assert!(!blobs().is_empty());
    let path = format!("/batch/{}", details["id"].as_str().unwrap());
    let answer = crate::answer::Answer::of(server.call(reqwest::Method::DELETE, &path));
    assert_eq!(answer.status, 204);
    eventually("the files are gone", || blobs().is_empty());
}

/// The files in a folder and the folders in it.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
