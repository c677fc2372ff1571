//! How often the kernel has killed for lack of memory. If the count has not changed, a dead worker was killed by
//! somebody else.

use std::fs::read_to_string;
use std::path::Path;

/// The kernel's count for this control group, plus that of the whole system where it is readable. It never decreases.
pub(super) fn count() -> u64 {
    let group = own_group_events().as_deref().and_then(|events| value_of("oom_kill", events));
    let system = read_to_string("/proc/vmstat").ok().as_deref().and_then(|counters| value_of("oom_kill", counters));
    group.unwrap_or(0) + system.unwrap_or(0)
}

/// `memory.events` of cgroups(7), version 2, which has a line for each kind of event.
fn own_group_events() -> Option<String> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    read_to_string(Path::new("/sys/fs/cgroup").join(own).join("memory.events")).ok()
}

fn value_of(name: &str, lines: &str) -> Option<u64> {
    lines.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_that_name_counts_and_no_other() {
        let events = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n";
        assert_eq!(value_of("oom_kill", events), Some(2));
        assert_eq!(value_of("oom", events), Some(3));
        assert_eq!(value_of("oom_killed", events), None);
        assert_eq!(value_of("oom_kill", "oom_kill many\n"), None);
    }
}
