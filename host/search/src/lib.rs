//! The read path: one superset per broad key, filtered and priced in memory.
//!
//! A search asks every supplier once, however many ask for it; what comes back is kept raw, with no rules
//! applied ([`superset`]); per pricing context it becomes a [`view`]: columns that filters, sorts, facets and pages
//! work on. Net prices, markups, commissions and rule names stay on this side of [`view`].

#![deny(missing_docs)]

pub mod cache;
mod clock;
mod coalesce;
mod columns;
pub mod config;
mod cursor;
pub mod error;
pub mod facets;
mod fanout;
pub mod filter;
mod find;
mod flight;
mod gather;
mod loaded;
pub mod observer;
pub mod offer_id;
mod outbox;
mod packed;
pub mod page;
mod pages;
pub mod pressure;
mod repeated;
pub mod request;
mod route;
pub mod service;
mod sieve;
mod stream;
pub mod superset;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod ttl;
mod turn;
pub mod view;
mod workshop;

pub use cache::{Claim, Lease, MemoryCache, SupersetCache, Wakes};
pub use clock::Clock;
pub use config::SearchConfig;
pub use error::{OfferError, SearchError};
pub use facets::Facets;
pub use filter::{ClockWindow, Filters, SliceWindow};
pub use observer::{SearchObserver, Unobserved};
pub use offer_id::{OfferClaim, OfferSigner, SigningKey};
pub use packed::Packing;
pub use page::{CacheState, SearchPage, SupplierState, SupplierStatus};
pub use pressure::Pressure;
pub use repeated::Repeated;
pub use request::{SearchRequest, Sort};
pub use service::{FoundOffer, SearchParts, SearchService, SupplierUpdate};
pub use superset::{Part, Superset};
pub use workshop::Workshop;
