//! Pages are found by what they say, in their project, from the moment they are stored until they are deleted.

use recto_domain::{Page, RecordId, WorkKind};
use recto_storage::{FoundPages, SearchFilter, Storage};
use sea_orm::{ConnectionTrait, Statement};

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page};

impl Fixture {
    /// Reads a file of these pages.
    async fn read_file(&self, name: &str, pages: &[&str]) -> RecordId {
        let batch = self.batch(&[name]).await;
        let node = self.storage.queue().join().await.unwrap();
        let item = self.claim(&node).await;
        let numbers = 1..=pages.len() as u32;
        self.storage.queue().record_opened(&node, &item, scans(numbers.clone())).await.unwrap();
        for _ in numbers {
            let item = self.claim(&node).await;
            let WorkKind::Page { number } = item.kind else { panic!("{item:?}") };
            let page = text_page(number, pages[number as usize - 1]);
            self.storage.queue().record_page_result(&node, &item, page).await.unwrap();
        }
        batch.processing_history_ids[0]
    }

    async fn find(&self, query: &str) -> FoundPages {
        find(&self.storage, self, query, None).await
    }
}

async fn find(storage: &Storage, f: &Fixture, query: &str, record: Option<RecordId>) -> FoundPages {
    let filter = SearchFilter { project: f.project, record, query: query.parse().unwrap() };
    storage.search(&filter, 1, 10).await.unwrap()
}

/// The pages that were found.
fn places(found: &FoundPages) -> Vec<(RecordId, u32)> {
    found.pages.iter().map(|page| (page.record, page.page)).collect()
}

#[tokio::test]
async fn words_phrases_and_beginnings_are_found_in_every_script() {
    for f in fixtures().await {
        let record = f
            .read_file(
                "a.pdf",
                &["Größe 7, Rechnung INV-2024", "東京都庁前", "กรุงเทพมหานคร", "الفاتورة", "invoice date"],
            )
            .await;
        for (query, page) in [
            ("groesse", None),
            ("GRÖSSE", Some(1)),
            ("grosse rechnung", Some(1)),
            ("\"rechnung inv 2024\"", Some(1)),
            ("\"inv rechnung\"", None),
            ("INV-2024", Some(1)),
            ("inv*", Some(1)),
            ("京都", Some(2)),
            ("都庁", Some(2)),
            ("前", Some(2)),
            ("京庁", None),
            ("มหานคร", Some(3)),
            ("الفاتوره", None),
            ("الفاتورة", Some(4)),
            ("date invoice", Some(5)),
        ] {
            let found = f.find(query).await;
            let first = found.pages.iter().map(|found| found.page).min();
            assert_eq!(first, page, "{query}");
            assert!(found.pages.iter().all(|found| found.record == record && found.hit_count > 0), "{query}");
        }
        let both = f.find("inv*").await;
        assert_eq!((both.total, places(&both)), (2, vec![(record, 1), (record, 5)]));
        assert!(both.is_complete);
    }
}

#[tokio::test]
async fn a_hit_tells_its_file_its_box_and_the_text_around_it() {
    for f in fixtures().await {
        let record = f.read_file("a.pdf", &["word"]).await;
        let found = f.find("WORD").await;
        let page = &found.pages[0];
        assert_eq!((page.record, page.page, page.page_count, page.file_name.as_str()), (record, 1, Some(1), "a.pdf"));
        assert!(page.batch.is_some());
        assert_eq!((page.hits[0].text.as_str(), page.hits[0].boxes[0].x), ("word", 10.0));
        assert!(page.excerpt[0].is_hit);
    }
}

#[tokio::test]
async fn only_pages_of_the_project_are_found_whatever_they_say() {
    for f in fixtures().await {
        let other = f.storage.tenants().create_project(f.organization, "Other", "").await.unwrap();
        f.read_file("a.pdf", &[&format!("secret {}", other.id)]).await;
        let filter = SearchFilter { project: other.id, record: None, query: "secret".parse().unwrap() };
        assert_eq!(f.storage.search(&filter, 1, 10).await.unwrap().total, 0);
        assert_eq!(f.find("secret").await.total, 1);
    }
}

#[tokio::test]
async fn the_newest_record_comes_first_in_pages_and_one_record_can_be_searched_alone() {
    for f in fixtures().await {
        let old = f.read_file("old.pdf", &["word", "word"]).await;
        let new = f.read_file("new.pdf", &["word"]).await;
        let all = SearchFilter { project: f.project, record: None, query: "word".parse().unwrap() };
        let first = f.storage.search(&all, 1, 2).await.unwrap();
        let second = f.storage.search(&all, 2, 2).await.unwrap();
        assert_eq!((first.total, places(&first)), (3, vec![(new, 1), (old, 1)]));
        assert_eq!(places(&second), [(old, 2)]);
        assert_eq!(places(&find(&f.storage, &f, "word", Some(new)).await), [(new, 1)]);
    }
}

#[tokio::test]
async fn what_is_deleted_is_not_found_and_what_was_taken_over_is() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let mut batches = Vec::new();
        for name in ["a.pdf", "b.pdf"] {
            batches.push(f.batch(&[name]).await.batch.id);
            while let Some(mut item) = f.storage.queue().claim(&node, LEASE).await.unwrap() {
                item.way = Some("way".to_owned());
                if item.kind != WorkKind::Open {
                    f.storage.queue().record_page_result(&node, &item, text_page(1, "word")).await.unwrap();
                } else if f.storage.queue().take_over_reading(&node, &item).await.unwrap().is_none() {
                    f.storage.queue().record_opened(&node, &item, scans(1..=1)).await.unwrap();
                }
            }
        }
        let second = f.find("word").await.pages[0].record;
        assert!(f.storage.records().get(second).await.unwrap().unwrap().reused_from.is_some());
        assert_eq!(f.find("word").await.total, 2);
        audit(&f.connection().await).await;
        let first = f.find("word").await.pages[0].upload;
        f.storage.records().delete_upload(first).await.unwrap();
        assert_eq!(f.find("word").await.total, 1);
        f.storage.batches().delete(batches[0]).await.unwrap();
        assert_eq!(f.find("word").await.total, 0);
        let connection = f.connection().await;
        let backend = connection.get_database_backend();
        let left = Statement::from_string(backend, "SELECT COUNT(*) AS n FROM page_texts");
        let left = connection.query_one_raw(left).await.unwrap().unwrap();
        assert_eq!(left.try_get::<i64>("", "n").unwrap(), 0);
    }
}

#[tokio::test]
async fn pages_of_an_earlier_version_are_made_findable_by_the_next_start() {
    for f in fixtures().await {
        f.read_file("a.pdf", &["word", "other"]).await;
        let connection = f.connection().await;
        connection.execute_unprepared("DELETE FROM page_texts").await.unwrap();
        connection.execute_unprepared("UPDATE pages SET is_indexed = FALSE").await.unwrap();
        let before = f.find("word").await;
        assert_eq!((before.total, before.is_complete), (0, false));
        f.storage.queue().join().await.unwrap_or_else(|_| panic!("the folder is free"));
        let begun = std::time::Instant::now();
        while !f.find("word").await.is_complete {
            assert!(begun.elapsed().as_secs() < 60, "waited in vain");
            tokio::task::yield_now().await;
        }
        assert_eq!(f.find("word").await.total, 1);
    }
}

#[tokio::test]
async fn a_page_of_any_size_is_stored() {
    for f in fixtures().await {
        let words: Vec<String> = (0..120_000).map(|n| format!("w{n}")).collect();
        let long = "x".repeat(5000);
        let record = f.read_file("a.pdf", &[&format!("first {long} {}", words.join(" "))]).await;
        assert_eq!(places(&f.find("first w7").await), [(record, 1)]);
        assert_eq!(f.find("x*").await.total, 1);
    }
}

#[tokio::test]
async fn a_failed_page_is_found_by_nothing_and_is_no_backlog() {
    for f in fixtures().await {
        f.batch(&["a.pdf"]).await;
        let node = f.storage.queue().join().await.unwrap();
        f.open(&node, 1).await;
        let item = f.claim(&node).await;
        f.storage
            .queue()
            .record_page_result(&node, &item, Page::failed(1, "it took too long".to_owned()))
            .await
            .unwrap();
        let found = f.find("long").await;
        assert_eq!((found.total, found.is_complete), (0, true));
    }
}
