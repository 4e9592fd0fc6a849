//! Adapter of Stripe payment intents.
