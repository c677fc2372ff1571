//! The pages in a real browser: `tests/web/pages.mjs` drives the Chromium of the system. `bootstrap.sh --tests`
//! installs what it needs.

use std::path::Path;
use std::process::Command;

use reqwest::header::{ACCEPT, LOCATION, SET_COOKIE};

use crate::administration::other_organization;
use crate::server::Server;

/// The path of the link that the first start printed.
fn link(server: &Server) -> String {
    let log = server.log();
    let start = log.find("/sign-in?code=").expect("the first start prints a link");
    log[start..].lines().next().unwrap().to_owned()
}

/// Every step of the script, in a window of that width.
fn drive(width: u32) {
    let settings = [
        ("server.rate_limit_per_minute", "100000"),
        ("server.max_file_bytes", "4194304"),
        ("webhooks.allow_private", "true"),
    ];
    let server = Server::with(&settings);
    let (other_key, _) = other_organization(&server);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/web/pages.mjs");
    let output = Command::new("node")
        .arg(script)
        .env("RECTO_URL", format!("http://{}", server.address))
        .env("RECTO_KEY", &server.key)
        .env("RECTO_OTHER_KEY", other_key)
        .env("RECTO_PROJECT", &server.project)
        .env("RECTO_LINK", link(&server))
        .env("RECTO_WIDTH", width.to_string())
        .output()
        .expect("node runs: ./bootstrap.sh --tests installs it");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("ok: a link signs in once"), "{said}");
}

#[test]
fn people_sign_in_send_files_and_look_at_pages_in_a_browser() {
    drive(1280);
}

#[test]
fn people_do_the_same_on_a_phone() {
    drive(390);
}

#[test]
fn the_start_page_leads_browsers_to_the_pages_and_others_to_lines_to_paste() {
    let server = Server::start();
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("http://{}/", server.address);
    let lines = client.get(&url).send().unwrap();
    assert_eq!(lines.status(), 200);
    assert!(lines.text().unwrap().contains("curl $RECTO_URL/v1/openapi/batch/upload"));
    let browser = client.get(&url).header(ACCEPT, "text/html,*/*;q=0.8").send().unwrap();
    assert_eq!((browser.status().as_u16(), browser.headers()[LOCATION].to_str().unwrap()), (303, "/batches"));
    let stranger = client.get(format!("{url}batches")).send().unwrap();
    assert_eq!(stranger.headers()[LOCATION], "/sign-in?next=%2Fbatches");
    assert!(stranger.headers().get(SET_COOKIE).is_none());
}

#[test]
fn a_page_lets_no_inline_script_run_and_names_no_other_host() {
    let server = Server::start();
    let page = reqwest::blocking::get(format!("http://{}/sign-in", server.address)).unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("script-src 'self';") && !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    let html = page.text().unwrap();
    assert!(!html.contains("<style") && !html.contains("style=") && !html.contains("onclick"), "{html}");
}
