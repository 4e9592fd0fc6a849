//! Suppliers, as the read path and the write path see them.

use crate::version::PluginVersion;
use async_trait::async_trait;
use interline_domain::fault::Fault;
use interline_domain::itinerary::Segment;
use interline_domain::money::{Currency, Money};
use interline_domain::offer::{Offer, SupplierReply};
use interline_domain::order::{CancelQuote, Cancellation, Contact, FindOutcome, SupplierOrder, Traveller};
use interline_domain::passengers::Passenger;
use interline_domain::trip::Trip;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a supplier can do: the interfaces that were found in its component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Flight search.
    pub search: bool,
    /// Live price of an offer.
    pub price_check: bool,
    /// Make, retrieve and find orders.
    pub order: bool,
    /// Issue tickets.
    pub ticketing: bool,
    /// Cancel and refund orders.
    pub cancel: bool,
}

/// How a lost order can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// By the host's client reference.
    ClientReference,
    /// By a locator known from an earlier answer.
    Locator,
    /// By traveller name and departure date.
    TravellerAndDate,
}

/// What a supplier says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierDescription {
    /// Its own name.
    pub name: String,
    /// Protocol and version.
    pub protocol: String,
    /// Look-ups that there are.
    pub lookups: Vec<Lookup>,
    /// Those of which "nothing found" proves that there is no order.
    pub absence_is_proof: Vec<Lookup>,
}

/// A search at one supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRequest {
    /// Slices, passengers, cabin.
    pub trip: Trip,
    /// Asked for, not always granted.
    pub currency: Option<Currency>,
    /// ISO 3166 alpha-2 country of sale.
    pub point_of_sale: Option<String>,
    /// The call ends after this, or after the supplier's own limit if that is shorter.
    pub timeout: Duration,
    /// Offers beyond this are dropped, dearest first.
    pub max_offers: u32,
}

/// A live price asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRequest {
    /// From the offer as searched.
    pub offer_id: String,
    /// From the offer as searched.
    pub token: Arc<[u8]>,
    /// As searched for.
    pub passengers: Vec<Passenger>,
    /// The call ends after this, or after the supplier's own limit if that is shorter.
    pub timeout: Duration,
}

/// A live price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceReply {
    /// That the offer's indexes point into.
    pub segments: Vec<Segment>,
    /// As it can be bought now.
    pub offer: Offer,
}

/// An order to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// Minted before the first try, kept by every retry.
    pub client_reference: String,
    /// Of the offer as last price-checked.
    pub offer_id: String,
    /// Of the offer as last price-checked.
    pub token: Arc<[u8]>,
    /// Dearer is refused before anything is made.
    pub expected_total: Money,
    /// In the order of the search's passengers.
    pub travellers: Vec<Traveller>,
    /// For the supplier's own notices.
    pub contact: Contact,
    /// The call ends after this, or after the supplier's own limit if that is shorter.
    pub timeout: Duration,
}

/// An order at a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRef {
    /// The supplier's key.
    pub id: String,
    /// The adapter's own, from its last answer.
    pub token: Vec<u8>,
    /// The call ends after this, or after the supplier's own limit if that is shorter.
    pub timeout: Duration,
}

/// An order whose answer was lost. `Debug` shows nothing of the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindRequest {
    /// Of the lost call.
    pub client_reference: String,
    /// Known from an earlier answer.
    pub order_id: Option<String>,
    /// Of the first traveller.
    pub family_name: String,
    /// Of the first traveller.
    pub given_name: String,
    /// IATA airport code of the first departure.
    pub origin: String,
    /// Local date of the first departure.
    pub departure_date: Date,
    /// The first try left the host then.
    pub first_tried_at: Timestamp,
    /// The call ends after this, or after the supplier's own limit if that is shorter.
    pub timeout: Duration,
}

impl fmt::Debug for FindRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindRequest({})", self.client_reference)
    }
}

/// Tickets to issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRequest {
    /// Another one than the order's; kept by every retry.
    pub client_reference: String,
    /// For which order.
    pub order: OrderRef,
    /// Number of travellers of the order.
    pub travellers: u8,
    /// What the host agrees to pay.
    pub expected_total: Money,
}

/// An order to cancel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelRequest {
    /// Kept by every retry.
    pub client_reference: String,
    /// Which one.
    pub order: OrderRef,
    /// Token of the [`CancelQuote`].
    pub quote: Vec<u8>,
}

/// A supplier, bound to the component version that was active when it was obtained.
///
/// A fault of `create_order`, `issue_tickets` or `cancel_order` after a request has left the host is never less than
/// [`interline_domain::fault::Disposition::OutcomeUnknown`], unless the component itself said what may follow.
#[async_trait]
pub trait Supplier: Send + Sync {
    /// Its name in configuration, metrics and bookings.
    fn name(&self) -> &str;

    /// The version that answers.
    fn version(&self) -> &PluginVersion;

    /// What it can do; the rest answers `Unsupported`.
    fn capabilities(&self) -> Capabilities;

    /// What it says of itself; asked once, at load.
    fn description(&self) -> &SupplierDescription;

    /// The supplier's own limit for a search.
    fn search_timeout(&self) -> Duration;

    /// All offers for a trip.
    async fn search(&self, request: &SearchRequest) -> Result<SupplierReply, Fault>;

    /// The live price of one offer.
    async fn check_price(&self, request: &PriceRequest) -> Result<PriceReply, Fault>;

    /// Makes an order.
    async fn create_order(&self, request: &OrderRequest) -> Result<SupplierOrder, Fault>;

    /// The order as the supplier has it now.
    async fn retrieve_order(&self, order: &OrderRef) -> Result<SupplierOrder, Fault>;

    /// What became of a create whose answer was lost.
    async fn find_order(&self, request: &FindRequest) -> Result<FindOutcome, Fault>;

    /// Pays from the agency's balance and has the tickets issued.
    async fn issue_tickets(&self, request: &TicketRequest) -> Result<SupplierOrder, Fault>;

    /// What cancelling would give back; changes nothing.
    async fn quote_cancel(&self, order: &OrderRef) -> Result<CancelQuote, Fault>;

    /// Cancels the order.
    async fn cancel_order(&self, request: &CancelRequest) -> Result<Cancellation, Fault>;
}

/// The suppliers that are active now.
pub trait Suppliers: Send + Sync {
    /// All of them, by name.
    fn all(&self) -> Vec<Arc<dyn Supplier>>;

    /// One of them.
    fn get(&self, name: &str) -> Option<Arc<dyn Supplier>>;
}
