//! Local copies of blobs that are in use.
//!
//! Copies have no file names. A process that dies therefore leaves none behind, and a released copy is freed as soon as
//! nobody reads it.

use std::collections::HashMap;
use std::fs::File;
use std::future::Future;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use crate::error::{Result, StorageError};

/// A copy that nobody asks for in this time is released.
const KEPT: Duration = Duration::from_mins(10);

/// A set of copies with a limited total size.
#[derive(Debug)]
pub(super) struct Cache {
    /// The folder whose disk holds the copies.
    folder: PathBuf,
    most_bytes: u64,
    copies: Mutex<HashMap<String, Copy>>,
}

#[derive(Debug)]
struct Copy {
    /// Empty while the copy is being made.
    file: Arc<OnceCell<File>>,
    bytes: u64,
    asked: Instant,
}

impl Cache {
    pub(super) fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes, copies: Mutex::default() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The copy of a blob, opened at its beginning; it is made when there is none. Simultaneous callers share one copy.
    pub(super) async fn open<F>(&self, key: &str, make: impl FnOnce() -> F) -> Result<File>
    where
        F: Future<Output = Result<File>>,
    {
        let file = {
            let mut copies = self.copies();
            let copy = copies.entry(key.to_owned()).or_insert_with(|| Copy {
                file: Arc::default(),
                bytes: 0,
                asked: Instant::now(),
            });
            copy.asked = Instant::now();
            Arc::clone(&copy.file)
        };
        let copied = file.get_or_try_init(make).await?;
        let bytes = copied.metadata().map_err(StorageError::file)?.len();
        if let Some(copy) = self.copies().get_mut(key) {
            copy.bytes = bytes;
        }
        self.keep_within_size(key);
        again(copied).map_err(StorageError::file)
    }

    /// Releases the copies of the blobs under a prefix, or of the blob with that key.
    pub(super) fn forget(&self, prefix: &str) {
        let is_one = !prefix.ends_with('/');
        self.copies().retain(|key, _| if is_one { key != prefix } else { !key.starts_with(prefix) });
    }

    /// Releases copies that nobody has asked for recently.
    pub(super) fn drop_stale(&self) {
        self.copies().retain(|_, copy| copy.asked.elapsed() < KEPT);
    }

    /// Releases the least recently used copies until the rest is within the size limit, but never the newest.
    fn keep_within_size(&self, newest: &str) {
        let mut copies = self.copies();
        let mut bytes: u64 = copies.values().map(|copy| copy.bytes).sum();
        while bytes > self.most_bytes {
            let others = copies.iter().filter(|(key, copy)| *key != newest && copy.bytes > 0);
            let Some(oldest) = others.min_by_key(|(_, copy)| copy.asked).map(|(key, _)| key.clone()) else { return };
            bytes -= copies.remove(&oldest).map_or(0, |copy| copy.bytes);
        }
    }

    fn copies(&self) -> MutexGuard<'_, HashMap<String, Copy>> {
        // No code that can panic runs under the lock.
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the same file a second time, with its own read position at the beginning.
fn again(file: &File) -> std::io::Result<File> {
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn copy_of(text: &str) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    async fn read(cache: &Cache, key: &str, made: &AtomicUsize) -> String {
        let copying = || async {
            made.fetch_add(1, Ordering::Relaxed);
            Ok(copy_of(key))
        };
        let mut text = String::new();
        cache.open(key, copying).await.unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[tokio::test]
    async fn a_blob_is_copied_once_and_read_from_its_beginning_by_each() {
        let (cache, made) = (Cache::new(PathBuf::new(), 100), AtomicUsize::new(0));
        let readers = (0..8).map(|_| read(&cache, "batches/a/1", &made));
        for text in futures::future::join_all(readers).await {
            assert_eq!(text, "batches/a/1");
        }
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn those_asked_for_the_longest_ago_make_room() {
        let (cache, made) = (Cache::new(PathBuf::new(), 25), AtomicUsize::new(0));
        for key in ["batches/a/1", "batches/b/1", "batches/a/1", "batches/c/1"] {
            read(&cache, key, &made).await;
        }
        assert_eq!(made.load(Ordering::Relaxed), 3);
        let mut left: Vec<String> = cache.copies().keys().cloned().collect();
        left.sort();
        assert_eq!(left, ["batches/a/1", "batches/c/1"]);
        cache.forget("batches/a/");
        assert!(!cache.copies().contains_key("batches/a/1"));
    }

    #[tokio::test]
    async fn a_copy_that_fails_is_made_anew() {
        let (cache, made) = (Cache::new(PathBuf::new(), 25), AtomicUsize::new(0));
        let failed = cache.open("key", || async { Err(StorageError::NotFound { what: "file" }) }).await;
        assert!(failed.is_err());
        assert_eq!(read(&cache, "key", &made).await, "key");
    }
}
