use crate::faults::{Fault, Kind};
use crate::supplier::Supplier;
use crate::visitor::Visitor;
use crate::xml::{self, Element};

const POINT_OF_SALE: &str = "<com:BillingPointOfSaleInfo OriginApplication=\"uAPI\"/>";

/// The response's root, or the fault.
async fn ask(visitor: &Visitor, service: &str, name: &str, attributes: &str, inner: &str) -> Option<(u16, Element)> {
    let prefix = name.starts_with("UniversalRecord") || name == "AirCreateReservationReq" || name == "AirCancelReq";
    let prefix = if prefix { "univ" } else { "air" };
    let body = format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:air=\"{}\" xmlns:com=\"{}\" \
         xmlns:univ=\"{}\"><soap:Body><{prefix}:{name} TargetBranch=\"P0000001\" TraceId=\"trace-1\" {attributes}>\
         {POINT_OF_SALE}{inner}</{prefix}:{name}></soap:Body></soap:Envelope>",
        super::AIR,
        super::COMMON,
        super::UNIVERSAL
    );
    let url = format!("{}/B2BGateway/connect/uAPI/{service}", visitor.sandbox.url(Supplier::Travelport));
    use base64::Engine;
    let login = base64::engine::general_purpose::STANDARD.encode("Universal API/uAPI-sandbox:uapi-sandbox");
    let headers = [("authorization", &*format!("Basic {login}")), ("content-type", "text/xml")];
    let answer = visitor.call("POST", &url, &headers, body).await?;
    let envelope = xml::parse(&answer.body).unwrap();
    Some((answer.status, envelope.at("Body").unwrap().all()[0].clone()))
}

async fn air(visitor: &Visitor, name: &str, attributes: &str, inner: &str) -> Element {
    let (status, root) = ask(visitor, "AirService", name, attributes, inner).await.unwrap();
    assert_eq!(status, 200, "{root:?}");
    root
}

fn code(fault: &Element) -> String {
    fault.below("Code")[0].own_text().unwrap().to_owned()
}

const FAMILY: &str = "<com:SearchPassenger Code=\"ADT\"/><com:SearchPassenger Code=\"ADT\"/>\
                      <com:SearchPassenger Code=\"CNN\" Age=\"7\"/><com:SearchPassenger Code=\"INF\" Age=\"1\"/>";

async fn search(visitor: &Visitor, attributes: &str) -> Element {
    let leg = |from: &str, to: &str, date: &str| {
        format!(
            "<air:SearchAirLeg><air:SearchOrigin><com:CityOrAirport Code=\"{from}\"/></air:SearchOrigin>\
             <air:SearchDestination><com:CityOrAirport Code=\"{to}\"/></air:SearchDestination>\
             <air:SearchDepTime PreferredTime=\"{date}\"/></air:SearchAirLeg>"
        )
    };
    let legs = leg("CGK", "NRT", "2027-01-20") + &leg("NRT", "CGK", "2027-01-27");
    air(visitor, "LowFareSearchReq", attributes, &(legs + FAMILY)).await
}

/// The first solution as a client sends it back to be priced: segments with group, class and fare basis.
fn itinerary(found: &Element) -> String {
    let solution = &found.below("AirPricingSolution")[0];
    let info = solution.at("AirPricingInfo").unwrap();
    let mut segments = String::new();
    let mut modifiers = String::new();
    for booking in info.each("BookingInfo") {
        let reference = booking.get("SegmentRef").unwrap();
        let is = |segment: &&&Element| segment.get("Key") == Some(reference);
        let list = found.at("AirSegmentList").unwrap();
        let segment = list.each("AirSegment").collect::<Vec<_>>();
        let segment = segment.iter().find(is).unwrap();
        segments += "<air:AirSegment ProviderCode=\"1G\"";
        for name in ["Key", "Group", "Carrier", "FlightNumber", "Origin", "Destination", "DepartureTime", "ArrivalTime"]
        {
            segments += &format!(" {name}=\"{}\"", segment.get(name).unwrap());
        }
        segments += &format!(" ClassOfService=\"{}\"/>", booking.get("BookingCode").unwrap());
        let fares = found.below("FareInfo");
        let fare = fares.iter().find(|fare| fare.get("Key") == booking.get("FareInfoRef")).unwrap();
        modifiers += &format!(
            "<air:AirSegmentPricingModifiers AirSegmentRef=\"{reference}\" FareBasisCode=\"{}\"/>",
            fare.get("FareBasis").unwrap()
        );
    }
    format!(
        "<air:AirItinerary>{segments}</air:AirItinerary>{FAMILY}<air:AirPricingCommand>{modifiers}</air:AirPricingCommand>"
    )
}

/// The priced solution with its segments, as it is sent back to be booked, and the travellers.
fn booking(priced: &Element) -> String {
    let mut solution = priced.below("AirPricingSolution")[0].clone();
    solution = solution.children(priced.at("AirItinerary").unwrap().all().iter().cloned());
    let people = [("ADT", "BUDI"), ("ADT", "SARI"), ("CNN", "DEWI"), ("INF", "EKA")].map(|(kind, name)| {
        format!(
            "<com:BookingTraveler Key=\"{name}\" TravelerType=\"{kind}\" DOB=\"2019-05-05\" Gender=\"F\">\
             <com:BookingTravelerName First=\"{name}\" Last=\"Hartono\"/>\
             <com:PhoneNumber Number=\"6281234567\"/></com:BookingTraveler>"
        )
    });
    let solution = solution.document().split_once('\n').unwrap().1.replace("common_v52_0:", "com:");
    format!("{}{solution}<com:ActionStatus Type=\"TAW\" ProviderCode=\"1G\"/>", people.concat())
}

async fn priced(visitor: &Visitor) -> Element {
    let found = search(visitor, "SolutionResult=\"true\"").await;
    let priced = air(visitor, "AirPriceReq", "", &itinerary(&found)).await;
    let solution = &found.below("AirPricingSolution")[0];
    assert_eq!(priced.below("AirPricingSolution")[0].get("TotalPrice"), solution.get("TotalPrice"));
    priced
}

async fn booked(visitor: &Visitor) -> Element {
    let inner = booking(&priced(visitor).await);
    let made = air(visitor, "AirCreateReservationReq", "RetainReservation=\"None\"", &inner).await;
    assert!(made.at("AirSolutionChangedInfo").is_none());
    made.at("UniversalRecord").unwrap().clone()
}

async fn ticket(visitor: &Visitor, record: &Element) -> Element {
    let locator = record.at("AirReservation").unwrap().get("LocatorCode").unwrap();
    let inner = format!(
        "<air:AirReservationLocatorCode>{locator}</air:AirReservationLocatorCode><air:AirTicketingModifiers>\
         <com:FormOfPayment Type=\"Cash\"/></air:AirTicketingModifiers>"
    );
    air(visitor, "AirTicketingReq", "", &inner).await
}

async fn retrieve(visitor: &Visitor, record: &Element) -> Element {
    let locator = record.get("LocatorCode").unwrap();
    let inner = format!("<univ:UniversalRecordLocatorCode>{locator}</univ:UniversalRecordLocatorCode>");
    let (status, root) =
        ask(visitor, "UniversalRecordService", "UniversalRecordRetrieveReq", "", &inner).await.unwrap();
    assert_eq!(status, 200, "{root:?}");
    root.at("UniversalRecord").unwrap().clone()
}

#[tokio::test]
async fn a_family_is_searched_priced_booked_ticketed_and_retrieved() {
    let visitor = Visitor::arrive().await;
    let record = booked(&visitor).await;
    assert_eq!(retrieve(&visitor, &record).await, record);
    let issued = ticket(&visitor, &record).await;
    assert_eq!(issued.each("ETR").count(), 4);
    let ticketed = retrieve(&visitor, &record).await;
    assert_eq!(ticketed.below("TicketInfo").len(), 4);
    assert_eq!(ticketed.get("Version"), Some("1"));
    let again = ticket(&visitor, &record).await;
    assert_eq!(again.each("TicketFailureInfo").count(), 4);
    let books = visitor.sandbox.control().orders();
    assert_eq!((books.len(), books[0].tickets.len(), books[0].times_paid), (1, 4, 1));
    assert_eq!(books[0].client_reference.as_deref(), Some("trace-1"));
}

#[tokio::test]
async fn amounts_of_passengers_make_the_solutions_total() {
    let visitor = Visitor::arrive().await;
    for attributes in ["SolutionResult=\"true\"", ""] {
        let found = search(&visitor, attributes).await;
        let name = if attributes.is_empty() { "AirPricePoint" } else { "AirPricingSolution" };
        assert!(found.below(name).len() > 20);
        for solution in found.below(name) {
            let cents =
                |element: &Element| element.get("TotalPrice").unwrap()[3..].replace('.', "").parse::<i64>().unwrap();
            let infos: i64 = solution
                .each("AirPricingInfo")
                .map(|info| cents(info) * info.each("PassengerType").count() as i64)
                .sum();
            assert_eq!(infos, cents(solution));
        }
    }
}

#[tokio::test]
async fn a_changed_price_is_told_and_books_nothing() {
    let visitor = Visitor::arrive().await;
    let inner = booking(&priced(&visitor).await);
    let risen = Fault::at(Supplier::Travelport, Kind::PriceChange { percent: 10 }).on("AirCreateReservation").times(1);
    visitor.sandbox.control().add_fault(risen);
    let changed = air(&visitor, "AirCreateReservationReq", "RetainReservation=\"None\"", &inner).await;
    assert_eq!(changed.at("AirSolutionChangedInfo").unwrap().get("ReasonCode"), Some("Price"));
    assert!(changed.at("UniversalRecord").is_none());
    assert!(visitor.sandbox.control().orders().is_empty());
}

#[tokio::test]
async fn sold_out_is_told_at_every_step() {
    let visitor = Visitor::arrive().await;
    let control = visitor.sandbox.control();
    let found = search(&visitor, "SolutionResult=\"true\"").await;
    control.set_faults(vec![Fault::at(Supplier::Travelport, Kind::SoldOutAtPrice {}).times(1)]);
    let (status, fault) = ask(&visitor, "AirService", "AirPriceReq", "", &itinerary(&found)).await.unwrap();
    assert_eq!((status, code(&fault).as_str()), (500, "3037"));
    control.reset();
    let inner = booking(&priced(&visitor).await);
    control.set_faults(vec![Fault::at(Supplier::Travelport, Kind::SoldOutAtOrder {}).times(1)]);
    let (_, fault) = ask(&visitor, "AirService", "AirCreateReservationReq", "", &inner).await.unwrap();
    assert_eq!(fault.below("AirSegmentError").len(), fault.below("AirSegment").len());
    control.reset();
    let record = booked(&visitor).await;
    control.set_faults(vec![Fault::at(Supplier::Travelport, Kind::SoldOutAtTicketing {}).times(1)]);
    let refused = ticket(&visitor, &record).await;
    assert!(refused.each("TicketFailureInfo").next().unwrap().get("Message").unwrap().contains("CLASS NOT AVAILABLE"));
    assert_eq!(retrieve(&visitor, &record).await.get("Status"), Some("Canceled"));
}

#[tokio::test]
async fn a_lost_reservation_is_found_by_name_and_date_alone() {
    let visitor = Visitor::arrive().await;
    let inner = booking(&priced(&visitor).await);
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Travelport, Kind::LostAnswer {}).times(1));
    assert!(ask(&visitor, "AirService", "AirCreateReservationReq", "", &inner).await.is_none());
    let find = async |last: &str, date: &str| {
        let inner = format!("<com:BookingTravelerName Last=\"{last}\"/><com:TravelDate StartDate=\"{date}\"/>");
        let answer = ask(&visitor, "UniversalRecordService", "UniversalRecordSearchReq", "", &inner).await.unwrap();
        answer.1.each("UniversalRecordSearchResult").count()
    };
    assert_eq!(find("Hartono", "2027-01-20").await, 1);
    assert_eq!(find("Hartono", "2027-01-21").await, 0);
    assert_eq!(find("Other", "2027-01-20").await, 0);
}

#[tokio::test]
async fn a_record_is_cancelled_once_and_only_as_it_is_now() {
    let visitor = Visitor::arrive().await;
    let record = booked(&visitor).await;
    ticket(&visitor, &record).await;
    let cancel = async |version: &str| {
        let locator = record.get("LocatorCode").unwrap();
        let attributes = format!("UniversalRecordLocatorCode=\"{locator}\" Version=\"{version}\"");
        ask(&visitor, "UniversalRecordService", "UniversalRecordCancelReq", &attributes, "").await.unwrap()
    };
    assert_eq!(code(&cancel("0").await.1), "1506");
    let (status, cancelled) = cancel("1").await;
    assert_eq!(status, 200);
    assert_eq!(cancelled.at("ProviderReservationStatus").unwrap().get("Cancelled"), Some("true"));
    assert_eq!(code(&cancel("2").await.1), "1507");
    // Its tickets were not refunded before, and cancelling does not do it.
    assert!(
        visitor.sandbox.control().orders()[0]
            .refunded
            .as_deref()
            .is_some_and(|sum| sum.trim_matches(['0', '.']).is_empty())
    );
}

#[tokio::test]
async fn strangers_and_wrong_requests_are_refused() {
    let visitor = Visitor::arrive().await;
    let url = format!("{}/AirService", visitor.sandbox.url(Supplier::Travelport));
    assert_eq!(visitor.call("POST", &url, &[], "<x/>").await.unwrap().status, 401);
    let (status, fault) = ask(&visitor, "AirService", "LowFareSearchReq", "", FAMILY).await.unwrap();
    assert_eq!((status, code(&fault).as_str()), (500, "1000"));
    let (_, fault) = ask(&visitor, "UniversalRecordService", "LowFareSearchReq", "", FAMILY).await.unwrap();
    assert_eq!(code(&fault), "1000");
}
