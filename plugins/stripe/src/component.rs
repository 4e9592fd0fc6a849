//! The exported component.

use crate::{api, intents, refunds, webhook};
use interline_plugin_sdk::host::{self, Hash, Level};
use interline_plugin_sdk::http::Wasi;
use interline_plugin_sdk::payment::*;

/// The secret that the manifest names.
const WEBHOOK_SECRET: &str = "webhook-secret";

/// The adapter.
#[derive(Debug)]
pub struct Stripe;

impl Provider for Stripe {
    fn describe() -> Description {
        Description { name: "stripe".to_owned(), protocol: format!("Stripe API {}", api::VERSION) }
    }

    fn create(request: PaymentRequest) -> Result<Payment, Fault> {
        intents::create(&Wasi::default(), &request)
    }

    fn interpret_webhook(webhook: Webhook) -> Result<Event, WebhookError> {
        let verify = |message: &[u8], mac: &[u8]| {
            let verified = host::verify_hmac(WEBHOOK_SECRET, Hash::Sha256, message, mac);
            if verified.is_err() {
                host::log(Level::Error, "the webhook secret is not granted: no event can be verified", &[]);
            }
            verified
        };
        webhook::interpret(&webhook, verify)
    }

    fn retrieve(payment: String) -> Result<Payment, Fault> {
        intents::retrieve(&Wasi::default(), &payment)
    }

    fn cancel(payment: String) -> Result<Payment, Fault> {
        intents::cancel(&Wasi::default(), &payment)
    }

    fn create_refund(request: RefundRequest) -> Result<Refund, Fault> {
        refunds::create(&Wasi::default(), &request)
    }

    fn retrieve_refund(refund: String) -> Result<Refund, Fault> {
        refunds::retrieve(&Wasi::default(), &refund)
    }
}

// Only in the component: the names that it exports are none that a native linker takes.
#[cfg(target_family = "wasm")]
interline_plugin_sdk::export_provider!(Stripe);
