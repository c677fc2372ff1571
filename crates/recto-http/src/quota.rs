//! Whether a project may have more pages read today.

use recto_domain::ProjectId;
use recto_storage::QuotaUsedUp;

use crate::error::ApiError;
use crate::state::ApiState;

/// Refuses a project that has used up its pages for the day: [`ApiError::QuotaUsedUp`].
pub(crate) async fn check(state: &ApiState, project: ProjectId) -> Result<(), ApiError> {
    match state.storage.tenants().quota_used_up(project, state.settings.pages_per_day).await? {
        None => Ok(()),
        Some(QuotaUsedUp { pages_per_day, next_day_in }) => {
            Err(ApiError::QuotaUsedUp { pages_per_day, retry_after_seconds: next_day_in.as_secs().max(1) })
        }
    }
}
