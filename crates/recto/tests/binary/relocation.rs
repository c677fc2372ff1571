//! `recto db copy`: an installation on SQLite goes on on PostgreSQL, with its keys, files and results.

use recto_test_postgres::Postgres;

use rustix::process::Signal;

use crate::command::{Said, recto};
use crate::documents::files;
use crate::server::Server;

#[test]
fn an_installation_goes_on_on_postgresql_as_it_was() {
    let mut server = Server::start();
    let batch = server.batch(files(&["letter.tif", "invoice.pdf", "zero-pages.pdf"]));
    server.wait(&batch);
    let export = server.export(&batch, "json").body;
    let url = Postgres::shared().database("recto_moved").unwrap();
    let blobs = tempfile::tempdir().unwrap();
    let to_blobs = format!("file://{}", blobs.path().display());
    let data_dir = server.data_dir();
    let copy = |more: &[&str]| {
        let arguments = ["db", "copy", "--to-blobs", &to_blobs, "--data-dir", data_dir.to_str().unwrap()];
        let mut command = recto(&[&arguments[..], more].concat(), blobs.path());
        Said::of(command.env("RECTO_TO", &url))
    };
    let refused = copy(&[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("another Recto process is using this data folder"));
    server.signal(Signal::TERM, false);
    server.ended();
    let said = copy(&["--json"]).ok().json();
    assert_eq!((said["files"].as_u64(), said["filesThere"].as_u64()), (Some(3), Some(0)));
    let again = copy(&[]);
    assert!(again.code == Some(1) && again.stderr.contains("already contains an installation"), "{}", again.stderr);

    let moved = Server::beside(Some(&server), &[], &[("RECTO__DATABASE__URL", &url), ("RECTO__BLOBS__URL", &to_blobs)]);
    assert_eq!(moved.export(&batch, "json").body, export);
    let file = &moved.get(&format!("/batch/{batch}")).body["files"][0];
    let upload = moved.get(&format!("/upload/{}", file["uploadId"].as_str().unwrap()));
    assert_eq!(upload.status, 200);
    moved.read(files(&["letter.tif"]));
}

#[test]
fn ready_tells_a_supervisor_whether_the_server_can_work() {
    let server = Server::start();
    let base = format!("http://{}", server.address);
    let ready = |url: &str| Said::of(&mut recto(&["ready", "--url", url], server.working_folder()));
    crate::server::eventually("a worker is ready", || ready(&base).code == Some(0));
    let said = ready(&base).ok().json();
    assert_eq!(said["status"], "ok");
    let nobody = ready("http://127.0.0.1:9");
    assert!(nobody.code == Some(1) && nobody.stderr.contains("does not answer"), "{}", nobody.stderr);
}
