# Sourced: Schemathesis, which holds the running gateway against its OpenAPI document.
# shellcheck shell=bash

# Exports INTERLINE_SCHEMATHESIS, the path of the program; a test of tests/journey starts it.
need_schemathesis() {
    local version=4.32.5 folder python unpacked=$CACHE/python libraries=
    folder=$CACHE/tools/schemathesis-$version
    export INTERLINE_SCHEMATHESIS=$folder/schemathesis
    [ -x "$INTERLINE_SCHEMATHESIS" ] && return
    say "installing Schemathesis $version (once)"
    rm -rf "$folder"
    mkdir -p "$folder"
    if is_root && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then apt_install python3 python3-venv; fi
    if python3 -c 'import ensurepip, venv' 2>/dev/null; then
        python3 -m venv "$folder/venv"
        "$folder/venv/bin/python" -m pip install -q --disable-pip-version-check "schemathesis==$version"
    else
        [ -d "$unpacked" ] || unpack_packages "$unpacked" python3 python3-pip
        libraries=$(libraries_below "$unpacked")
        python=$(command -v python3 || echo "$unpacked/usr/bin/python3")
        LD_LIBRARY_PATH=$libraries "$python" -m venv --without-pip "$folder/venv"
        LD_LIBRARY_PATH=$libraries PYTHONPATH=$unpacked/usr/lib/python3/dist-packages \
            "$python" -m pip --python "$folder/venv/bin/python" install -q --disable-pip-version-check "schemathesis==$version"
    fi
    # Written last, so that an interrupted installation is begun anew.
    cat >"$folder/schemathesis.partial" <<END
#!/bin/sh
${libraries:+export LD_LIBRARY_PATH=$libraries}
exec "$folder/venv/bin/python" -m schemathesis.cli "\$@"
END
    chmod +x "$folder/schemathesis.partial"
    mv "$folder/schemathesis.partial" "$INTERLINE_SCHEMATHESIS"
}
