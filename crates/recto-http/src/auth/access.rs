//! What a route requires of a token: a permission in a scope, expressed as a type, so that no handler can be written
//! without it.

use recto_domain::{Permission, Scope};

/// What a route requires.
pub(crate) trait Access: Send + Sync + 'static {
    /// The required permission.
    const PERMISSION: Permission;
    /// The required scope.
    const SCOPE: Scope;
}

macro_rules! accesses {
    ($($(#[$doc:meta])* $name:ident = $permission:ident $scope:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl Access for $name {
            const PERMISSION: Permission = Permission::$permission;
            const SCOPE: Scope = Scope::$scope;
        }
    )+};
}

accesses! {
    /// See templates.
    ReadTemplates = Read Templates,
    /// Make, change and delete templates.
    WriteTemplates = Write Templates,
    /// See single uploads.
    ReadUploads = Read Uploads,
    /// Send and delete single files.
    WriteUploads = Write Uploads,
    /// See records and export them.
    ReadHistory = Read History,
    /// Correct, retry and delete records.
    WriteHistory = Write History,
    /// See batches and export them.
    ReadBatches = Read Batches,
    /// Send, retry, cancel and delete batches.
    WriteBatches = Write Batches,
    /// See webhook endpoints and their deliveries.
    ReadWebhooks = Read Webhooks,
    /// Make, change, test and delete webhook endpoints.
    WriteWebhooks = Write Webhooks,
    /// See projects.
    ReadProjects = Read Projects,
    /// Make and change projects.
    AdminProjects = Admin Projects,
    /// Manage tokens.
    AdminTokens = Admin Tokens,
    /// Read the audit log.
    AdminEverything = Admin All,
}
