//! `recto restore`: makes the data folder of a new installation from a backup.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use flate2::bufread::MultiGzDecoder;
use recto_storage::{Contents, check_restored};
use serde::Serialize;

use super::archive::{self, DATABASE};
use crate::cli::AdminArgs;
use crate::commands::{print, tenants};
use crate::failure::advised;
use crate::settings::Settings;

/// The folder inside the data folder in which a restore works. No server starts while it exists.
pub(crate) const RESTORING: &str = "restoring";
const GZIP: [u8; 2] = [0x1f, 0x8b];

const AFTER_HELP: &str = "\
The data folder must be empty or must not exist yet. Every file is checked against its recorded hash, and the database \
is checked for consistency. If a check fails, the folder is left empty.

Example:
  recto restore /backups/recto.tar --data-dir /var/lib/recto";

/// Flags of `recto restore`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RestoreArgs {
    /// Backup to read; - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
}

/// What was restored, as JSON for programs.
#[derive(Debug, Serialize)]
struct Summary {
    batches: u64,
    files: u64,
}

pub(crate) fn restore(settings: &Settings, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    if settings.database_url.is_some() || settings.blobs_url.is_some() {
        return Err(advised(
            "database.url or blobs.url is set, but a backup can only be restored into the data folder",
            "Unset them for this command, then move recto.db and blobs to their final place before the first start.",
        ));
    }
    let archive: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.file).with_context(|| format!("{} cannot be read", args.file.display()))?)
    };
    let Contents { batches, files } = into_folder(archive, &settings.data_dir)?;
    if args.admin.json {
        print::json(&Summary { batches, files })?;
    } else {
        eprintln!("restored {batches} batches with {files} files to {}", settings.data_dir.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn into_folder(archive: impl Read, data_dir: &Path) -> anyhow::Result<Contents> {
    folder_builder().create(data_dir).with_context(|| format!("{} cannot be created", data_dir.display()))?;
    if let Some(there) = found_in(data_dir)? {
        return Err(advised(
            format!("{} is not empty: it contains {there}", data_dir.display()),
            "Specify an empty folder with --data-dir, or empty this one.",
        ));
    }
    let work = data_dir.join(RESTORING);
    // If the folder exists, another restore is working here. Its files must not be removed by this one.
    DirBuilder::new().mode(0o700).create(&work).with_context(|| format!("{} cannot be created", work.display()))?;
    let done = unpack(archive, &work).and_then(|contents| {
        settle(&work, data_dir).context("the restored files cannot be moved into place").map(|()| contents)
    });
    if done.is_err() {
        empty(data_dir).with_context(|| format!("{} must be emptied by hand", data_dir.display()))?;
    }
    done
}

/// The first entry of a folder that a file system does not create by itself, if any.
fn found_in(folder: &Path) -> anyhow::Result<Option<String>> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let name = entry?.file_name();
        if name != "lost+found" {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

fn unpack(archive: impl Read, work: &Path) -> anyhow::Result<Contents> {
    let mut archive = BufReader::with_capacity(256 * 1024, archive);
    let is_compressed = archive.fill_buf().context("the backup cannot be read")?.starts_with(&GZIP);
    let archive: Box<dyn Read> = if is_compressed { Box::new(MultiGzDecoder::new(archive)) } else { Box::new(archive) };
    folder_builder().create(work.join("blobs"))?;
    archive::read(archive, |name, bytes| write(&work.join(name), bytes))?;
    anyhow::ensure!(work.join(DATABASE).is_file(), "the backup contains no database");
    let contents = tenants::runtime()?.block_on(check_restored(work)).context("the backup cannot be restored")?;
    // One sync for all files, because syncing them one by one would wait for the disk each time.
    rustix::fs::sync();
    Ok(contents)
}

fn write(path: &Path, bytes: &mut dyn Read) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent() {
        folder_builder().create(folder).with_context(failed)?;
    }
    let mut file = File::options().create_new(true).write(true).mode(0o600).open(path).with_context(failed)?;
    io::copy(bytes, &mut file).with_context(failed)?;
    file.flush().with_context(failed)
}

/// Moves everything to its final place. The database goes last, because nothing starts without it.
fn settle(work: &Path, data_dir: &Path) -> io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(work)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    names.sort_by_key(|name| name == DATABASE);
    for name in names {
        fs::rename(work.join(&name), data_dir.join(&name))?;
    }
    fs::remove_dir(work)?;
    File::open(data_dir)?.sync_all()
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == "lost+found" {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}

fn folder_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}
