//! What the README and the first start tell people to paste works as it stands there.

use std::process::Command;

use crate::command::{Said, run};
use crate::documents::path;
use crate::programs;
use crate::server::Server;
use crate::words::{LETTER, recall};

const README: &str = include_str!("../../../../README.md");

/// Runs lines as a person would paste them, in the folder that the server was started in.
fn paste(server: &Server, lines: &str) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-e", "-u", "-c", lines]).current_dir(server.working_folder());
    Said::of(&mut bash).ok().stdout
}

#[test]
fn the_walk_through_the_batch_api_ends_with_text() {
    let server = Server::start();
    std::os::unix::fs::symlink(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets"),
        server.working_folder().join("assets"),
    )
    .unwrap();
    let (_, section) = README.split_once("## A walk through the Batch API").unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (walk, _) = block.split_once("```").unwrap();
    assert!(walk.contains("127.0.0.1:8080"), "the port that is replaced here");
    let said = paste(&server, &walk.replace("127.0.0.1:8080", &server.address));
    assert!(said.contains(r#""status":"processing""#) && said.contains(r#""metadata":{"po":7}"#), "{said}");
    assert!(said.contains("event: completed"), "{said}");
    let (_, text) = said.rsplit_once("letter.tif").unwrap();
    assert!(recall(LETTER, text) >= 0.95, "{said}");
    let is_pdf = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "pdf");
    let mut files = std::fs::read_dir(server.working_folder()).unwrap().map(|entry| entry.unwrap().path());
    let pdf = files.find(is_pdf).unwrap();
    assert!(pdf.file_name().unwrap().to_str().unwrap().ends_with("-export.pdf"));
    programs::run("qpdf", &[&"--check", &pdf]);
}

#[test]
fn the_lines_that_the_first_start_prints_read_the_samples() {
    let server = Server::start();
    let log = server.log();
    let line = |start: &str| log.lines().find(|line| line.starts_with(start)).unwrap();
    let said = paste(&server, &format!("{}\n{}", line("batch=$(curl"), line("until curl")));
    for sample in ["invoice.pdf", "letter.tif", "receipt.jpg", "two-page-scan.tif"] {
        assert!(said.contains(&format!("===== {sample} =====")), "{said}");
    }
    assert!(recall(LETTER, &said) >= 0.95, "{said}");
}

#[test]
fn the_template_of_the_readme_is_one() {
    let (_, section) = README.split_once("### Fields of a template").unwrap();
    let (_, block) = section.split_once("```yaml\n").unwrap();
    let (template, _) = block.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("invoice.yaml"), template).unwrap();
    let invoice = path("invoice.pdf");
    let said = run(&["run", invoice.to_str().unwrap(), "--template", "invoice.yaml"], folder.path()).ok().json();
    let fields = said["documents"][0]["fields"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["invoice number", "date", "total"]);
}
