use super::*;
use crate::offer::Condition;
use crate::offer::tests as fixture;
use proptest::prelude::*;
use proptest::sample::{Index, select};

prop_compose! {
    /// Of few different things, so that offers share them; up to segment 7, of the five that the reply has.
    fn slice()(
        segments in prop::collection::vec((0_u32..8, select(vec![Cabin::Economy, Cabin::Business]), select(vec!["Y", "K", ""])), 0..3),
        brand in select(vec![None, Some("FLEX")]),
        minutes in select(vec![None, Some(90)]),
    ) -> OfferSlice {
        let carried = |(segment, cabin, class): (u32, Cabin, &str)| OfferSegment {
            segment,
            cabin,
            booking_class: Some(class.into()),
            fare_basis: (class == "K").then(|| "KLIGHT".into()),
            seats_left: (class == "Y").then_some(4),
        };
        OfferSlice {
            segments: segments.into_iter().map(carried).collect(),
            fare_brand: brand.map(Into::into),
            duration_minutes: minutes,
        }
    }
}

prop_compose! {
    fn offer()(
        id in "[a-zé]{0,4}",
        token in prop::collection::vec(any::<u8>(), 0..4),
        slices in prop::collection::vec(slice(), 0..3),
        bags in prop::collection::vec((0_u8..2, 0_u32..8, prop::option::of(0_u8..2)), 0..4),
        (units, currency) in (any::<i64>(), select(vec!["EUR", "JPY"])),
        allowed in prop::option::of(any::<bool>()),
        second in prop::option::of(0_i64..2_000_000_000),
    ) -> Offer {
        let money = |units| Money::new(units, currency.parse().unwrap());
        let bag = |(passenger, segment, pieces)| Baggage { passenger, segment, kind: BagKind::Checked, pieces, weight_kg: None };
        let condition = |allowed| Condition { allowed, penalty: Some(money(7)) };
        Offer {
            id,
            token: token.into(),
            owner: currency.into(),
            slices,
            fares: vec![],
            base: money(units),
            taxes: money(1),
            total: Money::new(units, "USD".parse().unwrap()),
            baggage: bags.into_iter().map(bag).collect(),
            conditions: Conditions { refund_before_departure: allowed.map(condition), ..Conditions::default() },
            expires_at: second.map(|second| Timestamp::from_second(second).unwrap()),
            ticketing_deadline: None,
            holdable: units > 0,
        }
    }
}

fn reply(offers: &[Offer]) -> SupplierReply {
    SupplierReply {
        segments: (1..6).map(|number| fixture::segment(&number.to_string())).collect(),
        offers: offers.to_vec(),
        skipped: vec![],
    }
}

/// What may be kept of an offer; none: it flies nowhere.
fn sound(mut offer: Offer) -> Option<Offer> {
    let flown: Vec<u32> = offer.slices.iter().flat_map(|slice| &slice.segments).map(|at| at.segment).collect();
    offer.baggage.retain(|bag| flown.contains(&bag.segment));
    let is_empty = offer.slices.is_empty() || offer.slices.iter().any(|slice| slice.segments.is_empty());
    (!is_empty && flown.iter().all(|&segment| segment < 5)).then_some(offer)
}

proptest! {
    #[test]
    fn an_offer_is_told_as_it_came_or_skipped(offers in prop::collection::vec(offer(), 0..12)) {
        let table = OfferTable::from(reply(&offers));
        let sound: Vec<Offer> = offers.iter().cloned().filter_map(sound).collect();
        prop_assert_eq!((table.len(), table.skipped().len()), (sound.len(), offers.len() - sound.len()));
        for (at, (row, offer)) in table.rows().iter().zip(&sound).enumerate() {
            prop_assert_eq!(&table.offer(at).unwrap(), offer);
            prop_assert_eq!(table.fare(row), offer.fare(table.segments()));
            prop_assert_eq!(table.amounts(row).unwrap(), [offer.base, offer.taxes, offer.total]);
        }
        prop_assert!(table.offer(sound.len()).is_none());
        let again: OfferTable = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
        prop_assert_eq!(again, table);
    }

    #[test]
    fn itineraries_are_one_if_they_fly_alike(one in offer(), other in offer()) {
        let flown = |offer: &Offer| -> Vec<Vec<(u32, Cabin)>> {
            let slice = |slice: &OfferSlice| slice.segments.iter().map(|at| (at.segment, at.cabin)).collect();
            offer.slices.iter().map(slice).collect()
        };
        let table = OfferTable::from(reply(&[one.clone(), other.clone()]));
        if let [first, second] = table.rows() {
            let fingerprints = [first, second].map(|row| table.fingerprint(row.itinerary).unwrap());
            prop_assert_eq!(fingerprints[0] == fingerprints[1], flown(&one) == flown(&other));
        }
    }

    #[test]
    fn what_was_tampered_with_is_refused_or_read_without_harm(
        offers in prop::collection::vec(offer(), 1..6), place in any::<Index>(), number in select(vec![0, 1, 2, 5, 255, u32::MAX]),
    ) {
        let stored = serde_json::to_string(&OfferTable::from(reply(&offers))).unwrap();
        let numbers: Vec<(usize, &str)> = stored.match_indices(|byte: char| byte.is_ascii_digit()).collect();
        prop_assume!(!numbers.is_empty());
        let at = numbers[place.index(numbers.len())].0;
        let tampered = format!("{}{number}{}", &stored[..at], &stored[at + 1..]);
        if let Ok(table) = serde_json::from_str::<OfferTable>(&tampered) {
            for (at, row) in table.rows().iter().enumerate() {
                table.fare(row);
                prop_assert!(table.flown(row.itinerary).all(|flown| (flown.segment as usize) < table.segments().len()));
                prop_assert!(table.amounts(row).is_some() && table.conditions(row).is_some());
                // An id may be cut within a letter.
                table.offer(at);
            }
        }
    }
}

#[test]
fn what_unfolds_to_more_than_its_bytes_promise_is_refused() {
    let carried =
        OfferSegment { segment: 0, cabin: Cabin::Economy, booking_class: None, fare_basis: None, seats_left: None };
    let slice = |flown| OfferSlice { segments: vec![carried.clone(); flown], fare_brand: None, duration_minutes: None };
    let bag = Baggage { passenger: 0, segment: 0, kind: BagKind::Checked, pieces: Some(1), weight_kg: None };
    let offer = |slices, bags| Offer { slices, baggage: vec![bag.clone(); bags], ..fixture::offer(&[0]) };
    let kept = |slices: Vec<OfferSlice>, bags| OfferTable::from(reply(&[offer(slices, bags)])).len();
    assert_eq!(kept(vec![slice(60), slice(4)], MOST_BAGS), 1);
    assert_eq!(kept(vec![slice(60), slice(5)], 0), 0);
    assert_eq!(kept(vec![slice(1)], MOST_BAGS + 1), 0);
    // Read, it is held to the same.
    let table = OfferTable::from(reply(&[offer(vec![slice(40)], 2)]));
    let mean = |change: &dyn Fn(&mut Columns)| {
        let mut columns = table.0.clone();
        change(&mut columns);
        OfferTable::try_from(columns).is_err()
    };
    assert!(!mean(&|_| {}));
    assert!(mean(&|columns| {
        columns.itineraries = [vec![0, 0]].into_iter().collect();
        columns.brands = [vec![None, None]].into_iter().collect();
        columns.carriages = [vec![columns.carriages.get(0)[0].clone(); 80]].into_iter().collect();
    }));
    assert!(mean(&|columns| columns.baggage = [vec![columns.baggage.get(0)[0]; MOST_BAGS + 1]].into_iter().collect()));
    // Itineraries that no row has.
    assert!(mean(&|columns| {
        columns.itineraries = [vec![0], vec![0]].into_iter().collect();
        columns.fingerprints.push(columns.fingerprints[0]);
    }));
    assert!(mean(&|columns| columns.lengths[0].0 = u32::MAX));
}
