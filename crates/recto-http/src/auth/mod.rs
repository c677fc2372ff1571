//! Authentication and authorization: who calls, and what they may reach.
//!
//! [`identify`] runs before every API route and finds the token behind a request. A handler gets the token with the
//! extractor [`Caller`], and the project of a request with [`ProjectScope`].

mod access;
mod caller;
mod credential;
mod identify;
mod jwt;
pub(crate) mod login;
mod project_scope;
mod sign_ins;

pub(crate) use access::{
    Access, AdminEverything, AdminProjects, AdminTokens, ReadBatches, ReadHistory, ReadProjects, ReadTemplates,
    ReadUploads, ReadWebhooks, WriteBatches, WriteHistory, WriteTemplates, WriteUploads, WriteWebhooks,
};
pub(crate) use caller::Caller;
pub(crate) use identify::identify;
pub(crate) use jwt::{is_half_spent, renewed};
pub(crate) use project_scope::{NamedProject, ProjectScope};
pub(crate) use sign_ins::SignIns;
