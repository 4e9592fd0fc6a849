#!/usr/bin/env bash
# Builds every adapter and rule set that has a manifest into $CARGO_TARGET_DIR/components: NAME.wasm beside NAME.toml.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"
source scripts/prerequisites.sh

# The value of a key in the first table of a TOML file.
value() { sed -n "s/^$2 *= *\"\([^\"]*\)\".*/\1/p" "$1" | head -n1; }
core_of() { printf '%s/%s/component/%s.wasm' "$CARGO_TARGET_DIR" "$1" "${2//-/_}"; }

# Puts a file in place at once, and only if it changed: a gateway that watches the folder reloads what did.
place() {
    cmp -s "$1" "$2" && return
    cp "$1" "$2.partial"
    mv "$2.partial" "$2"
}

need_rust
need_wasm_targets
adapters=() rule_sets=() placed=()
for manifest in plugins/*/manifest.toml rules/*/manifest.toml; do
    [ -f "$manifest" ] || continue
    folder=$(dirname "$manifest")
    entry="$(value "$manifest" name) $(value "$folder/Cargo.toml" name) $manifest"
    case $folder in
    plugins/*) adapters+=("$entry") ;;
    rules/*) rule_sets+=("$entry") ;;
    esac
done
packages() { printf '%s\n' "$@" | sed 's/^[^ ]* \([^ ]*\) .*/-p \1/'; }

mkdir -p "$COMPONENTS"
if [ ${#adapters[@]} != 0 ]; then
    say "building the adapters"
    # shellcheck disable=SC2046
    cargo build "${locked[@]}" --profile component --target wasm32-wasip2 $(packages "${adapters[@]}")
    for entry in "${adapters[@]}"; do
        read -r name package manifest <<<"$entry"
        place "$(core_of wasm32-wasip2 "$package")" "$COMPONENTS/$name.wasm"
        place "$manifest" "$COMPONENTS/$name.toml"
        placed+=("$name")
    done
fi
if [ ${#rule_sets[@]} != 0 ]; then
    say "building the rule sets"
    # shellcheck disable=SC2046
    cargo build "${locked[@]}" --profile component --target wasm32-unknown-unknown $(packages "${rule_sets[@]}")
    cargo build "${locked[@]}" --workspace --bin componentize
    cores=()
    for entry in "${rule_sets[@]}"; do
        read -r name package manifest <<<"$entry"
        cores+=("$name=$(core_of wasm32-unknown-unknown "$package")")
        place "$manifest" "$COMPONENTS/$name.toml"
        placed+=("$name")
    done
    "$CARGO_TARGET_DIR/debug/componentize" --out "$COMPONENTS" "${cores[@]}"
fi

# What was built of a folder that is gone would still be loaded.
for file in "$COMPONENTS"/*; do
    name=$(basename "$file")
    [[ " ${placed[*]} " == *" ${name%.*} "* ]] || rm -f "$file"
done
say "components: $(ls -C -w 0 "$COMPONENTS" 2>/dev/null)"
