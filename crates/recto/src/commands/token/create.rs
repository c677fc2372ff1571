//! `recto token create`.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use recto_domain::{AddressRange, ApiKey, OrganizationId, Permission, ProjectId, Scope, Timestamp, Token};
use recto_storage::{NewToken, Storage};

use crate::cli::AdminArgs;
use crate::commands::tenants;
use crate::failure::advised;
use crate::installation::installation_secret;
use crate::settings::Settings;

const DAY: Duration = Duration::from_hours(24);

const HELP: &str = "\
The key is shown once, as apiKey; only a keyed hash of it is stored. A key without --project works in all projects of \
its organization, and its requests must name the project.

Permissions: read allows viewing; write allows sending, changing and deleting; admin allows managing projects and \
tokens and viewing the audit log. Scopes limit what the permissions apply to: projects, templates, uploads, batches, \
history, webhooks, tokens, or * for all.

Examples:
  recto token create --organization 68da2880b45d7a01d90a3c51 --name \"Scan station\" --expires 90
  recto token create --organization 68da2880b45d7a01d90a3c51 --name Dashboard --permission read --scope batches \\
    --allow-address 192.0.2.0/24 --allow-address 2001:db8::7";

/// What an API key is made with.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct CreateArgs {
    /// Organization that the key belongs to
    #[arg(long, value_name = "ID")]
    organization: OrganizationId,
    /// Project to limit the key to [default: all projects]
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// Display name, at most 100 characters
    #[arg(long)]
    name: String,
    /// Description, at most 500 characters
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// Permission: read, write or admin; may be repeated [default: all three; read and write with --project]
    #[arg(long = "permission", value_name = "PERMISSION")]
    permissions: Vec<Permission>,
    /// Scope of the permissions, such as batches; may be repeated [default: *]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// Client address or network from which the key works; may be repeated [default: any]
    #[arg(long = "allow-address", value_name = "ADDRESS")]
    allowed_addresses: Vec<AddressRange>,
    /// Days until the key expires; 0 for never
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(..=36_500))]
    expires: u32,
    #[command(flatten)]
    pub(super) admin: AdminArgs,
}

/// Makes the token. Nobody else ever has its key.
pub(super) async fn create(
    settings: &Settings,
    storage: &Storage,
    args: &CreateArgs,
) -> anyhow::Result<(Token, ApiKey)> {
    let organization = args.organization;
    tenants::organizations(storage, Some(organization)).await?;
    if let Some(project) = args.project {
        let theirs = storage.tenants().project(project).await?.is_some_and(|p| p.organization_id == organization);
        if !theirs {
            let what = format!("organization {organization} has no project {project}");
            return Err(advised(what, format!("`recto project list --organization {organization}` shows them all.")));
        }
    }
    let secret = installation_secret(settings).await?;
    let key = ApiKey::generate();
    let token = new_token(args, key.hint())?;
    let token = storage.tokens().create(token, &key.hash(&secret)).await.context("the key was not created")?;
    Ok((token, key))
}

fn new_token(args: &CreateArgs, hint: String) -> anyhow::Result<NewToken> {
    let name = tenants::checked_name(&args.name, Token::MAX_NAME_CHARS)?;
    let full = NewToken::full(args.organization, args.project, name, hint);
    Ok(NewToken {
        description: tenants::checked_description(&args.description, Token::MAX_DESCRIPTION_CHARS)?.to_owned(),
        permissions: said_or(&args.permissions, full.permissions),
        scopes: said_or(&args.scopes, full.scopes),
        allowed_addresses: args.allowed_addresses.clone(),
        expires_at: (args.expires > 0).then(|| Timestamp::now().plus(DAY * args.expires)),
        ..full
    })
}

/// The values that were given, without duplicates, or the default when there are none.
fn said_or<T: Copy + PartialEq>(said: &[T], default: Vec<T>) -> Vec<T> {
    if said.is_empty() {
        return default;
    }
    let mut once = Vec::new();
    for one in said {
        if !once.contains(one) {
            once.push(*one);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        args: CreateArgs,
    }

    fn typed(more: &[&str]) -> NewToken {
        let first = ["create", "--organization", "68da2880b45d7a01d90a3c51", "--name", " ci "];
        let typed = Typed::try_parse_from(first.iter().chain(more)).unwrap();
        new_token(&typed.args, "ocr_1a2B…".to_owned()).unwrap()
    }

    #[test]
    fn a_key_may_do_everything_unless_it_is_said() {
        let token = typed(&[]);
        assert_eq!((token.name.as_str(), token.permissions.len(), token.scopes), ("ci", 3, vec![Scope::All]));
        assert!(token.expires_at.is_some() && token.allowed_addresses.is_empty());
        let of_project = typed(&["--project", "68da2880b45d7a01d90a3c52", "--expires", "0"]);
        assert_eq!(of_project.permissions, [Permission::Read, Permission::Write]);
        assert_eq!(of_project.expires_at, None);
    }

    #[test]
    fn what_is_said_is_taken_once() {
        let flags = ["--permission", "read", "--permission", "read", "--scope", "batches", "--scope", "history"];
        let token = typed(&[&flags[..], &["--allow-address", "192.0.2.0/24"]].concat());
        assert_eq!(token.permissions, [Permission::Read]);
        assert_eq!(token.scopes, [Scope::Batches, Scope::History]);
        assert_eq!(token.allowed_addresses, ["192.0.2.0/24".parse().unwrap()]);
    }
}
