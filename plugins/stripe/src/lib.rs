//! Adapter of Stripe payment intents (<https://docs.stripe.com/api/payment_intents>).
//!
//! * A payment is a payment intent that the traveller's browser confirms with Stripe; the gateway sees no card.
//! * Client references are Stripe's idempotency keys, and stand in the metadata beside the host's ids: a refund is looked for
//!   by its reference before it is made, since Stripe forgets keys after a day.
//! * Webhooks are verified by `Stripe-Signature`, whose secret the host keeps.
//! * Amounts: Stripe's smallest unit is not ISO 4217's for every currency; see `amount.rs`.

mod amount;
mod api;
pub mod component;
mod errors;
mod intents;
mod mapping;
mod refunds;
mod signature;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;
