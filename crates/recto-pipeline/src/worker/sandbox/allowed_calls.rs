//! The system calls that a worker may make.
//!
//! Tracing workers over thousands of files showed what reading a document needs: memory, threads, the time, reading,
//! and the socket to the server. Every other call gets `ENOSYS`, as from a kernel that does not know it. Libraries are
//! made to cope with that, whatever call a newer version tries first. Calls that no library makes by itself, but that a
//! break-in would begin with, end the process instead, so that they are noticed.

use std::collections::BTreeMap;
use std::os::fd::RawFd;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Cmp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

/// Calls that affect only the process itself, whatever their arguments are.
const ALLOWED: &[i64] = &[
    // Open files: the files to read, fonts, models, the socket and standard error.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_fadvise64,
    libc::SYS_getdents64,
    libc::SYS_fstat,
    // By path too, which PDFium does for fonts and Rust for models.
    libc::SYS_newfstatat,
    libc::SYS_statx,
    // Memory.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    // Threads and their end.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getcpu,
    // Its own signals.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time and randomness.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    // The size of the machine's memory, which sorting in older C libraries asks for.
    libc::SYS_sysinfo,
];

/// Older variants that only this architecture has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[i64] = &[libc::SYS_stat, libc::SYS_lstat, libc::SYS_time];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[i64] = &[];

/// Calls that end the process: starting programs or processes, changing privileges or the system.
const HOSTILE: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_setuid,
    libc::SYS_setresuid,
    libc::SYS_capset,
];

/// The flags that glibc and musl set for a new thread. [`MORE_THAN_A_THREAD`] has those that would make it more.
const THREAD: i32 = libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
const MORE_THAN_A_THREAD: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_VFORK
    | libc::CLONE_PTRACE
    | libc::CLONE_PIDFD;

/// The flags of opening a file for anything but reading an existing one.
const MORE_THAN_READING: i32 = libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | libc::O_PATH;

/// The advice that allocators give about their memory. Merging equal pages with other processes is not included.
const ADVICE: [i32; 9] = [
    libc::MADV_NORMAL,
    libc::MADV_RANDOM,
    libc::MADV_SEQUENTIAL,
    libc::MADV_WILLNEED,
    libc::MADV_DONTNEED,
    libc::MADV_FREE,
    libc::MADV_HUGEPAGE,
    libc::MADV_NOHUGEPAGE,
    libc::MADV_DONTDUMP,
];

/// Why the filters could not be installed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    /// The filter compiler does not know this processor, or a rule is wrong.
    #[error(transparent)]
    Compile(#[from] BackendError),
    /// The kernel refused.
    #[error(transparent)]
    Apply(#[from] seccompiler::Error),
}

/// Allows only these calls to every thread of this process, permanently. `socket` is the connection to the server.
pub(super) fn allow_only(socket: RawFd) -> Result<(), FilterError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    for program in programs(arch, socket)? {
        apply_filter_all_threads(&program)?;
    }
    Ok(())
}

/// Two filters; the kernel takes the strictest of their answers.
fn programs(arch: TargetArch, socket: RawFd) -> Result<[BpfProgram; 2], BackendError> {
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    Ok([
        SeccompFilter::new(hostile(), SeccompAction::Allow, SeccompAction::KillProcess, arch)?.try_into()?,
        SeccompFilter::new(allowed(socket)?, unknown, SeccompAction::Allow, arch)?.try_into()?,
    ])
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn hostile() -> Rules {
    HOSTILE.iter().map(|&call| (call, Vec::new())).collect()
}

fn allowed(socket: RawFd) -> Result<Rules, BackendError> {
    let mut rules: Rules = ALLOWED.iter().chain(ALLOWED_HERE).map(|&call| (call, Vec::new())).collect();
    let own = i32::try_from(std::process::id()).expect("a process id is a positive i32");
    let mut allow = |call: i64, conditions: &[SeccompCondition]| -> Result<(), BackendError> {
        rules.entry(call).or_default().push(SeccompRule::new(conditions.to_vec())?);
        Ok(())
    };
    // A process may signal itself, which `abort` does.
    allow(libc::SYS_kill, &[is(0, own)?])?;
    allow(libc::SYS_tgkill, &[is(0, own)?])?;
    // Only the server can be reached: no address may be given.
    allow(libc::SYS_recvmsg, &[is(0, socket)?])?;
    allow(libc::SYS_sendto, &[is(0, socket)?, is_null(4)?])?;
    // The process may read its own limits and processors; zero stands for itself.
    allow(libc::SYS_prlimit64, &[is(0, 0)?, is_null(2)?])?;
    allow(libc::SYS_sched_getaffinity, &[is(0, 0)?])?;
    allow(libc::SYS_clone, &[within(0, THREAD | MORE_THAN_A_THREAD, THREAD)?])?;
    // No new executable memory: libraries are loaded by now, and none generates code.
    allow(libc::SYS_mmap, &[within(2, libc::PROT_EXEC, 0)?])?;
    allow(libc::SYS_mprotect, &[within(2, libc::PROT_EXEC, 0)?])?;
    for advice in ADVICE {
        allow(libc::SYS_madvise, &[is(2, advice)?])?;
    }
    for command in [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL] {
        allow(libc::SYS_fcntl, &[is(1, command)?])?;
    }
    // Names of threads and of memory areas.
    for option in [libc::PR_SET_NAME, libc::PR_SET_VMA] {
        allow(libc::SYS_prctl, &[is(0, option)?])?;
    }
    allow(libc::SYS_openat, &[within(2, MORE_THAN_READING, 0)?])?;
    #[cfg(target_arch = "x86_64")]
    allow(libc::SYS_open, &[within(1, MORE_THAN_READING, 0)?])?;
    Ok(rules)
}

/// The condition that an argument has this value.
fn is(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, Cmp::Eq, u64::from(value.cast_unsigned()))
}

/// The condition that an argument is a null pointer.
fn is_null(argument: u8) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Qword, Cmp::Eq, 0)
}

/// The condition that the bits of an argument under `mask` are those of `value`.
fn within(argument: u8, mask: i32, value: i32) -> Result<SeccompCondition, BackendError> {
    let bits = |of: i32| u64::from(of.cast_unsigned());
    SeccompCondition::new(argument, Len::Dword, Cmp::MaskedEq(bits(mask)), bits(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_compile_for_both_processors() {
        for arch in [TargetArch::x86_64, TargetArch::aarch64] {
            for program in programs(arch, 3).unwrap() {
                // `BPF_MAXINSNS` of the kernel.
                assert!(program.len() <= 4096);
            }
        }
    }

    #[test]
    fn no_call_is_both_allowed_and_hostile() {
        let allowed = allowed(3).unwrap();
        assert!(hostile().keys().all(|call| !allowed.contains_key(call)));
    }
}
