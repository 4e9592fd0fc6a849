# Sourced after prerequisites.sh: programs from PyPI that tests and lint need, each in an environment of its own.
# shellcheck shell=bash

# python_program NAME VERSION ARGUMENTS: sets `program` to one that starts Python with ARGUMENTS, where the package is.
python_program() {
    local name=$1 version=$2 folder
    folder=$CACHE/tools/$name-$version
    program=$folder/$name
    [ -x "$program" ] && return
    mkdir -p "$CACHE/tools"
    # Two checkouts may want it at once.
    exec 7>"$folder.lock"
    flock 7
    [ -x "$program" ] || install_python_program "$@"
    exec 7>&-
}

install_python_program() {
    local name=$1 version=$2 arguments=$3 folder python unpacked=$CACHE/python libraries=
    folder=$CACHE/tools/$name-$version
    say "installing $name $version (once)"
    rm -rf "$folder"
    mkdir -p "$folder"
    if is_root && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then apt_install python3 python3-venv; fi
    if python3 -c 'import ensurepip, venv' 2>/dev/null; then
        python3 -m venv "$folder/venv"
        "$folder/venv/bin/python" -m pip install -q --only-binary :all: --disable-pip-version-check \
            "$name==$version"
    else
        [ -d "$unpacked" ] || unpack_packages "$unpacked" python3 python3-pip
        libraries=$(libraries_below "$unpacked")
        python=$(command -v python3 || echo "$unpacked/usr/bin/python3")
        LD_LIBRARY_PATH=$libraries "$python" -m venv --without-pip "$folder/venv"
        LD_LIBRARY_PATH=$libraries PYTHONPATH=$unpacked/usr/lib/python3/dist-packages \
            "$python" -m pip --python "$folder/venv/bin/python" install -q --only-binary :all: \
            --disable-pip-version-check "$name==$version"
    fi
    # Written last, so that an interrupted installation is begun anew.
    cat >"$folder/$name.partial" <<END
#!/bin/sh
${libraries:+export LD_LIBRARY_PATH=$libraries}
exec "$folder/venv/bin/python" $arguments "\$@"
END
    chmod +x "$folder/$name.partial"
    mv "$folder/$name.partial" "$folder/$name"
}

# Exports INTERLINE_SCHEMATHESIS, which holds a running gateway against its OpenAPI document: a test of tests/journey
# starts it.
need_schemathesis() {
    python_program schemathesis 4.32.5 "-m schemathesis.cli"
    export INTERLINE_SCHEMATHESIS=$program
}

# Exports INTERLINE_AIOSMTPD, a Python that has the mail server: tests of host/booking start one with it.
need_aiosmtpd() {
    python_program aiosmtpd 1.4.6 ""
    export INTERLINE_AIOSMTPD=$program
}
