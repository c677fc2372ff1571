//! `recto db copy`: moves an installation to PostgreSQL.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use indicatif::{HumanBytes, ProgressBar};
use recto_storage::{Moved, Storage, StorageError, StorageSettings};
use serde::Serialize;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::installation::{installation_secret, installation_storage};
use crate::settings::Settings;

const COPY_HELP: &str = "\
Stop the server first. The installation to copy is the one in the settings: the SQLite database and the files in the \
data folder. Its database is migrated first, as when the server starts; nothing else in it changes. An interrupted \
copy leaves no rows behind: run the same command again, and it continues with the files that are still missing. \
Afterwards, set database.url and blobs.url to the new locations on every node.

Examples:
  recto db copy --to postgres://recto@db/recto --to-blobs s3://scans/recto --to-endpoint https://s3.internal
  RECTO_TO=postgres://recto:password@db/recto recto db copy --to-blobs file:///mnt/scans";

/// The commands for the database as a whole.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Copy an installation on SQLite, with its files, to PostgreSQL
    #[command(after_help = COPY_HELP)]
    Copy(CopyArgs),
}

/// Flags of `recto db copy`.
#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// Empty PostgreSQL database to copy to; if the URL contains a password, better pass it in the environment
    #[arg(long, value_name = "URL", env = "RECTO_TO", hide_env_values = true)]
    to: String,
    /// Bucket or shared folder to copy the files to, in the form of blobs.url [default: they stay where they are]
    #[arg(long, value_name = "URL")]
    to_blobs: Option<String>,
    /// S3 endpoint of that bucket [default: Amazon's]
    #[arg(long, value_name = "URL", requires = "to_blobs")]
    to_endpoint: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
}

impl DbCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        let Self::Copy(args) = self;
        &args.admin
    }
}

/// What was copied, as JSON for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Copied {
    rows: u64,
    files: u64,
    bytes: u64,
    files_there: u64,
}

pub(crate) fn run(settings: &Settings, command: &DbCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    let DbCommand::Copy(args) = command;
    let moved = tenants::runtime()?.block_on(copy(settings, args))?;
    let Moved { rows, files, bytes, files_there } = moved;
    if args.admin.json {
        print::json(&Copied { rows, files, bytes, files_there })?;
    } else {
        let there = if files_there == 0 { String::new() } else { format!("; {files_there} files were already there") };
        println!("copied {rows} rows and {files} files, {}{there}", HumanBytes(bytes));
        println!("Set database.url and blobs.url to the new locations, then start the nodes.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn copy(settings: &Settings, args: &CopyArgs) -> anyhow::Result<Moved> {
    if !args.to.starts_with("postgres://") && !args.to.starts_with("postgresql://") {
        return Err(advised("--to is not a PostgreSQL URL", "Give a URL such as postgres://recto@db/recto."));
    }
    if args.to_blobs.is_none() && settings.blobs_url.is_none() {
        return Err(advised(
            "the files are in the data folder, which other nodes cannot reach",
            "Specify a bucket or a shared folder with --to-blobs.",
        ));
    }
    let secret = installation_secret(settings).await?;
    let from = installation_storage(settings, &secret)?;
    let to = StorageSettings {
        database_url: Some(args.to.clone()),
        blobs_url: args.to_blobs.clone().or_else(|| from.blobs_url.clone()),
        blobs_endpoint: if args.to_blobs.is_some() { args.to_endpoint.clone() } else { from.blobs_endpoint.clone() },
        ..from.clone()
    };
    // Keys are hashed and secrets are encrypted with this secret, so a copy without it would be useless. A secret from
    // the settings stays in the settings.
    if settings.server.secret_key.is_none() && Storage::shared_secret(&to, &secret).await? != secret {
        return Err(advised("the database contains the secret of another installation", "Specify an empty database."));
    }
    let (from, to) = (Storage::open(&from).await?, Storage::open(&to).await?);
    let progress = ProgressBar::new_spinner();
    let moved = from.move_into(&to, |moved| {
        progress.set_message(format!("{} files, {}", moved.files + moved.files_there, HumanBytes(moved.bytes)));
        progress.tick();
    });
    let moved = moved.await;
    progress.finish_and_clear();
    to.close().await;
    from.close().await;
    moved.map_err(|error| match error {
        StorageError::NotSqlite => advised("this installation already uses PostgreSQL", "Use pg_dump to move it."),
        StorageError::NotEmpty => advised(
            "the database given with --to already contains an installation",
            "Specify an empty one. An interrupted copy leaves none behind.",
        ),
        other => other.into(),
    })
}
