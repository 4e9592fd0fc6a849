//! Real Redis servers for tests: alone, behind Sentinels, and as a cluster; and nodes that share them.
//!
//! Tests need `INTERLINE_REDIS`, the folder of Redis' programs; `make test` sees to it.

pub mod cluster;
pub mod node;
pub mod sentinel;
pub mod server;
pub mod tls;
pub mod wait;
