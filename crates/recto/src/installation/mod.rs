//! The parts of an installation besides its database: a secret, a first key, and sample documents.

mod closed;
mod first_start;
mod rights;
mod samples;
mod secret;

pub(crate) use closed::open_to_others;
pub(crate) use first_start::{CREDENTIALS_FILE, Credentials, first_start};
pub(crate) use samples::{SAMPLES, unpack as unpack_samples};
pub(crate) use secret::{installation_secret, installation_storage};

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::failure::{advised, in_words};
use closed::close_to_others;

/// Creates the data folder, readable for its owner only. If it exists, this account must be able to use its contents.
pub(crate) fn make_data_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        advised(
            format!("the data folder {} cannot be created: {}", path.display(), in_words(&error)),
            "Specify another one with --data-dir or data_dir, or change the permissions of its parent folder.",
        )
    })?;
    rights::check(path)
}

/// Like [`make_data_folder`], for a process that works in the folder: what Recto made there is also closed to others.
pub(crate) fn enter_data_folder(path: &Path) -> anyhow::Result<()> {
    make_data_folder(path)?;
    for path in close_to_others(path) {
        tracing::warn!("other users of this machine can read {}: change its permissions or its owner", path.display());
    }
    Ok(())
}

/// A temporary file with these bytes, completely written to disk and readable for its owner only.
fn whole_file(folder: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".recto-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Syncs a folder, so that the names in it survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}
