#!/usr/bin/env bash
#
# Goes back to the newest revision before the present one that has served and passed:
#
#   scripts/rollback.sh [--to REVISION | --mark-proved]
#
# For the service and for its workers. Waits until the tasks serve; exits with 1 where there is nothing to go back to, or
# where it did not come up.
#
#   --to REVISION    of the service, in the place of the newest one
#   --mark-proved    goes nowhere: what runs now has passed, and can be gone back to later. For deployments by
#                    CloudFormation, after scripts/smoke-test.sh; scripts/deploy.sh marks what it deploys itself
set -euo pipefail
# shellcheck source=scripts/deployment.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deployment.sh"

usage() {
  echo "usage: $0 [--to REVISION | --mark-proved]" >&2
  exit 2
}
TO=
MARK=false
case $# in
  0) ;;
  1)
    [ "$1" = --mark-proved ] || usage
    MARK=true
    ;;
  2)
    [ "$1" = --to ] && [[ $2 =~ ^[0-9]+$ ]] || usage
    TO=$2
    ;;
  *) usage ;;
esac
need aws 'Install the AWS command line.'
need node 'Install Node 20 or newer.'

# present_of SERVICE: the revision that it is to run.
present_of() {
  local present
  present=$(aws ecs describe-services --cluster "$CLUSTER" --services "$1" --output json | json 'it.services[0]?.taskDefinition') ||
    die "$1 cannot be looked at" 'Check DEPLOYMENT, CLUSTER, SERVICE, WORKER, AWS_REGION and the credentials.'
  [ -n "$present" ] || die "$CLUSTER has no service $1" 'Set CLUSTER, SERVICE and WORKER to where it runs.'
  echo "$present"
}

if [ "$MARK" = true ]; then
  web=$(present_of "$SERVICE")
  worker=$(present_of "$WORKER")
  for pair in "$SERVICE $web" "$WORKER $worker"; do
    wait_for "${pair%% *}" "${pair#* }" ||
      die "not all tasks of ${pair%% *} are of ${pair#* }" 'Mark it once the deployment has come to its end.'
  done
  for arn in "$web" "$worker"; do
    aws ecs tag-resource --resource-arn "$arn" --tags key=proved,value=true ||
      die "$arn was not marked as proved" 'Let this role call ecs:TagResource.'
    say "ok    $arn can be gone back to"
  done
  exit 0
fi

# proved_before FAMILY REVISION: the newest proved revision below it.
proved_before() {
  local arns arn tags
  arns=$(aws ecs list-task-definitions --family-prefix "$1" --status ACTIVE --sort DESC --output json |
    json "it.taskDefinitionArns.filter((arn) => arn.split('/')[1].split(':')[0] === '$1' && Number(arn.split(':').at(-1)) < $2)") || return 1
  for arn in $arns; do
    tags=$(aws ecs list-tags-for-resource --resource-arn "$arn" --output json) || return 1
    if [ "$(json 'it.tags.some(({ key, value }) => key === "proved" && value === "true")' <<<"$tags")" = true ]; then
      echo "$arn"
      return 0
    fi
  done
}

go_back() {
  local service=$1 family=$2 present revision target
  present=$(present_of "$service")
  revision=${present##*:}
  if [ -n "$TO" ] && [ "$family" = "$FAMILY" ]; then
    target=$family:$TO
  else
    target=$(proved_before "$family" "$revision") || die "the revisions of $family cannot be listed" 'See above.'
    [ -n "$target" ] ||
      die "no revision of $family before $revision has served and passed" \
        'Name one with --to; after a deployment by CloudFormation, set imageTag back and deploy.'
  fi
  aws ecs update-service --cluster "$CLUSTER" --service "$service" --task-definition "$target" --output json >/dev/null ||
    die "$service was not updated" 'See above.'
  wait_for "$service" "$target" ||
    die "$service did not come to serve with $target" 'aws ecs describe-services shows its events.'
  say "ok    $service is back at $target"
}

go_back "$SERVICE" "$FAMILY"
go_back "$WORKER" "$WORKER_FAMILY"
