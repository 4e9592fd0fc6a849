//! The whole journey, and everything that can go wrong on it. One program, since each takes long to link.

mod cancellations;
mod events;
mod killed_worker;
mod openapi;
mod payments;
mod rates;
mod repeats;
mod searches;
mod suppliers_fail;
mod traces;
mod trips;
