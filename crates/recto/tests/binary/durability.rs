//! What was answered with success is true afterwards: at once, when the fault has passed, and after SIGKILL; what was
//! refused has left nothing half-done. Random calls under random faults; `SEED` repeats a run, `RECTO_FAULT_ROUNDS`
//! makes it longer.

pub mod disk;
mod injector;
mod ledger;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use recto_test_postgres::Postgres;
use rustix::process::Signal;

use self::disk::SmallDisk;
use self::injector::Injector;
use self::ledger::Ledger;
use crate::random::Random;
use crate::server::{Server, eventually};

/// Calls of a round, all under one fault.
const CALLS: u32 = 8;

fn rounds() -> u64 {
    std::env::var("RECTO_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(24)
}

/// Makes random calls in rounds, each under what `disturb` does until what it gives is called, with a kill now and
/// then; and checks what the answers promised.
fn promises_hold(server: &mut Server, mut disturb: impl FnMut(&mut Random) -> Box<dyn FnOnce()>) {
    let mut random = Random::new();
    let mut ledger = Ledger::default();
    let (mut kept, mut refused) = (0, 0);
    for _ in 0..rounds() {
        let end_disturbance = disturb(&mut random);
        for _ in 0..CALLS {
            if ledger.call(server, &mut random) { kept += 1 } else { refused += 1 }
        }
        let kill = random.below(4) == 0;
        if kill {
            server.signal(Signal::KILL, true);
            server.ended();
        }
        end_disturbance();
        if kill {
            server.start_again();
        }
        eventually("the server is ready again by itself", || server.is_ready());
        if kill { ledger.settle(server) } else { ledger.assert_true(server) }
    }
    println!("{kept} calls succeeded, {refused} did not");
    assert!(kept > 0 && refused > 0);
    server.signal(Signal::KILL, true);
    server.ended();
    server.start_again();
    ledger.assert_true(server);
}

/// Every batch has its blobs, and in the end every blob has its batch or is in the journal of those to be removed.
fn assert_blobs_match(server: &Server, journal: &str) {
    let batches = server.data_dir().join("blobs/batches");
    let mut known = BTreeSet::new();
    for page in 1.. {
        let list = server.get(&format!("/batch?projectId={}&limit=100&page={page}", server.project));
        assert_eq!(list.status, 200, "{}", list.body);
        for batch in list.body["data"].as_array().unwrap() {
            let id = batch["id"].as_str().unwrap();
            for upload in server.get(&format!("/batch/{id}")).body["uploadIds"].as_array().unwrap() {
                let blob = batches.join(id).join(upload.as_str().unwrap());
                assert!(blob.exists(), "batch {id} has lost a file");
            }
            known.insert(id.to_owned());
        }
        if page >= list.body["pagination"]["pages"].as_i64().unwrap() {
            break;
        }
    }
    eventually("what belongs to no batch is swept", || {
        let folders = std::fs::read_dir(&batches).into_iter().flatten().flatten();
        folders
            .map(|folder| folder.file_name().into_string().unwrap())
            .all(|folder| known.contains(&folder) || journal.contains(&folder))
    });
}

/// Revoked keys are tried again and again here, to see that they stay revoked.
const ALL_KEYS_ANSWERED: (&str, &str) = ("server.failed_sign_ins_per_minute", "0");

#[test]
fn answers_are_true_though_the_disk_fails() {
    let injector = Arc::new(Injector::new());
    let variables = injector.variables();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut server = Server::within(&[ALL_KEYS_ANSWERED], &variables);
    promises_hold(&mut server, |random| {
        injector.fail_somehow(random);
        let injector = Arc::clone(&injector);
        Box::new(move || injector.lift())
    });
    assert_blobs_match(&server, "");
    assert!(injector.hits() > 0, "no call of the server has failed");
}

#[test]
fn answers_are_true_though_connections_to_postgresql_are_lost() {
    let postgres = Arc::new(Postgres::start().unwrap());
    let mut server = Server::with(&[ALL_KEYS_ANSWERED, ("database.url", &postgres.database("recto").unwrap())]);
    promises_hold(&mut server, |random| {
        let is_over = Arc::new(AtomicBool::new(false));
        let (postgres, over) = (Arc::clone(&postgres), Arc::clone(&is_over));
        let crashes = random.below(6) == 0;
        let disturbing = std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                if crashes {
                    postgres.crash().unwrap();
                } else {
                    postgres.lose_connections(0.3).unwrap();
                }
                // The moments are what is random here; nothing waits for them.
                std::thread::sleep(Duration::from_millis(30));
            }
        });
        Box::new(move || {
            is_over.store(true, Ordering::Relaxed);
            disturbing.join().unwrap();
        })
    });
    // Whether another node still receives what a killed one did, nobody knows for a day.
    let journal = postgres.sql("recto", "SELECT prefix FROM doomed_blobs").unwrap();
    assert_blobs_match(&server, &journal);
}

#[test]
fn a_disk_that_was_full_and_is_free_again_keeps_what_is_answered() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut server = Server::on(&disk.enter(), &disk.seen_from_outside());
    let mut random = Random::new();
    let mut ledger = Ledger::default();
    for _ in 0..20 {
        ledger.call(&server, &mut random);
    }
    ledger.assert_true(&server);
    disk.fill();
    let made: Vec<bool> = (0..30).map(|_| ledger.call(&server, &mut random)).collect();
    assert!(made.contains(&false), "a full disk refuses something");
    disk.free();
    eventually("the server is ready again by itself", || server.is_ready());
    ledger.assert_true(&server);
    let made: Vec<bool> = (0..20).map(|_| ledger.call(&server, &mut random)).collect();
    assert!(made.contains(&true), "a disk with room takes something");
    ledger.assert_true(&server);
    server.signal(Signal::KILL, true);
    server.ended();
    server.start_again();
    ledger.assert_true(&server);
    assert_blobs_match(&server, "");
}
