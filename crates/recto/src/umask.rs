//! Who may read the files that this process makes. Nobody else may, except for files that are written for the user.

use std::fs::{Permissions, set_permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::Mode;

/// The umask of the user who started the process.
static OF_USER: OnceLock<u32> = OnceLock::new();

/// From now on, files get at most the permissions 0600 and folders 0700, even when libraries create them.
pub(crate) fn close() {
    let before = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    // Called once, at the start: a second call would no longer see the user's own umask.
    let _ = OF_USER.set(before.as_raw_mode());
}

/// The permissions of a new file that is written for the user, such as an export.
pub(crate) fn mode_for_user() -> u32 {
    0o666 & !OF_USER.get().copied().unwrap_or(0o022)
}

/// Writes a file for the user. A new file gets the user's usual permissions; an existing one keeps its own.
pub(crate) fn write_for_user(path: &Path, text: &str) -> io::Result<()> {
    let is_new = !path.exists();
    std::fs::write(path, text)?;
    if is_new { set_permissions(path, Permissions::from_mode(mode_for_user())) } else { Ok(()) }
}
