//! Replies changed in every way that suppliers manage.

use super::booking::wanted;
use super::shopping::request;
use super::*;
use crate::mapping::offer::Context;
use crate::{order, search};
use interline_mutations::{broken, change, json, kept};
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::http::Script;
use interline_plugin_sdk::supplier::*;
use proptest::prelude::*;
use serde_json::Value;

fn found(reply: Vec<u8>) -> Result<SearchReply, Fault> {
    search::search(&Script::of([Response::new(200, reply)]), &request())
}

/// A message whose offers can all be read, though not all be sold.
fn readable() -> Value {
    let mut message: Value = serde_json::from_slice(&fixture("offer_request").body).expect("JSON");
    let offers = message["data"]["offers"].as_array_mut().expect("offers");
    offers.retain(|offer| offer["id"] != "off_shape");
    message
}

/// Read in one go, and offer by offer.
fn both_ways(message: &[u8]) -> (Option<SearchReply>, Result<SearchReply, Fault>) {
    let (request, response) = (request(), Response::new(200, message));
    let context = Context { passengers: &request.passengers, cabin: Some(request.cabin), replaying: false };
    (search::at_once(&response, context), search::one_by_one(&response, context))
}

#[test]
fn what_can_be_read_is_read_in_one_go() {
    let (at_once, one_by_one) = both_ways(readable().to_string().as_bytes());
    assert_eq!(at_once.as_ref(), one_by_one.as_ref().ok());
    assert_eq!(at_once.map(|reply| (reply.offers.len(), reply.skipped.len())), Some((2, 4)));
}

#[test]
fn an_odd_id_of_the_whole_loses_no_offer() {
    let mut message: Value = serde_json::from_slice(&fixture("offer_request").body).expect("JSON");
    message["data"]["id"] = Value::from(7);
    let found = found(message.to_string().into_bytes()).expect("offers");
    assert_eq!((found.offers.len(), found.skipped.len()), (2, 5));
}

/// What the message itself says of an offer's price, read without the adapter.
fn priced(message: &Value, offer: &Offer) -> bool {
    let offers = message.pointer("/data/offers").and_then(Value::as_array).into_iter().flatten();
    offers.filter(|one| one["id"] == offer.id.as_str()).any(|one| {
        let amount = one["total_amount"].as_str().unwrap_or_default();
        one["total_currency"] == offer.total.currency.as_str()
            && decimal::units(amount, offer.total.exponent) == Ok(offer.total.units)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn an_offer_has_the_price_of_its_message_or_is_skipped(change in change()) {
        let reply = json(&fixture("offer_request").text(), &change);
        let message: Value = serde_json::from_slice(&reply).expect("JSON");
        if let Ok(found) = found(reply) {
            for offer in &found.offers {
                prop_assert!(priced(&message, offer), "{} {:?}", offer.id, offer.total);
            }
        }
    }

    #[test]
    fn one_offer_never_loses_the_others(change in change()) {
        let mut message: Value = serde_json::from_slice(&fixture("offer_request").body).expect("JSON");
        let unchanged = found(message.to_string().into_bytes()).expect("offers");
        let changed = json(&message["data"]["offers"][0].to_string(), &change);
        message["data"]["offers"][0] = serde_json::from_slice(&changed).expect("JSON");
        let reply = found(message.to_string().into_bytes()).expect("the others");
        for offer in unchanged.offers.iter().skip(1) {
            prop_assert_eq!(kept(&reply, &offer.id), kept(&unchanged, &offer.id));
        }
        prop_assert!(reply.offers.len() + reply.skipped.len() >= unchanged.offers.len() + unchanged.skipped.len());
    }

    #[test]
    fn a_reply_says_the_same_in_one_go_and_offer_by_offer(change in change()) {
        let (at_once, one_by_one) = both_ways(&json(&readable().to_string(), &change));
        if let Some(at_once) = at_once {
            prop_assert_eq!(Ok(at_once), one_by_one);
        }
    }

    #[test]
    fn what_is_cut_off_or_overwritten_does_no_harm(reply in broken(fixture("offer_request").body)) {
        if let Err(fault) = found(reply) {
            prop_assert!(matches!(fault.disposition, Disposition::RetryAfter(_)), "{fault:?}");
        }
    }

    #[test]
    fn an_order_whose_answer_is_odd_is_made_or_not_known(change in change()) {
        let odd = json(&fixture("order_held").text(), &change);
        let script = Script::of([fixture("offer_hold"), Response::new(201, odd)]);
        match order::create(&script, &wanted(true)) {
            Ok(made) => prop_assert_eq!(made.total, euro(265_000)),
            Err(fault) => prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown),
        }
    }

    #[test]
    fn an_order_whose_answer_is_broken_is_not_known(odd in broken(fixture("order_held").body)) {
        let script = Script::of([fixture("offer_hold"), Response::new(201, odd)]);
        if let Err(fault) = order::create(&script, &wanted(true)) {
            prop_assert_eq!(fault.disposition, Disposition::OutcomeUnknown);
        }
    }
}
