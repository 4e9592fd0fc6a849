//! Offers.

use super::conditions::conditions;
use super::party::Party;
use super::trip::{self, Reason};
use super::{optional_instant, optional_money};
use crate::token::OfferToken;
use crate::wire::offer as wire;
use interline_plugin_sdk::decimal;
use interline_plugin_sdk::itinerary::Segments;
use interline_plugin_sdk::supplier::{Cabin, Money, Offer, Passenger, PassengerFare};
use std::ops::Deref;

/// What an offer is mapped for.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The passengers asked for.
    pub passengers: &'a [Passenger],
    /// The cabin asked for, where Duffel names none.
    pub cabin: Option<Cabin>,
    /// A recorded reply is replayed: it says itself who travels.
    pub replaying: bool,
}

/// One offer, with its flights put into `segments`; on an error those are taken back.
pub fn offer<T: Deref<Target = str>>(
    wire: &wire::Offer<T>,
    context: Context<'_>,
    segments: &mut Segments,
) -> Result<Offer, Reason> {
    let before = segments.len();
    let mapped = map(wire, context, segments);
    if mapped.is_err() {
        segments.truncate(before);
    }
    mapped
}

fn map<T: Deref<Target = str>>(
    wire: &wire::Offer<T>,
    context: Context<'_>,
    segments: &mut Segments,
) -> Result<Offer, Reason> {
    if wire.partial == Some(true) {
        return Err("a partial offer: of one slice, to be combined with others".to_owned());
    }
    let party = match Party::of(context.passengers, &wire.passengers) {
        Some(party) => party,
        None if context.replaying => Party::as_offered(&wire.passengers),
        None => return Err("offered to other passengers than asked for".to_owned()),
    };
    let mut baggage = Vec::new();
    let slices = trip::slices(&wire.slices, &party, context.cabin, segments, &mut baggage)?;
    let Price { base, taxes, total } = price(wire)?;
    // An owner may have no code of its own; the first flight is sold by somebody who has.
    let first = wire.slices.first().and_then(|slice| slice.segments.first());
    let owner = wire.owner.as_ref().and_then(|owner| owner.iata_code.as_deref());
    let owner = owner.or_else(|| first.and_then(|flight| flight.marketing_carrier.iata_code.as_deref()));
    let owner = owner.ok_or("an owner without an IATA code")?.to_owned();
    let payment = wire.payment_requirements.as_ref();
    let holdable = payment.and_then(|p| p.requires_instant_payment) == Some(false);
    let deadline = payment.and_then(|p| p.payment_required_by.as_deref().or(p.price_guarantee_expires_at.as_deref()));
    let documents = wire.supported_passenger_identity_document_types.as_ref();
    let documents = documents.or(wire.allowed_passenger_identity_document_types.as_ref());
    let token = OfferToken {
        passengers: party.ids().to_vec(),
        hold: holdable,
        documents: documents.into_iter().flatten().map(|kind| kind.to_string()).collect(),
        document_required: wire.passenger_identity_documents_required == Some(true),
    };
    Ok(Offer {
        id: wire.id.to_owned(),
        token: token.encode().map_err(|fault| fault.message)?,
        owner,
        slices,
        fares: fares(context.passengers, &wire.passengers, &base, &taxes, &total),
        baggage,
        conditions: conditions(wire.conditions.as_ref(), &wire.slices, &wire.total_currency)
            .map_err(|why| why.to_string())?,
        expires_at: optional_instant(wire.expires_at.as_deref()),
        ticketing_deadline: optional_instant(deadline),
        holdable,
        base,
        taxes,
        total,
    })
}

struct Price {
    base: Money,
    taxes: Money,
    total: Money,
}

/// Base and tax as Duffel states them; what it leaves out is the difference to the total.
fn price<T: Deref<Target = str>>(wire: &wire::Offer<T>) -> Result<Price, Reason> {
    let fail = |why: decimal::AmountError| why.to_string();
    let currency = &wire.total_currency;
    let total = decimal::money(&wire.total_amount, currency).map_err(fail)?;
    let base = optional_money(wire.base_amount.as_deref(), wire.base_currency.as_deref(), currency).map_err(fail)?;
    let taxes = optional_money(wire.tax_amount.as_deref(), wire.tax_currency.as_deref(), currency).map_err(fail)?;
    let (base, taxes) = match (base, taxes) {
        (Some(base), Some(taxes)) => (base, taxes),
        (Some(base), None) => {
            let taxes = decimal::subtract(&total, &base).map_err(fail)?;
            (base, taxes)
        }
        (None, Some(taxes)) => {
            let base = decimal::subtract(&total, &taxes).map_err(fail)?;
            (base, taxes)
        }
        (None, None) => (total.clone(), decimal::zero(currency).map_err(fail)?),
    };
    if base.currency != total.currency || taxes.currency != total.currency {
        return Err("base, tax and total are in several currencies".to_owned());
    }
    if total.units < 0 {
        return Err("a total below zero".to_owned());
    }
    Ok(Price { base, taxes, total })
}

/// Duffel tells no prices by passenger. For a single one they are the offer's; for more they are not told.
fn fares<T>(
    asked: &[Passenger],
    offered: &[wire::OfferPassenger<T>],
    base: &Money,
    taxes: &Money,
    total: &Money,
) -> Vec<PassengerFare> {
    match (asked, offered) {
        ([passenger], [_]) => vec![PassengerFare {
            kind: passenger.kind,
            passengers: vec![0],
            base: base.clone(),
            taxes: Vec::new(),
            taxes_total: taxes.clone(),
            total: total.clone(),
        }],
        _ => Vec::new(),
    }
}
