//! Payments, refunds, webhooks.

use super::values::{amount_in, instant_in, instant_out, money_out};
use super::{Broken, bounded};
use crate::call::Refused;
use crate::contract::provider;
use crate::payment::{PaymentRequest, RefundRequest, Webhook};
use interline_domain::payment::{
    PaymentStatus, ProviderChange, ProviderEvent, ProviderPayment, ProviderRefund, RefundStatus, WebhookError,
};

pub(crate) fn create_out(request: &PaymentRequest) -> provider::PaymentRequest {
    provider::PaymentRequest {
        client_reference: request.client_reference.clone(),
        amount: money_out(request.amount),
        description: request.description.clone(),
        booking_id: request.booking_id.clone(),
        payment_id: request.payment_id.clone(),
    }
}

pub(crate) fn refund_out(request: &RefundRequest) -> provider::RefundRequest {
    provider::RefundRequest {
        client_reference: request.client_reference.clone(),
        payment: request.payment.clone(),
        amount: money_out(request.amount),
        booking_id: request.booking_id.clone(),
    }
}

pub(crate) fn webhook_out(webhook: &Webhook) -> provider::Webhook {
    let header = |(name, value): &(String, String)| provider::Header { name: name.clone(), value: value.clone() };
    provider::Webhook {
        headers: webhook.headers.iter().map(header).collect(),
        body: webhook.body.to_vec(),
        received_at: instant_out(webhook.received_at),
    }
}

pub(crate) fn payment_in(payment: provider::Payment) -> Result<ProviderPayment, Broken> {
    Ok(ProviderPayment {
        id: id_in(payment.id, "a payment")?,
        status: match payment.status {
            provider::PaymentStatus::Pending => PaymentStatus::Pending,
            provider::PaymentStatus::Processing => PaymentStatus::Processing,
            provider::PaymentStatus::Succeeded => PaymentStatus::Succeeded,
            provider::PaymentStatus::Failed => PaymentStatus::Failed,
            provider::PaymentStatus::Cancelled => PaymentStatus::Cancelled,
        },
        amount: amount_in(&payment.amount, "the payment's amount")?,
        amount_refunded: amount_in(&payment.amount_refunded, "the amount refunded")?,
        client_secret: payment.client_secret,
        booking_id: payment.booking_id,
        payment_id: payment.payment_id,
        failure: payment.failure,
        raw: payment.raw,
    })
}

pub(crate) fn refund_in(refund: provider::Refund) -> Result<ProviderRefund, Broken> {
    Ok(ProviderRefund {
        id: id_in(refund.id, "a refund")?,
        payment: refund.payment,
        status: match refund.status {
            provider::RefundStatus::Pending => RefundStatus::Pending,
            provider::RefundStatus::Succeeded => RefundStatus::Succeeded,
            provider::RefundStatus::Failed => RefundStatus::Failed,
        },
        amount: amount_in(&refund.amount, "the refund's amount")?,
        client_reference: refund.client_reference,
        raw: refund.raw,
    })
}

/// A webhook that the component did not take in is an answer, not a failed call.
pub(crate) fn event_in(
    event: Result<provider::Event, provider::WebhookError>,
) -> Result<Result<ProviderEvent, WebhookError>, Refused> {
    let event = match event {
        Ok(event) => event,
        Err(provider::WebhookError::Forged(why)) => return Ok(Err(WebhookError::Forged(why))),
        Err(provider::WebhookError::Malformed(why)) => return Ok(Err(WebhookError::Malformed(why))),
    };
    let change = match event.change {
        provider::Change::Payment(payment) => ProviderChange::Payment(payment_in(payment)?),
        provider::Change::Refund(refund) => ProviderChange::Refund(refund_in(refund)?),
        provider::Change::Ignored(kind) => ProviderChange::Ignored(kind),
    };
    Ok(Ok(ProviderEvent { id: id_in(event.id, "an event")?, created_at: instant_in(event.created_at)?, change }))
}

fn id_in(id: String, what: &str) -> Result<String, Broken> {
    if id.is_empty() {
        return Err(Broken(format!("{what} without an id")));
    }
    bounded(id, 1024, what)
}
