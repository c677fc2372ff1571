//! Stopping on request: the first SIGTERM or Ctrl-C asks for it, the second one forces it.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The exit code of a program that was ended by Ctrl-C, as shells count it (128 + SIGINT).
pub(crate) const INTERRUPTED: u8 = 130;

/// A token that is cancelled by the first SIGTERM or SIGINT. The second signal ends the process at once, together with
/// its workers. A server resumes unfinished work at its next start.
pub(crate) fn on_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        asked.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::process::exit(i32::from(INTERRUPTED));
    });
    Ok(stop)
}
