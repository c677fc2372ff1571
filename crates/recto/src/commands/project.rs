//! `recto project`: the projects of an organisation.

use std::process::ExitCode;

use clap::Subcommand;
use recto_domain::{OrganizationId, Project};

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::settings::Settings;

const MAX_NAME_CHARS: usize = 100;

/// The commands about projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project in an organisation and print its id
    #[command(after_help = "Example:\n  recto project create --organization 68da2880b45d7a01d90a3c51 --name Invoices")]
    Create {
        /// The organisation it belongs to
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// For people; need not be unique
        #[arg(long)]
        name: String,
        /// A sentence for people
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// List projects
    List {
        /// Of this organisation only
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

impl ProjectCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create { admin, .. } | Self::List { admin, .. } => admin,
        }
    }
}

pub(crate) fn run(settings: &Settings, command: &ProjectCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::runtime()?.block_on(async {
        let storage = tenants::open(settings).await?;
        let json = command.admin().json;
        match command {
            ProjectCommand::Create { organization, name, description, .. } => {
                tenants::organizations(&storage, Some(*organization)).await?;
                let name = tenants::checked_name(name, MAX_NAME_CHARS)?;
                let made = storage.create_project(*organization, name, description.trim()).await?;
                if json { print::json(&made)? } else { print_one(&made)? }
            }
            ProjectCommand::List { organization, .. } => {
                let mut all = Vec::new();
                for organization in tenants::organizations(&storage, *organization).await? {
                    all.extend(storage.projects(organization.id).await?);
                }
                if json { print::json(&all)? } else { print_all(&all)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn print_one(project: &Project) -> std::io::Result<()> {
    print::fields(&[
        ("id", project.id.to_string()),
        ("organization", project.organization_id.to_string()),
        ("name", project.name.clone()),
    ])
}

fn print_all(projects: &[Project]) -> std::io::Result<()> {
    let row = |p: &Project| vec![p.id.to_string(), p.organization_id.to_string(), p.name.clone()];
    let rows = projects.iter().map(row).collect();
    print::table(&["ID", "ORGANIZATION", "NAME"], rows, "no project yet: `recto project create` makes one")
}
