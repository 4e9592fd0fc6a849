//! Payments: `/v1/payment_intents`.

use crate::amount::{NotExact, to_stripe};
use crate::api::{self, path_segment};
use crate::mapping::{self, BOOKING, PAYMENT, REFERENCE};
use interline_plugin_sdk::fault;
use interline_plugin_sdk::http::{Response, Transport};
use interline_plugin_sdk::payment::{Fault, Payment, PaymentRequest};

/// Stripe's longest description.
const DESCRIPTION: usize = 1000;

/// A payment for the traveller to confirm, by any method that the account offers.
pub fn create(transport: &dyn Transport, request: &PaymentRequest) -> Result<Payment, Fault> {
    let amount = to_stripe(&request.amount).map_err(|NotExact(why)| fault::rejected_field("amount", why))?;
    let (amount, currency) = (amount.to_string(), request.amount.currency.to_ascii_lowercase());
    let description: String = request.description.chars().take(DESCRIPTION).collect();
    let metadata = |key: &str| format!("metadata[{key}]");
    let (booking, payment, reference) = (metadata(BOOKING), metadata(PAYMENT), metadata(REFERENCE));
    let form = [
        ("amount", amount.as_str()),
        ("currency", &currency),
        ("automatic_payment_methods[enabled]", "true"),
        ("description", &description),
        (&booking, &request.booking_id),
        (&payment, &request.payment_id),
        (&reference, &request.client_reference),
    ];
    read(&api::post(transport, "payment_intents", &form, Some(&request.client_reference))?)
}

/// The payment as Stripe has it now, with its charge, which knows what was refunded.
pub fn retrieve(transport: &dyn Transport, id: &str) -> Result<Payment, Fault> {
    let path = format!("payment_intents/{}", path_segment(id));
    read(&api::get(transport, &path, &[("expand[]", "latest_charge")])?)
}

/// Cancels. An intent that can't be cancelled (any more) comes back as it is, if it has come to its end.
pub fn cancel(transport: &dyn Transport, id: &str) -> Result<Payment, Fault> {
    let path = format!("payment_intents/{}/cancel", path_segment(id));
    match api::post(transport, &path, &[], None) {
        Ok(response) => read(&response),
        Err(fault) if fault.code.as_deref() == Some("payment_intent_unexpected_state") => retrieve(transport, id),
        Err(fault) => Err(fault),
    }
}

fn read(response: &Response) -> Result<Payment, Fault> {
    mapping::payment(response.json()?, &response.body).map_err(|NotExact(why)| fault::unreadable(response.effect, why))
}
