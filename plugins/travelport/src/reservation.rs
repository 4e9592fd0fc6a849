//! `AirCreateReservationReq`: travellers, and the priced solution as it came.

use crate::api;
use crate::mapping::party;
use crate::price;
use crate::token::OfferToken;
use interline_plugin_sdk::fault;
use interline_plugin_sdk::supplier::{Date, DocumentKind, Fault, Gender, OrderRequest, PassengerType, Traveller};
use interline_plugin_sdk::time;
use interline_plugin_sdk::xml::{Element, Node};

/// Elements of a priced solution that go back, with their attributes. What uAPI adds for reading (brand texts, fare rules,
/// optional services) makes requests huge, and stays away.
const KEPT: &[(&str, &str, &[&str])] = &[
    (
        "AirPricingSolution",
        "air:AirPricingSolution",
        &[
            "Key",
            "TotalPrice",
            "BasePrice",
            "ApproximateTotalPrice",
            "ApproximateBasePrice",
            "EquivalentBasePrice",
            "Taxes",
            "Fees",
            "ApproximateTaxes",
            "QuoteDate",
        ],
    ),
    (
        "AirPricingInfo",
        "air:AirPricingInfo",
        &[
            "Key",
            "TotalPrice",
            "BasePrice",
            "ApproximateTotalPrice",
            "ApproximateBasePrice",
            "EquivalentBasePrice",
            "Taxes",
            "Fees",
            "ApproximateTaxes",
            "LatestTicketingTime",
            "PricingMethod",
            "Refundable",
            "Exchangeable",
            "IncludesVAT",
            "ETicketability",
            "PlatingCarrier",
            "ProviderCode",
        ],
    ),
    (
        "FareInfo",
        "air:FareInfo",
        &[
            "Key",
            "FareBasis",
            "PassengerTypeCode",
            "Origin",
            "Destination",
            "EffectiveDate",
            "DepartureDate",
            "Amount",
            "PrivateFare",
            "NegotiatedFare",
            "NotValidBefore",
            "NotValidAfter",
            "TaxAmount",
            "PseudoCityCode",
        ],
    ),
    ("FareRuleKey", "air:FareRuleKey", &["FareInfoRef", "ProviderCode"]),
    ("BookingInfo", "air:BookingInfo", &["BookingCode", "CabinClass", "FareInfoRef", "SegmentRef", "HostTokenRef"]),
    ("TaxInfo", "air:TaxInfo", &["Category", "Amount", "Key"]),
    ("FareCalc", "air:FareCalc", &[]),
    (
        "AirSegment",
        "air:AirSegment",
        &[
            "Key",
            "Group",
            "Carrier",
            "FlightNumber",
            "ProviderCode",
            "Origin",
            "Destination",
            "DepartureTime",
            "ArrivalTime",
            "FlightTime",
            "TravelTime",
            "Distance",
            "ClassOfService",
            "CabinClass",
            "Equipment",
            "ChangeOfPlane",
            "OptionalServicesIndicator",
            "AvailabilitySource",
            "ParticipantLevel",
            "PolledAvailabilityOption",
            "AvailabilityDisplayType",
        ],
    ),
    ("CodeshareInfo", "air:CodeshareInfo", &["OperatingCarrier", "OperatingFlightNumber"]),
    (
        "FlightDetails",
        "air:FlightDetails",
        &[
            "Key",
            "Origin",
            "Destination",
            "DepartureTime",
            "ArrivalTime",
            "FlightTime",
            "TravelTime",
            "Equipment",
            "OriginTerminal",
            "DestinationTerminal",
        ],
    ),
    ("Connection", "air:Connection", &[]),
    ("HostToken", "com:HostToken", &["Key"]),
    ("FareNote", "air:FareNote", &["Key"]),
];

/// The request for a solution as `AirPriceRsp` has it.
pub fn body(request: &OrderRequest, token: &OfferToken, priced: &Element, solution: &Element) -> Result<Node, Fault> {
    let segments = priced.all("AirItinerary/AirSegment").into_iter().filter_map(kept);
    let solution = of(solution, "AirPricingSolution")
        .children(segments)
        .children(pricing(solution, &request.travellers)?)
        .children(solution.children("FareNote").filter_map(kept))
        .children(solution.children("HostToken").filter_map(kept));
    let hold = Node::new("com:ActionStatus").attr("Type", "ACTIVE").attr("TicketDate", "T*");
    Ok(api::message("univ:AirCreateReservationReq", Some(&request.client_reference))?
        // A price that has changed makes no record.
        .attr("RetainReservation", "None")
        .attr("RestrictWaitlist", "true")
        .children(travellers(request, token)?)
        .child(solution)
        .child(hold.attr("ProviderCode", api::provider())))
}

/// The solution's prices, each with the travellers that it is for.
fn pricing(solution: &Element, travellers: &[Traveller]) -> Result<Vec<Node>, Fault> {
    let mut taken = vec![false; travellers.len()];
    let mut nodes = Vec::new();
    for info in solution.children("AirPricingInfo") {
        let mut node = of(info, "AirPricingInfo");
        for one in info.elements().filter(|one| !one.is("PassengerType")) {
            node = node.child_some(kept(one));
        }
        for one in info.children("PassengerType") {
            let code = one.attr("Code").unwrap_or("ADT");
            let fits = |at: &usize| !taken[*at] && travellers[*at].kind == party::kind(code);
            let at = (0..travellers.len())
                .find(fits)
                .ok_or_else(|| fault::rejected_field("travellers", "the price is for other passengers"))?;
            taken[at] = true;
            node = node.child(
                Node::new("air:PassengerType")
                    .attr("Code", code)
                    .attr_some("Age", one.attr("Age"))
                    .attr("BookingTravelerRef", key(at)),
            );
        }
        nodes.push(node);
    }
    if taken.iter().all(|taken| *taken) {
        Ok(nodes)
    } else {
        Err(fault::rejected_field("travellers", "the price is for fewer passengers"))
    }
}

fn kept(element: &Element) -> Option<Node> {
    KEPT.iter().any(|(name, ..)| element.is(name)).then(|| {
        let node = of(element, element.name()).children(element.elements().filter_map(kept));
        if element.text().is_empty() { node } else { node.text(element.text()) }
    })
}

fn of(element: &Element, name: &str) -> Node {
    let (_, written, attributes) = KEPT.iter().find(|(known, ..)| *known == name).unwrap_or(&KEPT[0]);
    attributes.iter().fold(Node::new(written), |node, name| node.attr_some(name, element.attr(name)))
}

fn key(at: usize) -> String {
    format!("T{at}")
}

fn travellers(request: &OrderRequest, token: &OfferToken) -> Result<Vec<Node>, Fault> {
    let departs = token.flights.first().and_then(|flight| time::local(&flight.departure).ok()).map(|time| time.date);
    let phone: String = request.contact.phone.chars().filter(char::is_ascii_digit).collect();
    let contact = [
        Node::new("com:PhoneNumber").attr("Type", "Mobile").attr("Number", phone),
        Node::new("com:Email").attr("Type", "Home").attr("EmailID", &request.contact.email),
    ];
    let one = |(at, traveller): (usize, &Traveller)| {
        let age = departs.as_ref().map(|day| time::age_on(&traveller.born_on, day));
        let young = traveller.kind != PassengerType::Adult;
        let remark = young.then(|| {
            let text = match traveller.kind {
                PassengerType::Infant => day(&traveller.born_on),
                _ => format!("P-C{:02} DOB{}", age.unwrap_or_default(), day(&traveller.born_on)),
            };
            Node::new("com:NameRemark").leaf("com:RemarkData", text)
        });
        let gender = match traveller.gender {
            Gender::Female => Some("F"),
            Gender::Male => Some("M"),
            Gender::Unspecified => None,
        };
        Node::new("com:BookingTraveler")
            .attr("Key", key(at))
            .attr("TravelerType", party::code(traveller.kind))
            .attr_some("Age", age.filter(|_| young))
            .attr("DOB", time::format_date(&traveller.born_on))
            .attr_some("Gender", gender)
            .child(
                Node::new("com:BookingTravelerName")
                    .attr_some("Prefix", traveller.title.as_deref())
                    .attr("First", &traveller.given_name)
                    .attr("Last", &traveller.family_name),
            )
            .children(contact.clone())
            .child_some(document(traveller, gender, &token.plating))
            .child_some(remark)
    };
    Ok(request.travellers.iter().enumerate().map(one).collect())
}

/// `DOCS`, as the reservation systems write it.
fn document(traveller: &Traveller, gender: Option<&str>, carrier: &str) -> Option<Node> {
    let document = traveller.document.as_ref()?;
    let kind = match document.kind {
        DocumentKind::Passport => "P",
        DocumentKind::IdentityCard => "I",
    };
    let lap = if traveller.kind == PassengerType::Infant { "I" } else { "" };
    let text = format!(
        "{kind}/{}/{}/{}/{}/{}{lap}/{}/{}/{}",
        document.issuing_country,
        document.number,
        document.nationality,
        day(&traveller.born_on),
        gender.unwrap_or("X"),
        day(&document.expires_on),
        traveller.family_name.to_uppercase(),
        traveller.given_name.to_uppercase(),
    );
    let ssr = Node::new("com:SSR").attr("Type", "DOCS").attr("Status", "HK").attr("FreeText", text);
    Some(ssr.attr_some("Carrier", Some(carrier).filter(|carrier| !carrier.is_empty())))
}

/// `05MAY19`.
fn day(date: &Date) -> String {
    const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let month = MONTHS.get(usize::from(date.month).saturating_sub(1)).unwrap_or(&MONTHS[0]);
    format!("{:02}{month}{:02}", date.day, date.year.rem_euclid(100))
}

/// The itinerary in a token must be for these travellers.
pub fn same_party(request: &OrderRequest, token: &OfferToken) -> Result<(), Fault> {
    let mut asked: Vec<&str> = token.party.iter().map(|(code, _)| code.as_str()).collect();
    let mut named: Vec<&str> = request.travellers.iter().map(|one| party::code(one.kind)).collect();
    asked.sort_unstable();
    named.sort_unstable();
    if asked == named {
        return Ok(());
    }
    let message = format!("the offer is for {} passengers, and these are others", asked.len());
    Err(fault::rejected_field("travellers", message))
}

/// The request where there is no priced solution: a replayed reply's.
pub fn replayed(request: &OrderRequest) -> Result<Node, Fault> {
    api::message("univ:AirCreateReservationReq", Some(&request.client_reference))
}

/// The solution in a price's answer.
pub fn solution<'a>(priced: &'a api::Answer, token: &OfferToken) -> Result<&'a Element, Fault> {
    price::fitting(priced, token)
}
