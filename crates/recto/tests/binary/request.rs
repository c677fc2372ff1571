//! A request that the program under test sends to a server of the test.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

pub struct Request {
    /// `/v1/models`.
    pub path: String,
    /// The value of `Authorization`; empty without one.
    pub authorization: String,
    /// Null when it is no JSON.
    pub body: Value,
}

impl Request {
    /// Reads a request; `None` when it breaks off.
    pub fn read(connection: impl Read) -> Option<Self> {
        let mut reader = BufReader::new(connection);
        let line = |reader: &mut BufReader<_>| {
            let mut line = String::new();
            (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
        };
        let path = line(&mut reader)?.split(' ').nth(1)?.to_owned();
        let (mut length, mut authorization) = (0, String::new());
        loop {
            let header = line(&mut reader)?;
            let Some((name, value)) = header.split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => value.trim().clone_into(&mut authorization),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { path, authorization, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}
