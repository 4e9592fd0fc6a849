//! What frontends see. Never a net price, a markup, a commission, a rule's name, or a whole document number.

use interline_domain::booking::Status;
use interline_domain::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExactAmount)]
pub struct Amount {
    /// In minor units of the currency.
    #[schema(example = 12345)]
    pub units: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
    /// Decimal of the major unit, as a search has it.
    #[schema(example = "123.45")]
    pub amount: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { units: money.units, currency: money.currency.to_string(), amount: money.to_decimal().to_string() }
    }
}

/// Answer to verifying an offer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "it is made once, and written out at once")]
pub enum Verified {
    /// It can be had at the price shown or accepted; the price is held.
    Confirmed {
        /// What a booking is made from.
        quote: Quote,
    },
    /// It can be had at another price. Verify again with `accept` set to the new one.
    PriceChanged {
        /// As shown, or as accepted.
        old: Amount,
        /// Now.
        new: Amount,
    },
    /// What is sold is not what was shown: search again.
    ChangedInSubstance {
        /// What differs.
        changes: Vec<Change>,
        /// What it costs now.
        new: Amount,
    },
}

/// Something that is not as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// `segments`, `departure`, `arrival`, `cabin`, `baggage`, `refund`, `change`.
    pub kind: String,
    /// Index of the flight, in order of travel.
    pub flight: Option<usize>,
    /// As shown.
    pub old: String,
    /// Now.
    pub new: String,
}

/// A price that is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    /// Key.
    pub id: Uuid,
    /// What it was made from.
    pub offer_id: String,
    /// What the travellers pay together.
    pub total: Amount,
    /// Of it, taxes.
    pub taxes: Amount,
    /// Of it, the rest.
    pub base: Amount,
    /// The price is held until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// `adult`, `child`, `infant`: the passengers that a booking must name, in this order.
    pub passengers: Vec<String>,
    /// A travel document is needed for each passenger.
    pub documents_required: bool,
    /// In order of travel.
    pub flights: Vec<Flight>,
    /// Included, as far as told.
    pub baggage: Vec<Bag>,
    /// What cancelling would cost, when; empty: not known.
    pub cancellation: Vec<CancellationWindow>,
}

/// A flight of a quote or booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flight {
    /// Marketing carrier and number.
    #[schema(example = "GA871")]
    pub flight_code: String,
    /// IATA airport code of departure.
    #[schema(example = "CGK")]
    pub src: String,
    /// IATA airport code of arrival.
    #[schema(example = "NRT")]
    pub dst: String,
    /// Local at departure, RFC 3339 with the airport's offset where it is known.
    #[schema(example = "2027-01-20T23:30:00+07:00")]
    pub dep_time: String,
    /// Local at arrival, likewise.
    pub arr_time: String,
    /// Terminal of departure.
    pub src_terminal: Option<String>,
    /// Terminal of arrival.
    pub dst_terminal: Option<String>,
    /// Carrier that flies it, where it is another.
    pub operated_by: Option<String>,
    /// `economy`, `premium_economy`, `business`, `first`.
    pub cabin: String,
    /// Commercial name of the fare family.
    pub fare_brand: Option<String>,
    /// Minutes.
    pub duration_minutes: Option<u32>,
    /// Which leg of the trip it belongs to, from 0.
    pub slice: usize,
}

/// Baggage of one passenger on one flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bag {
    /// Index of the passenger.
    pub passenger: u8,
    /// Index of the flight.
    pub flight: usize,
    /// `checked` or `carry_on`.
    pub kind: String,
    /// Pieces; 0: none; absent: by weight.
    pub pieces: Option<u8>,
    /// Per piece with pieces, else in all.
    pub weight_kg: Option<u16>,
}

/// What cancelling costs in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CancellationWindow {
    /// From then; absent: from the booking.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Kept.
    pub penalty: Amount,
    /// Given back.
    pub refund: Amount,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Booking {
    /// Key.
    pub id: Uuid,
    /// Where it stands.
    #[schema(value_type = String, example = "PENDING_PAYMENT")]
    pub status: Status,
    /// What the travellers pay.
    pub total: Amount,
    /// Who travels.
    pub passengers: Vec<BookedPassenger>,
    /// In order of travel.
    pub flights: Vec<Flight>,
    /// Included, as far as told.
    pub baggage: Vec<Bag>,
    /// E-mail address.
    pub email: String,
    /// Record locator (PNR), once ticketed.
    pub locator: Option<String>,
    /// Tickets, once issued.
    pub tickets: Vec<TicketNumber>,
    /// To be paid before; absent once it is paid or over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub pay_by: Option<Timestamp>,
    /// The latest payment.
    pub payment: Option<Payment>,
    /// Money on its way back, or back.
    pub refunds: Vec<Refund>,
    /// Grows by one with every change.
    pub version: i32,
    /// Made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A traveller of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookedPassenger {
    /// IATA passenger type: `ADT`, `CHD`, `INF`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Form of address.
    pub title: Option<String>,
    /// Given name and family name.
    pub name: String,
    /// Whether a travel document is kept, encrypted.
    pub has_document: bool,
}

/// A ticket of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketNumber {
    /// Index of the passenger.
    pub passenger: u8,
    /// 13 digits.
    pub number: String,
}

/// Bookings, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BookingPage {
    /// Of this page.
    pub bookings: Vec<Booking>,
    /// For the next page; absent: there is none.
    pub next_cursor: Option<String>,
}

/// A payment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// Key.
    pub id: Uuid,
    /// Name of the provider.
    pub provider: String,
    /// `pending`, `processing`, `succeeded`, `failed`, `cancelled`.
    pub status: String,
    /// How much.
    pub amount: Amount,
    /// For the provider's own form in the traveller's browser; only in the answer that begins the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl std::fmt::Debug for Payment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payment({} {} {:?})", self.id, self.status, self.amount)
    }
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refund {
    /// Key.
    pub id: Uuid,
    /// `requested`, `pending`, `succeeded`, `failed`.
    pub status: String,
    /// How much.
    pub amount: Amount,
}

/// Something that happened to a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Grows; `Last-Event-ID` of the stream.
    pub id: i64,
    /// Which booking.
    pub booking_id: Uuid,
    /// Its status from then on.
    #[schema(value_type = String, example = "TICKETED")]
    pub status: Status,
    /// The booking's version from then on.
    pub version: i32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What cancelling a booking would give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CancellationQuote {
    /// Key.
    pub id: Uuid,
    /// Which booking.
    pub booking_id: Uuid,
    /// Given back.
    pub refund: Amount,
    /// Kept.
    pub penalty: Amount,
    /// Holds until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}
