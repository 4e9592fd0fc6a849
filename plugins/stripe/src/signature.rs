//! `Stripe-Signature` (<https://docs.stripe.com/webhooks#verify-manually>): `t=SECONDS,v1=HEX[,v1=HEX…]`, an HMAC-SHA-256 of
//! `SECONDS.BODY` under the endpoint's secret.

use interline_plugin_sdk::host::SecretError;
use interline_plugin_sdk::payment::Instant;

/// A signature this much older or younger than its arrival is not taken: it may be replayed.
pub const TOLERANCE_SECONDS: u64 = 300;
/// While a secret is rolled there are two.
const MOST_SIGNATURES: usize = 8;

/// Checks the header against the body as it came; `verify` tells whether a MAC is that of a message, in constant time.
pub fn check(
    header: Option<&str>,
    body: &[u8],
    received_at: Instant,
    verify: impl Fn(&[u8], &[u8]) -> Result<bool, SecretError>,
) -> Result<(), String> {
    let header = header.ok_or("no Stripe-Signature")?;
    let parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    let signed_at = parts.clone().find_map(|(name, value)| (name == "t").then_some(value)).ok_or("no timestamp")?;
    let seconds: u64 = signed_at.parse().map_err(|_| "a timestamp that is no number")?;
    if seconds.abs_diff(received_at) > TOLERANCE_SECONDS {
        return Err("signed at another time".to_owned());
    }
    let mut message = Vec::with_capacity(signed_at.len() + 1 + body.len());
    message.extend_from_slice(signed_at.as_bytes());
    message.push(b'.');
    message.extend_from_slice(body);
    let signatures = parts.filter(|(name, _)| *name == "v1").filter_map(|(_, value)| hex::decode(value).ok());
    for signature in signatures.take(MOST_SIGNATURES) {
        match verify(&message, &signature) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(SecretError::NotGranted(name)) => return Err(format!("the secret `{name}` is not granted")),
        }
    }
    Err("no signature fits".to_owned())
}
