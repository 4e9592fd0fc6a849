//! A payment provider that keeps books. Its references make calls idempotent, as the contract has it.

use crate::supplier::{Script, fault};
use async_trait::async_trait;
use bytes::Bytes;
use interline_domain::fault::{Disposition, Fault};
use interline_domain::money::Money;
use interline_domain::payment::{
    PaymentStatus, ProviderChange, ProviderEvent, ProviderPayment, ProviderRefund, RefundStatus, WebhookError,
};
use interline_runtime::{PaymentProvider, PaymentProviders, PaymentRequest, PluginVersion, RefundRequest, Webhook};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Create,
    Retrieve,
    Cancel,
    Refund,
}

/// A payment in the provider's books.
#[derive(Debug, Clone)]
pub struct Charge {
    pub reference: String,
    pub told: ProviderPayment,
    pub refunds: Vec<(String, ProviderRefund)>,
}

#[derive(Default)]
pub struct Accounts {
    pub charges: Vec<Charge>,
    pub calls: Vec<Ask>,
    pub scripts: Vec<(Ask, VecDeque<Script>)>,
    /// Refunds are pending first.
    pub slow_refunds: bool,
}

pub struct FakeProvider {
    name: &'static str,
    pub accounts: Mutex<Accounts>,
    version: PluginVersion,
    /// Keeps the ids of two providers of one database apart.
    run: uuid::Uuid,
}

impl FakeProvider {
    pub fn new(name: &'static str) -> Arc<Self> {
        let version = PluginVersion { name: name.into(), version: "1.0.0".into(), hash: "cd".repeat(32) };
        Arc::new(Self { name, accounts: Mutex::default(), version, run: uuid::Uuid::new_v4() })
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Accounts) -> T) -> T {
        look(&mut self.accounts.lock().unwrap())
    }

    pub fn script(&self, ask: Ask, scripts: impl IntoIterator<Item = Script>) {
        let scripts = scripts.into_iter().collect();
        self.with(|accounts| accounts.scripts.push((ask, scripts)));
    }

    /// The traveller pays: by the provider's id.
    pub fn confirm(&self, id: &str) {
        self.with(|accounts| {
            let charge = accounts.charges.iter_mut().find(|charge| charge.told.id == id).unwrap();
            charge.told.status = PaymentStatus::Succeeded;
        });
    }

    pub fn charge(&self, payment: uuid::Uuid) -> Charge {
        let id = payment.to_string();
        self.with(|accounts| {
            let of = |charge: &&Charge| charge.told.payment_id.as_deref() == Some(id.as_str());
            accounts.charges.iter().find(of).cloned().unwrap()
        })
    }

    /// All refunds of a booking.
    pub fn refunds(&self, booking: uuid::Uuid) -> Vec<ProviderRefund> {
        let id = booking.to_string();
        self.with(|accounts| {
            let of = accounts.charges.iter().filter(|charge| charge.told.booking_id.as_deref() == Some(id.as_str()));
            of.flat_map(|charge| charge.refunds.iter().map(|(_, refund)| refund.clone())).collect()
        })
    }

    /// The body of a webhook about a payment as it is now.
    pub fn event(&self, event: &str, id: &str) -> Bytes {
        Bytes::from(format!("{event} {id}"))
    }

    async fn play<T>(&self, ask: Ask, act: impl FnOnce(&mut Accounts) -> Result<T, Fault>) -> Result<T, Fault> {
        let (script, done) = self.with(|accounts| {
            accounts.calls.push(ask);
            let queue = accounts.scripts.iter_mut().find(|(of, scripts)| *of == ask && !scripts.is_empty());
            let script = queue.and_then(|(_, scripts)| scripts.pop_front()).unwrap_or(Script::Well);
            let does = matches!(script, Script::Well | Script::LoseAnswer | Script::DoAndHang);
            (script, does.then(|| act(accounts)))
        });
        tokio::task::yield_now().await;
        match (script, done) {
            (Script::Well, Some(done)) => done,
            (Script::Refuse(disposition), _) => Err(fault(disposition)),
            (Script::LoseAnswer | Script::LoseRequest, _) => Err(fault(Disposition::OutcomeUnknown)),
            _ => std::future::pending().await,
        }
    }
}

pub fn payment(id: &str, status: PaymentStatus, amount: Money) -> ProviderPayment {
    ProviderPayment {
        id: id.to_owned(),
        status,
        amount,
        amount_refunded: Money::zero(amount.currency),
        client_secret: Some(format!("{id}-secret")),
        booking_id: None,
        payment_id: None,
        failure: None,
        raw: format!("{{\"id\":\"{id}\",\"payer\":\"Sari Wirya\"}}").into_bytes(),
    }
}

#[async_trait]
impl PaymentProvider for FakeProvider {
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &PluginVersion {
        &self.version
    }

    async fn create(&self, request: &PaymentRequest) -> Result<ProviderPayment, Fault> {
        self.play(Ask::Create, |accounts| {
            let known = accounts.charges.iter().find(|charge| charge.reference == request.client_reference);
            if let Some(known) = known {
                return Ok(known.told.clone());
            }
            let id = format!("{}-{}-{}", self.name, self.run, accounts.charges.len() + 1);
            let told = ProviderPayment {
                booking_id: Some(request.booking_id.clone()),
                payment_id: Some(request.payment_id.clone()),
                ..payment(&id, PaymentStatus::Pending, request.amount)
            };
            let reference = request.client_reference.clone();
            accounts.charges.push(Charge { reference, told: told.clone(), refunds: Vec::new() });
            Ok(told)
        })
        .await
    }

    /// A body is `EVENT ID`, and the signature header `good`.
    async fn interpret_webhook(&self, webhook: &Webhook) -> Result<ProviderEvent, WebhookError> {
        if !webhook.headers.iter().any(|(name, value)| name == "signature" && value == "good") {
            return Err(WebhookError::Forged("signed by somebody else".into()));
        }
        let body = String::from_utf8_lossy(&webhook.body).into_owned();
        let (event, id) = body.split_once(' ').ok_or_else(|| WebhookError::Malformed("no blank".into()))?;
        let change = self.with(|accounts| {
            let refund = accounts.charges.iter().flat_map(|charge| &charge.refunds).find(|(_, told)| told.id == id);
            let payment = accounts.charges.iter().find(|charge| charge.told.id == id);
            match (payment, refund) {
                (Some(charge), _) => ProviderChange::Payment(charge.told.clone()),
                (None, Some((_, refund))) => ProviderChange::Refund(refund.clone()),
                (None, None) => ProviderChange::Ignored("something else".into()),
            }
        });
        Ok(ProviderEvent { id: event.to_owned(), created_at: Timestamp::now(), change })
    }

    async fn retrieve(&self, id: &str) -> Result<ProviderPayment, Fault> {
        self.play(Ask::Retrieve, |accounts| {
            let charge = accounts.charges.iter().find(|charge| charge.told.id == id);
            charge.map(|charge| charge.told.clone()).ok_or_else(|| fault(Disposition::Rejected))
        })
        .await
    }

    async fn cancel(&self, id: &str) -> Result<ProviderPayment, Fault> {
        self.play(Ask::Cancel, |accounts| {
            let charge = accounts.charges.iter_mut().find(|charge| charge.told.id == id);
            let charge = charge.ok_or_else(|| fault(Disposition::Rejected))?;
            if charge.told.status != PaymentStatus::Succeeded {
                charge.told.status = PaymentStatus::Cancelled;
            }
            Ok(charge.told.clone())
        })
        .await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<ProviderRefund, Fault> {
        self.play(Ask::Refund, |accounts| {
            let slow = accounts.slow_refunds;
            let charge = accounts.charges.iter_mut().find(|charge| charge.told.id == request.payment);
            let charge = charge.ok_or_else(|| fault(Disposition::Rejected))?;
            let known = charge.refunds.iter().find(|(reference, _)| *reference == request.client_reference);
            if let Some((_, known)) = known {
                return Ok(known.clone());
            }
            let refund = ProviderRefund {
                id: format!("refund-{}-{}", charge.told.id, charge.refunds.len() + 1),
                payment: charge.told.id.clone(),
                status: if slow { RefundStatus::Pending } else { RefundStatus::Succeeded },
                amount: request.amount,
                client_reference: Some(request.client_reference.clone()),
                raw: b"{}".to_vec(),
            };
            charge.refunds.push((request.client_reference.clone(), refund.clone()));
            Ok(refund)
        })
        .await
    }

    async fn retrieve_refund(&self, id: &str) -> Result<ProviderRefund, Fault> {
        self.play(Ask::Retrieve, |accounts| {
            let all = accounts.charges.iter().flat_map(|charge| &charge.refunds);
            let found = all.map(|(_, refund)| refund).find(|refund| refund.id == id);
            found.cloned().ok_or_else(|| fault(Disposition::Rejected))
        })
        .await
    }
}

pub struct Providers(pub Vec<Arc<FakeProvider>>);

impl PaymentProviders for Providers {
    fn all(&self) -> Vec<Arc<dyn PaymentProvider>> {
        self.0.iter().map(|provider| provider.clone() as Arc<dyn PaymentProvider>).collect()
    }

    fn get(&self, name: &str) -> Option<Arc<dyn PaymentProvider>> {
        self.all().into_iter().find(|provider| provider.name() == name)
    }
}
