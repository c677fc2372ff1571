//! Whose turn it is at the queue.
//!
//! Workers are shared by hierarchical start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1996; the hierarchy as in
//! P. Goyal, X. Guo, H. Vin, 1996): each organization has a virtual time, which moves on by the cost of what is claimed
//! for it, and of those that have work the one whose virtual time is least comes next; within it, by the same rule, a
//! project. Virtual time as such is the least of those that wait. Who had no work rejoins there, or where it stood if
//! that is later: nobody saves up turns by being idle, and nobody gains by sending one page at a time.
//!
//! `is_waiting` says that a scope has free items; it may be true for a while after the last one has gone, never false
//! while there is one. Whoever makes an item free therefore ends its transaction with [`join`].
//!
//! Locks, on PostgreSQL: a transaction takes its batch first, then work items, then one organization's row, then rows
//! of that organization's projects, which nobody touches without it; who must do so in both lines begins with the
//! workers'. A claim begins with the organization and takes no
//! item that another transaction holds, so nobody waits in a circle.

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

/// What stands for the parent of an organization.
const TOP: &str = "";

/// What a claim adds to the virtual time of its project and organization. To open a file takes a small part of what a
/// page takes.
const COST_OF_OPENING: i64 = 1;
const COST_OF_A_PAGE: i64 = 8;

/// The two lines of the queue: what workers do, and the search for fields in what they have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    Workers,
    Extraction,
}

impl Line {
    /// As the database spells it.
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

/// A project and its organization, whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) organization: String,
    pub(crate) project: String,
}

/// What to do about organizations that other transactions have locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locked {
    Skip,
    WaitFor,
}

/// Whose turn it is, with its organization locked.
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

/// Whether somebody waits, without a lock.
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

/// An item of that kind and rank was claimed for who had the turn.
pub(crate) async fn take(tx: &impl ConnectionTrait, turn: &Turn, kind: WorkKind, rank: i64) -> Result<()> {
    let (cost, ranks_on) = match kind {
        WorkKind::Open => (COST_OF_OPENING, TURN / OPENED_A_TURN),
        WorkKind::Page { .. } | WorkKind::Extract => (COST_OF_A_PAGE, 0),
    };
    move_on(tx, Line::of(kind), turn, cost, rank, ranks_on).await
}

/// Who had the turn has free items, but other transactions hold them at this moment.
pub(crate) async fn pass(tx: &impl ConnectionTrait, line: Line, turn: &Turn) -> Result<()> {
    move_on(tx, line, turn, COST_OF_A_PAGE, 0, 0).await
}

/// Adds the cost to who had the turn; the project's rank becomes at least `rank`, and moves on by `ranks_on`.
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

/// Who had the turn has no free item: the project waits no more, nor does the organization when it was its last one.
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

/// There are free items of a project: it waits from now on, and its organization too. To be called once a transaction,
/// at its end, for it locks the organization.
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

/// The virtual time at which children of a scope take their turns: the least of those that wait; when nobody does, the
/// greatest there is.
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

/// Where the files of a project stand in the line for workers: past the greatest rank that was claimed.
pub(crate) async fn rank_now(tx: &impl ConnectionTrait, project: &str) -> Result<i64> {
    let rank: Option<i64> = Entity::find_by_id((Line::Workers.code(), project.to_owned()))
        .select_only()
        .column(Column::Rank)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(rank.unwrap_or(0))
}

/// Workers took so long for an organization: its work waits when that was more than it may have in an hour. To be
/// called at the end of a transaction, for it locks the organization.
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
        tracing::info!(organization, "an organization has used up its worker time of this hour; its work waits");
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

/// Lets an organization on that waited for its next hour; `false` when there is none.
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

/// Whether there is such an organization, without a lock.
pub(crate) async fn is_any_to_resume(db: &impl ConnectionTrait, now: Timestamp, limits: &WorkLimits) -> Result<bool> {
    Ok(to_resume(now, limits).one(db).await?.is_some())
}

fn to_resume(now: Timestamp, limits: &WorkLimits) -> Select<Entity> {
    // Without a limit nobody waits for one, whatever it was before.
    let due = if limits.organization_hour.is_some() { now.as_millis() } else { i64::MAX };
    Entity::find().filter(Column::PausedUntil.is_not_null()).filter(Column::PausedUntil.lte(due)).limit(1)
}

/// Sets right who waits, after items were made free without [`join`]; to be called while nobody else works.
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

/// Until when the work of an organization waits because its workers' time of this hour is used up.
pub(crate) async fn paused_until(db: &impl ConnectionTrait, organization: &str) -> Result<Option<Timestamp>> {
    let key = (Line::Workers.code(), organization.to_owned());
    let row = Entity::find_by_id(key).one(db).await?;
    Ok(row.and_then(|row| row.paused_until).map(Timestamp::from_millis))
}

/// Milliseconds as a column holds them.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
