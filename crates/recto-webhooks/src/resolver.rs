//! Resolves names for deliveries, and checks every answer. A name that resolves to a forbidden address since its
//! endpoint was made is refused.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address_guard::{AddressGuard, UrlProblem};

/// The system's resolver behind an [`AddressGuard`].
pub(crate) struct GuardedResolver(pub(crate) AddressGuard);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let allowed: Addrs = Box::new(allowed(guard, name.as_str(), found)?.into_iter());
            Ok(allowed)
        })
    }
}

/// The addresses of a name, if all of them are allowed. A name with both a public and a private address is a trap.
fn allowed(guard: AddressGuard, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, UrlProblem> {
    found.iter().try_for_each(|address| guard.check_address(name, address.ip()))?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect()
    }

    #[test]
    fn one_private_answer_spoils_all() {
        let strict = AddressGuard { allow_private: false };
        let mixed = addresses(&["8.8.8.8", "::ffff:10.0.0.1"]);
        let refused = UrlProblem::NotPublic { host: "trap.example".to_owned(), why: "private" };
        assert_eq!(allowed(strict, "trap.example", mixed.clone()), Err(refused));
        let public = addresses(&["8.8.8.8", "2606:4700::1111"]);
        assert_eq!(allowed(strict, "fine.example", public.clone()), Ok(public));
        assert_eq!(allowed(AddressGuard { allow_private: true }, "inside.example", mixed.clone()), Ok(mixed));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_resolved() {
        let strict = GuardedResolver(AddressGuard { allow_private: false });
        let error = strict.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.downcast_ref::<UrlProblem>().is_some(), "{error}");
        let lenient = GuardedResolver(AddressGuard { allow_private: true });
        assert!(lenient.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
