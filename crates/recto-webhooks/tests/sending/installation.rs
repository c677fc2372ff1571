//! A storage with an organization, and a sender that runs on it.

use std::time::Duration;

use recto_domain::record::ReadOptions;
use recto_domain::{
    BatchId, Delivery, DeliveryStatus, EventKind, OrganizationId, ProjectId, RetrySchedule, UserId, Webhook,
    WebhookContent, WebhookHeaders, WebhookId, WebhookSecret,
};
use recto_storage::{Accepted, DeliveryFilter, NewBatch, NewWebhook, Node, SealingKeys, Storage, StorageSettings};
use recto_webhooks::{Sender, SenderSettings};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &str = "sesame";

pub(crate) struct Installation {
    pub(crate) storage: Storage,
    pub(crate) node: Node,
    organization: OrganizationId,
    project: ProjectId,
    user: UserId,
    _folder: TempDir,
}

/// A sender for tests: retries at once, a short time-out, endpoints on this machine.
pub(crate) fn settings() -> SenderSettings {
    SenderSettings {
        allow_private: true,
        timeout: Duration::from_secs(10),
        schedule: RetrySchedule::new(vec![Duration::ZERO; 3]),
        poll: Duration::from_millis(20),
        ..SenderSettings::default()
    }
}

impl Installation {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = StorageSettings {
            data_dir: folder.path().to_owned(),
            sealing: Some(SealingKeys::new(b"secret")),
            ..StorageSettings::default()
        };
        let storage = Storage::open(&settings).await.unwrap();
        let node = storage.queue().join().await.unwrap();
        let organization = storage.tenants().create_organization("Ledger Ltd").await.unwrap();
        let project = storage.tenants().create_project(organization.id, "Invoices", "").await.unwrap().id;
        let (id, user) = (organization.id, organization.owner_id);
        Self { storage, node, organization: id, project, user, _folder: folder }
    }

    /// Starts a sender; it stops in good order when the token is cancelled.
    pub(crate) fn send(&self, settings: SenderSettings) -> (CancellationToken, JoinHandle<()>) {
        let stop = CancellationToken::new();
        let sender = Sender::new(self.storage.clone(), self.node.clone(), settings).unwrap();
        let running = tokio::spawn(sender.run(stop.clone()));
        (stop, running)
    }

    /// An endpoint that wants to hear of batches that were uploaded.
    pub(crate) async fn webhook(&self, url: &str) -> Webhook {
        self.webhook_with(url, WebhookHeaders::default()).await
    }

    pub(crate) async fn webhook_with(&self, url: &str, headers: WebhookHeaders) -> Webhook {
        let content = WebhookContent {
            name: "Ledger".to_owned(),
            url: url.to_owned(),
            events: vec![EventKind::BatchUploaded],
            headers,
            description: String::new(),
        };
        let secret = WebhookSecret::new(SECRET.to_owned()).unwrap();
        let new = NewWebhook { organization: self.organization, project: None, content, secret };
        self.storage.webhooks().create(new).await.unwrap()
    }

    /// Uploads a batch of one file.
    pub(crate) async fn batch(&self) -> BatchId {
        let mut receiving = self.storage.batches().begin_receiving().await.unwrap();
        let mut file = receiving.file("a.pdf".to_owned());
        file.write(b"%PDF-1.7".as_slice().into()).await.unwrap();
        let files = vec![(file.finish().await.unwrap(), ReadOptions::default())];
        let (organization, project, user) = (self.organization, self.project, self.user);
        let batch =
            NewBatch { organization, project, user, name: "March".to_owned(), template: None, metadata: None, files };
        let Accepted::New(details) = self.storage.batches().accept(receiving, batch, None).await.unwrap() else {
            panic!("the batch is new");
        };
        details.batch.id
    }

    /// The endpoint's only delivery, once it has ended.
    pub(crate) async fn ended(&self, webhook: WebhookId) -> Delivery {
        self.delivery_when(webhook, |delivery| delivery.status != DeliveryStatus::Pending).await
    }

    /// The endpoint's only delivery, once that is true of it.
    pub(crate) async fn delivery_when(&self, webhook: WebhookId, is_true: impl Fn(&Delivery) -> bool) -> Delivery {
        let filter = DeliveryFilter { webhook, status: None, page: 1, limit: 10 };
        let mut changes = self.storage.changes();
        let waiting = async {
            loop {
                let (mut deliveries, _) = self.storage.webhooks().deliveries(&filter).await.unwrap();
                assert!(deliveries.len() <= 1);
                if let Some(delivery) = deliveries.pop().filter(|delivery| is_true(delivery)) {
                    return delivery;
                }
                // Any change may be the one; missed ones do not matter, the state is looked at again.
                let _ = changes.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the delivery comes to that")
    }
}
