# Sourced: the balancer before several gateways, from the distribution's package.
# shellcheck shell=bash

# Exports INTERLINE_HAPROXY, the program; INTERLINE_HAPROXY_LIBRARIES, where its libraries are if the package was unpacked and
# not installed; INTERLINE_HAPROXY_CONFIG, its settings, which lack only the gateways.
need_haproxy() {
    local unpacked=$CACHE/haproxy
    export INTERLINE_HAPROXY=/usr/sbin/haproxy INTERLINE_HAPROXY_CONFIG=$ROOT/scripts/haproxy.cfg
    [ -x "$INTERLINE_HAPROXY" ] && return
    if is_root; then
        apt_install haproxy
    else
        [ -d "$unpacked" ] || unpack_packages "$unpacked" haproxy
        INTERLINE_HAPROXY=$unpacked/usr/sbin/haproxy
        INTERLINE_HAPROXY_LIBRARIES=$(libraries_below "$unpacked")
        export INTERLINE_HAPROXY_LIBRARIES
    fi
    [ -x "$INTERLINE_HAPROXY" ] || die "HAProxy was installed, but $INTERLINE_HAPROXY is not to be found"
}
