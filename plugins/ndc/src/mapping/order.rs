//! Orders, as `IATA_OrderViewRS` tells them.

use super::Reason;
use super::party::Party;
use super::trip;
use crate::lists::Lists;
use crate::read;
use crate::token::OrderToken;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{CarrierLocator, Money, Order, OrderStatus, Ticket};
use interline_plugin_sdk::xml::Element;
use interline_plugin_sdk::{time, token};

/// The order in a `Response`. `known` are the ids of the travellers, in their order, where they are known.
pub fn order(response: &Element, known: &OrderToken) -> Result<Order, Reason> {
    let order = response.child("Order").ok_or("no order")?;
    let id = read::text(order, "OrderID").ok_or("an order without an id")?.to_owned();
    let lists = Lists::of(response);
    let told = Party::as_told(&lists.pax);
    let ids = if known.pax.is_empty() { told.ids().to_vec() } else { known.pax.clone() };
    let locators = locators(order);
    let locator = locators.first().map_or_else(|| id.clone(), |(_, locator)| locator.clone());
    let tickets = tickets(response, &ids, &told);
    let token = OrderToken {
        owner: order.child_text("OwnerCode").map(str::to_owned).or_else(|| known.owner.clone()),
        pax: ids.clone(),
    };
    Ok(Order {
        status: status(order, response, &tickets, ids.len()),
        total: total(order).and_then(positive)?,
        ticketing_deadline: read::earliest(&read::everything(order), read::PAY_BY),
        segments: segments(order, &lists),
        token: token::encode(&token).map_err(|fault| fault.message)?,
        carrier_locators: locators
            .into_iter()
            .filter_map(|(carrier, locator)| Some(CarrierLocator { carrier: carrier?, locator }))
            .collect(),
        tickets,
        locator,
        id,
    })
}

/// Booking references with their carriers, each once, the order's own first.
fn locators(order: &Element) -> Vec<(Option<String>, String)> {
    let mut found: Vec<(Option<String>, String)> = Vec::new();
    for reference in order.children("BookingRef").chain(order.descendants("BookingRef")) {
        let Some(locator) = read::text(reference, "BookingID") else { continue };
        let carrier = reference.find("AirlineDesigCode").map(|code| code.text().to_owned());
        let one = (carrier.filter(|code| !code.is_empty()), locator.to_owned());
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn total(order: &Element) -> Result<Money, Reason> {
    if let Some(total) = order.path("TotalPrice/TotalAmount") {
        return read::money(total, None);
    }
    let mut sum: Option<Money> = None;
    for item in order.children("OrderItem") {
        let told = item.child("GrandTotalAmount").or_else(|| item.path("Price/TotalAmount"));
        let amount = read::money(told.ok_or("an order item without a price")?, None)?;
        sum = Some(match sum {
            Some(sum) => decimal::add(&sum, &amount).map_err(|why| why.to_string())?,
            None => amount,
        });
    }
    sum.ok_or_else(|| "an order without a price".to_owned())
}

fn positive(total: Money) -> Result<Money, Reason> {
    if total.units < 0 { Err("a total below zero".to_owned()) } else { Ok(total) }
}

/// Tickets by traveller; further documents (of services) are none.
fn tickets(response: &Element, ids: &[String], told: &Party) -> Vec<Ticket> {
    let mut all = Vec::new();
    for document in response.all("TicketDocInfo").into_iter().chain(response.all("TicketDocInfoList/TicketDocInfo")) {
        let alone = (ids.len() == 1).then_some(0);
        let index = match read::text(document, "PaxRefID") {
            // A supplier that renamed the passengers of the offer keeps their order.
            Some(pax) => ids
                .iter()
                .position(|id| id == pax)
                .or_else(|| told.index(pax).filter(|_| told.len() == ids.len()))
                .or(alone),
            None => alone,
        };
        // The order stands without a ticket whose traveller can't be told.
        let Some(traveller) = index.and_then(|index| u8::try_from(index).ok()) else { continue };
        for ticket in document.children("Ticket") {
            let kind = ticket.child_text("TicketDocTypeCode").unwrap_or("T");
            if kind.starts_with('J') || kind.starts_with('Y') {
                continue;
            }
            let one = number(ticket.child_text("TicketNumber").unwrap_or_default());
            let one = one.map(|number| Ticket { traveller, number }).filter(|one| !all.contains(one));
            all.extend(one);
        }
    }
    all
}

/// 13 digits; a number written as a number has lost the zeros of its airline.
fn number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(13).collect();
    (digits.len() > 10).then(|| format!("{digits:0>13}"))
}

fn status(order: &Element, response: &Element, tickets: &[Ticket], travellers: usize) -> OrderStatus {
    let code = |element: &Element| element.child_text("StatusCode").unwrap_or_default().to_ascii_uppercase();
    let items: Vec<String> = order.children("OrderItem").map(code).collect();
    let own = code(order);
    let cancelled = |code: &String| code.starts_with("CANCEL");
    if cancelled(&own) || (!items.is_empty() && items.iter().all(cancelled)) || (own == "CLOSED" && tickets.is_empty())
    {
        return OrderStatus::Cancelled;
    }
    let served = (0..travellers).filter(|index| tickets.iter().any(|t| usize::from(t.traveller) == *index)).count();
    if served > 0 && served >= travellers {
        return OrderStatus::Ticketed;
    }
    let paid = ["PaymentProcessingSummary", "PaymentInfo"].iter().any(|name| response.find(name).is_some());
    if served > 0 || paid || items.iter().any(|code| code == "TICKETED") {
        return OrderStatus::Pending;
    }
    OrderStatus::Held
}

/// The flights that the order's services refer to, in the order of travel; all that are listed where none does.
fn segments(order: &Element, lists: &Lists<'_>) -> Vec<interline_plugin_sdk::supplier::Segment> {
    let mut ids = read::below(order, &["PaxSegmentRefID"]);
    let journeys = read::below(order, &["PaxJourneyRefID"]);
    for id in journeys.iter().filter_map(|id| lists.journey(id)).flat_map(|j| read::texts(j, "PaxSegmentRefID")) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let flown: Vec<&Element> = if ids.is_empty() {
        lists.segments_in_order.clone()
    } else {
        ids.iter().filter_map(|id| lists.segment(id)).collect()
    };
    let mut segments = Segments::default();
    // A flight that can't be read is not told: the order stands.
    for segment in flown.into_iter().filter_map(|one| trip::segment(one, lists).ok()) {
        segments.index(segment);
    }
    let mut segments = segments.into_vec();
    segments.sort_by_cached_key(|segment| time::to_instant(&segment.departure, 0));
    segments
}
