//! `recto org`, `project`, `token` and `migrate` on the data folder of a running server.

use reqwest::Method;
use serde_json::Value;

use crate::answer::Answer;
use crate::command::run;
use crate::documents::files;
use crate::server::{Server, file};

/// What an administration command prints with `--json`, on the server's data folder.
fn administer(server: &Server, arguments: &[&str]) -> Value {
    run(&[arguments, &["--json"]].concat(), server.working_folder()).ok().json()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value:#}"))
}

/// A key and a project of another organization.
pub fn other_organization(server: &Server) -> (String, String) {
    let organization = administer(server, &["org", "create", "--name", "Foreign"]);
    let organization = text(&organization, "id");
    let project = administer(server, &["project", "create", "--organization", organization, "--name", "Theirs"]);
    let token = administer(server, &["token", "create", "--organization", organization, "--name", "key"]);
    (text(&token, "apiKey").to_owned(), text(&project, "id").to_owned())
}

#[test]
fn what_is_made_on_the_command_line_works_on_a_running_server() {
    let server = Server::start();
    let (key, project) = other_organization(&server);
    let list = |key: &str, project: &str| {
        let path = format!("/batch?projectId={project}");
        Answer::of(server.bare(Method::GET, &path).header("X-API-Key", key))
    };
    assert_eq!(list(&key, &project).status, 200);
    list(&key, &server.project).is_error(401);
    list(&server.key, &project).is_error(401);
}

#[test]
fn a_project_token_needs_to_name_no_project() {
    let server = Server::start();
    let token = administer(
        &server,
        &["token", "create", "--organization", &server.organization, "--project", &server.project, "--name", "station"],
    );
    let form = files(&["letter.tif"])
        .into_iter()
        .fold(reqwest::blocking::multipart::Form::new(), |form, (name, bytes)| file(form, name, bytes));
    let request = server.bare(Method::POST, "/batch/upload").bearer_auth(text(&token, "apiKey")).multipart(form);
    let answer = Answer::of(request);
    assert_eq!((answer.status, answer.body["projectId"].as_str()), (201, Some(server.project.as_str())));
}

#[test]
fn a_revoked_token_stops_working_at_once() {
    let server = Server::start();
    let token = administer(&server, &["token", "create", "--organization", &server.organization, "--name", "lost"]);
    let list = || {
        let path = format!("/batch?projectId={}", server.project);
        Answer::of(server.bare(Method::GET, &path).header("X-API-Key", text(&token, "apiKey")))
    };
    assert_eq!(list().status, 200);
    administer(&server, &["token", "revoke", text(&token, "id")]);
    list().is_error(401);
}

#[test]
fn lists_show_what_there_is_and_no_key() {
    let server = Server::start();
    let organizations = administer(&server, &["org", "list"]);
    assert_eq!(text(&organizations[0], "id"), server.organization);
    let projects = administer(&server, &["project", "list", "--organization", &server.organization]);
    assert_eq!(text(&projects[0], "id"), server.project);
    let table = run(&["token", "list"], server.working_folder()).ok().stdout;
    assert!(table.starts_with("ID ") && table.contains("Initial key"), "{table}");
    assert!(!table.contains(&server.key), "{table}");
}

#[test]
fn a_name_or_an_id_that_does_not_fit_is_refused_in_words() {
    let server = Server::start();
    let unknown = "0123456789abcdef01234567";
    let said = run(&["project", "create", "--organization", unknown, "--name", "x"], server.working_folder());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.starts_with(&format!("recto: there is no organization {unknown}")), "{}", said.stderr);
    let said = run(&["org", "create", "--name", &"n".repeat(101)], server.working_folder());
    assert_eq!(said.code, Some(1));
    assert!(said.stderr.contains("101 characters"), "{}", said.stderr);
}

#[test]
fn migrate_brings_a_new_folder_up_to_date_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = run(&["migrate", "--json"], folder.path()).ok().json();
    assert!(!first["applied"].as_array().unwrap().is_empty(), "{first:#}");
    let second = run(&["migrate", "--json"], folder.path()).ok().json();
    assert_eq!(second["applied"], serde_json::json!([]));
    let told = run(&["migrate"], folder.path()).ok().stdout;
    assert_eq!(told, "the database is up to date\n");
}
