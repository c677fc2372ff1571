//! Wall time, processor time and peak memory of a command with all its child processes.

use std::collections::HashMap;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A sample costs milliseconds of the cores that are measured: a run is looked at soon after its start, for it may be
/// short, and then at pauses that double up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What one run took.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Of the command and all its descendants that were waited for.
    pub(crate) cpu: Duration,
    /// The greatest sum of the proportional set sizes of all processes at one moment, in bytes: memory that two
    /// processes share counts once. Sampled at least every [`LONGEST_PAUSE`].
    pub(crate) peak_bytes: u64,
}

/// Runs a command in a process group of its own until it ends.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Run> {
    let (start, cpu_before) = (Instant::now(), cpu_of_children()?);
    let mut said = tempfile::tempfile()?;
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone()?);
    let mut child = command.spawn().with_context(|| format!("{} does not start", command.get_program().display()))?;
    let leader = child.id();
    let (ended, end) = mpsc::channel::<()>();
    let sampler = std::thread::spawn(move || {
        let (mut peak_bytes, mut pause) = (0, FIRST_PAUSE);
        while end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            peak_bytes = memory_of_group(leader).max(peak_bytes);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        peak_bytes
    });
    let status = child.wait();
    let wall = start.elapsed();
    drop(ended);
    let peak_bytes = sampler.join().expect("it has nothing to panic about");
    let status = status?;
    if !status.success() {
        let mut words = String::new();
        said.rewind()?;
        // What is no text explains nothing.
        let _ = said.read_to_string(&mut words);
        bail!("it ended with {status}: {}", words.trim_end().lines().last().unwrap_or_default());
    }
    Ok(Run { wall, cpu: cpu_of_children()?.saturating_sub(cpu_before), peak_bytes })
}

/// What all children that have ended have used, as the kernel counts it in hundredths of a second: fields 16 and 17 of
/// `proc_pid_stat(5)`.
fn cpu_of_children() -> anyhow::Result<Duration> {
    const TICK_MS: u64 = 10;
    let stat = std::fs::read_to_string("/proc/self/stat").context("the kernel tells no times of processes")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // The state, field 3, is the first after the name.
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * TICK_MS))
}

fn memory_of_group(leader: u32) -> u64 {
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let mut parents: HashMap<u32, (u32, u32)> = HashMap::new();
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) else { continue };
        // The command's name is in brackets and may hold blanks; what follows is the state, the parent, the group.
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(1);
        let mut number = || fields.next().and_then(|f| f.parse().ok()).unwrap_or(0);
        parents.insert(pid, (number(), number()));
    }
    let in_group = |pid: u32| parents.get(&pid).is_some_and(|(_, group)| *group == leader);
    parents.keys().filter(|pid| in_group(**pid)).map(|pid| proportional_set(*pid)).sum()
}

fn proportional_set(pid: u32) -> u64 {
    let Ok(rollup) = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { return 0 };
    let line = rollup.lines().find_map(|l| l.strip_prefix("Pss:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024
}
