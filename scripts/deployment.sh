# Sourced by deploy.sh, rollback.sh and validate-config.sh: what is deployed where, how JSON is read, and how tasks are waited for.
# shellcheck shell=bash

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")
# Where npm run synth has written to.
SYNTHESIZED=${SYNTHESIZED:-$ROOT/cdk.out}
AWS_REGION=${AWS_REGION:-us-east-1}
# The name in the deployment's description: what the stacks make is called by it. An existing cluster has its own.
DEPLOYMENT=${DEPLOYMENT:-clarity}
CLUSTER=${CLUSTER:-$DEPLOYMENT-backend-cluster}
SERVICE=${SERVICE:-$DEPLOYMENT-backend-service}
FAMILY=${FAMILY:-$DEPLOYMENT-backend}
WORKER=${WORKER:-$DEPLOYMENT-worker-service}
WORKER_FAMILY=${WORKER_FAMILY:-$DEPLOYMENT-worker}
# How long new tasks may take until all of them serve, and how often that is looked at.
WAIT_SECONDS=${WAIT_SECONDS:-900}
LOOK_SECONDS=${LOOK_SECONDS:-10}
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

# filled FILE: prints it with the environment's values in the place of placeholders such as ${LOG_GROUP}.
filled() {
  node -e '
    const text = require("fs").readFileSync(process.argv[1], "utf8");
    process.stdout.write(text.replace(/\$\{(\w+)\}/g, (all, name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? all : JSON.stringify(value).slice(1, -1);
    }));
  ' "$1"
}

# wait_for SERVICE REVISION: until all of the service's tasks are of that revision, by its ARN or as FAMILY:NUMBER; fails
# where ECS has gone back itself. `aws ecs wait services-stable` would also be content with another revision.
wait_for() {
  local until_second=$((SECONDS + WAIT_SECONDS)) state
  while :; do
    state=$(aws ecs describe-services --cluster "$CLUSTER" --services "$1" --output json |
      json "(() => { const first = it.services[0].deployments.find((one) => one.status === 'PRIMARY');
        return ('/' + first.taskDefinition).endsWith('/$2') ? first.rolloutState : 'GONE'; })()") || return 1
    case $state in
      COMPLETED) return 0 ;;
      FAILED | GONE) return 1 ;;
    esac
    [ "$SECONDS" -lt "$until_second" ] || return 1
    sleep "$LOOK_SECONDS"
  done
}
