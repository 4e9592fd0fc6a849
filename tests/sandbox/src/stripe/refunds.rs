//! Refunds of succeeded payments, whole or in part.

use jiff::Timestamp;
use serde_json::Value;

use super::cards::{self, RefundOutcome};
use super::errors::{self, Error};
use super::form::Form;
use super::objects::Refund;
use super::{Done, Later, page};
use crate::world::World;

/// POST /v1/refunds
pub(super) fn create(world: &World, form: &Form, key: &str) -> Result<Done, Error> {
    form.only(&["payment_intent", "charge", "amount", "reason", "metadata", "expand"])?;
    let asked = form.integer("amount")?;
    if asked.is_some_and(|amount| amount < 1) {
        return Err(errors::coded(
            "parameter_invalid_integer",
            "amount",
            "This value must be greater than or equal to 1.",
        ));
    }
    let reason = form.get("reason").map(str::to_owned);
    if reason.as_deref().is_some_and(|reason| !["duplicate", "fraudulent", "requested_by_customer"].contains(&reason)) {
        return Err(errors::invalid("reason", "Invalid reason."));
    }
    let (id, charge) = (world.id("re_", 24), form.get("charge"));
    let mut state = world.stripe.state.lock();
    let state = &mut *state;
    let intent = match (form.get("payment_intent"), charge) {
        (Some(intent), _) => {
            state.intents.get_mut(intent).ok_or_else(|| errors::missing("payment_intent", intent, "payment_intent"))?
        }
        (None, Some(charge)) => {
            let found = state.intents.values_mut().find(|intent| intent.charge.as_deref() == Some(charge));
            found.ok_or_else(|| errors::missing("charge", charge, "charge"))?
        }
        (None, None) => return Err(errors::required("payment_intent")),
    };
    if intent.status != "succeeded" {
        let message = format!("This PaymentIntent ({}) does not have a successful charge to refund.", intent.id);
        return Err(errors::wrong_state(&message, intent.json(&[])));
    }
    let left = intent.amount - intent.refunded;
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", intent.charge.as_deref().unwrap_or_default());
        return Err(errors::coded("charge_already_refunded", "charge", &message).kept());
    }
    let amount = asked.unwrap_or(left);
    if amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).");
        return Err(errors::invalid("amount", &message).kept());
    }
    intent.refunded += amount;
    let outcome = cards::refund_outcome(intent.payment_method.as_deref().unwrap_or_default());
    let refund = Refund {
        id: id.clone(),
        intent: intent.id.clone(),
        charge: intent.charge.clone(),
        amount,
        currency: intent.currency.clone(),
        status: if outcome == RefundOutcome::Succeeds { "succeeded" } else { "pending" },
        reason,
        metadata: form.map("metadata"),
        created: Timestamp::now().as_second(),
        key: key.to_owned(),
    };
    let mut done = Done::quiet(refund.json());
    done.events = vec![("refund.created", refund.json()), ("charge.refunded", intent.charge_json())];
    if outcome != RefundOutcome::Succeeds {
        done.later.push(Later::Refund { id, well: outcome == RefundOutcome::SucceedsLater });
    }
    state.refunds.push(refund);
    Ok(done)
}

/// What a refund that took its time comes to; answers the event of it.
pub(super) fn settle(world: &World, id: &str, well: bool) -> Option<(&'static str, Value)> {
    let mut state = world.stripe.state.lock();
    let state = &mut *state;
    let refund = state.refunds.iter_mut().find(|refund| refund.id == id && refund.status == "pending")?;
    refund.status = if well { "succeeded" } else { "failed" };
    if !well && let Some(intent) = state.intents.get_mut(&refund.intent) {
        intent.refunded -= refund.amount;
    }
    Some((if well { "refund.updated" } else { "refund.failed" }, refund.json()))
}

/// GET /v1/refunds/{id}
pub(super) fn get(world: &World, id: &str) -> Result<Done, Error> {
    let state = world.stripe.state.lock();
    let found = state.refunds.iter().find(|refund| refund.id == id);
    found.map(|refund| Done::quiet(refund.json())).ok_or_else(|| errors::missing("refund", id, "id"))
}

/// GET /v1/refunds
pub(super) fn list(world: &World, form: &Form) -> Result<Done, Error> {
    form.only(&["limit", "starting_after", "payment_intent", "charge", "created", "expand"])?;
    let is = |name: &str, value: Option<&str>| form.get(name).is_none_or(|wanted| Some(wanted) == value);
    let fits = |refund: &&Refund| is("payment_intent", Some(&refund.intent)) && is("charge", refund.charge.as_deref());
    let found = world.stripe.state.lock().refunds.iter().rev().filter(fits).map(Refund::json).collect();
    Ok(Done::quiet(page(form, "/v1/refunds", found)?))
}
