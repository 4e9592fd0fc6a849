//! The interline binary: configuration, wiring, subcommands.

fn main() {}
