//! One result per file, in a folder or beside the files. Each is written as soon as its file has ended.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use recto_domain::{BatchDetails, FinishedBatch, RecordId};
use recto_export::{OneFile, result_names};
use recto_http::DrawnBatch;

use super::inputs::Inputs;
use super::output::{Export, replace};
use crate::failure::advised;

/// Where the results of single files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ResultsLocation {
    /// In a folder, with the same relative paths as the files below the folders that were named.
    Folder(PathBuf),
    /// Beside each file, under the file's whole name plus the format's extension.
    Beside,
}

/// The results of single files and which of them are written.
pub(super) struct Each {
    export: Export,
    place: ResultsLocation,
    /// The path of the result of each input.
    paths: Vec<PathBuf>,
    written: HashSet<RecordId>,
    /// The total size of all results so far, in bytes.
    pub(super) bytes: u64,
}

impl Each {
    /// Chooses the paths. Fails when a result would overwrite an input.
    pub(super) fn plan(export: Export, place: ResultsLocation, inputs: &Inputs) -> anyhow::Result<Self> {
        if let ResultsLocation::Folder(folder) = &place
            // A path with a trailing slash never names a file, so the check uses the path without it.
            && folder.components().collect::<PathBuf>().is_file()
        {
            let what = format!("results cannot be written into {}: it is not a folder", folder.display());
            return Err(advised(what, "Specify another folder with -o."));
        }
        let extension = export.format.extension();
        let paths: Vec<PathBuf> = match &place {
            ResultsLocation::Folder(folder) => {
                let names: Vec<String> = inputs.below.iter().map(|path| path.to_string_lossy().into_owned()).collect();
                let results = result_names(names.iter().map(String::as_str), extension);
                results.iter().map(|result| folder.join(result)).collect()
            }
            ResultsLocation::Beside => inputs.files.iter().map(|file| beside(file, extension)).collect(),
        };
        let read: HashSet<PathBuf> = inputs.files.iter().filter_map(|file| fs::canonicalize(file).ok()).collect();
        let over = paths.iter().find(|path| fs::canonicalize(path).is_ok_and(|path| read.contains(&path)));
        match over {
            Some(path) => {
                let what = format!("the result {} would overwrite one of the files to read", path.display());
                Err(advised(what, "Specify another folder or another format."))
            }
            None => Ok(Self { export, place, paths, written: HashSet::new(), bytes: 0 }),
        }
    }

    /// For results at the given paths in `folder`, one for each input.
    pub(super) fn at(export: Export, folder: PathBuf, paths: Vec<PathBuf>) -> Self {
        Self { export, place: ResultsLocation::Folder(folder), paths, written: HashSet::new(), bytes: 0 }
    }

    /// The path of the result of the input with index `place`, whether or not it exists yet.
    pub(super) fn path(&self, place: usize) -> &Path {
        &self.paths[place]
    }

    /// A summary for the end: the number of results and where they are.
    pub(super) fn summary(&self) -> String {
        let results = super::report::count(self.written.len() as u64, "result");
        match &self.place {
            ResultsLocation::Folder(folder) => format!("{results} in {}", folder.display()),
            ResultsLocation::Beside => format!("{results} beside the files"),
        }
    }

    /// Writes the results of the files that have completed since the last call. `places` holds the input index of each
    /// file of the batch.
    pub(super) async fn write(
        &mut self,
        mut batch: DrawnBatch,
        details: &BatchDetails,
        places: &[usize],
    ) -> anyhow::Result<()> {
        let completed: HashSet<RecordId> = batch.documents().iter().map(|document| document.record_id).collect();
        let new: Vec<(RecordId, PathBuf)> = details
            .processing_history_ids
            .iter()
            .zip(places)
            .filter(|(record, _)| completed.contains(record) && !self.written.contains(record))
            .map(|(record, place)| (*record, self.paths[*place].clone()))
            .collect();
        let (export, done) = (self.export.clone(), new.iter().map(|(record, _)| *record).collect::<Vec<_>>());
        let writing = tokio::task::spawn_blocking(move || {
            let mut bytes = 0;
            for (record, path) in new {
                if let Some(mut one) = OneFile::of(&mut batch, record) {
                    bytes += write_one(&export, &path, &mut one)?;
                }
            }
            anyhow::Ok(bytes)
        });
        self.bytes += writing.await.context("the export stopped unexpectedly")??;
        self.written.extend(done);
        Ok(())
    }
}

fn write_one(export: &Export, path: &Path, one: &mut OneFile<'_>) -> anyhow::Result<u64> {
    let failed = || format!("{} was not written", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    replace(export, path, one).with_context(failed)
}

/// The path of a file's result beside it: the file's whole name plus one more extension.
pub(super) fn beside(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}
