//! A data folder that this account may not write to is named as such.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use rustix::process::{Signal, geteuid};

use crate::command::{Said, recto};
use crate::durability::disk::SmallDisk;
use crate::server::Server;

/// What `serve` and `doctor` say of a data folder.
fn said(data_dir: &Path, user: Option<u32>) -> [Said; 2] {
    let elsewhere = tempfile::tempdir().unwrap();
    ["serve", "doctor"].map(|command| {
        let mut command = recto(&[command, "--data-dir", data_dir.to_str().unwrap()], elsewhere.path());
        if let Some(user) = user {
            command.uid(user).current_dir("/");
        }
        Said::of(&mut command)
    })
}

#[test]
fn a_disk_that_may_only_be_read_is_named() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut server = Server::on(&disk.enter(), &disk.seen_from_outside());
    let data_dir = server.data_dir();
    server.signal(Signal::TERM, false);
    server.ended();
    disk.only_read();
    for said in said(&data_dir, None) {
        let text = said.stdout + &said.stderr;
        assert_eq!(said.code, Some(1), "{text}");
        assert!(text.contains("cannot be written to: its disk is mounted read-only"), "{text}");
        assert!(!text.contains("code: 14"), "{text}");
    }
}

#[test]
fn a_folder_of_another_account_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    std::fs::create_dir(&data_dir).unwrap();
    // Root may write anywhere, so it tries as somebody else.
    let (user, expected) = if geteuid().is_root() {
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let mut reachable = recto(&["--version"], Path::new("/"));
        if reachable.uid(65_534).output().is_err() {
            eprintln!("not run: another account cannot reach the binary");
            return;
        }
        (Some(65_534), "cannot be used by this account (user 65534): it belongs to user 0")
    } else {
        std::fs::set_permissions(&data_dir, PermissionsExt::from_mode(0o500)).unwrap();
        (None, "owns it but lacks permission")
    };
    for said in said(&data_dir, user) {
        let text = said.stdout + &said.stderr;
        assert_eq!(said.code, Some(1), "{text}");
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("code: 14"), "{text}");
    }
}
