//! What strangers named and wrote does nothing to the terminal of whoever reads of it.

use std::fs;

use crate::command::run;
use crate::run::on_a_terminal;

/// Sets the title, clears the screen, ends the line, and turns `fdp.exe` round.
const HOSTILE: &str = "a\u{1b}]0;X\u{7}\u{1b}[2J\u{9b}31m\n\u{202e}exe.pdf";

/// Whether a terminal would be moved by that text beyond the line ends and colours that Recto writes itself.
fn acts(text: &str) -> bool {
    ["\u{1b}]0;", "\u{1b}[2J", "\u{9b}", "\u{7}", "\u{202e}", "\n\u{202e}"].iter().any(|part| text.contains(part))
}

#[test]
fn the_name_of_a_file_does_nothing_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let scans = folder.path().join("scans");
    fs::create_dir(&scans).unwrap();
    fs::write(scans.join(HOSTILE), b"%PDF-1.4 junk").unwrap();
    fs::write(scans.join(format!("{HOSTILE}.odt")), b"left out").unwrap();
    let path = format!("scans/{HOSTILE}");
    let unknown = format!("--{HOSTILE}");
    let missing = format!("{HOSTILE}.tif");
    for arguments in [
        vec!["run", &path],
        vec!["run", "scans"],
        vec!["run", "scans", "--quiet"],
        vec!["run", &missing],
        vec!["run", &unknown],
        vec!["run", "scans", "--template", &path],
        vec!["run", "scans", "-o", &missing],
    ] {
        let said = run(&arguments, folder.path());
        let text = format!("{}{}", said.stdout, said.stderr);
        // What shows arguments that are none leaves the sequences out that it knows.
        assert!(!acts(&text) && text.contains("\\u{9b}31m"), "{arguments:?}: {text:?}");
        assert_ne!(said.code, Some(0));
    }
    let got = on_a_terminal("recto run scans", folder.path());
    assert!(!acts(&got) && got.contains("\\u{1b}]0;X"), "{got:?}");
    // A program gets the name as it is, in the escapes of JSON.
    let told = run(&["run", "scans", "--json"], folder.path());
    let name = serde_json::from_str::<serde_json::Value>(told.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(name["file"], path);
}

#[test]
fn names_in_the_database_do_nothing_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(&["org", "create", "--name", HOSTILE, "--json"], folder.path()).ok().json();
    let id = made["id"].as_str().unwrap();
    run(&["project", "create", "--organization", id, "--name", HOSTILE], folder.path()).ok();
    run(&["token", "create", "--organization", id, "--name", HOSTILE], folder.path()).ok();
    for arguments in [["org", "list"], ["project", "list"], ["token", "list"]] {
        let said = run(&arguments, folder.path()).ok();
        assert!(!acts(&said.stdout) && said.stdout.contains("\\u{1b}]0;X"), "{arguments:?}: {}", said.stdout);
        assert_eq!(said.stdout.lines().count(), 2, "a name is on one line: {}", said.stdout);
    }
    assert!(!acts(&run(&["audit"], folder.path()).ok().stdout));
    let got = on_a_terminal("recto org list --json", folder.path());
    assert!(!acts(&got), "{got:?}");
}

#[test]
fn a_text_that_a_document_holds_does_nothing_to_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(crate::documents::path("invoice.pdf"), folder.path().join(HOSTILE)).unwrap();
    let got = on_a_terminal("recto run . -q", folder.path());
    assert!(!acts(&got) && got.contains("\\u{202e}"), "the heading of the text: {got:?}");
    let piped = run(&["run", ".", "-q"], folder.path()).ok();
    assert!(piped.stdout.contains("QualityHosting"), "{}", piped.stdout);
}
