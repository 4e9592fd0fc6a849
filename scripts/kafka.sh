# Sourced: a Kafka broker, for tests and for who runs several nodes. Nothing outside this file knows which one it is.
# shellcheck shell=bash

# Exports INTERLINE_BROKER, a program for a broker on 127.0.0.1:
#
#   broker serve PORT FOLDER [CERTIFICATE KEY]   runs it in the foreground; with a certificate over TLS alone, and for users
#   broker user PORT NAME PASSWORD               gives one in the clear a user, who proves himself by SCRAM-SHA-512
need_broker() {
    local version=0.8.1 folder
    # Optimised no further than tests need, since that is built quicker. The folder says so: everybody measures the same one.
    folder=$CACHE/tools/nisshi-$version-o1
    [ -x "$folder/bin/nisshi" ] || install_broker "$version" "$folder"
    export INTERLINE_BROKER=$CARGO_TARGET_DIR/kafka-broker
    mkdir -p "$CARGO_TARGET_DIR"
    cat >"$INTERLINE_BROKER.$$" <<END
#!/bin/sh
command=\$1 port=\$2
shift 2
if [ "\$command" = user ]; then exec "$folder/bin/nisshi" user create --broker "tcp://127.0.0.1:\$port" "\$@"; fi
cd "\$1" && exec setpriv --pdeathsig KILL -- "$folder/bin/nisshi" broker --storage-engine sqlite://nisshi.db \\
    --listener-url "tcp://127.0.0.1:\$port" --advertised-listener-url "tcp://127.0.0.1:\$port" \\
    --group-initial-rebalance-delay 100ms --group-poll-interval 100ms \\
    \${2:+--authentication --cert "\$2" --key "\$3"}
END
    chmod +x "$INTERLINE_BROKER.$$"
    mv "$INTERLINE_BROKER.$$" "$INTERLINE_BROKER"
}

install_broker() {
    mkdir -p "$2"
    # Two checkouts may want it at once.
    exec 7>"$2/lock"
    flock 7
    if [ ! -x "$2/bin/nisshi" ]; then
        say "installing nisshi $1, a Kafka broker (once; it takes some ten minutes)"
        # A target folder that stays until all is built: an interrupted installation goes on where it was.
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR=$2/target cargo install --root "$2" --version "$1" \
            --locked --no-default-features --features libsql --ignore-rust-version nisshi 7>&-
        rm -rf "$2/target"
    fi
    exec 7>&-
}
