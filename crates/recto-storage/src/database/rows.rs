//! Conversion between rows and domain types; entities do not leave this crate.

use std::str::FromStr;
use std::time::Duration;

use recto_domain::record::ReadOptions;
use recto_domain::{
    Batch, BatchFile, FileCost, FileCounts, Organization, Project, RecordStatus, Timestamp, Token, Upload,
};

use crate::entities::{batch, organization, project, record, token, upload};
use crate::error::{Result, StorageError};
use crate::queue::turns::millis;

/// Parses an id, a status or another text that only this crate writes.
pub(crate) fn parse<T: FromStr>(text: &str, what: &'static str) -> Result<T> {
    text.parse().map_err(|_| StorageError::Unreadable { what })
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StorageError::Unreadable { what })
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a value without maps of other keys than strings is JSON")
}

/// How many rows precede a page of a list; pages count from 1.
pub(crate) fn offset(page: u64, limit: u64) -> u64 {
    page.saturating_sub(1).saturating_mul(limit).min(i64::MAX as u64)
}

fn time(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

impl organization::Model {
    pub(crate) fn into_domain(self) -> Result<Organization> {
        Ok(Organization {
            id: parse(&self.id, "organization")?,
            name: self.name,
            owner_id: parse(&self.owner_id, "organization")?,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

impl project::Model {
    pub(crate) fn into_domain(self) -> Result<Project> {
        Ok(Project {
            id: parse(&self.id, "project")?,
            organization_id: parse(&self.organization_id, "project")?,
            name: self.name,
            description: self.description,
            is_active: self.is_active,
            retention_days: self.retention_days.map(i32::unsigned_abs),
            pages_per_day: self.pages_per_day.map(i64::unsigned_abs),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

impl token::Model {
    pub(crate) fn into_domain(self) -> Result<Token> {
        Ok(Token {
            id: parse(&self.id, "token")?,
            organization_id: parse(&self.organization_id, "token")?,
            project_id: self.project_id.as_deref().map(|id| parse(id, "token")).transpose()?,
            user_id: parse(&self.user_id, "token")?,
            name: self.name,
            description: self.description,
            permissions: from_json(&self.permissions, "token")?,
            scopes: from_json(&self.scopes, "token")?,
            allowed_addresses: from_json(&self.allowed_addresses, "token")?,
            hint: self.hint,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: time(self.expires_at),
            revoked_at: time(self.revoked_at),
            last_used_at: time(self.last_used_at),
        })
    }
}

impl batch::Model {
    pub(crate) fn counts(&self) -> FileCounts {
        FileCounts {
            total: self.total_files.unsigned_abs(),
            completed: self.completed_files.unsigned_abs(),
            failed: self.failed_files.unsigned_abs(),
        }
    }

    pub(crate) fn to_domain(&self) -> Result<Batch> {
        let counts = self.counts();
        Ok(Batch {
            id: parse(&self.id, "batch")?,
            name: self.name.clone(),
            project_id: parse(&self.project_id, "batch")?,
            organization_id: parse(&self.organization_id, "batch")?,
            user_id: parse(&self.user_id, "batch")?,
            template_id: self.template_id.as_deref().map(|id| parse(id, "batch")).transpose()?,
            template_name: self.template_name.clone(),
            total_files: counts.total,
            completed_files: counts.completed,
            failed_files: counts.failed,
            status: parse(&self.status, "batch")?,
            progress: counts.progress(),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

impl upload::Model {
    pub(crate) fn into_domain(self) -> Result<Upload> {
        Ok(Upload {
            id: parse(&self.id, "upload")?,
            file_name: self.file_name,
            size_bytes: self.size_bytes.unsigned_abs(),
            sha256: self.sha256,
            mime_type: self.mime_type,
            blob_key: self.blob_key,
        })
    }
}

impl record::Model {
    pub(crate) fn record_status(&self) -> Result<RecordStatus> {
        parse(&self.status, "record")
    }

    pub(crate) fn cost(&self) -> FileCost {
        FileCost {
            worker_time: Duration::from_millis(self.worker_ms.unsigned_abs()),
            overtime: Duration::from_millis(self.overtime_ms.unsigned_abs()),
            slow_pages: self.slow_pages.unsigned_abs(),
        }
    }

    pub(crate) fn set_cost(&mut self, cost: FileCost) {
        self.worker_ms = millis(cost.worker_time);
        self.overtime_ms = millis(cost.overtime);
        self.slow_pages = cost.slow_pages.cast_signed();
    }

    pub(crate) fn warnings(&self) -> Result<Vec<String>> {
        from_json(&self.warnings, "record")
    }

    pub(crate) fn read_options(&self) -> Result<ReadOptions> {
        from_json(&self.options, "record")
    }

    pub(crate) fn to_batch_file(&self, upload: &upload::Model) -> Result<BatchFile> {
        Ok(BatchFile {
            needs_review: self.needs_review,
            upload_id: parse(&upload.id, "upload")?,
            processing_history_id: parse(&self.id, "record")?,
            file_name: upload.file_name.clone(),
            status: self.record_status()?,
            pages: self.pages.map(i32::unsigned_abs),
            pages_done: self.pages_done.unsigned_abs(),
            pages_failed: self.pages_failed.unsigned_abs(),
            error: self.error.clone(),
            warnings: self.warnings()?,
        })
    }
}
