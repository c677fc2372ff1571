//! The format of a backup: a tar file. Its first entry describes it, and its last entry holds the hashes of all the
//! others.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Component, Path};

use anyhow::{Context, bail, ensure};
use recto_domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use crate::failure::advised;

pub(super) const DATABASE: &str = "recto.db";
pub(super) const SECRET: &str = "secret.key";
/// The previous secret, kept while anything is still encrypted under it.
pub(super) const FORMER_SECRET: &str = "secret.key.former";
const BLOBS: &str = "blobs";
const ABOUT: &str = "recto-backup.json";
const HASHES: &str = "hashes";
/// The format version. It is raised when an older Recto could not read what a newer one writes.
const FORMAT: u32 = 1;
const MOST_ABOUT_BYTES: u64 = 64 * 1024;

/// The content of the first entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    format: u32,
    /// The version of Recto that wrote the backup.
    recto: String,
    created_at: Timestamp,
}

/// The entry name of a stored file.
pub(super) fn blob_entry(key: &str) -> String {
    format!("{BLOBS}/{key}")
}

/// Writes a backup entry by entry.
pub(super) struct Writer<W: Write> {
    tar: Builder<W>,
    hashes: Hashes,
    modified: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W) -> anyhow::Result<Self> {
        let created_at = Timestamp::now();
        let modified = created_at.as_millis().cast_unsigned() / 1000;
        let mut writer = Self { tar: Builder::new(out), hashes: Hashes::new()?, modified };
        let about = About { format: FORMAT, recto: env!("CARGO_PKG_VERSION").to_owned(), created_at };
        let about = serde_json::to_vec_pretty(&about)?;
        writer.append(ABOUT, about.len() as u64, about.as_slice())?;
        Ok(writer)
    }

    /// Adds a file of `size` bytes; returns its SHA-256.
    pub(super) fn append(&mut self, name: &str, size: u64, bytes: impl Read) -> anyhow::Result<String> {
        let mut hashing = Hashing::over(bytes.take(size));
        self.entry(name, size, &mut hashing).with_context(|| format!("cannot add {name} to the backup"))?;
        ensure!(hashing.read == size, "{name} shrank while it was being read");
        let sha256 = hashing.sha256();
        self.hashes.note(name, size, &sha256)?;
        Ok(sha256)
    }

    /// Adds the hashes and ends the backup.
    pub(super) fn finish(mut self) -> anyhow::Result<W> {
        let mut hashes = std::mem::replace(&mut self.hashes, Hashes::new()?).into_file()?;
        let size = hashes.metadata()?.len();
        self.entry(HASHES, size, &mut hashes)?;
        Ok(self.tar.into_inner()?)
    }

    fn entry(&mut self, name: &str, size: u64, bytes: &mut impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.modified);
        self.tar.append_data(&mut header, name, bytes)
    }
}

/// Reads a backup to its end, passes each file to `keep`, and checks what was kept against the hashes.
pub(super) fn read(
    archive: impl Read,
    mut keep: impl FnMut(&str, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut tar = tar::Archive::new(archive);
    let mut found = Hashes::new()?;
    let mut entries = tar.entries()?;
    let Some(first) = entries.next() else { return Err(no_backup()) };
    let mut first = first.map_err(|_| no_backup())?;
    if first.path_bytes().as_ref() != ABOUT.as_bytes() {
        return Err(no_backup());
    }
    let mut about = Hashing::over((&mut first).take(MOST_ABOUT_BYTES));
    let mut text = Vec::new();
    about.read_to_end(&mut text)?;
    check_about(&text)?;
    found.note(ABOUT, about.read, &about.sha256())?;
    for entry in entries {
        let entry = entry.map_err(|error| ends_early(&error))?;
        let name = entry.path()?.to_str().map(str::to_owned).unwrap_or_default();
        let size = entry.size();
        ensure!(entry.header().entry_type() == EntryType::Regular, "the backup contains {name}, which is not a file");
        if name == HASHES {
            return check_hashes(found, entry);
        }
        if !is_of_backup(&name) {
            bail!("the backup contains {name}, which does not belong to Recto");
        }
        let mut hashing = Hashing::over(entry);
        keep(&name, &mut hashing)?;
        ensure!(hashing.read == size, "the backup ends in the middle of {name}");
        found.note(&name, size, &hashing.sha256())?;
    }
    bail!("the backup is incomplete: it ends before its list of hashes")
}

fn check_about(text: &[u8]) -> anyhow::Result<()> {
    let about: About = serde_json::from_slice(text).map_err(|_| no_backup())?;
    if about.format > FORMAT {
        return Err(advised(
            format!("the backup was made by Recto {} in a format that this version does not support", about.recto),
            "Restore it with that version.",
        ));
    }
    Ok(())
}

/// Whether a name is allowed in a backup. No allowed name leads out of the data folder.
fn is_of_backup(name: &str) -> bool {
    let path = Path::new(name);
    let mut parts = path.components();
    match parts.next() {
        Some(Component::Normal(first)) if first == BLOBS => {
            let mut parts = parts.peekable();
            parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
        }
        _ => [DATABASE, SECRET, FORMER_SECRET].contains(&name),
    }
}

fn check_hashes(found: Hashes, said: impl Read) -> anyhow::Result<()> {
    let (found, said) = (BufReader::new(found.into_file()?), BufReader::new(said));
    let mut said = io::BufRead::lines(said);
    for line in io::BufRead::lines(found) {
        let line = line?;
        let same = said.next().transpose()?.is_some_and(|said| said == line);
        ensure!(same, "the backup is damaged: {} does not match its hash", name_in(&line));
    }
    ensure!(said.next().is_none(), "the backup is damaged: files are missing from it");
    Ok(())
}

fn name_in(line: &str) -> &str {
    line.splitn(3, ' ').last().unwrap_or_default()
}

fn no_backup() -> anyhow::Error {
    advised("this is not a Recto backup", "Specify a file written by `recto backup`.")
}

fn ends_early(error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("the backup is damaged or incomplete: {error}")
}

/// A line for each entry: hash, size and name. They are kept in an unnamed temporary file because there may be
/// millions.
struct Hashes(BufWriter<File>);

impl Hashes {
    fn new() -> anyhow::Result<Self> {
        let file = tempfile::tempfile().context("cannot create a temporary file")?;
        Ok(Self(BufWriter::new(file)))
    }

    fn note(&mut self, name: &str, size: u64, sha256: &str) -> io::Result<()> {
        writeln!(self.0, "{sha256} {size} {name}")
    }

    /// The file with the recorded lines, rewound to its start.
    fn into_file(self) -> anyhow::Result<File> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// Hashes everything that is read through it.
struct Hashing<R> {
    from: R,
    hash: Sha256,
    read: u64,
}

impl<R: Read> Hashing<R> {
    fn over(from: R) -> Self {
        Self { from, hash: Sha256::new(), read: 0 }
    }

    fn sha256(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.hash.update(&into[..count]);
        self.read += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new()).unwrap();
        writer.append(DATABASE, 5, &b"bytes"[..]).unwrap();
        writer.append(&blob_entry("batches/1/2"), 4, &b"file"[..]).unwrap();
        writer.finish().unwrap()
    }

    fn names(archive: &[u8]) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        read(archive, |name, bytes| {
            io::copy(bytes, &mut io::sink())?;
            names.push(name.to_owned());
            Ok(())
        })?;
        Ok(names)
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(names(&written()).unwrap(), ["recto.db", "blobs/batches/1/2"]);
    }

    #[test]
    fn a_changed_byte_or_a_missing_end_is_found() {
        let whole = written();
        // What follows the last byte of the last entry is padding.
        let end = whole.iter().rposition(|&byte| byte != 0).unwrap();
        for at in (0..whole.len()).step_by(97) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            // A changed byte in the padding between entries belongs to no entry and goes unnoticed.
            if let Ok(read) = names(&changed) {
                assert_eq!((read.len(), whole[at]), (2, 0), "{at}");
            }
            if at <= end {
                assert!(names(&whole[..at]).is_err(), "cut at {at}");
            }
        }
        let at = whole.windows(4).position(|bytes| bytes == b"file").unwrap();
        let mut changed = whole;
        changed[at] = b'F';
        assert!(names(&changed).unwrap_err().to_string().contains("blobs/batches/1/2"));
    }

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        assert!(is_of_backup("recto.db") && is_of_backup("secret.key.former") && is_of_backup("blobs/batches/1/2"));
        for name in ["/etc/passwd", "blobs/../../x", "../x", "blobs", "blobs/", "other", "./recto.db", ""] {
            assert!(!is_of_backup(name), "{name}");
        }
    }
}
