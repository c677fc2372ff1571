//! `GET /projects/:id`

use recto_domain::{Project, ProjectId};

use crate::auth::ReadProjects;
use crate::in_scope::InScope;
use crate::json::Json;

/// Get a project
#[utoipa::path(get, path = "/projects/{projectId}", tag = "Projects", operation_id = "getProject",
    params(("projectId" = ProjectId, Path, description = "The id of the project.")),
    responses((status = 200, description = "The project, which may be inactive", body = Project)))]
pub(crate) async fn details(InScope { found: project, .. }: InScope<Project, ReadProjects>) -> Json<Project> {
    Json(project)
}
