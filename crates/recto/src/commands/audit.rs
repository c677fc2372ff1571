//! `recto audit`: who did what.

use std::cmp::Reverse;
use std::process::ExitCode;

use clap::Args;
use recto_domain::{AuditAction, AuditEntry, OrganizationId, Timestamp};
use recto_storage::AuditFilter;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::settings::Settings;

const HELP: &str = "\
Every change is logged in the same transaction, with the token that made it (or the command line, or Recto's own \
maintenance), the client address and the request id. Failed sign-ins are counted by token and address, in one entry \
per minute. Entries are never changed or deleted.

Examples:
  recto audit --limit 20
  recto audit --action token.revoked --since 2026-03-01T00:00:00Z --json";

/// Which entries to show.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct AuditArgs {
    /// Show only entries of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// Show only entries from this time on, as in 2026-03-31T10:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Show only this action, such as batch.deleted
    #[arg(long)]
    action: Option<AuditAction>,
    /// Maximum number of entries to show, newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
}

pub(crate) fn run(settings: &Settings, args: &AuditArgs) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::with(settings, async |storage| {
        let mut entries = Vec::new();
        let organizations = tenants::organizations(storage, args.organization).await?;
        let mut logs: Vec<Option<OrganizationId>> = organizations.iter().map(|one| Some(one.id)).collect();
        if args.organization.is_none() {
            // Entries of no organization, such as attempts with unknown keys.
            logs.push(None);
        }
        for organization in logs {
            let filter = AuditFilter {
                organization,
                project: None,
                action: args.action,
                object: None,
                since: args.since,
                page: 1,
                limit: args.limit,
            };
            entries.extend(storage.audit().entries(&filter).await?.0);
        }
        entries.sort_by_key(|entry| Reverse((entry.created_at, entry.id)));
        entries.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
        if args.admin.json {
            print::json(&entries)?;
        } else {
            print_all(&entries)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn print_all(entries: &[AuditEntry]) -> std::io::Result<()> {
    let row = |e: &AuditEntry| {
        let address = e.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        let action = if e.count == 1 { e.action.to_string() } else { format!("{} ({} times)", e.action, e.count) };
        vec![e.created_at.to_string(), action, e.object_id.clone(), address, e.actor.clone()]
    };
    let rows = entries.iter().map(row).collect();
    print::table(&["TIME", "ACTION", "OBJECT", "ADDRESS", "BY"], rows, "no matching entries")
}
