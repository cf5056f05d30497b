#!/usr/bin/env bash
# Has Prometheus's own promtool load the alarms and run their tests. Debian: apt-get install prometheus.
set -euo pipefail
cd "$(dirname "$0")/../docs/prometheus"
if ! command -v promtool >/dev/null; then
  echo 'promtool is not installed, so nothing was checked. On Debian: apt-get install prometheus' >&2
  exit 1
fi
promtool check rules clarity-alerts.yml
promtool test rules clarity-alerts.test.yml
