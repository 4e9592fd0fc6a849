//! Stripe's errors → dispositions (<https://docs.stripe.com/api/errors>).

use crate::wire::Failure;
use interline_plugin_sdk::fault::{self, RETRY_MS};
use interline_plugin_sdk::http::Response;
use interline_plugin_sdk::supplier::{Disposition, Fault};

/// The fault in an answer; none if it is a good one.
pub fn fault(response: &Response) -> Option<Fault> {
    let short = response.body.len() < 64 * 1024;
    let failure = short.then(|| serde_json::from_slice::<Failure>(&response.body).ok()).flatten();
    let Some(Failure { error }) = failure else {
        let silent = || response.status_fault("an answer without Stripe's error in it");
        return (!response.is_success()).then(silent);
    };
    let retry = Disposition::RetryAfter(response.retry_after_ms().unwrap_or(RETRY_MS));
    let disposition = match (error.kind.as_deref(), error.code.as_deref(), response.status) {
        (_, Some("rate_limit" | "lock_timeout" | "idempotency_key_in_use"), _) | (_, _, 409 | 429) => retry,
        (_, _, 401 | 403) => Disposition::NotAuthorised,
        // By its idempotency key the same call is safe to make again, and gets the same answer if it was carried out.
        (Some("api_error"), ..) | (_, _, 500..) => response.effect.lost(RETRY_MS),
        _ => Disposition::Rejected,
    };
    let code = error.decline_code.or(error.code).or(error.kind).unwrap_or_default();
    let message = error.message.unwrap_or_else(|| format!("HTTP {}", response.status));
    Some(Fault { field: error.param.map(|p| ours(&p)), ..fault::coded(disposition, code, message) })
}

/// Stripe's parameters in the contract's names.
fn ours(param: &str) -> String {
    match param {
        "payment_intent" | "intent" => "payment".to_owned(),
        "currency" => "amount.currency".to_owned(),
        other => other.replace('_', "-"),
    }
}
