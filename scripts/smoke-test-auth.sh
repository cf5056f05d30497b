#!/usr/bin/env bash
# Tries the accounts of a running service: registering, logging in, refreshing, codes, the lock, logging out.
#
#   scripts/smoke-test-auth.sh http://127.0.0.1:8000
#   MAIL_DIR=.data/mail scripts/smoke-test-auth.sh http://127.0.0.1:8000
#
# MAIL_DIR is the folder in which an embedded service without a mail server keeps its mails. With it, codes that were
# sent are tried too. Needs bash, curl and node. Every run makes an account of its own, so it can be run again; an
# address that nobody has is left locked for a while. Prints one line a check, and exits with 1 when any failed.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: $0 URL" >&2
  exit 2
fi
base=${1%/}/api/v1/auth
mails=${MAIL_DIR:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passes=0
failures=0
limited=no
status=
body=

run=$(node -e 'console.log(Date.now().toString(36) + require("node:crypto").randomBytes(4).toString("hex"))')
email="smoke-$run@example.org"
nobody="smoke-nobody-$run@example.org"
victim="smoke-locked-$run@example.org"
password="Smoke-Test-7-$run"
new_password="Smoke-Test-8-$run"

# call METHOD PATH [BODY] [TOKEN]: leaves the answer in $status, $body (and $work/body) and $work/headers.
call() {
  local options=(--silent --show-error --connect-timeout 10 --max-time 30 --request "$1" --dump-header "$work/headers" --output "$work/body")
  [ -z "${3:-}" ] || options+=(--header 'content-type: application/json' --data-binary "$3")
  [ -z "${4:-}" ] || options+=(--header "authorization: Bearer $4")
  : >"$work/headers"
  : >"$work/body"
  status=$(curl "${options[@]}" --write-out '%{http_code}' "$base$2" 2>"$work/curl") || status=000
  body=$(<"$work/body")
}

# field NAME: the member of the last answer, or nothing. Enough for words, tokens and truths; a quotation mark ends it.
field() {
  local member="\"$1\": *\"?([^\",}]*)"
  [[ $body =~ $member ]] && printf '%s' "${BASH_REMATCH[1]}" || true
}

# header NAME: of the last answer.
header() {
  tr -d '\r' <"$work/headers" | awk -v name="$1" 'BEGIN { FS = ": " } tolower($1) == name { print $2; exit }'
}

passed() {
  echo "ok    $1"
  passes=$((passes + 1))
}
failed() {
  echo "FAIL  $1: $2"
  failures=$((failures + 1))
}
left_out() { echo "--    $1: $2"; }

# expect STATUS TITLE [MEMBER VALUE]: the last answer has the status, and the member.
expect() {
  if [ "$status" != "$1" ]; then
    local words
    words=$(field detail)
    [ "$status" != 000 ] || words=$(cat "$work/curl")
    [ "$status" != 429 ] || limited=yes
    failed "$2" "expected $1, got $status ${words:0:200}"
  elif [ $# -gt 2 ] && [ "$(field "$3")" != "$4" ]; then
    failed "$2" "expected $3 $4, got $(field "$3")"
  else
    passed "$2"
  fi
}

# A problem document without what is of this one request: two answers that tell nothing apart are equal.
keep() {
  node -e '
    const { readFileSync } = require("node:fs");
    let answer = {};
    try { answer = JSON.parse(readFileSync(process.argv[1], "utf8")); } catch {}
    const { request_id, instance, ...told } = answer ?? {};
    console.log(JSON.stringify(told));
  ' "$work/body" >"$work/kept-$1"
}
same() {
  if cmp -s "$work/kept-$1" "$work/kept-$2"; then
    passed "$3"
  else
    failed "$3" "$(cat "$work/kept-$1") is not $(cat "$work/kept-$2")"
  fi
}

credentials() { printf '{"email":"%s","password":"%s"}' "$1" "$2"; }
of_email() { printf '{"email":"%s"}' "$1"; }
with_code() { printf '{"email":"%s","code":"%s"}' "$1" "$2"; }
reset_with() { printf '{"email":"%s","code":"%s","new_password":"%s"}' "$1" "$2" "$3"; }

# mailed_code ADDRESS SUBJECT: the code of the newest such mail, waiting a little for it. Mails leave after the answer.
mailed_code() {
  node -e '
    const { readdirSync, readFileSync } = require("node:fs");
    const { join } = require("node:path");
    const [folder, address, subject] = process.argv.slice(1);
    const look = (looks) => {
      let mails = [];
      try {
        mails = readdirSync(folder).filter((name) => name.endsWith(".eml")).sort().reverse();
      } catch {}
      for (const name of mails) {
        const mail = readFileSync(join(folder, name), "utf8");
        if (!mail.includes(`\r\nTo: ${address}\r\n`) || !mail.includes(`\r\nSubject: ${subject}\r\n`)) continue;
        process.stdout.write(/^ +([A-Z2-7]{4}-[A-Z2-7]{4})\r?$/m.exec(mail)?.[1] ?? "");
        return;
      }
      if (looks > 0) setTimeout(look, 100, looks - 1);
    };
    look(100);
  ' "$mails" "$1" "$2"
}

# Registering.
call GET /health
expect 200 'accounts can be reached: 200' status healthy
[ "$status" != 000 ] || exit 1
call POST /register "$(credentials "$email" "$password")"
must_confirm=no
if [ "$status" = 202 ]; then
  must_confirm=$(field requires_email_verification)
  expect 202 'register: 202, the address must be confirmed' requires_email_verification true
else
  expect 201 'register: 201 with tokens' token_type bearer
fi
access=$(field access_token)
call POST /register "$(credentials "$nobody" weak)"
expect 400 'register with a weak password: 400' code weak-password
call POST /register "$(credentials "$email" "$password")"
expect 409 'register the same address again: 409' code resource-conflict
call POST /register '{"email":7}'
expect 422 'register with a malformed body: 422' code validation-error
call POST /register '{"email":'
expect 422 'register with what is not JSON: 422' code malformed-json

# Codes.
call POST /confirm-email "$(with_code "$email" 12345)"
expect 400 'confirm with a wrong code: 400' code invalid-code
keep wrong-code
call POST /confirm-email "$(with_code "$nobody" 12345)"
expect 400 'confirm an unknown address: 400' code invalid-code
keep unknown-code
same wrong-code unknown-code 'it reads the same as the wrong code'
call POST /reset-password "$(reset_with "$email" 12345 "$new_password")"
expect 400 'reset with a wrong code: 400' code invalid-code
call POST /reset-password "$(reset_with "$email" 12345 weak)"
expect 400 'reset with a weak password: 400' code weak-password

if [ "$must_confirm" = true ]; then
  call POST /login "$(credentials "$email" "$password")"
  expect 403 'login before the address is confirmed: 403' code email-not-verified
  call POST /login "$(credentials "$email" "Wrong-$password")"
  expect 401 'the same with a wrong password: 401' code invalid-credentials
  if [ -n "$mails" ]; then
    call POST /confirm-email "$(with_code "$email" "$(mailed_code "$email" 'Confirm your e-mail address')")"
    expect 200 'confirm with the code that was mailed: 200' status confirmed
    must_confirm=no
  fi
fi

call POST /resend-confirmation "$(of_email "$email")"
expect 200 'resend the confirmation: 200' status sent
call POST /resend-confirmation "$(of_email "$nobody")"
expect 200 'resend it to an unknown address: 200' status sent
call POST /forgot-password "$(of_email "$nobody")"
expect 200 'forgot the password of an unknown address: 200' status sent
call POST /forgot-password "$(of_email "$email")"
expect 200 'forgot the password: 200' status sent
if [ -n "$mails" ]; then
  code=$(mailed_code "$email" 'Set a new password')
  call POST /reset-password "$(reset_with "$email" "$code" "$new_password")"
  expect 200 'reset it with the code that was mailed: 200' status reset
  call POST /reset-password "$(reset_with "$email" "$code" "$password")"
  expect 400 'the same code again: 400'
  password=$new_password
  must_confirm=no
fi

# Logging in.
call POST /login "$(credentials "$email" "Wrong-$password")"
expect 401 'login with a wrong password: 401' code invalid-credentials
keep wrong-password
call POST /login "$(credentials "$nobody" "$password")"
expect 401 'login with an unknown address: 401' code invalid-credentials
keep unknown-user
same wrong-password unknown-user 'it reads the same as the wrong password'
tries=0
call POST /login "$(credentials "$victim" "$password")"
while [ "$status" = 401 ] && [ "$tries" -lt 20 ]; do
  tries=$((tries + 1))
  call POST /login "$(credentials "$victim" "$password")"
done
expect 429 'login after too many failures: 429' code rate-limit-exceeded
retry_after=$(header retry-after)
case $retry_after in
  '' | *[!0-9]* | 0) failed 'it says when to come again' "Retry-After is '$retry_after'" ;;
  *) passed 'it says when to come again' ;;
esac

if [ "$must_confirm" = true ]; then
  left_out 'login, refresh, logout' 'the account waits for its confirmation; MAIL_DIR says where mails are kept'
else
  call POST /login "$(credentials "$email" "$password")"
  expect 200 'login: 200 with tokens' token_type bearer
  access=$(field access_token)
  refresh=$(field refresh_token)
  call GET /me '' "$access"
  expect 200 'who am I: 200' email "$email"
  call POST /refresh "{\"refresh_token\":\"$refresh\"}"
  expect 200 'refresh: 200 with tokens' token_type bearer
  latest=$(field refresh_token)
  call POST /logout '{}' "$access"
  expect 200 'logout: 200'
  call POST /refresh "{\"refresh_token\":\"$refresh\"}"
  expect 401 'refresh after the logout: 401' code invalid-refresh-token
  call POST /refresh "{\"refresh_token\":\"${latest:-$refresh}\"}"
  expect 401 'the same with the newest token: 401' code invalid-refresh-token
fi

# Tokens.
call POST /refresh '{"refresh_token":"garbage"}'
expect 401 'refresh with garbage: 401' code invalid-refresh-token
call GET /me
expect 401 'without a token: 401' code authentication-required
call GET /me '' garbage
expect 401 'with garbage for a token: 401' code authentication-required
call POST /logout '{}'
expect 401 'logout without a token: 401' code authentication-required

[ "$limited" = no ] || echo 'The service answered 429, as it should after so many accounts: start it with RATE_LIMITS=multiplier=20, or come again in an hour.'
echo "$passes passed, $failures failed"
[ "$failures" -eq 0 ]
