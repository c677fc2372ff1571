use recto_domain::{ApiKey, OrganizationId, Timestamp, TokenId};
use recto_storage::{NewToken, StorageError};

use crate::fixture::fixtures;

fn token(organization: OrganizationId) -> NewToken {
    let expires_at = Some(Timestamp::from_millis(4_000_000_000_000));
    NewToken { expires_at, ..NewToken::full(organization, None, "ci", "ocr_1a2B…".to_owned()) }
}

#[tokio::test]
async fn a_token_is_found_by_its_keys_hash_and_acts_for_the_owner() {
    for f in fixtures().await {
        let hash = ApiKey::generate().hash(b"secret");
        let new = NewToken { project: Some(f.project), ..token(f.organization) };
        let made = f.storage.tokens().create(new.clone(), &hash).await.unwrap();
        assert_eq!((made.user_id, made.project_id, made.expires_at), (f.user, Some(f.project), new.expires_at));
        assert_eq!(f.storage.tokens().by_hash(&hash).await.unwrap(), Some(made.clone()));
        assert_eq!(f.storage.tokens().of_organization(f.organization).await.unwrap(), [made]);
        let other = ApiKey::generate().hash(b"secret");
        assert_eq!(f.storage.tokens().by_hash(&other).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_revoked_token_stays_known_and_keeps_its_time() {
    for f in fixtures().await {
        let hash = ApiKey::generate().hash(b"secret");
        let made = f.storage.tokens().create(token(f.organization), &hash).await.unwrap();
        let revoked = f.storage.tokens().revoke(made.id).await.unwrap().unwrap();
        assert!(!revoked.is_valid(Timestamp::now()));
        assert_eq!(f.storage.tokens().revoke(made.id).await.unwrap(), Some(revoked.clone()));
        assert_eq!(f.storage.tokens().by_hash(&hash).await.unwrap(), Some(revoked));
        assert_eq!(f.storage.tokens().revoke(TokenId::generate()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn nothing_is_made_in_an_organization_or_project_that_is_not_there() {
    for f in fixtures().await {
        let unknown = OrganizationId::generate();
        let refused = f.storage.tenants().create_project(unknown, "P", "").await;
        assert!(matches!(refused, Err(StorageError::NotFound { what: "organization" })));
        let hash = ApiKey::generate().hash(b"secret");
        let refused = f.storage.tokens().create(token(unknown), &hash).await;
        assert!(matches!(refused, Err(StorageError::NotFound { what: "organization" })));
        let other = f.storage.tenants().create_organization("Other").await.unwrap();
        let foreign = NewToken { project: Some(f.project), ..token(other.id) };
        let refused = f.storage.tokens().create(foreign, &hash).await;
        assert!(matches!(refused, Err(StorageError::NotFound { what: "project" })));
        assert_eq!(f.storage.tenants().organizations().await.unwrap().len(), 2);
        assert_eq!(f.storage.tenants().projects(other.id).await.unwrap(), []);
        assert_eq!(f.storage.tenants().project(f.project).await.unwrap().unwrap().name, "Invoices");
    }
}

#[tokio::test]
async fn requests_are_counted_by_token_and_window() {
    for f in fixtures().await {
        let (one, two) = (TokenId::generate(), TokenId::generate());
        for expected in 1..=3 {
            assert_eq!(f.storage.tokens().count_request(one, 29_000_000).await.unwrap(), expected);
        }
        assert_eq!(f.storage.tokens().count_request(two, 29_000_000).await.unwrap(), 1);
        assert_eq!(f.storage.tokens().count_request(one, 29_000_002).await.unwrap(), 1);
        assert_eq!(f.storage.tokens().count_request(two, 29_000_000).await.unwrap(), 1, "old windows are forgotten");
    }
}

#[tokio::test]
async fn messages_show_no_sql_and_no_path() {
    for f in fixtures().await {
        let hash = ApiKey::generate().hash(b"secret");
        f.storage.tokens().create(token(f.organization), &hash).await.unwrap();
        let error = f.storage.tokens().create(token(f.organization), &hash).await.unwrap_err();
        assert_eq!(error.to_string(), "the database failed; see the log for the cause");
        assert!(std::error::Error::source(&error).is_some());
    }
}
