//! Who asks, and under which key a request may be repeated.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An API key's row: the frontend that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ApiKeyId(pub Uuid);

/// The traveller's account, from the `sub` of a verified token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UserId(pub Uuid);

/// On whose behalf something is done: a frontend, and a user of it. A caller sees nobody else's bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The frontend.
    pub api_key: ApiKeyId,
    /// Its user.
    pub user: UserId,
}

/// An `Idempotency-Key` and the body that came with it. Keys are kept apart by caller and operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// As the header has it, 1 to 255 characters.
    pub key: String,
    /// SHA-256 of the request: its path and its body as it came.
    pub hash: [u8; 32],
}
