//! Claims work from the queue, has worker processes do it, finds fields in what they read, and stores the results.
//!
//! [`WorkerPool`] runs files through child processes of the same executable, each of which calls [`serve`].
//! [`Pipeline`] feeds it from the database. The following rules hold:
//!
//! - **Untrusted bytes are decoded in workers only.** A worker has no privileges, and makes only the system calls that
//!   reading needs. It reaches neither the network nor other processes, and sees no files except libraries, fonts and
//!   language models. The file to read comes as an open read-only descriptor beside the request (`SCM_RIGHTS`), never
//!   as a path, and is closed once its document is done.
//! - **A worker reads files of one organization only**, so a file that compromises it cannot reach files of others.
//! - **An engine may be elsewhere.** This process asks a [`RemoteEngine`]. To the workers it looks like an engine of
//!   their own; its pictures go through the socket that they have anyway.
//! - **A bad page costs at most one worker.** The memory of a worker is limited, and each page has a deadline. A worker
//!   that crashes, hangs or runs out of memory is killed and replaced. Its page has then used up one of its attempts;
//!   the pages queued behind it have not. After the last attempt the page fails, with the reason in words. An error
//!   that an engine or a decoder *reports* is an answer, not a failure: it is stored at once and never tried again.
//! - **No worker outlives its server**, even one killed with SIGKILL. A thread in the worker notices that the socket
//!   closes and ends the process, whatever its other threads are doing.
//! - **A claimed item is leased or released.** Leases are renewed while an item waits, is worked on or is being stored.
//!   When a lease is lost, or the batch is cancelled or deleted, the worker on it is killed. The storage refuses
//!   results of items whose lease is lost, so a page is stored at most once.
//! - **A file is not read twice in the same way.** If it would be read as before, the record takes over the pages of
//!   the first record of its project. The way of reading includes what the workers report of their program and models.
//! - **Nothing is lost while the database is unavailable**: claims, results and releases are tried until they succeed.
//! - **A worker that finishes a page finds the next one in memory.** Claimed items number one and a half times the
//!   workers. There are not more, because later work waits behind them.
//! - **A file costs at most its budget.** Every attempt is counted in worker time. After two pages that ran out of
//!   time, the others have one short attempt each. When the file's budget is used up, they have none.
//! - **A document that was read never fails for lack of its fields**, and no page waits for an extractor. Fields are
//!   found in this process, on a separate thread with a deadline. An unavailable extractor is tried again; one that
//!   panics or answers nonsense is not. The record then completes without fields and says why.
//! - **The memory of the server is bounded.** Frames and answers have a greatest length. A long text layer is taken
//!   page by page after its first 4 MiB. Only the first pages of a long document are searched for fields, and only a
//!   few documents at a time.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod frame;
mod message;
mod metrics;
mod pipeline;
mod pool;
mod remote;
mod way;
mod worker;

pub use message::{Answer, Job, TemporaryFile};
pub use metrics::PipelineMetrics;
pub use pipeline::{Pipeline, PipelineSettings};
pub use pool::{Attempt, Death, PoolSettings, PoolStatus, WorkerFailure, WorkerPool};
pub use remote::{RemoteEngine, RemotePicture, RemoteProfile};
pub use worker::{UnreadableModel, WorkerError, WorkerParts, serve};
