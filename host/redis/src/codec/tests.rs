use super::*;
use interline_domain::itinerary::{LocalTime, Segment};
use interline_domain::money::Money;
use interline_domain::offer::{
    BagKind, Baggage, Condition, Conditions, Offer, OfferSegment, OfferSlice, PassengerFare, SkippedOffer,
    SupplierReply,
};
use interline_domain::passengers::{PassengerKind, PassengerMix};
use interline_domain::trip::{Cabin, SliceQuery};
use interline_runtime::PluginVersion;
use interline_search::SupplierState;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

fn packed(offers: Vec<Offer>, segments: Vec<Segment>, fetched_at: i64) -> Packed {
    let slice = SliceQuery {
        origin: "CGK".parse().unwrap(),
        destination: "NRT".parse().unwrap(),
        departure_date: "2027-01-20".parse().unwrap(),
    };
    let part = Part {
        supplier: "duffel".into(),
        version: PluginVersion { name: "duffel".into(), version: "1.2.3".into(), hash: "ab".repeat(32) },
        state: SupplierState::Ok,
        error: None,
        fetched_at: at(fetched_at),
        fresh_until: at(fetched_at + 300_000),
        stale_until: at(fetched_at + 600_000),
        latency: Duration::from_millis(812),
        retry_after: None,
        offers: Arc::new(
            SupplierReply { segments, offers, skipped: vec![SkippedOffer { id: None, reason: "no price".into() }] }
                .into(),
        ),
    };
    Packed {
        trip: Trip::new(vec![slice], PassengerMix::new(1, vec![7], 0).unwrap(), Cabin::Economy).unwrap(),
        scope: SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None },
        part,
    }
}

fn segment(number: u16, hour: i8) -> Segment {
    let local = |at| LocalTime { at, offset_minutes: Some(420) };
    let departure = jiff::civil::date(2027, 1, 20).at(hour, 5, 0, 0);
    Segment {
        origin: "CGK".into(),
        destination: "NRT".into(),
        origin_terminal: Some("3".into()),
        destination_terminal: None,
        departure: local(departure),
        arrival: local(departure.checked_add(jiff::Span::new().hours(7)).unwrap()),
        marketing_carrier: "GA".into(),
        marketing_flight_number: number.to_string().into(),
        operating_carrier: None,
        operating_flight_number: None,
        aircraft: Some("77W".into()),
        duration_minutes: Some(420),
        stops: vec![],
    }
}

fn offer(id: &str, token: Vec<u8>, cents: i64) -> Offer {
    let money = |units| Money::new(units, "IDR".parse().unwrap());
    let carried = OfferSegment {
        segment: 0,
        cabin: Cabin::Economy,
        booking_class: Some("Y".into()),
        fare_basis: None,
        seats_left: Some(4),
    };
    Offer {
        id: id.into(),
        token: token.into(),
        owner: "GA".into(),
        slices: vec![OfferSlice { segments: vec![carried], fare_brand: Some("FLEX".into()), duration_minutes: None }],
        fares: vec![PassengerFare {
            kind: PassengerKind::Adult,
            passengers: vec![0],
            base: money(cents),
            taxes: vec![],
            taxes_total: money(100),
            total: money(cents + 100),
        }],
        base: money(cents),
        taxes: money(100),
        total: money(cents + 100),
        baggage: vec![],
        conditions: Conditions::default(),
        expires_at: None,
        ticketing_deadline: Some(at(1_800_000_000_000)),
        holdable: true,
    }
}

prop_compose! {
    fn any_packed()(
        offers in prop::collection::vec(("[a-z0-9]{0,20}", prop::collection::vec(any::<u8>(), 0..60), 0_i64..1 << 40), 0..20),
        segments in prop::collection::vec((1_u16..9999, 0_i8..24), 0..20),
        fetched_at in 0_i64..4_000_000_000_000,
    ) -> Packed {
        let offers = offers.into_iter().map(|(id, token, cents)| offer(&id, token, cents)).collect();
        packed(offers, segments.into_iter().map(|(number, hour)| segment(number, hour)).collect(), fetched_at)
    }
}

proptest! {
    #[test]
    fn what_is_packed_comes_back_as_it_went(packed in any_packed()) {
        let codec = Codec::default();
        let block = codec.pack(&packed).unwrap();
        let times = codec.freshness(&block).unwrap();
        prop_assert_eq!(
            (times.fetched_at, times.fresh_until, times.stale_until),
            (packed.part.fetched_at, packed.part.fresh_until, packed.part.stale_until)
        );
        prop_assert_eq!(codec.unpack(&block).unwrap(), packed);
    }

    #[test]
    fn a_block_damaged_anywhere_is_no_part(packed in any_packed(), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let codec = Codec::default();
        let mut block = codec.pack(&packed).unwrap();
        let place = place.index(block.len());
        block[place] ^= 1 << bit;
        let why = codec.unpack(&block).unwrap_err();
        let expected = [Unreadable::Format, Unreadable::Generation, Unreadable::Damaged];
        prop_assert_eq!(why, expected[place.min(2)]);
        let shorter = codec.unpack(&block[..place]);
        prop_assert!(shorter.is_err());
    }

    #[test]
    fn whatever_stands_there_is_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), seal in any::<bool>()) {
        if seal && bytes.len() > HEAD {
            bytes[..2].copy_from_slice(&[FORMAT, 2]);
            bytes[6..10].copy_from_slice(&64_u32.to_be_bytes());
            let sum = crc32fast::hash(&bytes[6..]);
            bytes[2..6].copy_from_slice(&sum.to_be_bytes());
        }
        prop_assert!(Codec::default().unpack(&bytes).is_err());
    }
}

fn sealed(length: u32, frame: &[u8]) -> Vec<u8> {
    let mut block = vec![FORMAT, 2, 0, 0, 0, 0];
    block.extend(length.to_be_bytes());
    block.extend([0; 24]);
    block.extend(frame);
    let sum = crc32fast::hash(&block[6..]);
    block[2..6].copy_from_slice(&sum.to_be_bytes());
    block
}

#[test]
fn a_frame_that_unpacks_to_more_than_it_says_takes_no_more_memory() {
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 19).unwrap();
    assert!(bomb.len() < 16 << 10);
    assert_eq!(Codec::default().unpack(&sealed(1_000, &bomb)), Err(Unreadable::Damaged));
    assert_eq!(Codec::default().unpack(&sealed(64 << 20, &bomb)), Err(Unreadable::TooLong));
    // A list that claims to have more entries than there are bytes.
    let claims = zstd::bulk::compress(&[1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], 3).unwrap();
    assert_eq!(Codec::default().unpack(&sealed(6, &claims)), Err(Unreadable::Damaged));
}

#[test]
fn the_generation_before_is_read_and_others_are_a_miss() {
    let dictionary = "GA CGK NRT FLEX 2027-01-20T".repeat(20);
    let generation = |number, dictionary: &str| Generation::new(number, 3, dictionary.as_bytes());
    let old = Codec::new(generation(7, ""), None);
    let new = Codec::new(generation(8, &dictionary), Some(generation(7, "")));
    let newest = Codec::new(generation(9, ""), Some(generation(8, &dictionary)));
    let packed = packed(vec![offer("o", vec![1, 2], 5_000)], vec![segment(874, 8)], 1_700_000_000_000);
    let (by_old, by_new) = (old.pack(&packed).unwrap(), new.pack(&packed).unwrap());
    assert_eq!(new.unpack(&by_old).unwrap(), packed);
    assert_eq!(newest.unpack(&by_new).unwrap(), packed);
    assert_eq!(newest.unpack(&by_old), Err(Unreadable::Generation));
    assert_eq!(old.unpack(&by_new), Err(Unreadable::Generation));
    assert_eq!(old.freshness(&by_new), Err(Unreadable::Generation));
}

/// As generation 1 wrote it. It is never written anew: while a new release is rolled out, nodes of both are at work.
static FIRST: &[u8] = include_bytes!("generation1.block");

#[test]
fn what_a_release_before_wrote_is_read() {
    let packed = packed(vec![offer("o", vec![1, 2], 5_000)], vec![segment(874, 8)], 1_700_000_000_000);
    assert_eq!(Codec::default().unpack(FIRST).unwrap(), packed);
    assert_eq!(Generation::first().write(&packed), None);
}

/// Two offers of which no two numbers and no two texts are alike: fields that change places are noticed.
fn told_apart() -> Packed {
    let carried = |segment, class: &str, basis: &str, seats| OfferSegment {
        segment,
        cabin: if segment == 1 { Cabin::Business } else { Cabin::PremiumEconomy },
        booking_class: Some(class.into()),
        fare_basis: Some(basis.into()),
        seats_left: Some(seats),
    };
    let slice = |segments, brand: &str, minutes| OfferSlice {
        segments,
        fare_brand: Some(brand.into()),
        duration_minutes: Some(minutes),
    };
    let bag = |passenger, segment, kind, pieces, kg| Baggage { passenger, segment, kind, pieces, weight_kg: Some(kg) };
    let condition =
        |allowed, units| Some(Condition { allowed, penalty: Some(Money::new(units, "JPY".parse().unwrap())) });
    let first = offer("first", vec![9, 8, 7], 31_000);
    let second = Offer {
        id: "second, another".into(),
        token: vec![1, 2, 3, 4, 5].into(),
        owner: "NH".into(),
        slices: vec![
            slice(vec![carried(1, "C", "CFLEX", 5), carried(2, "D", "DFLEX", 6)], "Business", 711),
            slice(vec![carried(0, "W", "WLIGHT", 7)], "Premium Light", 712),
        ],
        base: Money::new(101, "USD".parse().unwrap()),
        taxes: Money::new(203, "EUR".parse().unwrap()),
        total: Money::new(307, "GBP".parse().unwrap()),
        baggage: vec![bag(3, 2, BagKind::Checked, Some(2), 23), bag(4, 0, BagKind::CarryOn, None, 7)],
        conditions: Conditions {
            refund_before_departure: condition(true, 41),
            refund_after_departure: condition(false, 42),
            change_before_departure: condition(true, 43),
            change_after_departure: None,
        },
        expires_at: Some(at(1_700_000_001_000)),
        ticketing_deadline: Some(at(1_700_000_002_000)),
        holdable: false,
        ..first.clone()
    };
    packed(vec![first, second], vec![segment(874, 8), segment(875, 9), segment(876, 11)], 1_700_000_000_000)
}

/// As the first release of generation 2 wrote it. It is never written anew.
static SECOND: &[u8] = include_bytes!("generation2.block");

#[test]
fn what_was_written_stays_what_is_read_and_written() {
    let packed = told_apart();
    assert_eq!(Codec::default().unpack(SECOND).unwrap(), packed);
    let second = Generation::second();
    let plain = second.write(&packed).unwrap();
    assert_eq!(second.decompress(&SECOND[HEAD..], plain.len()).unwrap(), plain);
}

#[test]
fn a_damaged_frame_leaves_nothing_behind_for_the_next() {
    let plain = b"what the dictionary says".repeat(50);
    for dictionary in [&b""[..], &plain[..200]] {
        let generation = Generation::new(7, generation::LEVEL, dictionary);
        let frame = generation.compress(&plain).unwrap();
        for cut in 0..frame.len() {
            assert_eq!(generation.decompress(&frame[..cut], plain.len()), None);
            assert_eq!(generation.decompress(&frame, plain.len() - 1), None);
            assert_eq!(generation.decompress(&frame, plain.len()).as_deref(), Some(&plain[..]));
        }
    }
}
