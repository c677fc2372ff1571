//! An S3 server for tests. It listens on a free port of this machine, keeps its buckets in a temporary folder, and can
//! be killed and started again.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;

/// The access key that the server accepts.
pub const ACCESS_KEY: &str = "recto-test";
/// The secret key for [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "recto-test-secret";
/// The name of the only bucket.
pub const BUCKET: &str = "scans";

/// A server that is running or was killed.
#[derive(Debug)]
pub struct S3 {
    folder: TempDir,
    address: SocketAddr,
    running: Option<Runtime>,
}

impl S3 {
    /// Starts a server with an empty bucket.
    pub fn start() -> Result<Self> {
        Self::start_in(&std::env::temp_dir())
    }

    /// Like [`S3::start`], on the disk of the folder `parent`.
    pub fn start_in(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("recto-s3-").tempdir_in(parent)?;
        std::fs::create_dir(folder.path().join(BUCKET))?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { folder, address, running: None };
        server.restart()?;
        Ok(server)
    }

    /// The URL of the server.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment variables from which a process takes the keys.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, &'static str); 3] {
        [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_REGION", "us-east-1")]
    }

    /// Stops the server with all its connections, whatever they are doing. Its port then refuses connections.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.running.take() {
            runtime.shutdown_background();
        }
    }

    /// Starts the server again on the same port, with the objects that it has stored.
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let service = service(self.folder.path())?;
        let listener = {
            let _within = runtime.enter();
            listen(self.address).context("the port is taken")?
        };
        self.address = listener.local_addr()?;
        runtime.spawn(serve(listener, service));
        self.running = Some(runtime);
        Ok(())
    }

    /// Creates an object in the bucket, as if a client had sent it.
    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.path().join(BUCKET).join(key);
        std::fs::create_dir_all(path.parent().context("an object lies in its bucket")?)?;
        Ok(std::fs::write(path, bytes)?)
    }

    /// The bytes of an object in the bucket.
    pub fn read(&self, key: &str) -> Result<Vec<u8>> {
        Ok(std::fs::read(self.folder.path().join(BUCKET).join(key))?)
    }

    /// The files that the server stores: objects by bucket and key, and the parts of unfinished uploads.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.strip_prefix(self.folder.path())?.to_string_lossy().into_owned();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_none_or(|extension| extension != "json") {
                    // The server's metadata of objects and uploads is JSON beside them.
                    files.push(name);
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        // A runtime must not be dropped inside another one.
        self.kill();
    }
}

fn service(folder: &Path) -> Result<S3Service> {
    let files = FileSystem::new(folder).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    Ok(builder.build())
}

/// The port can be reused immediately after a kill, even while the system still tracks old connections.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(128)
}

async fn serve(listener: TcpListener, service: S3Service) {
    while let Ok((socket, _)) = listener.accept().await {
        let service = service.clone();
        tokio::spawn(async move {
            // It is no error of the server when a client disconnects.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
        });
    }
}
