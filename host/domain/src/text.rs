//! Short texts: there are dozens in an offer, most of them codes of a few letters.

/// A text whose first 16 bytes take no memory of their own; longer ones are shared by their copies.
pub use lean_string::LeanString as Text;
