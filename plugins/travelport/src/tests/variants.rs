//! The same things as other versions, providers and hosts say them.

use super::*;
use crate::mapping::{conditions, fare, record};
use interline_plugin_sdk::xml::{self, Tree};

fn element(text: &str) -> Tree {
    xml::parse(text).expect("XML")
}

fn enveloped(body: &str) -> Response {
    Response::new(200, format!("<s:Envelope xmlns:s=\"u\"><s:Body>{body}</s:Body></s:Envelope>"))
}

fn altered(name: &str, pairs: &[(&str, &str)]) -> Response {
    let mut text = fixture(name).text().into_owned();
    for (from, to) in pairs {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Response::new(200, text)
}

fn search_of(reply: Response) -> Result<SearchReply, Fault> {
    search::search(&Script::of([reply]), &asked())
}

#[test]
fn prefixes_and_versions_of_the_schema_do_not_matter() {
    let older = [("air:", "ns2:"), ("xmlns:air", "xmlns:ns2"), ("_v52_0\"", "_v36_0\""), ("SOAP:", "soapenv:")];
    let text = altered("search_points", &older).text().replace("xmlns:SOAP", "xmlns:soapenv");
    assert_eq!(search_of(Response::new(200, text)), Ok(found()));
}

fn price_of(token: &[u8], reply: Response) -> Result<PriceReply, Fault> {
    let token = token.to_vec();
    let request = PriceRequest { offer_id: "p1.0".to_owned(), token, passengers: party(), timeout_ms: 5_000 };
    price::check(&Script::of([reply]), &request)
}

#[test]
fn slices_of_a_priced_itinerary_are_those_asked_for() {
    let token = found().offers[0].token.clone();
    let there_and_on = String::from_utf8(token.clone()).expect("JSON").replacen("\"g\":0", "\"g\":7", 1);
    let slices = |token: &[u8]| price_of(token, fixture("price")).map(|priced| priced.offer.slices.len());
    assert_eq!((slices(&token), slices(there_and_on.as_bytes())), (Ok(1), Ok(2)));
}

#[test]
fn flights_may_stand_within_their_solution() {
    let text = fixture("price").text().into_owned();
    let (from, to) =
        (text.find("<air:AirItinerary>").expect("one"), text.find("</air:AirItinerary>").expect("its end"));
    let flights = &text[from + "<air:AirItinerary>".len()..to];
    let refs = "<air:AirSegmentRef Key=\"s1\"/><air:AirSegmentRef Key=\"s2\"/>";
    let within = text.replace(flights, "").replace(refs, flights);
    let token = found().offers[0].token.clone();
    assert_eq!(price_of(&token, Response::new(200, within)), price_of(&token, fixture("price")));
}

#[test]
fn who_stays_longer_than_a_day_has_arrived() {
    let later = [("2027-01-20T12:00:00.000+08:00", "2027-01-29T12:00:00.000+08:00")];
    let known = found().offers[0].token.clone();
    let unknown = String::from_utf8(known).expect("JSON").replacen("},{", "},{\"g\":0},{", 1);
    let priced = price_of(unknown.as_bytes(), altered("price", &later)).expect("a price");
    assert_eq!(priced.offer.slices.len(), 2);
}

#[test]
fn a_price_that_cannot_be_had_says_why() {
    let error = |words: &str| {
        let words = format!("<Code>4097</Code><Description>{words}</Description>");
        enveloped(&format!(
            "<AirPriceRsp><AirPriceResult><AirPriceError>{words}</AirPriceError></AirPriceResult></AirPriceRsp>"
        ))
    };
    let token = found().offers[0].token.clone();
    let disposition = |words| price_of(&token, error(words)).expect_err("no price").disposition;
    assert_eq!(disposition("NO VALID FARE FOR INPUT CRITERIA"), Disposition::SoldOut);
    assert!(matches!(disposition("Provider timed out"), Disposition::RetryAfter(_)));
}

#[test]
fn seats_stand_with_the_booking_or_with_the_flight() {
    let listed =
        "<air:AirAvailInfo ProviderCode=\"1G\"><air:BookingCodeInfo BookingCounts=\"C8|Y6|O\"/></air:AirAvailInfo>";
    let pairs = [(" BookingCount=\"4\"", ""), ("<air:CodeshareInfo", &format!("{listed}<air:CodeshareInfo"))];
    let reply = search_of(altered("search_points", &pairs)).expect("offers");
    let seats: Vec<_> = reply.offers[0].slices[0].segments.iter().map(|one| one.seats_left).collect();
    assert_eq!(seats, [Some(6), None]);
}

#[test]
fn bags_beside_the_fare_have_pieces_and_weights() {
    let allowance = |name: &str, details: &str, text: &str, limit: &str| {
        let limit = format!(
            "<{details}><BaggageRestriction><TextInfo><Text>{limit}</Text></TextInfo></BaggageRestriction></{details}>"
        );
        format!("<{name}><TextInfo><Text>{text}</Text></TextInfo>{limit}</{name}>")
    };
    let checked = allowance("BaggageAllowanceInfo", "BagDetails", "2P", "UPTO50LB/23KG AND UPTO62LI/158LCM");
    let cabin = allowance("CarryOnAllowanceInfo", "CarryOnDetails", "7K", "CHGS MAY APPLY");
    let list = format!("<BaggageAllowances>{checked}{cabin}{cabin}</BaggageAllowances><air:ChangePenalty");
    let reply = altered("price", &[("BaggageAllowance>", "Unheard>"), ("<air:ChangePenalty", &list)]);
    let offer = price_of(&found().offers[0].token, reply).expect("a price").offer;
    let of = |kind| offer.baggage.iter().find(|bag| bag.kind == kind).map(|bag| (bag.pieces, bag.weight_kg));
    assert_eq!(of(BagKind::Checked), Some((Some(2), Some(23))));
    assert_eq!(of(BagKind::CarryOn), Some((None, Some(7))));
    assert_eq!(offer.baggage.len(), 12);
}

#[test]
fn of_several_penalties_the_hardest_holds() {
    let condition = |penalties: &str| {
        let info = element(&format!("<AirPricingInfo>{penalties}</AirPricingInfo>"));
        conditions::conditions(&[(&info, 1)], "EUR").change_before_departure
    };
    let penalty = |content: &str| format!("<ChangePenalty PenaltyApplies=\"Anytime\">{content}</ChangePenalty>");
    let cheap = penalty("<Amount>EUR20.00</Amount>");
    let dear = penalty("<Amount>EUR70.00</Amount>");
    let told = condition(&format!("{cheap}{dear}")).expect("told");
    assert_eq!((told.allowed, told.penalty.map(|money| money.units)), (true, Some(7_000)));
    let never = penalty("<Percentage>100.00</Percentage>");
    assert_eq!(condition(&format!("{cheap}{never}")), Some(Condition { allowed: false, penalty: None }));
    let foreign = condition(&penalty("<Amount>USD30.00</Amount>")).and_then(|told| told.penalty);
    assert_eq!(foreign.map(|money| money.currency), Some("USD".to_owned()));
    let share = penalty("<Percentage>25.00</Percentage>");
    assert_eq!(condition(&share), Some(Condition { allowed: true, penalty: None }));
    let no_show = "<ChangePenalty NoShow=\"true\"><Amount>EUR200.00</Amount></ChangePenalty>";
    assert_eq!(
        condition(&format!("{no_show}{cheap}")).and_then(|told| told.penalty).map(|money| money.units),
        Some(2_000)
    );
}

#[test]
fn a_limit_without_a_zone_comes_first_in_the_easternmost() {
    let at = |text| time::instant(text).ok();
    assert_eq!(fare::deadline("2026-12-01"), at("2026-12-01T23:59:00+14:00"));
    assert_eq!(fare::deadline("2026-12-01T18:00:00.000"), at("2026-12-01T18:00:00+14:00"));
    assert_eq!(fare::deadline("2026-12-01T18:00:00.000+02:00"), at("2026-12-01T18:00:00+02:00"));
    assert_eq!(fare::deadline("T*"), None);
}

#[test]
fn an_exchanged_document_is_the_same_travellers_and_paid_no_more() {
    let ticket = |number: u64, status: &str| format!("<Ticket TicketNumber=\"{number}\" TicketStatus=\"{status}\"/>");
    let document =
        |amounts: &str, tickets: String| format!("<ETR {amounts}><BookingTraveler Key=\"t\"/>{tickets}</ETR>");
    let new = document("EquivalentBasePrice=\"EUR90.00\" Taxes=\"EUR30.00\"", ticket(9_992_100_000_007, "N"));
    let old = document("TotalPrice=\"EUR100.00\"", ticket(9_992_100_000_001, "X"));
    let order = record::documents(&element(&format!("<AirRetrieveDocumentRsp>{new}{old}</AirRetrieveDocumentRsp>")));
    let order = order.expect("an order");
    assert_eq!(order.total.units, 12_000);
    assert_eq!(order.tickets, [Ticket { traveller: 0, number: "9992100000007".to_owned() }]);
}

#[test]
fn a_fare_stored_again_counts_once() {
    let fare = |total: &str, more: &str, traveller: &str, flight: &str| {
        format!(
            "<AirPricingInfo TotalPrice=\"{total}\" {more}><BookingInfo SegmentRef=\"{flight}\"/>\
             <PassengerType Code=\"ADT\" BookingTravelerRef=\"{traveller}\"/></AirPricingInfo>"
        )
    };
    let total = |fares: String| {
        let universal =
            element(&format!("<UniversalRecord><AirReservation>{fares}</AirReservation></UniversalRecord>"));
        record::total(&universal).expect("reads").map(|money| money.units)
    };
    let (first, again) = (fare("EUR10.00", "", "a", "s"), fare("EUR12.00", "", "a", "s"));
    assert_eq!(total(format!("{first}{again}")), Some(1_200));
    assert_eq!(total(format!("{}{again}", fare("EUR10.00", "Ticketed=\"true\"", "a", "s"))), Some(1_000));
    assert_eq!(
        total(format!("{first}{}{}", fare("EUR7.00", "", "b", "s"), fare("EUR5.00", "", "a", "r"))),
        Some(2_200)
    );
}

#[test]
fn an_lapsed_record_is_cancelled_and_one_with_an_open_flight_stands() {
    let read = |pairs: &[(&str, &str)]| {
        let reply = Script::of([altered("record_held", pairs)]);
        order::retrieve(&reply, &reference()).expect("an order")
    };
    assert_eq!(read(&[("Status=\"HK\"", "Status=\"HX\"")]).status, OrderStatus::Cancelled);
    let open = read(&[("DepartureTime=\"2027-01-20T12:00:00.000+08:00\"", "OpenSegment=\"true\"")]);
    assert_eq!((open.status, open.segments.len()), (OrderStatus::Held, 1));
}

#[test]
fn the_very_name_comes_before_one_that_begins_alike() {
    let pairs = [("BENMR", "ANNAMRS"), ("ANNMR", "ANNMISS")];
    let mut request = wanted(84_000);
    request.travellers[1].given_name = "Anna".to_owned();
    let made = order::create(&Script::of([fixture("price"), altered("record_held", &pairs)]), &request).expect("made");
    let token: crate::token::OrderToken = token::decode(&made.token).expect("a token");
    assert_eq!(token.travellers, ["k0", "k1", "k2"]);
}

#[test]
fn hosts_and_fronts_are_understood_in_their_words() {
    let told = |detail: &str, status| {
        let reply = format!(
            "<Fault><faultcode>Server.Business</faultcode><faultstring>x</faultstring><detail>{detail}</detail></Fault>"
        );
        let script = Script::of([fixture("price"), Response { status, ..enveloped(&reply) }]);
        order::create(&script, &wanted(84_000)).expect_err("refused").disposition
    };
    let info = |code: &str, kind: &str, words: &str| {
        format!("<ErrorInfo><Code>{code}</Code><Type>{kind}</Type><Description>{words}</Description></ErrorInfo>")
    };
    for words in ["*UNABLE - CLASS CLOSED*", "NO AVAILABILITY", "WL CLOSED", "UNABLE TO SELL"] {
        assert_eq!(told(&info("3000", "Business", words), 500), Disposition::SoldOut, "{words}");
    }
    for words in ["SIMULT CHGS TO PNR", "BF IS ACCESSED BY ANOTHER TRANSACTION"] {
        assert!(matches!(told(&info("3000", "Business", words), 500), Disposition::RetryAfter(_)), "{words}");
    }
    assert_eq!(told(&info("345", "Security", "No Agreement Exists"), 500), Disposition::NotAuthorised);
    assert_eq!(told(&info("5000", "System", "unexpected"), 500), Disposition::OutcomeUnknown);
    assert_eq!(told(&info("3000", "Business", "Host timed out"), 500), Disposition::OutcomeUnknown);
    assert_eq!(told(&info("9999", "Business", "CK YOUR PNR"), 500), Disposition::Rejected);
    assert_eq!(told("", 401), Disposition::NotAuthorised);
    let newer = "<Fault><Code><Value>s:Receiver</Value></Code><Reason><Text>NO AVAILABILITY</Text></Reason></Fault>";
    let script = Script::of([fixture("price"), Response { status: 500, ..enveloped(newer) }]);
    assert_eq!(order::create(&script, &wanted(84_000)).expect_err("gone").disposition, Disposition::SoldOut);
}

#[test]
fn a_search_tells_nothing_sold_from_no_answer() {
    let fault = "<Fault><faultcode>Server.Business</faultcode><faultstring>NO AVAILABILITY</faultstring></Fault>";
    let message = |kind: &str, words: &str| {
        enveloped(&format!(
            "<LowFareSearchRsp><ResponseMessage Type=\"{kind}\" Code=\"1\">{words}</ResponseMessage></LowFareSearchRsp>"
        ))
    };
    let offers = |reply| search_of(reply).map(|reply| reply.offers.len()).map_err(|fault| fault.disposition);
    assert_eq!(offers(Response { status: 500, ..enveloped(fault) }), Ok(0));
    assert_eq!(offers(message("Error", "NO AVAILABILITY FOR THIS REQUEST")), Ok(0));
    assert_eq!(offers(message("Warning", "some")), Ok(0));
    assert!(matches!(offers(message("Error", "1P is down")), Err(Disposition::RetryAfter(_))));
    assert!(matches!(offers(Response::new(200, "<html><body>Sign in</body></html>")), Err(Disposition::RetryAfter(_))));
    assert!(matches!(offers(Response::new(502, "<html><body>Bad</body></html>")), Err(Disposition::RetryAfter(_))));
}
