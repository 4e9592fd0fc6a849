//! Orders and the payments for them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::{self, Errors, Wrong};
use super::offers;
use super::passengers::{documents_required, travellers, type_name};
use super::{payments, places, render};
use crate::books::{Order, Status, Traveller};
use crate::faults::Kind;
use crate::shelf::Offer;
use crate::supplier::Supplier;
use crate::wire::{Call, Reply};
use crate::world::World;

/// A cursor page, as all lists have it.
pub(super) struct Page {
    limit: usize,
    from: usize,
}

impl Page {
    pub fn read(pairs: &BTreeMap<String, String>, wrong: &mut Wrong) -> Page {
        let limit = match pairs.get("limit").map(|limit| limit.parse::<usize>()) {
            None => 50,
            Some(Ok(limit @ 1..=200)) => limit,
            Some(_) => {
                wrong.add("validation_inclusion", "Invalid value", "/limit", "must be from 1 to 200");
                50
            }
        };
        let cursor = pairs.get("after").or_else(|| pairs.get("before"));
        let at = cursor.and_then(|cursor| cursor.strip_prefix("g3QAAAAC")?.parse::<usize>().ok());
        if cursor.is_some() && at.is_none() {
            wrong.invalid("/after", "is not a cursor of this list");
        }
        let from = at.map_or(0, |at| if pairs.contains_key("after") { at } else { at.saturating_sub(limit) });
        Page { limit, from }
    }

    /// The page's entries and the list's `meta`.
    pub fn cut<'a, T>(&self, all: &'a [T]) -> (&'a [T], Value) {
        let from = self.from.min(all.len());
        let to = (from + self.limit).min(all.len());
        let cursor = |at: usize| format!("g3QAAAAC{at}");
        let meta = json!({
            "limit": self.limit,
            "after": (to < all.len()).then(|| cursor(to)),
            "before": (from > 0).then(|| cursor(from)),
        });
        (&all[from..to], meta)
    }
}

fn json_of(order: &Order) -> Value {
    let product = &order.product;
    let query = crate::inventory::Query {
        supplier: Supplier::Duffel,
        slices: Vec::new(),
        passengers: Vec::new(),
        cabin: product.cabin,
        currency: product.currency,
    };
    let passengers: Vec<_> = order.travellers.iter().map(|one| (one.id.clone(), one.kind)).collect();
    let stamp = |instant: Option<Timestamp>| instant.map(render::stamp);
    let held = order.status == Status::Held;
    let document = |(traveller, number): &(usize, String)| {
        json!({
            "type": "electronic_ticket",
            "unique_identifier": number,
            "passenger_ids": [order.travellers[*traveller].id],
        })
    };
    let actions: &[&str] = if order.status == Status::Cancelled { &[] } else { &["cancel", "update"] };
    let mut body = json!({
        "id": order.id,
        "live_mode": false,
        "type": if held { "hold" } else { "instant" },
        "content": "managed",
        "booking_reference": order.locator,
        "booking_references": [{ "booking_reference": order.locator, "carrier": places::airline(product.owner.code) }],
        "offer_id": order.offer,
        "owner": places::airline(product.owner.code),
        "created_at": render::stamp(order.made_at),
        "synced_at": render::stamp(Timestamp::now()),
        "cancelled_at": stamp(order.cancelled_at),
        "void_window_ends_at": null,
        "available_actions": actions,
        "metadata": order.metadata,
        "services": [],
        "airline_initiated_changes": [],
        "conditions": render::conditions(product),
        "slices": render::slices(product, &query, &passengers, &order.id),
        "passengers": order.travellers.iter().map(passenger).collect::<Vec<_>>(),
        "documents": order.tickets.iter().map(document).collect::<Vec<_>>(),
        "payment_status": {
            "awaiting_payment": held,
            "payment_required_by": stamp(order.pay_by),
            "price_guarantee_expires_at": stamp(order.pay_by),
            "paid_at": stamp(order.ticketed_at),
        },
    });
    render::amounts(product, &mut body);
    body
}

fn passenger(traveller: &Traveller) -> Value {
    json!({
        "id": traveller.id,
        "type": type_name(traveller.kind),
        "title": traveller.title,
        "given_name": traveller.given_name,
        "family_name": traveller.family_name,
        "gender": traveller.gender,
        "born_on": traveller.born_on,
        "email": traveller.email,
        "phone_number": traveller.phone,
        "infant_passenger_id": traveller.infant,
        "loyalty_programme_accounts": [],
    })
}

fn metadata(data: &Value, wrong: &mut Wrong) -> BTreeMap<String, String> {
    let Some(given) = data["metadata"].as_object() else { return BTreeMap::new() };
    let key_is_fine = |key: &str| {
        key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let mut kept = BTreeMap::new();
    for (key, value) in given {
        match value.as_str() {
            Some(value) if key_is_fine(key) && value.len() <= 500 => {
                kept.insert(key.clone(), value.to_owned());
            }
            _ => wrong.invalid("/metadata", "must have keys of at most 40 and values of at most 500 characters"),
        }
    }
    if given.len() > 50 {
        wrong.add("validation_length", "Invalid length", "/metadata", "should have at most 50 item(s)");
    }
    kept
}

/// POST /air/orders
pub(super) fn create(world: &World, call: &Call, data: &Value) -> Result<Reply, Errors> {
    let mut wrong = Wrong::default();
    let instant = match data["type"].as_str() {
        None | Some("instant") => true,
        Some("hold" | "pay_later") => false,
        Some(_) => {
            wrong.add("validation_inclusion", "Invalid value", "/type", "must be one of instant, hold");
            true
        }
    };
    let selected = match data["selected_offers"].as_array().map(Vec::as_slice) {
        Some([Value::String(id)]) => id.as_str(),
        _ => {
            wrong.add("validation_length", "Invalid length", "/selected_offers", "should have 1 item(s)");
            return Err(wrong.into_errors());
        }
    };
    let offer = offers::find(world, selected).ok_or_else(|| errors::linked_not_found("selected_offers"))?;
    let departs = |index: usize| offer.search.query.slices.get(index).map(|slice| slice.date).unwrap_or_default();
    let travel = (departs(0), departs(offer.search.query.slices.len().saturating_sub(1)));
    let documents = documents_required(&offers::countries(&offer.product));
    let travellers = travellers(&data["passengers"], &offer.search.passengers, travel, documents, &mut wrong);
    let metadata = metadata(data, &mut wrong);
    let given = data["payments"].as_array().map_or(&[][..], Vec::as_slice);
    match (instant, given) {
        (true, [_]) | (false, []) => {}
        (true, _) => wrong.missing("/payments"),
        (false, _) => wrong.add("validation_length", "Invalid length", "/payments", "must be absent for a hold order"),
    }
    wrong.check()?;
    let gone = |kind: &Kind| call.faults.has(kind);
    if gone(&Kind::SoldOutAtOrder {}) || (instant && gone(&Kind::SoldOutAtTicketing {})) {
        world.duffel_shelf.sell_out(&offer.id);
    }
    offers::still_there(world, &offer)?;
    if let Some(percent) = call.faults.price_change() {
        world.duffel_shelf.change_price(&offer.id, percent);
        return Err(errors::state(
            "price_changed",
            "Price changed",
            "The price of the offer has changed. Get it again.",
        ));
    }
    let now = Timestamp::now();
    if !instant && !offers::holdable(&offer.product, now) {
        let message = "The offer requires instant payment and can't be held.";
        return Err(errors::state("offer_requires_instant_payment", "Offer requires instant payment", message));
    }
    if let [payment] = given {
        payments::check(payment, offer.product.total(), offer.product.currency)?;
    }
    let order = new_order(world, offer, travellers, metadata, instant.then_some(now), now);
    let taken = |other: &Order| other.offer == order.offer;
    let written = order.clone();
    if !world.books.add_unless(written, taken) {
        let message = "An order was already made from this offer. Search again for another.";
        return Err(errors::state("order_creation_already_attempted", "Order creation already attempted", message));
    }
    if instant {
        payments::take(world, &order, now);
    }
    Ok(Reply::json(201, &json!({ "data": json_of(&order) })))
}

fn new_order(
    world: &World,
    offer: Offer,
    travellers: Vec<Traveller>,
    metadata: BTreeMap<String, String>,
    paid_at: Option<Timestamp>,
    now: Timestamp,
) -> Order {
    let hold = SignedDuration::try_from(world.config.hold).unwrap_or(SignedDuration::from_hours(24));
    let mut order = Order {
        supplier: Supplier::Duffel,
        id: world.id("ord_0000", 18),
        locator: world.locator(),
        offer: offer.id,
        product: offer.product,
        travellers,
        status: Status::Held,
        client_reference: metadata.get("client_reference").cloned(),
        metadata,
        tickets: Vec::new(),
        made_at: now,
        pay_by: Some(now + hold),
        ticketed_at: None,
        cancelled_at: None,
        refunded: None,
        times_paid: 0,
    };
    if let Some(at) = paid_at {
        order.issue(at);
    }
    order
}

/// GET /air/orders/{id}
pub(super) fn get(world: &World, id: &str) -> Result<Reply, Errors> {
    let order = world.books.find(Supplier::Duffel, |order| order.id == id).ok_or_else(errors::not_found)?;
    Ok(Reply::json(200, &json!({ "data": json_of(&order) })))
}

/// GET /air/orders
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, Errors> {
    let pairs = call.query_pairs();
    let mut wrong = Wrong::default();
    let page = Page::read(&pairs, &mut wrong);
    let mut instant = |name: &str| {
        let given = pairs.get(name)?;
        let instant = given.parse::<Timestamp>().ok();
        if instant.is_none() {
            wrong.invalid(&format!("/{name}"), "must be a datetime");
        }
        instant
    };
    let (made_after, made_before) = (instant("created_at[after]"), instant("created_at[before]"));
    wrong.check()?;
    let names: Vec<String> = url::form_urlencoded::parse(call.query.as_bytes())
        .filter(|(name, _)| name == "passenger_name[]")
        .map(|(_, value)| value.to_lowercase())
        .collect();
    let named = |order: &Order| {
        names.iter().all(|name| {
            order
                .travellers
                .iter()
                .any(|one| format!("{} {}", one.given_name, one.family_name).to_lowercase().contains(name.as_str()))
        })
    };
    let is = |name: &str, value: &str| pairs.get(name).is_none_or(|wanted| wanted == value);
    let fits = |order: &Order| {
        is("booking_reference", &order.locator)
            && is("offer_id", &order.offer)
            && made_after.is_none_or(|after| order.made_at >= after)
            && made_before.is_none_or(|before| order.made_at <= before)
            && is("awaiting_payment", if order.status == Status::Held { "true" } else { "false" })
            && named(order)
    };
    let mut orders = world.books.all(Supplier::Duffel, fits);
    if pairs.get("sort").is_some_and(|sort| sort == "created_at") {
        orders.reverse();
    }
    let (cut, meta) = page.cut(&orders);
    Ok(Reply::json(200, &json!({ "data": cut.iter().map(json_of).collect::<Vec<_>>(), "meta": meta })))
}
