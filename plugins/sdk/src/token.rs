//! Tokens: what an adapter needs later to go on with an offer or an order, kept by the host without being read.
//!
//! A token may come back on another node, after a restart, and to a newer version of the adapter: it is JSON, so that a
//! field added with `#[serde(default)]` reads the old ones too. At most 64 KiB, and no secret or passenger's name in it.

use crate::fault;
use crate::types::Fault;
use serde::{Serialize, de::DeserializeOwned};

/// The longest token that the contract allows.
pub const LONGEST: usize = 64 * 1024;

/// A value → token.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    let token = serde_json::to_vec(value).map_err(|why| fault::unsupported(format!("no token: {why}")))?;
    if token.len() > LONGEST { Err(fault::unsupported("the token is over 64 KiB")) } else { Ok(token) }
}

/// Token → value. One that can't be read was made by an adapter too old or too new: the offer has to be searched again.
pub fn decode<T: DeserializeOwned>(token: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(token).map_err(|why| fault::offer_expired(format!("the token can't be read: {why}")))
}
