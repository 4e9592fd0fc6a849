use super::*;
use interline_domain::passengers::PassengerMix;
use interline_domain::trip::{Cabin, SliceQuery};

fn trip(origin: &str, destination: &str, children: Vec<u8>, infants: u8) -> Trip {
    let slice = |from: &str, to: &str, date: &str| SliceQuery {
        origin: from.parse().unwrap(),
        destination: to.parse().unwrap(),
        departure_date: date.parse().unwrap(),
    };
    let slices = vec![slice(origin, destination, "2027-01-20"), slice(destination, origin, "2027-02-03")];
    Trip::new(slices, PassengerMix::new(1, children, infants).unwrap(), Cabin::Economy).unwrap()
}

fn passenger(kind: PassengerKind, born: &str) -> PassengerInput {
    PassengerInput {
        kind,
        title: Some("ms".into()),
        given_name: "Sari".into(),
        family_name: "O'Neil-Wirya".into(),
        born_on: born.parse().unwrap(),
        gender: Gender::Female,
        document: Some(DocumentInput {
            kind: interline_domain::order::DocumentKind::Passport,
            number: "C4417302".into(),
            issuing_country: "ID".into(),
            nationality: "ID".into(),
            expires_on: "2031-01-01".parse().unwrap(),
        }),
        lap_of: None,
    }
}

fn contact() -> ContactInput {
    ContactInput { email: "sari@example.com".into(), phone: "+6281234567".into() }
}

fn broken(trip: &Trip, passengers: &[PassengerInput]) -> Vec<(String, String)> {
    check(trip, passengers, &contact()).into_iter().map(|field| (field.field, field.rule)).collect()
}

#[test]
fn good_passengers_break_no_rule() {
    let family = [
        passenger(PassengerKind::Adult, "1988-03-04"),
        passenger(PassengerKind::Child, "2019-08-01"),
        passenger(PassengerKind::Infant, "2025-06-30"),
    ];
    assert_eq!(broken(&trip("CGK", "NRT", vec![7], 1), &family), []);
}

#[test]
fn each_broken_rule_names_its_field() {
    let route = trip("CGK", "NRT", vec![7], 1);
    let mut family = [
        passenger(PassengerKind::Adult, "2016-03-04"),
        passenger(PassengerKind::Child, "2018-08-01"),
        // Turns two between the flights.
        passenger(PassengerKind::Infant, "2025-01-25"),
    ];
    family[0].given_name = "7".into();
    family[0].document = None;
    family[1].document.as_mut().unwrap().expires_on = "2027-02-02".parse().unwrap();
    family[2].lap_of = Some(1);
    let expected = [
        ("/passengers/0/given_name", "name"),
        ("/passengers/0/born_on", "age_of_type"),
        ("/passengers/0/document", "document_required"),
        ("/passengers/1/born_on", "age_as_searched"),
        ("/passengers/1/document/expires_on", "document_valid"),
        ("/passengers/2/born_on", "age_of_type"),
        ("/passengers/2/lap_of", "lap"),
    ];
    assert_eq!(broken(&route, &family), expected.map(|(field, rule)| (field.to_owned(), rule.to_owned())));
}

#[test]
fn a_domestic_route_needs_no_document() {
    let mut one = passenger(PassengerKind::Adult, "1988-03-04");
    one.document = None;
    assert_eq!(broken(&trip("CGK", "DPS", vec![], 0), std::slice::from_ref(&one)), []);
    assert_eq!(broken(&trip("CGK", "SIN", vec![], 0), &[one]).len(), 1);
}

#[test]
fn what_a_supplier_is_told_survives_storage_and_the_rest_is_sealed() {
    let family = [passenger(PassengerKind::Adult, "1988-03-04"), passenger(PassengerKind::Infant, "2026-06-30")];
    let key = crate::crypt::BookingKey::for_tests();
    let stored = store(&key, &family).unwrap();
    let text = stored.to_string();
    assert!(!text.contains("C4417302") && !text.contains("1988"), "{text}");
    let told = travellers(&key, &stored).unwrap();
    assert_eq!(told[0].document.as_ref().unwrap().number, "C4417302");
    assert_eq!(told[1].lap_of, Some(0));
}
