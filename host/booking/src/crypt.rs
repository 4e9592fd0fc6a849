//! Encryption by booking: a data key for each, wrapped with a master key. Destroying the data key erases what it sealed.

use crate::config::MasterKey;
use crate::failure::Failure;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

const NONCE: usize = 12;

/// The master keys: the first wraps, all unwrap.
pub(crate) struct Keyring {
    active: String,
    keys: HashMap<String, Aes256Gcm>,
}

impl Keyring {
    /// Fails without a key, on a key that is not 64 hexadecimal digits, and on two keys of one name.
    pub(crate) fn new(configured: &[MasterKey]) -> Result<Self, Failure> {
        let active = configured.first().ok_or_else(|| Failure::broken("no master key is configured"))?.id.clone();
        let mut keys = HashMap::new();
        for key in configured {
            let malformed = || Failure::broken(format!("master key `{}` is not 64 hexadecimal digits", key.id));
            let bytes = hex::decode(&key.hex).map_err(|_| malformed())?;
            let cipher = Aes256Gcm::new_from_slice(&bytes).map_err(|_| malformed())?;
            if keys.insert(key.id.clone(), cipher).is_some() {
                return Err(Failure::broken(format!("there are two master keys `{}`", key.id)));
            }
        }
        Ok(Self { active, keys })
    }

    /// Mints and stores the key of a new booking.
    pub(crate) async fn mint(&self, conn: &mut PgConnection, booking: Uuid) -> Result<BookingKey, Failure> {
        let bytes: [u8; 32] = rand::random();
        let master = self.keys.get(&self.active).ok_or_else(|| Failure::broken("the master key is gone"))?;
        let wrapped = seal(master, &wrapping(booking, &self.active), &bytes)?;
        sqlx::query!(
            "INSERT INTO booking_keys (booking_id, master_key, wrapped) VALUES ($1, $2, $3)",
            booking,
            self.active,
            wrapped
        )
        .execute(conn)
        .await?;
        BookingKey::new(booking, &bytes)
    }

    /// The key of a booking; none if it was destroyed.
    pub(crate) async fn load(&self, conn: &mut PgConnection, booking: Uuid) -> Result<Option<BookingKey>, Failure> {
        let row = sqlx::query!("SELECT master_key, wrapped FROM booking_keys WHERE booking_id = $1", booking)
            .fetch_optional(conn)
            .await?;
        let Some((master, wrapped)) = row.and_then(|row| Some((row.master_key, row.wrapped?))) else {
            return Ok(None);
        };
        let cipher = self
            .keys
            .get(&master)
            .ok_or_else(|| Failure::broken(format!("the master key `{master}` is not configured any more")))?;
        let bytes = open(cipher, &wrapping(booking, &master), &wrapped)?;
        BookingKey::new(booking, &bytes).map(Some)
    }
}

/// The data key of one booking.
pub(crate) struct BookingKey {
    booking: Uuid,
    cipher: Aes256Gcm,
}

impl BookingKey {
    fn new(booking: Uuid, bytes: &[u8]) -> Result<Self, Failure> {
        let cipher = Aes256Gcm::new_from_slice(bytes).map_err(|_| Failure::broken("a booking's key is malformed"))?;
        Ok(Self { booking, cipher })
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        Self::new(Uuid::nil(), &[3; 32]).unwrap()
    }

    /// `{"enc": …}`: what is sealed opens for the same booking and purpose alone.
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Value, Failure> {
        let sealed = seal(&self.cipher, &binding(self.booking, purpose), plain)?;
        Ok(json!({ "enc": STANDARD.encode(sealed) }))
    }

    /// The reverse of [`Self::seal`].
    pub(crate) fn open(&self, purpose: &str, envelope: &Value) -> Result<Vec<u8>, Failure> {
        let text = envelope["enc"].as_str().ok_or_else(|| Failure::broken("this is no sealed envelope"))?;
        let sealed = STANDARD.decode(text).map_err(|_| Failure::broken("a sealed envelope is malformed"))?;
        open(&self.cipher, &binding(self.booking, purpose), &sealed)
    }
}

fn wrapping(booking: Uuid, master: &str) -> String {
    format!("interline:key:{booking}:{master}")
}

fn binding(booking: Uuid, purpose: &str) -> String {
    format!("interline:{purpose}:{booking}")
}

fn seal(cipher: &Aes256Gcm, aad: &str, plain: &[u8]) -> Result<Vec<u8>, Failure> {
    let nonce: [u8; NONCE] = rand::random();
    let payload = Payload { msg: plain, aad: aad.as_bytes() };
    let sealed = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| Failure::broken("sealing failed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(cipher: &Aes256Gcm, aad: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
    let broken = || Failure::broken("what was sealed does not open: another key, or it was tampered with");
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: aad.as_bytes() }).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_booking_and_purpose_alone() {
        let booking = Uuid::new_v4();
        let key = BookingKey::new(booking, &[7; 32]).unwrap();
        let envelope = key.seal("passenger", b"X1234567").unwrap();
        assert_eq!(key.open("passenger", &envelope).unwrap(), b"X1234567");
        assert!(!envelope.to_string().contains("X1234567"));
        assert!(key.open("payload", &envelope).is_err());
        assert!(BookingKey::new(Uuid::new_v4(), &[7; 32]).unwrap().open("passenger", &envelope).is_err());
        assert!(BookingKey::new(booking, &[8; 32]).unwrap().open("passenger", &envelope).is_err());
    }

    #[test]
    fn a_service_without_a_usable_master_key_does_not_start() {
        let key = |id: &str, hex: &str| MasterKey { id: id.into(), hex: hex.into() };
        assert!(Keyring::new(&[]).is_err());
        assert!(Keyring::new(&[key("a", "00ff")]).is_err());
        assert!(Keyring::new(&[key("a", &"0".repeat(64)), key("a", &"1".repeat(64))]).is_err());
        assert!(Keyring::new(&[key("a", &"0".repeat(64)), key("b", &"1".repeat(64))]).is_ok());
    }
}
