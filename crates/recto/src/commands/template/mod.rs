//! `recto template`: templates made from files, including those of invoice2data.

mod learn;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use recto_domain::{ProjectId, Template, TemplateContent};
use recto_extract::{BUILTIN_TEMPLATES, BuiltinTemplate, FieldPlan};
use recto_storage::{Storage, StorageError};

use super::{print, template_file, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::settings::{Flags, Settings};
use learn::LearnArgs;

const IMPORT_HELP: &str = "\
FILE is a Recto template in JSON or YAML (a map of fields, a JSON Schema of an object, or a complete template as the API
accepts it), or an invoice2data template in YAML or JSON, which is kept as it is and run as invoice2data would run it.
builtin:NAME copies a template that comes with Recto; `recto template list --builtin` shows these templates.

Examples:
  recto template import builtin:invoice --project 68da2880b45d7a01d90a3c51
  recto template import receipt.yaml --project 68da2880b45d7a01d90a3c51
  recto template import com.amazon.aws.yml --project 68da2880b45d7a01d90a3c51 --json";

/// The commands about templates.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Create a template from a file or a built-in template and print its id
    #[command(after_help = IMPORT_HELP)]
    Import {
        /// Template file, or builtin:NAME
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Project that the template belongs to, as `recto project list` shows it
        #[arg(long, value_name = "ID")]
        project: ProjectId,
        /// Template name [default: the name in the file, or the file name]
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Teach a template from documents whose correct values are known
    Learn(LearnArgs),
    /// List templates
    List {
        /// List only templates of this project
        #[arg(long, value_name = "ID", conflicts_with = "builtin")]
        project: Option<ProjectId>,
        /// List the built-in templates instead
        #[arg(long)]
        builtin: bool,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

impl TemplateCommand {
    pub(crate) fn flags(&self) -> Flags {
        match self {
            Self::Import { admin, .. } | Self::List { admin, .. } => admin.flags(),
            Self::Learn(args) => args.flags(),
        }
    }
}

pub(crate) fn run(settings: &Settings, command: &TemplateCommand) -> anyhow::Result<ExitCode> {
    match command {
        TemplateCommand::Import { file, project, name, admin } => {
            crate::logging::start_quietly(&settings.log);
            let content = named(file, name.as_deref())?;
            let made = tenants::with(settings, async |storage| import(storage, content, *project).await)?;
            if admin.json { print::json(&made)? } else { print_one(&made)? }
        }
        TemplateCommand::Learn(args) => return learn::run(settings, args),
        TemplateCommand::List { builtin: true, admin, .. } => list_builtin(admin.json)?,
        TemplateCommand::List { project, admin, .. } => {
            crate::logging::start_quietly(&settings.log);
            let all = tenants::with(settings, async |storage| list(storage, *project).await)?;
            if admin.json { print::json(&all)? } else { print_all(&all)? }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The template in a file, renamed to `name` if one is given.
fn named(file: &Path, name: Option<&str>) -> anyhow::Result<TemplateContent> {
    let mut content = template_file::read(file)?;
    let name = name.unwrap_or(&content.name);
    content.name = tenants::checked_name(name, Template::MAX_NAME_CHARS)?.to_owned();
    Ok(content)
}

async fn import(storage: &Storage, content: TemplateContent, project: ProjectId) -> anyhow::Result<Template> {
    storage.templates().create(project, content, true).await.map_err(|error| match error {
        StorageError::NotFound { .. } => {
            advised(format!("there is no project {project}"), "`recto project list` shows all projects.")
        }
        other => other.into(),
    })
}

async fn list(storage: &Storage, project: Option<ProjectId>) -> anyhow::Result<Vec<Template>> {
    let mut all = Vec::new();
    for organization in tenants::organizations(storage, None).await? {
        all.extend(storage.templates().list(organization.id, project).await?);
        // With a project, every organization gives the same list.
        if project.is_some() {
            break;
        }
    }
    Ok(all)
}

/// Prints the built-in templates. It needs no data folder.
fn list_builtin(as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let told = |BuiltinTemplate { id, content }: &BuiltinTemplate| {
            let mut told = serde_json::to_value(content)?;
            told["id"] = (*id).into();
            Ok(told)
        };
        return print::json(&BUILTIN_TEMPLATES.iter().map(told).collect::<Result<Vec<_>, serde_json::Error>>()?);
    }
    let row = |BuiltinTemplate { id, content }: &BuiltinTemplate| {
        vec![format!("builtin:{id}"), content.name.clone(), fields_of(content)]
    };
    let rows = BUILTIN_TEMPLATES.iter().map(row).collect();
    Ok(print::table(&["TEMPLATE", "NAME", "FIELDS"], rows, "there are no built-in templates")?)
}

fn print_one(template: &Template) -> std::io::Result<()> {
    print::fields(&[
        ("id", template.id.to_string()),
        ("project", template.project_id.to_string()),
        ("name", template.content.name.clone()),
        ("fields", fields_of(&template.content)),
    ])
}

/// The names of the fields that a template asks for.
fn fields_of(content: &TemplateContent) -> String {
    // A stored template was validated when it was written.
    let plan = FieldPlan::parse(content);
    let names = plan.as_ref().map(FieldPlan::fields).unwrap_or_default().iter().map(|field| field.name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn print_all(templates: &[Template]) -> std::io::Result<()> {
    let row = |t: &Template| {
        vec![
            t.id.to_string(),
            t.project_id.to_string(),
            t.version.to_string(),
            t.content.name.clone(),
            fields_of(&t.content),
        ]
    };
    let none = "no templates yet: create one from a file with `recto template import`";
    print::table(&["ID", "PROJECT", "VERSION", "NAME", "FIELDS"], templates.iter().map(row).collect(), none)
}
