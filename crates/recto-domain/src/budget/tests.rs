use proptest::prelude::*;

use super::*;
use crate::id::{BatchId, OrganizationId, ProjectId, RecordId, WorkItemId};
use crate::record::ReadOptions;
use crate::work::MAX_ATTEMPTS;

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A minute for a page, of which five seconds are usual, and ten minutes for a file.
fn limits() -> WorkLimits {
    WorkLimits::default()
}

fn item(kind: WorkKind, attempts: u32, cost: FileCost, took: Duration) -> WorkItem {
    WorkItem {
        id: WorkItemId::generate(),
        kind,
        organization_id: OrganizationId::generate(),
        project_id: ProjectId::generate(),
        batch_id: BatchId::generate(),
        record_id: RecordId::generate(),
        blob_key: "k".to_owned(),
        has_passwords: false,
        file_name: "a.pdf".to_owned(),
        options: ReadOptions::default(),
        sha256: String::new(),
        way: None,
        attempts,
        cost,
        took,
    }
}

fn page(number: u32, attempts: u32, cost: FileCost, took: u64) -> WorkItem {
    item(WorkKind::Page { number }, attempts, cost, seconds(took))
}

#[test]
fn pages_that_are_read_in_the_usual_time_cost_nothing_of_the_budget() {
    let mut cost = FileCost::default();
    for number in 1..=20_000 {
        cost = cost.after(&page(number, 0, cost, 5), AttemptEnd::Answered, &limits());
    }
    assert_eq!((cost.worker_time, cost.overtime), (seconds(100_000), Duration::ZERO));
    cost = cost.after(&page(1, 0, cost, 25), AttemptEnd::Answered, &limits());
    assert_eq!(cost.overtime, seconds(20));
}

#[test]
fn failed_attempts_and_opening_cost_all_they_took() {
    let opening = item(WorkKind::Open, 0, FileCost::default(), seconds(7));
    let cost = FileCost::default().after(&opening, AttemptEnd::Answered, &limits());
    let cost = cost.after(&page(1, 0, cost, 3), AttemptEnd::Died, &limits());
    let cost = cost.after(&page(1, 1, cost, 60), AttemptEnd::OutOfTime, &limits());
    assert_eq!((cost.overtime, cost.slow_pages), (seconds(70), 0));
}

#[test]
fn after_two_pages_that_ran_out_of_time_the_others_have_one_short_attempt() {
    let mut cost = FileCost::default();
    let first = page(1, 0, cost, 60);
    cost = cost.after(&first, AttemptEnd::OutOfTime, &limits());
    assert_eq!(cost.after_failed_attempt(&first, &limits()), AfterFailure::Retry { attempts: 1 });
    // A second attempt at the same page does not count as another slow page.
    cost = cost.after(&page(1, 1, cost, 60), AttemptEnd::OutOfTime, &limits());
    assert_eq!(cost.time_limit(WorkKind::Page { number: 2 }, &limits()).unwrap().silence, seconds(60));

    let second = page(2, 0, cost, 60);
    cost = cost.after(&second, AttemptEnd::OutOfTime, &limits());
    // That was a full attempt; the short one is still to come.
    assert_eq!(cost.after_failed_attempt(&second, &limits()), AfterFailure::Retry { attempts: 1 });
    assert_eq!(cost.time_limit(WorkKind::Page { number: 3 }, &limits()).unwrap().silence, seconds(5));
    let third = page(3, 0, cost, 5);
    assert_eq!(cost.after_failed_attempt(&third, &limits()), AfterFailure::GiveUp { attempts: 1 });
}

#[test]
fn crashes_do_not_make_a_file_slow() {
    let mut cost = FileCost::default();
    for number in 1..=5 {
        cost = cost.after(&page(number, 0, cost, 1), AttemptEnd::Died, &limits());
    }
    assert!(!cost.is_slow());
}

#[test]
fn when_the_budget_is_used_up_nothing_more_is_tried() {
    let spent = FileCost { overtime: seconds(600), ..FileCost::default() };
    assert!(spent.is_used_up(&limits()));
    assert_eq!(spent.time_limit(WorkKind::Page { number: 9 }, &limits()), None);
    assert_eq!(spent.time_limit(WorkKind::Open, &limits()), None);
    let failed = page(9, 0, FileCost::default(), 1);
    assert_eq!(spent.after_failed_attempt(&failed, &limits()), AfterFailure::GiveUp { attempts: 1 });
    let unlimited = WorkLimits { file: None, ..limits() };
    assert!(!spent.is_used_up(&unlimited));
    assert_eq!(limits().used_up(), "the file used up the 600 s of worker time that a file may take beyond the usual");
}

#[test]
fn an_attempt_never_has_more_time_than_is_left() {
    let nearly = FileCost { overtime: seconds(590), ..FileCost::default() };
    let of_page = nearly.time_limit(WorkKind::Page { number: 1 }, &limits()).unwrap();
    assert_eq!(of_page, TimeLimit { silence: seconds(15), total: None });
    let opening = FileCost::default().time_limit(WorkKind::Open, &limits()).unwrap();
    assert_eq!(opening, TimeLimit { silence: seconds(60), total: Some(seconds(300)) });
    assert_eq!(nearly.time_limit(WorkKind::Open, &limits()).unwrap().total, Some(seconds(5)));
}

#[test]
fn an_organization_waits_for_its_next_hour() {
    let limits = WorkLimits { organization_hour: Some(seconds(100)), ..limits() };
    let start = Timestamp::from_millis(1_000_000);
    let share = OrganizationShare { since: Timestamp::from_millis(0), spent: seconds(1000) };
    // Time taken in an hour that is over no longer counts.
    let share = share.after(seconds(60), start.plus(seconds(3600)));
    assert_eq!(share.spent, seconds(60));
    assert_eq!(share.paused_until(&limits), None);
    let share = share.after(seconds(40), start.plus(seconds(3700)));
    assert_eq!(share.paused_until(&limits), Some(start.plus(seconds(7200))));
    assert_eq!(share.paused_until(&WorkLimits::default()), None);
}

/// The worker time and the number of attempts that a file takes when every attempt runs out of time.
fn take_of_hostile_file(pages: u32, limits: &WorkLimits) -> (Duration, u32) {
    let (mut cost, mut attempts) = (FileCost::default(), 0);
    for number in 1..=pages {
        for earlier in 0..MAX_ATTEMPTS {
            let Some(limit) = cost.time_limit(WorkKind::Page { number }, limits) else {
                return (cost.worker_time, attempts);
            };
            let tried = item(WorkKind::Page { number }, earlier, cost, limit.silence);
            cost = cost.after(&tried, AttemptEnd::OutOfTime, limits);
            attempts += 1;
            if let AfterFailure::GiveUp { .. } = cost.after_failed_attempt(&tried, limits) {
                break;
            }
        }
    }
    (cost.worker_time, attempts)
}

proptest! {
    #[test]
    fn a_file_that_only_takes_time_ends_within_its_budget(
        pages in 1..3000u32,
        page in 1..600u64,
        file in 1..3000u64,
    ) {
        let limits = WorkLimits { page: seconds(page), file: Some(seconds(file)), organization_hour: None };
        let (took, attempts) = take_of_hostile_file(pages, &limits);
        // The last attempt may exceed the budget by the usual time of one page.
        prop_assert!(took <= seconds(file) + limits.usual_page(), "{took:?}");
        prop_assert!(attempts <= 2 * MAX_ATTEMPTS + pages);
    }

    #[test]
    fn every_attempt_has_some_time_and_none_more_than_a_page(
        overtime in 0..5000u64,
        slow_pages in 0..5u32,
        page in 1..600u64,
        file in 1..3000u64,
    ) {
        let limits = WorkLimits { page: seconds(page), file: Some(seconds(file)), organization_hour: None };
        let cost = FileCost { worker_time: seconds(overtime), overtime: seconds(overtime), slow_pages };
        for kind in [WorkKind::Open, WorkKind::Page { number: 1 }] {
            match cost.time_limit(kind, &limits) {
                None => prop_assert!(overtime >= file),
                Some(limit) => {
                    prop_assert!(limit.silence > Duration::ZERO && limit.silence <= limits.page);
                    prop_assert!(limit.total.is_none_or(|total| total >= limit.silence));
                }
            }
        }
    }
}
