//! Webhooks of the running program: told at least once whatever is killed, and looked after on the command line.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::command::run;
use crate::request::Request;
use crate::server::Server;

const BROKEN: (&str, &[u8]) = ("broken.pdf", b"%PDF-1.7 and nothing more");
/// Deliveries to this machine.
const AT_HOME: (&str, &str) = ("webhooks.allow_private", "true");

/// An endpoint that takes what it gets, and answers 204 unless it is told to keep silent.
struct Endpoint {
    url: String,
    is_silent: Arc<AtomicBool>,
    received: Receiver<Value>,
}

impl Endpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/recto", listener.local_addr().unwrap());
        let is_silent = Arc::new(AtomicBool::new(false));
        let (sender, received) = mpsc::channel();
        let silent = Arc::clone(&is_silent);
        std::thread::spawn(move || {
            // What is not answered stays open.
            let mut kept = Vec::new();
            for mut connection in listener.incoming().map_while(Result::ok) {
                let Some(Request { body, .. }) = Request::read(&connection) else { continue };
                if sender.send(body).is_err() {
                    return;
                }
                if silent.load(Ordering::SeqCst) {
                    kept.push(connection);
                } else {
                    // A server that was killed meanwhile does not hear it.
                    let _ = connection.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
                }
            }
        });
        Self { url, is_silent, received }
    }

    /// The next event that comes.
    fn next(&self) -> Value {
        self.received.recv_timeout(Duration::from_mins(2)).expect("a delivery comes")
    }
}

/// What `recto webhook …` prints with `--json`.
fn webhook(server: &Server, arguments: &[&str]) -> Value {
    run(&[&["webhook"], arguments, &["--json"]].concat(), server.working_folder()).ok().json()
}

fn create(server: &Server, url: &str) -> Value {
    // The command reads its settings from the folder it runs in, as the server does from its environment.
    let settings = "[webhooks]\nallow_private = true\n";
    std::fs::write(server.working_folder().join("recto.toml"), settings).unwrap();
    let organization = ["create", "--organization", &server.organization, "--name", "Ledger", "--url", url];
    webhook(server, &[&organization[..], &["--event", "batch.uploaded"]].concat())
}

/// An endpoint for one request over TLS, with the certificate that speaks for it; what comes.
fn encrypted_endpoint() -> (String, String, Receiver<Value>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/recto", listener.local_addr().unwrap().port());
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, connection);
            // One that does not trust the certificate breaks off.
            let Some(Request { body, .. }) = Request::read(&mut stream) else { continue };
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            stream.conn.send_close_notify();
            let _ = stream.flush();
            if sender.send(body).is_err() {
                return;
            }
        }
    });
    (url, made.cert.pem(), received)
}

#[test]
fn deliveries_go_out_over_tls_to_whom_the_system_trusts_and_to_nobody_else() {
    let (url, certificate, received) = encrypted_endpoint();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trusted.pem");
    std::fs::write(&file, certificate).unwrap();
    let server = Server::within(&[AT_HOME], &[("SSL_CERT_FILE", file.to_str().unwrap())]);
    create(&server, &url);
    let batch = server.batch([(BROKEN.0, BROKEN.1.to_vec())]);
    let event = received.recv_timeout(Duration::from_mins(2)).expect("a delivery comes");
    assert_eq!((&event["eventType"], &event["payload"]["id"]), (&json!("batch.uploaded"), &json!(batch)));

    let stranger = Server::with(&[AT_HOME]);
    let made = create(&stranger, &url);
    let test = ["webhook", "test", made["id"].as_str().unwrap(), "--json"];
    let tested = run(&test, stranger.working_folder());
    assert!(tested.stdout.contains("certificate"), "{}{}", tested.stdout, tested.stderr);
    assert!(received.try_recv().is_err(), "nothing is said to whom nobody vouches for");
}

#[test]
fn a_server_killed_between_sending_and_recording_sends_the_same_event_again() {
    let mut server = Server::with(&[AT_HOME]);
    let endpoint = Endpoint::start();
    create(&server, &endpoint.url);
    endpoint.is_silent.store(true, Ordering::SeqCst);
    let batch = server.batch([(BROKEN.0, BROKEN.1.to_vec())]);
    let first = endpoint.next();
    server.signal(Signal::KILL, true);
    server.ended();
    endpoint.is_silent.store(false, Ordering::SeqCst);
    server.start_again();
    let again = endpoint.next();
    assert_eq!(again, first);
    assert_eq!((&again["eventType"], &again["payload"]["id"]), (&json!("batch.uploaded"), &json!(batch)));
}

#[test]
fn a_server_that_is_stopped_while_an_endpoint_hangs_ends_in_good_order() {
    let mut server = Server::with(&[AT_HOME]);
    let endpoint = Endpoint::start();
    create(&server, &endpoint.url);
    endpoint.is_silent.store(true, Ordering::SeqCst);
    server.batch([(BROKEN.0, BROKEN.1.to_vec())]);
    let first = endpoint.next();
    server.signal(Signal::TERM, false);
    assert!(server.ended().success());
    endpoint.is_silent.store(false, Ordering::SeqCst);
    server.start_again();
    assert_eq!(endpoint.next(), first);
}

#[test]
fn an_endpoint_is_looked_after_on_the_command_line() {
    let server = Server::with(&[AT_HOME]);
    let endpoint = Endpoint::start();
    let made = create(&server, &endpoint.url);
    let id = made["id"].as_str().unwrap();
    let secret = made["secret"].as_str().unwrap();
    let tested = webhook(&server, &["test", id]);
    assert_eq!((&tested["status"], &tested["attempts"][0]["responseStatus"]), (&json!("delivered"), &json!(204)));
    assert_eq!(endpoint.next()["eventType"], "webhook.test");
    assert_eq!(webhook(&server, &["deliveries", id])[0]["id"], tested["id"]);
    let shown = webhook(&server, &["show", id]);
    assert_eq!((&webhook(&server, &["list"])[0], &shown["url"]), (&shown, &json!(endpoint.url)));
    assert!(!shown.to_string().contains(secret));
    webhook(&server, &["delete", id]);
    assert_eq!(webhook(&server, &["list"]), json!([]));
}
