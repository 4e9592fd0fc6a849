# Sourced after prerequisites.sh: Redis, which tests start as they need it.
#
#   need_redis   exports INTERLINE_REDIS, the folder of its programs, and INTERLINE_REDIS_LIB, that of their libraries if
#                they were unpacked
#
# It is unpacked also by who could install it: the package would start a server that nobody asked for.
# shellcheck shell=bash

need_redis() {
    local unpacked=$CACHE/redis
    INTERLINE_REDIS_LIB=
    if command -v redis-server >/dev/null; then
        INTERLINE_REDIS=$(dirname "$(command -v redis-server)")
    else
        [ -x "$unpacked/usr/bin/redis-server" ] || unpack_packages "$unpacked" redis-server
        INTERLINE_REDIS=$unpacked/usr/bin
        INTERLINE_REDIS_LIB=$(libraries_below "$unpacked")
        [ -x "$INTERLINE_REDIS/redis-server" ] || die "Redis was unpacked, but its server is not to be found"
    fi
    export INTERLINE_REDIS INTERLINE_REDIS_LIB
}
