#!/usr/bin/env bash
# Everything that can be told without running the code.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/python.sh
source scripts/tools.sh
source scripts/promtool.sh
export SQLX_OFFLINE=true

need_rust
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
done

say "released WIT"
scripts/wit-released.sh check
say "scripts"
for script in scripts/*.sh deploy/*.sh .ci/run; do bash -n "$script"; done
say "alerts"
need_promtool
"$promtool" check config deploy/prometheus/prometheus.yaml
"$promtool" test rules deploy/prometheus/tests.yaml
say "formatting"
cargo fmt --all --check
say "clippy"
cargo clippy "${locked[@]}" --workspace --all-targets -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc "${locked[@]}" --workspace --no-deps
say "unused dependencies"
need_tool cargo-machete 0.9.2
cargo machete
say "licences, bans and sources of dependencies"
need_deny
# Advisories are left out: they come from a git repository that is not reachable from everywhere.
cargo deny "${locked[@]}" check licenses bans sources
say "lint: all is well"
