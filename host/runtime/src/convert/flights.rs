//! Segments, passengers, searches.

use super::values::{date_out, local_time_in, milliseconds};
use super::{Broken, bounded};
use crate::contract::{flight_price_check, flight_search, flights};
use crate::supplier::{PriceRequest, SearchRequest};
use interline_domain::itinerary::Segment;
use interline_domain::passengers::{Passenger, PassengerKind};
use interline_domain::text::Text;
use interline_domain::trip::Cabin;
use std::time::Duration;

pub(crate) fn kind_out(kind: PassengerKind) -> flights::PassengerType {
    match kind {
        PassengerKind::Adult => flights::PassengerType::Adult,
        PassengerKind::Child => flights::PassengerType::Child,
        PassengerKind::Infant => flights::PassengerType::Infant,
    }
}

pub(crate) fn kind_in(kind: flights::PassengerType) -> PassengerKind {
    match kind {
        flights::PassengerType::Adult => PassengerKind::Adult,
        flights::PassengerType::Child => PassengerKind::Child,
        flights::PassengerType::Infant => PassengerKind::Infant,
    }
}

pub(crate) fn cabin_in(cabin: flights::Cabin) -> Cabin {
    match cabin {
        flights::Cabin::Economy => Cabin::Economy,
        flights::Cabin::PremiumEconomy => Cabin::PremiumEconomy,
        flights::Cabin::Business => Cabin::Business,
        flights::Cabin::First => Cabin::First,
    }
}

fn cabin_out(cabin: Cabin) -> flights::Cabin {
    match cabin {
        Cabin::Economy => flights::Cabin::Economy,
        Cabin::PremiumEconomy => flights::Cabin::PremiumEconomy,
        Cabin::Business => flights::Cabin::Business,
        Cabin::First => flights::Cabin::First,
    }
}

fn passenger_out(passenger: &Passenger) -> flights::Passenger {
    flights::Passenger { kind: kind_out(passenger.kind), age: passenger.age }
}

pub(crate) fn search_out(request: &SearchRequest, timeout: Duration) -> flight_search::SearchRequest {
    let slice = |slice: &interline_domain::trip::SliceQuery| flights::SliceQuery {
        origin: slice.origin.to_string(),
        destination: slice.destination.to_string(),
        departure_date: date_out(slice.departure_date),
    };
    flight_search::SearchRequest {
        slices: request.trip.slices().iter().map(slice).collect(),
        passengers: request.trip.passengers.passengers().iter().map(passenger_out).collect(),
        cabin: cabin_out(request.trip.cabin),
        currency: request.currency.map(|currency| currency.code().to_owned()),
        point_of_sale: request.point_of_sale.clone(),
        timeout_ms: milliseconds(timeout),
        max_offers: request.max_offers,
    }
}

pub(crate) fn price_out(request: &PriceRequest, timeout: Duration) -> flight_price_check::PriceRequest {
    flight_price_check::PriceRequest {
        offer_id: request.offer_id.clone(),
        token: request.token.to_vec(),
        passengers: request.passengers.iter().map(passenger_out).collect(),
        timeout_ms: milliseconds(timeout),
    }
}

pub(crate) fn segment_in(segment: flights::Segment) -> Result<Segment, Broken> {
    let text =
        |text: Option<String>, most, what| text.map(|text| bounded(text, most, what).map(Text::from)).transpose();
    let number = flight_number(segment.marketing_flight_number)?;
    Ok(Segment {
        departure: local_time_in(&segment.departure).map_err(|broken| broken.at("departure"))?,
        arrival: local_time_in(&segment.arrival).map_err(|broken| broken.at("arrival"))?,
        origin: airport(segment.origin)?,
        destination: airport(segment.destination)?,
        origin_terminal: text(segment.origin_terminal, 32, "a terminal")?,
        destination_terminal: text(segment.destination_terminal, 32, "a terminal")?,
        marketing_carrier: carrier(segment.marketing_carrier)?,
        marketing_flight_number: number,
        operating_carrier: segment.operating_carrier.map(carrier).transpose()?,
        operating_flight_number: segment.operating_flight_number.map(flight_number).transpose()?,
        aircraft: text(segment.aircraft, 32, "an aircraft")?,
        duration_minutes: segment.duration_minutes,
        stops: segment.stops.into_iter().map(airport).collect::<Result<_, _>>()?,
    })
}

fn airport(code: String) -> Result<Text, Broken> {
    let fits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if fits { Ok(code.into()) } else { Err(Broken(format!("`{}` is no airport code", shown(&code)))) }
}

/// An IATA carrier code: two characters; some of three are still in use.
pub(crate) fn carrier(code: String) -> Result<Text, Broken> {
    let letters = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let fits = (2..=3).contains(&code.len()) && letters;
    if fits { Ok(code.into()) } else { Err(Broken(format!("`{}` is no carrier code", shown(&code)))) }
}

/// Up to four digits and a suffix letter, without leading zeros.
fn flight_number(number: String) -> Result<Text, Broken> {
    let trimmed = number.trim_start_matches('0');
    let digits = trimmed.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let fits =
        digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) && trimmed.len() <= digits.len() + 1;
    if !fits || number.is_empty() {
        return Err(Broken(format!("`{}` is no flight number", shown(&number))));
    }
    Ok(if digits.is_empty() { "0" } else { trimmed }.into())
}

/// A text from outside, short enough to be shown.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(16)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn flight_numbers_lose_their_leading_zeros_and_nothing_else() {
        let number = |text: &str| flight_number(text.to_owned());
        assert_eq!(number("0087").unwrap(), "87");
        assert_eq!(number("87A").unwrap(), "87A");
        assert_eq!(number("0").unwrap(), "0");
        for wrong in ["", "GA87", "12345", "8AB", "8 7"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_on_the_wire_panics(text in any::<String>()) {
            let _ = (airport(text.clone()), carrier(text.clone()), flight_number(text));
        }
    }
}
