//! Files that are broken or mean harm: each ends with a reason in words or a result, and nothing else suffers.

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
    let kinds = "the file is no PDF, PNG, JPEG, TIFF, WebP, BMP or GIF";
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
