//! The system calls that a worker is refused.
//!
//! A list of what is forbidden rather than of what is allowed: allocators, thread libraries and native libraries
//! differ between distributions in what they call, and none of them needs these. A refused call fails with `EPERM`
//! instead of killing the process, since libraries try some of them and go on without.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Cmp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads,
};

/// Sockets, other programs, other processes, privileges, the shape of the system; and calls whose arguments lie in
/// memory where a filter cannot see them (`io_uring`).
const ALWAYS: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_connect,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
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
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_mknodat,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_renameat2,
    libc::SYS_truncate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setresuid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_personality,
];

/// The older spellings that only this architecture has.
#[cfg(target_arch = "x86_64")]
const ALWAYS_HERE: &[i64] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_creat,
    libc::SYS_mknod,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
];
#[cfg(not(target_arch = "x86_64"))]
const ALWAYS_HERE: &[i64] = &[];

/// Calls that hide their arguments behind a pointer, but have an older spelling that does not: libraries fall back
/// to it when the kernel says that it does not know the call.
const UNKNOWN: &[i64] = &[libc::SYS_clone3, libc::SYS_openat2];

/// Why the filters could not be set up.
#[derive(Debug, thiserror::Error)]
pub(super) enum ForbidError {
    /// This processor is not known to the compiler of filters, or a rule is wrong.
    #[error(transparent)]
    Compile(#[from] BackendError),
    /// The kernel refused.
    #[error(transparent)]
    Apply(#[from] seccompiler::Error),
}

/// Forbids the calls to every thread of this process, for good.
pub(super) fn forbid() -> Result<(), ForbidError> {
    for (rules, errno) in [(unknown(), libc::ENOSYS), (refused()?, libc::EPERM)] {
        let action = SeccompAction::Errno(errno as u32);
        let arch = TargetArch::try_from(std::env::consts::ARCH)?;
        let program: BpfProgram = SeccompFilter::new(rules, SeccompAction::Allow, action, arch)?.try_into()?;
        apply_filter_all_threads(&program)?;
    }
    Ok(())
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn unknown() -> Rules {
    UNKNOWN.iter().map(|&call| (call, Vec::new())).collect()
}

fn refused() -> Result<Rules, BackendError> {
    let mut rules: Rules = ALWAYS.iter().chain(ALWAYS_HERE).map(|&call| (call, Vec::new())).collect();
    let own = u64::from(std::process::id());
    let when = |argument, op, value| SeccompRule::new(vec![SeccompCondition::new(argument, Len::Dword, op, value)?]);
    // A process may signal itself: that is how `abort` works.
    rules.insert(libc::SYS_kill, vec![when(0, Cmp::Ne, own)?]);
    rules.insert(libc::SYS_tgkill, vec![when(0, Cmp::Ne, own)?]);
    // Zero is another name for itself.
    rules.insert(
        libc::SYS_prlimit64,
        vec![SeccompRule::new(vec![
            SeccompCondition::new(0, Len::Dword, Cmp::Ne, 0)?,
            SeccompCondition::new(0, Len::Dword, Cmp::Ne, own)?,
        ])?],
    );
    // Threads, but no processes.
    let thread = libc::CLONE_THREAD as u64;
    rules.insert(libc::SYS_clone, vec![when(0, Cmp::MaskedEq(thread), 0)?]);
    // Opening to read only.
    let opening = |flags| -> Result<Vec<SeccompRule>, BackendError> {
        let mode = |value| when(flags, Cmp::MaskedEq(libc::O_ACCMODE as u64), value as u64);
        let create = libc::O_CREAT as u64;
        Ok(vec![mode(libc::O_WRONLY)?, mode(libc::O_RDWR)?, when(flags, Cmp::MaskedEq(create), create)?])
    };
    rules.insert(libc::SYS_openat, opening(2)?);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, opening(1)?);
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_compile_for_both_processors() {
        for arch in [TargetArch::x86_64, TargetArch::aarch64] {
            for rules in [unknown(), refused().unwrap()] {
                let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(1), arch).unwrap();
                let program: BpfProgram = filter.try_into().unwrap();
                // BPF_MAXINSNS of the kernel.
                assert!(program.len() <= 4096);
            }
        }
    }
}
