//! Everything of the world `flight-supplier`: records, and the traits that an adapter implements.
//!
//! An adapter that has all operations of that world declares itself with [`flight_supplier!`](crate::flight_supplier). One that
//! lacks some declares a type, implements the traits that it has, and exports the type with `export_supplier!` under
//! `cfg(target_family = "wasm")`.

mod component;

use crate::bindings::supplier::exports::interline::supplier as exports;
pub use crate::bindings::supplier::interline::types::flights::{
    BagKind, Baggage, Cabin, Condition, Conditions, Offer, OfferSegment, OfferSlice, Passenger, PassengerFare,
    PassengerType, Segment, SkippedOffer, SliceQuery, Tax,
};
pub use crate::types::{Date, Disposition, Fault, Instant, LocalTime, Money};
pub use exports::describe::{Description, Guest as Describe, Lookup};
pub use exports::flight_price_check::{Guest as FlightPriceCheck, PriceReply, PriceRequest};
pub use exports::flight_search::{Guest as FlightSearch, SearchReply, SearchRequest};
pub use exports::order::{
    CarrierLocator, Contact, Document, DocumentKind, FindOutcome, FindRequest, Gender, Guest as Orders, Order,
    OrderRef, OrderRequest, OrderStatus, Ticket, Traveller,
};
pub use exports::order_cancel::{CancelQuote, CancelRequest, Cancellation, Guest as OrderCancel};
pub use exports::ticketing::{Guest as Ticketing, TicketRequest};
