//! The JSON of offers and pages, and the priced view that it is written from.
//!
//! Nothing here tells a net price, a markup, a commission, a rule, or whose offer it is.

mod allowances;
pub(crate) mod describe;
pub(crate) mod priced;

use crate::facets::Facets;
use crate::page::{CacheState, SupplierStatus};
use interline_domain::money::Currency;
use interline_domain::offer::BagKind;
use interline_domain::text::Text;
use interline_domain::trip::Cabin;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// A page of offers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageView {
    /// Display currency, ISO 4217.
    pub currency: String,
    /// Offers that pass the filters, on all pages.
    pub total_matching: u32,
    /// Offers of this page.
    pub offers: Vec<OfferView>,
    /// What there is to filter by.
    pub facets: Facets,
    /// Names the next page; null on the last.
    pub next_cursor: Option<String>,
    /// Supplier by supplier.
    pub suppliers: Vec<SupplierStatus>,
    /// Where the answer came from.
    pub cache: CacheState,
    /// Every supplier answered.
    pub complete: bool,
}

/// An itinerary, its cheapest fare that passes the filters, and the other fares that do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfferView {
    /// The cheapest fare.
    #[serde(flatten)]
    pub fare: FareView,
    /// The flights.
    #[serde(flatten)]
    pub itinerary: ItineraryView,
    /// Other fares on the same flights, cheapest first; no more than were asked for.
    pub alternatives: Vec<FareView>,
    /// Other fares that pass the filters, shown or not.
    pub alternatives_matching: u32,
}

/// A fare on an itinerary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FareView {
    /// Offer id, to be verified and booked by; good for 30 minutes.
    pub id: String,
    /// What all passengers pay.
    pub price: PriceView,
    /// Commercial name of the fare family, where it is the same on all slices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub fare_brand: Option<Text>,
    /// Slice by slice.
    pub fare_slices: Vec<FareSliceView>,
    /// What may be taken along; what is not known is absent.
    #[schema(value_type = Vec<BaggageView>)]
    pub baggage: Arc<[BaggageView]>,
    /// Everyone with a seat has a checked bag on every flight.
    pub baggage_included: bool,
    /// Money comes back before departure, perhaps less a penalty; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refundable: Option<bool>,
    /// Other flights may be taken before departure, perhaps for a penalty; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changeable: Option<bool>,
    /// The terms in short.
    pub conditions: ConditionsView,
    /// Seats left at this price, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats_left: Option<u8>,
    /// IATA code of the carrier that issues the ticket.
    #[schema(value_type = String)]
    pub validating_carrier: Text,
    /// Tickets must be issued before; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticketing_deadline: Option<String>,
}

/// A price in the display currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceView {
    /// All in.
    pub total: Amount,
    /// Without taxes.
    pub base: Amount,
    /// Taxes.
    pub taxes: Amount,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Amount {
    /// Decimal of the major unit: `1234.50`.
    #[schema(value_type = String, example = "1234.50")]
    pub amount: Text,
    /// ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
}

impl From<interline_domain::money::Money> for Amount {
    fn from(money: interline_domain::money::Money) -> Self {
        Self { amount: money.to_text(), currency: money.currency }
    }
}

/// How a slice is carried at this fare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FareSliceView {
    /// Fare family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub fare_brand: Option<Text>,
    /// Reservation booking designators, segment by segment; empty where not known.
    #[schema(value_type = Vec<String>)]
    pub booking_classes: Vec<Text>,
    /// Fare bases, segment by segment; empty where not known.
    #[schema(value_type = Vec<String>)]
    pub fare_bases: Vec<Text>,
}

/// An allowance, for each of some passengers on each of some segments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct BaggageView {
    /// `checked` or `carry_on`.
    #[schema(value_type = String)]
    pub kind: BagKind,
    /// Pieces; 0: none included; absent: a weight in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u8>,
    /// Per piece with pieces, else in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_kg: Option<u16>,
    /// Indexes of passengers: adults, children by age, infants.
    pub passengers: Vec<u8>,
    /// Indexes of segments, counted through all slices.
    pub segments: Vec<u8>,
}

/// What may be done with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConditionsView {
    /// Money back before departure.
    pub refund_before_departure: TermView,
    /// Money back after it.
    pub refund_after_departure: TermView,
    /// Other flights before departure.
    pub change_before_departure: TermView,
    /// Other flights after it.
    pub change_after_departure: TermView,
}

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermView {
    /// Without a penalty.
    Free,
    /// For a penalty; a cancellation quote tells how much.
    WithPenalty,
    /// No.
    NotAllowed,
    /// The supplier does not say.
    Unknown,
}

/// Flights, slice by slice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItineraryView {
    /// Identity of the flights, dates and cabins: the same wherever they are sold.
    pub itinerary_id: String,
    /// Travel time of all slices together, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// Most stops of any slice.
    pub stops: u8,
    /// In the order asked for.
    pub slices: Vec<SliceView>,
}

/// One leg of the journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SliceView {
    /// IATA airport code.
    #[schema(value_type = String)]
    pub origin: Text,
    /// IATA airport code.
    #[schema(value_type = String)]
    pub destination: Text,
    /// Local time with its offset from UTC where known: `2027-01-20T23:30:00+07:00`.
    pub departure: String,
    /// Likewise.
    pub arrival: String,
    /// Door to door of the aircraft, connections included; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// Connections and technical stops.
    pub stops: u8,
    /// Flights.
    pub segments: Vec<SegmentView>,
}

/// A flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SegmentView {
    /// IATA airport code.
    #[schema(value_type = String)]
    pub origin: Text,
    /// Terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub origin_terminal: Option<Text>,
    /// IATA airport code.
    #[schema(value_type = String)]
    pub destination: Text,
    /// Terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub destination_terminal: Option<Text>,
    /// Local time with its offset from UTC where known.
    pub departure: String,
    /// Likewise.
    pub arrival: String,
    /// IATA code of the carrier that sells it.
    #[schema(value_type = String)]
    pub marketing_carrier: Text,
    /// Without the carrier.
    #[schema(value_type = String)]
    pub flight_number: Text,
    /// The carrier that flies it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub operating_carrier: Option<Text>,
    /// Its number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub operating_flight_number: Option<Text>,
    /// IATA aircraft type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub aircraft: Option<Text>,
    /// `economy`, `premium_economy`, `business` or `first`.
    #[schema(value_type = String)]
    pub cabin: Cabin,
    /// Minutes in the air.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<u32>,
    /// Airports touched on the way without a change of flight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub stops: Vec<Text>,
}
