#!/usr/bin/env bash
#
# Goes back to the newest revision before the present one that has served and passed:
#
#   scripts/rollback.sh [--to REVISION]
#
# For the service and for its workers. Waits until the tasks serve; exits with 1 where there is nothing to go back to, or
# where it did not come up.
set -euo pipefail
# shellcheck source=scripts/deployment.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deployment.sh"

TO=
case $# in
  0) ;;
  2)
    [ "$1" = --to ] && [[ $2 =~ ^[0-9]+$ ]] || { echo "usage: $0 [--to REVISION]" >&2; exit 2; }
    TO=$2
    ;;
  *)
    echo "usage: $0 [--to REVISION]" >&2
    exit 2
    ;;
esac
need aws 'Install the AWS command line.'
need node 'Install Node 20 or newer.'

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
  present=$(aws ecs describe-services --cluster "$CLUSTER" --services "$service" --output json | json 'it.services[0]?.taskDefinition') ||
    die "$service cannot be looked at" 'Check CLUSTER, SERVICE, AWS_REGION and the credentials.'
  [ -n "$present" ] || die "$CLUSTER has no service $service" 'Set CLUSTER and SERVICE to where it runs.'
  revision=${present##*:}
  if [ -n "$TO" ] && [ "$family" = "$FAMILY" ]; then
    target=$family:$TO
  else
    target=$(proved_before "$family" "$revision") || die "the revisions of $family cannot be listed" 'See above.'
    [ -n "$target" ] || die "no revision of $family before $revision has served and passed" 'Name one with --to.'
  fi
  aws ecs update-service --cluster "$CLUSTER" --service "$service" --task-definition "$target" --output json >/dev/null ||
    die "$service was not updated" 'See above.'
  aws ecs wait services-stable --cluster "$CLUSTER" --services "$service" ||
    die "$service did not become stable with $target" 'aws ecs describe-services shows its events.'
  say "ok    $service is back at $target"
}

go_back "$SERVICE" "$FAMILY"
go_back "$WORKER" "$WORKER_FAMILY"
