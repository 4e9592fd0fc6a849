//! Who calls: API keys for frontends, JWTs for their users.

pub mod access;
pub mod jwks;
pub mod key;
pub mod store;
pub mod user;
