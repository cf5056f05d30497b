#!/usr/bin/env bash
#
# Deploys an image to the service and its workers, without CloudFormation:
#
#   scripts/deploy.sh [--build] [--tag TAG]
#
# Fills in cdk.out/task-definition.json and task-definition-worker.json (npm run synth) from the environment, validates,
# registers, updates, waits until the new tasks serve, and walks through the service. Whatever fails ends it with 1; where
# new tasks were serving by then, it goes back to the revision before.
#
#   REPOSITORY_URI   where images are, such as 111111111111.dkr.ecr.us-east-1.amazonaws.com/clarity-backend
#   URL              where the service is reached afterwards; the smoke tests run there
#   TASK_ROLE_ARN, EXECUTION_ROLE_ARN, LOG_GROUP, STUDY_KEY_ARN, ... each placeholder of the task definitions; the workers'
#                    own are WORKER_EXECUTION_ROLE_ARN and WORKER_LOG_GROUP
#   DEPLOYMENT       the name in the deployment's description (clarity); CLUSTER, SERVICE, FAMILY, WORKER and WORKER_FAMILY
#                    where they are not called by it
#   CERTIFICATE_ARN  the certificate of an https URL
#   SMOKE_EMAIL, SMOKE_PASSWORD   who walks through the service, where nobody is signed in by registering
#   --build          builds and pushes the image of this tree first, which has to be committed; its tag is the commit
#   --tag TAG        an image that is there already
set -euo pipefail
# shellcheck source=scripts/deployment.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deployment.sh"

BUILD=false
TAG=
while [ $# -gt 0 ]; do
  case $1 in
    --build) BUILD=true ;;
    --tag)
      [ $# -ge 2 ] || { echo "usage: $0 [--build] [--tag TAG]" >&2; exit 2; }
      TAG=$2
      shift
      ;;
    *)
      echo "usage: $0 [--build] [--tag TAG]" >&2
      exit 2
      ;;
  esac
  shift
done

need aws 'Install the AWS command line.'
need node 'Install Node 20 or newer.'
[ -n "${REPOSITORY_URI:-}" ] || die 'REPOSITORY_URI is not set' 'Name the ECR repository.'
[ -n "${URL:-}" ] || die 'URL is not set' 'Say where the service is reached.'

if [ "$BUILD" = true ]; then
  [ -z "$(git -C "$ROOT" status --porcelain)" ] || die 'the tree has changes' 'Commit them: the tag names a commit.'
  TAG=${TAG:-$(git -C "$ROOT" rev-parse --short=12 HEAD)}
  BUILDER=${BUILDER:-docker}
  need "$BUILDER" 'Install it, or set BUILDER to podman or buildah.'
  aws ecr get-login-password | "$BUILDER" login --username AWS --password-stdin "${REPOSITORY_URI%%/*}" >/dev/null ||
    die "$BUILDER cannot sign in to ${REPOSITORY_URI%%/*}" 'Let this role call ecr:GetAuthorizationToken.'
  "$BUILDER" build --platform linux/amd64 -t "$REPOSITORY_URI:$TAG" "$ROOT" || die 'the image was not built' 'See above.'
  "$BUILDER" push "$REPOSITORY_URI:$TAG" || die 'the image was not pushed' 'See above.'
  say "ok    built and pushed $REPOSITORY_URI:$TAG"
fi
[ -n "$TAG" ] || die 'no image is named' 'Use --build, or --tag TAG.'
aws ecr describe-images --repository-name "${REPOSITORY_URI#*/}" --image-ids "imageTag=$TAG" --output json >/dev/null ||
  die "$REPOSITORY_URI has no image $TAG" 'Use --build, or another tag.'

FILLED=$(mktemp -d)
trap 'rm -rf "$FILLED"' EXIT
export IMAGE=$REPOSITORY_URI:$TAG

# fill FILE: those without a value stay, and are found by validation.
fill() {
  [ -r "$SYNTHESIZED/$1" ] || die "$SYNTHESIZED/$1 is not there" 'Run npm run synth.'
  filled "$SYNTHESIZED/$1" >"$FILLED/$1"
}
fill task-definition.json
fill task-definition-worker.json
"$HERE/validate-config.sh" "$FILLED/task-definition.json" "$FILLED/task-definition-worker.json"

register() {
  aws ecs register-task-definition --cli-input-json "file://$FILLED/$1" --output json | json 'it.taskDefinition.taskDefinitionArn'
}
update() {
  aws ecs update-service --cluster "$CLUSTER" --service "$1" --task-definition "$2" --output json >/dev/null
}

serving() {
  aws ecs describe-services --cluster "$CLUSTER" --services "$1" --output json | json 'it.services[0].taskDefinition'
}
web_before=$(serving "$SERVICE") || die "$SERVICE cannot be looked at" 'See above.'
worker_before=$(serving "$WORKER") || die "$WORKER cannot be looked at" 'See above.'
web=$(register task-definition.json) || die 'the task definition was not registered' 'See above.'
worker=$(register task-definition-worker.json) || die "the workers' task definition was not registered" 'See above.'
say "ok    registered $web and $worker"

CHANGED=()
# go_back WHY: what was updated gets the revision it had, and the script ends.
go_back() {
  local pair
  say "note  $1; going back"
  for pair in "${CHANGED[@]}"; do
    { update "${pair%% *}" "${pair#* }" && wait_for "${pair%% *}" "${pair#* }"; } ||
      die "$1, and going back to ${pair#* } failed too" 'See docs/runbook.md#going-back.'
  done
  die "$1" 'The revision before serves. The events of the service and its log say why.'
}

# Workers first: what new tasks ask for, they can do.
update "$WORKER" "$worker" || die "$WORKER was not updated" 'See above; nothing was changed.'
CHANGED=("$WORKER $worker_before")
wait_for "$WORKER" "$worker" || go_back 'the new workers did not come up'
update "$SERVICE" "$web" || go_back "$SERVICE was not updated"
CHANGED=("$SERVICE $web_before" "${CHANGED[@]}")
wait_for "$SERVICE" "$web" || go_back 'the new tasks did not come to serve'
say "ok    all tasks are of $web"

SMOKE=${SMOKE:-$HERE/smoke-test.sh}
"$SMOKE" "$URL" || go_back 'the walk through the service failed'

# A revision that served and passed is one that can be gone back to.
for arn in "$web" "$worker"; do
  aws ecs tag-resource --resource-arn "$arn" --tags key=proved,value=true ||
    die "$arn was not marked as proved" 'It serves; let this role call ecs:TagResource, so that going back finds it.'
done
say "ok    $IMAGE serves at $URL"
