//! No worker outlives its server.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use recto_pipeline::{Job, PipelineMetrics, PoolSettings, WorkerPool};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::pool::nobody_else;
use crate::sample::open_bitmap;
use crate::test_engine::Conduct;
use crate::{SERVER, WORKER};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("a_busy_worker_ends_when_its_server_is_killed", || {
        a_busy_worker_ends_when_its_server_is_killed();
        Ok(())
    })]
}

/// Starts a worker, makes it hang on a page and prints its process id once it does.
pub(crate) fn be_a_server() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let pool = WorkerPool::start(PoolSettings {
            command: std::env::current_exe().expect("this executable has a path"),
            args: vec![WORKER.into()],
            count: 1,
            memory_bytes: PoolSettings::DEFAULT_MEMORY_BYTES,
            page_timeout: Duration::from_mins(10),
            remote: Vec::new(),
            metrics: PipelineMetrics::default(),
        });
        let job = Job::Page {
            number: 1,
            engine: None,
            languages: None,
            text_layer: Some(recto_domain::TextLayerUse::Ignore),
        };
        let hanging = pool.run(nobody_else(), "x", job, open_bitmap(Conduct::Hang));
        let announcing = async {
            while !processor_is_used() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            println!("{}", worker().expect("the worker runs"));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = hanging => eprintln!("an answer from a page that hangs: {answer:?}"),
            () = announcing => {}
        }
    });
    ExitCode::FAILURE
}

/// The child of this process, as `proc_pid_stat(5)` tells: field 4 is the parent.
fn worker() -> Option<i32> {
    let own = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes.into_iter().find(|pid: &i32| stat(*pid).is_some_and(|fields| fields.get(1) == Some(&own)))
}

/// Whether the worker has computed for half a second: fields 14 and 15 are hundredths of seconds.
fn processor_is_used() -> bool {
    let used = |fields: Vec<String>| fields[11].parse::<u32>().unwrap_or(0) + fields[12].parse::<u32>().unwrap_or(0);
    worker().and_then(stat).is_some_and(|fields| used(fields) >= 50)
}

/// The fields from the third on, after the name in brackets.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

fn a_busy_worker_ends_when_its_server_is_killed() {
    let mut server = Command::new(std::env::current_exe().unwrap()).arg(SERVER).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let worker = Pid::from_raw(line.trim().parse().unwrap()).unwrap();
    let worker = pidfd_open(worker, PidfdFlags::empty()).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let mut fds = [PollFd::new(&worker, PollFlags::IN)];
    let backoff = Timespec { tv_sec: 10, tv_nsec: 0 };
    assert_eq!(poll(&mut fds, Some(&backoff)), Ok(1), "the worker lives on");
}
