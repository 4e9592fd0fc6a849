//! Suppliers that answer by a script.

use async_trait::async_trait;
use futures::future::BoxFuture;
use interline_domain::fault::{Disposition, Fault, Origin};
use interline_domain::offer::SupplierReply;
use interline_domain::order::{CancelQuote, Cancellation, FindOutcome, SupplierOrder};
use interline_runtime as runtime;
use interline_runtime::{Capabilities, PluginVersion, Supplier, SupplierDescription, Suppliers};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

type Script = dyn Fn(usize) -> BoxFuture<'static, Result<SupplierReply, Fault>> + Send + Sync;

/// A supplier that answers by a script, told which call it is.
pub struct Scripted {
    version: PluginVersion,
    description: SupplierDescription,
    calls: AtomicUsize,
    script: Box<Script>,
    pub timeout: Duration,
}

impl Scripted {
    pub fn new<F>(name: &str, script: impl Fn(usize) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<SupplierReply, Fault>> + Send + 'static,
    {
        Self::versioned(name, "1.0.0", script)
    }

    pub fn versioned<F>(name: &str, version: &str, script: impl Fn(usize) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<SupplierReply, Fault>> + Send + 'static,
    {
        Arc::new(Self {
            version: PluginVersion { name: name.into(), version: version.into(), hash: format!("{name}{version}") },
            description: SupplierDescription {
                name: name.into(),
                protocol: "script".into(),
                lookups: vec![],
                absence_is_proof: vec![],
            },
            calls: AtomicUsize::new(0),
            script: Box::new(move |call| Box::pin(script(call))),
            timeout: Duration::from_secs(8),
        })
    }

    /// Always the same answer.
    pub fn selling(name: &str, reply: SupplierReply) -> Arc<Self> {
        Self::new(name, move |_| std::future::ready(Ok(reply.clone())))
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn unsupported<T>() -> Result<T, Fault> {
    Err(fault(Disposition::Unsupported))
}

pub fn fault(disposition: Disposition) -> Fault {
    Fault { disposition, origin: Origin::Component, code: Some("E1".into()), message: "scripted".into(), field: None }
}

#[async_trait]
impl Supplier for Scripted {
    fn name(&self) -> &str {
        &self.version.name
    }

    fn version(&self) -> &PluginVersion {
        &self.version
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { search: true, ..Capabilities::default() }
    }

    fn description(&self) -> &SupplierDescription {
        &self.description
    }

    fn search_timeout(&self) -> Duration {
        self.timeout
    }

    async fn search(&self, _: &runtime::SearchRequest) -> Result<SupplierReply, Fault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        (self.script)(call).await
    }

    async fn check_price(&self, _: &runtime::PriceRequest) -> Result<runtime::PriceReply, Fault> {
        unsupported()
    }

    async fn create_order(&self, _: &runtime::OrderRequest) -> Result<SupplierOrder, Fault> {
        unsupported()
    }

    async fn retrieve_order(&self, _: &runtime::OrderRef) -> Result<SupplierOrder, Fault> {
        unsupported()
    }

    async fn find_order(&self, _: &runtime::FindRequest) -> Result<FindOutcome, Fault> {
        unsupported()
    }

    async fn issue_tickets(&self, _: &runtime::TicketRequest) -> Result<SupplierOrder, Fault> {
        unsupported()
    }

    async fn quote_cancel(&self, _: &runtime::OrderRef) -> Result<CancelQuote, Fault> {
        unsupported()
    }

    async fn cancel_order(&self, _: &runtime::CancelRequest) -> Result<Cancellation, Fault> {
        unsupported()
    }
}

/// Suppliers that can be replaced.
#[derive(Clone, Default)]
pub struct Fleet(Arc<Mutex<Vec<Arc<dyn Supplier>>>>);

impl Fleet {
    pub fn of(suppliers: impl IntoIterator<Item = Arc<Scripted>>) -> Self {
        let fleet = Self::default();
        fleet.replace(suppliers);
        fleet
    }

    pub fn replace(&self, suppliers: impl IntoIterator<Item = Arc<Scripted>>) {
        *self.0.lock() = suppliers.into_iter().map(|supplier| supplier as Arc<dyn Supplier>).collect();
    }
}

impl Suppliers for Fleet {
    fn all(&self) -> Vec<Arc<dyn Supplier>> {
        self.0.lock().clone()
    }

    fn get(&self, name: &str) -> Option<Arc<dyn Supplier>> {
        self.all().into_iter().find(|supplier| supplier.name() == name)
    }
}
