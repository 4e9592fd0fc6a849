//! Offers as frontends see them.

use super::{
    Amount, BaggageView, ConditionsView, FareSliceView, FareView, ItineraryView, PriceView, SegmentView, SliceView,
    TermView,
};
use interline_domain::itinerary::{Fingerprint, LocalTime, Segment, minutes_between};
use interline_domain::money::{Currency, Money};
use interline_domain::offer::BagKind;
use interline_domain::offer::{Condition, Offer, SupplierReply};
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::places::{self, Airport};
use interline_domain::text::Text;
use interline_pricing::{BaggageAllowance, PricedOffer};
use jiff::civil::DateTime;
use std::collections::HashSet;
use std::sync::Arc;

/// The flights of an offer. Slices and segments that are not there are left out; columns refuse such offers before.
pub fn itinerary(offer: &Offer, reply: &SupplierReply, fingerprint: Fingerprint) -> ItineraryView {
    let slices: Vec<SliceView> = offer
        .slices
        .iter()
        .filter_map(|slice| {
            let at = |index: u32| reply.segments.get(index as usize);
            let first = at(slice.segments.first()?.segment)?;
            let last = at(slice.segments.last()?.segment)?;
            let segments: Vec<SegmentView> = slice
                .segments
                .iter()
                .filter_map(|carried| {
                    let segment = at(carried.segment)?;
                    Some(SegmentView {
                        origin: segment.origin.to_string(),
                        origin_terminal: told(&segment.origin_terminal),
                        destination: segment.destination.to_string(),
                        destination_terminal: told(&segment.destination_terminal),
                        departure: local(segment.departure, &segment.origin),
                        arrival: local(segment.arrival, &segment.destination),
                        marketing_carrier: segment.marketing_carrier.to_string(),
                        flight_number: segment.marketing_flight_number.to_string(),
                        operating_carrier: told(&segment.operating_carrier),
                        operating_flight_number: told(&segment.operating_flight_number),
                        aircraft: told(&segment.aircraft),
                        cabin: carried.cabin,
                        duration_minutes: segment.minutes(),
                        stops: segment.stops.iter().map(Text::to_string).collect(),
                    })
                })
                .collect();
            let stops = segments.len() - 1 + segments.iter().map(|segment| segment.stops.len()).sum::<usize>();
            Some(SliceView {
                origin: first.origin.to_string(),
                destination: last.destination.to_string(),
                departure: local(first.departure, &first.origin),
                arrival: local(last.arrival, &last.destination),
                duration_minutes: elapsed(first, last, slice.duration_minutes, segments.len()),
                stops: u8::try_from(stops).unwrap_or(u8::MAX),
                segments,
            })
        })
        .collect();
    ItineraryView {
        itinerary_id: format!("{fingerprint:?}"),
        duration_minutes: slices.iter().map(|slice| slice.duration_minutes).sum(),
        stops: slices.iter().map(|slice| slice.stops).max().unwrap_or(0),
        slices,
    }
}

fn elapsed(first: &Segment, last: &Segment, told: Option<u32>, segments: usize) -> Option<u32> {
    let by_clock = first.departs_at().zip(last.arrives_at()).and_then(|(from, to)| minutes_between(from, to));
    by_clock.or(told).or_else(|| (segments == 1).then(|| first.minutes()).flatten())
}

/// `2027-01-20T23:30:00+07:00`; without an offset where neither airport nor supplier tells it.
fn local(time: LocalTime, airport: &str) -> String {
    let offset = |at: DateTime| -> Option<i32> {
        let zone = places::airport(airport).and_then(Airport::zone);
        match zone {
            Some(zone) => {
                Some(zone.to_ambiguous_timestamp(at).compatible().ok().map(|at| zone.to_offset(at))?.seconds() / 60)
            }
            None => time.offset_minutes.map(i32::from),
        }
    };
    let wall = time.at.strftime("%Y-%m-%dT%H:%M:%S");
    match offset(time.at) {
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{wall}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        None => wall.to_string(),
    }
}

/// What of a priced offer is shown, beside its total; in minor units of the display currency.
#[derive(Debug)]
pub struct Shown {
    base: i64,
    taxes: i64,
    baggage: Arc<[BaggageView]>,
    pub baggage_included: bool,
}

/// Lists of allowances, each kept once: a supplier sells hundreds of offers with a handful of them.
#[derive(Debug, Default)]
pub struct Allowances(HashSet<Arc<[BaggageView]>>);

impl Allowances {
    fn kept(&mut self, list: Vec<BaggageView>) -> Arc<[BaggageView]> {
        if let Some(same) = self.0.get(list.as_slice()) {
            return Arc::clone(same);
        }
        let list: Arc<[BaggageView]> = list.into();
        self.0.insert(Arc::clone(&list));
        list
    }

    /// Bytes that all lists take, roughly.
    pub fn weight(&self) -> usize {
        self.0.iter().map(|list| 32 + list.len() * (size_of::<BaggageView>() + 32)).sum()
    }
}

impl Shown {
    /// Of an offer as it was priced.
    pub fn new(offer: &Offer, priced: &PricedOffer, passengers: &[Passenger], lists: &mut Allowances) -> Self {
        Self {
            base: priced.base.units,
            taxes: priced.taxes.units,
            baggage: lists.kept(baggage(offer, &priced.baggage)),
            baggage_included: baggage_included(offer, &priced.baggage, passengers),
        }
    }
}

/// Whether money comes back before departure, where it is told.
pub fn refundable(offer: &Offer) -> Option<bool> {
    allowed(&offer.conditions.refund_before_departure)
}

fn allowed(condition: &Option<Condition>) -> Option<bool> {
    condition.as_ref().map(|condition| condition.allowed)
}

/// One fare of an itinerary, under an offer id.
pub fn fare(id: String, offer: &Offer, total: i64, shown: &Shown, currency: Currency) -> FareView {
    let brands: Vec<_> = offer.slices.iter().map(|slice| &slice.fare_brand).collect();
    let same_brand = brands.windows(2).all(|pair| pair[0] == pair[1]);
    let conditions = &offer.conditions;
    let carried = || offer.slices.iter().flat_map(|slice| &slice.segments);
    FareView {
        id,
        price: PriceView {
            total: amount(total, currency),
            base: amount(shown.base, currency),
            taxes: amount(shown.taxes, currency),
        },
        fare_brand: brands.first().filter(|_| same_brand).copied().and_then(told),
        fare_slices: offer
            .slices
            .iter()
            .map(|slice| FareSliceView {
                fare_brand: told(&slice.fare_brand),
                booking_classes: texts(slice.segments.iter().map(|segment| &segment.booking_class)),
                fare_bases: texts(slice.segments.iter().map(|segment| &segment.fare_basis)),
            })
            .collect(),
        baggage: shown.baggage.to_vec(),
        baggage_included: shown.baggage_included,
        refundable: refundable(offer),
        changeable: allowed(&conditions.change_before_departure),
        conditions: ConditionsView {
            refund_before_departure: term(&conditions.refund_before_departure),
            refund_after_departure: term(&conditions.refund_after_departure),
            change_before_departure: term(&conditions.change_before_departure),
            change_after_departure: term(&conditions.change_after_departure),
        },
        seats_left: carried().filter_map(|segment| segment.seats_left).min(),
        validating_carrier: offer.owner.to_string(),
        ticketing_deadline: offer.ticketing_deadline.map(|deadline| deadline.to_string()),
    }
}

fn texts<'a>(texts: impl Iterator<Item = &'a Option<Text>> + Clone) -> Vec<String> {
    if texts.clone().all(Option::is_none) {
        return Vec::new();
    }
    texts.map(|text| told(text).unwrap_or_default()).collect()
}

fn told(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(Text::to_string)
}

fn term(condition: &Option<Condition>) -> TermView {
    match condition {
        None => TermView::Unknown,
        Some(condition) if !condition.allowed => TermView::NotAllowed,
        Some(condition) if condition.penalty.is_some_and(|penalty| penalty.units == 0) => TermView::Free,
        Some(_) => TermView::WithPenalty,
    }
}

/// Positions of the reply's segments in the offer, in order of travel.
fn positions(offer: &Offer) -> Vec<u32> {
    offer.slices.iter().flat_map(|slice| &slice.segments).map(|segment| segment.segment).collect()
}

/// Equal allowances together, in order of kind, pieces and weight.
fn baggage(offer: &Offer, allowances: &[BaggageAllowance]) -> Vec<BaggageView> {
    let positions = positions(offer);
    let mut all: Vec<BaggageView> = Vec::new();
    // Equal allowances of one passenger first, then passengers with equal segments: a product is never over-told.
    for allowance in allowances {
        let Some(position) = positions.iter().position(|&segment| segment == allowance.segment) else { continue };
        let position = u8::try_from(position).unwrap_or(u8::MAX);
        let same = |view: &&mut BaggageView| {
            view.kind == allowance.kind
                && view.pieces == allowance.pieces
                && view.weight_kg == allowance.weight_kg
                && view.passengers == [allowance.passenger]
        };
        match all.iter_mut().find(same) {
            Some(view) => view.segments.push(position),
            None => all.push(BaggageView {
                kind: allowance.kind,
                pieces: allowance.pieces,
                weight_kg: allowance.weight_kg,
                passengers: vec![allowance.passenger],
                segments: vec![position],
            }),
        }
    }
    let mut merged: Vec<BaggageView> = Vec::new();
    for mut view in all {
        view.segments.sort_unstable();
        view.segments.dedup();
        let same = |other: &&mut BaggageView| {
            other.kind == view.kind
                && other.pieces == view.pieces
                && other.weight_kg == view.weight_kg
                && other.segments == view.segments
        };
        match merged.iter_mut().find(same) {
            Some(other) => other.passengers.extend(view.passengers),
            None => merged.push(view),
        }
    }
    merged
}

/// Everyone with a seat has a checked bag, by piece or by weight, on every flight.
fn baggage_included(offer: &Offer, allowances: &[BaggageAllowance], passengers: &[Passenger]) -> bool {
    let positions = positions(offer);
    let mut seated = passengers.iter().enumerate().filter(|(_, passenger)| passenger.kind != PassengerKind::Infant);
    seated.all(|(index, _)| {
        positions.iter().all(|&segment| {
            allowances.iter().any(|allowance| {
                let has_bag = match allowance.pieces {
                    Some(pieces) => pieces > 0,
                    None => allowance.weight_kg.is_some_and(|weight| weight > 0),
                };
                usize::from(allowance.passenger) == index
                    && allowance.segment == segment
                    && allowance.kind == BagKind::Checked
                    && has_bag
            })
        })
    })
}

/// A decimal amount for a facet.
pub fn amount(units: i64, currency: Currency) -> Amount {
    Money::new(units, currency).into()
}
