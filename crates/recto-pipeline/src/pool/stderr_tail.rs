//! The standard error of a worker: it is logged as it arrives, and its end is kept to explain a death.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;
use tokio::task::JoinHandle;

/// The number of bytes at the end that are kept.
const KEPT_BYTES: usize = 4096;

/// Reads the standard error of one worker until it closes.
pub(super) struct StderrTail {
    reader: JoinHandle<Vec<u8>>,
}

impl StderrTail {
    /// Starts reading.
    pub(super) fn of(mut stderr: ChildStderr, pid: u32) -> Self {
        let reader = tokio::spawn(async move {
            let mut kept = Vec::new();
            let mut chunk = vec![0; KEPT_BYTES];
            // An error ends the output just as the end of the stream does.
            while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
                for line in String::from_utf8_lossy(&chunk[..read]).lines().filter(|line| !line.is_empty()) {
                    tracing::debug!(pid, "worker: {line}");
                }
                kept.extend_from_slice(&chunk[..read]);
                kept.drain(..kept.len().saturating_sub(KEPT_BYTES));
            }
            kept
        });
        Self { reader }
    }

    /// The end of the output, once the worker is dead.
    pub(super) async fn hear_out(self) -> String {
        // A dead process closes its pipe at once. The time limit is for a descendant, which should not exist.
        match tokio::time::timeout(Duration::from_secs(1), self.reader).await {
            Ok(Ok(kept)) => String::from_utf8_lossy(&kept).trim().to_owned(),
            Ok(Err(_)) | Err(_) => String::new(),
        }
    }
}
