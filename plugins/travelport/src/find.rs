//! What became of a reservation whose answer was lost: by its locator, else by traveller and date.

use crate::api;
use crate::order;
use interline_plugin_sdk::fault::Effect;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Fault, FindOutcome, FindRequest, Order};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::{Element, Node};

/// Their clock and ours may differ, in seconds.
const CLOCKS: u64 = 300;

/// Found, or it can't be told: uAPI may list a record late, so that none listed proves nothing.
pub fn find(transport: &dyn Transport, request: &FindRequest) -> Result<FindOutcome, Fault> {
    if let Some(id) = &request.order_id {
        let answer = order::fetch(transport, id)?;
        return order::mapped(&answer, &[]).map(FindOutcome::Found);
    }
    let name =
        Node::new("com:BookingTravelerName").attr("First", &request.given_name).attr("Last", &request.family_name);
    let day = time::format_date(&request.departure_date);
    let message = api::message("univ:UniversalRecordSearchReq", None)?
        .child(name)
        .child(Node::new("com:TravelDate").attr("StartDate", day));
    let answer = api::ask(transport, api::RECORDS, Effect::Repeatable, message)?;
    let mut found: Vec<Order> = Vec::new();
    for listed in answer.message.descendants("UniversalRecordSearchResult").filter(|one| fits(one, request)) {
        let Some(id) = listed.attr("UniversalRecordLocatorCode") else { continue };
        let order = order::mapped(&order::fetch(transport, id)?, &[])?;
        let first = order.segments.first();
        if first.is_some_and(|one| one.departure.date == request.departure_date && one.origin == request.origin) {
            found.push(order);
        }
    }
    Ok(match (found.pop(), found.len()) {
        (Some(order), 0) => FindOutcome::Found(order),
        (Some(_), more) => {
            FindOutcome::CannotTell(format!("{} records of this traveller were made since then", more + 1))
        }
        (None, _) => FindOutcome::CannotTell("no record of this traveller is listed, which proves nothing".to_owned()),
    })
}

/// Alive, and not made before the first try.
fn fits(listed: &Element, request: &FindRequest) -> bool {
    let made = listed.attr("CreateDate").and_then(|text| time::instant(text).ok());
    let cancelled = listed.attr("Status").is_some_and(|status| status.starts_with("Cancel"));
    !cancelled && made.is_none_or(|made| made + CLOCKS >= request.first_tried_at)
}
