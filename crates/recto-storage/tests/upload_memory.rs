//! An upload's size does not show in the memory of the process that receives it. Alone in its process, for it looks
//! at the whole of it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use recto_storage::{Storage, StorageSettings};

const MIB: u64 = 1024 * 1024;

/// The most memory that this process ever had resident, in bytes: `VmHWM` of proc(5).
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

async fn receive(storage: &Storage, mib: u64) {
    let mut receiving = storage.batches().begin_receiving().await.unwrap();
    let mut file = receiving.file("scan.tif".to_owned());
    for i in 0..mib * 16 {
        // As a socket gives them: new memory each time.
        file.write(Bytes::from(vec![i as u8; 64 * 1024])).await.unwrap();
    }
    assert_eq!(file.finish().await.unwrap().upload.size_bytes, mib * MIB);
    receiving.abandon().await.unwrap();
}

#[tokio::test]
async fn a_large_upload_costs_no_more_memory_than_a_small_one() {
    let folder = tempfile::tempdir().unwrap();
    let settings = StorageSettings { data_dir: folder.path().to_owned(), ..StorageSettings::default() };
    let storage = Storage::open(&settings).await.unwrap();
    receive(&storage, 8).await;
    let before = peak_memory();
    receive(&storage, 256).await;
    // The kernel counts each thread's pages in batches, so a peak may read a little lower later than before.
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 8 * MIB, "256 MiB received in {} KiB", grown / 1024);
}
