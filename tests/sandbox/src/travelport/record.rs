//! Universal records: written, retrieved, searched for.

use super::fault::{self, Fault};
use super::{price, render, reservation};
use crate::books::{Order, Status};
use crate::supplier::Supplier;
use crate::world::World;
use crate::xml::Element;

/// What the record says beside the order's own fields.
pub(super) fn detail<'a>(order: &'a Order, name: &str) -> &'a str {
    order.metadata.get(name).map_or("", String::as_str)
}

fn tickets_key(order: &Order, traveller: usize) -> String {
    render::key(&["ticket", &order.id, &traveller.to_string()])
}

/// A `UniversalRecord`.
pub(super) fn universal_record(order: &Order) -> Element {
    let provider = render::key(&["provider", &order.id]);
    let cancelled = order.status == Status::Cancelled;
    let record = Element::new("universal:UniversalRecord")
        .with("LocatorCode", &order.id)
        .with("Version", detail(order, "version"))
        .with("Status", if cancelled { "Canceled" } else { "Active" })
        .children(order.travellers.iter().enumerate().map(|(index, _)| traveller(order, index, &provider)));
    let action = match order.status {
        Status::Ticketed => Element::new("common_v52_0:ActionStatus").with("Type", "ACTIVE").with("TicketDate", "T*"),
        _ => Element::new("common_v52_0:ActionStatus")
            .with("Type", "TAW")
            .with_some("TicketDate", order.pay_by.map(super::utc)),
    };
    let reservation_info = Element::new("universal:ProviderReservationInfo")
        .with("Key", &provider)
        .with("ProviderCode", "1G")
        .with("LocatorCode", &order.locator)
        .with("CreateDate", super::utc(order.made_at))
        .with("ModifiedDate", super::utc(order.cancelled_at.or(order.ticketed_at).unwrap_or(order.made_at)))
        .with("OwningPCC", "SBX1");
    let record = record
        .child(action.with("ProviderReservationInfoRef", &provider).with("ProviderCode", "1G"))
        .child(reservation_info);
    if cancelled { record } else { record.child(air_reservation(order, &provider)) }
}

fn traveller(order: &Order, index: usize, provider: &str) -> Element {
    let one = &order.travellers[index];
    let name = Element::new("common_v52_0:BookingTravelerName")
        .with_some("Prefix", one.title.as_ref())
        .with("First", &one.given_name)
        .with("Last", &one.family_name);
    let issued = order.tickets.iter().filter(|(traveller, _)| *traveller == index);
    let segments = order.product.journeys.iter().flat_map(|journey| &journey.segments);
    let coupons: Vec<Element> = issued
        .flat_map(|(_, number)| segments.clone().zip(1..).map(move |(segment, coupon)| (segment, coupon, number)))
        .map(|(segment, coupon, number)| {
            Element::new("common_v52_0:SSR")
                .with("Key", render::key(&["ssr", number, &coupon.to_string()]))
                .with("SegmentRef", render::segment_key(segment))
                .with("Status", "HK")
                .with("Type", "TKNE")
                .with("FreeText", format!("{number}C{coupon}"))
                .with("Carrier", segment.marketing.code)
                .with("ProviderReservationInfoRef", provider)
        })
        .collect();
    let phone = |number| {
        Element::new("common_v52_0:PhoneNumber")
            .with("Key", render::key(&["phone", number]))
            .with("Type", "Other")
            .with("Number", number)
    };
    let email = |address| {
        Element::new("common_v52_0:Email")
            .with("Key", render::key(&["email", address]))
            .with("Type", "Other")
            .with("EmailID", address)
    };
    Element::new("common_v52_0:BookingTraveler")
        .with("Key", &one.id)
        .with("TravelerType", reservation::code(one.kind))
        .with_some("DOB", one.born_on.as_ref())
        .with_some("Gender", one.gender.as_ref())
        .with("ElStat", "A")
        .child(name)
        .children(one.phone.as_deref().map(phone))
        .children(one.email.as_deref().map(email))
        .children(coupons)
}

fn air_reservation(order: &Order, provider: &str) -> Element {
    let product = &order.product;
    let reference =
        |one: &crate::books::Traveller| Element::new("common_v52_0:BookingTravelerRef").with("Key", &one.id);
    let supplier = Element::new("common_v52_0:SupplierLocator")
        .with("SupplierCode", product.owner.code)
        .with("SupplierLocatorCode", detail(order, "carrier"))
        .with("ProviderReservationInfoRef", provider)
        .with("CreateDateTime", super::utc(order.made_at));
    let ticket = |(traveller, number): &(usize, String)| {
        let one = &order.travellers[*traveller];
        let name = Element::new("common_v52_0:Name").with("First", &one.given_name).with("Last", &one.family_name);
        Element::new("air:TicketInfo")
            .with("Number", number)
            .with("Status", if order.refunded.is_some() { "R" } else { "N" })
            .with("BookingTravelerRef", &one.id)
            .child(name)
    };
    let documents = (!order.tickets.is_empty())
        .then(|| Element::new("air:DocumentInfo").children(order.tickets.iter().map(ticket)));
    let segments = price::full_segments(product)
        .into_iter()
        .map(|segment| segment.with("Status", "HK").with("ProviderReservationInfoRef", provider));
    Element::new("air:AirReservation")
        .with("LocatorCode", detail(order, "air"))
        .with("CreateDate", super::utc(order.made_at))
        .with("ModifiedDate", super::utc(order.ticketed_at.unwrap_or(order.made_at)))
        .children(documents)
        .child(supplier)
        .children(order.travellers.iter().map(reference))
        .child(Element::new("common_v52_0:ProviderReservationInfoRef").with("Key", provider))
        .children(segments)
        .children(pricing_infos(order))
}

/// An `AirPricingInfo` for every kind that travels, with its travellers.
pub(super) fn pricing_infos(order: &Order) -> Vec<Element> {
    let product = &order.product;
    let deadline = super::utc(order.pay_by.or(order.ticketed_at).unwrap_or(order.made_at));
    let info = |fare: &crate::inventory::Fare| {
        let fares = product
            .journeys
            .iter()
            .enumerate()
            .map(|(index, journey)| render::fare_info(product, &Vec::new(), fare, index, journey))
            .collect();
        let bookings = render::booking_infos(product, fare).into_iter().flatten().collect();
        let of_kind = order.travellers.iter().filter(|one| one.kind == fare.kind);
        render::pricing_info(product, &Vec::new(), fare, &deadline, fares, bookings).children(of_kind.map(|one| {
            Element::new("air:PassengerType")
                .with("Code", reservation::code(one.kind))
                .with("BookingTravelerRef", &one.id)
        }))
    };
    product.fares.iter().map(info).collect()
}

/// An `ETR`: one traveller's electronic ticket.
pub(super) fn etr(order: &Order, traveller: usize, number: &str) -> Option<Element> {
    let product = &order.product;
    let one = order.travellers.get(traveller)?;
    let fare = product.fares.iter().find(|fare| fare.kind == one.kind)?;
    let segments = product.journeys.iter().flat_map(|journey| &journey.segments);
    let coupon = |(segment, coupon): (&crate::inventory::journeys::Segment, usize)| {
        Element::new("air:Coupon")
            .with("Key", render::key(&["coupon", number, &coupon.to_string()]))
            .with("CouponNumber", coupon)
            .with("MarketingCarrier", segment.marketing.code)
            .with("MarketingFlightNumber", segment.number)
            .with("Origin", segment.flight.origin.code)
            .with("Destination", segment.flight.destination.code)
            .with("Status", "O")
    };
    let ticket = Element::new("air:Ticket")
        .with("Key", tickets_key(order, traveller))
        .with("TicketNumber", number)
        .with("TicketStatus", "N")
        .children(segments.zip(1..).map(coupon));
    let name =
        Element::new("common_v52_0:BookingTravelerName").with("First", &one.given_name).with("Last", &one.family_name);
    let etr = Element::new("air:ETR").with("Key", render::key(&["etr", &order.id, number]));
    Some(
        render::with_amounts(etr, product, fare.base, fare.tax())
            .with_some("IssuedDate", order.ticketed_at.map(super::utc))
            .with("ProviderCode", "1G")
            .with("ProviderLocatorCode", &order.locator)
            .with("PlatingCarrier", product.owner.code)
            .leaf("air:AirReservationLocatorCode", detail(order, "air"))
            .child(Element::new("common_v52_0:BookingTraveler").with("Key", &one.id).child(name))
            .child(ticket),
    )
}

/// `UniversalRecordRetrieveReq`: by either locator.
pub(super) fn retrieve(world: &World, request: &Element) -> Result<Element, Fault> {
    let record = request.text_at("UniversalRecordLocatorCode");
    let provider = request.at("ProviderReservationInfo").and_then(|info| info.get("ProviderLocatorCode"));
    if record.is_none() && provider.is_none() {
        let message = "A UniversalRecordLocatorCode or ProviderReservationInfo must appear.";
        return Err(fault::validation(message, "UniversalRecordLocatorCode"));
    }
    let fits = |order: &Order| record == Some(&order.id) || provider == Some(&order.locator);
    let order = world.books.find(Supplier::Travelport, fits).ok_or_else(fault::unable_to_retrieve)?;
    Ok(super::response(world, "universal:UniversalRecordRetrieveRsp", request).child(universal_record(&order)))
}

/// `UniversalRecordSearchReq`: by the traveller's name, and the day of departure where it is told.
pub(super) fn search(world: &World, request: &Element) -> Result<Element, Fault> {
    let name = request.below("BookingTravelerName").into_iter().next();
    let last = name.and_then(|name| name.get("Last")).map(str::to_uppercase);
    let last = last.ok_or_else(|| fault::validation("A traveler's last name must appear.", "BookingTravelerName"))?;
    let first = name.and_then(|name| name.get("First")).map(str::to_uppercase);
    let day = request.below("TravelDate").into_iter().find_map(|date| date.get("StartDate"));
    let departs = |order: &Order| {
        let segment = order.product.journeys.first().and_then(|journey| journey.segments.first());
        segment.map(|segment| segment.flight.departs.date().to_string())
    };
    let fits = |order: &Order| {
        let named = |one: &crate::books::Traveller| {
            one.family_name == last && first.as_ref().is_none_or(|first| one.given_name.starts_with(first.as_str()))
        };
        order.travellers.iter().any(named) && day.is_none_or(|day| departs(order).as_deref() == Some(day))
    };
    let one = |order: &Order| {
        Element::new("universal:UniversalRecordSearchResult")
            .with("UniversalRecordLocatorCode", &order.id)
            .with("ProviderLocatorCode", &order.locator)
            .with("Status", if order.status == Status::Cancelled { "Canceled" } else { "Active" })
            .with_some("TravelDate", departs(order))
            .with("CreateDate", super::utc(order.made_at))
    };
    let found = world.books.all(Supplier::Travelport, fits);
    Ok(super::response(world, "universal:UniversalRecordSearchRsp", request).children(found.iter().map(one)))
}
