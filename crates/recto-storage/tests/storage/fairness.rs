//! Whose work is claimed when: shares of organizations and projects, on one node and on several at once.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use recto_domain::{OrganizationId, ProjectId, UserId, WorkItem, WorkKind};
use recto_storage::{Accepted, FoundFields, NewBatch, Node, Stored};
use sea_orm::ConnectionTrait;

use crate::fixture::{Fixture, LEASE, audit, fixtures, scans, text_page};

/// What a claim costs: a page eight times as much as an opening.
const PAGE: i64 = 8;

/// A project to send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Sender {
    organization: OrganizationId,
    project: ProjectId,
    user: UserId,
}

impl Fixture {
    async fn sender(&self) -> Sender {
        let organization = self.storage.tenants().create_organization("O").await.unwrap();
        let project = self.storage.tenants().create_project(organization.id, "P", "").await.unwrap().id;
        Sender { organization: organization.id, project, user: organization.owner_id }
    }

    async fn send_from(&self, from: Sender, files: usize) {
        let names: Vec<String> = (0..files).map(|i| format!("{i}.pdf")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (receiving, files) = self.receive(&names).await;
        let Sender { organization, project, user } = from;
        let batch = NewBatch { organization, project, user, ..self.new_batch(files) };
        let accepted = self.storage.batches().accept(receiving, batch, None).await.unwrap();
        assert!(matches!(accepted, Accepted::New(_)));
    }

    /// Opens a file of so many pages, or reads a page.
    async fn finish(&self, node: &Node, item: &WorkItem, pages: u32) {
        let stored = match item.kind {
            WorkKind::Open => self.storage.queue().record_opened(node, item, scans(1..=pages)).await,
            WorkKind::Page { number } => {
                self.storage.queue().record_page_result(node, item, text_page(number, "x")).await
            }
            WorkKind::Extract => unreachable!("no batch here has a template"),
        };
        assert_eq!(stored.unwrap(), Stored::Yes);
    }

    async fn do_next(&self, node: &Node, pages: u32) -> WorkItem {
        let item = self.claim(node).await;
        self.finish(node, &item, pages).await;
        item
    }
}

fn cost_of(item: &WorkItem) -> i64 {
    if item.kind == WorkKind::Open { 1 } else { PAGE }
}

#[tokio::test]
async fn a_page_behind_hundreds_of_files_of_another_organization_is_among_the_next() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let (many, one) = (f.sender().await, f.sender().await);
        f.send_from(many, 300).await;
        for _ in 0..10 {
            f.do_next(&node, 2).await;
        }
        f.send_from(one, 1).await;
        let mut theirs = 0;
        loop {
            let item = f.do_next(&node, 1).await;
            if item.organization_id == one.organization && item.kind != WorkKind::Open {
                break;
            }
            theirs += if item.organization_id == many.organization { cost_of(&item) } else { 0 };
        }
        assert!(theirs <= 2 * PAGE, "{theirs} of theirs come first");
    }
}

#[tokio::test]
async fn files_of_a_project_are_opened_in_turns_with_pages() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let sender = f.sender().await;
        f.send_from(sender, 300).await;
        let mut opened = 0;
        while f.do_next(&node, 1).await.kind == WorkKind::Open {
            opened += 1;
        }
        assert!((24..=64).contains(&opened), "{opened} files were opened before the first page");
    }
}

#[tokio::test]
async fn who_was_idle_has_saved_up_nothing() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let (busy, idle) = (f.sender().await, f.sender().await);
        f.send_from(idle, 1).await;
        while f.storage.queue().claim(&node, LEASE).await.unwrap().is_some() {}
        f.send_from(busy, 1).await;
        for _ in 0..50 {
            f.do_next(&node, 200).await;
        }
        f.send_from(idle, 1).await;
        let mut of_idle = 0;
        for _ in 0..40 {
            of_idle += i32::from(f.do_next(&node, 200).await.organization_id == idle.organization);
        }
        assert!((19..=22).contains(&of_idle), "{of_idle} of 40");
    }
}

#[tokio::test]
async fn sending_one_page_at_a_time_brings_no_more_than_a_share() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let (sly, others) = (f.sender().await, [f.sender().await, f.sender().await, f.sender().await]);
        for other in others {
            f.send_from(other, 1).await;
        }
        f.send_from(sly, 1).await;
        let (mut of_sly, mut of_all) = (0, 0);
        for _ in 0..160 {
            let item = f.claim(&node).await;
            let is_sly = item.organization_id == sly.organization;
            f.finish(&node, &item, if is_sly { 1 } else { 500 }).await;
            of_all += cost_of(&item);
            of_sly += if is_sly { cost_of(&item) } else { 0 };
            if is_sly && item.kind != WorkKind::Open {
                f.send_from(sly, 1).await;
            }
        }
        assert!(of_sly * 4 <= of_all + 8 * PAGE, "{of_sly} of {of_all}");
    }
}

#[tokio::test]
async fn fields_are_looked_for_in_the_same_order() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let template = f.template().await;
        let names: Vec<String> = (0..20).map(|i| format!("{i}.pdf")).collect();
        f.batch_with(&template, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let other = f.sender().await;
        let theirs = f.storage.templates().create(other.project, template.content.clone(), true).await.unwrap();
        let (receiving, files) = f.receive(&["a.pdf"]).await;
        let Sender { organization, project, user } = other;
        let batch = NewBatch { organization, project, user, template: Some((&theirs).into()), ..f.new_batch(files) };
        f.storage.batches().accept(receiving, batch, None).await.unwrap();
        while let Some(item) = f.storage.queue().claim(&node, LEASE).await.unwrap() {
            f.finish(&node, &item, 1).await;
        }
        let mut order = Vec::new();
        while let Some(item) = f.storage.queue().claim_extraction(&node, LEASE).await.unwrap() {
            let found = FoundFields { fields: Vec::new(), needs_review: true, warnings: Vec::new() };
            f.storage.queue().record_fields(&node, &item, found).await.unwrap();
            order.push(item.organization_id);
        }
        assert_eq!(order.len(), 21);
        assert!(order[..2].contains(&organization), "{order:?}");
    }
}

#[tokio::test]
async fn a_lease_that_ran_out_is_claimed_though_there_is_other_work() {
    for f in fixtures().await {
        let node = f.storage.queue().join().await.unwrap();
        let (gone, busy) = (f.sender().await, f.sender().await);
        f.send_from(gone, 1).await;
        let lost = f.storage.queue().claim(&node, Duration::ZERO).await.unwrap().unwrap();
        f.send_from(busy, 50).await;
        assert!(f.storage.queue().free_what_is_due(&node).await.unwrap());
        assert!(!f.storage.queue().free_what_is_due(&node).await.unwrap());
        let next = [f.claim(&node).await.id, f.claim(&node).await.id];
        assert!(next.contains(&lost.id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_of_several_nodes_at_once_take_each_item_once() {
    for f in fixtures().await {
        let senders = [f.sender().await, f.sender().await, f.sender().await];
        let nodes = [f.storage.queue().join().await.unwrap(), f.second_node().await];
        for sender in senders {
            f.send_from(sender, 20).await;
        }
        let tasks: Vec<_> = (0..8)
            .map(|i| {
                let (storage, node) = (f.storage.clone(), nodes[i % 2].clone());
                tokio::spawn(async move {
                    let mut done = Vec::new();
                    while let Some(item) = storage.queue().claim(&node, LEASE).await.unwrap() {
                        match item.kind {
                            WorkKind::Open => storage.queue().record_opened(&node, &item, scans(1..=3)).await.unwrap(),
                            // Now and then one is given back, which is no attempt.
                            WorkKind::Page { .. } if i == 0 && done.len() % 3 == 0 => {
                                storage.queue().release(&node, &[item.id]).await.unwrap();
                                done.push(None);
                                continue;
                            }
                            WorkKind::Page { number } => {
                                storage.queue().record_page_result(&node, &item, text_page(number, "x")).await.unwrap()
                            }
                            WorkKind::Extract => unreachable!("no batch here has a template"),
                        };
                        done.push(Some(item.id));
                    }
                    done
                })
            })
            .collect();
        let mut done = Vec::new();
        for task in tasks {
            done.extend(task.await.unwrap().into_iter().flatten());
        }
        // Who found nothing for a moment may have left the rest to others.
        while let Some(item) = f.storage.queue().claim(&nodes[0], LEASE).await.unwrap() {
            f.finish(&nodes[0], &item, 3).await;
            done.push(item.id);
        }
        assert_eq!(done.len(), 3 * 20 * 4);
        assert_eq!(done.iter().collect::<HashSet<_>>().len(), done.len());
        audit(&f.connection().await).await;
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A batch of so many files, each of so many pages.
    Send {
        from: usize,
        files: usize,
    },
    Claim,
    Finish {
        item: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..5usize, 1..12usize).prop_map(|(from, files)| Step::Send { from, files }),
        8 => Just(Step::Claim),
        7 => any::<usize>().prop_map(|item| Step::Finish { item }),
    ]
}

/// A claim, and who had free items before it.
struct Claimed {
    by: Sender,
    cost: i64,
    waiting: HashSet<Sender>,
}

/// The bound of start-time fair queueing: in any time in which two wait all along, what they got differs by no more
/// than a page each.
fn assert_fair<K: Copy + Eq + std::hash::Hash + std::fmt::Debug>(claims: &[Claimed], scope: impl Fn(&Sender) -> K) {
    let all: HashSet<K> = claims.iter().flat_map(|claim| claim.waiting.iter().map(&scope)).collect();
    for &a in &all {
        for &b in all.iter().filter(|&&b| b != a) {
            let (mut now, mut least, mut most) = (0, 0, 0);
            for claim in claims {
                let waits = |k| claim.waiting.iter().any(|sender| scope(sender) == k);
                if !waits(a) || !waits(b) {
                    (now, least, most) = (0, 0, 0);
                    continue;
                }
                now += match scope(&claim.by) {
                    k if k == a => claim.cost,
                    k if k == b => -claim.cost,
                    _ => 0,
                };
                (least, most) = (least.min(now), most.max(now));
                assert!(most - least <= 2 * PAGE, "{a:?} and {b:?} differ by {}", most - least);
            }
        }
    }
}

async fn run(f: &Fixture, steps: &[Step]) {
    let node = f.storage.queue().join().await.unwrap();
    // Three organizations; two of them have a second project.
    let mut senders = vec![f.sender().await, f.sender().await, f.sender().await];
    for of in [senders[0], senders[1]] {
        let project = f.storage.tenants().create_project(of.organization, "Q", "").await.unwrap().id;
        senders.push(Sender { project, ..of });
    }
    let by_project: HashMap<ProjectId, Sender> = senders.iter().map(|sender| (sender.project, *sender)).collect();
    let mut free: HashMap<Sender, usize> = HashMap::new();
    let (mut in_flight, mut claims, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let drain = [Step::Claim, Step::Finish { item: 0 }].into_iter().cycle();
    for step in steps.iter().copied().chain(drain) {
        match step {
            Step::Send { from, files } => {
                f.send_from(senders[from], files).await;
                *free.entry(senders[from]).or_default() += files;
            }
            Step::Claim => {
                let waiting: HashSet<Sender> = free.iter().filter(|(_, n)| **n > 0).map(|(of, _)| *of).collect();
                let Some(item) = f.storage.queue().claim(&node, LEASE).await.unwrap() else {
                    assert!(waiting.is_empty(), "work waits and is not claimed");
                    if in_flight.is_empty() && claims.len() > 1 {
                        break;
                    }
                    if claims.is_empty() {
                        f.send_from(senders[0], 1).await;
                        *free.entry(senders[0]).or_default() += 1;
                    }
                    continue;
                };
                assert!(seen.insert(item.id), "an item was claimed twice");
                let by = by_project[&item.project_id];
                assert_eq!(by.organization, item.organization_id);
                *free.get_mut(&by).unwrap() -= 1;
                claims.push(Claimed { by, cost: cost_of(&item), waiting });
                in_flight.push(item);
            }
            Step::Finish { item } if !in_flight.is_empty() => {
                let item: WorkItem = in_flight.swap_remove(item % in_flight.len());
                let pages = item.record_id.to_string().bytes().last().map_or(1, |digit| u32::from(digit) % 5 + 1);
                f.finish(&node, &item, pages).await;
                if item.kind == WorkKind::Open {
                    *free.get_mut(&by_project[&item.project_id]).unwrap() += pages as usize;
                }
            }
            Step::Finish { .. } => {}
        }
    }
    assert_fair(&claims, |sender| sender.organization);
    for sender in &senders {
        let own: Vec<_> = claims.iter().filter(|claim| claim.by.organization == sender.organization).collect();
        let own: Vec<_> = own
            .into_iter()
            .map(|claim| {
                let waiting = claim.waiting.iter().filter(|of| of.organization == sender.organization).copied();
                Claimed { by: claim.by, cost: claim.cost, waiting: waiting.collect() }
            })
            .collect();
        assert_fair(&own, |sender| sender.project);
    }
    let left = "SELECT id FROM work_items";
    let connection = f.connection().await;
    let left = sea_orm::Statement::from_string(connection.get_database_backend(), left);
    assert!(connection.query_all_raw(left).await.unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn who_waits_gets_an_equal_share_in_any_time(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for fixture in fixtures().await {
                run(&fixture, &steps).await;
            }
        });
    }
}
