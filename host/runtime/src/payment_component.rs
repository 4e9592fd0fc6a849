//! A payment provider, answered by a component: a fresh instance for each call.

use crate::call::{Callee, Invoke};
use crate::contract::provider::{self, GuestIndices};
use crate::convert::{bounded, payments};
use crate::exported::{answer, invoke};
use crate::payment::{PaymentProvider, PaymentRequest, RefundRequest, Webhook};
use crate::stop::Operation;
use crate::version::PluginVersion;
use async_trait::async_trait;
use interline_domain::fault::Fault;
use interline_domain::payment::{ProviderEvent, ProviderPayment, ProviderRefund, WebhookError};
use std::time::Duration;

pub(crate) struct PaymentComponent {
    pub(crate) callee: Callee,
    indices: GuestIndices,
    /// The last part of its webhook's address.
    name: String,
}

impl PaymentComponent {
    /// Asks it who it is.
    pub(crate) async fn load(callee: Callee) -> Result<Self, String> {
        let wrong = |error: String| format!("component `{}`: {error}", callee.version.name);
        let indices = GuestIndices::new(&callee.pre).map_err(|error| wrong(format!("{error:#}")))?;
        let describing = indices.clone();
        let invoke: Invoke<_> = Box::new(move |store, instance| {
            Box::pin(async move { describing.load(&mut *store, &instance)?.call_describe(store).await })
        });
        let timeout = Duration::from_millis(callee.limits.call_timeout_ms);
        let convert = |description: provider::Description| Ok(bounded(description.name, 64, "a name")?.into());
        let name = callee.call(Operation::DESCRIBE, timeout, invoke, convert).await;
        let name = name.map_err(|fault| wrong(fault.to_string()))?;
        Ok(Self { callee, indices, name })
    }

    async fn payment(
        &self,
        operation: Operation,
        invoke: Invoke<Result<provider::Payment, crate::contract::errors::Fault>>,
    ) -> Result<ProviderPayment, Fault> {
        self.callee.call(operation, self.timeout(), invoke, |reply| answer(reply, payments::payment_in)).await
    }

    async fn refunded(
        &self,
        operation: Operation,
        invoke: Invoke<Result<provider::Refund, crate::contract::errors::Fault>>,
    ) -> Result<ProviderRefund, Fault> {
        self.callee.call(operation, self.timeout(), invoke, |reply| answer(reply, payments::refund_in)).await
    }

    fn timeout(&self) -> Duration {
        Duration::from_millis(self.callee.limits.call_timeout_ms)
    }
}

#[async_trait]
impl PaymentProvider for PaymentComponent {
    fn name(&self) -> &str {
        &self.name
    }

    fn version(&self) -> &PluginVersion {
        &self.callee.version
    }

    async fn create(&self, request: &PaymentRequest) -> Result<ProviderPayment, Fault> {
        let invoke = invoke!(self.indices.clone(), call_create, payments::create_out(request));
        self.payment(Operation::CREATE, invoke).await
    }

    async fn interpret_webhook(&self, webhook: &Webhook) -> Result<ProviderEvent, WebhookError> {
        let invoke = invoke!(self.indices.clone(), call_interpret_webhook, payments::webhook_out(webhook));
        let convert = |event| Ok(payments::event_in(event)?.into());
        self.callee.call(Operation::INTERPRET_WEBHOOK, self.timeout(), invoke, convert).await?
    }

    async fn retrieve(&self, payment: &str) -> Result<ProviderPayment, Fault> {
        let invoke = invoke!(self.indices.clone(), call_retrieve, payment.to_owned());
        self.payment(Operation::RETRIEVE, invoke).await
    }

    async fn cancel(&self, payment: &str) -> Result<ProviderPayment, Fault> {
        let invoke = invoke!(self.indices.clone(), call_cancel, payment.to_owned());
        self.payment(Operation::CANCEL, invoke).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<ProviderRefund, Fault> {
        let invoke = invoke!(self.indices.clone(), call_create_refund, payments::refund_out(request));
        self.refunded(Operation::REFUND, invoke).await
    }

    async fn retrieve_refund(&self, refund: &str) -> Result<ProviderRefund, Fault> {
        let invoke = invoke!(self.indices.clone(), call_retrieve_refund, refund.to_owned());
        self.refunded(Operation::RETRIEVE_REFUND, invoke).await
    }
}
