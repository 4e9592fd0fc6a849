//! One operation of a component, with recorded replies in the place of its far side: what an integration team debugs
//! with.

mod readable;
mod requests;

pub use crate::egress::recorded::{RecordedReply, SeenRequest};

use crate::component::{Checked, Files, Loaded, Loader};
use crate::config::RuntimeConfig;
use crate::egress::Recorded;
use crate::payment::PaymentProvider;
use crate::runtime::{StartError, loader};
use crate::state::MemoryStateStore;
use crate::supplier::Supplier;
use bytes::Bytes;
use interline_domain::fault::Fault;
use interline_domain::payment::WebhookError;
use jiff::Timestamp;
use requests::Requests;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// Why an operation cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The engine or the artifacts' folder.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The component's files.
    #[error("{0}")]
    Component(String),
    /// The contract has no such operation for this kind of component.
    #[error("`{0}` is no operation of this component; there are: {1}")]
    Operation(String, String),
    /// The request does not have the operation's form.
    #[error("the request does not fit: {0}")]
    Request(#[from] serde_json::Error),
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Replayed {
    /// The normalised result, or the typed error.
    pub result: Result<Value, Fault>,
    /// What the component asked its far side, in order.
    pub requests: Vec<SeenRequest>,
    /// What it printed, if it failed: the place of a panic.
    pub printed: String,
}

/// A component, to be replayed any number of times.
pub struct Replayer {
    loader: Loader,
    checked: Checked,
}

const SUPPLIER: [&str; 8] =
    ["search", "check-price", "create", "retrieve", "find-order", "issue", "quote-cancel", "cancel"];
const PAYMENT: [&str; 6] = ["create", "retrieve", "cancel", "refund", "retrieve-refund", "interpret-webhook"];

impl Replayer {
    /// Loads `NAME.wasm` with the `NAME.toml` beside it.
    pub async fn open(config: &RuntimeConfig, wasm: &Path) -> Result<Self, ReplayError> {
        let loader = loader(config, Arc::new(MemoryStateStore::default()))?;
        let files = Files::read(wasm).map_err(ReplayError::Component)?;
        let opening = tokio::task::spawn_blocking(move || {
            let checked = loader.check(&files)?;
            Ok::<_, String>(Self { loader, checked })
        });
        let opened = opening.await.map_err(|error| ReplayError::Component(error.to_string()))?;
        opened.map_err(ReplayError::Component)
    }

    /// Runs an operation. Replies are given in order, the last one again when more are asked for. Parts of the request
    /// that are not given are made up; its form is that of the runtime's request types, tokens as text.
    pub async fn run(
        &self,
        operation: &str,
        replies: Vec<RecordedReply>,
        request: Option<Value>,
    ) -> Result<Replayed, ReplayError> {
        let recorded = Arc::new(Recorded::new(replies.clone()));
        let loaded = self.loader.load_recorded(&self.checked, Arc::clone(&recorded)).await;
        let requests = Requests::new(request.unwrap_or_default());
        let result = match loaded.map_err(ReplayError::Component)? {
            Loaded::Supplier(supplier) => supplier_call(&*supplier, operation, &requests).await?,
            Loaded::Payment(payment) => payment_call(&*payment, operation, &requests, replies).await?,
            Loaded::Rules(_) => return Err(unknown(operation, &[])),
        };
        let result = result.map(readable::value);
        Ok(Replayed { result, requests: recorded.seen(), printed: recorded.printed() })
    }
}

fn unknown(operation: &str, known: &[&str]) -> ReplayError {
    ReplayError::Operation(operation.to_owned(), known.join(", "))
}

type Answer = Result<Value, Fault>;

fn json<T: Serialize>(result: Result<T, Fault>) -> Result<Answer, ReplayError> {
    Ok(match result {
        Ok(value) => Ok(serde_json::to_value(value)?),
        Err(fault) => Err(fault),
    })
}

async fn supplier_call(supplier: &dyn Supplier, operation: &str, requests: &Requests) -> Result<Answer, ReplayError> {
    match operation {
        "search" => json(supplier.search(&requests.search()?).await),
        "check-price" => json(supplier.check_price(&requests.price()?).await),
        "create" => json(supplier.create_order(&requests.create()?).await),
        "retrieve" => json(supplier.retrieve_order(&requests.order()?).await),
        "find-order" => json(supplier.find_order(&requests.find()?).await),
        "issue" => json(supplier.issue_tickets(&requests.issue()?).await),
        "quote-cancel" => json(supplier.quote_cancel(&requests.order()?).await),
        "cancel" => json(supplier.cancel_order(&requests.cancel()?).await),
        other => Err(unknown(other, &SUPPLIER)),
    }
}

async fn payment_call(
    payment: &dyn PaymentProvider,
    operation: &str,
    requests: &Requests,
    replies: Vec<RecordedReply>,
) -> Result<Answer, ReplayError> {
    match operation {
        "create" => json(payment.create(&requests.payment()?).await),
        "retrieve" => json(payment.retrieve(&requests.id()).await),
        "cancel" => json(payment.cancel(&requests.id()).await),
        "refund" | "create-refund" => json(payment.refund(&requests.refund()?).await),
        "retrieve-refund" => json(payment.retrieve_refund(&requests.id()).await),
        "interpret-webhook" => {
            // What was recorded is the webhook itself.
            let recorded = replies.into_iter().next();
            let (headers, body) = recorded.map_or((Vec::new(), Bytes::new()), |reply| (reply.headers, reply.body));
            let webhook = crate::payment::Webhook { headers, body, received_at: Timestamp::now() };
            match payment.interpret_webhook(&webhook).await {
                Ok(event) => json(Ok(event)),
                Err(WebhookError::Fault(fault)) => Ok(Err(fault)),
                Err(error) => Ok(Ok(serde_json::json!({ "refused": error.to_string() }))),
            }
        }
        other => Err(unknown(other, &PAYMENT)),
    }
}
