use super::*;
use crate::token::OfferToken;
use crate::{check, search};
use interline_plugin_sdk::supplier::*;
use interline_plugin_sdk::{time, token};

pub(super) fn request() -> SearchRequest {
    let slice = |origin: &str, destination: &str, date| SliceQuery {
        origin: origin.to_owned(),
        destination: destination.to_owned(),
        departure_date: time::date(date).expect("a date"),
    };
    SearchRequest {
        slices: vec![slice("CGK", "TYO", "2027-01-20"), slice("TYO", "CGK", "2027-01-27")],
        passengers: family(),
        cabin: Cabin::Economy,
        currency: Some("EUR".to_owned()),
        point_of_sale: Some("ID".to_owned()),
        timeout_ms: 5_000,
        max_offers: 100,
    }
}

fn found(reply: Response) -> SearchReply {
    search::search(&Script::of([reply]), &request()).expect("a reply")
}

#[test]
fn a_search_asks_for_journeys_passengers_cabin_and_currency() {
    let script = Script::of([fixture("shopping")]);
    search::search(&script, &request()).expect("a reply");
    let message = &sent(&script)[0];
    assert_eq!(message.name(), "IATA_AirShoppingRQ");
    let criteria = message.all("Request/FlightRequest/FlightRequestOriginDestinationsCriteria/OriginDestCriteria");
    assert_eq!(criteria[1].path_text("OriginDepCriteria/IATA_LocationCode"), Some("TYO"));
    assert_eq!(criteria[1].path_text("OriginDepCriteria/Date"), Some("2027-01-27"));
    assert_eq!(criteria[1].path_text("CabinType/CabinTypeCode"), Some("5"));
    let codes: Vec<_> = message.all("Request/PaxList/Pax/PTC").iter().map(|ptc| ptc.text()).collect();
    assert_eq!(codes, ["ADT", "ADT", "CHD", "INF"]);
    assert_eq!(message.find("AgeMeasure").map(|age| age.text()), Some("9"));
    assert_eq!(message.find("RequestedCurCode").map(|code| code.text()), Some("EUR"));
    assert_eq!(message.path_text("POS/Country/CountryCode"), Some("ID"));
}

#[test]
fn a_wrong_offer_is_skipped_with_its_reason_and_takes_no_other_along() {
    let reply = found(fixture("shopping"));
    assert_eq!(reply.offers.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["OF1"]);
    let skipped: Vec<_> = reply.skipped.iter().map(|s| (s.id.as_deref(), s.reason.as_str())).collect();
    assert_eq!(skipped[0], (Some("OF2"), "the items are not the total, 1645.01 EUR"));
    assert_eq!(skipped[1].0, Some("OF3"));
    assert_eq!((skipped.len(), reply.segments.len()), (2, 3));
}

#[test]
fn flights_are_put_together_from_the_lists_whatever_the_casing_of_ids() {
    let reply = found(fixture("shopping"));
    let first = &reply.segments[0];
    assert_eq!((first.marketing_carrier.as_str(), first.marketing_flight_number.as_str()), ("XQ", "0081"));
    assert_eq!(first.operating_carrier.as_deref(), Some("ZJ"));
    assert_eq!(first.operating_flight_number.as_deref(), Some("5081"));
    assert_eq!((first.destination_terminal.as_deref(), first.aircraft.as_deref()), (Some("3"), Some("359")));
    assert_eq!(
        (time::format_local(&first.departure), first.duration_minutes),
        ("2027-01-20T08:05:00".to_owned(), Some(270))
    );
    assert_eq!(reply.segments[1].operating_carrier.as_deref(), Some("XQ"));
    let slices = &reply.offers[0].slices;
    let lengths: Vec<_> = slices.iter().map(|s| (s.segments.len(), s.duration_minutes)).collect();
    assert_eq!(lengths, [(2, Some(665)), (1, Some(500))]);
    assert_eq!(slices[1].fare_brand.as_deref(), Some("Economy Light"));
    let last = &slices[1].segments[0];
    assert_eq!((last.cabin, last.booking_class.as_deref()), (Cabin::Economy, Some("V")));
    assert_eq!((last.fare_basis.as_deref(), last.seats_left), (Some("VLGTS3"), Some(4)));
}

#[test]
fn each_passenger_type_has_its_fare_for_one() {
    let offer = found(fixture("shopping")).offers.remove(0);
    assert_eq!((offer.base, offer.taxes, offer.total), (euro(142_500), euro(22_000), euro(164_500)));
    let fares: Vec<_> = offer.fares.iter().map(|f| (f.kind, f.passengers.clone(), f.total.units)).collect();
    let expected = [
        (PassengerType::Adult, vec![0, 1], 57_500),
        (PassengerType::Child, vec![2], 44_500),
        (PassengerType::Infant, vec![3], 5_000),
    ];
    assert_eq!(fares, expected);
    let taxes: Vec<_> = offer.fares[0].taxes.iter().map(|t| (t.code.as_str(), t.amount.units)).collect();
    assert_eq!(taxes, [("YQ", 5_000), ("D5", 2_000), ("OB", 500)]);
    assert_eq!(offer.fares[0].taxes_total, euro(7_500));
}

#[test]
fn baggage_and_conditions_are_told_for_whom_and_where_they_hold() {
    let offer = found(fixture("shopping")).offers.remove(0);
    let of = |passenger, kind| -> Vec<_> {
        let bags = offer.baggage.iter().filter(|b| b.passenger == passenger && b.kind == kind);
        bags.map(|b| (b.segment, b.pieces, b.weight_kg)).collect()
    };
    let full = |segment| (segment, Some(1), Some(23));
    assert_eq!(of(2, BagKind::Checked), [full(0), full(1), full(2)]);
    assert_eq!(of(3, BagKind::Checked), [(0, Some(0), None), (1, Some(0), None), (2, Some(0), None)]);
    assert_eq!(of(0, BagKind::CarryOn), [(2, Some(1), None)]);
    let allowed = |penalty| Some(Condition { allowed: true, penalty: Some(euro(penalty)) });
    assert_eq!(offer.conditions.refund_before_departure, allowed(7_500));
    assert_eq!(offer.conditions.change_before_departure, allowed(0));
    assert_eq!(offer.conditions.refund_after_departure, Some(Condition { allowed: false, penalty: None }));
    assert_eq!(offer.conditions.change_after_departure, None);
    assert_eq!(offer.expires_at, time::instant("2026-12-01T10:00:00Z").ok());
}

#[test]
fn nothing_sold_is_an_empty_answer_and_other_errors_are_faults() {
    let nothing = found(refusal("325", "No offers"));
    assert!(nothing.offers.is_empty() && nothing.skipped.is_empty());
    let fails = |reply| search::search(&Script::of([reply]), &request()).expect_err("fails").disposition;
    let plain = "<ErrorResponse><Error><Code>401</Code><Message>No key</Message></Error></ErrorResponse>";
    assert_eq!(fails(Response::new(401, plain)), Disposition::NotAuthorised);
    let busy = Response::new(429, plain).with_header("retry-after", "2");
    assert_eq!(fails(busy), Disposition::RetryAfter(2_000));
    assert!(matches!(fails(Response::new(200, "<IATA_AirShoppingRS><Resp")), Disposition::RetryAfter(_)));
    assert_eq!(fails(refusal("914", "Not authorised for this channel")), Disposition::NotAuthorised);
}

#[test]
fn a_currency_that_is_not_granted_is_not_asked_for_again() {
    let refused = "<IATA_AirShoppingRS><Error><Code>300</Code><TagText>CurCode</TagText></Error></IATA_AirShoppingRS>";
    let script = Script::of([Response::new(200, refused), fixture("shopping")]);
    let reply = search::search(&script, &request()).expect("a reply");
    assert_eq!(reply.offers.len(), 1);
    assert!(sent(&script)[1].find("RequestedCurCode").is_none());
}

#[test]
fn a_price_check_selects_the_items_and_gives_the_offer_of_now() {
    let offer = found(fixture("shopping")).offers.remove(0);
    let script = Script::of([fixture("priced")]);
    let request = PriceRequest { offer_id: offer.id, token: offer.token, passengers: family(), timeout_ms: 5_000 };
    let priced = check::check(&script, &request).expect("a price");
    let sent = sent(&script);
    let selected = sent[0].all("Request/PricedOffer/SelectedOfferList/SelectedOffer")[0];
    assert_eq!((selected.child_text("OfferRefID"), selected.child_text("OwnerCode")), (Some("OF1"), Some("XQ")));
    let items: Vec<_> = selected
        .children("SelectedOfferItem")
        .map(|i| (i.child_text("OfferItemRefID").unwrap_or_default().to_owned(), i.children("PaxRefID").count()))
        .collect();
    assert_eq!(items, [("OF1-1".to_owned(), 2), ("OF1-2".to_owned(), 1), ("OF1-3".to_owned(), 1)]);
    assert_eq!((priced.offer.id.as_str(), priced.offer.total), ("OF1P", euro(164_500)));
    let token: OfferToken = token::decode(&priced.offer.token).expect("a token");
    assert_eq!(token.items[0].id, "OF1P-1");
    for (code, disposition) in [("723", Disposition::SoldOut), ("725", Disposition::OfferExpired)] {
        let fault = check::check(&Script::of([refusal(code, "no")]), &request).expect_err("refused");
        assert_eq!((fault.disposition, fault.code.as_deref()), (disposition, Some(code)));
    }
}

#[test]
fn a_reply_of_three_megabytes_is_mapped_whole() {
    let text = fixture("shopping").text().into_owned();
    let from = text.find("<Offer>").expect("an offer");
    let to = text.find("</Offer>").expect("its end") + "</Offer>".len();
    let many: String = (0..600).map(|n| text[from..to].replace("OF1", &format!("A{n}"))).collect();
    let large = format!("{}{many}{}", &text[..from], &text[to..]);
    assert!(large.len() > 2_500_000, "{}", large.len());
    assert_eq!(found(Response::new(200, large)).offers.len(), 600);
}
