//! Who may read the files that this process makes: nobody else, except what it writes for its user.

use std::fs::{Permissions, set_permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;

use rustix::fs::Mode;

/// What the user who started the process takes from the rights of new files.
static OF_USER: OnceLock<u32> = OnceLock::new();

/// From now on files are made with the rights 0600 and folders with 0700 at most, also by the libraries of others.
pub(crate) fn close() {
    let before = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    // It is called once, at the start; a second call would not know the user's own any more.
    let _ = OF_USER.set(before.as_raw_mode());
}

/// The rights that a new file of the user's own has, such as an export.
pub(crate) fn mode_for_user() -> u32 {
    0o666 & !OF_USER.get().copied().unwrap_or(0o022)
}

/// Writes a file for the user: a new one gets the rights of the user's files, one that is there keeps its own.
pub(crate) fn write_for_user(path: &Path, text: &str) -> io::Result<()> {
    let is_new = !path.exists();
    std::fs::write(path, text)?;
    if is_new { set_permissions(path, Permissions::from_mode(mode_for_user())) } else { Ok(()) }
}
