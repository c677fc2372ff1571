//! `recto backup` and `recto restore`: everything that an installation keeps, written to one file and read back.

mod archive;
mod restore;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::HumanBytes;
use recto_storage::{Contents, NamedFile, Snapshot, StorageError};
use serde::Serialize;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::settings::Settings;
use archive::{DATABASE, FORMER_SECRET, SECRET, Writer, blob_entry};
pub(crate) use restore::{RESTORING, RestoreArgs, restore};

const AFTER_HELP: &str = "\
The server can keep running, and can accept, read and delete files meanwhile: the backup shows the state at the moment \
the command began. Files deleted during the backup are removed once it is done. The backup contains the database, the \
files and the secret that protects the API keys: guard it like a password. It is compressed if the file name ends in \
.gz or .tgz.

Examples:
  recto backup /backups/recto.tar --data-dir /var/lib/recto
  recto backup - | age -r age1… > recto.tar.age
  recto restore /backups/recto.tar --data-dir /var/lib/recto";

/// Flags of `recto backup`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct BackupArgs {
    /// File to write; - for stdout
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
}

/// What was written, as JSON for programs.
#[derive(Debug, Serialize)]
struct Summary {
    batches: u64,
    files: u64,
    bytes: u64,
}

pub(crate) fn backup(settings: &Settings, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    if settings.database_url.as_ref().is_some_and(|url| !url.starts_with("sqlite:")) {
        return Err(advised(
            "the database is PostgreSQL, which has its own backup tools",
            "Run pg_dump first, then copy the files (`blobs` in the data folder, or blobs.url) and secret.key. In that \
             order, files added or deleted in between do no harm.",
        ));
    }
    let to_stdout = args.file == Path::new("-");
    let (contents, bytes) = if to_stdout {
        let scratch = std::env::temp_dir();
        write(settings, &scratch, io::stdout().lock())?
    } else {
        to_file(settings, &args.file)?
    };
    let Contents { batches, files } = contents;
    if settings.server.secret_key.is_some() {
        eprintln!("server.secret_key is not in the backup: keep it safe, because no API key works without it");
    }
    if args.admin.json && !to_stdout {
        print::json(&Summary { batches, files, bytes })?;
    } else {
        let size = HumanBytes(bytes);
        eprintln!("backed up {batches} batches, {files} files ({size}) and the installation's secret: keep it safe");
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a temporary file beside the target and renames it at the end, so that a file of the target's name is always
/// complete.
fn to_file(settings: &Settings, path: &Path) -> anyhow::Result<(Contents, u64)> {
    let failed = || format!("{} was not written", path.display());
    let partial = Partial::beside(path).with_context(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let out = BufWriter::new(partial.file.try_clone()?);
    let compressed = path.extension().is_some_and(|end| end == "gz" || end == "tgz");
    let contents = if compressed {
        let (contents, out) = write_into(settings, folder, GzEncoder::new(out, Compression::default()))?;
        out.finish().and_then(|mut out| out.flush()).with_context(failed)?;
        contents
    } else {
        let (contents, mut out) = write_into(settings, folder, out)?;
        out.flush().with_context(failed)?;
        contents
    };
    let bytes = partial.persist(path).with_context(failed)?;
    Ok((contents, bytes))
}

fn write(settings: &Settings, scratch: &Path, out: impl Write) -> anyhow::Result<(Contents, u64)> {
    let (contents, mut out) = write_into(settings, scratch, Counting { out: BufWriter::new(out), bytes: 0 })?;
    out.flush()?;
    Ok((contents, out.bytes))
}

/// Writes everything. A temporary copy of the database is made in the folder `scratch`.
fn write_into<W: Write>(settings: &Settings, scratch: &Path, out: W) -> anyhow::Result<(Contents, W)> {
    let copy = tempfile::Builder::new()
        .prefix(".recto-backup-")
        .tempfile_in(scratch)
        .with_context(|| format!("cannot create a temporary file for the database copy in {}", scratch.display()))?;
    let runtime = tenants::runtime()?;
    let snapshot = runtime.block_on(Snapshot::take(&settings.storage(), copy.path())).map_err(|error| match error {
        StorageError::NotFound { what: "database" } => advised(
            format!("there is no database in {}", settings.data_dir.display()),
            "Specify the data folder with --data-dir or data_dir.",
        ),
        other => other.into(),
    })?;
    let mut archive = Writer::begin(out)?;
    for name in [SECRET, FORMER_SECRET] {
        match File::open(settings.data_dir.join(name)) {
            Ok(file) => archive.append(name, file.metadata()?.len(), file).map(drop)?,
            // Either the settings hold the secret, or there is no former one.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && (name == FORMER_SECRET || settings.server.secret_key.is_some()) => {}
            Err(error) => return Err(error).context("cannot read the installation's secret"),
        }
    }
    let database = File::open(copy.path())?;
    archive.append(DATABASE, database.metadata()?.len(), BufReader::new(database))?;
    let mut last: Option<NamedFile> = None;
    loop {
        let files = runtime.block_on(snapshot.files(last.as_ref()))?;
        for file in &files {
            let bytes = runtime.block_on(snapshot.open(file)).map_err(|error| unusable(file, &error.to_string()))?;
            let sha256 = archive.append(&blob_entry(&file.key), file.size_bytes, bytes)?;
            if sha256 != file.sha256 {
                return Err(unusable(file, "its contents differ from what was received"));
            }
        }
        match files.into_iter().next_back() {
            Some(file) => last = Some(file),
            None => break,
        }
    }
    let out = archive.finish()?;
    Ok((runtime.block_on(snapshot.close())?, out))
}

fn unusable(file: &NamedFile, why: &str) -> anyhow::Error {
    advised(
        format!("the stored file {} cannot be backed up: {why}", file.key),
        "Restore it from another backup, or delete its batch, whose id follows `batches/` in its name.",
    )
}

/// A file whose name marks it as incomplete. It is removed unless it is renamed to its final name.
struct Partial {
    path: PathBuf,
    file: File,
    is_whole: bool,
}

impl Partial {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        // A file left by a killed backup may be readable for others.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = File::options().create_new(true).write(true).mode(0o600).open(&path)?;
        Ok(Self { path, file, is_whole: false })
    }

    /// Writes the file to disk under its final name; returns its size in bytes.
    fn persist(mut self, path: &Path) -> io::Result<u64> {
        self.file.sync_all()?;
        std::fs::rename(&self.path, path)?;
        self.is_whole = true;
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_whole {
            // If the file cannot be removed, its name still marks it as incomplete.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Counts the bytes written.
struct Counting<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
