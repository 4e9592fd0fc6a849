use crate::faults::{Fault, Kind};
use crate::supplier::Supplier;
use crate::visitor::Visitor;
use crate::xml::{self, Element};

/// The root of the answer; none when the connection was cut.
async fn ask(visitor: &Visitor, name: &str, request: &str) -> Option<Element> {
    let body = format!(
        "<IATA_{name}RQ xmlns=\"{}\"><PayloadAttributes><CorrelationID>ref-1</CorrelationID></PayloadAttributes>\
         <Request>{request}</Request></IATA_{name}RQ>",
        super::MESSAGES
    );
    let headers = [("authorization", "Bearer ndc_sandbox"), ("content-type", "application/xml")];
    let answer = visitor.call("POST", &visitor.sandbox.url(Supplier::Ndc), &headers, body).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Some(xml::parse(&answer.body).unwrap())
}

async fn good(visitor: &Visitor, name: &str, request: &str) -> Element {
    let answer = ask(visitor, name, request).await.unwrap();
    assert!(answer.at("Error").is_none(), "{answer:?}");
    answer.at("Response").unwrap().clone()
}

fn code(answer: &Element) -> &str {
    answer.text_at("Error/Code").unwrap_or("none")
}

const FAMILY: [(&str, &str); 4] = [("P1", "ADT"), ("P2", "ADT"), ("P3", "CHD"), ("P4", "INF")];

async fn shop(visitor: &Visitor) -> Element {
    let leg = |from: &str, to: &str, date: &str| {
        format!(
            "<OriginDestCriteria><DestArrivalCriteria><IATA_LocationCode>{to}</IATA_LocationCode></DestArrivalCriteria>\
             <OriginDepCriteria><Date>{date}</Date><IATA_LocationCode>{from}</IATA_LocationCode></OriginDepCriteria>\
             </OriginDestCriteria>"
        )
    };
    let people = FAMILY.map(|(id, kind)| format!("<Pax><PaxID>{id}</PaxID><PTC>{kind}</PTC></Pax>")).concat();
    let request = format!(
        "<FlightRequest><FlightRequestOriginDestinationsCriteria>{}{}</FlightRequestOriginDestinationsCriteria>\
         </FlightRequest><PaxList>{people}</PaxList>",
        leg("CGK", "NRT", "2027-01-20"),
        leg("NRT", "CGK", "2027-01-27")
    );
    good(visitor, "AirShopping", &request).await
}

fn selection(offer: &Element) -> String {
    let items = offer.each("OfferItem").map(|item| {
        format!(
            "<SelectedOfferItem><OfferItemRefID>{}</OfferItemRefID><PaxRefID>{}</PaxRefID></SelectedOfferItem>",
            item.text_at("OfferItemID").unwrap(),
            item.text_at("FareDetail/PaxRefID").unwrap()
        )
    });
    let (id, owner) = (offer.text_at("OfferID").unwrap(), offer.text_at("OwnerCode").unwrap());
    format!("<OfferRefID>{id}</OfferRefID><OwnerCode>{owner}</OwnerCode>{}", items.collect::<String>())
}

async fn price(visitor: &Visitor, offer: &Element) -> Element {
    let selected = selection(offer);
    let request = format!(
        "<PricedOffer><SelectedOfferList><SelectedOffer>{selected}</SelectedOffer></SelectedOfferList></PricedOffer>"
    );
    ask(visitor, "OfferPrice", &request).await.unwrap()
}

fn payment(amount: &str, currency: &str) -> String {
    format!(
        "<PaymentFunctions><PaymentProcessingDetails><Amount CurCode=\"{currency}\">{amount}</Amount><PaymentMethod>\
         <OfflinePayment><PaymentTypeCode>CA</PaymentTypeCode></OfflinePayment></PaymentMethod>\
         </PaymentProcessingDetails></PaymentFunctions>"
    )
}

fn creation(offer: &Element) -> String {
    let people = FAMILY.map(|(id, kind)| {
        let lap = if kind == "INF" { "<PaxRefID>P1</PaxRefID>" } else { "" };
        format!(
            "<Pax><Individual><Birthdate>1990-01-01</Birthdate><GivenName>Rina</GivenName><Surname>Halim</Surname>\
             </Individual><PaxID>{id}</PaxID>{lap}<PTC>{kind}</PTC></Pax>"
        )
    });
    format!(
        "<CreateOrder><AcceptSelectedQuotedOfferList><SelectedPricedOffer>{}</SelectedPricedOffer>\
         </AcceptSelectedQuotedOfferList></CreateOrder><DataLists><ContactInfoList><ContactInfo><EmailAddress>\
         <EmailAddressText>rina@example.com</EmailAddressText></EmailAddress></ContactInfo></ContactInfoList>\
         <PaxList>{}</PaxList></DataLists>",
        selection(offer),
        people.concat()
    )
}

async fn held(visitor: &Visitor) -> Element {
    let found = shop(visitor).await;
    good(visitor, "OrderCreate", &creation(found.below("Offer")[0])).await
}

fn change(order: &Element) -> String {
    let id = order.text_at("Order/OrderID").unwrap();
    let total = order.at("Order/TotalPrice/TotalAmount").unwrap();
    let paid = payment(total.own_text().unwrap(), total.get("CurCode").unwrap());
    format!("<Order><OrderID>{id}</OrderID></Order>{paid}")
}

fn retrieval(order: &Element) -> String {
    let id = order.text_at("Order/OrderID").unwrap();
    format!(
        "<OrderValidationFilterCriteria><OrderFilterCriteria><OrderID>{id}</OrderID></OrderFilterCriteria>\
         </OrderValidationFilterCriteria>"
    )
}

#[tokio::test]
async fn a_family_shops_prices_orders_pays_and_looks_again() {
    let visitor = Visitor::arrive().await;
    let found = shop(&visitor).await;
    let offer = found.below("Offer")[0];
    let priced = price(&visitor, offer).await;
    let total = offer.text_at("TotalPrice/TotalAmount");
    assert_eq!(priced.at("Response/PricedOffer").unwrap().text_at("TotalPrice/TotalAmount"), total);
    let order = good(&visitor, "OrderCreate", &creation(offer)).await;
    assert_eq!(order.text_at("Order/TotalPrice/TotalAmount"), total);
    assert_eq!(good(&visitor, "OrderRetrieve", &retrieval(&order)).await, order);
    let paid = good(&visitor, "OrderChange", &change(&order)).await;
    assert_eq!(paid.each("TicketDocInfo").count(), 4);
    assert_eq!(good(&visitor, "OrderRetrieve", &retrieval(&order)).await, paid);
    assert_eq!(code(&ask(&visitor, "OrderChange", &change(&order)).await.unwrap()), "715");
    let books = visitor.sandbox.control().orders();
    assert_eq!((books.len(), books[0].times_paid), (1, 1));
}

#[tokio::test]
async fn items_make_the_total_and_everything_referred_to_is_listed() {
    let visitor = Visitor::arrive().await;
    let found = shop(&visitor).await;
    let ids = |list: &str, name: &str| -> Vec<String> {
        let list = found.at("DataLists").unwrap().at(list).unwrap();
        list.all().iter().map(|one| one.text_at(name).unwrap().to_owned()).collect()
    };
    let (segments, journeys) = (ids("PaxSegmentList", "PaxSegmentID"), ids("PaxJourneyList", "PaxJourneyID"));
    let (bags, penalties) = (ids("BaggageAllowanceList", "BaggageAllowanceID"), ids("PenaltyList", "PenaltyID"));
    let cents = |element: &Element| element.text_at("TotalAmount").unwrap().replace('.', "").parse::<i64>().unwrap();
    for offer in found.below("Offer") {
        let items: i64 = offer.each("OfferItem").map(|item| cents(item.at("Price").unwrap())).sum();
        assert_eq!(items, cents(offer.at("TotalPrice").unwrap()));
        let listed = |name: &str, known: &[String]| {
            let all = offer.below(name);
            assert!(!all.is_empty(), "{name}");
            assert!(all.iter().all(|one| known.contains(&one.own_text().unwrap().to_owned())), "{name}");
        };
        listed("PaxSegmentRefID", &segments);
        listed("PaxJourneyRefID", &journeys);
        listed("BaggageAllowanceRefID", &bags);
        listed("PenaltyRefID", &penalties);
    }
}

#[tokio::test]
async fn faults_are_told_as_errors_of_the_message() {
    let visitor = Visitor::arrive().await;
    let control = visitor.sandbox.control();
    let found = shop(&visitor).await;
    let offers = found.below("Offer");
    control.set_faults(vec![Fault::at(Supplier::Ndc, Kind::SoldOutAtPrice {}).times(1)]);
    assert_eq!(code(&price(&visitor, offers[0]).await), "723");
    control.set_faults(vec![Fault::at(Supplier::Ndc, Kind::PriceChange { percent: 20 }).times(1)]);
    let risen = price(&visitor, offers[1]).await;
    assert_ne!(
        risen.at("Response/PricedOffer").unwrap().text_at("TotalPrice/TotalAmount"),
        offers[1].text_at("TotalPrice/TotalAmount")
    );
    let order = good(&visitor, "OrderCreate", &creation(offers[2])).await;
    control.set_faults(vec![Fault::at(Supplier::Ndc, Kind::PnrBusy {}).times(1)]);
    assert_eq!(code(&ask(&visitor, "OrderChange", &change(&order)).await.unwrap()), "390");
    control.set_faults(vec![Fault::at(Supplier::Ndc, Kind::SoldOutAtTicketing {}).times(1)]);
    assert_eq!(code(&ask(&visitor, "OrderChange", &change(&order)).await.unwrap()), "723");
}

#[tokio::test]
async fn a_lost_order_is_there_and_cannot_be_looked_for() {
    let visitor = Visitor::arrive().await;
    let found = shop(&visitor).await;
    visitor.sandbox.control().add_fault(Fault::at(Supplier::Ndc, Kind::LostAnswer {}).times(1));
    assert!(ask(&visitor, "OrderCreate", &creation(found.below("Offer")[0])).await.is_none());
    assert_eq!(visitor.sandbox.control().orders()[0].client_reference.as_deref(), Some("ref-1"));
    let by_name = "<OrderValidationFilterCriteria><Surname>Halim</Surname></OrderValidationFilterCriteria>";
    assert_eq!(code(&ask(&visitor, "OrderRetrieve", by_name).await.unwrap()), "300");
}

#[tokio::test]
async fn a_cancellation_gives_back_what_was_quoted() {
    let visitor = Visitor::arrive().await;
    let order = held(&visitor).await;
    good(&visitor, "OrderChange", &change(&order)).await;
    let id = order.text_at("Order/OrderID").unwrap();
    let quote = format!("<UpdateOrder><CancelOrderRef><OrderRefID>{id}</OrderRefID></CancelOrderRef></UpdateOrder>");
    let quoted = good(&visitor, "OrderReshop", &quote).await;
    let refund = quoted.below("Offer")[0].text_at("TotalPrice/TotalAmount").unwrap().to_owned();
    let cancel = format!("<Order><OrderID>{id}</OrderID></Order>");
    let cancelled = good(&visitor, "OrderCancel", &cancel).await;
    assert_eq!(cancelled.text_at("RefundAmount"), Some(refund.as_str()));
    assert_eq!(visitor.sandbox.control().orders()[0].refunded.as_deref(), Some(refund.as_str()));
    assert_eq!(code(&ask(&visitor, "OrderCancel", &cancel).await.unwrap()), "715");
}

#[tokio::test]
async fn strangers_are_refused_before_any_message() {
    let visitor = Visitor::arrive().await;
    let answer = visitor.call("POST", &visitor.sandbox.url(Supplier::Ndc), &[], "<x/>").await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(xml::parse(&answer.body).unwrap().text_at("Error/Code"), Some("401"));
}
