//! What else speaks of a thing that is deleted: the first answers kept for repeated requests, what endpoints were or
//! are to be told, and the versions of a deleted template.
//!
//! Each function belongs to the transaction that deletes the thing. An answer goes; a delivery stays, for its event
//! has happened, but keeps ids only.

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

/// What a payload keeps of a thing that is gone: ids, and words that only Recto chooses.
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

/// A batch is deleted, with all its records.
pub(crate) async fn forget_batch(tx: &impl ConnectionTrait, batch: &str) -> Result<()> {
    idempotency_key::Entity::delete_many().filter(idempotency_key::Column::BatchId.eq(batch)).exec(tx).await?;
    let all = Condition::all().add(webhook_delivery::Column::SubjectId.eq(batch));
    cut_deliveries(tx, all, &|payload| *payload = ids_of(payload)).await
}

/// A record of a batch is deleted, and the batch stays.
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

/// A template is deleted: what was told of it keeps ids, and the versions go that no record was read with.
pub(crate) async fn forget_template(tx: &impl ConnectionTrait, template: &template::Model) -> Result<()> {
    let all = Condition::all().add(webhook_delivery::Column::SubjectId.eq(&template.id));
    cut_deliveries(tx, all, &|payload| *payload = ids_of(payload)).await?;
    forget_versions(tx, template).await
}

/// Records are deleted: versions of deleted templates go with the last record that was read with them.
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

/// Changes the payloads of deliveries, and drops what receivers answered, for that may repeat what they were sent.
/// What is being sent in this moment is sent again as it now is, so that no late answer brings the old words back.
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

/// A payload with its ids only.
pub(crate) fn ids_of(payload: &Value) -> Value {
    let kept = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), payload.get(name)?.clone())));
    let mut kept: Map<String, Value> = kept.collect();
    kept.insert("deleted".to_owned(), json!(true));
    kept.into()
}

/// Takes a file out of a batch's details; its ids stay.
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
