//! What nodes share through Redis: one server, sentinels, and a real cluster.

mod faults;
mod leases;
mod nodes;
