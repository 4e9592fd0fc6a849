//! Offer ids: signed, and telling all that it takes to find the offer again on any node.
//!
//! `base64url(version, key id, claim in postcard, first 16 bytes of HMAC-SHA-256 over all before)`.

use crate::error::OfferError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use interline_domain::itinerary::Fingerprint;
use interline_domain::money::{Currency, Money};
use interline_domain::trip::{SupplierScope, Trip};
use interline_pricing::PricingContext;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;

const FORMAT: u8 = 1;
const TAG: usize = 16;
const LONGEST: usize = 1_024;

/// How long an offer id is good for, from when it was shown.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// Ids are made with the view and shown as long as the view lives, which is no longer than this.
pub const LONGEST_VIEW: SignedDuration = SignedDuration::from_mins(15);

/// A key of the ring.
#[derive(Clone)]
pub struct SigningKey {
    id: u8,
    mac: Hmac<Sha256>,
}

/// A secret of less than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key needs at least 32 bytes")]
pub struct WeakKey;

impl SigningKey {
    /// `id` goes into every offer id, and names the key on all nodes.
    pub fn new(id: u8, secret: &[u8]) -> Result<Self, WeakKey> {
        if secret.len() < 32 {
            return Err(WeakKey);
        }
        let mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| WeakKey)?;
        Ok(Self { id, mac })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

/// Signs with one key, and knows those that signed before it.
#[derive(Debug, Clone)]
pub struct OfferSigner(Arc<[SigningKey]>);

/// Signs the claims of one view: what they have in common is written, and goes through the HMAC, once.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    start: Vec<u8>,
    /// None: there is no key, and nothing is signed.
    mac: Option<Hmac<Sha256>>,
}

impl Series {
    /// The offer id of a claim of the series, by what is its own. As [`OfferSigner::sign`].
    pub fn sign(&self, supplier: &str, [itinerary, fare]: [&[u8; 16]; 2], shown: Money, issued_at: i64) -> String {
        let Some(mac) = &self.mac else { return String::new() };
        let mut bytes = Vec::with_capacity(self.start.len() + supplier.len() + 96);
        bytes.extend_from_slice(&self.start);
        // Written to memory: it cannot fail.
        let own = (supplier, itinerary, fare, shown.units, shown.currency, issued_at);
        let mut bytes = postcard::to_extend(&own, bytes).unwrap_or_default();
        let own = bytes.get(self.start.len()..).unwrap_or_default();
        let tag = mac.clone().chain_update(own).finalize().into_bytes();
        bytes.extend(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// What an offer id says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferClaim {
    /// The trip searched for.
    pub trip: Trip,
    /// The scope searched in.
    pub scope: SupplierScope,
    /// Of the pricing context: country of sale.
    pub point_of_sale: String,
    /// Of the pricing context.
    pub channel: String,
    /// Of the pricing context.
    pub customer_segment: String,
    /// Whose offer.
    pub supplier: String,
    /// [`interline_domain::table::OfferTable::fingerprint`].
    pub itinerary: [u8; 16],
    /// [`interline_domain::offer::Offer::fare`].
    pub fare: [u8; 16],
    /// Total shown, in minor units.
    pub shown_units: i64,
    /// Display currency.
    pub currency: Currency,
    /// Seconds since 1970.
    pub issued_at: i64,
}

impl OfferClaim {
    /// Total shown.
    pub fn shown(&self) -> Money {
        Money::new(self.shown_units, self.currency)
    }

    /// Identity of what is sold.
    pub fn fare(&self) -> Fingerprint {
        Fingerprint(self.fare)
    }
}

impl OfferSigner {
    /// Signs with `current`; `previous` keys still verify.
    pub fn new(current: SigningKey, previous: Vec<SigningKey>) -> Self {
        Self(std::iter::once(current).chain(previous).collect())
    }

    /// The offer id of a claim; below 400 characters for any trip.
    pub fn sign(&self, claim: &OfferClaim) -> String {
        self.sign_bytes(postcard::to_stdvec(claim).unwrap_or_default())
    }

    /// Signs the claims of offers that are shown together.
    pub(crate) fn series(&self, context: &PricingContext, trip: &Trip, scope: &SupplierScope) -> Series {
        let PricingContext { point_of_sale, channel, customer_segment, .. } = context;
        let shared = postcard::to_stdvec(&(trip, scope, point_of_sale, channel, customer_segment)).unwrap_or_default();
        let key = self.0.first();
        let start: Vec<u8> = key.iter().flat_map(|key| [FORMAT, key.id]).chain(shared).collect();
        let mac = key.map(|key| key.mac.clone().chain_update(&start));
        Series { start, mac }
    }

    /// The claim of an offer id that was given out within its lifetime.
    pub fn verify(&self, offer_id: &str, now: Timestamp) -> Result<OfferClaim, OfferError> {
        let claim: OfferClaim =
            postcard::from_bytes(&self.verify_bytes(offer_id)?).map_err(|_| OfferError::Malformed)?;
        let issued_at = Timestamp::from_second(claim.issued_at).map_err(|_| OfferError::Malformed)?;
        if now.duration_since(issued_at) > LIFETIME + LONGEST_VIEW {
            return Err(OfferError::Expired);
        }
        Ok(claim)
    }

    /// Any payload as signed text.
    pub(crate) fn sign_bytes(&self, payload: Vec<u8>) -> String {
        let mut bytes = Vec::with_capacity(payload.len() + 2 + TAG);
        let Some(key) = self.0.first() else { return String::new() };
        bytes.extend([FORMAT, key.id]);
        bytes.extend(payload);
        let tag = key.mac.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The payload of signed text.
    pub(crate) fn verify_bytes(&self, text: &str) -> Result<Vec<u8>, OfferError> {
        if text.len() > LONGEST {
            return Err(OfferError::Malformed);
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| OfferError::Malformed)?;
        if bytes.len() < 2 + TAG || bytes[0] != FORMAT {
            return Err(OfferError::Malformed);
        }
        let tag = bytes.split_off(bytes.len() - TAG);
        let key = self.0.iter().find(|key| key.id == bytes[1]).ok_or(OfferError::Forged)?;
        let mac = key.mac.clone().chain_update(&bytes);
        mac.verify_truncated_left(&tag).map_err(|_| OfferError::Forged)?;
        bytes.drain(..2);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{context, scope, trip};
    use interline_domain::passengers::PassengerMix;
    use interline_domain::trip::{Cabin, SliceQuery};

    fn key(id: u8) -> SigningKey {
        SigningKey::new(id, &[id; 32]).unwrap()
    }

    fn claim(trip: Trip) -> OfferClaim {
        OfferClaim {
            trip,
            scope: scope(),
            point_of_sale: "ID".into(),
            channel: "partner".into(),
            customer_segment: "corporate".into(),
            supplier: "a-supplier-of-long-name".into(),
            itinerary: [1; 16],
            fare: [2; 16],
            shown_units: 1_234_567_890,
            currency: "IDR".parse().unwrap(),
            issued_at: 1_800_000_000,
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn what_was_signed_with_the_key_before_is_still_good() {
        let id = OfferSigner::new(key(1), vec![]).sign(&claim(trip()));
        assert_eq!(OfferSigner::new(key(2), vec![key(1)]).verify(&id, now()).unwrap(), claim(trip()));
        assert!(matches!(OfferSigner::new(key(2), vec![]).verify(&id, now()), Err(OfferError::Forged)));
        let same_id = SigningKey::new(1, &[9; 32]).unwrap();
        assert!(matches!(OfferSigner::new(same_id, vec![]).verify(&id, now()), Err(OfferError::Forged)));
    }

    #[test]
    fn a_series_signs_as_the_claims_one_by_one() {
        let signer = OfferSigner::new(key(1), vec![key(2)]);
        let first = claim(trip());
        let context = PricingContext {
            point_of_sale: first.point_of_sale.clone(),
            channel: first.channel.clone(),
            customer_segment: first.customer_segment.clone(),
            ..context()
        };
        let series = signer.series(&context, &first.trip, &first.scope);
        for supplier in ["", "a", "a-supplier-of-long-name"] {
            let claim = OfferClaim { supplier: supplier.into(), shown_units: -7, fare: [9; 16], ..first.clone() };
            let id = series.sign(supplier, [&claim.itinerary, &claim.fare], claim.shown(), claim.issued_at);
            assert_eq!(id, signer.sign(&claim));
        }
    }

    #[test]
    fn the_longest_trips_ids_stay_below_four_hundred_characters() {
        let places = ["CGK", "NRT", "SIN", "LHR", "JFK", "GRU", "CGK"];
        let slice = |pair: &[&str]| SliceQuery {
            origin: pair[0].parse().unwrap(),
            destination: pair[1].parse().unwrap(),
            departure_date: "2027-01-20".parse().unwrap(),
        };
        let mix = PassengerMix::new(2, vec![2, 3, 4, 5, 6, 7, 8], 2).unwrap();
        let trip = Trip::new(places.windows(2).map(slice).collect(), mix, Cabin::Business).unwrap();
        let id = OfferSigner::new(key(1), vec![]).sign(&claim(trip));
        assert!(id.len() < 400, "{}", id.len());
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let signer = OfferSigner::new(key(1), vec![]);
        let id = signer.sign(&claim(trip()));
        for at in 0..id.len() {
            let mut bytes = id.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(signer.verify(&changed, now()).is_err(), "character {at}");
        }
    }

    #[test]
    fn a_short_secret_makes_no_key() {
        assert_eq!(SigningKey::new(1, &[0; 31]).err(), Some(WeakKey));
        assert_eq!(format!("{:?}", key(1)), "SigningKey(1)");
    }
}
