use super::*;

fn query(supplier: Supplier, slices: &[(&str, &str, i8)], passengers: &[PassengerKind]) -> Query {
    let slices = slices.iter().map(|(origin, destination, day)| Slice {
        origin: (*origin).to_owned(),
        destination: (*destination).to_owned(),
        date: jiff::civil::date(2027, 1, *day),
    });
    Query {
        supplier,
        slices: slices.collect(),
        passengers: passengers.to_vec(),
        cabin: Cabin::Economy,
        currency: Currency::dollars(),
    }
}

const ONE: &[PassengerKind] = &[PassengerKind::Adult];
const TRUNK: &[(&str, &str, i8)] = &[("CGK", "NRT", 20)];

#[test]
fn the_same_seed_sells_the_same_and_another_seed_something_else() {
    let asked = query(Supplier::Duffel, TRUNK, ONE);
    let found = Inventory::new(1, 60).search(&asked);
    assert_eq!(found, Inventory::new(1, 60).search(&asked));
    assert_ne!(found, Inventory::new(2, 60).search(&asked));
}

#[test]
fn a_search_finds_as_many_offers_as_it_is_set_to() {
    for supplier in [Supplier::Duffel, Supplier::Travelport, Supplier::Ndc] {
        assert_eq!(Inventory::new(1, 60).search(&query(supplier, TRUNK, ONE)).len(), 60, "{supplier:?}");
    }
    assert_eq!(Inventory::new(1, 300).search(&query(Supplier::Duffel, &[("LHR", "JFK", 20)], ONE)).len(), 300);
}

#[test]
fn suppliers_sell_the_same_planes_for_other_prices() {
    let inventory = Inventory::new(1, 60);
    let at = |supplier| inventory.search(&query(supplier, TRUNK, ONE));
    let (duffel, travelport) = (at(Supplier::Duffel), at(Supplier::Travelport));
    let both: Vec<_> = duffel
        .iter()
        .filter_map(|one| travelport.iter().find(|other| other.key == one.key).map(|other| (one, other)))
        .collect();
    assert!(both.len() > 10, "{}", both.len());
    assert!(both.iter().all(|(one, other)| one.journeys == other.journeys));
    assert!(both.iter().any(|(one, other)| one.total() != other.total()));
}

#[test]
fn a_return_trip_comes_back_and_a_family_pays_by_age() {
    let family = [PassengerKind::Adult, PassengerKind::Adult, PassengerKind::Child, PassengerKind::Infant];
    let found =
        Inventory::new(1, 60).search(&query(Supplier::Duffel, &[("CGK", "NRT", 20), ("NRT", "CGK", 27)], &family));
    assert!(found.len() > 20, "{}", found.len());
    for product in found.iter() {
        assert_eq!(product.journeys.len(), 2);
        let of = |kind| product.fares.iter().find(|fare| fare.kind == kind).unwrap();
        assert_eq!(of(PassengerKind::Adult).passengers, [0, 1]);
        assert!(of(PassengerKind::Adult).base > of(PassengerKind::Child).base);
        assert!(of(PassengerKind::Child).base > of(PassengerKind::Infant).base);
        let total: i64 = product.fares.iter().map(|fare| fare.total() * fare.passengers.len() as i64).sum();
        assert_eq!(product.total(), total);
    }
}

#[test]
fn three_slices_and_every_cabin_are_sold() {
    let inventory = Inventory::new(1, 60);
    let mut asked = query(Supplier::Ndc, &[("LHR", "JFK", 10), ("JFK", "LAX", 14), ("LAX", "LHR", 20)], ONE);
    for cabin in [Cabin::Economy, Cabin::PremiumEconomy, Cabin::Business, Cabin::First] {
        asked.cabin = cabin;
        assert!(!inventory.search(&asked).is_empty(), "{cabin:?}");
    }
}

#[test]
fn every_product_is_found_again_by_its_segments() {
    let inventory = Inventory::new(1, 60);
    let asked = query(Supplier::Travelport, &[("CGK", "NRT", 20), ("NRT", "CGK", 27)], ONE);
    for product in inventory.search(&asked).iter() {
        let slices: Vec<Vec<rebuild::SegmentKey>> =
            product.journeys.iter().map(|journey| journey.segments.iter().map(rebuild::key).collect()).collect();
        assert_eq!(inventory.product(&asked, &slices, product.family).as_ref(), Some(product));
    }
}
