//! Faults of the disk under a running server: a library that is preloaded into it has chosen calls fail.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::random::Random;

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const ENOMEM: i32 = 12;
const DATABASE: i32 = 1;
const BLOBS: i32 = 2;
const WRITE: i32 = 1;
const SYNC: i32 = 2;
const TRUNCATE: i32 = 4;
const READ: i32 = 8;
const RENAME: i32 = 16;
/// Until it is lifted.
const ALL: i32 = -1;

/// What fails: the error, on which files, which calls, how many, and whether a write is torn.
const FAULTS: [(i32, i32, i32, i32, i32); 12] = [
    (ENOSPC, DATABASE, WRITE, ALL, 0),
    (ENOSPC, DATABASE, WRITE, 1, 0),
    (ENOSPC, DATABASE, WRITE, ALL, 1),
    (EIO, DATABASE, WRITE, ALL, 0),
    (EIO, DATABASE, WRITE, 2, 1),
    (EIO, DATABASE, SYNC | TRUNCATE, ALL, 0),
    (EIO, DATABASE, READ, 2, 0),
    (ENOMEM, DATABASE, READ | WRITE, 1, 0),
    (ENOSPC, BLOBS, WRITE, ALL, 1),
    (EIO, BLOBS, SYNC | RENAME, ALL, 0),
    (ENOSPC, DATABASE | BLOBS, WRITE, ALL, 0),
    (0, 0, 0, 0, 0),
];

/// The library, and the order that it and the test share.
pub struct Injector {
    folder: TempDir,
    order: File,
}

impl Injector {
    /// Builds the library with the system's C compiler, which the build of Recto needs too.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/binary/durability/inject.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(folder.path().join("inject.so")).arg(source).arg("-ldl");
        assert!(compiler.status().unwrap().success());
        let order = File::options().read(true).write(true).create_new(true).open(folder.path().join("order")).unwrap();
        order.write_all_at(&[0; 28], 0).unwrap();
        Self { folder, order }
    }

    /// The environment of a server that it works in.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let path = |name: &str| -> PathBuf { self.folder.path().join(name) };
        let text = |name: &str| path(name).to_str().unwrap().to_owned();
        [("LD_PRELOAD", text("inject.so")), ("FAULT_ORDER", text("order"))]
    }

    /// Has something fail from a random call on.
    pub fn fail_somehow(&self, random: &mut Random) {
        let (error, files, calls, count, torn) = FAULTS[random.below(FAULTS.len() as u64) as usize];
        let after = random.below(60) as i32;
        let rest: Vec<u8> = [files, calls, after, count, torn].into_iter().flat_map(i32::to_ne_bytes).collect();
        self.order.write_all_at(&rest, 4).unwrap();
        self.order.write_all_at(&error.to_ne_bytes(), 0).unwrap();
    }

    /// From now on nothing fails.
    pub fn lift(&self) {
        self.order.write_all_at(&[0; 4], 0).unwrap();
    }

    /// How many calls have failed.
    pub fn hits(&self) -> i32 {
        let mut hits = [0; 4];
        self.order.read_exact_at(&mut hits, 24).unwrap();
        i32::from_ne_bytes(hits)
    }
}
