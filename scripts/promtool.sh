# Sourced: promtool, which holds Prometheus' rules against their tests. It alone is taken out of the distribution's package
# `prometheus`; nothing is installed.
# shellcheck shell=bash

# Sets promtool to the path of the program.
need_promtool() {
    local folder=$CACHE/tools/promtool partial
    promtool=$(command -v promtool || true)
    [ -z "$promtool" ] || return 0
    promtool=$folder/promtool
    [ ! -x "$promtool" ] || return 0
    command -v apt-get >/dev/null || die "this is no Debian: install promtool by hand, then try again"
    say "fetching promtool (once)"
    mkdir -p "$folder"
    partial=$(mktemp -d "$folder/partial.XXXXXX")
    (
        cd "$partial"
        # Without fresh lists the package may not be found.
        apt-get download -q prometheus || { is_root && apt-get update -q && apt-get download -q prometheus; }
        dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
    ) || die "the package prometheus could not be fetched: run 'apt-get update' as root, then try again"
    # Two checkouts may do this at once: the one's program is as good as the other's.
    mv "$partial/usr/bin/promtool" "$promtool"
    rm -rf "$partial"
}
