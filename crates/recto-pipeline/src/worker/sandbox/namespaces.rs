//! Namespaces of the worker's own: a separate file tree, and no network.
#![allow(unsafe_code, reason = "rustix marks `unshare` as unsafe for the sake of one flag that is not used here")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change, mount_remount, unmount,
};
use rustix::process::{DumpableBehavior, chdir, getegid, geteuid, pivot_root, set_dumpable_behavior, umask};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Where the new tree is built. Every system has this folder, and the worker needs nothing in it.
const SITE: &str = "/proc";

/// Moves this process, which has one thread, into namespaces of its own in which only these files exist.
///
/// This needs the privileges of root, or else a user namespace (`own_account`) in which this account has them.
pub(super) fn enter(own_account: bool, readable: &[&Path]) -> io::Result<bool> {
    // The namespaces of host names and of System V IPC are not needed, because the system call filter blocks both.
    let kinds = UnshareFlags::NEWNS | UnshareFlags::NEWNET;
    let account = if own_account { UnshareFlags::NEWUSER } else { UnshareFlags::empty() };
    let (user, group) = (geteuid(), getegid());
    // SAFETY: the flag that could pull descriptors away from under other threads, `FILES`, is not among them.
    match unsafe { unshare_unsafe(kinds | account) } {
        // A system that allows it to nobody has refused it to root too. The caller then tries the other way.
        Err(_) if !own_account => return Ok(false),
        // The kernel reports that the limit on their number is reached. It is zero where they are switched off.
        Err(Errno::NOSPC) => return Err(io::Error::other("the system does not allow them")),
        other => other?,
    }
    if own_account {
        // A process that has changed its account may write here only after it declares itself dumpable.
        set_dumpable_behavior(DumpableBehavior::Dumpable)?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("{0} {0} 1", user.as_raw()))?;
        fs::write("/proc/self/gid_map", format!("{0} {0} 1", group.as_raw()))?;
    }
    move_into_new_tree(readable)?;
    Ok(true)
}

fn move_into_new_tree(readable: &[&Path]) -> io::Result<()> {
    // Mounts made here must not become visible elsewhere.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let empty = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("recto", SITE, "tmpfs", empty, c"size=1m,mode=0755")?;
    // Folders of the new tree are readable for all, whatever the umask of the server.
    umask(Mode::from_raw_mode(0o022));
    let mut placed: Vec<&Path> = Vec::new();
    for &path in readable {
        if !placed.iter().any(|above| path.starts_with(above)) {
            place(path)?;
            placed.push(path);
        }
    }
    mount_remount(SITE, empty | MountFlags::RDONLY, c"")?;
    chdir(SITE)?;
    // With both arguments equal, the old tree is mounted on top of the new one, from where it is unmounted.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    Ok(chdir("/")?)
}

/// Puts a folder or file into the new tree, at the same path.
fn place(path: &Path) -> io::Result<()> {
    let inside = path.strip_prefix("/").map_err(|_| io::Error::other("a readable path is not absolute"))?;
    let target: PathBuf = Path::new(SITE).join(inside);
    if path.is_dir() {
        fs::create_dir_all(&target)?;
    } else {
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::File::create(&target)?;
    }
    mount_bind_recursive(path, &target)?;
    // A mount on a file system with stricter flags cannot be remounted with these. Landlock prevents writing anyway.
    let _ = mount_remount(&target, MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV, c"");
    Ok(())
}
