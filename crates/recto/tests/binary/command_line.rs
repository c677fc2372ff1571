//! What the commands beside `run` say and do.

use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use serde_json::Value;

use crate::command::{Said, recto, run};
use crate::server::{Server, eventually, runs};

#[test]
fn help_shows_every_command_on_one_screen() {
    let folder = tempfile::tempdir().unwrap();
    let help = run(&["--help"], folder.path()).ok().stdout;
    insta::assert_snapshot!(help);
}

#[test]
fn an_unknown_command_ends_with_1_and_the_nearest_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(&["serv"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("'serve'"), "{}", said.stderr);
}

#[test]
fn completions_are_a_script_that_bash_takes() {
    let folder = tempfile::tempdir().unwrap();
    let script = run(&["completions", "bash"], folder.path()).ok().stdout;
    std::fs::write(folder.path().join("recto.bash"), &script).unwrap();
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", "source ./recto.bash && complete -p recto"]).current_dir(folder.path());
    assert!(Said::of(&mut bash).ok().stdout.contains("recto"));
}

#[test]
fn config_shows_each_value_and_who_set_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recto.toml"), "[ocr]\ndpi = 200\n[workers]\ncount = 3\n").unwrap();
    let mut command = recto(&["config", "--json", "--data-dir", "elsewhere"], folder.path());
    let settings = Said::of(command.env("RECTO__WORKERS__COUNT", "5").env("RECTO__SERVER__SECRET_KEY", "s".repeat(32)));
    let settings = settings.ok().json();
    let of = |key: &str| {
        let setting = settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap();
        ["value", "origin", "from"].map(|field| setting[field].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of("ocr.dpi"), ["200", "file", "recto.toml"]);
    assert_eq!(of("workers.count"), ["5", "environment", "RECTO__WORKERS__COUNT"]);
    assert_eq!(of("data_dir"), ["elsewhere", "flag", "--data-dir"]);
    assert_eq!(of("ocr.languages"), ["eng", "default", ""]);
    assert_eq!(of("server.secret_key")[0], "***");
}

#[test]
fn a_wrong_setting_stops_the_start_and_names_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let said = Said::of(recto(&["serve"], folder.path()).env("RECTO__WORKERS__COUNT", "many"));
    assert_eq!(said.code, Some(1));
    assert!(
        said.stderr.starts_with("recto: invalid value for setting workers.count: many (environment RECTO__WORKERS__"),
        "{}",
        said.stderr
    );
    std::fs::write(folder.path().join("recto.toml"), "[server]\nlisten_on = \"127.0.0.1:1\"\n").unwrap();
    let said = run(&["serve"], folder.path());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.starts_with("recto: unknown setting server.listen_on (file recto.toml)"), "{}", said.stderr);
    assert!(said.stderr.contains("server.listen"), "{}", said.stderr);
    assert!(!folder.path().join("recto-data").exists(), "nothing was made");
}

#[test]
fn doctor_finds_every_part_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let findings = run(&["doctor", "--json"], folder.path()).ok().json();
    let checks: Vec<(&str, bool)> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["check"].as_str().unwrap(), finding["ok"] == true))
        .collect();
    let kept = ["data folder", "database", "blob store", "disk"];
    let read =
        ["worker", "sandbox", "engine", "engine", "engine", "languages", "recognition", "PDFium", "language model"];
    let parts: Vec<(&str, bool)> = kept.into_iter().chain(read).map(|part| (part, true)).collect();
    assert_eq!(checks, parts, "{findings:#}");
    assert!(!folder.path().join("recto-data").exists(), "it changes nothing");
}

#[test]
fn doctor_says_what_to_do_about_a_language_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let said = Said::of(recto(&["doctor", "--json"], folder.path()).env("RECTO__OCR__LANGUAGES", "eng+xyz"));
    assert_eq!(said.code, Some(1));
    let findings = said.json();
    let languages = findings.as_array().unwrap().iter().find(|finding| finding["check"] == "languages").unwrap();
    assert_eq!(languages["ok"], false);
    assert!(languages["advice"].as_str().unwrap().contains("tesseract-ocr-xyz"), "{languages}");
}

#[test]
fn the_first_start_writes_a_key_for_its_owner_alone() {
    let server = Server::start();
    let file = server.data_dir().join("initial-credentials.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let credentials: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let names: Vec<&String> = credentials.as_object().unwrap().keys().collect();
    assert_eq!(names, ["organizationId", "projectId", "apiKey"]);
}

#[test]
fn sigterm_ends_the_server_with_0_and_its_workers_with_it() {
    let mut server = Server::start();
    let workers = server.workers();
    server.signal(Signal::TERM, false);
    assert_eq!(server.ended().code(), Some(0));
    eventually("the workers are gone", || !workers.iter().any(|&worker| runs(worker)));
    server.start_again();
    assert_eq!(server.get(&format!("/batch?projectId={}", server.project)).status, 200, "the first key still works");
}

#[test]
fn a_second_server_on_the_same_data_folder_is_refused() {
    let server = Server::start();
    let said = run(&["serve", "--listen", "127.0.0.1:0"], server.working_folder());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("recto: another Recto process is using this data folder"), "{}", said.stderr);
    assert_eq!(server.get(&format!("/batch?projectId={}", server.project)).status, 200);
}

#[test]
fn what_the_system_refuses_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for (arguments, words) in [
        (["serve", "--data-dir", "file"], "the data folder file cannot be created: something with that name"),
        (["serve", "--data-dir", "file/data"], "the data folder file/data cannot be created: part of the path is not"),
        (["serve", "--listen", "192.0.2.1:80"], "cannot listen on 192.0.2.1:80: this machine has no such address"),
        (["config", "--config", "file/recto.toml"], "file/recto.toml cannot be used: part of the path is not a folder"),
    ] {
        let said = run(&arguments, folder.path());
        assert_eq!(said.code, Some(1), "{arguments:?}");
        assert!(said.stderr.contains(words) && !said.stderr.contains("os error"), "{}", said.stderr);
    }
}

#[test]
fn a_taken_port_is_said_to_be_taken() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let said = run(&["serve", "--listen", &server.address], folder.path());
    assert_eq!(said.code, Some(1));
    let told = format!("recto: the server cannot listen on {}: another program is already listening", server.address);
    assert!(said.stderr.contains(&told) && said.stderr.contains("--listen"), "{}", said.stderr);
}

#[test]
#[cfg(all(target_os = "linux", feature = "built-in-tesseract"))]
fn the_program_needs_no_libraries_but_those_of_c_and_cpp() {
    let needed = crate::programs::run("ldd", &[&env!("CARGO_BIN_EXE_recto")]);
    let usual = ["linux-vdso", "ld-linux", "libc.so", "libm.so", "libgcc_s.so", "libstdc++.so"];
    assert!(needed.contains("libc.so"), "{needed}");
    for library in needed.lines() {
        assert!(usual.iter().any(|name| library.contains(name)), "{needed}");
    }
}
