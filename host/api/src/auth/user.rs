//! End users: a JWT (RFC 7519) signed with a key of the frontend's JWKS.

use super::key::UserTokens;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use uuid::Uuid;

/// Clocks may differ by this much, in seconds.
const LEEWAY: u64 = 30;
/// Longer ones are not even parsed.
const MAX_LENGTH: usize = 8 * 1024;

/// Why a token is not taken. The words are fit for the frontend's developers, and hold nothing of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// This key was made without a JWKS.
    #[error("this API key has no users: it was made without a JWKS")]
    NoUsers,
    /// Not a JWT.
    #[error("the token is not a JWT")]
    Malformed,
    /// Not one of RS256, ES256, EdDSA.
    #[error("the token is not signed with RS256, ES256 or EdDSA")]
    Algorithm,
    /// The JWKS has no such key, or several could be meant.
    #[error("the JWKS has no key that `kid` names")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature does not hold")]
    Signature,
    /// `exp` or `nbf`.
    #[error("the token is out of its time")]
    Time,
    /// `iss` or `aud`.
    #[error("the token is meant for somebody else: `iss` or `aud` is not what this API key expects")]
    Audience,
    /// `sub` is no UUID, or a claim is missing.
    #[error("the token lacks a claim: `sub` (a UUID), `exp`, `iss` and `aud` are needed")]
    Claims,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

/// What a token says of itself, if it is one that may be verified at all.
///
/// The algorithm is taken from the token only to choose among those allowed, and must be the one that the chosen key is
/// for: a public key is never used as an HMAC secret, and `none` is no algorithm.
pub(super) fn inspect(token: &str) -> Result<Header, TokenError> {
    if token.len() > MAX_LENGTH {
        return Err(TokenError::Malformed);
    }
    let header = decode_header(token).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::Json(_) if header_is_json(token) => TokenError::Algorithm,
        jsonwebtoken::errors::ErrorKind::InvalidAlgorithm => TokenError::Algorithm,
        _ => TokenError::Malformed,
    })?;
    if has_critical_extensions(token) {
        return Err(TokenError::Malformed);
    }
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) {
        return Err(TokenError::Algorithm);
    }
    Ok(header)
}

/// The user whom a token proves by one of these keys.
pub fn verify(token: &str, tokens: &UserTokens, keys: &JwkSet) -> Result<Uuid, TokenError> {
    let header = inspect(token)?;
    let jwk = choose(keys, header.kid.as_deref(), header.alg)?;
    let key = DecodingKey::from_jwk(jwk).map_err(|_| TokenError::UnknownKey)?;
    let mut validation = Validation::new(header.alg);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[&tokens.issuer]);
    validation.set_audience(&[&tokens.audience]);
    let data = decode::<Claims>(token, &key, &validation).map_err(|error| {
        use jsonwebtoken::errors::ErrorKind;
        match error.kind() {
            ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => TokenError::Time,
            ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Audience,
            ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) | ErrorKind::InvalidSubject => TokenError::Claims,
            _ => TokenError::Signature,
        }
    })?;
    data.claims.sub.parse().map_err(|_| TokenError::Claims)
}

/// The key that the token names; without a name, the only one of its kind.
fn choose<'k>(keys: &'k JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Result<&'k Jwk, TokenError> {
    let fits = |jwk: &&Jwk| {
        let declared = jwk.common.key_algorithm.is_none_or(|of_key| of_key == algorithm.into());
        let for_signing = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
        declared && for_signing && is_for(jwk, algorithm)
    };
    let mut keys = keys.keys.iter().filter(fits).filter(|jwk| kid.is_none() || jwk.common.key_id.as_deref() == kid);
    match (keys.next(), keys.next()) {
        (Some(key), None) => Ok(key),
        _ => Err(TokenError::UnknownKey),
    }
}

fn is_for(jwk: &Jwk, algorithm: Algorithm) -> bool {
    match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(key), Algorithm::ES256) => key.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(key), Algorithm::EdDSA) => key.curve == EllipticCurve::Ed25519,
        _ => false,
    }
}

fn header_json(token: &str) -> Option<serde_json::Value> {
    use base64::Engine;
    let header = token.split('.').next()?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn header_is_json(token: &str) -> bool {
    header_json(token).is_some_and(|header| header.is_object())
}

/// RFC 7515, 4.1.11: who does not know an extension marked critical must refuse the token. None is known here.
fn has_critical_extensions(token: &str) -> bool {
    header_json(token).is_none_or(|header| header.get("crit").is_some())
}

#[cfg(test)]
pub(super) mod tests;
