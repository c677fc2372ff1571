//! What the commands for organizations, projects and tokens share: an open storage, and ids from the command line.

use recto_domain::{Actor, Organization, OrganizationId};
use recto_storage::Storage;
use tokio::runtime::Runtime;

use crate::failure::advised;
use crate::installation::{enter_data_folder, installation_secret, installation_storage};
use crate::settings::Settings;

/// Runs a short command on the installation's storage, which is migrated first. Changes are recorded as made on the
/// command line. A server may be running on the same storage.
pub(super) fn with<T>(settings: &Settings, work: impl AsyncFnOnce(&Storage) -> anyhow::Result<T>) -> anyhow::Result<T> {
    runtime()?.block_on(async {
        enter_data_folder(&settings.data_dir)?;
        let kept = installation_storage(settings, &installation_secret(settings).await?)?;
        let storage = Storage::open(&kept).await?.acting_as(Actor::command_line());
        let result = work(&storage).await;
        storage.close().await;
        result
    })
}

/// A runtime for a short command.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

/// The organization that was named, or all of them.
pub(super) async fn organizations(
    storage: &Storage,
    named: Option<OrganizationId>,
) -> anyhow::Result<Vec<Organization>> {
    let all = storage.tenants().organizations().await?;
    let Some(named) = named else { return Ok(all) };
    let found: Vec<Organization> = all.into_iter().filter(|organization| organization.id == named).collect();
    if found.is_empty() {
        return Err(advised(format!("there is no organization {named}"), "`recto org list` shows all organizations."));
    }
    Ok(found)
}

/// A name after a check: it must not be empty, and must have at most `max` characters.
pub(super) fn checked_name(name: &str, max: usize) -> anyhow::Result<&str> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > max {
        return Err(advised(format!("the name has {length} characters"), format!("It must have 1 to {max}.")));
    }
    Ok(name)
}

/// A description after a check: it must have at most `max` characters.
pub(super) fn checked_description(text: &str, max: usize) -> anyhow::Result<&str> {
    let text = text.trim();
    let length = text.chars().count();
    if length > max {
        return Err(advised(
            format!("the description has {length} characters"),
            format!("It must have at most {max}."),
        ));
    }
    Ok(text)
}
