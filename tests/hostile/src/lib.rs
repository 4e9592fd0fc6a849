//! A place to let components misbehave in: a host with a folder of its own, and a far side that counts what reaches it.

mod build;
mod far_side;
mod lab;

pub use far_side::FarSide;
pub use lab::{Lab, contract_order, search};
