//! Duffel's errors → dispositions, by code and then by type
//! (<https://duffel.com/docs/api/overview/response-handling>).

use crate::wire::error::{Error, Failure};
use interline_plugin_sdk::fault::{self, Effect, RETRY_MS};
use interline_plugin_sdk::http::{self, Response};
use interline_plugin_sdk::supplier::{Disposition, Fault};
use interline_plugin_sdk::time;

/// The fault in an answer; none if it is a good one. An answer with errors in it is one whatever its status.
pub fn fault(response: &Response) -> Option<Fault> {
    // Errors are short and good answers long: a look at the beginning saves reading those twice.
    let maybe = !response.is_success() || mentions_errors(&response.body);
    let failure = maybe.then(|| serde_json::from_slice::<Failure>(&response.body).ok()).flatten();
    match failure.as_ref().and_then(|failure| failure.errors.first()) {
        Some(first) => Some(of(first, response, failure.as_ref().map_or(1, |f| f.errors.len()))),
        None if response.is_success() => None,
        None => Some(response.status_fault("an answer without Duffel's error in it")),
    }
}

fn mentions_errors(body: &[u8]) -> bool {
    const SHORT: usize = 64 * 1024;
    body.len() < SHORT && body.windows(8).any(|window| window == b"\"errors\"")
}

fn of(error: &Error, response: &Response, count: usize) -> Fault {
    let kind = error.kind.as_deref().unwrap_or_default();
    let code = error.code.as_deref().unwrap_or_default();
    let disposition = by_code(code, response.effect)
        .or_else(|| by_type(kind, response))
        .unwrap_or_else(|| response.status_fault("").disposition);
    let words = [error.title.as_deref(), error.message.as_deref()];
    let mut message = words.into_iter().flatten().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(": ");
    if count > 1 {
        message.push_str(&format!(" (and {} more)", count - 1));
    }
    let named = if code.is_empty() { kind } else { code };
    Fault { field: field(error), ..fault::coded(disposition, named, message) }
}

/// Codes that say more than their type.
fn by_code(code: &str, effect: Effect) -> Option<Disposition> {
    Some(match code {
        "no_available_offers" | "offer_not_available" | "seat_not_available" => Disposition::SoldOut,
        _ if code.ends_with("_no_longer_available") => Disposition::SoldOut,
        "offer_expired"
        | "offer_request_expired"
        | "order_cancellation_expired"
        | "order_cancellation_stale"
        | "schedule_changed"
        | "order_change_expired"
        | "past_payment_required_by_date" => Disposition::OfferExpired,
        "price_changed"
        | "payment_amount_does_not_match_order_amount"
        | "payment_amount_does_not_match_offer_amount"
        | "payment_currency_does_not_match_order_currency" => Disposition::PriceChanged(None),
        // An earlier try with this offer, or for these people on this flight, got somewhere: where, only a look tells.
        "order_creation_already_attempted"
        | "order_already_created"
        | "offer_request_already_booked"
        | "duplicate_booking" => effect.lost(RETRY_MS),
        "order_type_not_eligible_for_payment"
        | "instant_payment_required"
        | "order_not_cancellable"
        | "order_cannot_be_cancelled"
        | "unavailable_feature"
        | "not_supported" => Disposition::Unsupported,
        "insufficient_permissions" | "insufficient_balance" => Disposition::NotAuthorised,
        // The offer or order that an id names is gone, or never was.
        "not_found" => Disposition::Rejected,
        "airline_unknown"
        | "airline_internal"
        | "internal_server_error"
        | "service_unavailable"
        | "airline_timeout"
        | "gateway_timeout" => effect.lost(RETRY_MS),
        _ => return None,
    })
}

fn by_type(kind: &str, response: &Response) -> Option<Disposition> {
    Some(match kind {
        "authentication_error" => Disposition::NotAuthorised,
        "rate_limit_error" => Disposition::RetryAfter(reset(response).unwrap_or(RETRY_MS)),
        "validation_error" | "invalid_request_error" | "invalid_state_error" => Disposition::Rejected,
        // An airline's refusal by a code of its own is one; its failure is not known to have done nothing.
        "airline_error" if response.status < 500 => Disposition::Rejected,
        "airline_error" | "api_error" => response.effect.lost(response.retry_after_ms().unwrap_or(RETRY_MS)),
        _ => return None,
    })
}

/// `Retry-After` where there is one, else `ratelimit-reset`, which holds an HTTP date.
fn reset(response: &Response) -> Option<u32> {
    let until = || http::retry_after_ms(response.header("ratelimit-reset")?, time::now());
    response.retry_after_ms().or_else(until).map(|ms| ms.max(100))
}

/// The field that Duffel complains about, in the contract's names where there is one.
fn field(error: &Error) -> Option<String> {
    let source = error.source.as_ref()?;
    let text = |key: &str| source.get(key).and_then(|v| v.as_str());
    let pointer = text("pointer").map(|p| p.trim_start_matches('/').replace('/', "."));
    let theirs = pointer.or_else(|| text("field").map(str::to_owned)).filter(|f| !f.is_empty())?;
    let names = [
        ("passengers", "travellers"),
        ("phone_number", "phone"),
        ("identity_documents", "document"),
        ("unique_identifier", "number"),
        ("selected_offers", "offer-id"),
        ("departure_date", "departure-date"),
        ("cabin_class", "cabin"),
    ];
    let ours = |part: &str| names.iter().find(|(t, _)| *t == part).map_or(part, |(_, ours)| ours).replace('_', "-");
    Some(theirs.split('.').filter(|part| *part != "data").map(ours).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(status: u16, effect: Effect, kind: &str, code: &str) -> Disposition {
        let body = serde_json::json!({"errors": [{"type": kind, "code": code, "title": "T", "message": "M"}]});
        let response = Response { effect, ..Response::new(status, body.to_string()) };
        fault(&response).expect("a fault").disposition
    }

    #[test]
    fn every_type_and_code_has_its_disposition() {
        use Disposition::*;
        for (status, kind, code, expected) in [
            (422, "invalid_state_error", "offer_no_longer_available", SoldOut),
            (422, "airline_error", "offer_no_longer_available", SoldOut),
            (422, "invalid_state_error", "offer_expired", OfferExpired),
            (422, "invalid_state_error", "price_changed", PriceChanged(None)),
            (422, "validation_error", "validation_required", Rejected),
            (401, "authentication_error", "access_token_not_found", NotAuthorised),
            (403, "authentication_error", "insufficient_permissions", NotAuthorised),
            (404, "invalid_request_error", "not_found", Rejected),
            (400, "invalid_request_error", "missing_version_header", Rejected),
            (400, "airline_error", "airline_unknown", OutcomeUnknown),
            (500, "airline_error", "airline_internal", OutcomeUnknown),
            (422, "airline_error", "invalid_passenger_name", Rejected),
            (500, "api_error", "internal_server_error", OutcomeUnknown),
            (401, "api_error", "internal_server_error", OutcomeUnknown),
            (422, "invalid_state_error", "order_creation_already_attempted", OutcomeUnknown),
            (418, "new_type", "new_code", Rejected),
            (503, "new_type", "new_code", OutcomeUnknown),
        ] {
            assert_eq!(ask(status, Effect::Once, kind, code), expected, "{kind} {code}");
        }
    }

    #[test]
    fn a_failure_of_a_read_is_read_again() {
        for (kind, code) in [("api_error", "internal_server_error"), ("airline_error", "airline_unknown")] {
            assert!(matches!(ask(500, Effect::Repeatable, kind, code), Disposition::RetryAfter(_)));
        }
    }

    #[test]
    fn the_rate_limit_says_when_it_ends() {
        let body = r#"{"errors": [{"type": "rate_limit_error", "code": "rate_limit_exceeded"}]}"#;
        let at = time::now() + 7;
        let date = time::format_instant(at);
        let response =
            Response { effect: Effect::Once, ..Response::new(429, body) }.with_header("ratelimit-reset", "7");
        assert_eq!(fault(&response).map(|f| f.disposition), Some(Disposition::RetryAfter(7000)), "{date}");
        let silent = Response { effect: Effect::Once, ..Response::new(429, body) };
        assert_eq!(fault(&silent).map(|f| f.disposition), Some(Disposition::RetryAfter(RETRY_MS)));
    }

    #[test]
    fn a_field_is_named_as_the_contract_does() {
        let body = serde_json::json!({"errors": [
            {"type": "validation_error", "code": "validation_required", "title": "Required field",
             "message": "can't be blank", "source": {"field": "phone_number", "pointer": "/passengers/0/phone_number"}},
            {"type": "validation_error", "code": "validation_required"}
        ]});
        let fault = fault(&Response::new(422, body.to_string())).expect("a fault");
        assert_eq!(fault.field.as_deref(), Some("travellers.0.phone"));
        assert_eq!(fault.code.as_deref(), Some("validation_required"));
        assert_eq!(fault.message, "Required field: can't be blank (and 1 more)");
    }

    #[test]
    fn errors_are_errors_under_any_status_and_pages_of_html_too() {
        let body = r#"{"errors": [{"type": "invalid_state_error", "code": "offer_expired"}]}"#;
        let disposition = |r: Response| fault(&r).map(|f| f.disposition);
        assert_eq!(disposition(Response::new(200, body)), Some(Disposition::OfferExpired));
        assert_eq!(disposition(Response::new(200, r#"{"data": {}}"#)), None);
        let page = Response { effect: Effect::Once, ..Response::new(502, "<html>") };
        assert_eq!(disposition(page), Some(Disposition::OutcomeUnknown));
    }
}
