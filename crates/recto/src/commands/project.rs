//! `recto project`: the projects of an organization.

use std::num::ParseIntError;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Subcommand;
use recto_domain::{OrganizationId, Project, ProjectId};
use recto_storage::{Limit, ProjectChange, Storage};

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::settings::Settings;

const UPDATE_HELP: &str = "\
Whatever is not given stays as it is.

Examples:
  recto project update 68da2880b45d7a01d90a3c51 --name \"Invoices 2026\"
  recto project update 68da2880b45d7a01d90a3c51 --active true     accept work again after a deactivation";

const DEACTIVATE_HELP: &str = "\
This is refused while batches of the project are still being read. `recto project update ID --active true` undoes it.";

/// The commands for projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project in an organization and print its id
    #[command(after_help = "Example:\n  recto project create --organization 68da2880b45d7a01d90a3c51 --name Invoices")]
    Create {
        /// Organization that the project belongs to
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// Display name; need not be unique
        #[arg(long)]
        name: String,
        /// Description
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// List projects
    List {
        /// List only projects of this organization
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Change a project's name, description or limits, or reactivate it
    #[command(after_help = UPDATE_HELP)]
    Update {
        /// Project id, as `recto project list` shows it
        id: ProjectId,
        /// New name
        #[arg(long)]
        name: Option<String>,
        /// New description
        #[arg(long)]
        description: Option<String>,
        /// Whether the project accepts new work
        #[arg(long, value_name = "true|false")]
        active: Option<bool>,
        /// Days after which finished batches are deleted; 0 for never, `default` to use retention.days
        #[arg(long, value_name = "DAYS|default", value_parser = own_or_default::<u32>)]
        keep_days: Option<Limit<u32>>,
        /// Maximum pages read per day (UTC); 0 for no limit, `default` to use `limits.pages_per_day`
        #[arg(long, value_name = "N|default", value_parser = own_or_default::<u64>)]
        pages_per_day: Option<Limit<u64>>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Stop a project from accepting new work; its contents stay readable
    #[command(after_help = DEACTIVATE_HELP)]
    Deactivate {
        /// Project id, as `recto project list` shows it
        id: ProjectId,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

fn own_or_default<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<Limit<T>, ParseIntError> {
    if text == "default" { Ok(Limit::OfSettings) } else { text.parse().map(Limit::Own) }
}

impl ProjectCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create { admin, .. }
            | Self::List { admin, .. }
            | Self::Update { admin, .. }
            | Self::Deactivate { admin, .. } => admin,
        }
    }
}

pub(crate) fn run(settings: &Settings, command: &ProjectCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::with(settings, async |storage| {
        let json = command.admin().json;
        match command {
            ProjectCommand::Create { organization, name, description, .. } => {
                tenants::organizations(storage, Some(*organization)).await?;
                let name = tenants::checked_name(name, Project::MAX_NAME_CHARS)?;
                let description = tenants::checked_description(description, Project::MAX_DESCRIPTION_CHARS)?;
                let made = storage.tenants().create_project(*organization, name, description).await?;
                if json { print::json(&made)? } else { print_one(&made)? }
            }
            ProjectCommand::List { organization, .. } => {
                let mut all = Vec::new();
                for organization in tenants::organizations(storage, *organization).await? {
                    all.extend(storage.tenants().projects(organization.id).await?);
                }
                if json { print::json(&all)? } else { print_all(&all)? }
            }
            ProjectCommand::Update { id, name, description, active, keep_days, pages_per_day, .. } => {
                if let Some(Limit::Own(days)) = keep_days
                    && *days > Project::MAX_RETENTION_DAYS
                {
                    anyhow::bail!("--keep-days must be at most {}, not {days}", Project::MAX_RETENTION_DAYS);
                }
                let name = name.as_deref().map(|name| tenants::checked_name(name, Project::MAX_NAME_CHARS));
                let description = description
                    .as_deref()
                    .map(|text| tenants::checked_description(text, Project::MAX_DESCRIPTION_CHARS));
                let change = ProjectChange {
                    name: name.transpose()?.map(str::to_owned),
                    description: description.transpose()?.map(str::to_owned),
                    is_active: *active,
                    retention_days: *keep_days,
                    pages_per_day: *pages_per_day,
                };
                let changed = update(storage, *id, change).await?;
                if json { print::json(&changed)? } else { print_one(&changed)? }
            }
            ProjectCommand::Deactivate { id, .. } => {
                let change = ProjectChange { is_active: Some(false), ..ProjectChange::default() };
                let changed = update(storage, *id, change).await?;
                if json { print::json(&changed)? } else { print_one(&changed)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn update(storage: &Storage, id: ProjectId, change: ProjectChange) -> anyhow::Result<Project> {
    let changed = storage.tenants().update_project(id, change).await?;
    changed.ok_or_else(|| advised(format!("there is no project {id}"), "`recto project list` shows all projects."))
}

fn print_one(project: &Project) -> std::io::Result<()> {
    print::fields(&[
        ("id", project.id.to_string()),
        ("organization", project.organization_id.to_string()),
        ("name", project.name.clone()),
        ("keeps", kept(project.retention_days)),
        ("pages per day", quota(project.pages_per_day)),
        ("accepts work", if project.is_active { "yes" } else { "no, it is inactive" }.to_owned()),
    ])
}

fn kept(days: Option<u32>) -> String {
    match days {
        None => "finished batches, for as long as retention.days says".to_owned(),
        Some(0) => "finished batches, for ever".to_owned(),
        Some(days) => format!("finished batches, for {days} days"),
    }
}

fn quota(pages: Option<u64>) -> String {
    match pages {
        None => "as set by limits.pages_per_day".to_owned(),
        Some(0) => "unlimited".to_owned(),
        Some(pages) => pages.to_string(),
    }
}

fn print_all(projects: &[Project]) -> std::io::Result<()> {
    let row = |p: &Project| {
        let active = if p.is_active { "yes" } else { "no" }.to_owned();
        vec![p.id.to_string(), p.organization_id.to_string(), active, p.name.clone()]
    };
    let rows = projects.iter().map(row).collect();
    let none = "no projects yet: create one with `recto project create`";
    print::table(&["ID", "ORGANIZATION", "ACTIVE", "NAME"], rows, none)
}
