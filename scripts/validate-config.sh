#!/usr/bin/env bash
#
# Looks at task definitions, filled in from the environment as scripts/deploy.sh does, and at what they name in AWS, before
# anything is deployed:
#
#   scripts/validate-config.sh [TASK-DEFINITION.json...]
#
# Without a file, at those of npm run synth for the service and for the workers; IMAGE is then to be set too. The first thing
# that is wrong ends it with 1 and says what to do: the platform, the memory, a variable or a secret, the cluster, a permission of the tasks' roles (by
# simulation), the checksums of the models, the certificate of an https URL.
set -euo pipefail
# shellcheck source=scripts/deployment.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deployment.sh"

[ $# -gt 0 ] || set -- "$SYNTHESIZED/task-definition.json" "$SYNTHESIZED/task-definition-worker.json"
if [[ $1 == -* ]]; then
  echo "usage: $0 [TASK-DEFINITION.json...]" >&2
  exit 2
fi
need aws 'Install the AWS command line.'
need node 'Install Node 20 or newer.'

LEAST_MEMORY=2048
NEEDED_VARIABLES='ENVIRONMENT STORAGE AWS_REGION DATA_DIR DYNAMODB_TABLE_NAME S3_BUCKET_NAME KMS_KEY_ID CLARITY_HEALTH_DATA_QUEUE COGNITO_USER_POOL_ID COGNITO_CLIENT_ID PAT_MODEL_BASE_DIR'
NEEDED_SECRETS='STUDY_KEY'

# What is looked at of the definition in hand: its values by name.
declare -A FACTS
read_definition() {
  local facts name value
  [ -r "$1" ] || die "$1 is not there" 'Run npm run synth, or name the file.'
  facts=$(filled "$1" | json "[
    ['platform', (it.runtimePlatform?.operatingSystemFamily ?? '?') + '/' + (it.runtimePlatform?.cpuArchitecture ?? '?')],
    ['memory', it.memory ?? 0],
    ['role', it.taskRoleArn ?? ''],
    ['open', [...new Set(JSON.stringify(it).match(/\\\$\\{\\w+\\}/g) ?? [])].join(' ')],
    ...(it.containerDefinitions?.[0]?.environment ?? []).map(({ name, value }) => ['variable:' + name, value]),
    ...(it.containerDefinitions?.[0]?.secrets ?? []).map(({ name, valueFrom }) => ['secret:' + name, valueFrom]),
  ].map((fact) => fact.join('\\t'))") || die "$1 cannot be read" 'Run npm run synth again.'
  FACTS=()
  while IFS=$'\t' read -r name value; do
    FACTS[$name]=$value
  done <<<"$facts"
}

variable() {
  echo "${FACTS[variable:$1]-}"
}

check_definition() {
  local name arn
  [ "${FACTS[platform]}" = LINUX/X86_64 ] ||
    die "the platform is ${FACTS[platform]}, not LINUX/X86_64" 'The image is built for linux/amd64: set runtimePlatform.'
  [ "${FACTS[memory]}" -ge "$LEAST_MEMORY" ] ||
    die "the memory is ${FACTS[memory]} MiB, below $LEAST_MEMORY" 'The model, an upload and Node do not fit: raise memory.'
  [ -z "${FACTS[open]}" ] || die "not filled in: ${FACTS[open]}" 'Set these in the environment of scripts/deploy.sh.'
  for name in $NEEDED_VARIABLES; do
    [ -n "${FACTS[variable:$name]-}" ] || die "the variable $name is missing" 'Add it to the environment of the container.'
  done
  for name in $NEEDED_SECRETS; do
    arn=${FACTS[secret:$name]-}
    [ -n "$arn" ] || die "the secret $name is missing" 'Add it to the secrets of the container.'
    aws secretsmanager describe-secret --secret-id "$arn" --output json >/dev/null ||
      die "the secret $arn of $name cannot be looked at" 'Make it, or let this role call secretsmanager:DescribeSecret.'
  done
}

for definition in "$@"; do
  read_definition "$definition"
  check_definition
  say "ok    platform, memory, variables and secrets of ${definition##*/}"
done

cluster=$(aws ecs describe-clusters --clusters "$CLUSTER" --output json) ||
  die "the cluster $CLUSTER cannot be looked at" 'Check AWS_REGION and the credentials.'
status=$(json 'it.clusters[0]?.status ?? "absent"' <<<"$cluster")
[ "$status" = ACTIVE ] || die "the cluster $CLUSTER is $status" 'Set CLUSTER to the one that the service runs in.'
for service in "$SERVICE" "$WORKER"; do
  found=$(aws ecs describe-services --cluster "$CLUSTER" --services "$service" --output json) ||
    die "the service $service cannot be looked at" 'Let this role call ecs:DescribeServices.'
  status=$(json 'it.services[0]?.status ?? "absent"' <<<"$found")
  [ "$status" = ACTIVE ] ||
    die "the service $service is $status in $CLUSTER" 'Set DEPLOYMENT, or CLUSTER, SERVICE and WORKER, to where it runs.'
  say "ok    $service runs in $CLUSTER"
done

ACTIONS=$SYNTHESIZED/task-actions.json
[ -r "$ACTIONS" ] || die "$ACTIONS is not there" 'Run npm run synth.'
words_of_actions=$(json 'Object.entries(it).map(([resource, actions]) => [resource, ...actions].join(" "))' <"$ACTIONS") ||
  die "$ACTIONS cannot be read" 'Run npm run synth again.'
FILES=$(mktemp -d)
trap 'rm -rf "$FILES"' EXIT

# what_a_task_uses: the names of the definition in hand.
what_a_task_uses() {
  role=${FACTS[role]}
  table=$(variable DYNAMODB_TABLE_NAME)
  bucket=$(variable S3_BUCKET_NAME)
  queue=$(variable CLARITY_HEALTH_DATA_QUEUE)
  pool=$(variable COGNITO_USER_POOL_ID)
  models=$(variable PAT_MODEL_BASE_DIR)
  account=$(cut -d: -f5 <<<"$role")
  models_bucket=${models#s3://}
  models_prefix=${models_bucket#*/}
  models_bucket=${models_bucket%%/*}
  partition=$(cut -d: -f2 <<<"$role")
}

arn_of() {
  case $1 in
    table) echo "arn:$partition:dynamodb:$AWS_REGION:$account:table/$table" ;;
    table-index) echo "arn:$partition:dynamodb:$AWS_REGION:$account:table/$table/index/processing-id-index" ;;
    uploads) echo "arn:$partition:s3:::$bucket" ;;
    upload-objects) echo "arn:$partition:s3:::$bucket/uploads/probe" ;;
    models) echo "arn:$partition:s3:::$models_bucket" ;;
    model-objects) echo "arn:$partition:s3:::$models_bucket/$models_prefix/manifest.json" ;;
    queues) echo "arn:$partition:sqs:$AWS_REGION:$account:$queue" ;;
    topic) variable CLARITY_SNS_TOPIC_ARN ;;
    data-key) variable KMS_KEY_ID ;;
    pool) echo "arn:$partition:cognito-idp:$AWS_REGION:$account:userpool/$pool" ;;
    # A name begins with a slash, and so does what follows "parameter" in its ARN.
    flags)
      [ -z "$(variable FEATURE_FLAGS_PARAMETER)" ] ||
        echo "arn:$partition:ssm:$AWS_REGION:$account:parameter$(variable FEATURE_FLAGS_PARAMETER)"
      ;;
    *) die "nothing is known of the resource $1" "Tell $0 what its ARN is." ;;
  esac
}

# A resource that the definition in hand does not name, such as the workers' feature flags, is one that its tasks never ask for.
check_permissions() {
  local resource words arn actions refused
  : >"$FILES/simulated"
  while read -r resource words; do
    arn=$(arn_of "$resource")
    [ -n "$arn" ] || continue
    read -ra actions <<<"$words"
    aws iam simulate-principal-policy --policy-source-arn "$role" --action-names "${actions[@]}" \
      --resource-arns "$arn" --output json >"$FILES/answer" ||
      die "the permissions of $role cannot be simulated" 'Let this role call iam:SimulatePrincipalPolicy.'
    { printf '%s\0' "$arn"; cat "$FILES/answer"; printf '\0'; } >>"$FILES/simulated"
  done <<<"$words_of_actions"
  refused=$(node -e '
    const parts = require("fs").readFileSync(process.argv[1], "utf8").split("\0");
    for (let i = 0; i + 1 < parts.length; i += 2)
      for (const one of JSON.parse(parts[i + 1]).EvaluationResults)
        if (one.EvalDecision !== "allowed") console.log(one.EvalActionName + " on " + parts[i]);
  ' "$FILES/simulated") || die "the simulation for $role cannot be read" 'See above.'
  [ -z "$refused" ] || die "$role lacks ${refused//$'\n'/, }" 'Deploy the stack of data, whose policy has them.'
  say "ok    $role may call what the adapters call"
}

check_models() {
  local converted name hash
  if ! aws s3 cp "$models/manifest.json" "$FILES/manifest.json" --quiet 2>"$FILES/why"; then
    cat "$FILES/why" >&2
    # S3 answers 404 for a bucket that is not there too.
    { grep -q '(404)\|(NoSuchKey)' "$FILES/why" && aws s3api head-bucket --bucket "$models_bucket" >/dev/null; } ||
      die "$models/manifest.json cannot be looked at" "Let this role call s3:GetObject and s3:ListBucket on $models_bucket."
    say "note  $models has no manifest: analyses have every number that needs no model"
    return 0
  fi
  converted=$(json 'it.models.map((one) => one.converted.file + " " + one.converted.sha256)' <"$FILES/manifest.json") ||
    die "$models/manifest.json is no manifest" 'Install the models again: npx clarity models install FILE --replace.'
  while read -r name hash; do
    [ -n "$name" ] || continue
    aws s3 cp "$models/$name" "$FILES/model" --quiet || die "$models/$name is not there" 'Install the model again.'
    [ "$(sha256sum "$FILES/model" | cut -d' ' -f1)" = "$hash" ] ||
      die "$models/$name is not what its manifest says" 'Run npx clarity models verify, and install the model again.'
  done <<<"$converted"
  say "ok    the models in $models are what their manifest says"
}

for definition in "$@"; do
  read_definition "$definition"
  what_a_task_uses
  check_permissions
  # Both kinds of tasks have the same models, as a rule.
  if [ "$models" != "${looked_at:-}" ]; then check_models; fi
  looked_at=$models
done

if [ -n "${CERTIFICATE_ARN:-}" ]; then
  certificate=$(aws acm describe-certificate --certificate-arn "$CERTIFICATE_ARN" --output json) ||
    die "the certificate $CERTIFICATE_ARN cannot be looked at" 'Check CERTIFICATE_ARN and AWS_REGION.'
  status=$(json 'it.Certificate.Status' <<<"$certificate")
  days=$(json 'Math.floor((Date.parse(it.Certificate.NotAfter) - Date.now()) / 86400000)' <<<"$certificate")
  { [ "$status" = ISSUED ] && [ "$days" -ge 0 ]; } ||
    die "the certificate is $status, with $days days left" 'Issue another one, and deploy the load balancer with it.'
  say "ok    the certificate is good for $days days"
elif [[ ${URL:-} == https://* ]]; then
  die "CERTIFICATE_ARN is not set, and $URL needs a certificate" 'Set it to the one of the load balancer: aws acm list-certificates.'
else
  say 'note  CERTIFICATE_ARN is not set, and no https URL: no certificate was looked at'
fi
