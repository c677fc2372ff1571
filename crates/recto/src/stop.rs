//! The end on request: SIGTERM or Ctrl-C asks for it, a second one enforces it.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The exit code of a program that Ctrl-C ended, as shells count it.
pub(crate) const INTERRUPTED: u8 = 130;

/// A token that is cancelled by the first SIGTERM or SIGINT. The second ends the process at once; worker processes end
/// with it, and a server takes up at its next start what it left.
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
