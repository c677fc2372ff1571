//! The first start in an empty data folder: creates an organization, a project and a key, and shows them.

use std::io;
use std::path::Path;

use anyhow::Context;
use recto_domain::{ApiKey, Organization, OrganizationId, ProjectId};
use recto_storage::{NewToken, Storage};
use serde::{Deserialize, Serialize};

use super::{sync_folder, whole_file};

/// The file in the data folder that holds the first key.
pub(crate) const CREDENTIALS_FILE: &str = "initial-credentials.json";
const NAME: &str = "Default";
const TOKEN_NAME: &str = "Initial key";

/// What the first start created.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials {
    pub(crate) organization_id: OrganizationId,
    pub(crate) project_id: ProjectId,
    pub(crate) api_key: String,
}

/// Makes the organization and the project `Default`, and a key that never expires, if there is no organization yet.
/// `None` when there is one.
///
/// The key is written to the data folder before it becomes valid. After a crash in between, the next start continues,
/// so no server ever has a key that nobody knows. The caller must hold the lock of the folder.
pub(crate) async fn first_start(
    storage: &Storage,
    secret: &[u8],
    data_dir: &Path,
) -> anyhow::Result<Option<Credentials>> {
    let organizations = storage.tenants().organizations().await?;
    let organization = match organizations.as_slice() {
        [] => storage.tenants().create_organization(NAME).await?,
        [only] if is_unfinished(storage, only).await? => only.clone(),
        _ => return Ok(None),
    };
    let project = match storage.tenants().projects(organization.id).await?.into_iter().next() {
        Some(project) => project,
        None => storage.tenants().create_project(organization.id, NAME, "").await?,
    };
    let written = read(data_dir)?.filter(|c| c.organization_id == organization.id && c.project_id == project.id);
    let written = written.and_then(|c| Some((c.api_key.parse::<ApiKey>().ok()?, c)));
    let (key, credentials) = if let Some(both) = written {
        both
    } else {
        let key = ApiKey::generate();
        let api_key = key.expose().to_owned();
        let credentials = Credentials { organization_id: organization.id, project_id: project.id, api_key };
        write(data_dir, &credentials)?;
        (key, credentials)
    };
    let token = NewToken::full(organization.id, None, TOKEN_NAME, key.hint());
    storage.tokens().create(token, &key.hash(secret)).await?;
    Ok(Some(credentials))
}

/// Whether a first start was interrupted before it made its key.
async fn is_unfinished(storage: &Storage, organization: &Organization) -> anyhow::Result<bool> {
    Ok(organization.name == NAME && storage.tokens().of_organization(organization.id).await?.is_empty())
}

fn read(data_dir: &Path) -> anyhow::Result<Option<Credentials>> {
    let path = data_dir.join(CREDENTIALS_FILE);
    match std::fs::read(&path) {
        // An incomplete file was written by hand or by another program: it is replaced.
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn write(data_dir: &Path, credentials: &Credentials) -> anyhow::Result<()> {
    let path = data_dir.join(CREDENTIALS_FILE);
    let mut text = serde_json::to_vec_pretty(credentials).context("the credentials cannot be written as JSON")?;
    text.push(b'\n');
    whole_file(data_dir, &text)
        .and_then(|file| file.persist(&path).map_err(|e| e.error))
        .and_then(|_| sync_folder(data_dir))
        .with_context(|| format!("{} cannot be written", path.display()))
}
