//! What scripted suppliers sell.

use super::euro;
use interline_domain::itinerary::{LocalTime, Segment};
use interline_domain::money::Money;
use interline_domain::offer::{
    BagKind, Baggage, Condition, Conditions, Offer, OfferSegment, OfferSlice, PassengerFare, SupplierReply,
};
use interline_domain::passengers::PassengerKind;
use interline_domain::trip::Cabin;
use jiff::civil::DateTime;
use std::sync::Arc;

/// One offer of a scripted supplier on [`trip`]: legs of `(carrier, number, from, to, departure, arrival)`.
#[derive(Debug, Clone)]
pub struct Sale {
    pub legs: Vec<(&'static str, u16, &'static str, &'static str, DateTime, DateTime)>,
    pub cents: i64,
    pub brand: &'static str,
    pub bag: bool,
    pub refundable: bool,
}

/// A direct flight that leaves in this hour.
pub fn direct(carrier: &'static str, number: u16, hour: i8, cents: i64) -> Sale {
    let departure = jiff::civil::date(2027, 1, 20).at(hour, 15, 0, 0);
    let arrival = departure.checked_add(jiff::Span::new().hours(9)).unwrap();
    Sale {
        legs: vec![(carrier, number, "CGK", "NRT", departure, arrival)],
        cents,
        brand: "BASIC",
        bag: false,
        refundable: false,
    }
}

pub fn reply(sales: &[Sale]) -> SupplierReply {
    let (mut segments, mut offers) = (Vec::new(), Vec::new());
    let local = |at| LocalTime { at, offset_minutes: None };
    for (index, sale) in sales.iter().enumerate() {
        let first = segments.len() as u32;
        for (carrier, number, origin, destination, departure, arrival) in &sale.legs {
            segments.push(Segment {
                origin: (*origin).into(),
                destination: (*destination).into(),
                origin_terminal: None,
                destination_terminal: None,
                departure: local(*departure),
                arrival: local(*arrival),
                marketing_carrier: (*carrier).into(),
                marketing_flight_number: number.to_string().into(),
                operating_carrier: None,
                operating_flight_number: None,
                aircraft: None,
                duration_minutes: None,
                stops: vec![],
            });
        }
        let range = first..segments.len() as u32;
        let carried = |segment| OfferSegment {
            segment,
            cabin: Cabin::Economy,
            booking_class: Some("Y".into()),
            fare_basis: Some(format!("Y{}", sale.brand).into()),
            seats_left: None,
        };
        let slice = OfferSlice {
            segments: range.clone().map(carried).collect(),
            fare_brand: Some(sale.brand.into()),
            duration_minutes: None,
        };
        let total = Money::new(sale.cents, euro());
        let (base, taxes) = (Money::new(sale.cents - 100, euro()), Money::new(100, euro()));
        let pieces = Some(u8::from(sale.bag));
        let bag = |segment| Baggage { passenger: 0, segment, kind: BagKind::Checked, pieces, weight_kg: None };
        offers.push(Offer {
            id: format!("offer-{index}"),
            token: Arc::from(vec![index as u8]),
            owner: sale.legs[0].0.into(),
            slices: vec![slice],
            fares: vec![PassengerFare {
                kind: PassengerKind::Adult,
                passengers: vec![0],
                base,
                taxes: vec![],
                taxes_total: taxes,
                total,
            }],
            base,
            taxes,
            total,
            baggage: range.map(bag).collect(),
            conditions: Conditions {
                refund_before_departure: Some(Condition { allowed: sale.refundable, penalty: None }),
                ..Conditions::default()
            },
            expires_at: None,
            ticketing_deadline: None,
            holdable: false,
        });
    }
    SupplierReply { segments, offers, skipped: vec![] }
}
