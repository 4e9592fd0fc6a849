//! Solutions, and price points with their options, → offers.

use super::Reason;
use super::baggage;
use super::conditions;
use super::fare;
use super::flights::Index;
use super::party::Party;
use crate::request;
use crate::token::{Flight, OfferToken};
use interline_plugin_sdk::supplier::{
    BagKind, Cabin, Instant, Offer, OfferSegment, OfferSlice, Passenger, PassengerFare,
};
use interline_plugin_sdk::xml::Element;
use interline_plugin_sdk::{time, token};
use std::collections::HashMap;

/// Combinations of one price point's options beyond which the rest is left.
const MOST_COMBINATIONS: usize = 250;
/// Combinations looked at, with those that nobody can fly.
const MOST_TRIED: usize = 20_000;

/// What an offer is mapped for.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The request's.
    pub passengers: &'a [Passenger],
    /// Asked for; of a segment that tells none.
    pub cabin: Option<Cabin>,
    /// The slice of each flight, where it is known from before.
    pub groups: &'a [usize],
    /// A recorded reply: its passengers are others.
    pub replaying: bool,
}

/// A way to travel one slice.
#[derive(Debug, Clone)]
struct Leg<'a> {
    flights: Vec<&'a str>,
    minutes: Option<u32>,
}

/// The price of a passenger type, and how each flight is booked for it.
struct Priced<'a> {
    info: &'a Element,
    bookings: Vec<&'a Element>,
}

/// An offer that can't be mapped: its id, and why.
pub type Skipped = (String, Reason);

/// An `AirPricingSolution`.
pub fn solution<'a>(solution: &'a Element, context: Context<'_>, index: &mut Index<'a>) -> Result<Offer, Skipped> {
    let id = solution.attr("Key").unwrap_or_default().to_owned();
    let priced = solution.children("AirPricingInfo");
    let priced: Vec<_> = priced.map(|info| Priced { info, bookings: info.children("BookingInfo").collect() }).collect();
    let legs = journeys(solution, &priced, context, index).map_err(|why| (id.clone(), why))?;
    offer(id.clone(), solution, &legs, &priced, context, index).map_err(|why| (id, why))
}

/// By `Journey` where there are such, else as known from before, else by the flights' `Group`.
fn journeys<'a>(
    solution: &'a Element,
    priced: &[Priced<'a>],
    context: Context<'_>,
    index: &Index<'a>,
) -> Result<Vec<Leg<'a>>, Reason> {
    // Older versions have the flights themselves where newer ones refer to them.
    let flown = |one: &&Element| one.is("AirSegmentRef") || one.is("AirSegment");
    let keys = |of: &'a Element| of.elements().filter(flown).filter_map(|one| one.attr("Key")).collect::<Vec<_>>();
    let told: Vec<Leg<'a>> =
        solution.children("Journey").map(|journey| Leg { flights: keys(journey), minutes: minutes(journey) }).collect();
    if !told.is_empty() {
        return Ok(told);
    }
    let mut all = keys(solution);
    if all.is_empty() {
        let first = priced.first().into_iter().flat_map(|priced| &priced.bookings);
        all = first.filter_map(|booking| booking.attr("SegmentRef")).collect();
    }
    let mut legs: Vec<Leg<'a>> = Vec::new();
    let mut last = None;
    for (at, key) in all.iter().enumerate() {
        let flight = index.flight(key)?;
        let goes_on = match context.groups {
            groups if groups.len() == all.len() => at > 0 && groups[at] == groups[at - 1],
            _ => last.is_some_and(|last| connects(last, flight)),
        };
        match legs.last_mut().filter(|_| goes_on) {
            Some(leg) => leg.flights.push(key),
            None => legs.push(Leg { flights: vec![key], minutes: None }),
        }
        last = Some(flight);
    }
    Ok(legs)
}

/// Of one group, and left within a day: who stays longer has arrived, even where all flights are numbered as one group.
fn connects(arriving: &Element, departing: &Element) -> bool {
    const DAY: u64 = 24 * 3600;
    let at = |flight: &Element, name: &str| time::instant(flight.attr(name)?).ok();
    let stay = match (at(arriving, "ArrivalTime"), at(departing, "DepartureTime")) {
        (Some(arrival), Some(departure)) => departure.saturating_sub(arrival),
        _ => 0,
    };
    arriving.attr("Group") == departing.attr("Group") && stay <= DAY
}

/// An `AirPricePoint`: an offer for every combination of an option for each slice.
pub fn point<'a>(point: &'a Element, context: Context<'_>, index: &mut Index<'a>) -> Vec<Result<Offer, Skipped>> {
    let id = point.attr("Key").unwrap_or_default();
    let infos: Vec<&Element> = point.children("AirPricingInfo").collect();
    let Some(first) = infos.first() else { return vec![Err((id.to_owned(), "no AirPricingInfo".to_owned()))] };
    let slices: Vec<Vec<&Element>> = options(first);
    if slices.is_empty() || slices.iter().any(Vec::is_empty) {
        return vec![Err((id.to_owned(), "no option for a slice".to_owned()))];
    }
    // Each passenger type has its own list of the same options; they belong together by their flights.
    let by_flights: Vec<HashMap<(usize, Vec<&str>), &Element>> = infos.iter().map(|info| places(info)).collect();
    let mut offers = Vec::new();
    let mut chosen = vec![0usize; slices.len()];
    for _ in 0..MOST_TRIED {
        let picked: Vec<&Element> = slices.iter().zip(&chosen).map(|(slice, at)| slice[*at]).collect();
        let legs: Vec<Leg<'a>> =
            picked.iter().map(|option| Leg { flights: flights(option), minutes: minutes(option) }).collect();
        let numbers: Vec<String> = chosen.iter().map(usize::to_string).collect();
        let id = format!("{id}.{}", numbers.join("."));
        if in_order(&legs, index) {
            let booked = |options: &[&'a Element]| -> Vec<&'a Element> {
                options.iter().flat_map(|option| option.children("BookingInfo")).collect()
            };
            let others = infos.iter().zip(&by_flights).skip(1).map(|(info, places)| {
                let own =
                    legs.iter().enumerate().filter_map(|(at, leg)| places.get(&(at, leg.flights.clone())).copied());
                Priced { info, bookings: booked(&own.collect::<Vec<_>>()) }
            });
            // The first type's option is the very one: two of the same flights may be booked in different classes.
            let own = Priced { info: first, bookings: booked(&picked) };
            let priced: Vec<Priced<'a>> = std::iter::once(own).chain(others).collect();
            offers.push(offer(id.clone(), point, &legs, &priced, context, index).map_err(|why| (id.clone(), why)));
        }
        if offers.len() >= MOST_COMBINATIONS {
            offers.push(Err((id, format!("more than {MOST_COMBINATIONS} combinations of options"))));
            return offers;
        }
        let Some(at) = (0..slices.len()).rev().find(|at| chosen[*at] + 1 < slices[*at].len()) else { return offers };
        chosen[at] += 1;
        chosen[at + 1..].fill(0);
    }
    offers.push(Err((id.to_owned(), format!("more than {MOST_TRIED} combinations of options"))));
    offers
}

fn options(info: &Element) -> Vec<Vec<&Element>> {
    info.all("FlightOptionsList/FlightOption").into_iter().map(|slice| slice.children("Option").collect()).collect()
}

fn places(info: &Element) -> HashMap<(usize, Vec<&str>), &Element> {
    let slices = options(info).into_iter().enumerate();
    slices.flat_map(|(at, options)| options.into_iter().map(move |one| ((at, flights(one)), one))).collect()
}

fn flights(option: &Element) -> Vec<&str> {
    option.children("BookingInfo").filter_map(|booking| booking.attr("SegmentRef")).collect()
}

fn minutes(of: &Element) -> Option<u32> {
    of.attr("TravelTime").and_then(|text| time::duration_minutes(text).ok())
}

/// Nobody departs before having arrived. Flights that can't be read are left to be refused later.
fn in_order(legs: &[Leg<'_>], index: &Index<'_>) -> bool {
    let at = |key: Option<&&str>, name: &str| {
        let flight = index.flight(key.copied()?).ok()?;
        time::instant(flight.attr(name)?).ok()
    };
    legs.windows(2).all(|pair| {
        let arrives = at(pair[0].flights.last(), "ArrivalTime");
        let departs = at(pair[1].flights.first(), "DepartureTime");
        !matches!((arrives, departs), (Some(arrives), Some(departs)) if departs < arrives)
    })
}

fn offer<'a>(
    id: String,
    whole: &'a Element,
    legs: &[Leg<'a>],
    priced: &[Priced<'a>],
    context: Context<'_>,
    index: &mut Index<'a>,
) -> Result<Offer, Reason> {
    let amounts = fare::amounts(whole)?;
    let currency = amounts.total.currency.clone();
    let first = priced.first().ok_or("no AirPricingInfo")?;
    let mut party = Party::of(context.passengers, context.replaying);
    let mut fares = Vec::with_capacity(priced.len());
    let mut baggage = Vec::new();
    let mut sum = 0i64;
    for one in priced {
        let (kind, passengers) = party.take(one.info).ok_or("a price for passengers who were not asked for")?;
        let each = fare::amounts(one.info)?;
        sum = i64::try_from(passengers.len())
            .ok()
            .and_then(|count| each.total.units.checked_mul(count)?.checked_add(sum))
            .ok_or("a price beyond all bounds")?;
        allowances(one, legs, &passengers, index, &mut baggage)?;
        let taxes = fare::taxes(one.info, &currency)?;
        fares.push(PassengerFare {
            kind,
            passengers,
            base: each.base,
            taxes,
            taxes_total: each.taxes,
            total: each.total,
        });
    }
    if !party.complete() {
        return Err("a passenger without a price".to_owned());
    }
    // Where the passengers' prices are not all of the total, they are not what each pays.
    if sum != amounts.total.units {
        fares.clear();
    }
    let bookings = by_flight(&first.bookings);
    let mut slices = Vec::with_capacity(legs.len());
    let mut remembered = Vec::new();
    for (group, leg) in legs.iter().enumerate() {
        let mut brand = None;
        let mut segments = Vec::with_capacity(leg.flights.len());
        for key in &leg.flights {
            let booking = bookings.get(key).ok_or("a flight that no BookingInfo books")?;
            let fare = booking.attr("FareInfoRef").and_then(|key| index.fare(key));
            brand = brand.or_else(|| fare.and_then(|fare| index.brand(fare)));
            let told = booking.attr("CabinClass").or(index.flight(key)?.attr("CabinClass"));
            let cabin = told.and_then(cabin).or(context.cabin).ok_or("a flight without a cabin")?;
            let basis = fare.and_then(|fare| fare.attr("FareBasis")).map(str::to_owned);
            let class = booking.attr("BookingCode").or(index.flight(key)?.attr("ClassOfService")).map(str::to_owned);
            let counted = booking.attr("BookingCount").and_then(|count| count.parse().ok());
            let seats_left = counted.or_else(|| seats(index.flight(key).ok()?, class.as_deref()?));
            remembered.push(flight(group, index.flight(key)?, cabin, class.clone(), basis.clone()));
            segments.push(OfferSegment {
                segment: index.segment(key)?,
                cabin,
                booking_class: class,
                fare_basis: basis,
                seats_left,
            });
        }
        if segments.is_empty() {
            return Err("a slice without flights".to_owned());
        }
        slices.push(OfferSlice { segments, fare_brand: brand.map(str::to_owned), duration_minutes: leg.minutes });
    }
    if slices.is_empty() {
        return Err("no flights".to_owned());
    }
    let owner = priced.iter().find_map(|one| one.info.attr("PlatingCarrier"));
    let owner = owner.map(str::to_owned).or_else(|| remembered.first().map(|flight| flight.carrier.clone()));
    let owner = owner.ok_or("no plating carrier")?;
    let infos: Vec<(&Element, u32)> = priced.iter().map(|one| (one.info, count(one.info))).collect();
    let ends = |limit: fn(&Element) -> Option<Instant>| {
        priced.iter().map(|one| one.info).chain([whole]).filter_map(limit).min()
    };
    let token = OfferToken {
        flights: remembered,
        party: context.passengers.iter().map(request::typed).collect(),
        currency: currency.clone(),
        plating: owner.clone(),
    };
    Ok(Offer {
        id,
        token: token::encode(&token).map_err(|why| why.message)?,
        owner,
        slices,
        fares,
        base: amounts.base,
        taxes: amounts.taxes,
        total: amounts.total,
        baggage,
        conditions: conditions::conditions(&infos, &currency),
        expires_at: ends(|element| element.attr("ExpirationTime").and_then(fare::deadline)),
        ticketing_deadline: ends(fare::ticketing_limit),
        holdable: true,
    })
}

fn count(info: &Element) -> u32 {
    u32::try_from(info.children("PassengerType").count()).unwrap_or(1)
}

fn by_flight<'a>(bookings: &[&'a Element]) -> HashMap<&'a str, &'a Element> {
    bookings.iter().filter_map(|booking| Some((booking.attr("SegmentRef")?, *booking))).collect()
}

/// Seats of a class by the flight's own list (`Y9|B4|O`), where the booking tells none.
fn seats(flight: &Element, class: &str) -> Option<u8> {
    let lists = flight.children("AirAvailInfo").flat_map(|info| info.children("BookingCodeInfo"));
    let counts = lists.filter_map(|list| list.attr("BookingCounts")).flat_map(|counts| counts.split('|'));
    counts.filter_map(|one| one.trim().strip_prefix(class)).find_map(|count| count.parse().ok())
}

/// Puts the allowances of one passenger type on all flights.
fn allowances<'a>(
    priced: &Priced<'a>,
    legs: &[Leg<'a>],
    passengers: &[u8],
    index: &mut Index<'a>,
    to: &mut Vec<interline_plugin_sdk::supplier::Baggage>,
) -> Result<(), Reason> {
    let bookings = by_flight(&priced.bookings);
    let place =
        |key: &'a str, name: &str| index.flight(key).ok().and_then(|flight| flight.attr(name)).unwrap_or_default();
    let ends = |flights: &[&'a str]| {
        let (first, last) = (flights.first().copied().unwrap_or_default(), flights.last().copied().unwrap_or_default());
        (place(first, "Origin"), place(last, "Destination"))
    };
    let slices: Vec<_> = legs.iter().map(|leg| ends(&leg.flights)).collect();
    let flights: Vec<_> = legs.iter().flat_map(|leg| &leg.flights).map(|key| ends(&[key])).collect();
    let checked = baggage::listed(priced.info, "BaggageAllowanceInfo", &slices);
    let mut carry_on = baggage::listed(priced.info, "CarryOnAllowanceInfo", &flights).into_iter();
    for (leg, checked) in legs.iter().zip(checked) {
        for key in &leg.flights {
            let booking = bookings.get(key).ok_or("a flight that no BookingInfo books")?;
            let fare = booking.attr("FareInfoRef").and_then(|key| index.fare(key));
            let segment = index.segment(key)?;
            let own = fare.and_then(baggage::of_fare).or(checked);
            baggage::put(to, passengers, segment, BagKind::Checked, own);
            baggage::put(to, passengers, segment, BagKind::CarryOn, carry_on.next().flatten());
        }
    }
    Ok(())
}

fn flight(group: usize, segment: &Element, cabin: Cabin, class: Option<String>, basis: Option<String>) -> Flight {
    let text = |name: &str| segment.attr(name).unwrap_or_default().to_owned();
    Flight {
        group,
        carrier: text("Carrier"),
        number: text("FlightNumber"),
        origin: text("Origin"),
        destination: text("Destination"),
        departure: text("DepartureTime"),
        arrival: text("ArrivalTime"),
        class: class.unwrap_or_default(),
        cabin: cabin_name(cabin).to_owned(),
        basis: basis.unwrap_or_default(),
    }
}

/// uAPI's name of a cabin.
pub fn cabin_name(cabin: Cabin) -> &'static str {
    match cabin {
        Cabin::Economy => "Economy",
        Cabin::PremiumEconomy => "PremiumEconomy",
        Cabin::Business => "Business",
        Cabin::First => "First",
    }
}

/// A cabin by uAPI's name.
pub fn cabin(name: &str) -> Option<Cabin> {
    match name {
        "Economy" => Some(Cabin::Economy),
        "PremiumEconomy" | "Premium Economy" => Some(Cabin::PremiumEconomy),
        "Business" | "PremiumBusiness" => Some(Cabin::Business),
        "First" | "PremiumFirst" => Some(Cabin::First),
        _ => None,
    }
}
