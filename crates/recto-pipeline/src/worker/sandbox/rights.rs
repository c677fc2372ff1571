//! Permanently gives up the privileges of the account that started the process.

use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Gid, Uid, set_dumpable_behavior};
use rustix::thread::{
    CapabilitiesSecureBits as Bits, CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

/// The account and the group that own nothing, by the number that systems agree on.
const NOBODY: u32 = 65_534;

/// Becomes the account `nobody`, in no group but its own. Capabilities stay until [`give_up`], because a namespace may
/// need them.
pub(super) fn become_nobody() -> Result<(), Errno> {
    // The privilege to restrict the bounding set is lost with the account, so this comes first.
    lock_up()?;
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    set_thread_groups(&[])?;
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)
}

/// Gives up every capability, and prevents other processes of this account from inspecting this one.
pub(super) fn give_up() -> Result<(), Errno> {
    lock_up()?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// Makes sure that neither another account nor another program brings a capability back. A process that may not do this
/// has no relevant capabilities, and cannot gain privileges.
fn lock_up() -> Result<(), Errno> {
    match narrow() {
        Err(Errno::PERM) => Ok(()),
        other => other,
    }
}

fn narrow() -> Result<(), Errno> {
    match clear_ambient_capability_set() {
        // A kernel from before 2015 has no such set.
        Err(Errno::INVAL) | Ok(()) => {}
        Err(other) => return Err(other),
    }
    for bit in 0..u64::BITS {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // There are no more capabilities.
            Err(Errno::INVAL) => break,
            Err(other) => return Err(other),
        }
    }
    let locked = Bits::NO_ROOT_LOCKED | Bits::NO_SETUID_FIXUP_LOCKED | Bits::KEEP_CAPS_LOCKED;
    let ambient = Bits::NO_CAP_AMBIENT_RAISE | Bits::NO_CAP_AMBIENT_RAISE_LOCKED;
    set_capabilities_secure_bits(Bits::NO_ROOT | Bits::NO_SETUID_FIXUP | locked | ambient)
}
