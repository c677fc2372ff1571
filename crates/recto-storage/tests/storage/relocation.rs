//! An installation on SQLite that becomes one on PostgreSQL: nothing is left out, and a copy that broke off goes on.

use std::collections::BTreeMap;

use recto_domain::{Timestamp, WorkKind};
use recto_storage::{SealingKeys, SearchFilter, Storage, StorageError, StorageSettings};
use sea_orm::{ConnectionTrait, Database, Statement};

use crate::fixture::{Fixture, SECRET, fixtures, postgres_database, scans, text_page};

/// What each database has for its own ends; the tables of the search begin with `page_search`.
const OF_THE_DATABASE: [&str; 4] = ["seaql_migrations", "shared_secrets", "sqlite_residue", "page_texts"];

/// How many rows each table has.
async fn rows(url: &str) -> BTreeMap<String, i64> {
    let connection = Database::connect(url).await.unwrap();
    let backend = connection.get_database_backend();
    let tables = if url.starts_with("sqlite:") {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    };
    let mut counted = BTreeMap::new();
    for row in connection.query_all_raw(Statement::from_string(backend, tables)).await.unwrap() {
        let table: String = row.try_get("", "name").unwrap();
        if OF_THE_DATABASE.contains(&table.as_str()) || table.starts_with("page_search") {
            continue;
        }
        let count = format!("SELECT count(*) AS count FROM {table}");
        let count = connection.query_one_raw(Statement::from_string(backend, count)).await.unwrap().unwrap();
        counted.insert(table, count.try_get("", "count").unwrap());
    }
    connection.close().await.unwrap();
    counted
}

/// On SQLite: read, half-read and waiting.
async fn installation() -> Fixture {
    let f = fixtures().await.swap_remove(0);
    let node = f.storage.queue().join().await.unwrap();
    let template = f.template().await;
    f.batch_with(&template, &["a.pdf", "b.pdf"]).await;
    f.batch(&["c.pdf"]).await;
    // Of two files with two pages each, one page.
    let items = [f.claim(&node).await, f.claim(&node).await];
    for item in &items {
        f.storage.queue().record_opened(&node, item, scans(1..=2)).await.unwrap();
    }
    loop {
        let item = f.claim(&node).await;
        if let WorkKind::Page { number } = item.kind {
            f.storage.queue().record_page_result(&node, &item, text_page(number, "Zebrafink")).await.unwrap();
            return f;
        }
    }
}

fn beside(f: &Fixture, database_url: String) -> StorageSettings {
    StorageSettings {
        data_dir: f.folder.path().join("moved"),
        database_url: Some(database_url),
        sealing: Some(SealingKeys::new(SECRET)),
        ..StorageSettings::default()
    }
}

#[tokio::test]
async fn every_row_and_file_is_there_and_the_work_goes_on() {
    let f = installation().await;
    let url = postgres_database().await;
    let to = Storage::open(&beside(&f, url.clone())).await.unwrap();
    let mut heard = 0;
    let moved = f.storage.move_into(&to, |_| heard += 1).await.unwrap();
    assert_eq!((moved.files, moved.files_there, heard), (3, 0, 3));

    let file = f.settings.data_dir.join("recto.db");
    let (before, after) = (rows(&format!("sqlite://{}", file.display())).await, rows(&url).await);
    assert_eq!(before, after);
    assert_eq!(before.values().sum::<i64>().unsigned_abs(), moved.rows);
    assert!(before["pages"] > 0 && before["work_items"] > 0 && before["audit_entries"] > 0, "{before:?}");

    assert!(to.queue().backlog().await.unwrap().oldest.unwrap() <= Timestamp::now());
    let sought = SearchFilter { project: f.project, record: None, query: "zebrafink".parse().unwrap() };
    assert!(!to.search(&sought, 1, 10).await.unwrap().is_complete, "it is made findable anew");
    let node = to.queue().join().await.unwrap();
    let mut done = 0;
    while let Some(item) = to.queue().claim(&node, crate::fixture::LEASE).await.unwrap() {
        assert!(to.open_blob(&item.blob_key).await.is_ok());
        to.queue().record_file_failure(&node, &item, "enough").await.unwrap();
        done += 1;
    }
    assert!(done >= 2, "{done}");
    assert!(matches!(f.storage.move_into(&to, |_| {}).await, Err(StorageError::NotEmpty)));
    assert!(matches!(to.move_into(&f.storage, |_| {}).await, Err(StorageError::NotSqlite)));
}

#[tokio::test]
async fn a_copy_that_broke_off_left_no_row_and_is_gone_on_with() {
    let f = installation().await;
    let to = Storage::open(&beside(&f, postgres_database().await)).await.unwrap();
    // The last of the files is damaged: everything before it has been copied by then.
    let blobs = walk(&f.settings.data_dir.join("blobs"));
    let last = blobs.last().unwrap();
    let sound = std::fs::read(last).unwrap();
    std::fs::write(last, b"%PDF-1.7 and no more.").unwrap();
    assert!(matches!(f.storage.move_into(&to, |_| {}).await, Err(StorageError::Damaged { .. })));
    assert!(to.tenants().organizations().await.unwrap().is_empty());
    std::fs::write(last, sound).unwrap();
    let moved = f.storage.move_into(&to, |_| {}).await.unwrap();
    assert_eq!((moved.files, moved.files_there), (1, 2));
}

/// Every file of a folder, in the order of their names.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn what_another_process_works_on_is_left_alone() {
    let f = installation().await;
    let other = Storage::open(&f.settings).await.unwrap();
    let _serving = other.queue().join().await.unwrap();
    let to = Storage::open(&beside(&f, postgres_database().await)).await.unwrap();
    assert!(matches!(f.storage.move_into(&to, |_| {}).await, Err(StorageError::FolderInUse)));
}
