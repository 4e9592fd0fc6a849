//! Adapter of IATA NDC 21.3: XML messages, posted to one address.
//!
//! * AirShopping, OfferPrice, OrderCreate (held), OrderChange with a payment (ticketed), OrderRetrieve, OrderReshop as the
//!   quote of a cancellation, OrderCancel.
//! * NDC finds orders by order id or booking reference and by nothing else: what became of an order whose creation was not
//!   answered cannot be told, and that is what `find-order` says.
//! * Element names are read whatever their prefix, and ids whatever their casing (`…RefId`, `…RefID`).
//! * Configuration: `path` (of the address), `agency-id` and `agency-name` (the seller in the distribution chain), `owner`
//!   (airline in the chain, and owner of offers that name none), `country` (of sale), `payment-type` (`CA`), `hold`
//!   (`true`; otherwise orders are paid as they are made).

mod api;
mod cancel;
mod check;
pub mod component;
mod errors;
mod find;
mod lists;
mod mapping;
mod order;
mod read;
mod request;
mod search;
#[cfg(test)]
mod tests;
mod ticketing;
mod token;
