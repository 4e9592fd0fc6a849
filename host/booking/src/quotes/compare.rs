//! Whether what is sold now is what was shown. Better is no change; worse, or other flights, is.

use crate::view::{Bag, Change, Flight};
use interline_domain::offer::{Condition, Conditions};

/// One state of an offer, as far as a traveller would mind.
pub(super) struct Substance<'a> {
    pub(super) flights: &'a [Flight],
    pub(super) bags: &'a [Bag],
    pub(super) conditions: &'a Conditions,
}

/// What is worse or other than it was shown.
pub(super) fn changes(shown: &Substance<'_>, live: &Substance<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    flights(shown.flights, live.flights, &mut changes);
    // Which flight a bag belongs to is known only while the flights are the same.
    if changes.is_empty() {
        bags(shown.bags, live.bags, &mut changes);
    }
    let conditions = [
        ("refund", &shown.conditions.refund_before_departure, &live.conditions.refund_before_departure),
        ("refund", &shown.conditions.refund_after_departure, &live.conditions.refund_after_departure),
        ("change", &shown.conditions.change_before_departure, &live.conditions.change_before_departure),
        ("change", &shown.conditions.change_after_departure, &live.conditions.change_after_departure),
    ];
    for (kind, shown, live) in conditions {
        if let (Some(shown), Some(live)) = (shown, live)
            && is_worse(shown, live)
        {
            changes.push(change(kind, None, in_words(shown), in_words(live)));
        }
    }
    changes
}

fn change(kind: &str, flight: Option<usize>, old: String, new: String) -> Change {
    Change { kind: kind.to_owned(), flight, old, new }
}

fn flights(shown: &[Flight], live: &[Flight], changes: &mut Vec<Change>) {
    let route = |flights: &[Flight]| {
        let hops: Vec<_> = flights.iter().map(|at| format!("{} {}-{}", at.flight_code, at.src, at.dst)).collect();
        hops.join(", ")
    };
    if route(shown) != route(live) {
        changes.push(change("segments", None, route(shown), route(live)));
        return;
    }
    for (index, (was, is)) in shown.iter().zip(live).enumerate() {
        let pairs = [
            ("departure", &was.dep_time, &is.dep_time),
            ("arrival", &was.arr_time, &is.arr_time),
            ("cabin", &was.cabin, &is.cabin),
        ];
        for (kind, was, is) in pairs {
            if was != is {
                changes.push(change(kind, Some(index), was.clone(), is.clone()));
            }
        }
    }
}

fn bags(shown: &[Bag], live: &[Bag], changes: &mut Vec<Change>) {
    for was in shown {
        let is = live.iter().find(|is| (is.passenger, is.flight, &is.kind) == (was.passenger, was.flight, &was.kind));
        let size = |bag: &Bag| match (bag.pieces, bag.weight_kg) {
            (None, None) => (0, 0),
            (pieces, weight) => (pieces.unwrap_or(1), weight.unwrap_or(0)),
        };
        let worse = match is {
            None => size(was) > (0, 0),
            Some(is) => {
                let ((pieces, weight), (pieces_now, weight_now)) = (size(was), size(is));
                // A weight told only once cannot be compared.
                pieces_now < pieces || (pieces_now == pieces && weight_now != 0 && weight_now < weight)
            }
        };
        if worse {
            let none = || "none".to_owned();
            changes.push(change("baggage", Some(was.flight), bag_words(was), is.map_or_else(none, bag_words)));
        }
    }
}

fn bag_words(bag: &Bag) -> String {
    let kind = bag.kind.replace('_', "-");
    match (bag.pieces, bag.weight_kg) {
        (Some(pieces), Some(weight)) => format!("{pieces} × {weight} kg {kind}"),
        (Some(pieces), None) => format!("{pieces} {kind}"),
        (None, Some(weight)) => format!("{weight} kg {kind}"),
        (None, None) => format!("no {kind}"),
    }
}

fn is_worse(shown: &Condition, live: &Condition) -> bool {
    match (shown.allowed, live.allowed) {
        (true, false) => true,
        (true, true) => match (shown.penalty, live.penalty) {
            (Some(was), Some(is)) => was.currency == is.currency && is.units > was.units,
            _ => false,
        },
        (false, _) => false,
    }
}

fn in_words(condition: &Condition) -> String {
    match (condition.allowed, condition.penalty) {
        (false, _) => "not allowed".to_owned(),
        (true, None) => "allowed".to_owned(),
        (true, Some(penalty)) => format!("allowed for {penalty}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight() -> Flight {
        Flight {
            flight_code: "QZ204".into(),
            src: "CGK".into(),
            dst: "NRT".into(),
            dep_time: "2027-01-20T23:30:00+07:00".into(),
            arr_time: "2027-01-21T08:50:00+09:00".into(),
            src_terminal: None,
            dst_terminal: None,
            operated_by: None,
            cabin: "economy".into(),
            fare_brand: None,
            duration_minutes: Some(440),
            slice: 0,
        }
    }

    fn bag(pieces: Option<u8>, weight_kg: Option<u16>) -> Bag {
        Bag { passenger: 0, flight: 0, kind: "checked".into(), pieces, weight_kg }
    }

    fn kinds(shown: (&Flight, &[Bag]), live: (&Flight, &[Bag])) -> Vec<String> {
        let conditions = Conditions::default();
        let substance = |flights, bags| Substance { flights, bags, conditions: &conditions };
        let shown = substance(std::slice::from_ref(shown.0), shown.1);
        let live = substance(std::slice::from_ref(live.0), live.1);
        changes(&shown, &live).into_iter().map(|change| change.kind).collect()
    }

    #[test]
    fn what_is_as_it_was_shown_is_no_change() {
        assert!(kinds((&flight(), &[bag(Some(1), Some(23))]), (&flight(), &[bag(Some(1), Some(23))])).is_empty());
    }

    #[test]
    fn other_flights_times_and_cabins_are_changes() {
        let other = Flight { flight_code: "QZ206".into(), ..flight() };
        assert_eq!(kinds((&flight(), &[]), (&other, &[])), ["segments"]);
        let later = Flight { dep_time: "2027-01-20T23:55:00+07:00".into(), cabin: "business".into(), ..flight() };
        assert_eq!(kinds((&flight(), &[]), (&later, &[])), ["departure", "cabin"]);
    }

    #[test]
    fn less_baggage_is_a_change_and_more_is_none() {
        let shown = [bag(Some(1), Some(23))];
        for worse in [vec![], vec![bag(Some(0), None)], vec![bag(Some(1), Some(20))]] {
            assert_eq!(kinds((&flight(), &shown), (&flight(), &worse)), ["baggage"], "{worse:?}");
        }
        for good in [bag(Some(2), Some(23)), bag(Some(1), Some(32)), bag(Some(1), None)] {
            assert!(kinds((&flight(), &shown), (&flight(), std::slice::from_ref(&good))).is_empty(), "{good:?}");
        }
    }

    #[test]
    fn a_refund_that_is_not_allowed_any_more_or_costs_more_is_a_change() {
        let money = |units| interline_domain::money::Money::new(units, "EUR".parse().unwrap());
        let refund = |allowed, penalty: Option<i64>| Conditions {
            refund_before_departure: Some(Condition { allowed, penalty: penalty.map(money) }),
            ..Conditions::default()
        };
        let count = |shown: &Conditions, live: &Conditions| {
            let substance = |conditions| Substance { flights: &[], bags: &[], conditions };
            changes(&substance(shown), &substance(live)).len()
        };
        assert_eq!(count(&refund(true, Some(50)), &refund(false, None)), 1);
        assert_eq!(count(&refund(true, Some(50)), &refund(true, Some(51))), 1);
        assert_eq!(count(&refund(true, Some(50)), &refund(true, Some(10))), 0);
        assert_eq!(count(&refund(false, None), &refund(true, Some(50))), 0);
        assert_eq!(count(&refund(true, None), &Conditions::default()), 0);
    }
}
