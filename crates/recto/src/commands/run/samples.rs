//! Sample files of a batch for the tests.

use recto_domain::{BatchFile, RecordId, RecordStatus, UploadId};

pub(super) fn file(name: &str, status: RecordStatus, pages: Option<u32>, done: u32, failed: u32) -> BatchFile {
    BatchFile {
        needs_review: false,
        upload_id: UploadId::generate(),
        processing_history_id: RecordId::generate(),
        file_name: name.to_owned(),
        status,
        pages,
        pages_done: done,
        pages_failed: failed,
        error: None,
        warnings: Vec::new(),
    }
}
