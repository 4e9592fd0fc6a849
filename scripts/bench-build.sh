# Sourced: builds what is measured, and sets the variables by which the program finds it.
# shellcheck shell=bash

export INTERLINE_COMPONENTS=$COMPONENTS INTERLINE_BIN=$CARGO_TARGET_DIR/release/interline SQLX_OFFLINE=true
export INTERLINE_BENCH_COMPONENTS=$CARGO_TARGET_DIR/bench-components

say "building what is measured (the first time takes some minutes)"
cargo build "${locked[@]}" --release --workspace --bin interline --bin interline-bench
cargo build "${locked[@]}" --profile component --target wasm32-unknown-unknown -p interline-bench-rules
mkdir -p "$INTERLINE_BENCH_COMPONENTS"
cp tests/bench-rules/manifest.toml "$INTERLINE_BENCH_COMPONENTS/fares.toml"
"$CARGO_TARGET_DIR/debug/componentize" --out "$INTERLINE_BENCH_COMPONENTS" \
    "fares=$CARGO_TARGET_DIR/wasm32-unknown-unknown/component/interline_bench_rules.wasm"
