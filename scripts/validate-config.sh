#!/usr/bin/env bash
#
# Looks at a filled-in task definition and at what it names in AWS, before anything is deployed:
#
#   scripts/validate-config.sh [TASK-DEFINITION.json]
#
# The first thing that is wrong ends it with 1 and says what to do: the platform, the memory, a variable or a secret, the
# cluster, a permission of the task's role (by simulation), the checksums of the models, the certificate.
set -euo pipefail
# shellcheck source=scripts/deployment.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deployment.sh"

DEFINITION=${1:-$SYNTHESIZED/task-definition.json}
[ $# -le 1 ] || { echo "usage: $0 [TASK-DEFINITION.json]" >&2; exit 2; }
need aws 'Install the AWS command line.'
need node 'Install Node 20 or newer.'
[ -r "$DEFINITION" ] || die "$DEFINITION is not there" 'Run npm run synth, or name the file.'

LEAST_MEMORY=2048
NEEDED_VARIABLES='ENVIRONMENT STORAGE AWS_REGION DATA_DIR DYNAMODB_TABLE_NAME S3_BUCKET_NAME KMS_KEY_ID CLARITY_HEALTH_DATA_QUEUE COGNITO_USER_POOL_ID COGNITO_CLIENT_ID PAT_MODEL_BASE_DIR'
NEEDED_SECRETS='STUDY_KEY'

# What is looked at of the definition, read once: a name and a value a line.
declare -A FACTS
while IFS=$'\t' read -r name value; do
  FACTS[$name]=$value
done < <(json "[
  ['platform', (it.runtimePlatform?.operatingSystemFamily ?? '?') + '/' + (it.runtimePlatform?.cpuArchitecture ?? '?')],
  ['memory', it.memory ?? 0],
  ['role', it.taskRoleArn ?? ''],
  ['open', [...new Set(JSON.stringify(it).match(/\\\$\\{\\w+\\}/g) ?? [])].join(' ')],
  ...(it.containerDefinitions?.[0]?.environment ?? []).map(({ name, value }) => ['variable:' + name, value]),
  ...(it.containerDefinitions?.[0]?.secrets ?? []).map(({ name, valueFrom }) => ['secret:' + name, valueFrom]),
].map((fact) => fact.join('\\t'))" <"$DEFINITION")

variable() {
  echo "${FACTS[variable:$1]-}"
}

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
say 'ok    platform, memory, variables and secrets'

cluster=$(aws ecs describe-clusters --clusters "$CLUSTER" --output json) ||
  die "the cluster $CLUSTER cannot be looked at" 'Check AWS_REGION and the credentials.'
status=$(json 'it.clusters[0]?.status ?? "absent"' <<<"$cluster")
[ "$status" = ACTIVE ] || die "the cluster $CLUSTER is $status" 'Set CLUSTER to the one that the service runs in.'
found=$(aws ecs describe-services --cluster "$CLUSTER" --services "$SERVICE" --output json) ||
  die "the service $SERVICE cannot be looked at" 'Let this role call ecs:DescribeServices.'
status=$(json 'it.services[0]?.status ?? "absent"' <<<"$found")
[ "$status" = ACTIVE ] || die "the service $SERVICE is $status in $CLUSTER" 'Set CLUSTER and SERVICE to where it runs.'
say "ok    $SERVICE runs in $CLUSTER"

ACTIONS=$SYNTHESIZED/task-actions.json
[ -r "$ACTIONS" ] || die "$ACTIONS is not there" 'Run npm run synth.'
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
    flags) echo "arn:$partition:ssm:$AWS_REGION:$account:parameter$(variable FEATURE_FLAGS_PARAMETER)" ;;
    *) die "nothing is known of the resource $1" "Tell $0 what its ARN is." ;;
  esac
}

FILES=$(mktemp -d)
trap 'rm -rf "$FILES"' EXIT

while read -r resource words; do
  arn=$(arn_of "$resource")
  [ -n "$arn" ] || continue
  read -ra actions <<<"$words"
  aws iam simulate-principal-policy --policy-source-arn "$role" --action-names "${actions[@]}" \
    --resource-arns "$arn" --output json >"$FILES/answer" ||
    die "the permissions of $role cannot be simulated" 'Let this role call iam:SimulatePrincipalPolicy.'
  { printf '%s\0' "$arn"; cat "$FILES/answer"; printf '\0'; } >>"$FILES/simulated"
done < <(json 'Object.entries(it).map(([resource, actions]) => [resource, ...actions].join(" "))' <"$ACTIONS")
refused=$(node -e '
  const parts = require("fs").readFileSync(process.argv[1], "utf8").split("\0");
  for (let i = 0; i + 1 < parts.length; i += 2)
    for (const one of JSON.parse(parts[i + 1]).EvaluationResults)
      if (one.EvalDecision !== "allowed") console.log(one.EvalActionName + " on " + parts[i]);
' "$FILES/simulated")
[ -z "$refused" ] || die "$role lacks ${refused//$'\n'/, }" 'Deploy the stack clarity-data, whose policy has them.'
say "ok    $role may call what the adapters call"

if aws s3 cp "$models/manifest.json" "$FILES/manifest.json" --quiet; then
  while read -r name hash; do
    aws s3 cp "$models/$name" "$FILES/model" --quiet || die "$models/$name is not there" 'Install the model again.'
    [ "$(sha256sum "$FILES/model" | cut -d' ' -f1)" = "$hash" ] ||
      die "$models/$name is not what its manifest says" 'Run npx clarity models verify, and install the model again.'
  done < <(json 'it.models.map((one) => one.converted.file + " " + one.converted.sha256)' <"$FILES/manifest.json")
  say 'ok    the models are what their manifest says'
else
  say "note  $models has no manifest: analyses have every number that needs no model"
fi

if [ -n "${CERTIFICATE_ARN:-}" ]; then
  certificate=$(aws acm describe-certificate --certificate-arn "$CERTIFICATE_ARN" --output json) ||
    die "the certificate $CERTIFICATE_ARN cannot be looked at" 'Check CERTIFICATE_ARN and AWS_REGION.'
  status=$(json 'it.Certificate.Status' <<<"$certificate")
  days=$(json 'Math.floor((Date.parse(it.Certificate.NotAfter) - Date.now()) / 86400000)' <<<"$certificate")
  { [ "$status" = ISSUED ] && [ "$days" -ge 0 ]; } ||
    die "the certificate is $status, with $days days left" 'Issue another one, and deploy the load balancer with it.'
  say "ok    the certificate is good for $days days"
else
  say 'note  CERTIFICATE_ARN is not set: the certificate was not looked at'
fi
