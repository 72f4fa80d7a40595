#!/usr/bin/env bash
# Puts `reconciler` on the path of a pipeline, from this checkout and its lock file, hashes checked.
# Usage: . ci/setup.sh [FOLDER]   FOLDER gets a virtual environment, and is used as it is if it has one.
# shellcheck disable=SC2317
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/acs-reconciler}
lock=requirements.lock
[ -z "${OTEL_EXPORTER_OTLP_ENDPOINT:-}" ] || lock=requirements-otel.lock # traces are wanted
if [ ! -x "$folder/bin/python" ]; then
    "${PYTHON:-python3}" -m venv "$folder" || return 1
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement "$home/$lock" || return 1
fi
mkdir -p "$folder/tool"
printf '#!/bin/sh\nPYTHONPATH=%q exec %q -m reconciler "$@"\n' "$home" "$folder/bin/python" \
    >"$folder/tool/reconciler"
chmod +x "$folder/tool/reconciler"
PATH="$folder/tool:$PATH"
export PATH
