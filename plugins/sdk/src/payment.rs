//! Everything of the world `payment-provider`. As in [`crate::supplier`]: implement [`Provider`] for a type, and
//! `interline_plugin_sdk::export_provider!(Type)` under `cfg(target_family = "wasm")`.

pub use crate::bindings::payment::exports::interline::payment::provider::{
    Change, Description, Event, Guest as Provider, Header, Payment, PaymentRequest, PaymentStatus, Refund,
    RefundRequest, RefundStatus, Webhook, WebhookError,
};
pub use crate::types::{Date, Disposition, Fault, Instant, LocalTime, Money};
