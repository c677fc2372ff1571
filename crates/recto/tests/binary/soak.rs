//! Several nodes for as long as one likes, while everything that can die dies at random: `just soak`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::multipart::Form;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::documents::bytes;
use crate::nodes::{Shared, WorkNode, assert_ended_well};
use crate::random::Random;
use crate::server::{Server, eventually, file};

/// Batches that may be open at once.
const MOST_OPEN: usize = 4;
/// Pages of a batch at most.
const MOST_PAGES: u64 = 5;
/// The longest time between two faults.
const LONGEST_PAUSE_MS: u64 = 4000;
/// The longest time for which a node is stopped: its leases of a minute end meanwhile.
const LONGEST_STOP_MS: u64 = 75_000;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NodeAndWorkersDie,
    NodeDies,
    NodeIsTold,
    ServerDies,
    PostgresDies,
    FilesDie,
    NodeStops,
    BatchIsDeleted,
    BatchIsCancelled,
    DiskOfPostgresIsFull,
    DiskOfFilesIsFull,
    DiskOfNodesIsFull,
}

const FAULTS: [Fault; 12] = [
    Fault::NodeAndWorkersDie,
    Fault::NodeDies,
    Fault::NodeIsTold,
    Fault::ServerDies,
    Fault::PostgresDies,
    Fault::FilesDie,
    Fault::NodeStops,
    Fault::BatchIsDeleted,
    Fault::BatchIsCancelled,
    Fault::DiskOfPostgresIsFull,
    Fault::DiskOfFilesIsFull,
    Fault::DiskOfNodesIsFull,
];

/// A disk of its own for something that is not the test's, which can be filled. Only root can mount it; for others it is
/// a folder that is never full.
struct Disk {
    folder: TempDir,
    is_mounted: bool,
}

impl Disk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=400m,mode=0755", "none"]).arg(folder.path());
        let is_mounted = mount.status().is_ok_and(|status| status.success());
        if !is_mounted {
            eprintln!("disks will not be full: only root can mount one of a size");
        }
        Self { folder, is_mounted }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves not a byte of it for a while.
    fn fill_for(&self, time: Duration) {
        if !self.is_mounted {
            return;
        }
        let path = self.path().join("filler");
        let mut filler = File::create(&path).unwrap();
        let until = Instant::now() + time;
        // What others give back meanwhile is taken too.
        while Instant::now() < until {
            while filler.write_all(&[0; 4096]).is_ok() {}
            std::thread::sleep(Duration::from_millis(50));
        }
        std::fs::remove_file(path).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            // Who still has a file open there keeps the disk until he ends.
            let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
        }
    }
}

/// Everything that runs, and what was accepted.
struct Soak {
    random: Random,
    shared: Shared,
    servers: Vec<Server>,
    nodes: Vec<WorkNode>,
    /// Batches that must end, with their pages.
    accepted: BTreeMap<String, usize>,
    /// Those of which nobody wants anything any more.
    cancelled: Vec<String>,
    sent: u64,
    pages: usize,
    happened: BTreeMap<Fault, u32>,
    /// Nodes that are stopped, and until when.
    stopped: Vec<(usize, Instant)>,
    disks: Disks,
}

struct Disks {
    postgres: Disk,
    files: Disk,
    nodes: Disk,
}

#[test]
#[ignore = "it takes as long as SOAK_MINUTES says: `just soak`"]
fn whatever_dies_and_in_whatever_order_everything_accepted_ends_once() {
    let minutes: u64 = std::env::var("SOAK_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let random = Random::new();
    let disks = Disks { postgres: Disk::mount(), files: Disk::mount(), nodes: Disk::mount() };
    let shared = Shared::on(disks.postgres.path(), disks.files.path());
    let first = shared.server(None);
    let second = shared.server(Some(&first));
    let nodes = (0..2).map(|_| WorkNode::start_on(disks.nodes.path(), &shared)).collect();
    let mut soak = Soak {
        random,
        shared,
        servers: vec![first, second],
        nodes,
        accepted: BTreeMap::new(),
        cancelled: Vec::new(),
        sent: 0,
        pages: 0,
        happened: BTreeMap::new(),
        stopped: Vec::new(),
        disks,
    };
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(minutes * 60) {
        soak.wake_up(Instant::now());
        soak.settle();
        if soak.accepted.len() < MOST_OPEN {
            soak.send();
        }
        let fault = FAULTS[soak.random.below(FAULTS.len() as u64) as usize];
        *soak.happened.entry(fault).or_default() += 1;
        soak.let_happen(fault);
        let pause = soak.random_pause();
        std::thread::sleep(pause);
    }
    soak.end();
}

impl Soak {
    fn below(&mut self, end: usize) -> usize {
        self.random.below(end as u64) as usize
    }

    fn random_pause(&mut self) -> Duration {
        Duration::from_millis(self.random.below(LONGEST_PAUSE_MS))
    }

    /// Sends a batch until it is accepted, under one idempotency key: it is one batch, however often it was sent.
    fn send(&mut self) {
        let pages = 1 + self.random.below(MOST_PAGES) as usize;
        let at = self.below(self.servers.len());
        let key = format!("soak-{}", self.sent);
        self.sent += 1;
        let mut id = None;
        eventually("a batch is accepted", || {
            let server = &self.servers[at];
            let letter = bytes("phototest-rotated-R.png");
            let form: Form = (0..pages).fold(server.form(), |form, n| file(form, &format!("{n}.png"), letter.clone()));
            let request = server.call(Method::POST, "/batch/upload").header("Idempotency-Key", &key).multipart(form);
            let Ok(answer) = request.send() else { return false };
            if answer.status() != 201 {
                assert!(answer.status().is_server_error(), "{}", answer.text().unwrap());
                return false;
            }
            let details: serde_json::Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
            id = details["id"].as_str().map(str::to_owned);
            true
        });
        self.accepted.insert(id.unwrap(), pages);
        self.pages += pages;
    }

    /// Lets a fault happen.
    fn let_happen(&mut self, fault: Fault) {
        match fault {
            Fault::NodeAndWorkersDie | Fault::NodeDies | Fault::NodeIsTold => {
                let at = self.below(self.nodes.len());
                self.stopped.retain(|(stopped, _)| *stopped != at);
                let node = &mut self.nodes[at];
                node.signal(Signal::CONT);
                match fault {
                    Fault::NodeAndWorkersDie => node.kill_all(),
                    Fault::NodeDies => node.signal(Signal::KILL),
                    _ => node.signal(Signal::TERM),
                }
                node.ended();
                self.nodes[at] = WorkNode::start_on(self.disks.nodes.path(), &self.shared);
            }
            Fault::ServerDies => {
                let at = self.below(self.servers.len());
                self.servers[at].signal(Signal::KILL, true);
                self.servers[at].ended();
                self.servers[at].start_again();
            }
            Fault::DiskOfPostgresIsFull => {
                let time = self.random_pause();
                self.disks.postgres.fill_for(time);
                // It may have ended itself when it could not write its log.
                self.shared.postgres.crash().unwrap();
            }
            Fault::DiskOfFilesIsFull => {
                let time = self.random_pause();
                self.disks.files.fill_for(time);
            }
            Fault::DiskOfNodesIsFull => {
                let time = self.random_pause();
                self.disks.nodes.fill_for(time);
            }
            Fault::PostgresDies => self.shared.postgres.crash().unwrap(),
            Fault::FilesDie => {
                self.shared.files.kill();
                let pause = self.random_pause();
                std::thread::sleep(pause);
                self.shared.files.restart().unwrap();
            }
            Fault::NodeStops => {
                let at = self.below(self.nodes.len());
                let until = Instant::now() + Duration::from_millis(self.random.below(LONGEST_STOP_MS));
                self.nodes[at].signal(Signal::STOP);
                self.stopped.push((at, until));
            }
            Fault::BatchIsDeleted | Fault::BatchIsCancelled => {
                let open: Vec<String> = self.accepted.keys().cloned().collect();
                if open.is_empty() {
                    return;
                }
                let id = open[self.below(open.len())].clone();
                self.accepted.remove(&id);
                if fault == Fault::BatchIsDeleted {
                    self.delete(&id);
                } else {
                    self.ask(&Method::POST, &format!("/batch/{id}/cancel"), &[200, 201, 409]);
                    self.cancelled.push(id);
                }
            }
        }
    }

    /// Asks until one of the answers comes.
    fn ask(&self, method: &Method, path: &str, wanted: &[u16]) {
        eventually(path, || {
            let answer = self.servers[0].call(method.clone(), path).send();
            answer.is_ok_and(|answer| wanted.contains(&answer.status().as_u16()))
        });
    }

    fn delete(&self, id: &str) {
        self.ask(&Method::DELETE, &format!("/batch/{id}"), &[200, 204, 404]);
    }

    /// Lets stopped nodes go on whose time has come.
    fn wake_up(&mut self, now: Instant) {
        for (at, until) in &self.stopped {
            if *until <= now {
                self.nodes[*at].signal(Signal::CONT);
            }
        }
        self.stopped.retain(|(_, until)| *until > now);
    }

    /// Looks at what has ended, and deletes it.
    fn settle(&mut self) {
        let accepted: Vec<(String, usize)> = self.accepted.iter().map(|(id, pages)| (id.clone(), *pages)).collect();
        for (id, pages) in accepted {
            let answer = self.servers[0].call(Method::GET, &format!("/batch/{id}")).send();
            let Ok(answer) = answer else { continue };
            let details: serde_json::Value = answer.json().unwrap_or_default();
            if crate::server::is_final(&details) {
                self.look_at(&id, pages);
            }
        }
    }

    fn look_at(&mut self, id: &str, pages: usize) {
        eventually("the server is ready", || self.servers[0].is_ready());
        assert_ended_well(&self.servers[0], id, pages);
        self.delete(id);
        self.accepted.remove(id);
    }

    /// Nothing dies any more: all that was accepted ends, and nothing of what was deleted is left.
    fn end(mut self) {
        self.wake_up(Instant::now() + Duration::from_millis(LONGEST_STOP_MS));
        for (id, pages) in std::mem::take(&mut self.accepted) {
            eventually("the batch is known", || self.servers[0].get(&format!("/batch/{id}")).status == 200);
            self.look_at(&id, pages);
        }
        for id in &self.cancelled {
            self.servers[0].wait(id);
            self.delete(id);
        }
        let left = self.servers[0].get(&format!("/batch?projectId={}", self.servers[0].project)).body;
        assert_eq!(left["pagination"]["total"], 0, "{left:#}");
        eventually("the bucket is empty", || self.shared.files.files().unwrap().is_empty());
        println!("{} batches, {} pages, {:?}", self.sent, self.pages, self.happened);
    }
}
