//! Databases of versions before this one.

use migrations::Migrator;
use recto_domain::WorkKind;
use recto_storage::{Storage, StorageSettings};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;

use crate::fixture::{LEASE, fixtures};

/// An id that ends in these digits.
fn id(n: u32) -> String {
    format!("{n:024x}")
}

/// A batch of two files as the first version wrote it: one is to be opened, of the other a page is to be read and one
/// is leased to a process that is gone.
async fn write_first_version(connection: &DatabaseConnection) {
    let statements = [
        format!("INSERT INTO organizations VALUES ('{}', 'O', '{}', 0)", id(1), id(2)),
        format!("INSERT INTO projects VALUES ('{}', '{}', 'P', '', TRUE, 0, 0)", id(3), id(1)),
        format!(
            "INSERT INTO batches (id, organization_id, project_id, user_id, name, is_implicit, total_files,
             completed_files, failed_files, status, created_at, updated_at, rate_pages)
             VALUES ('{}', '{}', '{}', '{}', 'B', FALSE, 2, 0, 0, 'processing', 0, 0, 0)",
            id(4),
            id(1),
            id(3),
            id(2)
        ),
    ];
    for statement in statements {
        connection.execute_unprepared(&statement).await.unwrap();
    }
    for (n, status, pages) in [(10, "queued", "NULL"), (20, "in_progress", "2")] {
        let upload =
            format!("INSERT INTO uploads VALUES ('{}', '{}', 'a.pdf', 1, '', 'application/pdf', 'k')", id(n), id(4));
        let record = format!(
            "INSERT INTO records (id, batch_id, upload_id, organization_id, project_id, user_id, position, status,
             warnings, options, upload_type, needs_review, attempts, pages, pages_done, pages_failed, created_at,
             updated_at) VALUES ('{}', '{}', '{}', '{}', '{}', '{}', {n}, '{status}', '[]',
             '{{\"languages\":null,\"engine\":null,\"pages\":null}}', '', FALSE, 0, {pages}, 0, 0, 0, 0)",
            id(n + 1),
            id(4),
            id(n),
            id(1),
            id(3),
            id(2)
        );
        connection.execute_unprepared(&upload).await.unwrap();
        connection.execute_unprepared(&record).await.unwrap();
    }
    for (n, record, page, rank, lease) in [(30, 11, 0, 7, "NULL"), (31, 21, 1, 5, "1"), (32, 21, 2, 9, "NULL")] {
        let item = format!(
            "INSERT INTO work_items (id, batch_id, record_id, page, rank, attempts, lease_owner, lease_until)
             VALUES ('{}', '{}', '{}', {page}, {rank}, 0, 'gone', {lease})",
            id(n),
            id(4),
            id(record)
        );
        connection.execute_unprepared(&item).await.unwrap();
    }
}

#[tokio::test]
async fn work_that_waited_in_a_database_of_the_first_version_is_done() {
    for f in fixtures().await {
        // Beside the fixture's database, which is of this version.
        let settings = match &f.settings.database_url {
            None => StorageSettings { data_dir: f.folder.path().join("old"), ..f.settings.clone() },
            Some(url) => {
                let connection = sea_orm::Database::connect(url.clone()).await.unwrap();
                Migrator::fresh(&connection).await.unwrap();
                Migrator::down(&connection, None).await.unwrap();
                f.settings.clone()
            }
        };
        std::fs::create_dir_all(&settings.data_dir).unwrap();
        let sqlite = || format!("sqlite://{}?mode=rwc", settings.data_dir.join("recto.db").display());
        let url = settings.database_url.clone().unwrap_or_else(sqlite);
        let connection = sea_orm::Database::connect(url).await.unwrap();
        Migrator::up(&connection, Some(1)).await.unwrap();
        write_first_version(&connection).await;
        connection.close().await.unwrap();

        let storage = Storage::open(&settings).await.unwrap();
        let node = storage.queue().join().await.unwrap();
        let mut claimed = Vec::new();
        while let Some(item) = storage.queue().claim(&node, LEASE).await.unwrap() {
            claimed.push((item.record_id.to_string(), item.kind));
        }
        claimed.sort_by_key(|(record, kind)| (record.clone(), format!("{kind:?}")));
        let expected =
            [(id(11), WorkKind::Open), (id(21), WorkKind::Page { number: 1 }), (id(21), WorkKind::Page { number: 2 })];
        assert_eq!(claimed, expected);
    }
}
