//! What the server has promised, call by call, and whether it is so.

use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};

use crate::documents::files;
use crate::random::Random;
use crate::server::{Server, file};

const BROKEN: (&str, &[u8]) = ("broken.pdf", b"%PDF-1.7 and nothing more");

/// Whether a thing is there, as far as answers have told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    There,
    Gone,
    /// A call that would have removed it gave no success: it may have been removed or not.
    Either,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Batch,
    Token,
    Template,
    Webhook,
    Project,
}

const KINDS: [Kind; 5] = [Kind::Batch, Kind::Token, Kind::Template, Kind::Webhook, Kind::Project];

#[derive(Debug)]
struct Thing {
    kind: Kind,
    path: String,
    /// A token's own key.
    key: String,
    known: Known,
    /// A batch's first record.
    record: String,
    /// What may stand in that record's metadata; one value when it is known.
    notes: Vec<i64>,
}

/// Everything that was made, and what is known of it.
#[derive(Default)]
pub struct Ledger {
    things: Vec<Thing>,
    calls: i64,
}

impl Ledger {
    /// Makes one random call, reads back what it promised, and says whether it succeeded. Some clients hang up before
    /// they have heard.
    pub fn call(&mut self, server: &Server, random: &mut Random) -> bool {
        self.calls += 1;
        let hang_up = (random.below(5) == 0).then(|| Duration::from_millis(1 + random.below(15)));
        let there: Vec<usize> = (0..self.things.len()).filter(|&at| self.things[at].known == Known::There).collect();
        let chosen = (!there.is_empty()).then(|| there[random.below(there.len() as u64) as usize]);
        let touched = match (random.below(5), chosen) {
            (0, Some(at)) if self.things[at].kind != Kind::Project => self.remove(server, at, hang_up),
            (1 | 2, Some(at)) if self.things[at].kind == Kind::Batch => self.note(server, at, hang_up),
            _ => self.make(server, KINDS[random.below(KINDS.len() as u64) as usize], hang_up),
        };
        if let Some(at) = touched {
            self.things[at].check(server, false);
        }
        touched.is_some()
    }

    /// Makes a thing; where it stands in the ledger when that succeeded.
    fn make(&mut self, server: &Server, kind: Kind, hang_up: Option<Duration>) -> Option<usize> {
        let name = format!("{kind:?} {}", self.calls);
        let project = &server.project;
        let (path, body) = match kind {
            Kind::Batch => ("/batch/upload", Value::Null),
            Kind::Token => {
                ("/tokens", json!({"name": name, "type": "organization", "permissions": ["read"], "scopes": ["*"]}))
            }
            Kind::Template => (
                "/templates",
                json!({"name": name, "description": "", "projectId": project,
                "templateSchema": {"total": {"type": "number"}}}),
            ),
            Kind::Webhook => (
                "/webhooks",
                json!({"name": name, "projectId": project, "url": "https://recto.invalid/",
                "events": ["batch.completed"]}),
            ),
            Kind::Project => ("/projects", json!({"name": name})),
        };
        let request = server.call(Method::POST, path);
        let request = if kind == Kind::Batch {
            // Now and then one with something to read, so that the workers write too.
            let form = file(server.form(), BROKEN.0, BROKEN.1);
            let more = if self.calls % 4 == 0 { files(&["invoice.pdf"]) } else { Vec::new() };
            request.multipart(more.into_iter().fold(form, |form, (name, bytes)| file(form, name, bytes)))
        } else {
            request.json(&body)
        };
        let made = ask(request, hang_up).filter(|(status, _)| *status == 201)?.1;
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let id = text(if kind == Kind::Template { "templateId" } else { "id" });
        let path = match kind {
            Kind::Batch => format!("/batch/{id}"),
            Kind::Token => format!("/tokens/{id}"),
            Kind::Template => format!("/templates/{id}"),
            Kind::Webhook => format!("/webhooks/{id}"),
            Kind::Project => format!("/projects/{id}"),
        };
        let record = made["processingHistoryIds"][0].as_str().unwrap_or_default().to_owned();
        self.things.push(Thing { kind, path, key: text("apiKey"), known: Known::There, record, notes: vec![0] });
        Some(self.things.len() - 1)
    }

    fn remove(&mut self, server: &Server, at: usize, hang_up: Option<Duration>) -> Option<usize> {
        let thing = &mut self.things[at];
        let answer = ask(server.call(Method::DELETE, &thing.path), hang_up);
        match answer {
            Some((200..=299, _)) => {
                thing.known = Known::Gone;
                Some(at)
            }
            Some((status @ 400..=499, body)) => panic!("{} is there and DELETE answers {status}: {body}", thing.path),
            _ => {
                thing.known = Known::Either;
                None
            }
        }
    }

    /// Writes a number into the metadata of a batch's record.
    fn note(&mut self, server: &Server, at: usize, hang_up: Option<Duration>) -> Option<usize> {
        let thing = &mut self.things[at];
        let path = format!("/processing-history/{}", thing.record);
        let answer = ask(server.call(Method::PATCH, &path).json(&json!({"metadata": {"n": self.calls}})), hang_up);
        match answer {
            Some((200, _)) => {
                thing.notes = vec![self.calls];
                Some(at)
            }
            // The record has not ended yet.
            Some((400..=499, _)) => None,
            _ => {
                thing.notes.push(self.calls);
                None
            }
        }
    }

    /// Checks that everything is as it was answered.
    pub fn assert_true(&self, server: &Server) {
        for thing in &self.things {
            thing.check(server, true);
        }
    }

    /// Settles what was open. To be called after a restart only: before it, a call whose client has hung up may still
    /// be under way.
    pub fn settle(&mut self, server: &Server) {
        for thing in &mut self.things {
            if let Some((known, note)) = thing.check(server, true) {
                thing.known = known;
                thing.notes = vec![note];
            }
        }
    }
}

/// As many as the server holds to PostgreSQL.
const LOST_CONNECTIONS: usize = 16;

impl Thing {
    /// Checks that this is as it was answered, and gives what was found. Under a fault the server may be unable to
    /// say.
    fn check(&self, server: &Server, must_answer: bool) -> Option<(Known, i64)> {
        let request = match self.kind {
            Kind::Token => {
                let path = format!("/batch?projectId={}", server.project);
                server.bare(Method::GET, &path).header("X-API-Key", &self.key)
            }
            _ => server.call(Method::GET, &self.path),
        };
        let (status, body) = self.answer(&request, must_answer)?;
        let found = if status == 200 { Known::There } else { Known::Gone };
        assert!(self.known == Known::Either || self.known == found, "{status} {body}: {self:?}");
        if self.kind != Kind::Batch || found == Known::Gone {
            return Some((found, 0));
        }
        let request = server.call(Method::GET, &format!("/processing-history/{}", self.record));
        let (status, body) = self.answer(&request, must_answer)?;
        let note = body["metadata"]["n"].as_i64().unwrap_or(0);
        // A removal whose client has hung up may have come between.
        assert!(
            status == 200 && self.notes.contains(&note) || self.known == Known::Either,
            "{status} {body}: {self:?}"
        );
        Some((found, note))
    }

    /// The answer, if there is one. When nothing is wrong any more there must be, though each connection to PostgreSQL
    /// that was lost while it was idle may cost one more question.
    fn answer(&self, request: &RequestBuilder, must_answer: bool) -> Option<(u16, Value)> {
        let questions = if must_answer { LOST_CONNECTIONS + 1 } else { 1 };
        let ask_again = || request.try_clone().expect("a question has no body that is sent once");
        let answer = (0..questions).find_map(|_| ask(ask_again(), None).filter(|(status, _)| *status < 500));
        assert!(answer.is_some() || !must_answer, "nothing is wrong and there is no answer about {self:?}");
        answer
    }
}

/// The status and the body of the answer; `None` when there was none, or the client has hung up before.
fn ask(request: RequestBuilder, hang_up: Option<Duration>) -> Option<(u16, Value)> {
    let request = if let Some(after) = hang_up { request.timeout(after) } else { request };
    let response = request.send().ok()?;
    let status = response.status().as_u16();
    // It may hang up in the middle of the body too.
    let body = response.text().ok()?;
    Some((status, serde_json::from_str(&body).unwrap_or_default()))
}
