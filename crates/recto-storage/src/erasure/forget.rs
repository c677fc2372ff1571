//! Removes other traces of a deleted object: stored answers to repeated requests, deliveries to endpoints, and the
//! versions of a deleted template.
//!
//! Each function runs in the transaction that deletes the object. Answers are deleted. Deliveries stay, because their
//! events took place, but keep only ids.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    QueryTrait, Set, Unchanged,
};
use serde_json::{Map, Value, json};

use crate::database::rows::{from_json, to_json};
use crate::entities::{idempotency_key, record, template, template_version, webhook_attempt, webhook_delivery};
use crate::error::Result;

/// What the payload of a deleted object keeps: ids, and words that only Recto chooses.
const KEPT: [&str; 11] = [
    "id",
    "batchId",
    "templateId",
    "processingHistoryId",
    "projectId",
    "organizationId",
    "userId",
    "uploadIds",
    "processingHistoryIds",
    "status",
    "version",
];

/// Called when a batch is deleted with all its records.
pub(crate) async fn forget_batch(tx: &impl ConnectionTrait, batch: &str) -> Result<()> {
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::BatchId.eq(batch)).exec(tx).await?;
    let all = Condition::all().add(webhook_delivery::Column::SubjectId.eq(batch));
    cut_deliveries(tx, all, &|payload| *payload = ids_of(payload)).await
}

/// Called when a record is deleted and its batch stays.
pub(crate) async fn forget_record(tx: &impl ConnectionTrait, batch: &str, record: &str) -> Result<()> {
    let keys = idempotency_key::Entity::find().filter(idempotency_key::Column::BatchId.eq(batch)).all(tx).await?;
    for key in keys {
        if key.record_id.as_deref() == Some(record) {
            idempotency_key::Entity::delete_by_id((key.token_id, key.key)).exec(tx).await?;
        } else if key.record_id.is_none() {
            let mut answer: Value = from_json(&key.answer, "idempotency key")?;
            drop_file(&mut answer, record);
            idempotency_key::ActiveModel {
                token_id: Unchanged(key.token_id),
                key: Unchanged(key.key),
                answer: Set(to_json(&answer)),
                ..Default::default()
            }
            .update_without_returning(tx)
            .await?;
        }
    }
    let of_batch = || Condition::all().add(webhook_delivery::Column::SubjectId.eq(batch));
    let its_own = of_batch().add(webhook_delivery::Column::RecordId.eq(record));
    cut_deliveries(tx, its_own, &|payload| *payload = ids_of(payload)).await?;
    let of_all = of_batch().add(webhook_delivery::Column::RecordId.is_null());
    cut_deliveries(tx, of_all, &|payload| drop_file(payload, record)).await
}

/// Called when a template is deleted: deliveries about it keep only ids, and versions that no record was read with are
/// deleted.
pub(crate) async fn forget_template(tx: &impl ConnectionTrait, template: &template::Model) -> Result<()> {
    let all = Condition::all().add(webhook_delivery::Column::SubjectId.eq(&template.id));
    cut_deliveries(tx, all, &|payload| *payload = ids_of(payload)).await?;
    forget_versions(tx, template).await
}

/// Called when records are deleted: a version of a deleted template goes with the last record that was read with it.
pub(crate) async fn forget_versions_of(tx: &impl ConnectionTrait, templates: &BTreeSet<String>) -> Result<()> {
    for id in templates {
        let row = template::Entity::find_by_id(id).one(tx).await?;
        if let Some(row) = row.filter(|row| row.deleted_at.is_some()) {
            forget_versions(tx, &row).await?;
        }
    }
    Ok(())
}

async fn forget_versions(tx: &impl ConnectionTrait, template: &template::Model) -> Result<()> {
    let in_use = record::Entity::find()
        .select_only()
        .column(record::Column::TemplateVersion)
        // An index leads from the project to the template.
        .filter(record::Column::ProjectId.eq(&template.project_id))
        .filter(record::Column::TemplateId.eq(&template.id))
        .filter(record::Column::TemplateVersion.is_not_null())
        .into_query();
    template_version::Entity::delete_many()
        .filter(template_version::Column::TemplateId.eq(&template.id))
        .filter(Expr::col(template_version::Column::Version).not_in_subquery(in_use))
        .exec(tx)
        .await?;
    Ok(())
}

/// Reduces the payloads of deliveries, and drops the receivers' responses, which may repeat what was sent. A delivery
/// in flight is sent again in its reduced form, so that a late response cannot bring back the old content.
async fn cut_deliveries(
    tx: &impl ConnectionTrait,
    which: Condition,
    change: &(dyn Fn(&mut Value) + Sync),
) -> Result<()> {
    let deliveries = webhook_delivery::Entity::find().filter(which).all(tx).await?;
    for delivery in deliveries {
        let mut body: Value = from_json(&delivery.body, "webhook delivery")?;
        if let Some(payload) = body.get_mut("payload") {
            change(payload);
        }
        webhook_attempt::Entity::update_many()
            .col_expr(webhook_attempt::Column::ResponseBody, Expr::value(None::<String>))
            .filter(webhook_attempt::Column::DeliveryId.eq(&delivery.id))
            .exec(tx)
            .await?;
        webhook_delivery::ActiveModel {
            id: Unchanged(delivery.id),
            body: Set(to_json(&body)),
            lease_owner: Set(None),
            lease_until: Set(None),
            ..Default::default()
        }
        .update_without_returning(tx)
        .await?;
    }
    Ok(())
}

/// A payload reduced to its ids.
pub(crate) fn ids_of(payload: &Value) -> Value {
    let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), payload.get(name)?.clone())));
    let mut kept: Map<String, Value> = kept.collect();
    kept.insert("deleted".to_owned(), json!(true));
    kept.into()
}

/// Removes a file from a batch's details; its ids stay.
fn drop_file(details: &mut Value, record: &str) {
    if let Some(files) = details.get_mut("files").and_then(Value::as_array_mut) {
        files.retain(|file| file["processingHistoryId"] != record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_gone_only_ids_are_told() {
        let told = json!({"id": "a", "status": "completed", "name": "Jane", "metadata": {"po": 7}, "uploadIds": ["b"],
            "files": [{"processingHistoryId": "c", "fileName": "jane.pdf"}]});
        assert_eq!(ids_of(&told), json!({"id": "a", "uploadIds": ["b"], "status": "completed", "deleted": true}));
    }

    #[test]
    fn a_file_leaves_the_details_of_its_batch_and_the_others_stay() {
        let file = |id: &str| json!({"processingHistoryId": id, "fileName": format!("{id}.pdf")});
        let mut details = json!({"name": "March", "files": [file("a"), file("b")]});
        drop_file(&mut details, "a");
        assert_eq!(details, json!({"name": "March", "files": [file("b")]}));
    }
}
