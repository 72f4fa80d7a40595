#!/usr/bin/env bash
# The step of action.yml. Everything it is told comes in variables, and none of it is ever evaluated.
set -euo pipefail

work=${RUNNER_TEMP:?}/reconciler-reports
mkdir -p "$work"
environment=()
[ -z "${INPUT_ENVIRONMENT:-}" ] || environment=(--env "$INPUT_ENVIRONMENT")
options=("${environment[@]}")
[ -z "${INPUT_TARGET:-}" ] || options+=(--target "$INPUT_TARGET")
extra=()
while IFS= read -r line; do
    [ -z "$line" ] || extra+=("$line")
done <<<"${INPUT_ARGS:-}"

# Signs in to Azure without a secret: the token of this workflow becomes a file, as azure-identity
# wants it. It is read at the first request, and lasts longer than it takes to get there.
if [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ] && [ -n "${AZURE_CLIENT_ID:-}" ]; then
    export AZURE_FEDERATED_TOKEN_FILE=${RUNNER_TEMP}/azure-token
    (
        umask 077
        curl --silent --show-error --fail --retry 3 \
            --header @<(echo "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN") \
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=api://AzureADTokenExchange" |
            sed 's/.*"value": *"\([^"]*\)".*/\1/' >"$AZURE_FEDERATED_TOKEN_FILE"
    )
fi

code=0
case ${INPUT_COMMAND:?} in
validate)
    reconciler validate -o github "${environment[@]}" "${extra[@]}" || code=$?
    ;;
plan)
    reports=(--report "json=$work/plan.json" --report "markdown=$work/plan.md"
        --report "html=$work/plan.html" --out "$work/plan.sealed.json")
    reconciler plan --quiet -o github "${options[@]}" "${reports[@]}" "${extra[@]}" || code=$?
    ;;
apply)
    reconciler apply --quiet --yes "${options[@]}" "${extra[@]}" >"$work/apply.txt" || code=$?
    cat "$work/apply.txt"
    ;;
drift)
    reports=(--report "json=$work/drift.json" --report "markdown=$work/drift.md"
        --report "html=$work/drift.html" --report "sarif=$work/drift.sarif")
    reconciler drift --quiet "${options[@]}" "${reports[@]}" "${extra[@]}" || code=$?
    ;;
dns)
    reports=(--report "markdown=$work/dns.md")
    reconciler dns check -o github "${options[@]}" "${reports[@]}" "${extra[@]}" || code=$?
    ;;
setup)
    echo "${PATH%%:*}" >>"${GITHUB_PATH:?}"
    [ -z "${AZURE_FEDERATED_TOKEN_FILE:-}" ] ||
        echo "AZURE_FEDERATED_TOKEN_FILE=$AZURE_FEDERATED_TOKEN_FILE" >>"${GITHUB_ENV:?}"
    ;;
stale)
    reconciler publish stale "${extra[@]}" || code=$?
    ;;
*)
    echo "::error::there is no command '$INPUT_COMMAND': validate, plan, apply, drift, dns, stale or setup"
    exit 64
    ;;
esac

report=$work/$INPUT_COMMAND
[ ! -f "$report.md" ] || cat "$report.md" >>"${GITHUB_STEP_SUMMARY:?}"
[ ! -f "$report.json" ] || reconciler publish outputs "$report.json"
{
    echo "exit-code=$code"
    echo "reports=$work"
} >>"${GITHUB_OUTPUT:?}"
if [ "${INPUT_COMMENT:-false}" = true ] && [ -f "$work/plan.md" ]; then
    reconciler publish comment "$work/plan.md" --env "${INPUT_ENVIRONMENT:-}"
fi
if [ "${INPUT_ISSUES:-false}" = true ] && [ -f "$work/drift.json" ]; then
    reconciler publish issues "$work/drift.json"
fi
# Changes and drift are a result, and so is a plan that waits for DNS or Azure, not a failure: whoever
# wants them to fail looks at the output.
case $INPUT_COMMAND:$code in *:2 | plan:6) code=0 ;; esac
exit "$code"
