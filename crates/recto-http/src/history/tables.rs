//! `GET /processing-history/:id/tables`: the tables on a record's pages.

use axum::Extension;
use axum::extract::State;
use recto_domain::{FinishedBatch, Record, RecordId};
use recto_export::table_values;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::ReadHistory;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// The tables of a record.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct RecordTables {
    /// The tables in reading order; empty until the record has completed.
    tables: Vec<PageTable>,
}

/// A table and its position.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageTable {
    /// The page number, from 1.
    page: u32,
    /// `bbox` and `rows` as in the JSON export: `[{text, bbox, header, rowSpan, colSpan}]` for each row.
    #[serde(flatten)]
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    table: Value,
}

/// Get the tables of a record
///
/// Tables with and without ruling lines, on all its pages. Cells are placed as in HTML: each in the first column that
/// no cell of an earlier row reaches into.
#[utoipa::path(get, path = "/processing-history/{recordId}/tables", tag = "Processing history",
    operation_id = "getRecordTables",
    params(("recordId" = RecordId, Path, description = "The id of the record or of its upload.")),
    responses((status = 200, description = "The tables", body = RecordTables)))]
pub(crate) async fn tables(
    State(state): State<ApiState>,
    Extension(places): Extension<Permits>,
    InScope { found: record, caller }: InScope<Record, ReadHistory>,
) -> Result<Json<RecordTables>, ApiError> {
    let place = places.take(Work::Export, caller.token()).await?;
    let id = record.id;
    let finished = state.storage.records().finished(id).await?;
    let Some(mut finished) = finished.filter(|finished| !finished.documents().is_empty()) else {
        return Ok(Json(RecordTables::default()));
    };
    let reading = tokio::task::spawn_blocking(move || {
        // Held until the work ends, which continues even if the client disconnects.
        let _place = place;
        let count = finished.documents().first().map_or(0, |document| document.page_count);
        let mut tables = Vec::new();
        for index in 0..count {
            let page = finished.page(id, index)?;
            tables.extend(table_values(&page).into_iter().map(|table| PageTable { page: page.number, table }));
        }
        Ok(tables)
    });
    let read = reading.await.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Json(RecordTables { tables: read.map_err(ApiError::Internal)? }))
}
