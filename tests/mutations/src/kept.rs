//! What of an offer a change elsewhere must not touch.

use interline_plugin_sdk::supplier::{Conditions, Money, PassengerFare, SearchReply, Segment};

/// Price, flights in the place of their indexes, fares, number of allowances, conditions.
pub type Kept = (Money, Vec<Segment>, Vec<PassengerFare>, usize, Conditions);

/// An offer of a reply; none: it is not there.
pub fn kept(reply: &SearchReply, id: &str) -> Option<Kept> {
    let offer = reply.offers.iter().find(|offer| offer.id == id)?;
    let flown = offer.slices.iter().flat_map(|slice| &slice.segments);
    let flights = flown.map(|at| reply.segments[at.segment as usize].clone()).collect();
    Some((offer.total.clone(), flights, offer.fares.clone(), offer.baggage.len(), offer.conditions.clone()))
}
