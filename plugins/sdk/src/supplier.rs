//! Everything of the world `flight-supplier`: records, and the traits that an adapter implements.
//!
//! An adapter declares one type, implements the traits for it, and exports it:
//!
//! ```text
//! use interline_plugin_sdk::supplier::*;
//!
//! /// The adapter.
//! #[derive(Debug)]
//! pub struct Adapter;
//! impl Describe for Adapter { /* … */ }
//! impl FlightSearch for Adapter { /* … */ }
//! impl FlightPriceCheck for Adapter { /* … */ }
//! impl Orders for Adapter { /* … */ }
//! impl Ticketing for Adapter { /* … */ }
//! impl OrderCancel for Adapter { /* … */ }
//!
//! // Only in the component: the names that it exports are none that a native linker takes.
//! #[cfg(target_family = "wasm")]
//! interline_plugin_sdk::export_supplier!(Adapter);
//! ```

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
