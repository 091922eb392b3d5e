#!/usr/bin/env bash
# Runs the chaos of the cache on Redis for a time, with ever new seeds, and stops at the first stale lookup:
# eng/cachechaos.sh [SECONDS [FIRST_SEED]]. Needs redis-server.
set -u
cd "$(dirname "$0")/.."
seconds=${1:-3600} seed=${2:-1} each=60
dotnet build -v quiet tests/MmuNotifier.Caching.Redis.Tests || exit 2
tests=tests/MmuNotifier.Caching.Redis.Tests/bin/Debug/net10.0/MmuNotifier.Caching.Redis.Tests.dll

end=$((SECONDS + seconds)) runs=0
while [ $SECONDS -lt $end ]; do
  if ! output=$(MMUN_CHAOS_SECONDS=$each MMUN_CHAOS_SEED=$seed dotnet "$tests" -noColor -showLiveOutput -class '*.ChaosTests'); then
    printf '%s\n' "$output"
    echo "FAILED with the seed $seed, after $SECONDS s"
    exit 1
  fi
  printf '%s\n' "$output" | grep OUTPUT | sed 's/.*OUTPUT\] //'
  runs=$((runs + 1)) seed=$((seed + 1))
done
echo "ok: $runs runs of 2 * $each s"
