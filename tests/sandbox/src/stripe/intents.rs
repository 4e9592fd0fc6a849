//! Payment intents: create, update, confirm, cancel, look up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cards::{self, Outcome};
use super::errors::{self, Error};
use super::form::Form;
use super::objects::Intent;
use super::{Done, Later, page};
use crate::world::World;

const CREATE: &[&str] = &[
    "amount",
    "currency",
    "automatic_payment_methods",
    "payment_method_types",
    "description",
    "metadata",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "confirm",
    "payment_method",
    "return_url",
    "capture_method",
    "confirmation_method",
    "customer",
    "setup_future_usage",
    "shipping",
    "off_session",
    "expand",
    "error_on_requires_action",
    "payment_method_options",
    "transfer_group",
    "use_stripe_sdk",
];
const UPDATE: &[&str] = &["amount", "currency", "description", "metadata", "receipt_email", "payment_method", "expand"];
const CONFIRM: &[&str] = &[
    "payment_method",
    "return_url",
    "receipt_email",
    "client_secret",
    "expand",
    "off_session",
    "use_stripe_sdk",
    "payment_method_options",
    "error_on_requires_action",
    "payment_method_types",
    "setup_future_usage",
    "shipping",
    "key",
];
const OPEN: &[&str] = &["requires_payment_method", "requires_confirmation", "requires_action"];

/// The least that Stripe takes, in minor units.
fn least(currency: &str) -> i64 {
    match currency {
        "gbp" => 30,
        "usd" | "eur" | "jpy" | "chf" | "aud" | "cad" | "sgd" => 50,
        _ => 1,
    }
}

fn amount(form: &Form, currency: &str) -> Result<Option<i64>, Error> {
    let Some(amount) = form.integer("amount")? else { return Ok(None) };
    if amount < 1 {
        return Err(errors::coded(
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        ));
    }
    if amount < least(currency) {
        return Err(errors::coded(
            "amount_too_small",
            "amount",
            "Amount must be at least the currency's minimum charge.",
        ));
    }
    if amount > 9_999_999_999 {
        return Err(errors::coded("amount_too_large", "amount", "Amount must be no more than the currency's maximum."));
    }
    Ok(Some(amount))
}

fn metadata(form: &Form) -> Result<BTreeMap<String, String>, Error> {
    let metadata = form.map("metadata");
    let too_long = metadata.iter().any(|(key, value)| key.len() > 40 || value.len() > 500);
    if metadata.len() > 50 || too_long {
        return Err(errors::invalid("metadata", "Metadata has at most 50 keys of 40, and values of 500 characters."));
    }
    Ok(metadata)
}

/// POST /v1/payment_intents
pub(super) fn create(world: &World, form: &Form, key: &str) -> Result<Done, Error> {
    form.only(CREATE)?;
    form.required("amount")?;
    let currency = form.required("currency")?.to_lowercase();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(errors::invalid("currency", &format!("Invalid currency: {currency}.")));
    }
    let amount = amount(form, &currency)?.ok_or_else(|| errors::required("amount"))?;
    let metadata = metadata(form)?;
    let id = world.id("pi_", 24);
    let intent = Intent {
        client_secret: format!("{id}_secret_{}", world.id("", 24)),
        id: id.clone(),
        amount,
        currency,
        status: "requires_payment_method",
        created: Timestamp::now().as_second(),
        description: form.get("description").map(str::to_owned),
        receipt_email: form.get("receipt_email").map(str::to_owned),
        metadata,
        payment_method: None,
        charge: None,
        refunded: 0,
        canceled_at: None,
        cancellation_reason: None,
        last_error: None,
        key: key.to_owned(),
        times_charged: 0,
    };
    let mut done = Done::quiet(intent.json(&form.list("expand")));
    done.events.push(("payment_intent.created", intent.json(&[])));
    {
        let mut state = world.stripe.state.lock();
        state.intent_order.push(id.clone());
        state.intents.insert(id.clone(), intent);
    }
    if let Some(method) = form.get("payment_method")
        && !form.flag("confirm")
    {
        check_method(method)?;
        change(world, &id, |intent| {
            intent.payment_method = Some(method.to_owned());
            intent.status = "requires_confirmation";
        })?;
    }
    if form.flag("confirm") {
        let mut confirmed = pay(world, &id, form.required("payment_method")?, &form.list("expand"))?;
        confirmed.events.splice(0..0, done.events);
        return Ok(confirmed);
    }
    if world.stripe.webhooks.plan().pay_at_once {
        // The traveller was quicker than the answer: its event is out before the gateway knows the intent's id.
        done.events.extend(pay(world, &id, "pm_card_visa", &[])?.events);
    }
    Ok(done)
}

fn check_method(method: &str) -> Result<Outcome, Error> {
    cards::outcome(method).ok_or_else(|| errors::missing("PaymentMethod", method, "payment_method"))
}

fn change<T>(world: &World, id: &str, change: impl FnOnce(&mut Intent) -> T) -> Result<T, Error> {
    let mut state = world.stripe.state.lock();
    state.intents.get_mut(id).map(change).ok_or_else(|| errors::missing("payment_intent", id, "intent"))
}

/// POST /v1/payment_intents/{id}
pub(super) fn update(world: &World, id: &str, form: &Form) -> Result<Done, Error> {
    form.only(UPDATE)?;
    let metadata = metadata(form)?;
    let method = form.get("payment_method").map(|method| check_method(method).map(|_| method)).transpose()?;
    let currency = change(world, id, |intent| intent.currency.clone())?;
    let amount = amount(form, &currency)?;
    change(world, id, |intent| {
        if !OPEN.contains(&intent.status) && (amount.is_some() || method.is_some()) {
            let message =
                format!("This PaymentIntent could not be updated because it has a status of {}.", intent.status);
            return Err(errors::wrong_state(&message, intent.json(&[])));
        }
        intent.amount = amount.unwrap_or(intent.amount);
        if let Some(method) = method {
            intent.payment_method = Some(method.to_owned());
            intent.status = "requires_confirmation";
        }
        if let Some(description) = form.get("description") {
            intent.description = Some(description.to_owned());
        }
        intent.metadata.extend(metadata);
        Ok(Done::quiet(intent.json(&form.list("expand"))))
    })?
}

/// POST /v1/payment_intents/{id}/confirm
pub(super) fn confirm(world: &World, id: &str, form: &Form, browser: bool) -> Result<Done, Error> {
    form.only(CONFIRM)?;
    check_secret(world, id, form, browser)?;
    let attached = change(world, id, |intent| intent.payment_method.clone())?;
    let method = form.get("payment_method").map(str::to_owned).or(attached);
    let method = method.ok_or_else(|| errors::required("payment_method"))?;
    pay(world, id, &method, &form.list("expand"))
}

fn check_secret(world: &World, id: &str, form: &Form, browser: bool) -> Result<(), Error> {
    let secret = form.get("client_secret");
    if browser && secret.is_none() {
        return Err(errors::required("client_secret"));
    }
    let right = change(world, id, |intent| secret.is_none_or(|secret| secret == intent.client_secret))?;
    if right {
        Ok(())
    } else {
        Err(errors::invalid("client_secret", "The client_secret doesn't match the PaymentIntent."))
    }
}

fn pay(world: &World, id: &str, method: &str, expand: &[String]) -> Result<Done, Error> {
    let outcome = check_method(method)?;
    let charge = world.id("ch_", 24);
    change(world, id, |intent| {
        if !OPEN.contains(&intent.status) {
            let message = format!(
                "This PaymentIntent's status is {}, but must be one of the following to confirm it: {}.",
                intent.status,
                OPEN.join(", ")
            );
            return Err(errors::wrong_state(&message, intent.json(&[])));
        }
        intent.payment_method = Some(method.to_owned());
        let mut later = Vec::new();
        let event = match outcome {
            Outcome::Succeeds => {
                succeed(intent, charge);
                "payment_intent.succeeded"
            }
            Outcome::NeedsAction => {
                intent.status = "requires_action";
                "payment_intent.requires_action"
            }
            Outcome::SucceedsLater | Outcome::FailsLater => {
                intent.status = "processing";
                intent.charge = Some(charge);
                later.push(Later::Intent { id: id.to_owned(), well: outcome == Outcome::SucceedsLater });
                "payment_intent.processing"
            }
            Outcome::Declined(code, words) => return Err(decline(intent, charge, code, words)),
        };
        Ok(Done { reply: intent.json(expand), events: vec![(event, intent.json(&[]))], later })
    })?
}

fn succeed(intent: &mut Intent, charge: String) {
    intent.status = "succeeded";
    intent.charge = Some(charge);
    intent.last_error = None;
    intent.times_charged += 1;
}

fn decline(intent: &mut Intent, charge: String, code: &str, words: &str) -> Error {
    intent.status = "requires_payment_method";
    intent.last_error = Some(json!({
        "type": "card_error",
        "code": "card_declined",
        "decline_code": code,
        "message": words,
        "charge": charge,
    }));
    intent.payment_method = None;
    intent.charge = Some(charge);
    let mut error = errors::card(code, words, intent.json(&[]));
    error.events.push(("payment_intent.payment_failed", intent.json(&[])));
    error
}

/// What a payment that took its time comes to; answers the event of it.
pub(super) fn settle(world: &World, id: &str, well: bool) -> Option<(&'static str, Value)> {
    let mut state = world.stripe.state.lock();
    let intent = state.intents.get_mut(id).filter(|intent| intent.status == "processing")?;
    let charge = intent.charge.clone().unwrap_or_default();
    if well {
        succeed(intent, charge);
        return Some(("payment_intent.succeeded", intent.json(&[])));
    }
    decline(intent, charge, "insufficient_funds", "The bank account has insufficient funds.").events.pop()
}

/// POST /v1/payment_intents/{id}/cancel
pub(super) fn cancel(world: &World, id: &str, form: &Form) -> Result<Done, Error> {
    form.only(&["cancellation_reason", "expand"])?;
    let reason = form.get("cancellation_reason").map(str::to_owned);
    let reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];
    if reason.as_deref().is_some_and(|reason| !reasons.contains(&reason)) {
        let message =
            "Invalid cancellation_reason: must be one of duplicate, fraudulent, requested_by_customer, or abandoned";
        return Err(errors::invalid("cancellation_reason", message));
    }
    change(world, id, |intent| {
        if !OPEN.contains(&intent.status) {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of \
                 the following statuses may be canceled: {}.",
                intent.status,
                OPEN.join(", ")
            );
            return Err(errors::wrong_state(&message, intent.json(&[])));
        }
        intent.status = "canceled";
        intent.canceled_at = Some(Timestamp::now().as_second());
        intent.cancellation_reason = reason;
        let mut done = Done::quiet(intent.json(&form.list("expand")));
        done.events.push(("payment_intent.canceled", intent.json(&[])));
        Ok(done)
    })?
}

/// GET /v1/payment_intents/{id}
pub(super) fn get(world: &World, id: &str, form: &Form, browser: bool) -> Result<Done, Error> {
    form.only(&["client_secret", "expand", "key"])?;
    check_secret(world, id, form, browser)?;
    change(world, id, |intent| Done::quiet(intent.json(&form.list("expand"))))
}

fn newest_first(world: &World, form: &Form, fits: impl Fn(&Intent) -> bool) -> Vec<Value> {
    let state = world.stripe.state.lock();
    let expand = form.list("expand");
    let intents = state.intent_order.iter().rev().filter_map(|id| state.intents.get(id));
    intents.filter(|intent| fits(intent)).map(|intent| intent.json(&expand)).collect()
}

/// GET /v1/payment_intents
pub(super) fn list(world: &World, form: &Form) -> Result<Done, Error> {
    form.only(&["limit", "starting_after", "created", "customer", "expand"])?;
    let (after, before) = (form.integer("created[gte]")?, form.integer("created[lte]")?);
    let fits = |intent: &Intent| {
        after.is_none_or(|after| intent.created >= after) && before.is_none_or(|before| intent.created <= before)
    };
    Ok(Done::quiet(page(form, "/v1/payment_intents", newest_first(world, form, fits))?))
}

/// GET /v1/payment_intents/search?query=metadata['booking']:'…' AND status:'succeeded'
pub(super) fn search(world: &World, form: &Form) -> Result<Done, Error> {
    form.only(&["query", "limit", "page", "expand"])?;
    let mut clauses = Vec::new();
    for clause in form.required("query")?.split(" AND ") {
        let unquoted = |text: &str| text.trim_matches(|quote| quote == '\'' || quote == '"').to_owned();
        let (field, value) =
            clause.trim().split_once(':').ok_or_else(|| errors::invalid("query", "Can't be parsed."))?;
        let key = field.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')).map(unquoted);
        if key.is_none() && field != "status" {
            return Err(errors::invalid("query", &format!("Field {field} is not searchable here.")));
        }
        clauses.push((key, unquoted(value)));
    }
    let fits = |intent: &Intent| {
        clauses.iter().all(|(key, value)| match key {
            Some(key) => intent.metadata.get(key) == Some(value),
            None => intent.status == value,
        })
    };
    let mut found = page(form, "/v1/payment_intents/search", newest_first(world, form, fits))?;
    found["object"] = "search_result".into();
    found["next_page"] = Value::Null;
    Ok(Done::quiet(found))
}
