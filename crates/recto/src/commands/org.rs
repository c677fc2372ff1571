//! `recto org`: organizations.

use std::process::ExitCode;

use clap::Subcommand;
use recto_domain::Organization;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::settings::Settings;

const MAX_NAME_CHARS: usize = 100;

/// The commands for organizations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Create an organization and print its id
    #[command(after_help = "Example:\n  recto org create --name \"Acme Ltd\" --json")]
    Create {
        /// Display name; need not be unique
        #[arg(long)]
        name: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// List all organizations
    List {
        #[command(flatten)]
        admin: AdminArgs,
    },
}

impl OrgCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create { admin, .. } | Self::List { admin } => admin,
        }
    }
}

pub(crate) fn run(settings: &Settings, command: &OrgCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::with(settings, async |storage| {
        let json = command.admin().json;
        match command {
            OrgCommand::Create { name, .. } => {
                let made = storage.tenants().create_organization(tenants::checked_name(name, MAX_NAME_CHARS)?).await?;
                if json { print::json(&made)? } else { print_one(&made)? }
            }
            OrgCommand::List { .. } => {
                let all = storage.tenants().organizations().await?;
                if json { print::json(&all)? } else { print_all(&all)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn print_one(organization: &Organization) -> std::io::Result<()> {
    print::fields(&[("id", organization.id.to_string()), ("name", organization.name.clone())])
}

fn print_all(organizations: &[Organization]) -> std::io::Result<()> {
    let row = |o: &Organization| vec![o.id.to_string(), o.created_at.to_string(), o.name.clone()];
    let rows = organizations.iter().map(row).collect();
    print::table(&["ID", "CREATED", "NAME"], rows, "no organizations yet: create one with `recto org create`")
}
