//! What became of a create whose answer was lost: `GET /air/orders`, by the client reference in the orders' metadata.
//!
//! **Absence is no proof.** Duffel's own words on a failed create are that the order may still exist at the airline, beyond
//! Duffel's books; and an order still being made stands in no list. So "not listed" is *cannot tell* here, whatever was
//! listed, unless the operator decides otherwise for their contract with Duffel: `absence-is-proof = "true"`.

use crate::api;
use crate::mapping::order as map;
use crate::order::{self, REFERENCE};
use crate::wire::{self, order as wire_order};
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, FindOutcome, FindRequest, Instant};
use interline_plugin_sdk::{fault, host, json, time};
use serde_json::value::RawValue;

/// As many as Duffel gives in a page.
const PAGE: u32 = 200;
/// An agency with more orders since the first try has to look by hand.
const MOST_PAGES: u32 = 25;
/// The clocks of the host and of Duffel differ by less. Each minute more is a minute's orders more to read, which a busy
/// agency's look-up would not get through in its time.
const SKEW_SECONDS: u64 = 60;
/// The same where a list that lacks the order is taken as proof, and another order would be made: there time is no matter.
const SKEW_FOR_PROOF_SECONDS: u64 = 600;

/// Whether the operator takes a complete list as proof.
pub fn absence_is_proof() -> bool {
    host::config("absence-is-proof").as_deref() == Some("true")
}

/// Looks by order id where one is known, then through the orders made since the first try.
pub fn find(transport: &dyn Transport, request: &FindRequest) -> Result<FindOutcome, Fault> {
    if let Some(id) = &request.order_id {
        match order::fetch(transport, id).and_then(|response| order::mapped(&response, None)) {
            Ok(order) => return Ok(FindOutcome::Found(order)),
            Err(fault) if fault.disposition == Disposition::Rejected => {}
            Err(fault) => return Err(fault),
        }
    }
    listed(transport, request, absence_is_proof())
}

/// Looks through the orders made since the first try; `proof`: that none is listed means that there is none.
pub(crate) fn listed(transport: &dyn Transport, request: &FindRequest, proof: bool) -> Result<FindOutcome, Fault> {
    let skew = if proof { SKEW_FOR_PROOF_SECONDS } else { SKEW_SECONDS };
    let floor = request.first_tried_at.saturating_sub(skew);
    let since = time::format_instant(floor);
    let mut after: Option<String> = None;
    let mut seen = 0usize;
    for _ in 0..MOST_PAGES {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        query.append_pair("created_at[after]", &since);
        if let Some(cursor) = &after {
            query.append_pair("after", cursor);
        }
        let response = api::get(transport, &format!("orders?{}", query.finish()))?;
        let unreadable = |why: serde_json::Error| fault::unreadable(response.effect, why);
        let data = api::data(&response)?;
        let page: Vec<&RawValue> = if data.starts_with('[') {
            serde_json::from_str(data).map_err(unreadable)?
        } else {
            vec![serde_json::from_str(data).map_err(unreadable)?]
        };
        seen += page.len();
        let mut older = !page.is_empty();
        for raw in page {
            older &= made_before(raw, floor);
            if !raw.get().contains(&request.client_reference) {
                continue;
            }
            let wire: wire_order::Order = json::parse(raw.get()).map_err(unreadable)?;
            let reference = wire.metadata.as_ref().and_then(|m| m.get(REFERENCE)?.as_str());
            if reference == Some(&request.client_reference) {
                return map::order(&wire, None)
                    .map(FindOutcome::Found)
                    .map_err(|why| fault::unreadable(response.effect, why));
            }
        }
        let meta = serde_json::from_slice::<wire::Envelope<'_>>(&response.body).map_err(unreadable)?.meta;
        after = meta.and_then(|meta| meta.after);
        // Without a proof to give, orders older than the first try need no reading.
        if after.is_none() || (older && !proof) {
            return Ok(if proof {
                FindOutcome::Absent
            } else {
                FindOutcome::CannotTell(format!(
                    "none of {seen} orders since {since} has the reference, but the airline may have one that Duffel does not list"
                ))
            });
        }
    }
    Ok(FindOutcome::CannotTell(format!("more than {seen} orders since {since}: not all were looked at")))
}

fn made_before(raw: &RawValue, floor: Instant) -> bool {
    let created = serde_json::from_str::<wire_order::Created>(raw.get()).ok().and_then(|order| order.created_at);
    created.and_then(|at| time::utc_instant(&at).ok()).is_some_and(|at| at < floor)
}
