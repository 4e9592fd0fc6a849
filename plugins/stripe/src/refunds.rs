//! Refunds: `/v1/refunds`.

use crate::amount::{NotExact, to_stripe};
use crate::api::{self, path_segment};
use crate::mapping::{self, BOOKING, REFERENCE};
use crate::wire;
use interline_plugin_sdk::fault;
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::{Response, Transport};
use interline_plugin_sdk::payment::{Fault, Refund, RefundRequest};

/// A payment has a handful of refunds; more than this many pages are not ours.
const MOST_PAGES: u32 = 10;

/// Gives money back, once. Stripe's idempotency keys live for a day, and a refund may be tried again later than that: so it
/// is looked for by its reference first.
pub fn create(transport: &dyn Transport, request: &RefundRequest) -> Result<Refund, Fault> {
    let amount = to_stripe(&request.amount).map_err(|NotExact(why)| fault::rejected_field("amount", why))?.to_string();
    // A replayed reply is the refund's own.
    if !host::replaying()
        && let Some(made) = find(transport, request)?
    {
        return Ok(made);
    }
    let (booking, reference) = (format!("metadata[{BOOKING}]"), format!("metadata[{REFERENCE}]"));
    let form = [
        ("payment_intent", request.payment.as_str()),
        ("amount", &amount),
        ("reason", "requested_by_customer"),
        (&booking, &request.booking_id),
        (&reference, &request.client_reference),
    ];
    match api::post(transport, "refunds", &form, Some(&request.client_reference)) {
        Ok(response) => read(&response),
        // By a try of ours that overtook the look.
        Err(fault) if fault.code.as_deref() == Some("charge_already_refunded") => {
            find(transport, request)?.ok_or(fault)
        }
        Err(fault) => Err(fault),
    }
}

/// The refund as Stripe has it now.
pub fn retrieve(transport: &dyn Transport, id: &str) -> Result<Refund, Fault> {
    read(&api::get(transport, &format!("refunds/{}", path_segment(id)), &[])?)
}

/// The refund of this payment with this reference.
fn find(transport: &dyn Transport, request: &RefundRequest) -> Result<Option<Refund>, Fault> {
    let mut after: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut query = vec![("payment_intent", request.payment.as_str()), ("limit", "100")];
        if let Some(after) = &after {
            query.push(("starting_after", after));
        }
        let response = api::get(transport, "refunds", &query)?;
        let unreadable = |why: serde_json::Error| fault::unreadable(response.effect, why);
        let page: wire::List<'_> = serde_json::from_slice(&response.body).map_err(unreadable)?;
        after = None;
        for raw in page.data {
            let refund: wire::Refund = serde_json::from_str(raw.get()).map_err(unreadable)?;
            after = Some(refund.id.clone());
            let reference = refund.metadata.as_ref().and_then(|m| m.get(REFERENCE));
            if reference == Some(&request.client_reference) {
                return mapped(refund, raw.get().as_bytes(), &response).map(Some);
            }
        }
        if !page.has_more || after.is_none() {
            return Ok(None);
        }
    }
    Err(fault::rejected("too many refunds of one payment"))
}

fn read(response: &Response) -> Result<Refund, Fault> {
    mapped(response.json()?, &response.body, response)
}

fn mapped(refund: wire::Refund, raw: &[u8], response: &Response) -> Result<Refund, Fault> {
    mapping::refund(refund, raw).map_err(|NotExact(why)| fault::unreadable(response.effect, why))
}
