# Sourced: a Kafka broker for tests and for `make run`. Nothing outside this file knows which one it is.
# shellcheck shell=bash

# Exports INTERLINE_BROKER, a program that runs a broker on 127.0.0.1 in the foreground: broker PORT FOLDER
need_broker() {
    local version=0.8.1 folder
    folder=$CACHE/tools/nisshi-$version
    export INTERLINE_BROKER=$folder/broker
    [ -x "$INTERLINE_BROKER" ] && return
    mkdir -p "$folder"
    # Two checkouts may want it at once.
    exec 7>"$folder/lock"
    flock 7
    if [ ! -x "$INTERLINE_BROKER" ]; then
        say "installing nisshi $version, a Kafka broker (once; it takes some ten minutes)"
        # A target folder that stays until all is built: an interrupted installation goes on where it was. Optimised no
        # further than tests need: that is built quicker.
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR=$folder/target nice cargo install --root "$folder" --version "$version" --locked \
            --no-default-features --features libsql --ignore-rust-version nisshi 7>&-
        cat >"$folder/broker.partial" <<END
#!/bin/sh
cd "\$2" && exec setpriv --pdeathsig KILL -- "$folder/bin/nisshi" broker --storage-engine sqlite://nisshi.db \\
    --listener-url "tcp://127.0.0.1:\$1" --advertised-listener-url "tcp://127.0.0.1:\$1" \\
    --group-initial-rebalance-delay 100ms --group-poll-interval 100ms
END
        chmod +x "$folder/broker.partial"
        mv "$folder/broker.partial" "$INTERLINE_BROKER"
        rm -rf "$folder/target"
    fi
    exec 7>&-
}
