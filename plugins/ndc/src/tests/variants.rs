//! The same things as other airlines and aggregators say them.

use super::booking::wanted;
use super::shopping::request;
use super::*;
use crate::{order, search};
use interline_plugin_sdk::supplier::*;

fn found(reply: Response) -> Result<SearchReply, Fault> {
    search::search(&Script::of([reply]), &request())
}

fn first(pairs: &[(&str, &str)]) -> (Offer, Vec<Segment>) {
    let mut text = fixture("shopping").text().into_owned();
    for (from, to) in pairs {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let mut reply = found(Response::new(200, text)).expect("a reply");
    let at = reply.offers.iter().position(|offer| offer.id == "OF1").unwrap_or_else(|| panic!("{:?}", reply.skipped));
    (reply.offers.remove(at), reply.segments)
}

#[test]
fn prefixes_namespaces_and_an_envelope_do_not_matter() {
    let plain = fixture("shopping").text().into_owned();
    let from = plain.find("<IATA_").expect("a message");
    let prefixed = plain[from..].replace("</", "</n1:").replace("n1:n1:", "n1:");
    let prefixed: String = prefixed
        .split('<')
        .map(|tag| match tag.chars().next() {
            Some(letter) if letter.is_ascii_uppercase() => format!("<n1:{tag}"),
            Some(_) => format!("<{tag}"),
            None => String::new(),
        })
        .collect();
    let enveloped =
        format!("<s:Envelope xmlns:s=\"u\" xmlns:n1=\"v\"><s:Header/><s:Body>{prefixed}</s:Body></s:Envelope>");
    assert_eq!(found(Response::new(200, enveloped)), found(fixture("shopping")));
}

#[test]
fn flights_may_stand_within_their_segment() {
    let end = |name: &str, at: &str, place: &str| {
        format!(
            "<{name}><AircraftScheduledDateTime>{at}</AircraftScheduledDateTime><IATA_LocationCode>{place}</IATA_LocationCode></{name}>"
        )
    };
    let flight = format!(
        "{}{}<MarketingCarrierInfo><CarrierDesigCode>XQ</CarrierDesigCode><MarketingCarrierFlightNumberText>11\
         </MarketingCarrierFlightNumberText><RBD_Code>K</RBD_Code></MarketingCarrierInfo><OperatingCarrierInfo>\
         <CarrierDesigCode>ZJ</CarrierDesigCode></OperatingCarrierInfo><PaxSegmentID>S3",
        end("Arrival", "2027-01-27T16:40:00", "CGK"),
        end("Dep", "2027-01-27T10:20:00", "NRT"),
    );
    let listed = "<DatedMarketingSegmentRefId>M3</DatedMarketingSegmentRefId><MarketingCarrierRBD_Code>V</MarketingCarrierRBD_Code><PaxSegmentID>S3";
    let (offer, segments) = first(&[(listed, &flight)]);
    let last = &segments[offer.slices[1].segments[0].segment as usize];
    assert_eq!((last.origin.as_str(), last.marketing_flight_number.as_str()), ("NRT", "11"));
    assert_eq!((last.marketing_carrier.as_str(), last.operating_carrier.as_deref()), ("XQ", Some("ZJ")));
}

#[test]
fn penalties_are_told_by_their_indicators_too() {
    let both =
        "<CancelFeeInd>false</CancelFeeInd><RefundInd>true</RefundInd><ChangeFeeInd>true</ChangeFeeInd><PenaltyID>P1";
    let typed = "<CancelFeeInd>true</CancelFeeInd><PenaltyAmount CurCode=\"EUR\">75.00</PenaltyAmount><PenaltyID>P1";
    let (offer, _) = first(&[
        (typed, both),
        ("P1</PenaltyID><TypeCode>Cancellation</TypeCode>", "P1</PenaltyID>"),
        ("<ChangeFeeInd>false</ChangeFeeInd><PenaltyID>P2", "<ChangeAllowedInd>false</ChangeAllowedInd><PenaltyID>P2"),
    ]);
    let allowed =
        |condition: Option<Condition>| condition.map(|told| (told.allowed, told.penalty.map(|money| money.units)));
    assert_eq!(allowed(offer.conditions.refund_before_departure), Some((true, Some(0))));
    assert_eq!(allowed(offer.conditions.change_before_departure), Some((false, None)));
}

#[test]
fn limits_go_by_several_names() {
    let (offer, _) = first(&[("OfferExpirationTimeLimitDateTime", "OfferExpirationTimeUTC")]);
    assert_eq!(offer.expires_at, interline_plugin_sdk::time::instant("2026-12-01T10:00:00Z").ok());
}

#[test]
fn an_error_beside_lists_is_one_and_a_warning_beside_an_answer_is_none() {
    let warned = altered("shopping", "<Response>", "<Response><Warning><Code>9</Code><DescText>x</DescText></Warning>");
    assert_eq!(found(warned), found(fixture("shopping")));
    let refused = |error: &str, status| {
        let reply = format!("<IATA_AirShoppingRS><Response><DataLists/></Response>{error}</IATA_AirShoppingRS>");
        found(Response::new(status, reply)).map(|reply| reply.offers.len()).map_err(|fault| fault.disposition)
    };
    let error = |code: &str, words: &str| format!("<Error><Code>{code}</Code><DescText>{words}</DescText></Error>");
    assert_eq!(refused(&error("999", "No flights found"), 200), Ok(0));
    assert_eq!(refused(&error("325", "none"), 400), Ok(0));
    assert_eq!(
        refused("<Errors><Error Code=\"9\" ShortText=\"Not authorised\"/></Errors>", 200),
        Err(Disposition::NotAuthorised)
    );
    assert!(matches!(refused(&error("x", "Service temporarily unavailable"), 200), Err(Disposition::RetryAfter(_))));
    assert!(matches!(refused(&error("x", "Too many requests"), 400), Err(Disposition::RetryAfter(_))));
    let several = format!("<Errors>{}{}</Errors>", error("x", "see below"), error("725", "late"));
    assert_eq!(refused(&several, 200), Err(Disposition::OfferExpired));
}

#[test]
fn what_failed_of_itself_is_trusted_for_its_codes_only() {
    let made = |code: &str, words: &str, status| {
        let reply = Response { status, ..refusal(code, words) };
        order::create(&Script::of([fixture("priced"), reply]), &wanted()).map_err(|fault| fault.disposition)
    };
    assert_eq!(made("723", "gone", 500), Err(Disposition::SoldOut));
    assert_eq!(made("x", "not available", 500), Err(Disposition::OutcomeUnknown));
    assert_eq!(made("x", "no longer available", 400), Err(Disposition::SoldOut));
    assert_eq!(made("x", "Duplicate booking", 200), Err(Disposition::OutcomeUnknown));
    assert_eq!(made("x", "Service unavailable", 200), Err(Disposition::OutcomeUnknown));
    assert_eq!(made("x", "The offer has expired", 200), Err(Disposition::OfferExpired));
    let fault =
        "<Envelope><Body><Fault><faultcode>Server</faultcode><faultstring>down</faultstring></Fault></Body></Envelope>";
    let lost = order::create(&Script::of([fixture("priced"), Response::new(500, fault)]), &wanted());
    assert_eq!(lost.map_err(|fault| fault.disposition), Err(Disposition::OutcomeUnknown));
}

#[test]
fn passengers_beyond_those_asked_for_change_nothing_and_ids_may_have_spaces() {
    let one_more = altered("shopping", "</PaxList>", "<Pax><PaxID>PAX5</PaxID><PTC>ADT</PTC></Pax></PaxList>");
    assert_eq!(found(one_more), found(fixture("shopping")));
    let spaced = found(altered("shopping", "<OfferID>OF1<", "<OfferID>OF 1<")).expect("a reply");
    assert_eq!(spaced.offers[0].id, "OF 1");
}

#[test]
fn a_discount_is_taken_off_the_base_and_items_make_up_for_a_missing_total() {
    let text = fixture("shopping").text().into_owned();
    let from = text.find("<TotalPrice>").expect("a total");
    let to = text[from..].find("</TotalPrice>").map(|at| from + at + "</TotalPrice>".len()).expect("its end");
    let total = &text[from..to];
    let (without, _) = first(&[(total, "")]);
    assert_eq!((without.total, without.base), (euro(164_500), euro(142_500)));
    let base = "<BaseAmount CurCode=\"EUR\">1425.00</BaseAmount>";
    assert!(total.contains(base), "{total}");
    let dearer = total.replace(base, "<BaseAmount CurCode=\"EUR\">1525.00</BaseAmount>");
    let discount = "<Discount><DiscountAmount CurCode=\"EUR\">100.00</DiscountAmount></Discount></TotalPrice>";
    let (cheaper, _) = first(&[(total, &dearer.replace("</TotalPrice>", discount))]);
    assert_eq!((cheaper.total, cheaper.base), (euro(164_500), euro(142_500)));
}

#[test]
fn an_order_stands_without_what_cannot_be_read_of_it() {
    let whole = order::retrieve(&Script::of([fixture("order_ticketed")]), &reference()).expect("an order");
    let odd = altered("order_ticketed", "<PaxRefID>PAX4</PaxRefID><Ticket>", "<Ticket>");
    let odd = order::retrieve(&Script::of([odd]), &reference()).expect("an order");
    assert_eq!((&odd.total, odd.tickets.len(), odd.status), (&whole.total, 3, OrderStatus::Pending));
    let number = altered("order_ticketed", "999-2100000003", "16210000003");
    let number = order::retrieve(&Script::of([number]), &reference()).expect("an order");
    assert!(number.tickets.iter().any(|ticket| ticket.number == "0016210000003"), "{:?}", number.tickets);
}
