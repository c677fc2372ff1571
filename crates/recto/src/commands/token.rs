//! `recto token`: API keys.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;
use recto_domain::{ApiKey, OrganizationId, ProjectId, Timestamp, Token, TokenId};
use recto_storage::{NewToken, Storage};
use serde::Serialize;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::installation::installation_secret;
use crate::settings::Settings;

const DAY: Duration = Duration::from_hours(24);

const CREATE_HELP: &str = "\
The key is shown once, as apiKey; only a keyed hash of it is stored. A key without --project acts in all projects of \
its organisation, and its requests name the project.

Example:
  recto token create --organization 68da2880b45d7a01d90a3c51 --name \"Scan station\" --expires 90";

/// The commands about API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make an API key and show it, once
    #[command(after_help = CREATE_HELP)]
    Create {
        /// The organisation it acts in
        #[arg(long, value_name = "ID")]
        organization: OrganizationId,
        /// The one project it is limited to
        #[arg(long, value_name = "ID")]
        project: Option<ProjectId>,
        /// For people, at most 100 characters
        #[arg(long)]
        name: String,
        /// Days until it stops working; 0 for never
        #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(..=36_500))]
        expires: u32,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// List API keys by their first characters
    List {
        /// Of this organisation only
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Stop an API key from working, for good
    Revoke {
        /// The token's id, as `recto token list` shows it
        id: TokenId,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

impl TokenCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create { admin, .. } | Self::List { admin, .. } | Self::Revoke { admin, .. } => admin,
        }
    }
}

/// A new token with the key that is never shown again.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Made<'a> {
    #[serde(flatten)]
    token: &'a Token,
    api_key: &'a str,
}

pub(crate) fn run(settings: &Settings, command: &TokenCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::runtime()?.block_on(async {
        let storage = tenants::open(settings).await?;
        let json = command.admin().json;
        match command {
            TokenCommand::Create { organization, project, name, expires, .. } => {
                let (token, key) = create(settings, &storage, *organization, *project, name, *expires).await?;
                if json {
                    print::json(&Made { token: &token, api_key: key.expose() })?;
                } else {
                    print_made(&token, &key)?;
                }
            }
            TokenCommand::List { organization, .. } => {
                let mut all = Vec::new();
                for organization in tenants::organizations(&storage, *organization).await? {
                    all.extend(storage.tokens(organization.id).await?);
                }
                if json { print::json(&all)? } else { print_all(&all)? }
            }
            TokenCommand::Revoke { id, .. } => {
                let revoked = storage
                    .revoke_token(*id)
                    .await?
                    .ok_or_else(|| advised(format!("there is no token {id}"), "`recto token list` shows them all."))?;
                if json { print::json(&revoked)? } else { print_all(std::slice::from_ref(&revoked))? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn create(
    settings: &Settings,
    storage: &Storage,
    organization: OrganizationId,
    project: Option<ProjectId>,
    name: &str,
    expires_days: u32,
) -> anyhow::Result<(Token, ApiKey)> {
    tenants::organizations(storage, Some(organization)).await?;
    if let Some(project) = project {
        let theirs = storage.project(project).await?.is_some_and(|p| p.organization_id == organization);
        if !theirs {
            let what = format!("organisation {organization} has no project {project}");
            return Err(advised(what, format!("`recto project list --organization {organization}` shows them.")));
        }
    }
    let name = tenants::checked_name(name, Token::MAX_NAME_CHARS)?.to_owned();
    let secret = installation_secret(settings)?;
    let key = ApiKey::generate();
    let expires_at = (expires_days > 0).then(|| Timestamp::now().plus(DAY * expires_days));
    let token = NewToken { expires_at, ..NewToken::full(organization, project, &name, key.hint()) };
    let token = storage.create_token(token, &key.hash(&secret)).await.context("the key was not made")?;
    Ok((token, key))
}

fn print_made(token: &Token, key: &ApiKey) -> std::io::Result<()> {
    let project = token.project_id.map_or_else(|| "all of the organisation".to_owned(), |id| id.to_string());
    print::fields(&[
        ("id", token.id.to_string()),
        ("name", token.name.clone()),
        ("organization", token.organization_id.to_string()),
        ("project", project),
        ("expires", expiry(token)),
        ("apiKey", format!("{}  (shown this once)", key.expose())),
    ])
}

fn print_all(tokens: &[Token]) -> std::io::Result<()> {
    let row = |t: &Token| {
        let project = t.project_id.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let state = match t.revoked_at {
            Some(when) => format!("revoked {}", when.day()),
            None if t.expires_at.is_none() => "for ever".to_owned(),
            None if t.is_valid(Timestamp::now()) => format!("until {}", expiry(t)),
            None => format!("expired {}", expiry(t)),
        };
        vec![t.id.to_string(), t.hint.clone(), t.organization_id.to_string(), project, state, t.name.clone()]
    };
    let rows = tokens.iter().map(row).collect();
    let head = ["ID", "KEY", "ORGANIZATION", "PROJECT", "VALID", "NAME"];
    print::table(&head, rows, "no API key yet: `recto token create` makes one")
}

/// Until when it works.
fn expiry(token: &Token) -> String {
    token.expires_at.map_or_else(|| "never".to_owned(), Timestamp::day)
}
