# Sourced by deploy.sh, rollback.sh and validate-config.sh: what is deployed where, and how JSON is read.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# Where npm run synth has written to.
SYNTHESIZED=${SYNTHESIZED:-$ROOT/cdk.out}
AWS_REGION=${AWS_REGION:-us-east-1}
CLUSTER=${CLUSTER:-clarity-backend-cluster}
SERVICE=${SERVICE:-clarity-backend-service}
FAMILY=${FAMILY:-clarity-backend}
WORKER=${WORKER:-clarity-worker-service}
WORKER_FAMILY=${WORKER_FAMILY:-clarity-worker}
export AWS_REGION
# Version 1 of the command line reads this one.
export AWS_DEFAULT_REGION=$AWS_REGION
export AWS_PAGER=

say() {
  printf '%s\n' "$*"
}

# die WHAT WHAT-TO-DO: the first thing that is wrong ends the script.
die() {
  printf 'FAIL  %s\n      %s\n' "$1" "$2" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || die "$1 is not installed" "$2"
}

# json EXPRESSION: reads JSON from the standard input as `it`, and prints what the expression comes to; a list a line each.
json() {
  node -e '
    const it = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const found = new Function("it", "return " + process.argv[1])(it);
    if (found !== undefined && found !== null) console.log([found].flat().join("\n"));
  ' "$1"
}
