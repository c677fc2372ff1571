//! `recto migrate`: brings the database up to date before a server needs it.

use std::process::ExitCode;

use recto_storage::Storage;
use serde::Serialize;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::installation::{enter_data_folder, installation_secret, installation_storage};
use crate::settings::Settings;

/// What was done, as JSON for programs.
#[derive(Debug, Serialize)]
struct Migrated {
    applied: Vec<String>,
}

pub(crate) fn run(settings: &Settings, args: &AdminArgs) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    enter_data_folder(&settings.data_dir)?;
    let applied = tenants::runtime()?.block_on(async {
        let secret = installation_secret(settings).await?;
        anyhow::Ok(Storage::migrate(&installation_storage(settings, &secret)?).await?)
    })?;
    if args.json {
        print::json(&Migrated { applied })?;
    } else if applied.is_empty() {
        println!("the database is up to date");
    } else {
        for name in &applied {
            println!("applied {name}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
