//! The template that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{Template, TemplateId};
use serde::Deserialize;

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The template of the address, which the caller's token reaches: 404 when there is none, 401 when it belongs to
/// another organisation, or to a sibling of the token's project.
pub(crate) struct TemplateInReach<A> {
    /// The template.
    pub(crate) template: Template,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

/// The part of an address that names a template.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "templateId")]
    template_id: String,
}

impl<A: Access> FromRequestParts<ApiState> for TemplateInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = Path::<Named>::from_request_parts(parts, state).await;
        let Path(Named { template_id }) = named.map_err(|_| ApiError::no_such("template", "of that name"))?;
        let missing = || ApiError::no_such("template", &template_id);
        let id: TemplateId = template_id.parse().map_err(|_| missing())?;
        let template = state.storage.template(id).await?.ok_or_else(missing)?;
        if caller.token().reaches(template.organization_id, template.project_id) {
            Ok(Self { template, caller })
        } else {
            Err(ApiError::Unauthorized("the template does not belong to the organization or project of this token"))
        }
    }
}
