use std::time::Duration;

use recto_domain::{Actor, ApiKey, Permission, Scope, Timestamp, Token, TokenId};
use recto_storage::{NewToken, StorageError, TokenChange, TokenFilter};

use crate::fixture::{Fixture, fixtures};

/// A token of the organization that may do everything.
async fn admin(f: &Fixture) -> Token {
    let key = ApiKey::generate();
    let new = NewToken::full(f.organization, None, "admin", key.hint());
    f.storage.tokens().create(new, &key.hash(b"secret")).await.unwrap()
}

fn by(token: &Token) -> Actor {
    Actor { token: Some(token.id), name: token.name.clone(), ..Actor::recto() }
}

#[tokio::test]
async fn a_change_leaves_the_rest_and_a_new_key_replaces_the_old_one() {
    for f in fixtures().await {
        let made = admin(&f).await;
        let old = ApiKey::generate().hash(b"secret");
        f.storage.tokens().regenerate(made.id, &old, "ocr_old…").await.unwrap().unwrap();
        let scopes = Some(vec![Scope::Batches]);
        let change =
            TokenChange { scopes, expires_at: Some(Some(Timestamp::from_millis(7))), ..TokenChange::default() };
        let changed = f.storage.tokens().update(made.id, change).await.unwrap().unwrap();
        let expected = Token {
            scopes: vec![Scope::Batches],
            expires_at: Some(Timestamp::from_millis(7)),
            hint: "ocr_old…".to_owned(),
            ..made.clone()
        };
        assert_eq!(changed, expected);
        let new = ApiKey::generate().hash(b"secret");
        let again = f.storage.tokens().regenerate(made.id, &new, "ocr_new…").await.unwrap().unwrap();
        assert_eq!(f.storage.tokens().by_hash(&old).await.unwrap(), None);
        assert_eq!(f.storage.tokens().by_hash(&new).await.unwrap(), Some(again));
        assert_eq!(f.storage.tokens().regenerate(TokenId::generate(), &old, "x").await.unwrap(), None);
        f.storage.tokens().revoke(made.id).await.unwrap();
        let refused = f.storage.tokens().regenerate(made.id, &old, "x").await;
        assert!(matches!(refused, Err(StorageError::TokenRevoked)));
        let refused = f.storage.tokens().update(made.id, TokenChange::default()).await;
        assert!(matches!(refused, Err(StorageError::TokenRevoked)));
    }
}

#[tokio::test]
async fn of_two_last_admins_that_revoke_each_other_one_stays() {
    for f in fixtures().await {
        let (one, two) = (admin(&f).await, admin(&f).await);
        let (first, second) = (f.storage.acting_as(by(&one)), f.storage.acting_as(by(&two)));
        let (a, b) = tokio::join!(first.tokens().revoke(two.id), second.tokens().revoke(one.id));
        let refused = |result: &Result<_, StorageError>| matches!(result, Err(StorageError::LastAdmin));
        assert!(refused(&a) != refused(&b), "{a:?} {b:?}");
        let left = [
            f.storage.tokens().get(one.id).await.unwrap().unwrap(),
            f.storage.tokens().get(two.id).await.unwrap().unwrap(),
        ];
        assert_eq!(left.iter().filter(|token| token.revoked_at.is_none()).count(), 1);
    }
}

#[tokio::test]
async fn the_last_admin_keeps_its_rights_unless_the_command_line_takes_them() {
    for f in fixtures().await {
        let last = admin(&f).await;
        let change = TokenChange { permissions: Some(vec![Permission::Read]), ..TokenChange::default() };
        let refused = f.storage.acting_as(by(&last)).tokens().update(last.id, change.clone()).await;
        assert!(matches!(refused, Err(StorageError::LastAdmin)));
        assert_eq!(f.storage.tokens().get(last.id).await.unwrap(), Some(last.clone()), "nothing was changed");
        let command_line = f.storage.acting_as(Actor::command_line());
        let changed = command_line.tokens().update(last.id, change).await.unwrap().unwrap();
        assert_eq!(changed.permissions, [Permission::Read]);
        assert!(command_line.tokens().revoke(last.id).await.unwrap().unwrap().revoked_at.is_some());
    }
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    for f in fixtures().await {
        let token = admin(&f).await;
        let now = Timestamp::from_millis(1_774_951_259_999);
        let used = async || f.storage.tokens().get(token.id).await.unwrap().unwrap();
        f.storage.tokens().touch(&token, now).await.unwrap();
        let after = used().await;
        assert_eq!(after.last_used_at, Some(Timestamp::from_millis(1_774_951_200_000)));
        f.storage.tokens().touch(&token, now.minus(Duration::from_mins(5))).await.unwrap();
        assert_eq!(used().await, after, "a node whose clock is behind, or that read the row earlier, changes nothing");
        f.storage.tokens().touch(&after, now.plus(Duration::from_millis(1))).await.unwrap();
        assert_eq!(used().await.last_used_at, Some(Timestamp::from_millis(1_774_951_260_000)));
    }
}

#[tokio::test]
async fn a_list_is_of_one_organization_newest_first() {
    for f in fixtures().await {
        let (one, two) = (admin(&f).await, admin(&f).await);
        let other = f.storage.tenants().create_organization("Other").await.unwrap();
        let filter =
            |page| TokenFilter { organization: f.organization, project: None, with_revoked: false, page, limit: 1 };
        let (first, total) = f.storage.tokens().list(&filter(1)).await.unwrap();
        assert_eq!((first[0].id, total), (two.id, 2));
        assert_eq!(f.storage.tokens().list(&filter(2)).await.unwrap().0[0].id, one.id);
        f.storage.tokens().revoke(two.id).await.unwrap();
        assert_eq!(f.storage.tokens().list(&filter(1)).await.unwrap().0[0].id, one.id);
        let revoked = TokenFilter { with_revoked: true, ..filter(1) };
        assert_eq!(f.storage.tokens().list(&revoked).await.unwrap().1, 2);
        let foreign = TokenFilter { organization: other.id, ..filter(1) };
        assert_eq!(f.storage.tokens().list(&foreign).await.unwrap(), (Vec::new(), 0));
        let of_project = TokenFilter { project: Some(f.project), ..filter(1) };
        assert_eq!(f.storage.tokens().list(&of_project).await.unwrap(), (Vec::new(), 0));
    }
}
