//! An upload as a response.

use recto_domain::{
    BatchId, FileKind, OrganizationId, ProjectId, Record, RecordId, TemplateId, Timestamp, UploadId, UserId,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::file_link::link;
use crate::state::ApiState;

/// A file that was sent by itself or into a batch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Upload)]
pub(crate) struct UploadView {
    /// The upload.
    id: UploadId,
    /// The name that the sender gave.
    file_name: String,
    /// A link to the file that is valid for an hour without a key; a path on this server unless a public address is
    /// configured.
    file_url: String,
    /// The same as `fileUrl`.
    public_url: String,
    /// `pdf`, `image` or `document`, detected from the bytes.
    file_type: &'static str,
    /// Size in bytes, as decimal digits.
    file_size: String,
    /// The media type detected from the bytes.
    mime_type: String,
    /// Always `uploaded`; the progress of reading is in its record.
    status: &'static str,
    project_id: ProjectId,
    organization_id: OrganizationId,
    user_id: UserId,
    template_id: Option<TemplateId>,
    /// The batch it was sent into; null for a file that was sent by itself.
    batch_id: Option<BatchId>,
    upload_type: String,
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    metadata: Option<Value>,
    /// The record of its processing.
    processing_history_id: RecordId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl UploadView {
    /// The upload of a record.
    pub(crate) fn of(state: &ApiState, record: Record) -> Self {
        let file_url = link(state, record.upload_id);
        Self {
            id: record.upload_id,
            public_url: file_url.clone(),
            file_url,
            file_type: match FileKind::from_mime_type(&record.mime_type) {
                Some(FileKind::Pdf) => "pdf",
                Some(_) => "image",
                None => "document",
            },
            file_name: record.file_name,
            file_size: record.file_size,
            mime_type: record.mime_type,
            status: "uploaded",
            project_id: record.project_id,
            organization_id: record.organization_id,
            user_id: record.user_id,
            template_id: record.template_id,
            batch_id: record.batch_id,
            upload_type: record.upload_type,
            metadata: record.metadata,
            processing_history_id: record.id,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
