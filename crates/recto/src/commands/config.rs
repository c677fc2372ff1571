//! `recto config`: every setting, its value and where it comes from.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::print;
use crate::cli::AdminArgs;
use crate::settings::{Entry, Flags, Origin, Settings};

const AFTER_HELP: &str = "\
Every setting can be given in recto.toml (`listen` in the section [server]) or as an environment variable \
(RECTO__SERVER__LISTEN); some can also be given as a command-line flag. A flag overrides a variable, and a variable \
overrides the file. Secrets are shown as ***.

Examples:
  recto config
  recto config --json
  RECTO__WORKERS__COUNT=4 recto config";

/// Flags of `recto config`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    admin: AdminArgs,
}

impl ConfigArgs {
    pub(crate) fn flags(&self) -> Flags {
        self.admin.flags()
    }
}

/// A setting, as JSON for programs.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    key: &'a str,
    /// `null` when the setting has no value.
    value: Option<&'a str>,
    /// `default`, `file`, `environment` or `flag`.
    origin: &'a str,
    /// The name of the file, the variable or the flag that set it.
    from: Option<&'a str>,
    about: &'a str,
    allowed: &'a str,
    variable: String,
}

impl<'a> Shown<'a> {
    fn new(entry: &'a Entry) -> Self {
        let from = match &entry.origin {
            Origin::Default => None,
            Origin::File(from) | Origin::Environment(from) | Origin::Flag(from) => Some(from.as_str()),
        };
        Self {
            key: entry.key.name,
            value: Some(entry.shown()).filter(|value| !value.is_empty()),
            origin: entry.origin.kind(),
            from,
            about: entry.key.about,
            allowed: entry.key.allowed,
            variable: entry.key.variable(),
        }
    }
}

pub(crate) fn run(settings: &Settings, args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    if args.admin.json {
        print::json(&settings.entries().iter().map(Shown::new).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |entry: &Entry| {
        let value = if entry.value.is_empty() { "-" } else { entry.shown() };
        vec![entry.key.name.to_owned(), value.to_owned(), entry.origin.to_string(), entry.key.about.to_owned()]
    };
    let rows = settings.entries().iter().map(row).collect();
    print::table(&["SETTING", "VALUE", "FROM", "PURPOSE"], rows, "")?;
    Ok(ExitCode::SUCCESS)
}
