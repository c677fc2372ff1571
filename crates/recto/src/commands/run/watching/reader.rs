//! What reads the files of a drop: a job of its own, or the server that the watch belongs to.

use anyhow::Context;
use recto_domain::{
    BatchId, Organization, Project, ProjectId, ReadOptions, TemplateContent, TemplateId, Timestamp, TokenId,
};
use recto_storage::Idempotency;
use sha2::{Digest, Sha256};

use super::super::batches::{BatchScope, Batches, Input, Refused};
use super::super::job::Job;
use super::location::Found;
use crate::failure::advised;

/// Reads the files of drops.
pub(super) enum Reader {
    OfRun { job: Job, template: Option<TemplateContent> },
    OfServer(ServerReader),
}

/// Reads files as batches of a project. People see them like any other batch.
pub(crate) struct ServerReader {
    pub(super) batches: Batches,
    /// The project; without it, the only one there is.
    pub(super) project: Option<ProjectId>,
    pub(super) template: Option<TemplateId>,
    /// The pages that a project without a quota of its own may have read per day; 0 for any number.
    pub(super) pages_per_day: u64,
}

impl Reader {
    pub(super) fn batches(&mut self) -> &mut Batches {
        match self {
            Self::OfRun { job, .. } => &mut job.batches,
            Self::OfServer(server) => &mut server.batches,
        }
    }

    /// Takes the files of a drop from `location` in as one batch.
    pub(super) async fn accept(
        &self,
        location: &str,
        drop: &[Found],
        files: &[Input],
    ) -> anyhow::Result<(Option<BatchId>, Vec<Refused>)> {
        match self {
            Self::OfRun { job, template } => job.accept(files, &ReadOptions::default(), template.clone()).await,
            Self::OfServer(server) => server.accept(location, drop, files).await,
        }
    }

    /// Ends a batch whose results are written. A server keeps it like any other batch.
    pub(super) async fn done_with(&self, batch: BatchId) -> anyhow::Result<()> {
        match self {
            Self::OfRun { job, .. } => job.forget(batch).await,
            Self::OfServer(_) => Ok(()),
        }
    }
}

impl ServerReader {
    async fn accept(
        &self,
        location: &str,
        drop: &[Found],
        files: &[Input],
    ) -> anyhow::Result<(Option<BatchId>, Vec<Refused>)> {
        let (organization, project) = self.project().await?;
        let used_up = self.batches.storage.tenants().quota_used_up(project.id, self.pages_per_day).await?;
        anyhow::ensure!(
            used_up.is_none(),
            "the project has used up its pages for today; the folder waits for the next day (UTC)"
        );
        let template = match self.template {
            Some(id) => {
                let found =
                    self.batches.storage.templates().get(id).await?.filter(|found| found.project_id == project.id);
                let advice = "Set watch.template to a template of the project.";
                Some(found.ok_or_else(|| advised(format!("the project has no template {id}"), advice))?)
            }
            None => None,
        };
        let scope = BatchScope {
            organization: &organization,
            project: &project,
            name: format!("{location} {}", Timestamp::now().day()),
            template: template.as_ref().map(Into::into),
            idempotency: Some(idempotency(location, drop)),
        };
        self.batches.accept(files, &ReadOptions::default(), scope).await
    }

    async fn project(&self) -> anyhow::Result<(Organization, Project)> {
        let storage = &self.batches.storage;
        let project = if let Some(id) = self.project {
            let found = storage.tenants().project(id).await?;
            found.ok_or_else(|| advised(format!("there is no project {id}"), "`recto project list` shows them all."))?
        } else {
            let mut all = Vec::new();
            for organization in storage.tenants().organizations().await? {
                all.extend(storage.tenants().projects(organization.id).await?);
            }
            let only = all.pop().filter(|_| all.is_empty());
            let what = "there is not exactly one project for the files of the watched folder";
            only.ok_or_else(|| advised(what, "Set watch.project to one of those in `recto project list`."))?
        };
        let organization = storage.tenants().organization(project.organization_id).await?;
        Ok((organization.context("the organization of the project no longer exists")?, project))
    }
}

/// Identifies the batch of a drop after a restart: the same unchanged files in the same place.
fn idempotency(location: &str, drop: &[Found]) -> Idempotency {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    add(location.as_bytes());
    for file in drop {
        let since = file.changed.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
        add(file.below.as_os_str().as_encoded_bytes());
        add(&file.size.to_be_bytes());
        add(&since.as_nanos().to_be_bytes());
    }
    let fingerprint = hex::encode(digest.finalize());
    // The smallest id belongs to no token.
    let token = TokenId::least_at(Timestamp::from_millis(0));
    Idempotency { token, key: format!("watch-{fingerprint}"), fingerprint }
}
