//! A language model beside the rules, from the settings to the fields of a record: the model is a stand-in that speaks
//! the protocol.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use crate::command::{Said, recto, run};
use crate::documents::{bytes, path};
use crate::fields::made;
use crate::request::Request;
use crate::server::{Server, file};

/// A model that always says the same.
struct Model {
    url: String,
    received: Receiver<Request>,
}

impl Model {
    fn start(says: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (sender, received) = mpsc::channel();
        let message = json!({"role": "assistant", "content": says.to_string()});
        let completion = json!({"choices": [{"message": message, "finish_reason": "stop"}]});
        let models = json!({"object": "list", "data": [{"id": "stand-in:latest"}]});
        std::thread::spawn(move || {
            for mut connection in listener.incoming().map_while(Result::ok) {
                let Some(request) = Request::read(&connection) else { continue };
                let body = if request.path.ends_with("/models") { &models } else { &completion }.to_string();
                let head = format!("Content-Type: application/json\r\nContent-Length: {}", body.len());
                let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\nConnection: close\r\n\r\n{body}");
                // The program may have been stopped meanwhile.
                let _ = connection.write_all(answer.as_bytes());
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { url, received }
    }

    /// The settings that lead to it.
    fn settings(&self) -> [(&'static str, &str); 3] {
        [("extract.llm.url", self.url.as_str()), ("extract.llm.model", "stand-in"), ("extract.llm.api_key", "sk-test")]
    }

    /// As a file of settings.
    fn toml(&self) -> String {
        format!("[extract.llm]\nurl = \"{}\"\nmodel = \"stand-in\"\napi_key = \"sk-test\"\n", self.url)
    }
}

/// What no rule knows, and what stands on the invoice; the second of the two is invented.
fn said() -> Value {
    json!({"first plan": "Small Business StandardExchange 2010", "voucher": "SUMMER-2014"})
}

fn schema() -> Value {
    json!({"first plan": {"type": "string"}, "voucher": {"type": "string"}, "invoiceNumber": {"type": "string"}})
}

#[test]
fn fields_that_rules_do_not_find_are_the_models_when_they_stand_in_the_document() {
    let model = Model::start(&said());
    let server = Server::with(&model.settings());
    let form = server.form().text("templateId", made(&server, &schema()));
    let sent = server.send(file(form, "invoice.pdf", bytes("invoice.pdf")));
    assert_eq!(server.wait(sent.body["id"].as_str().unwrap())["status"], "completed");
    let record = sent.body["processingHistoryIds"][0].as_str().unwrap();
    let record = server.get(&format!("/processing-history/{record}")).body;
    let details = &record["fieldDetails"];
    let plan = &details["first plan"];
    assert_eq!((&plan["value"], &plan["source"], &plan["page"]), (&said()["first plan"], &json!("llm"), &json!(1)));
    assert_eq!((&details["voucher"]["value"], &details["voucher"]["source"]), (&json!(null), &json!(null)));
    let number = &details["invoiceNumber"];
    assert_eq!((&number["value"], &number["source"]), (&json!("30064443"), &json!("rules")));
    assert_eq!(record["warnings"], json!([]));

    let request = model.received.recv().unwrap();
    assert_eq!((request.path.as_str(), request.authorization.as_str()), ("/v1/chat/completions", "Bearer sk-test"));
    let schema = &request.body["response_format"]["json_schema"]["schema"];
    assert_eq!(schema["required"], json!(["first plan", "voucher"]));
    assert!(request.body["messages"][1]["content"].as_str().unwrap().contains("--- page 2 ---"));
    assert!(!server.log().contains("sk-test"));
}

#[test]
fn run_asks_the_model_of_its_settings_file() {
    let model = Model::start(&said());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recto.toml"), model.toml()).unwrap();
    std::fs::write(folder.path().join("invoice.json"), schema().to_string()).unwrap();
    let invoice = path("invoice.pdf");
    let said = run(&["run", invoice.to_str().unwrap(), "--template", "invoice.json"], folder.path()).ok().json();
    assert_eq!(said["documents"][0]["fieldDetails"]["first plan"]["source"], "llm");
}

#[test]
fn doctor_says_whether_the_model_is_there_and_nothing_shows_its_key() {
    let model = Model::start(&said());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("recto.toml"), model.toml()).unwrap();
    let check = |said: Said| {
        assert!(!said.stdout.contains("sk-test") && !said.stderr.contains("sk-test"));
        let findings = said.json();
        findings.as_array().unwrap().iter().find(|finding| finding["check"] == "language model").unwrap().clone()
    };
    let there = check(run(&["doctor", "--json"], folder.path()));
    assert_eq!((&there["ok"], &there["found"]), (&json!(true), &json!(format!("stand-in at {}", model.url))));
    let mut doctor = recto(&["doctor", "--json"], folder.path());
    let missing = check(Said::of(doctor.env("RECTO__EXTRACT__LLM__MODEL", "other")));
    assert_eq!(missing["found"], format!("{} has no model other; it has stand-in:latest", model.url));
    let mut doctor = recto(&["doctor", "--json"], folder.path());
    let away = check(Said::of(doctor.env("RECTO__EXTRACT__LLM__URL", "http://127.0.0.1:1/v1")));
    assert!(away["found"].as_str().unwrap().ends_with("cannot connect: nothing is listening there"), "{away}");
    assert!(!run(&["config"], folder.path()).ok().stdout.contains("sk-test"));
}
