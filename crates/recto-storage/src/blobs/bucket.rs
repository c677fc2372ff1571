//! An S3 bucket, or a bucket of a server that speaks the S3 protocol.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, Result as StoreResult, RetryConfig};
use url::Url;

use crate::error::{Result, StorageError};

/// Time limit for connecting, and for waiting without receiving a byte; after it, a request has failed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a failed request is retried. After that, the caller gets an error; work on pages is taken up again later.
const RETRY_TIME: Duration = Duration::from_secs(15);

/// Opens the bucket and prefix of `s3://BUCKET/PREFIX`, at the given endpoint or else at Amazon's endpoint of the
/// region. Keys, region and other settings come from the options, from the usual variables (`AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, …), or from the role of the machine. [`StorageError::BlobsUrl`] when the URL
/// names no bucket.
pub fn open_bucket(url: &Url, endpoint: Option<&str>, options: &[(String, String)]) -> Result<Arc<dyn ObjectStore>> {
    let bucket = url.host_str().filter(|_| url.query().is_none()).ok_or(StorageError::BlobsUrl)?;
    let mut builder =
        AmazonS3Builder::from_env().with_bucket_name(bucket).with_http_connector(Connector).with_retry(retry());
    for (name, value) in options {
        builder = builder.with_config(name.parse()?, value);
    }
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    let store = builder.build()?;
    let prefix = Key::from_url_path(url.path()).map_err(|_| StorageError::BlobsUrl)?;
    Ok(if prefix.as_ref().is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}

fn retry() -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: 8, retry_timeout: RETRY_TIME }
}

/// Connects with the same TLS configuration as the rest of Recto.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> StoreResult<HttpClient> {
        let failed = |source| object_store::Error::Generic { store: "S3", source };
        let tls = recto_tls::client_config().map_err(|error| failed(Box::new(error)))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build();
        Ok(HttpClient::new(client.map_err(|error| failed(Box::new(error)))?))
    }
}
