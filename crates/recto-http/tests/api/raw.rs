//! HTTP by hand, for what no client library does.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::TestServer;

/// A connection to the server.
#[derive(Debug)]
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn open(server: &TestServer) -> Self {
        Self(TcpStream::connect(&server.address).await.unwrap())
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// The head of the next answer, with what came along of its body.
    pub async fn head(&mut self) -> String {
        let mut read = Vec::new();
        let reading = async {
            while !read.windows(4).any(|w| w == b"\r\n\r\n") {
                let n = self.0.read_buf(&mut read).await.unwrap();
                assert!(n > 0, "the connection ended: {}", String::from_utf8_lossy(&read));
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reading).await.expect("the server answers");
        String::from_utf8(read).unwrap()
    }
}

/// The head of an upload whose boundary is `B`.
pub fn upload_head(key: &str, length: usize, more: &str) -> String {
    format!(
        "POST /v1/openapi/batch/upload HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\
         Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {length}\r\n{more}\r\n"
    )
}

/// The beginning of a form with a project and a file.
pub fn form_start(server: &TestServer) -> String {
    format!(
        "--B\r\nContent-Disposition: form-data; name=\"projectId\"\r\n\r\n{}\r\n\
         --B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.png\"\r\n\r\n",
        server.project
    )
}
