#!/usr/bin/env bash
# Builds the adapter duffel with cargo-component instead of plain cargo, to prove that the contract suits both.
#
# It works on a copy: cargo-component wants a section in the manifest and writes bindings beside the sources, and plain
# cargo has no use for either.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh
source scripts/tools.sh

need_rust
need_tool cargo-component 0.21.1
copy=$CACHE/cargo-component/source
mkdir -p "$CACHE/cargo-component"
exec 9>"$CACHE/cargo-component/lock"
flock -n 9 || { say "waiting for another checkout that does the same" && flock 9; }
rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | xargs -0 ls -d 2>/dev/null | tar -c -T - | tar -x -C "$copy"
cat >>"$copy/plugins/duffel/Cargo.toml" <<'END'

[package.metadata.component]
package = "interline:duffel"
proxy = true

[package.metadata.component.target]
path = "../../wit/supplier"
world = "flight-supplier"

[package.metadata.component.target.dependencies]
"interline:types" = { path = "../../wit/types" }
"interline:host" = { path = "../../wit/host" }
END

# A target folder of its own: another target, other metadata, nothing in common with plain cargo's.
export CARGO_TARGET_DIR=$CACHE/cargo-component/target
cd "$copy"
cargo component build "${locked[@]}" --release -p duffel
built=$CARGO_TARGET_DIR/wasm32-wasip1/release/duffel.wasm
[ "$(head -c 8 "$built" | od -An -tx1 | tr -d ' ')" = 0061736d0d000100 ] || die "$built is no component"
say "cargo-component made $built, $(($(stat -c %s "$built") / 1024)) KB"
