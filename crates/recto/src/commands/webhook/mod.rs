//! `recto webhook`: endpoints that are notified of events, and the log of their deliveries.

mod shown;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand};
use recto_domain::{
    Delivery, DeliveryStatus, EventKind, OrganizationId, ProjectId, Webhook, WebhookContent, WebhookHeaders, WebhookId,
    WebhookSecret,
};
use recto_storage::{DeliveryFilter, NewWebhook, Storage, WebhookFilter};
use recto_webhooks::{AddressGuard, first_attempt};
use serde::Serialize;

use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::failure::advised;
use crate::settings::Settings;

const CREATE_HELP: &str = "\
The secret that signs the deliveries is shown once. Events are document.uploaded, document.processed,
document.failed, batch.uploaded, batch.completed, template.created, template.updated and template.deleted.

Example:
  recto webhook create --organization 68da2880b45d7a01d90a3c51 --name Ledger \\
    --url https://ledger.example.com/recto --event batch.completed --event document.failed";

/// The page size of lists in the storage.
const PAGE: u64 = 100;
/// How long a test waits for its outcome: a little longer than an attempt may take.
const TEST_WAIT: Duration = Duration::from_secs(12);

/// The commands for webhook endpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Create an endpoint and show its secret once
    #[command(after_help = CREATE_HELP)]
    Create(CreateArgs),
    /// List endpoints
    List {
        /// List only endpoints of this organization
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Show an endpoint
    Show(OneArgs),
    /// Delete an endpoint and its delivery log
    Delete(OneArgs),
    /// Have the running server send a test delivery, and show its result
    Test(OneArgs),
    /// List the latest deliveries to an endpoint
    Deliveries {
        #[command(flatten)]
        one: OneArgs,
        /// List only deliveries with this status: pending, delivered or failed
        #[arg(long)]
        status: Option<DeliveryStatus>,
    },
}

/// A new endpoint.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Organization that the endpoint belongs to
    #[arg(long, value_name = "ID")]
    organization: OrganizationId,
    /// Project whose events are sent [default: all projects]
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// Display name, at most 100 characters
    #[arg(long)]
    name: String,
    /// URL to send events to, http or https
    #[arg(long)]
    url: String,
    /// Event to send; may be repeated
    #[arg(long = "event", value_name = "EVENT", required = true)]
    events: Vec<EventKind>,
    /// Header to add to every request; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// Secret that signs the deliveries [default: a random one]
    #[arg(long, env = "RECTO_WEBHOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Description
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// One endpoint.
#[derive(Debug, Args)]
pub(crate) struct OneArgs {
    /// Endpoint id, as `recto webhook list` shows it
    id: WebhookId,
    #[command(flatten)]
    admin: AdminArgs,
}

impl WebhookCommand {
    pub(crate) fn admin(&self) -> &AdminArgs {
        match self {
            Self::Create(args) => &args.admin,
            Self::List { admin, .. } => admin,
            Self::Show(one) | Self::Delete(one) | Self::Test(one) | Self::Deliveries { one, .. } => &one.admin,
        }
    }
}

/// A new endpoint with its secret, which is never shown again.
#[derive(Debug, Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    webhook: &'a Webhook,
    secret: &'a str,
}

pub(crate) fn run(settings: &Settings, command: &WebhookCommand) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    tenants::with(settings, async |storage| {
        let json = command.admin().json;
        match command {
            WebhookCommand::Create(args) => {
                let (webhook, secret) = create(settings, storage, args).await?;
                let secret = secret.expose();
                if json {
                    print::json(&Made { webhook: &webhook, secret })?;
                } else {
                    shown::made(&webhook, secret)?;
                }
            }
            WebhookCommand::List { organization, .. } => {
                let all = list(storage, *organization).await?;
                if json { print::json(&all)? } else { shown::all(&all)? }
            }
            WebhookCommand::Show(one) => {
                let webhook = storage.webhooks().get(one.id).await?.ok_or_else(|| unknown(one.id))?;
                if json { print::json(&webhook)? } else { shown::one(&webhook)? }
            }
            WebhookCommand::Delete(one) => {
                let webhook = storage.webhooks().get(one.id).await?.ok_or_else(|| unknown(one.id))?;
                storage.webhooks().delete(one.id).await?;
                if json { print::json(&webhook)? } else { shown::all(&[webhook])? }
            }
            WebhookCommand::Test(one) => return test(storage, one).await,
            WebhookCommand::Deliveries { one, status } => {
                storage.webhooks().get(one.id).await?.ok_or_else(|| unknown(one.id))?;
                let filter = DeliveryFilter { webhook: one.id, status: *status, page: 1, limit: PAGE };
                let (deliveries, _) = storage.webhooks().deliveries(&filter).await?;
                if json { print::json(&deliveries)? } else { shown::deliveries(&deliveries)? }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn create(settings: &Settings, storage: &Storage, args: &CreateArgs) -> anyhow::Result<(Webhook, WebhookSecret)> {
    tenants::organizations(storage, Some(args.organization)).await?;
    let secret = match &args.secret {
        Some(secret) => WebhookSecret::new(secret.clone()).map_err(|problem| wrong(&[problem.to_string()]))?,
        None => WebhookSecret::generate(),
    };
    let mut events = Vec::new();
    for event in &args.events {
        if !events.contains(event) {
            events.push(*event);
        }
    }
    let content = WebhookContent {
        name: args.name.trim().to_owned(),
        url: args.url.clone(),
        events,
        headers: WebhookHeaders(args.headers.iter().cloned().collect::<BTreeMap<_, _>>()),
        description: args.description.trim().to_owned(),
    };
    let mut problems = content.problems();
    let guard = AddressGuard { allow_private: settings.webhooks_allow_private };
    problems.extend(guard.check(&content.url).await.err().map(|problem| problem.to_string()));
    if !problems.is_empty() {
        return Err(wrong(&problems));
    }
    let new = NewWebhook { organization: args.organization, project: args.project, content, secret: secret.clone() };
    let webhook = storage.webhooks().create(new).await.context("the endpoint was not created")?;
    Ok((webhook, secret))
}

async fn list(storage: &Storage, organization: Option<OrganizationId>) -> anyhow::Result<Vec<Webhook>> {
    let mut all = Vec::new();
    for organization in tenants::organizations(storage, organization).await? {
        for page in 1.. {
            let filter = WebhookFilter { organization: organization.id, project: None, page, limit: PAGE };
            let (webhooks, total) = storage.webhooks().list(&filter).await?;
            all.extend(webhooks);
            if page * PAGE >= total {
                break;
            }
        }
    }
    Ok(all)
}

/// The exit code is 0 when the endpoint acknowledged the test, otherwise 1.
async fn test(storage: &Storage, one: &OneArgs) -> anyhow::Result<ExitCode> {
    let queued = storage.webhooks().test(one.id).await?.ok_or_else(|| unknown(one.id))?;
    let delivery: Delivery = first_attempt(storage, queued, TEST_WAIT).await?;
    if one.admin.json {
        print::json(&delivery)?;
    } else {
        shown::deliveries(std::slice::from_ref(&delivery))?;
    }
    match delivery.status {
        DeliveryStatus::Delivered => Ok(ExitCode::SUCCESS),
        DeliveryStatus::Failed => Ok(ExitCode::FAILURE),
        DeliveryStatus::Pending => {
            let advice = "Start the server with `recto serve`; it will then send the test.";
            Err(advised("no server is running on this data folder to send the test", advice))
        }
    }
}

fn unknown(id: WebhookId) -> anyhow::Error {
    advised(format!("there is no webhook {id}"), "`recto webhook list` shows all webhooks.")
}

fn wrong(problems: &[String]) -> anyhow::Error {
    advised("the endpoint cannot be created", problems.join("\n"))
}

/// Parses `Name: value`.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header must be given as NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
