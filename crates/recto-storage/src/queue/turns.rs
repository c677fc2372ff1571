//! The order of turns at the queue.
//!
//! Workers are shared by hierarchical start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1996; the hierarchy as in
//! P. Goyal, X. Guo, H. Vin, 1996). Each organization has a virtual time, which advances by the cost of each claim. The
//! waiting organization with the lowest virtual time is next; within it, the project is chosen by the same rule.
//!
//! The virtual time of the whole is the lowest one of those that wait. A scope without work rejoins there, or at its
//! old place if that is later. So nobody saves up turns by being idle, and nobody gains by sending one page at a time.
//!
//! `is_waiting` says that a scope (an organization or a project) has free items. It may stay true for a while after the
//! last one is gone, but is never false while there is one. Whoever makes an item free therefore ends its transaction
//! with [`join`].
//!
//! Lock order on PostgreSQL: a transaction locks its batch first, then work items, then one organization's row, then
//! rows of that organization's projects, which nobody touches without the organization's lock. A transaction that needs
//! both lines begins with the workers'. A claim begins with the organization and takes no item that another transaction
//! holds, so there is no circular wait.

use std::time::Duration;

use recto_domain::{OrganizationShare, Timestamp, WorkKind, WorkLimits};
use sea_orm::sea_query::{CaseStatement, Expr, LockBehavior, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select, Set,
};

use crate::entities::work_item;
use crate::entities::work_turn::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::queue::claim::{OPENED_A_TURN, TURN};

/// The parent of an organization.
const TOP: &str = "";

/// What a claim adds to the virtual time of its project and organization. Opening a file costs a small part of what a
/// page costs.
const COST_OF_OPENING: i64 = 1;
const COST_OF_A_PAGE: i64 = 8;

/// The two lines of the queue: work for the workers, and the extraction of fields from what they have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Workers,
    Extraction,
}

impl Line {
    /// The number that the database stores.
    pub(crate) fn code(self) -> i32 {
        match self {
            Self::Workers => 0,
            Self::Extraction => 1,
        }
    }

    pub(crate) fn of(kind: WorkKind) -> Self {
        match kind {
            WorkKind::Open | WorkKind::Page { .. } => Self::Workers,
            WorkKind::Extract => Self::Extraction,
        }
    }
}

/// The project and organization whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) organization: String,
    pub(crate) project: String,
}

/// How to treat organizations that other transactions have locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locked {
    Skip,
    WaitFor,
}

/// The next turn, with its organization locked.
pub(crate) async fn next(tx: &impl ConnectionTrait, line: Line, locked: Locked) -> Result<Option<Turn>> {
    let mut organization = first_waiting(line, Expr::value(TOP));
    match locked {
        Locked::Skip => organization.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
        Locked::WaitFor => organization.lock(LockType::Update),
    };
    let mut project = first_waiting(line, Expr::from(organization));
    project.column(Column::Parent);
    let row = tx.query_one(&project).await?;
    Ok(match row {
        Some(row) => Some(Turn { project: row.try_get_by_index(0)?, organization: row.try_get_by_index(1)? }),
        None => None,
    })
}

/// Whether any scope waits; takes no lock.
pub(crate) async fn is_anyone_waiting(tx: &impl ConnectionTrait, line: Line) -> Result<bool> {
    Ok(tx.query_one(&first_waiting(line, Expr::value(TOP))).await?.is_some())
}

fn first_waiting(line: Line, parent: Expr) -> SelectStatement {
    Query::select()
        .column(Column::Scope)
        .from(Entity)
        .and_where(Expr::col(Column::Line).eq(line.code()))
        .and_where(Expr::col(Column::Parent).eq(parent))
        .and_where(Expr::col(Column::IsWaiting).eq(true))
        .order_by(Column::Turn, Order::Asc)
        .order_by(Column::Scope, Order::Asc)
        .limit(1)
        .to_owned()
}

/// Charges the scopes whose turn it is for an item of that kind and rank.
pub(crate) async fn take(tx: &impl ConnectionTrait, turn: &Turn, kind: WorkKind, rank: i64) -> Result<()> {
    let (cost, ranks_on) = match kind {
        WorkKind::Open => (COST_OF_OPENING, TURN / OPENED_A_TURN),
        WorkKind::Page { .. } | WorkKind::Extract => (COST_OF_A_PAGE, 0),
    };
    move_on(tx, Line::of(kind), turn, cost, rank, ranks_on).await
}

/// Passes the turn on, because other transactions hold all free items of the scope at this moment.
pub(crate) async fn pass(tx: &impl ConnectionTrait, line: Line, turn: &Turn) -> Result<()> {
    move_on(tx, line, turn, COST_OF_A_PAGE, 0, 0).await
}

/// Adds the cost to the scopes whose turn it is. The project's rank becomes at least `rank`, and then advances by
/// `ranks_on`.
async fn move_on(
    tx: &impl ConnectionTrait,
    line: Line,
    turn: &Turn,
    cost: i64,
    rank: i64,
    ranks_on: i64,
) -> Result<()> {
    let ranks = CaseStatement::new()
        .case(Expr::col(Column::Rank).lt(rank), Expr::value(rank.saturating_add(ranks_on)))
        .finally(Expr::col(Column::Rank).add(ranks_on));
    Entity::update_many()
        .col_expr(Column::Turn, Expr::col(Column::Turn).add(cost))
        .col_expr(Column::Rank, ranks.into())
        .filter(Column::Line.eq(line.code()))
        .filter(Column::Scope.is_in([&turn.organization, &turn.project]))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks the project of the turn as no longer waiting, because it has no free item; also its organization, if no other
/// project of it waits.
pub(crate) async fn leave(tx: &impl ConnectionTrait, line: Line, turn: &Turn) -> Result<()> {
    set_waiting(tx, line, &turn.project, false).await?;
    if tx.query_one(&first_waiting(line, Expr::value(turn.organization.as_str()))).await?.is_none() {
        set_waiting(tx, line, &turn.organization, false).await?;
    }
    Ok(())
}

async fn set_waiting(tx: &impl ConnectionTrait, line: Line, scope: &str, is_waiting: bool) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::IsWaiting, Expr::value(is_waiting))
        .filter(Column::Line.eq(line.code()))
        .filter(Column::Scope.eq(scope))
        .exec(tx)
        .await?;
    Ok(())
}

/// Marks a project that has free items as waiting, and its organization too. Call it once per transaction, at the end,
/// because it locks the organization.
pub(crate) async fn join(tx: &impl ConnectionTrait, line: Line, organization: &str, project: &str) -> Result<()> {
    for (scope, parent) in [(organization, TOP), (project, organization)] {
        let now = virtual_time(tx, line, parent).await?;
        let row = ActiveModel {
            line: Set(line.code()),
            scope: Set(scope.to_owned()),
            parent: Set(parent.to_owned()),
            turn: Set(now),
            is_waiting: Set(true),
            rank: Set(0),
            spent_since: Set(0),
            spent_ms: Set(0),
            paused_until: Set(None),
        };
        let there = |column: Column| Expr::col((Entity, column));
        let stands = there(Column::IsWaiting).eq(true).or(there(Column::Turn).gte(now));
        let turn = CaseStatement::new().case(stands, there(Column::Turn)).finally(Expr::value(now));
        let on_conflict = OnConflict::columns([Column::Line, Column::Scope])
            .value(Column::Turn, turn)
            .value(Column::IsWaiting, there(Column::PausedUntil).is_null())
            .to_owned();
        Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The virtual time among the children of a scope: the lowest of those that wait; if none waits, the greatest of all.
async fn virtual_time(tx: &impl ConnectionTrait, line: Line, parent: &str) -> Result<i64> {
    for (is_waiting, order) in [(true, Order::Asc), (false, Order::Desc)] {
        let turn: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Turn)
            .filter(Column::Line.eq(line.code()))
            .filter(Column::Parent.eq(parent))
            .filter(Column::IsWaiting.eq(is_waiting))
            .order_by(Column::Turn, order)
            .limit(1)
            .into_tuple()
            .one(tx)
            .await?;
        if let Some(turn) = turn {
            return Ok(turn);
        }
    }
    Ok(0)
}

/// The rank at which new files of a project join the workers' line: past the greatest rank that was claimed.
pub(crate) async fn rank_now(tx: &impl ConnectionTrait, project: &str) -> Result<i64> {
    let rank: Option<i64> = Entity::find_by_id((Line::Workers.code(), project.to_owned()))
        .select_only()
        .column(Column::Rank)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(rank.unwrap_or(0))
}

/// Charges an organization for worker time; its work waits if it has used more than it may in an hour. Call it at the
/// end of a transaction, because it locks the organization.
pub(crate) async fn charge(
    tx: &impl ConnectionTrait,
    organization: &str,
    took: Duration,
    limits: &WorkLimits,
) -> Result<()> {
    if limits.organization_hour.is_none() || took.is_zero() {
        return Ok(());
    }
    let key = (Line::Workers.code(), organization.to_owned());
    let Some(mut row) = Entity::find_by_id(key).lock_exclusive().one(tx).await? else {
        return Ok(());
    };
    let spent = Duration::from_millis(row.spent_ms.unsigned_abs());
    let share = OrganizationShare { since: Timestamp::from_millis(row.spent_since), spent };
    let share = share.after(took, Timestamp::now());
    row.spent_since = share.since.as_millis();
    row.spent_ms = millis(share.spent);
    if let Some(until) = share.paused_until(limits) {
        row.paused_until = Some(until.as_millis());
        row.is_waiting = false;
        tracing::info!(organization, "an organization has used up its worker time for this hour; its work waits");
    }
    Entity::update_many()
        .col_expr(Column::SpentSince, Expr::value(row.spent_since))
        .col_expr(Column::SpentMs, Expr::value(row.spent_ms))
        .col_expr(Column::PausedUntil, Expr::value(row.paused_until))
        .col_expr(Column::IsWaiting, Expr::value(row.is_waiting))
        .filter(Column::Line.eq(row.line))
        .filter(Column::Scope.eq(row.scope))
        .exec(tx)
        .await?;
    Ok(())
}

/// Resumes an organization that waited for its next hour; `false` when there is none.
pub(crate) async fn resume_one(tx: &impl ConnectionTrait, now: Timestamp, limits: &WorkLimits) -> Result<bool> {
    let due = to_resume(now, limits);
    let paused = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(tx).await?;
    let Some(paused) = paused else { return Ok(false) };
    let now = virtual_time(tx, Line::Workers, TOP).await?;
    let turn = if paused.turn < now { now } else { paused.turn };
    let waits = tx.query_one(&first_waiting(Line::Workers, Expr::value(paused.scope.as_str()))).await?.is_some();
    Entity::update_many()
        .col_expr(Column::Turn, Expr::value(turn))
        .col_expr(Column::IsWaiting, Expr::value(waits))
        .col_expr(Column::PausedUntil, Expr::value(None::<i64>))
        .filter(Column::Line.eq(paused.line))
        .filter(Column::Scope.eq(paused.scope))
        .exec(tx)
        .await?;
    Ok(true)
}

/// Whether there is an organization to resume; takes no lock.
pub(crate) async fn is_any_to_resume(db: &impl ConnectionTrait, now: Timestamp, limits: &WorkLimits) -> Result<bool> {
    Ok(to_resume(now, limits).one(db).await?.is_some())
}

fn to_resume(now: Timestamp, limits: &WorkLimits) -> Select<Entity> {
    // Without a limit nobody waits, even if there was a limit before.
    let due = if limits.organization_hour.is_some() { now.as_millis() } else { i64::MAX };
    Entity::find().filter(Column::PausedUntil.is_not_null()).filter(Column::PausedUntil.lte(due)).limit(1)
}

/// Corrects which scopes wait, after items were made free without [`join`]. Call it while nobody else works.
pub(crate) async fn rejoin_all(tx: &impl ConnectionTrait) -> Result<()> {
    let has_free_items = Query::select()
        .expr(Expr::val(1))
        .from(work_item::Entity)
        .and_where(Expr::col((work_item::Entity, work_item::Column::Line)).equals((Entity, Column::Line)))
        .and_where(Expr::col((work_item::Entity, work_item::Column::ProjectId)).equals((Entity, Column::Scope)))
        .and_where(Expr::col((work_item::Entity, work_item::Column::LeaseUntil)).is_null())
        .to_owned();
    for line in [Line::Workers, Line::Extraction] {
        let children = |of: &str| Entity::find().filter(Column::Line.eq(line.code())).filter(Column::Parent.eq(of));
        for organization in children(TOP).all(tx).await? {
            let projects = Entity::update_many()
                .col_expr(Column::IsWaiting, Expr::value(true))
                .filter(Column::Line.eq(line.code()))
                .filter(Column::Parent.eq(&organization.scope))
                .filter(Expr::exists(has_free_items.clone()))
                .exec(tx)
                .await?;
            if projects.rows_affected > 0 && organization.paused_until.is_none() {
                set_waiting(tx, line, &organization.scope, true).await?;
            }
        }
    }
    Ok(())
}

/// The time until which an organization's work waits because its worker time for this hour is used up.
pub(crate) async fn paused_until(db: &impl ConnectionTrait, organization: &str) -> Result<Option<Timestamp>> {
    let key = (Line::Workers.code(), organization.to_owned());
    let row = Entity::find_by_id(key).one(db).await?;
    Ok(row.and_then(|row| row.paused_until).map(Timestamp::from_millis))
}

/// Milliseconds, as stored in a column.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
