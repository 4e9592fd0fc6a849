//! The whole journey, across crates, against real components and the sandbox.
