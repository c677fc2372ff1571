//! What the README, the pages in docs/ and the first start tell people to paste works as it stands there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{Said, run};
use crate::documents::path;
use crate::programs;
use crate::server::Server;
use crate::words::{LETTER, recall};

/// Commands of `recto` that have commands of their own.
const GROUPS: [&str; 7] = ["audit", "db", "org", "project", "template", "token", "webhook"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A page by its path from the root.
fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The README and the pages in docs/, by their paths.
fn pages() -> Vec<(String, String)> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let docs = docs.map(|path| format!("docs/{}", path.file_name().unwrap().to_str().unwrap()));
    docs.chain(["README.md".to_owned()]).map(|path| (path.clone(), page(&path))).collect()
}

/// The fenced blocks of a page in a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A server in whose folder the samples lie, as in a clone.
fn server_with_samples() -> Server {
    let server = Server::start();
    std::os::unix::fs::symlink(root().join("assets"), server.working_folder().join("assets")).unwrap();
    server
}

/// Runs lines as a person would paste them, in the folder that the server was started in.
fn paste(server: &Server, lines: &str) -> String {
    assert!(lines.contains("127.0.0.1:8080"), "the port that is replaced here");
    let lines = lines.replace("127.0.0.1:8080", &server.address);
    let mut bash = Command::new("bash");
    bash.args(["-e", "-u", "-c", &lines]).current_dir(server.working_folder());
    Said::of(&mut bash).ok().stdout
}

#[test]
fn the_tour_of_the_api_ends_with_text_and_goes_through_every_resource() {
    let server = server_with_samples();
    let (tour, webhooks) = (page("docs/api.md"), page("docs/webhooks.md"));
    let blocks = blocks(&tour, "sh").into_iter().filter(|block| !block.contains("npx"));
    let blocks: Vec<_> = blocks.chain(self::blocks(&webhooks, "sh")).collect();
    let said = paste(&server, &blocks.join("\n"));
    assert!(said.contains(r#""status":"processing""#) && said.contains(r#""metadata":{"po":7}"#), "{said}");
    assert!(said.contains("event: completed"), "{said}");
    let (_, text) = said.split_once("letter.tif =====").unwrap();
    assert!(recall(LETTER, text) >= 0.95, "{said}");
    for made in ["templateId", "fileName", "\"apiKey\":\"ocr_", "\"secret\":"] {
        assert!(said.contains(made), "{made} in {said}");
    }
    assert!(!said.contains("\"statusCode\""), "an error in {said}");
    let is_pdf = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pdf");
    let mut files = std::fs::read_dir(server.working_folder()).unwrap().map(|entry| entry.unwrap().path());
    let pdf = files.find(is_pdf).unwrap();
    assert!(pdf.file_name().unwrap().to_str().unwrap().ends_with("-export.pdf"));
    programs::run("qpdf", &[&"--check", &pdf]);
}

#[test]
fn the_script_of_the_readme_ends_with_text() {
    let server = server_with_samples();
    let readme = page("README.md");
    let (_, section) = readme.split_once("### Send a batch from a script").unwrap();
    let said = paste(&server, blocks(section, "sh")[0]);
    assert!(said.contains("event: completed"), "{said}");
    assert!(recall(LETTER, &said) >= 0.95, "{said}");
}

#[test]
fn the_lines_that_the_first_start_prints_read_the_samples() {
    let server = Server::start();
    let log = server.log();
    let line = |start: &str| log.lines().find(|line| line.starts_with(start)).unwrap();
    let lines = format!("{}\n{}", line("batch=$(curl"), line("until curl"));
    let mut bash = Command::new("bash");
    bash.args(["-e", "-u", "-c", &lines]).current_dir(server.working_folder());
    let said = Said::of(&mut bash).ok().stdout;
    for sample in ["invoice.pdf", "letter.tif", "receipt.jpg", "two-page-scan.tif"] {
        assert!(said.contains(&format!("===== {sample} =====")), "{said}");
    }
    assert!(recall(LETTER, &said) >= 0.95, "{said}");
}

#[test]
fn every_template_of_the_documentation_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let invoice = path("invoice.pdf");
    let mut first = None;
    for (path, page) in pages() {
        for template in blocks(&page, "yaml") {
            std::fs::write(folder.path().join("template.yaml"), template).unwrap();
            let arguments = ["run", invoice.to_str().unwrap(), "--template", "template.yaml"];
            let said = run(&arguments, folder.path());
            assert_eq!(said.code, Some(0), "{path}: {template}: {}", said.stderr);
            first = first.or_else(|| template.contains("invoice number").then(|| said.json()));
        }
    }
    let first = first.expect("the template of the README");
    let fields = first["documents"][0]["fields"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["invoice number", "date", "total"]);
}

#[test]
fn every_settings_file_of_the_documentation_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for (path, page) in pages() {
        for settings in blocks(&page, "toml") {
            std::fs::write(folder.path().join("recto.toml"), settings).unwrap();
            let said = run(&["config"], folder.path());
            assert_eq!(said.code, Some(0), "{path}: {settings}: {}", said.stderr);
            count += 1;
        }
    }
    assert!(count > 1);
}

/// The lines of a shell block without comments, those that go on in the next joined.
fn commands(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    let lines = joined.lines().map(|line| line.split(" #").next().unwrap().trim());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_documentation_knows_the_options_that_stand_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = BTreeSet::new();
    for (path, page) in pages() {
        for line in blocks(&page, "sh").into_iter().flat_map(commands) {
            let mut words = line.split_whitespace().skip_while(|word| *word != "recto").skip(1).peekable();
            let Some(command) = words.next() else { continue };
            let mut arguments = vec![command];
            if GROUPS.contains(&command) {
                arguments.extend(words.next().filter(|word| !word.starts_with('-')));
            }
            arguments.push("--help");
            let help = run(&arguments, folder.path());
            assert_eq!(help.code, Some(0), "{path}: {line}: {}", help.stderr);
            let known: BTreeSet<_> = help.stdout.split([' ', ',', '\n', '[']).collect();
            for option in words.filter(|word| word.starts_with('-') && *word != "-") {
                assert!(known.contains(option), "{path}: {line}: {command} knows no {option}");
            }
            seen.insert(command.to_owned());
        }
    }
    assert!(["run", "backup", "template", "watch"].iter().all(|command| seen.contains(*command)), "{seen:?}");
}

#[test]
fn the_page_of_settings_has_every_setting_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(&["config", "--json"], folder.path()).ok().json();
    let settings: BTreeSet<_> = said.as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    let page = page("docs/settings.md");
    let (tables, _) = page.split_once("## Engines").unwrap();
    let first_cells = tables.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let told: BTreeSet<_> =
        first_cells.flat_map(|cell| cell.split('`')).filter(|part| part.contains(['.', '_'])).collect();
    assert_eq!(told, settings);
}

#[test]
fn the_readme_leads_to_every_page() {
    let readme = page("README.md");
    assert!(readme.lines().count() <= 150, "what goes beyond belongs to docs/");
    for (path, _) in pages().iter().filter(|(path, _)| path.starts_with("docs/")) {
        assert!(readme.contains(&format!("]({path})")), "{path} has no link");
    }
}
