//! `recto token`: API keys.

mod create;
mod show;

use std::process::ExitCode;

use clap::Subcommand;
use recto_domain::{ApiKey, OrganizationId, Token, TokenId};
use recto_storage::Storage;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::installation::installation_secret;
use crate::settings::Settings;
use create::CreateArgs;

const REGENERATE_HELP: &str = "\
The old key stops working at once, and so do sign-ins made with it. Name, permissions, scopes, addresses and expiry \
stay the same. The new key is shown once, as apiKey.

Example:
  recto token regenerate 68da2880b45d7a01d90a3c51 --json";

/// The commands for API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create an API key and show it once
    Create(CreateArgs),
    /// List API keys by their first characters
    List {
        /// List only keys of this organization
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Show an API key's permissions, scopes, addresses and expiry
    Show {
        /// Token id, as `recto token list` shows it
        id: TokenId,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Replace an API key with a new one and show it once
    #[command(after_help = REGENERATE_HELP)]
    Regenerate {
        /// Token id, as `recto token list` shows it
        id: TokenId,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Revoke an API key permanently
    #[command(after_help = "The token stays in the audit log; `recto token list` shows it as revoked.")]
    Revoke {
        /// Token id, as `recto token list` shows it
        id: TokenId,
        #[command(flatten)]
        admin: AdminArgs,
    },
}

impl TokenCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create(CreateArgs { admin, .. })
            | Self::List { admin, .. }
            | Self::Show { admin, .. }
            | Self::Regenerate { admin, .. }
            | Self::Revoke { admin, .. } => admin,
        }
    }
}

pub(crate) fn run(settings: &Settings, command: &TokenCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::with(settings, async |storage| {
        let json = command.admin().json;
        match command {
            TokenCommand::Create(args) => {
                let (token, key) = create::create(settings, storage, args).await?;
                show::with_key(&token, &key, json)?;
            }
            TokenCommand::List { organization, .. } => {
                let mut all = Vec::new();
                for organization in tenants::organizations(storage, *organization).await? {
                    all.extend(storage.tokens().of_organization(organization.id).await?);
                }
                if json { print::json(&all)? } else { show::table(&all)? }
            }
            TokenCommand::Show { id, .. } => {
                let token = storage.tokens().get(*id).await?.ok_or_else(|| unknown(*id))?;
                if json { print::json(&token)? } else { show::one(&token)? }
            }
            TokenCommand::Regenerate { id, .. } => {
                let (token, key) = regenerate(settings, storage, *id).await?;
                show::with_key(&token, &key, json)?;
            }
            TokenCommand::Revoke { id, .. } => {
                let revoked = storage.tokens().revoke(*id).await?.ok_or_else(|| unknown(*id))?;
                if json { print::json(&revoked)? } else { show::one(&revoked)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn regenerate(settings: &Settings, storage: &Storage, id: TokenId) -> anyhow::Result<(Token, ApiKey)> {
    let hash_secret = installation_secret(settings).await?;
    let key = ApiKey::generate();
    let token = storage.tokens().regenerate(id, &key.hash(&hash_secret), &key.hint()).await?;
    Ok((token.ok_or_else(|| unknown(id))?, key))
}

fn unknown(id: TokenId) -> anyhow::Error {
    advised(format!("there is no token {id}"), "`recto token list` shows all tokens.")
}
