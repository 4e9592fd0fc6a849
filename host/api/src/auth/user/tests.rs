use super::*;
use crate::auth::key::KeySource;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

const USER: &str = "0199a0c0-0000-7000-8000-000000000001";

fn signing_key(seed: u8) -> EncodingKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([seed; 32]);
    EncodingKey::from_ed_der(&der)
}

pub(in crate::auth) fn jwk(seed: u8, kid: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(&signing_key(seed), Algorithm::EdDSA).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

fn keys() -> JwkSet {
    JwkSet { keys: vec![jwk(1, "one"), jwk(2, "two")] }
}

fn verify(token: &str, keys: &JwkSet) -> Result<Uuid, TokenError> {
    let (issuer, audience) = ("https://shop.example".into(), "interline".into());
    let tokens = UserTokens { issuer, audience, keys: KeySource::Set(keys.clone()) };
    super::verify(token, &tokens, keys)
}

pub(in crate::auth) fn claims() -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({"sub": USER, "iss": "https://shop.example", "aud": "interline", "exp": now + 600, "nbf": now - 5})
}

pub(in crate::auth) fn sign(claims: &Value, kid: &str, seed: u8) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
    encode(&header, claims, &signing_key(seed)).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    sign(&claims, "one", 1)
}

fn unsigned(header: Value, signature: &[u8]) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (header, claims) = (header.to_string(), claims().to_string());
    format!("{}.{}.{}", part(header.as_bytes()), part(claims.as_bytes()), part(signature))
}

#[test]
fn a_token_of_the_frontend_proves_its_user() {
    let keys = keys();
    assert_eq!(verify(&sign(&claims(), "one", 1), &keys), USER.parse().map_err(|_| TokenError::Claims));
    assert!(verify(&sign(&claims(), "two", 2), &keys).is_ok());
    assert!(verify(&with("aud", json!(["other", "interline"])), &keys).is_ok());
}

#[test]
fn a_token_signed_by_anybody_else_is_refused() {
    let keys = keys();
    assert_eq!(verify(&sign(&claims(), "one", 2), &keys), Err(TokenError::Signature));
    assert_eq!(verify(&sign(&claims(), "three", 1), &keys), Err(TokenError::UnknownKey));
    let good = sign(&claims(), "one", 1);
    let (head, _) = good.rsplit_once('.').unwrap();
    assert!(verify(&format!("{head}."), &keys).is_err());
    let mut parts: Vec<_> = good.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(claims().to_string().replace(USER, "0199a0c0-0000-7000-8000-000000000002"));
    parts[1] = &other;
    assert_eq!(verify(&parts.join("."), &keys), Err(TokenError::Signature));
}

#[test]
fn no_algorithm_of_the_tokens_own_choosing_is_followed() {
    let keys = keys();
    for name in ["none", "None", "NONE", "nOnE", ""] {
        assert_eq!(verify(&unsigned(json!({"alg": name}), b""), &keys), Err(TokenError::Algorithm), "{name}");
    }
    // The public key's own bytes, and its text, as an HMAC secret.
    let AlgorithmParameters::OctetKeyPair(public) = &keys.keys[0].algorithm else { panic!() };
    for secret in [URL_SAFE_NO_PAD.decode(&public.x).unwrap(), public.x.clone().into_bytes()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some("one".into()), ..Header::new(algorithm) };
            let forged = encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
            assert_eq!(verify(&forged, &keys), Err(TokenError::Algorithm));
        }
    }
    for algorithm in ["RS256", "ES256"] {
        let forged = unsigned(json!({"alg": algorithm, "kid": "one"}), &[0; 64]);
        assert_eq!(verify(&forged, &keys), Err(TokenError::UnknownKey));
    }
}

#[test]
fn keys_within_the_token_are_not_looked_at() {
    let header = json!({"alg": "EdDSA", "kid": "three", "jwk": jwk(3, "three"), "jku": "https://evil.example/jwks"});
    assert_eq!(verify(&unsigned(header, &[0; 64]), &keys()), Err(TokenError::UnknownKey));
    let header = json!({"alg": "EdDSA", "kid": "one", "crit": ["b64"], "b64": false});
    assert_eq!(verify(&unsigned(header, &[0; 64]), &keys()), Err(TokenError::Malformed));
}

#[test]
fn secret_keys_and_keys_for_encryption_are_not_used() {
    let mut keys = keys();
    keys.keys[0].common.public_key_use = Some(PublicKeyUse::Encryption);
    assert_eq!(verify(&sign(&claims(), "one", 1), &keys), Err(TokenError::UnknownKey));
    let shared: Jwk = serde_json::from_value(json!({"kty": "oct", "k": "c2VjcmV0", "kid": "one"})).unwrap();
    keys.keys = vec![shared];
    let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
    let forged = encode(&header, &claims(), &EncodingKey::from_secret(b"secret")).unwrap();
    assert_eq!(verify(&forged, &keys), Err(TokenError::Algorithm));
}

#[test]
fn a_token_holds_in_its_time_for_its_audience() {
    let now = jiff::Timestamp::now().as_second();
    let keys = keys();
    assert_eq!(verify(&with("exp", json!(now - 60)), &keys), Err(TokenError::Time));
    assert_eq!(verify(&with("nbf", json!(now + 60)), &keys), Err(TokenError::Time));
    assert_eq!(verify(&with("aud", json!("other")), &keys), Err(TokenError::Audience));
    assert_eq!(verify(&with("iss", json!("https://evil.example")), &keys), Err(TokenError::Audience));
    assert_eq!(verify(&with("sub", json!("somebody")), &keys), Err(TokenError::Claims));
    for claim in ["exp", "iss", "aud", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&sign(&claims, "one", 1), &keys), Err(TokenError::Claims), "{claim}");
    }
}

#[test]
fn text_that_is_no_token_is_refused() {
    for text in ["", ".", "..", "a.b.c", "e30.e30.e30", &"x".repeat(9000)] {
        assert!(verify(text, &keys()).is_err(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_check(text in ".*") {
        proptest::prop_assert!(verify(&text, &keys()).is_err());
    }
}
