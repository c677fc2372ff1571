//! An S3 server of a test's own: it listens on a free port of this machine, keeps its buckets in a temporary folder, and
//! can be killed and started again.

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

/// The keys that the server takes.
pub const ACCESS_KEY: &str = "recto-test";
/// The secret of [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "recto-test-secret";
/// The one bucket.
pub const BUCKET: &str = "scans";

/// A running server, or one that was killed.
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

    /// The same on the disk of a folder.
    pub fn start_in(parent: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("recto-s3-").tempdir_in(parent)?;
        std::fs::create_dir(folder.path().join(BUCKET))?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { folder, address, running: None };
        server.restart()?;
        Ok(server)
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The variables from which a process takes the keys.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, &'static str); 3] {
        [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY), ("AWS_REGION", "us-east-1")]
    }

    /// Ends the server with all its connections, whatever they are at. Its port refuses whoever comes.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.running.take() {
            runtime.shutdown_background();
        }
    }

    /// Starts it again on the same port, with what it has stored.
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

    /// Makes an object of the bucket, as if a client had sent it.
    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.path().join(BUCKET).join(key);
        std::fs::create_dir_all(path.parent().context("an object lies in its bucket")?)?;
        Ok(std::fs::write(path, bytes)?)
    }

    /// The bytes of an object of the bucket.
    pub fn read(&self, key: &str) -> Result<Vec<u8>> {
        Ok(std::fs::read(self.folder.path().join(BUCKET).join(key))?)
    }

    /// The files that it keeps: objects by bucket and key, and parts of uploads that nobody finished.
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
                    // What the server notes of objects and uploads is JSON beside them.
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
        // A runtime may not be dropped where one runs.
        self.kill();
    }
}

fn service(folder: &Path) -> Result<S3Service> {
    let files = FileSystem::new(folder).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    Ok(builder.build())
}

/// The port may be taken again at once after a kill, whatever connections to it are still remembered.
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
            // A client that leaves is no fault of the server's.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
        });
    }
}
