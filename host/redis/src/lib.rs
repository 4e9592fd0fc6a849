//! What several nodes share through Redis: raw supersets behind each node's memory, the right to ask suppliers, word of
//! what has been put, and what is left in rate limits. Standalone, behind Sentinel, or a Cluster.
//!
//! Nothing here is the truth of anything: all of it may be gone at any time, and every caller has a way without it. A Redis
//! that does not answer costs a bounded wait until the breaker opens, and nothing after.

#![deny(missing_docs)]

mod breaker;
mod cache;
pub mod codec;
mod config;
mod dial;
mod doctor;
mod lease;
mod link;
mod metrics;
mod script;
mod slots;
mod tokens;
mod wake;

pub use cache::RedisCache;
pub use config::{Mode, RedisConfig, Tls};
pub use dial::ConfigError;
pub use link::{Failure, Link};
pub use metrics::Metrics;
pub use tokens::{Drawn, Tokens};
