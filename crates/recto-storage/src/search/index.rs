//! The search index: terms in a table that FTS5 indexes, or a `tsvector` with a GIN index.
//!
//! The rows of the index depend on the pages, so deleting a page deletes its row in the same transaction. On SQLite, a
//! trigger removes the terms from the index and overwrites them.

use std::collections::BTreeMap;
use std::fmt::Write;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::{SearchFilter, SearchQuery};
use crate::database::transaction::Transaction;
use crate::error::Result;

/// Indexes a page by its terms, which are separated by spaces. A page without terms gets no row.
pub(crate) async fn add(
    tx: &impl ConnectionTrait,
    record: &str,
    number: i32,
    project: &str,
    terms: &str,
) -> Result<()> {
    if terms.is_empty() {
        return Ok(());
    }
    let backend = tx.get_database_backend();
    let (sql, terms) = match backend {
        DbBackend::Postgres => (
            "INSERT INTO page_texts (record_id, number, project_id, terms) VALUES ($1, $2, $3, $4::tsvector) \
             ON CONFLICT DO NOTHING",
            vector(project, terms),
        ),
        _ => (
            "INSERT INTO page_texts (record_id, number, project_id, terms) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            terms.to_owned(),
        ),
    };
    let values: [Value; 4] = [record.into(), number.into(), project.into(), terms.into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Indexes the copied pages of a record like the pages that they were copied from.
pub(crate) async fn copy(tx: &impl ConnectionTrait, from: &str, to: &str) -> Result<()> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "INSERT INTO page_texts (record_id, number, project_id, terms) \
             SELECT $1, number, project_id, terms FROM page_texts WHERE record_id = $2"
        }
        _ => {
            "INSERT INTO page_texts (record_id, number, project_id, terms) \
             SELECT ?, number, project_id, terms FROM page_texts WHERE record_id = ?"
        }
    };
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, [Value::from(to), Value::from(from)])).await?;
    Ok(())
}

/// The lexemes with their positions. The project's id is added as a lexeme that no text can contain, so that the index
/// alone finds the pages of a project.
fn vector(project: &str, terms: &str) -> String {
    let mut positions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, term) in terms.split(' ').enumerate() {
        positions.entry(term).or_default().push((index + 1).to_string());
    }
    let mut vector = format!("'{}'", lexeme_of(project));
    for (term, positions) in positions {
        // Writing to a string does not fail.
        let _ = write!(vector, " '{term}':{}", positions.join(","));
    }
    vector
}

fn lexeme_of(project: &str) -> String {
    format!("#{project}")
}

/// A found page, with the data for its row in a list.
#[derive(Debug, FromQueryResult)]
pub(super) struct FoundRow {
    pub(super) record_id: String,
    pub(super) upload_id: String,
    pub(super) batch_id: String,
    pub(super) is_implicit: bool,
    pub(super) pages: Option<i32>,
    pub(super) file_name: String,
    pub(super) number: i32,
    pub(super) content: Vec<u8>,
}

/// The pages that match a filter, newest record first, and their total number.
pub(super) async fn find(
    tx: &Transaction,
    filter: &SearchFilter,
    limit: u64,
    offset: u64,
) -> Result<(Vec<FoundRow>, u64)> {
    let backend = tx.get_database_backend();
    let (from, query) = match backend {
        DbBackend::Postgres => ("page_texts t WHERE t.terms @@ $1::tsquery AND t.project_id = $2", on_postgres(filter)),
        _ => (
            "page_search s JOIN page_texts t ON t.id = s.rowid WHERE page_search MATCH $1 AND t.project_id = $2",
            on_sqlite(filter),
        ),
    };
    let narrowed = if filter.record.is_some() { " AND t.record_id = $3" } else { "" };
    let mut values: Vec<Value> = vec![query.into(), filter.project.to_string().into()];
    values.extend(filter.record.map(|id| Value::from(id.to_string())));

    let count = format!("SELECT COUNT(*) AS total FROM {from}{narrowed}");
    let total = tx.query_one_raw(Statement::from_sql_and_values(backend, count, values.clone())).await?;
    let total: i64 = total.map_or(Ok(0), |row| row.try_get("", "total"))?;

    let (limit_at, offset_at) = (values.len() + 1, values.len() + 2);
    values.extend([limit.cast_signed().into(), offset.cast_signed().into()]);
    // Only the keys are sorted; content is fetched for the shown pages alone.
    let page = format!(
        "SELECT found_keys.record_id, r.upload_id, r.batch_id, b.is_implicit, r.pages, u.file_name, found_keys.number, p.content FROM (\
         SELECT t.record_id, t.number FROM {from}{narrowed} ORDER BY t.record_id DESC, t.number \
         LIMIT ${limit_at} OFFSET ${offset_at}) found_keys \
         JOIN pages p ON p.record_id = found_keys.record_id AND p.number = found_keys.number JOIN records r ON r.id = found_keys.record_id \
         JOIN uploads u ON u.id = r.upload_id JOIN batches b ON b.id = r.batch_id \
         ORDER BY found_keys.record_id DESC, found_keys.number"
    );
    let rows = FoundRow::find_by_statement(Statement::from_sql_and_values(backend, page, values)).all(tx).await?;
    Ok((rows, total.unsigned_abs()))
}

fn on_postgres(filter: &SearchFilter) -> String {
    format!("'{}' & {}", lexeme_of(&filter.project.to_string()), SearchQuery::for_postgres(&filter.query))
}

fn on_sqlite(filter: &SearchFilter) -> String {
    format!("project_id : \"{}\" AND terms : ({})", filter.project, filter.query.for_sqlite())
}
