//! The subcommands, one file each.

pub mod attention;
pub mod check;
pub mod demo;
pub mod key;
pub mod migrate;
pub mod payloads;
pub mod plugin;
pub mod serve;
