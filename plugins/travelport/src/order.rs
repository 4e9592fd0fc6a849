//! Reservations: made, and retrieved.

use crate::api::{self, Answer};
use crate::errors;
use crate::mapping::fare;
use crate::mapping::record::{self, Known};
use crate::price;
use crate::reservation;
use crate::token::{self, OrderToken};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::fault::{self, Effect, RETRY_MS};
use interline_plugin_sdk::host;
use interline_plugin_sdk::http::Transport;
use interline_plugin_sdk::supplier::{Disposition, Fault, Money, Order, OrderRef, OrderRequest};
use interline_plugin_sdk::xml::{Element, Node};

/// Prices the itinerary again, and reserves it at that price.
pub fn create(transport: &dyn Transport, request: &OrderRequest) -> Result<Order, Fault> {
    let token = price::read(&request.token)?;
    let body = if host::replaying() {
        reservation::replayed(request)?
    } else {
        reservation::same_party(request, &token)?;
        let priced = price::fetch(transport, &token)?;
        let solution = reservation::solution(&priced, &token)?;
        let total = fare::total(solution).map_err(|why| fault::unreadable(priced.effect, why))?;
        agreed(total, &request.expected_total)?;
        reservation::body(request, &token, &priced.message, solution)?
    };
    let answer = api::ask(transport, api::AIR, Effect::Once, body)?;
    made(transport, request, &answer)
}

/// The record that was made, if it is one to go on with. One that isn't is given back at once.
fn made(transport: &dyn Transport, request: &OrderRequest, answer: &Answer) -> Result<Order, Fault> {
    let message = &answer.message;
    let changed = message.path("AirSolutionChangedInfo/AirPricingSolution");
    let now = changed.and_then(|solution| fare::total(solution).ok());
    let Some(universal) = message.child("UniversalRecord") else {
        return Err(match message.child("AirSolutionChangedInfo") {
            Some(info) if info.attr("ReasonCode").is_none_or(|reason| reason.contains("Price")) => {
                fault::price_changed(now, "the price has changed, nothing was reserved")
            }
            Some(info) => fault::sold_out(format!(
                "nothing was reserved: the {} has changed",
                info.attr("ReasonCode").unwrap_or("solution")
            )),
            // A warning that says nothing known doesn't say either that nothing was made.
            None => warned(message, answer.effect.lost(RETRY_MS))
                .unwrap_or_else(|| fault::unreadable(answer.effect, "no UniversalRecord")),
        });
    };
    let names: Vec<(&str, &str)> =
        request.travellers.iter().map(|one| (one.given_name.as_str(), one.family_name.as_str())).collect();
    let refused = refusal(message, universal, request, now);
    match refused {
        Some(fault) => Err(give_back(transport, universal, fault)),
        None => {
            let known = Known { names: &names, total: None, keys: &[] };
            record::order(universal, &known).map_err(|why| fault::unreadable(answer.effect, why))
        }
    }
}

/// Why a record that was made is not the one that was wanted.
fn refusal(message: &Element, universal: &Element, request: &OrderRequest, now: Option<Money>) -> Option<Fault> {
    if let Some(status) = record::unconfirmed(universal) {
        return Some(fault::coded(Disposition::SoldOut, status, "a flight was not confirmed"));
    }
    if !record::has_price(universal) {
        let said = warned(message, Disposition::SoldOut);
        return Some(said.unwrap_or_else(|| fault::sold_out("the record was made without a price")));
    }
    let now = now.or_else(|| record::total(universal).ok().flatten());
    now.and_then(|total| agreed(total, &request.expected_total).err())
}

/// What the warnings of a good answer say went wrong; `otherwise` if they don't say.
fn warned(message: &Element, otherwise: Disposition) -> Option<Fault> {
    let warnings = message.children("ResponseMessage").filter(|one| one.attr("Type") != Some("Info"));
    let warnings: Vec<&Element> = warnings.collect();
    let known = |one: &Element| errors::by_words(one.text(), Effect::Once);
    let telling = warnings.iter().find(|one| known(one).is_some()).or_else(|| warnings.first())?;
    let disposition = known(telling).unwrap_or(otherwise);
    let code = match disposition {
        Disposition::SoldOut if telling.text().contains("NO VALID FARE") => "no-valid-fare",
        _ => telling.attr("Code").unwrap_or("warning"),
    };
    Some(fault::coded(disposition, code, telling.text()))
}

/// Cancels a record just made. If that isn't known to have worked, something may be left over there.
fn give_back(transport: &dyn Transport, universal: &Element, fault: Fault) -> Fault {
    if host::replaying() {
        return fault;
    }
    let cancelled = cancel_message(universal.attr("LocatorCode"), universal.attr("Version"))
        .and_then(|message| api::ask(transport, api::RECORDS, Effect::Once, message));
    match cancelled {
        Ok(_) => fault,
        Err(why) => fault::outcome_unknown(format!(
            "{}; and the record {} could not be cancelled: {}",
            fault.message,
            universal.attr("LocatorCode").unwrap_or_default(),
            why.message
        )),
    }
}

/// A `UniversalRecordCancelReq`.
pub fn cancel_message(locator: Option<&str>, version: Option<&str>) -> Result<Node, Fault> {
    Ok(api::message("univ:UniversalRecordCancelReq", None)?
        .attr("UniversalRecordLocatorCode", locator.unwrap_or_default())
        .attr("Version", version.unwrap_or("0")))
}

/// Dearer, or in another currency, is not what was agreed. A replayed reply was agreed by others.
pub fn agreed(total: Money, expected: &Money) -> Result<(), Fault> {
    if host::replaying() || (total.currency == expected.currency && total.units <= expected.units) {
        return Ok(());
    }
    let message = format!("{} {} now", decimal::to_decimal(&total), total.currency);
    Err(fault::price_changed(Some(total), message))
}

/// The order as uAPI has it now.
pub fn retrieve(transport: &dyn Transport, order: &OrderRef) -> Result<Order, Fault> {
    let answer = fetch(transport, &order.id)?;
    mapped(&answer, &order.token)
}

/// uAPI's record.
pub fn fetch(transport: &dyn Transport, id: &str) -> Result<Answer, Fault> {
    let message = api::message("univ:UniversalRecordRetrieveReq", None)?;
    api::ask(transport, api::RECORDS, Effect::Repeatable, message.leaf("univ:UniversalRecordLocatorCode", id))
}

/// The order in an answer: a record, or the documents issued for one.
pub fn mapped(answer: &Answer, token: &[u8]) -> Result<Order, Fault> {
    let token: OrderToken =
        if host::replaying() { token::decode(token).unwrap_or_default() } else { token::decode(token)? };
    let known = Known { names: &[], total: decimal::prefixed_money(&token.total).ok(), keys: &token.travellers };
    let mapped = match answer.message.child("UniversalRecord") {
        Some(universal) => record::order(universal, &known),
        None => match answer.message.child("DocumentFailureInfo") {
            Some(failure) => return Err(errors::ticket_failure(failure, answer.effect)),
            None => record::documents(&answer.message),
        },
    };
    mapped.map_err(|why| match why.as_str() {
        record::NO_FARE => fault::coded(Disposition::Unsupported, "no-fare", "the record holds no fare"),
        _ => fault::unreadable(answer.effect, why),
    })
}
