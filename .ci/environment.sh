# shellcheck shell=sh
# Makes a virtual environment and installs this checkout into it. Sourced by quickstart, run-tests and .ci/run,
# from the top of the checkout. POSIX sh, and nothing beyond Python and pip: Debian and Ubuntu leave out `ensurepip`
# unless python3-venv is installed, and mark their own Python as closed to pip; both are fine here.

# Prints the newest Python on PATH that is new enough and can make virtual environments.
find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        # A name on PATH may be a shim without a Python behind it: only running it tells.
        if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        echo "Rota needs Python 3.11 or newer with its venv module; found only $(python3 --version 2>&1)." >&2
    else
        echo "Rota needs Python 3.11 or newer; there is no python3 on PATH." >&2
    fi
    return 1
}

# make_environment FOLDER [EXTRA]: an up-to-date environment is left as it is, which takes no time.
make_environment() {
    environment=$1
    extra=${2:+[$2]}
    stamp="$environment/rota-installed${2:+-$2}"
    wanted="$(pwd) $(cksum <pyproject.toml)"
    if [ -x "$environment/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi

    python=$(find_python) || return 1
    echo "Installing Rota into $environment with $("$python" --version); this takes a minute the first time ..." >&2
    mkdir -p "$environment"
    log="$environment/install.log"
    if ! install_rota "$python" "$environment" "$extra" >"$log" 2>&1; then
        echo "The installation failed; the end of $log says:" >&2
        tail -n 15 "$log" >&2
        return 1
    fi
    echo "$wanted" >"$stamp"
}

# install_rota PYTHON FOLDER EXTRA
install_rota() {
    if ! "$2/bin/python" -c '' 2>/dev/null; then
        if "$1" -c 'import ensurepip'; then
            "$1" -m venv "$2" || return 1
        else
            "$1" -m venv --without-pip "$2" || return 1
        fi
    fi
    if "$2/bin/python" -m pip --version; then
        "$2/bin/python" -m pip install --disable-pip-version-check --editable ".$3"
    elif "$1" -m pip --version; then
        "$1" -m pip --python "$2/bin/python" install --disable-pip-version-check --editable ".$3"
    else
        pip --python "$2/bin/python" install --disable-pip-version-check --editable ".$3"
    fi
}
