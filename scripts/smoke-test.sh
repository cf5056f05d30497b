#!/usr/bin/env bash
#
# Walks through a running service as a new person and checks what it answers:
#
#   scripts/smoke-test.sh http://127.0.0.1:8000
#
# Prints a line a check and a summary. Exits with 0 if all checks passed, with 1 if one failed, with 2 if it was called
# wrongly. It needs bash, curl and node 20 or newer. The person is erased at the end.
#
#   SMOKE_EMAIL, SMOKE_PASSWORD   somebody who is there already, for services at which nobody is signed in by registering
#                                 (addresses are confirmed first, or ENABLE_SELF_SIGNUP=false). They are to be nobody's
#                                 own: no second factor, nothing kept. Only what this run has uploaded is deleted.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 URL" >&2
  exit 2
fi
URL=${1%/}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
export DIR

PASSED=0
FAILED=0
STATUS=000
TOKEN=
USER_ID=
SMOKE_EMAIL=${SMOKE_EMAIL:-}
SMOKE_PASSWORD=${SMOKE_PASSWORD:-}
if [ -n "$SMOKE_EMAIL" ] && [ -z "$SMOKE_PASSWORD" ]; then
  echo "$0: SMOKE_EMAIL is set, SMOKE_PASSWORD is not: set both, or neither" >&2
  exit 2
fi
export SMOKE_EMAIL SMOKE_PASSWORD

ok() {
  PASSED=$((PASSED + 1))
  printf 'ok    %s\n' "$1"
}

fail() {
  FAILED=$((FAILED + 1))
  printf 'FAIL  %s: %s\n' "$1" "$2"
}

summary() {
  printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
  [ "$FAILED" -eq 0 ]
}

# call METHOD PATH [curl options]: leaves the answer in STATUS and in the folder; 000 where there was none.
call() {
  local method=$1 path=$2
  shift 2
  : >"$DIR/body"
  : >"$DIR/headers"
  if [ "$method" = HEAD ]; then set -- --head "$@"; else set -- --request "$method" "$@"; fi
  STATUS=$(curl --silent --max-time 60 --output "$DIR/body" --dump-header "$DIR/headers" --write-out '%{http_code}' \
    "$@" "$URL$path") || STATUS=${STATUS:-000}
}

# As the person.
mine() {
  local method=$1 path=$2
  shift 2
  call "$method" "$path" --header "Authorization: Bearer $TOKEN" "$@"
}

json() { # json METHOD PATH FILE [curl options]
  local method=$1 path=$2 file=$3
  shift 3
  mine "$method" "$path" --header 'Content-Type: application/json' --data-binary "@$DIR/$file" "$@"
}

# What a JavaScript expression makes of the last answer: `b` is its body, `h(name)` a header, `sent(file)` a file of ours.
answer() {
  node -e '
    const { readFileSync } = require("node:fs");
    const read = (name) => readFileSync(`${process.env.DIR}/${name}`, "utf8");
    const parsed = (text) => { try { return JSON.parse(text); } catch { return text; } };
    const headers = new Map(read("headers").split(/\r?\n/).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const given = { b: parsed(read("body")), h: (name) => headers.get(name) ?? "", sent: (name) => parsed(read(name)) };
    let value;
    try { value = new Function(...Object.keys(given), `return (${process.argv[1]})`)(...Object.values(given)); } catch { value = ""; }
    process.stdout.write(String(value ?? ""));
  ' "$1"
}

# expect NAME STATUS [EXPRESSION]: the last answer has this status, and the expression is true of it.
expect() {
  local name=$1 status=$2 expression=${3:-true}
  if [ "$STATUS" != "$status" ]; then
    fail "$name" "answered $STATUS instead of $status: $(head -c 300 "$DIR/body" | tr '\n' ' ')"
  elif [ "$(answer "$expression")" != true ]; then
    fail "$name" "not so: $expression in $(head -c 300 "$DIR/body" | tr '\n' ' ')"
  else
    ok "$name"
  fi
}

# problem NAME STATUS CODE [EXPRESSION]: the last answer is a whole problem document with this code.
problem() {
  local name=$1 status=$2 code=$3 more=${4:-true}
  expect "$name" "$status" "
    h('content-type').startsWith('application/problem+json') &&
    b.type === 'https://api.clarity.health/problems/$code' && b.code === '$code' && b.status === $status &&
    typeof b.title === 'string' && typeof b.detail === 'string' && b.instance.startsWith('/') &&
    b.request_id !== '' && b.request_id === h('x-request-id') && ($more)"
}

# socket NAME PATH greets|closes VALUE
socket() {
  local reason
  if reason=$(node "$HERE/smoke-websocket.mjs" "$URL" "$2" "$3" "$4" 2>&1); then ok "$1"; else fail "$1" "$reason"; fi
}

call GET /health
if [ "$STATUS" = 000 ]; then
  fail 'the service answers' "nobody is there at $URL"
  summary || exit 1
fi

# Everything that is sent, made before it is needed: a new person, three metrics, two simulated days of activity counts.
node -e '
  const { randomUUID } = require("node:crypto");
  const { writeFileSync } = require("node:fs");
  const write = (name, value) => writeFileSync(`${process.env.DIR}/${name}`, typeof value === "string" ? value : JSON.stringify(value));
  const MINUTE = 60_000;
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000;
  const at = (ms) => new Date(ms).toISOString();
  const email = `smoke-${randomUUID()}@example.org`;
  write("register", { email, password: `Smoke-${randomUUID()}-7X` });
  write("prepared", { email: process.env.SMOKE_EMAIL, password: process.env.SMOKE_PASSWORD });
  write("weak", { email, password: "weak" });
  write("wrong-login", { email: `smoke-${randomUUID()}@example.org`, password: "Wrong-horse-7" });
  write("upload", {
    user_id: "USER_ID",
    upload_source: "smoke_test",
    client_timestamp: at(midnight),
    metrics: [61, 64, 58].map((heart_rate, i) => ({
      metric_id: randomUUID(),
      metric_type: "heart_rate",
      biometric_data: { heart_rate },
      created_at: at(midnight - (i + 1) * 3_600_000),
    })),
  });
  // Still at night, moving by day in a pattern that has no chance in it.
  write("minutes", {
    data_points: Array.from({ length: 2880 }, (_, i) => {
      const hour = (i / 60) % 24;
      const awake = hour >= 7 && hour < 23;
      return { timestamp: at(midnight - (2880 - i) * MINUTE), value: awake ? 200 + ((i * 7919) % 401) : i % 97 === 0 ? 20 : 0 };
    }),
  });
  write("from", at(midnight - 86_400_000));
  write("to", at(midnight));
  write("malformed", "{\"user_id\": ");
  write("large", `{"padding":"${"x".repeat(6 * 1024 * 1024)}"}`);
  write("nobody", randomUUID());
'
# with FILE EXPRESSION: changes a file that is to be sent; `v` is what is in it.
with() {
  node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const [from, to, expression] = process.argv.slice(1);
    const v = JSON.parse(readFileSync(`${process.env.DIR}/${from}`, "utf8"));
    writeFileSync(`${process.env.DIR}/${to}`, JSON.stringify(new Function("v", `return (${expression})`)(v)));
  ' "$1" "$2" "$3"
}
NOBODY=$(cat "$DIR/nobody")
FROM=$(cat "$DIR/from")
TO=$(cat "$DIR/to")

expect 'health: the process is up' 200 "b.status === 'healthy'"
call GET /api/v1/health
expect 'health: for the load balancer' 200 "b.status === 'healthy' && typeof b.timestamp === 'string'"
call GET /api/v1/health/ready
expect 'health: everything that is needed works' 200 "Object.keys(b.checks).length > 0"
call GET /api/v1/health/detailed
expect 'health: each dependency has its latency' 200 "typeof b.checks.database.latency_ms === 'number'"
call HEAD /api/v1/health
expect 'health: HEAD answers as GET does' 200 "h('content-type').startsWith('application/json')"

call GET /openapi.json
expect 'documents: OpenAPI 3.1' 200 "b.openapi.startsWith('3.1') && '/api/v1/health-data' in b.paths"
call GET /docs
expect 'documents: the page' 200 "h('content-type').startsWith('text/html')"
call GET /problems/validation-error
expect 'documents: a page a problem' 200 "h('content-type').startsWith('text/html')"

if [ -n "$SMOKE_EMAIL" ]; then
  # Whoever registered here would be left behind unconfirmed, and a mail would go to nobody: a weak password stores nothing.
  call POST /api/v1/auth/register --header 'Content-Type: application/json' --data-binary "@$DIR/weak"
  if [ "$STATUS" = 403 ]; then
    problem 'auth: nobody registers by themselves' 403 sign-up-disabled
  else
    problem 'auth: nobody registers with a weak password' 400 weak-password
  fi
  call POST /api/v1/auth/login --header 'Content-Type: application/json' --data-binary "@$DIR/prepared"
  expect 'auth: the prepared person logs in' 200 "b.token_type === 'bearer' && typeof b.refresh_token === 'string'"
else
  call POST /api/v1/auth/register --header 'Content-Type: application/json' --data-binary "@$DIR/register"
  expect 'auth: a new person registers and is signed in' 201 "b.token_type === 'bearer' && typeof b.refresh_token === 'string'"
  case $STATUS in
    202) echo '      Addresses are confirmed first: set SMOKE_EMAIL and SMOKE_PASSWORD to a confirmed person, see docs/deploy.md.' ;;
    403) echo '      Nobody registers by themselves: set SMOKE_EMAIL and SMOKE_PASSWORD to a person made for this, see docs/deploy.md.' ;;
  esac
fi
TOKEN=$(answer 'b.access_token')
if [ -z "$TOKEN" ]; then
  fail 'everything else' 'it needs a person who is signed in'
  summary || exit 1
fi
mine GET /api/v1/auth/me
expect 'auth: who I am' 200 "b.email === (process.env.SMOKE_EMAIL || sent('register').email)"
USER_ID=$(answer 'b.user_id')
with upload upload "{ ...v, user_id: '$USER_ID' }"
if [ -n "$SMOKE_EMAIL" ]; then
  mine GET /api/v1/health-data
  expect 'auth: the prepared person keeps nothing; what a run left that was ended is to be deleted' 200 'b.data.length === 0'
fi

json POST /api/v1/health-data upload
expect 'upload: a batch is stored' 201 'b.accepted_metrics === 3 && b.rejected_metrics === 0'
UPLOAD=$(answer 'b.processing_id')
STATE=
for _ in $(seq 1 120); do
  mine GET "/api/v1/health-data/processing/$UPLOAD"
  STATE=$(answer 'b.status')
  case "$STATE" in received | processing) sleep 0.5 ;; *) break ;; esac
done
expect 'upload: its processing completes' 200 "b.status === 'completed' && b.progress === 1"
json POST /api/v1/health-data upload
expect 'upload: sent again it is counted as duplicates' 201 'b.accepted_metrics === 0 && b.duplicate_metrics === 3'
SECOND=$(answer 'b.processing_id')

mine GET '/api/v1/health-data?limit=2'
expect 'list: a page that is not the last has a cursor' 200 \
  "b.data.length === 2 && b.pagination.has_next && b.pagination.next_cursor !== null"
cp "$DIR/body" "$DIR/first-page"
CURSOR=$(answer 'encodeURIComponent(b.pagination.next_cursor)')
mine GET "/api/v1/health-data?limit=2&cursor=$CURSOR"
expect 'list: the cursor leads to what follows' 200 \
  "b.data.length === 1 && !b.pagination.has_next && sent('first-page').data.every((metric) => metric.metric_id !== b.data[0].metric_id)"
mine GET "/api/v1/health-data/series?metric_type=biometric_data.heart_rate&from=$FROM&to=$TO&resolution=day"
expect 'series: a day of heart rate is one bin' 200 "b.bins.length === 1 && b.bins[0].value === 61 && b.bins[0].count === 3"

json POST /api/v1/pat/analysis minutes
expect 'analysis: two days of minutes are analysed' 200 "b.status === 'completed' && b.analysis.user_id === '$USER_ID'"
ANALYSIS=$(answer 'b.analysis_id')
mine GET "/api/v1/pat/analysis/$ANALYSIS"
expect 'analysis: it is kept' 200 "b.status === 'completed' && b.processing_id === '$ANALYSIS'"

printf '{"processing_id":"%s"}' "$ANALYSIS" >"$DIR/insight"
json POST /api/v1/insights insight
expect 'insight: written about the analysis' 200 "b.success && b.data.user_id === '$USER_ID' && b.data.narrative.length > 0"
INSIGHT=$(answer 'b.metadata.insight_id')
mine GET "/api/v1/insights/$INSIGHT"
expect 'insight: it is kept' 200 "b.success && b.data.narrative.length > 0"
mine GET "/api/v1/insights/history/$USER_ID"
expect 'insight: it is in the history' 200 \
  "b.data.insights[0].id === '$INSIGHT' && (b.data.total_count === 1 || process.env.SMOKE_EMAIL !== '')"

socket 'websocket: greets and answers a heartbeat' "/api/v1/ws/smoke-test?token=$TOKEN" greets "$USER_ID"
socket 'websocket: the health-analysis socket too' "/api/v1/ws/health-analysis/$USER_ID?token=$TOKEN" greets "$USER_ID"
socket 'websocket: closed with 4001 without a token' /api/v1/ws/smoke-test closes 4001
socket 'websocket: closed with 4003 with a wrong one' '/api/v1/ws/smoke-test?token=wrong' closes 4003

call GET /api/v1/health-data
problem 'refused: 401 without a token' 401 authentication-required "h('www-authenticate').startsWith('Bearer')"
call GET /api/v1/health-data --header 'Authorization: Bearer wrong'
problem 'refused: 401 with a wrong token' 401 authentication-required
with upload foreign "{ ...v, user_id: '$NOBODY' }"
json POST /api/v1/health-data foreign
problem 'refused: 403 for the user_id of somebody else' 403 authorization-denied
mine GET "/api/v1/health-data/processing/$NOBODY"
problem 'refused: 404 for an unknown id' 404 resource-not-found
mine GET /api/v1/nothing-here
problem 'refused: 404 for an unknown path' 404 resource-not-found
mine PUT /api/v1/health-data
problem 'refused: 405 for a method that is not there' 405 method-not-allowed "h('allow').includes('GET')"
mine GET /api/v1/auth/me --header 'Accept: image/png'
problem 'refused: 406 for a form that is not there' 406 not-acceptable
json POST /api/v1/health-data large --header 'Expect:'
problem 'refused: 413 for a body that is too large' 413 payload-too-large
mine POST /api/v1/health-data --header 'Content-Type: text/plain' --data-binary "@$DIR/upload"
problem 'refused: 415 for a media type that is not read' 415 unsupported-media-type
json POST /api/v1/health-data malformed
problem 'refused: 422 for a body that is not JSON' 422 malformed-json
with upload misspelt "{ ...v, upload_sauce: 1 }"
json POST /api/v1/health-data misspelt
problem 'refused: 422 for an unknown property, by its name' 422 validation-error \
  "b.errors.some(({ pointer, message, code }) => pointer === '/upload_sauce' && message !== '' && code !== '')"
for _ in $(seq 1 20); do
  call POST /api/v1/auth/login --header 'Content-Type: application/json' --data-binary "@$DIR/wrong-login"
  [ "$STATUS" = 401 ] || break
done
problem 'refused: 429 after wrong logins' 429 rate-limit-exceeded "Number(h('retry-after')) > 0"

mine DELETE "/api/v1/health-data/$UPLOAD"
expect 'delete: an upload goes with what was made of it' 200 "b.processing_id === '$UPLOAD' && typeof b.deleted_at === 'string'"
mine GET "/api/v1/health-data/processing/$UPLOAD"
problem 'delete: then it is unknown' 404 resource-not-found
mine DELETE "/api/v1/health-data/$SECOND"
expect 'delete: the other one too' 200
mine GET /api/v1/health-data
expect 'delete: no metric is left' 200 'b.data.length === 0'
mine DELETE "/api/v1/health-data/$ANALYSIS"
expect 'delete: the analysis too, with the insight' 200 'b.deleted.analyses === 1 && b.deleted.insights === 1'
mine DELETE /api/v1/me
expect 'erase: not by a token alone' 422
if [ -n "$SMOKE_EMAIL" ]; then
  summary
  exit
fi
mine DELETE /api/v1/me --header "X-Confirm-Delete: $USER_ID"
expect 'erase: everything of mine goes' 200 "typeof b.deleted_at === 'string'"
mine GET /api/v1/auth/me
problem 'erase: then I am nobody' 401 authentication-required

summary
