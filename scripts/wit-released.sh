#!/usr/bin/env bash
# A released version of the contract never changes: wit/RELEASED keeps the SHA-256 of each of its files.
#   wit-released.sh check     fails if a released file was changed or removed
#   wit-released.sh record    adds the files that are not in the list yet
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/env.sh"

case ${1:-} in
check)
    sha256sum --check --quiet wit/RELEASED >&2 || die "a released version of the contract was changed.
       Put it back, and say what is new in a new interface; CONTRIBUTING.md tells how."
    ;;
record)
    find wit -name '*.wit' | sort | while read -r file; do
        grep -qF "  $file" wit/RELEASED 2>/dev/null || sha256sum "$file" >>wit/RELEASED
    done
    ;;
*) die "usage: $0 check|record" ;;
esac
