use crate::filter::{ClockWindow, Filters, SliceWindow};
use crate::request::Sort;
use crate::testing::{Rig, Sale, Scripted, direct, reply, request};
use crate::view::{FareView, OfferView};
use crate::{SearchError, SearchPage, SearchRequest};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

const CARRIERS: [&str; 4] = ["GA", "NH", "SQ", "CX"];
const VIA: [&str; 3] = ["SIN", "HKG", "KUL"];

/// Flights of few kinds, so that itineraries meet: the number tells the flight's time.
fn sale() -> impl Strategy<Value = Sale> {
    let carriers = (0..CARRIERS.len(), 0..CARRIERS.len());
    let fare = (200_i64..220, any::<bool>(), any::<bool>(), prop::sample::select(vec!["BASIC", "FLEX", "FULL"]));
    (carriers, prop::option::of(0..VIA.len()), 0_i8..8, fare).prop_map(|(carriers, via, slot, fare)| {
        let departure = date(2027, 1, 20).at(slot * 3, 30, 0, 0);
        let later = |hours: i64| departure.checked_add(jiff::Span::new().hours(hours)).unwrap();
        let (first, second) = (CARRIERS[carriers.0], CARRIERS[carriers.1]);
        let legs = match via.map(|via| VIA[via]) {
            None => vec![(first, slot as u16 + 1, "CGK", "NRT", departure, later(9))],
            Some(via) => vec![
                (first, slot as u16 + 1, "CGK", via, departure, later(3)),
                (second, slot as u16 + 50, via, "NRT", later(5), later(13)),
            ],
        };
        let (cents, bag, refundable, brand) = fare;
        Sale { legs, cents: cents * 100, brand, bag, refundable }
    })
}

fn codes(from: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        3 => Just(vec![]),
        1 => prop::sample::subsequence(from, 1..=from.len()).prop_map(|codes| codes.into_iter().map(String::from).collect()),
    ]
}

fn windows() -> impl Strategy<Value = Vec<SliceWindow>> {
    let window = (0_u16..1_440, 0_u16..1_440)
        .prop_map(|(from, until)| vec![SliceWindow { slice: 0, window: ClockWindow { from, until } }]);
    prop_oneof![3 => Just(vec![]), 1 => window]
}

fn filters() -> impl Strategy<Value = Filters> {
    let codes = (codes(&CARRIERS), codes(&CARRIERS), codes(&VIA), codes(&VIA));
    let numbers = (
        prop::option::weighted(0.3, 0_u8..2),
        prop::option::weighted(0.3, 400_u32..900),
        prop::option::weighted(0.3, 20_000_i64..22_000),
        prop::option::weighted(0.3, 20_000_i64..22_000),
    );
    (codes, windows(), windows(), numbers, any::<(bool, bool)>()).prop_map(
        |(codes, departures, arrivals, numbers, on)| Filters {
            max_stops: numbers.0,
            airlines: codes.0,
            airlines_excluded: codes.1,
            connections: codes.2,
            connections_excluded: codes.3,
            departures,
            arrivals,
            max_duration_minutes: numbers.1,
            min_price: numbers.2,
            max_price: numbers.3,
            baggage_included: on.0 && on.1,
            refundable: on.0 && !on.1,
        },
    )
}

fn sort() -> impl Strategy<Value = Sort> {
    prop::sample::select(vec![Sort::Price, Sort::Duration, Sort::Departure, Sort::Arrival])
}

/// Filters written down once more, on the JSON that frontends see.
fn passes(offer: &OfferView, fare: &FareView, filters: &Filters) -> bool {
    let slice = &offer.itinerary.slices[0];
    let carriers: Vec<_> = slice.segments.iter().map(|segment| segment.marketing_carrier.to_string()).collect();
    let via: Vec<_> = slice.segments[1..].iter().map(|segment| segment.origin.to_string()).collect();
    let cents = cents(fare);
    let minute = |time: &str| time[11..13].parse::<u16>().unwrap() * 60 + time[14..16].parse::<u16>().unwrap();
    let within =
        |windows: &[SliceWindow], time: &str| windows.iter().all(|window| window.window.contains(minute(time)));
    filters.max_stops.is_none_or(|most| slice.segments.len() - 1 <= usize::from(most))
        && (filters.airlines.is_empty() || carriers.iter().all(|code| filters.airlines.contains(code)))
        && !carriers.iter().any(|code| filters.airlines_excluded.contains(code))
        && (filters.connections.is_empty()
            || !via.is_empty() && via.iter().all(|code| filters.connections.contains(code)))
        && !via.iter().any(|code| filters.connections_excluded.contains(code))
        && within(&filters.departures, &slice.departure)
        && within(&filters.arrivals, &slice.arrival)
        && filters.max_duration_minutes.is_none_or(|most| slice.duration_minutes.unwrap() <= most)
        && filters.min_price.is_none_or(|least| cents >= least)
        && filters.max_price.is_none_or(|most| cents <= most)
        && (!filters.baggage_included || fare.baggage_included)
        && (!filters.refundable || fare.refundable == Some(true))
}

fn cents(fare: &FareView) -> i64 {
    fare.price.total.amount.replace('.', "").parse().unwrap()
}

fn offers(page: &SearchPage) -> Vec<OfferView> {
    page.content.offers.iter().map(|json| serde_json::from_slice(json).unwrap()).collect()
}

/// All pages, one after the other.
async fn all(rig: &Rig, mut request: SearchRequest) -> Vec<OfferView> {
    let mut found = Vec::new();
    loop {
        let page = rig.service.search(&request).await.unwrap();
        found.extend(offers(&page));
        assert!(found.len() <= page.content.total_matching as usize);
        match &page.content.next_cursor {
            None => {
                assert_eq!(found.len(), page.content.total_matching as usize);
                return found;
            }
            cursor => request.cursor = cursor.clone(),
        }
    }
}

/// The same, naively: every offer with the fares that pass, in order.
fn naive(everything: &[OfferView], filters: &Filters, sort: Sort) -> Vec<(i64, String, Vec<i64>)> {
    let mut found: Vec<_> = everything
        .iter()
        .filter_map(|offer| {
            let fares = std::iter::once(&offer.fare).chain(&offer.alternatives);
            let fares: Vec<i64> = fares.filter(|fare| passes(offer, fare, filters)).map(cents).collect();
            let slice = &offer.itinerary.slices[0];
            let moment = |time: &str| time.parse::<jiff::Timestamp>().unwrap().as_second();
            let key = match sort {
                Sort::Price => *fares.first()?,
                Sort::Duration => i64::from(offer.itinerary.duration_minutes.unwrap()),
                Sort::Departure => moment(&slice.departure),
                Sort::Arrival => moment(&slice.arrival),
            };
            (!fares.is_empty()).then(|| (key, offer.itinerary.itinerary_id.clone(), fares))
        })
        .collect();
    found.sort();
    found
}

fn shape(offers: &[OfferView]) -> Vec<(String, Vec<i64>)> {
    let fares = |offer: &OfferView| std::iter::once(&offer.fare).chain(&offer.alternatives).map(cents).collect();
    offers.iter().map(|offer| (offer.itinerary.itinerary_id.clone(), fares(offer))).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn filters_and_sorts_find_what_a_naive_search_finds_on_pages_that_cover_each_offer_once(
        here in prop::collection::vec(sale(), 0..40),
        there in prop::collection::vec(sale(), 1..40),
        filters in filters(),
        sort in sort(),
        limit in 1_u16..12,
    ) {
        run(async {
            let rig = Rig::new([Scripted::selling("a", reply(&here)), Scripted::selling("b", reply(&there))]);
            let everything = all(&rig, SearchRequest { limit: 200, ..request() }).await;
            let fares: usize = everything.iter().map(|offer| 1 + offer.alternatives.len()).sum();
            prop_assert_eq!(fares, here.len() + there.len());
            let found = all(&rig, SearchRequest { filters: filters.clone(), sort, limit, ..request() }).await;
            let expected = naive(&everything, &filters, sort);
            let expected: Vec<_> = expected.into_iter().map(|(_, id, fares)| (id, fares)).collect();
            prop_assert_eq!(shape(&found), expected);
            Ok(())
        })?;
    }

    #[test]
    fn each_facet_counts_what_is_left_without_its_own_filter(
        sales in prop::collection::vec(sale(), 1..60),
        filters in filters(),
    ) {
        run(async {
            let rig = Rig::new([Scripted::selling("a", reply(&sales))]);
            let everything = all(&rig, SearchRequest { limit: 200, ..request() }).await;
            let page = rig.service.search(&SearchRequest { filters: filters.clone(), ..request() }).await.unwrap();
            let left = |filters: &Filters| -> Vec<(&OfferView, Vec<&FareView>)> {
                let fares = |offer: &'_ OfferView, fare: &FareView| passes(offer, fare, filters);
                everything.iter().map(|offer| {
                    let all = std::iter::once(&offer.fare).chain(&offer.alternatives);
                    (offer, all.filter(|fare| fares(offer, fare)).collect::<Vec<_>>())
                }).filter(|(_, fares)| !fares.is_empty()).collect()
            };
            let facets = &page.content.facets;

            let mut stops = BTreeMap::new();
            for (offer, _) in left(&Filters { max_stops: None, ..filters.clone() }) {
                *stops.entry(offer.itinerary.stops).or_insert(0_u32) += 1;
            }
            let counted: BTreeMap<_, _> = facets.stops.iter().map(|stops| (stops.stops, stops.count)).collect();
            prop_assert_eq!(counted, stops);

            let mut airlines = BTreeMap::new();
            for (offer, _) in left(&Filters { airlines: vec![], airlines_excluded: vec![], ..filters.clone() }) {
                let mut codes: Vec<_> = offer.itinerary.slices[0].segments.iter().map(|segment| segment.marketing_carrier.to_string()).collect();
                codes.sort();
                codes.dedup();
                for code in codes {
                    *airlines.entry(code).or_insert(0_u32) += 1;
                }
            }
            let counted: BTreeMap<_, _> = facets.airlines.iter().map(|one| (one.code.clone(), one.count)).collect();
            prop_assert_eq!(counted, airlines);

            let mut via = BTreeMap::new();
            for (offer, _) in left(&Filters { connections: vec![], connections_excluded: vec![], ..filters.clone() }) {
                for segment in &offer.itinerary.slices[0].segments[1..] {
                    *via.entry(segment.origin.to_string()).or_insert(0_u32) += 1;
                }
            }
            let counted: BTreeMap<_, _> = facets.connections.iter().map(|one| (one.code.clone(), one.count)).collect();
            prop_assert_eq!(counted, via);

            let without = Filters { min_price: None, max_price: None, ..filters.clone() };
            let prices: Vec<i64> = left(&without).iter().map(|(_, fares)| cents(fares[0])).collect();
            let cents_of = |amount: &str| amount.replace('.', "").parse::<i64>().unwrap();
            let range = facets.price.as_ref().map(|range| (cents_of(&range.min.amount), cents_of(&range.max.amount)));
            prop_assert_eq!(range, prices.iter().min().copied().zip(prices.iter().max().copied()));

            let mut hours = BTreeMap::new();
            for (offer, _) in left(&Filters { departures: vec![], ..filters.clone() }) {
                *hours.entry(offer.itinerary.slices[0].departure[11..13].parse::<u8>().unwrap()).or_insert(0_u32) += 1;
            }
            let counted: BTreeMap<_, _> = facets.departure_hours[0].iter().map(|one| (one.hour, one.count)).collect();
            prop_assert_eq!(counted, hours);

            let bags = left(&Filters { baggage_included: true, ..filters.clone() }).len();
            prop_assert_eq!(facets.baggage_included as usize, bags);
            let refundable = left(&Filters { refundable: true, ..filters.clone() }).len();
            prop_assert_eq!(facets.refundable as usize, refundable);
            Ok(())
        })?;
    }

    #[test]
    fn a_cursor_that_was_never_given_out_is_refused(cursor in ".{0,80}") {
        run(async {
            let rig = Rig::new([Scripted::selling("a", reply(&[crate::testing::direct("GA", 1, 8, 50_000)]))]);
            let refused = rig.service.search(&SearchRequest { cursor: Some(cursor), ..request() }).await;
            prop_assert!(matches!(refused, Err(SearchError::BadCursor)));
            Ok(())
        })?;
    }
}

fn flights(count: u16) -> Vec<Sale> {
    (1..=count)
        .map(|number| crate::testing::direct("GA", number, (number % 20) as i8, 50_000 + i64::from(number)))
        .collect()
}

#[tokio::test]
async fn a_cursor_of_another_search_is_refused() {
    let rig = Rig::new([Scripted::selling("a", reply(&flights(5)))]);
    let page = rig.service.search(&SearchRequest { limit: 2, ..request() }).await.unwrap();
    let other = SearchRequest { cursor: page.content.next_cursor.clone(), sort: Sort::Departure, ..request() };
    assert!(matches!(rig.service.search(&other).await, Err(SearchError::BadCursor)));
    let offer_id = offers(&page)[0].fare.id.clone();
    let wrong = SearchRequest { cursor: Some(offer_id), ..request() };
    assert!(matches!(rig.service.search(&wrong).await, Err(SearchError::BadCursor)));
}

#[tokio::test]
async fn pages_go_on_where_they_ended_when_the_offers_changed_between_them() {
    let supplier = Scripted::new("a", |call| async move {
        // The second flight is gone later, and a cheaper one has come.
        let mut sales = flights(6);
        if call > 0 {
            sales.remove(1);
            sales.push(crate::testing::direct("NH", 99, 3, 40_000));
        }
        Ok(reply(&sales))
    });
    let rig = Rig::new([supplier]);
    let first = rig.service.search(&SearchRequest { limit: 3, ..request() }).await.unwrap();
    rig.clock.advance(3_600);
    let next = SearchRequest { limit: 3, cursor: first.content.next_cursor.clone(), ..request() };
    let second = rig.service.search(&next).await.unwrap();
    let numbers = |page: &SearchPage| -> Vec<String> {
        offers(page).iter().map(|offer| offer.itinerary.slices[0].segments[0].flight_number.to_string()).collect()
    };
    assert_eq!(numbers(&first), ["1", "2", "3"]);
    assert_eq!(numbers(&second), ["4", "5", "6"]);
    assert_eq!(second.content.next_cursor, None);
}

#[tokio::test]
async fn a_page_has_between_one_and_two_hundred_offers() {
    let rig = Rig::new([Scripted::selling("a", reply(&flights(250)))]);
    for (limit, shown) in [(0, 1), (1, 1), (200, 200), (u16::MAX, 200)] {
        let page = rig.service.search(&SearchRequest { limit, ..request() }).await.unwrap();
        assert_eq!(page.content.offers.len(), shown);
    }
}

#[tokio::test]
async fn a_page_shows_no_more_fares_of_an_offer_than_were_asked_for() {
    let fare = |cents| Sale { brand: ["A", "B", "C", "D", "E"][cents as usize % 5], ..direct("GA", 874, 8, cents) };
    let rig = Rig::new([Scripted::selling("a", reply(&[4, 3, 2, 1, 0].map(|more| fare(10_000 + more))))]);
    let whole = offers(&rig.service.search(&request()).await.unwrap()).remove(0);
    assert_eq!((whole.alternatives.len(), whole.alternatives_matching), (4, 4));
    for alternatives in [0, 1, 3, SearchRequest::MAX_ALTERNATIVES, u8::MAX] {
        let page = rig.service.search(&SearchRequest { alternatives, ..request() }).await.unwrap();
        let offer = offers(&page).remove(0);
        let shown = usize::from(alternatives).min(4);
        assert_eq!((&offer.fare, &offer.alternatives[..]), (&whole.fare, &whole.alternatives[..shown]));
        assert_eq!(offer.alternatives_matching, 4);
    }
}
