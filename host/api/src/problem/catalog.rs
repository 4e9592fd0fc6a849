//! The kinds of problem: what `type` can be, and what a frontend does about it.

/// A kind of problem. Its slug and status never change once released.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Last part of its address `/problems/{slug}`.
    pub slug: &'static str,
    /// Its usual HTTP status.
    pub status: u16,
    /// What it means.
    pub title: &'static str,
    /// What a frontend does about it, and which members it adds.
    pub explanation: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $slug:literal, $status:literal, $title:literal, $explanation:literal;)*) => {
        $(#[doc = concat!("`", $slug, "`: ", $title, ".")]
        pub static $name: Kind = Kind { slug: $slug, status: $status, title: $title, explanation: $explanation };)*
        /// Every kind.
        pub static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    VALIDATION = "validation", 422, "The request breaks a rule",
        "`errors` names every broken rule with its field: a JSON pointer into the body, or the name of a query parameter. \
         The status is 400 for query parameters and 422 for bodies. Show the messages beside their fields, or map `rule` \
         to texts of your own.";
    MALFORMED_BODY = "malformed-body", 400, "The body is not JSON",
        "The body could not be read as JSON; `detail` says where reading stopped.";
    UNAUTHENTICATED = "unauthenticated", 401, "A valid API key is missing",
        "Send the key as `Authorization: Bearer ik_…`, or as `X-Api-Key: ik_…`. A revoked key is answered the same.";
    USER_TOKEN = "user-token", 401, "A valid user token is missing",
        "This resource belongs to an end user. Send the user's JWT in `X-User-Token` (or as `Authorization: Bearer …`, with \
         the API key in `X-Api-Key`), signed with a key of the JWKS that the API key was made with, in its time, for the \
         right audience and issuer. `sub` is the user's UUID.";
    FORBIDDEN = "forbidden", 403, "The API key may not do this",
        "The key lacks the scope named in `scope`. Ask the operator for another key.";
    NOT_FOUND = "not-found", 404, "There is nothing here",
        "The address is wrong, or the resource belongs to somebody else: the answer is the same for both.";
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "This address does not answer to this method",
        "`Allow` lists the methods that it answers to.";
    CONFLICT = "conflict", 409, "The booking is not in a state for this",
        "`booking_status` says where it stands. Read the booking again and show what can be done now.";
    SOLD_OUT = "sold-out", 409, "The offer is sold out",
        "The supplier has no more seats at this fare. Search again.";
    OFFER_INVALID = "offer-invalid", 404, "This is no offer of ours",
        "The offer id is damaged or was never given out. Search again, and send the id as it came.";
    OFFER_EXPIRED = "offer-expired", 410, "The offer is too old",
        "An offer id holds for 30 minutes. Search again.";
    OFFER_GONE = "offer-gone", 410, "The offer cannot be found again",
        "The supplier does not sell it any more. Search again.";
    QUOTE_NOT_FOUND = "quote-not-found", 404, "There is no such quote",
        "The quote does not exist, or another API key made it.";
    QUOTE_EXPIRED = "quote-expired", 410, "The quote has ended",
        "A quote holds its price until its `expires_at`. Verify the offer again.";
    QUOTE_USED = "quote-used", 409, "The quote has been booked already",
        "One quote makes one booking.";
    IDEMPOTENCY_KEY_REQUIRED = "idempotency-key-required", 400, "An Idempotency-Key is missing",
        "Send a fresh random value (a UUID, say) with every new try of the user, and the same one with each repetition of it. \
         8 to 128 visible ASCII characters.";
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused", 422, "The Idempotency-Key was used for another request",
        "The key came before with another body. Make a new key for a new request.";
    IDEMPOTENCY_IN_PROGRESS = "idempotency-in-progress", 409, "The same request is still being worked on",
        "Repeat it after the pause in `Retry-After`.";
    PAYLOAD_TOO_LARGE = "payload-too-large", 413, "The body is too large",
        "The limit is told in `detail`.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", 415, "The body is not of a known kind",
        "Send `Content-Type: application/json`.";
    HEADERS_TOO_LARGE = "headers-too-large", 431, "The headers are too large",
        "Send fewer or shorter headers.";
    RATE_LIMITED = "rate-limited", 429, "Too many requests",
        "Wait for the pause in `Retry-After`. `RateLimit` and `RateLimit-Policy` tell how much is left under which policy.";
    WEBHOOK_FORGED = "webhook-forged", 400, "The signature does not hold",
        "The provider's signature is missing, wrong, or out of its time. Nothing was taken in.";
    WEBHOOK_UNREADABLE = "webhook-unreadable", 400, "The event cannot be read",
        "The event is signed, and is not what the provider's interface describes.";
    REFUSED_BY_SUPPLIER = "refused-by-supplier", 409, "The supplier refuses this",
        "The supplier says no, and would say it again; `detail` holds its words where they help.";
    SUPPLIER_UNAVAILABLE = "supplier-unavailable", 503, "The supplier cannot answer now",
        "It is not known whether the offer still holds. Try again after the pause in `Retry-After`.";
    PROVIDER_UNAVAILABLE = "provider-unavailable", 503, "The payment provider cannot answer now",
        "Repeat the request with the same Idempotency-Key after the pause in `Retry-After`.";
    UNAVAILABLE = "unavailable", 503, "The gateway cannot answer now",
        "It is starting, stopping or overloaded. Try again after the pause in `Retry-After`.";
    TIMEOUT = "timeout", 504, "The answer took too long",
        "The request was given up. For a request with an Idempotency-Key, repeat it with the same key.";
    INTERNAL = "internal", 500, "Something went wrong here",
        "The failure was logged with the id in `X-Request-Id`.";
}

/// The kind with this slug.
pub fn find(slug: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_fit_an_address() {
        for kind in ALL {
            assert_eq!(find(kind.slug), Some(*kind));
            assert!(kind.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", kind.slug);
            assert!((400..600).contains(&kind.status));
        }
    }
}
