//! API keys: what they look like, what they may do, and for whom they speak.

use interline_domain::money::Currency;
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use url::Url;
use uuid::Uuid;

const PREFIX: &str = "ik_live_";

/// The text of an API key, as a frontend holds it. It can be shown once, when it is made; only its hash is stored.
pub struct Secret(String);

impl Secret {
    /// A new key of 256 random bits.
    pub fn generate() -> Self {
        Self(format!("{PREFIX}{}", hex::encode(rand::random::<[u8; 32]>())))
    }

    /// Text that looks like a key; none if it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        (rest.len() == 64 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }

    /// What is stored. A plain hash is enough for 256 random bits: there is nothing to guess.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(&self.0).into())
    }

    /// The last characters, by which people tell keys apart.
    pub fn hint(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// The key itself, to hand to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// SHA-256 of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Search and verify.
    Search,
    /// Make and read bookings and payments.
    Book,
    /// Cancel bookings.
    Cancel,
}

/// Every scope.
pub const SCOPES: [Scope; 3] = [Scope::Search, Scope::Book, Scope::Cancel];

impl Scope {
    /// As it stands in the database and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Book => "book",
            Self::Cancel => "cancel",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = SCOPES.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is no scope; there are: search, book, cancel"))
    }
}

/// An API key as stored: everything but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which bookings and logs name it by.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Name of a rate plan in the configuration.
    pub rate_plan: String,
    /// What it sells as.
    pub market: Market,
    /// How its users prove who they are; none: it has no users and can't book.
    pub users: Option<UserTokens>,
}

/// What a key's searches and prices are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    /// ISO 3166 alpha-2 country of sale.
    pub point_of_sale: String,
    /// Sales channel, as the rule sets know it (`web`, `app`, …).
    pub channel: String,
    /// Customer segment, as the rule sets know it (`retail`, …).
    pub customer_segment: String,
    /// Prices are shown in it unless the request asks for another.
    pub currency: Currency,
    /// Name of the set of suppliers and credentials searched with.
    pub credential_set: String,
}

/// How the users of a key are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTokens {
    /// `iss` of their tokens.
    pub issuer: String,
    /// `aud` of their tokens.
    pub audience: String,
    /// Public keys that sign them.
    pub keys: KeySource,
}

/// Where a JWKS (RFC 7517) is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Here.
    Set(JwkSet),
    /// To be fetched, and fetched again.
    Url(Url),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_long_random_and_never_printed() {
        let (one, other) = (Secret::generate(), Secret::generate());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(Secret::parse(one.reveal()).map(|key| key.hash()), Some(one.hash()));
        assert!(!format!("{one:?}").contains(one.hint()));
        for wrong in ["", "ik_live_", "ik_live_zz", &one.reveal().to_uppercase(), &format!("{}0", one.reveal())] {
            assert!(Secret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
