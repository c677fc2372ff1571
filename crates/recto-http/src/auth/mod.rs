//! Who calls, and what they may reach.
//!
//! [`identify`] runs before every route of the API and finds the token behind a request. A handler asks for it with
//! the extractor [`Caller`], for the project that a request means with [`ProjectScope`].

mod access;
mod caller;
mod credential;
mod identify;
mod jwt;
mod login;
mod project_scope;

pub(crate) use access::{
    Access, AdminEverything, AdminProjects, AdminTokens, ReadBatches, ReadHistory, ReadProjects, ReadTemplates,
    ReadUploads, ReadWebhooks, WriteBatches, WriteHistory, WriteTemplates, WriteUploads, WriteWebhooks,
};
pub(crate) use caller::Caller;
pub(crate) use identify::identify;
pub(crate) use login::login;
pub(crate) use project_scope::ProjectScope;
