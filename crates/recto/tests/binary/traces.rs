//! Traces: what requests and work took arrives at a collector, in the form that OpenTelemetry agreed on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use prost::Message as _;

use crate::documents::bytes;
use crate::server::{Server, eventually};

/// A collector that keeps what it is sent.
struct Collector {
    url: String,
    received: Arc<Mutex<Vec<ResourceSpans>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                while let Some(sent) = take(connection.as_ref().unwrap()) {
                    kept.lock().unwrap().extend(sent.resource_spans);
                }
            }
        });
        Self { url, received }
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        received.iter().flat_map(|one| &one.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    fn services(&self) -> Vec<Option<Value>> {
        let received = self.received.lock().unwrap();
        let of_resource = |one: &ResourceSpans| {
            let attributes = one.resource.clone().unwrap().attributes;
            let name = attributes.into_iter().find(|attribute| attribute.key == "service.name");
            name.and_then(|name| name.value).and_then(|value| value.value)
        };
        received.iter().map(of_resource).collect()
    }
}

/// One request of a connection, answered with success; `None` at its end.
fn take(connection: &TcpStream) -> Option<ExportTraceServiceRequest> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    assert_eq!(line, "POST /v1/traces HTTP/1.1\r\n");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut writer = connection;
    writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    Some(ExportTraceServiceRequest::decode(body.as_slice()).unwrap())
}

#[test]
fn requests_and_work_are_told_to_a_collector() {
    let collector = Collector::start();
    let mut server = Server::with(&[("log.traces_url", &collector.url)]);
    let batch = server.batch([("letter.tif", bytes("letter.tif"))]);
    server.wait(&batch);
    server.signal(rustix::process::Signal::TERM, false);
    assert!(server.ended().success());
    eventually("the last spans arrive", || collector.spans().iter().any(|span| span.name == "read page"));

    let spans = collector.spans();
    let named = |name: &str| {
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| {
            let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
            panic!("no {name} among {names:?}")
        })
    };
    let text = |span: &Span, key: &str| {
        let attribute = span.attributes.iter().find(|attribute| attribute.key == key).unwrap();
        attribute.value.clone().unwrap().value
    };
    named("POST /v1/openapi/batch/upload");
    assert_eq!(text(named("open file"), "batch"), Some(Value::StringValue(batch.clone())));
    let page = named("read page");
    assert_eq!(text(page, "batch"), Some(Value::StringValue(batch)));
    assert!(page.end_time_unix_nano > page.start_time_unix_nano);
    for service in collector.services() {
        assert_eq!(service, Some(Value::StringValue("recto".to_owned())));
    }
}
