//! What a break-in into a worker could try: system calls made from inside one, with nothing in between.
#![allow(unsafe_code, reason = "the calls are made as an attacker would make them")]

use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::ptr::null;
use std::sync::OnceLock;

use libc::{c_long, syscall};
use libtest_mimic::{Failed, Trial};
use recto_pipeline::{Answer, Job, WorkerPool};

use crate::WORKER;
use crate::pool::{nobody_else, pool_of, trial};
use crate::sample::open_bitmap;
use crate::test_engine::Conduct;

const TRIAL: &str = "no_call_reaches_beyond_the_worker";
/// An account without rights, which is not the one that workers of root become.
const ORDINARY: u32 = 65_533;

/// How a call must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// As if the kernel had never heard of it.
    Unknown,
    /// With the process.
    Death,
    /// The file is not there, not even to be refused.
    Absent,
}
use End::{Absent, Death, Unknown};

/// The server's process id. A worker can no longer ask for it once it is shut in.
static SERVER: OnceLock<i32> = OnceLock::new();

/// To be called before a worker shuts itself in.
pub(crate) fn remember_server() {
    SERVER.get_or_init(|| std::os::unix::process::parent_id().cast_signed());
}

fn server() -> i32 {
    *SERVER.get().expect("a worker remembers its server")
}

/// A file that a worker may read, opened.
fn readable() -> i32 {
    unsafe { libc::open(c"/usr/share".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY) }
}

macro_rules! calls {
    ($($name:literal $end:ident $call:ident ($($argument:expr),*);)+) => {
        &[$(($name, $end, || unsafe { syscall(libc::$call, $($argument),*) })),+]
    };
}

const PASSWD: &std::ffi::CStr = c"/etc/passwd";
const HERE: &std::ffi::CStr = c"/tmp";
const NEW: &std::ffi::CStr = c"/tmp/a-worker-was-here";
const AT: i32 = libc::AT_FDCWD;

type Call = (&'static str, End, fn() -> c_long);

/// Every call with a name that passes for a language, which is how the engine is told of it.
#[rustfmt::skip]
const CALLS: &[Call] = calls! {
    // The server's share of the machine.
    "setpriority" Unknown SYS_setpriority(libc::PRIO_PROCESS, server(), 19);
    "getpriority" Unknown SYS_getpriority(libc::PRIO_PROCESS, server());
    "setpriority_user" Unknown SYS_setpriority(libc::PRIO_USER, 0, 19);
    "sched_setaffinity" Unknown SYS_sched_setaffinity(server(), 8, &1u64);
    "sched_getaffinity" Unknown SYS_sched_getaffinity(server(), 8, &mut 0u64);
    "sched_setscheduler" Unknown SYS_sched_setscheduler(server(), libc::SCHED_IDLE, &0i32);
    "sched_setparam" Unknown SYS_sched_setparam(server(), &0i32);
    "sched_setattr" Unknown SYS_sched_setattr(server(), &[48u32; 12], 0);
    "ioprio_set" Unknown SYS_ioprio_set(1, server(), 3 << 13);
    "prlimit_server" Unknown SYS_prlimit64(server(), libc::RLIMIT_NOFILE, &[4u64; 2], null::<u64>());
    "prlimit_read_server" Unknown SYS_prlimit64(server(), libc::RLIMIT_NOFILE, null::<u64>(), &mut [0u64; 2]);
    "prlimit_self" Unknown SYS_prlimit64(0, libc::RLIMIT_CORE, &[0u64; 2], null::<u64>());
    // Memory and queues that others share.
    "shmget" Unknown SYS_shmget(libc::IPC_PRIVATE, 4096, 0o1600);
    "shmat" Unknown SYS_shmat(0, null::<u8>(), 0);
    "shmctl" Unknown SYS_shmctl(0, libc::IPC_STAT, &mut [0u8; 256]);
    "semget" Unknown SYS_semget(libc::IPC_PRIVATE, 1, 0o1600);
    "semop" Unknown SYS_semop(0, &[0u16; 3], 1);
    "msgget" Unknown SYS_msgget(libc::IPC_PRIVATE, 0o1600);
    "msgsnd" Unknown SYS_msgsnd(0, &[1u64; 2], 8, libc::IPC_NOWAIT);
    "mq_open" Unknown SYS_mq_open(c"recto".as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o600, null::<u8>());
    "mq_unlink" Unknown SYS_mq_unlink(c"recto".as_ptr());
    "memfd_create" Unknown SYS_memfd_create(c"x".as_ptr(), 0);
    "madvise_mergeable" Unknown SYS_madvise(null::<u8>(), 0, libc::MADV_MERGEABLE);
    // Files watched and blocked.
    "inotify_init1" Unknown SYS_inotify_init1(0);
    "fanotify_init" Unknown SYS_fanotify_init(0, 0);
    "flock" Unknown SYS_flock(readable(), libc::LOCK_EX | libc::LOCK_NB);
    "lock" Unknown SYS_fcntl(readable(), libc::F_SETLK, &[0u64; 4]);
    "lease" Unknown SYS_fcntl(readable(), libc::F_SETLEASE, libc::F_RDLCK);
    "notify" Unknown SYS_fcntl(readable(), libc::F_NOTIFY, 1);
    "set_owner" Unknown SYS_fcntl(0, libc::F_SETOWN, server());
    "set_flags" Unknown SYS_fcntl(0, libc::F_SETFL, libc::O_ASYNC | libc::O_NONBLOCK);
    "ioctl" Unknown SYS_ioctl(2, libc::TIOCSTI, c"x".as_ptr());
    // Files looked at, written and made.
    "stat" Absent SYS_newfstatat(AT, PASSWD.as_ptr(), &mut [0u8; 512], 0);
    "statx" Absent SYS_statx(AT, PASSWD.as_ptr(), 0, 0xfff, &mut [0u8; 512]);
    "stat_here" Absent SYS_newfstatat(AT, HERE.as_ptr(), &mut [0u8; 512], 0);
    "stat_sources" Absent SYS_newfstatat(AT, concat!(env!("CARGO_MANIFEST_DIR"), "\0").as_ptr(), &mut [0u8; 512], 0);
    "stat_server" Absent SYS_newfstatat(AT, c"/proc/1".as_ptr(), &mut [0u8; 512], 0);
    "open" Absent SYS_openat(AT, PASSWD.as_ptr(), libc::O_RDONLY);
    "open_above" Absent SYS_openat(AT, c"../../../../etc/passwd".as_ptr(), libc::O_RDONLY);
    "open_path" Unknown SYS_openat(AT, c"/usr".as_ptr(), libc::O_PATH);
    "open_to_write" Unknown SYS_openat(AT, NEW.as_ptr(), libc::O_WRONLY | libc::O_CREAT, 0o600);
    "open_both" Unknown SYS_openat(AT, c"/usr/share".as_ptr(), libc::O_RDWR);
    "open_nameless" Unknown SYS_openat(AT, HERE.as_ptr(), libc::O_TMPFILE | libc::O_RDWR, 0o600);
    "openat2" Unknown SYS_openat2(AT, PASSWD.as_ptr(), &[0u64; 3], 24);
    "faccessat" Unknown SYS_faccessat(AT, PASSWD.as_ptr(), 0);
    "faccessat2" Unknown SYS_faccessat2(AT, PASSWD.as_ptr(), 0, 0);
    "readlinkat" Unknown SYS_readlinkat(AT, c"/proc/self/exe".as_ptr(), &mut [0u8; 64], 64);
    "statfs" Unknown SYS_statfs(c"/".as_ptr(), &mut [0u8; 256]);
    "getcwd" Unknown SYS_getcwd(&mut [0u8; 64], 64);
    "chdir" Unknown SYS_chdir(HERE.as_ptr());
    "truncate" Unknown SYS_truncate(NEW.as_ptr(), 0);
    "ftruncate" Unknown SYS_ftruncate(0, 0);
    "fallocate" Unknown SYS_fallocate(0, 0, 0, 1);
    "fchmod" Unknown SYS_fchmod(readable(), 0o777);
    "fchmodat" Unknown SYS_fchmodat(AT, HERE.as_ptr(), 0o777);
    "fchown" Unknown SYS_fchown(readable(), 0, 0);
    "fchownat" Unknown SYS_fchownat(AT, HERE.as_ptr(), 0, 0, 0);
    "utimensat" Unknown SYS_utimensat(AT, HERE.as_ptr(), null::<u64>(), 0);
    "setxattr" Unknown SYS_setxattr(HERE.as_ptr(), c"user.x".as_ptr(), c"x".as_ptr(), 1, 0);
    "getxattr" Unknown SYS_getxattr(HERE.as_ptr(), c"user.x".as_ptr(), &mut [0u8; 8], 8);
    "mknodat" Unknown SYS_mknodat(AT, NEW.as_ptr(), libc::S_IFIFO | 0o600, 0);
    "mkdirat" Unknown SYS_mkdirat(AT, NEW.as_ptr(), 0o700);
    "unlinkat" Unknown SYS_unlinkat(AT, NEW.as_ptr(), 0);
    "linkat" Unknown SYS_linkat(AT, PASSWD.as_ptr(), AT, NEW.as_ptr(), 0);
    "symlinkat" Unknown SYS_symlinkat(PASSWD.as_ptr(), AT, NEW.as_ptr());
    "renameat2" Unknown SYS_renameat2(AT, HERE.as_ptr(), AT, NEW.as_ptr(), 0);
    "sync" Unknown SYS_sync();
    // Other processes.
    "kill" Unknown SYS_kill(server(), 0);
    "kill_group" Unknown SYS_kill(0, 0);
    "kill_all" Unknown SYS_kill(-1, 0);
    "tkill" Unknown SYS_tkill(server(), 0);
    "tgkill" Unknown SYS_tgkill(server(), server(), 0);
    "rt_sigqueueinfo" Unknown SYS_rt_sigqueueinfo(server(), libc::SIGUSR1, &[0u8; 128]);
    "pidfd_open" Unknown SYS_pidfd_open(server(), 0);
    "pidfd_send_signal" Unknown SYS_pidfd_send_signal(0, 0, null::<u8>(), 0);
    "pidfd_getfd" Death SYS_pidfd_getfd(0, 0, 0);
    "ptrace" Death SYS_ptrace(libc::PTRACE_ATTACH, server(), 0, 0);
    "process_vm_readv" Death SYS_process_vm_readv(server(), &[0u64; 2], 1, &[0u64; 2], 1, 0);
    "process_vm_writev" Death SYS_process_vm_writev(server(), &[0u64; 2], 1, &[0u64; 2], 1, 0);
    "process_madvise" Unknown SYS_process_madvise(0, &[0u64; 2], 1, libc::MADV_COLD, 0);
    "move_pages" Unknown SYS_move_pages(server(), 0, null::<u8>(), null::<u8>(), null::<u8>(), 0);
    "kcmp" Unknown SYS_kcmp(server(), server(), 0, 0, 0);
    "get_robust_list" Unknown SYS_get_robust_list(server(), &mut 0u64, &mut 0u64);
    "getpgid" Unknown SYS_getpgid(server());
    "setpgid" Unknown SYS_setpgid(0, 0);
    "setsid" Unknown SYS_setsid();
    "wait4" Unknown SYS_wait4(-1, null::<u8>(), libc::WNOHANG, null::<u8>());
    // New processes, programs and code.
    "fork" Unknown SYS_clone(libc::SIGCHLD, 0, 0, 0, 0);
    "clone_account" Unknown SYS_clone(libc::CLONE_NEWUSER | libc::SIGCHLD, 0, 0, 0, 0);
    "clone3" Unknown SYS_clone3(&[0u64; 11], 88);
    "execve" Death SYS_execve(c"/bin/true".as_ptr(), null::<u8>(), null::<u8>());
    "execveat" Death SYS_execveat(0, c"".as_ptr(), null::<u8>(), null::<u8>(), libc::AT_EMPTY_PATH);
    "mmap_code" Unknown SYS_mmap(0, 4096, libc::PROT_READ | libc::PROT_EXEC, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
    "mprotect_code" Unknown SYS_mprotect(0, 0, libc::PROT_EXEC);
    "pkey_mprotect" Unknown SYS_pkey_mprotect(0, 0, libc::PROT_EXEC, -1);
    // The network, and descriptors sent elsewhere.
    "socket_inet" Unknown SYS_socket(libc::AF_INET, libc::SOCK_STREAM, 0);
    "socket_unix" Unknown SYS_socket(libc::AF_UNIX, libc::SOCK_STREAM, 0);
    "socket_netlink" Unknown SYS_socket(libc::AF_NETLINK, libc::SOCK_RAW, 0);
    "socketpair" Unknown SYS_socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, &mut 0u64);
    "connect" Unknown SYS_connect(0, c"x".as_ptr(), 2);
    "bind" Unknown SYS_bind(0, c"x".as_ptr(), 2);
    "listen" Unknown SYS_listen(0, 1);
    "accept4" Unknown SYS_accept4(0, 0, 0, 0);
    "sendmsg" Unknown SYS_sendmsg(0, &[0u64; 7], 0);
    "sendto_other" Unknown SYS_sendto(2, c"x".as_ptr(), 1, 0, 0, 0);
    "recvmsg_other" Unknown SYS_recvmsg(2, &mut [0u64; 7], 0);
    "setsockopt" Unknown SYS_setsockopt(0, libc::SOL_SOCKET, libc::SO_SNDBUF, &1i32, 4);
    "getsockopt" Unknown SYS_getsockopt(0, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut [0u32; 3], &mut 12u32);
    "shutdown" Unknown SYS_shutdown(0, libc::SHUT_RDWR);
    // Doors into the kernel.
    "io_uring_setup" Unknown SYS_io_uring_setup(1, &mut [0u8; 120]);
    "io_setup" Unknown SYS_io_setup(1, &mut 0u64);
    "bpf" Death SYS_bpf(0, &[0u8; 64], 64);
    "perf_event_open" Death SYS_perf_event_open(&[0u8; 128], 0, -1, -1, 0);
    "userfaultfd" Death SYS_userfaultfd(0);
    "keyctl" Death SYS_keyctl(0, -3, 0);
    "add_key" Death SYS_add_key(c"user".as_ptr(), c"x".as_ptr(), c"x".as_ptr(), 1, -3);
    "request_key" Death SYS_request_key(c"user".as_ptr(), c"x".as_ptr(), 0, 0);
    "seccomp" Unknown SYS_seccomp(1, 0, &[0u64; 2]);
    "prctl_dumpable" Unknown SYS_prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0);
    "prctl_tracer" Unknown SYS_prctl(libc::PR_SET_PTRACER, -1, 0, 0, 0);
    "prctl_keep" Unknown SYS_prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0);
    // Rights, and the shape of the system.
    "setuid" Death SYS_setuid(0);
    "setresuid" Death SYS_setresuid(0, 0, 0);
    "setgroups" Unknown SYS_setgroups(0, null::<u32>());
    "capset" Death SYS_capset(&[0x2008_0522u32, 0], &[0u32; 6]);
    "unshare" Death SYS_unshare(libc::CLONE_NEWUSER);
    "setns" Death SYS_setns(0, 0);
    "chroot" Death SYS_chroot(c"/usr/share".as_ptr());
    "pivot_root" Death SYS_pivot_root(c"/".as_ptr(), c"/".as_ptr());
    "mount" Death SYS_mount(c"x".as_ptr(), c"/usr".as_ptr(), c"tmpfs".as_ptr(), 0, 0);
    "umount2" Death SYS_umount2(c"/usr/share".as_ptr(), 0);
    "move_mount" Death SYS_move_mount(0, c"".as_ptr(), AT, c"/".as_ptr(), 4);
    "fsopen" Death SYS_fsopen(c"tmpfs".as_ptr(), 0);
    "open_tree" Unknown SYS_open_tree(AT, c"/".as_ptr(), 0);
    "name_to_handle_at" Unknown SYS_name_to_handle_at(AT, c"/usr".as_ptr(), &mut [128u32; 40], &mut 0i32, 0);
    "open_by_handle_at" Death SYS_open_by_handle_at(AT, &[0u32; 8], 0);
    "init_module" Death SYS_init_module(null::<u8>(), 0, c"".as_ptr());
    "finit_module" Death SYS_finit_module(0, c"".as_ptr(), 0);
    "delete_module" Death SYS_delete_module(c"x".as_ptr(), 0);
    "kexec_load" Death SYS_kexec_load(0, 0, null::<u8>(), 0);
    "reboot" Death SYS_reboot(0, 0, 0, 0);
    "swapon" Death SYS_swapon(NEW.as_ptr(), 0);
    "swapoff" Death SYS_swapoff(NEW.as_ptr());
    "acct" Unknown SYS_acct(null::<u8>());
    "quotactl" Unknown SYS_quotactl(0, null::<u8>(), 0, null::<u8>());
    "syslog" Unknown SYS_syslog(10, null::<u8>(), 0);
    "sethostname" Unknown SYS_sethostname(c"x".as_ptr(), 1);
    "uname" Unknown SYS_uname(&mut [0u8; 512]);
    "settimeofday" Unknown SYS_settimeofday(null::<u8>(), null::<u8>());
    "clock_settime" Unknown SYS_clock_settime(0, null::<u8>());
    "clock_adjtime" Unknown SYS_clock_adjtime(0, &mut [0u64; 32]);
    "personality" Unknown SYS_personality(0xffff_ffffu32);
    "vhangup" Unknown SYS_vhangup();
};

/// Makes the call of that name; what became of it, as a word.
pub(crate) fn make(name: &str) -> String {
    let (_, _, call) = CALLS.iter().find(|(known, ..)| *known == name).expect("a call of the table");
    if call() >= 0 {
        return "done".to_owned();
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::ENOSYS) => "unknown".to_owned(),
        Some(libc::ENOENT) => "absent".to_owned(),
        other => format!("{other:?}"),
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    let as_ordinary_account = Trial::test("nor_does_one_of_a_worker_that_was_never_root", || {
        let again =
            this_program_as(ORDINARY).args(["--exact", TRIAL]).status().map_err(|e| Failed::from(e.to_string()))?;
        if again.success() { Ok(()) } else { Err("it failed as an ordinary account".into()) }
    });
    // Only root can become somebody else, and only where others may read this program.
    let possible = rustix::process::geteuid().is_root()
        && this_program_as(ORDINARY).arg("--list").output().is_ok_and(|listed| listed.status.success());
    vec![
        trial(TRIAL, no_call_reaches_beyond_the_worker()),
        as_ordinary_account.with_ignored_flag(!possible),
        trial("a_worker_has_no_rights", a_worker_has_no_rights()),
    ]
}

fn this_program_as(account: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this executable has a path"));
    command.uid(account).gid(account);
    command
}

async fn read(pool: &WorkerPool, conduct: Conduct, language: &str) -> Result<String, String> {
    let languages = Some(language.parse().expect("a name passes for a language"));
    let job = Job::Page { number: 1, engine: None, languages, text_layer: None };
    match pool.run(nobody_else(), language, job, open_bitmap(conduct)).await {
        Ok(Answer::Page(page)) => Ok(page.text()),
        Ok(other) => panic!("no page but {other:?}"),
        Err(failure) => Err(failure.to_string()),
    }
}

async fn no_call_reaches_beyond_the_worker() {
    let pool = pool_of(WORKER, 1);
    let mut wrong = Vec::new();
    for (name, end, _) in CALLS {
        let outcome = read(&pool, Conduct::Call, name).await;
        let apart = pool.status().borrow().walls.iter().any(|wall| wall.contains("namespaces"));
        let right = match (end, &outcome) {
            (Unknown, Ok(word)) => word == "unknown",
            (Death, Err(failure)) => failure == "the worker crashed (forbidden system call)",
            // Where the system grants no namespaces, files can be seen to exist; that is told of.
            (Absent, Ok(word)) => word == "absent" || !apart && word != "done" || !apart && name.starts_with("stat"),
            _ => false,
        };
        if !right {
            wrong.push(format!("{name}: {outcome:?} instead of {end:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "of {} calls", CALLS.len());
}

async fn a_worker_has_no_rights() {
    let pool = pool_of(WORKER, 1);
    let worker = read(&pool, Conduct::Identify, "eng").await.unwrap();
    let status = std::fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(field(set), "0000000000000000", "{set}");
    }
    assert_eq!((field("NoNewPrivs:"), field("Seccomp:")), ("1".to_owned(), "2".to_owned()));
    if rustix::process::geteuid().is_root() {
        assert_eq!(
            (field("Uid:"), field("Gid:")),
            ("65534\t65534\t65534\t65534".into(), "65534\t65534\t65534\t65534".into())
        );
        assert_eq!((field("Groups:"), field("CapBnd:")), (String::new(), "0000000000000000".to_owned()));
    }
}
