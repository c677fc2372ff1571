//! Organisations and their projects.

use recto_domain::{Organization, OrganizationId, Project, ProjectId, Timestamp, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entities::{organization, project};
use crate::error::{Result, StorageError};
use crate::storage::Storage;

impl Storage {
    /// Makes an organisation, with an owner of its own on whose behalf its tokens act.
    pub async fn create_organization(&self, name: &str) -> Result<Organization> {
        let tx = self.inner.database.begin().await?;
        let row = organization::ActiveModel {
            id: Set(OrganizationId::generate().to_string()),
            name: Set(name.to_owned()),
            owner_id: Set(UserId::generate().to_string()),
            created_at: Set(Timestamp::now().as_millis()),
        };
        let made = row.insert(&tx).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// Every organisation, oldest first.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let rows =
            organization::Entity::find().order_by_asc(organization::Column::Id).all(&self.inner.database.read).await?;
        rows.into_iter().map(organization::Model::into_domain).collect()
    }

    /// Makes a project in an organisation; [`StorageError::NotFound`] when there is no such organisation.
    pub async fn create_project(&self, organization: OrganizationId, name: &str, description: &str) -> Result<Project> {
        let tx = self.inner.database.begin().await?;
        if organization::Entity::find_by_id(organization.to_string()).one(&tx).await?.is_none() {
            return Err(StorageError::NotFound { what: "organization" });
        }
        let now = Timestamp::now().as_millis();
        let row = project::ActiveModel {
            id: Set(ProjectId::generate().to_string()),
            organization_id: Set(organization.to_string()),
            name: Set(name.to_owned()),
            description: Set(description.to_owned()),
            is_active: Set(true),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let made = row.insert(&tx).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// The projects of an organisation, oldest first.
    pub async fn projects(&self, organization: OrganizationId) -> Result<Vec<Project>> {
        let rows = project::Entity::find()
            .filter(project::Column::OrganizationId.eq(organization.to_string()))
            .order_by_asc(project::Column::Id)
            .all(&self.inner.database.read)
            .await?;
        rows.into_iter().map(project::Model::into_domain).collect()
    }

    /// One project.
    pub async fn project(&self, id: ProjectId) -> Result<Option<Project>> {
        let row = project::Entity::find_by_id(id.to_string()).one(&self.inner.database.read).await?;
        row.map(project::Model::into_domain).transpose()
    }
}
