#!/usr/bin/env bash
# Runs the checker of mmun device for a time, mix after mix with ever new seeds, and stops at the first fault:
# eng/checkdevice.sh [SECONDS [FIRST_SEED]]. MMUN says which mmun; MIX, what must be in the name of a mix. Needs root and a C compiler.
set -u
cd "$(dirname "$0")/.."
seconds=${1:-3600} seed=${2:-1} each=30
mmun=${MMUN:-dotnet $PWD/src/MmuNotifier.Tool/bin/Debug/net10.0/mmun.dll}
folder=tests/Targets/Device/Checker
checker=$(mktemp -d)/checker
trap 'rm -rf "$(dirname "$checker")"' EXIT
cc -O1 -g -pthread -o "$checker" $folder/*.c || exit 2

end=$((SECONDS + seconds)) runs=0
while [ $SECONDS -lt $end ]; do
  while IFS=: read -r name parameters; do
    [[ $name == \#* || $name != *"${MIX:-}"* ]] && continue
    [ $SECONDS -lt $end ] || break
    # Twice the time and a minute: for the end of the run, and of mmun.
    if ! output=$(timeout -k 5 $((each * 2 + 60)) $mmun device -- "$checker" seconds=$each "seed=$seed" $parameters </dev/null 2>&1); then
      printf '%s\n' "$output"
      echo "FAILED after $SECONDS s, in \"$name\": mmun device -- checker seconds=$each seed=$seed $parameters"
      exit 1
    fi
    runs=$((runs + 1))
  done < $folder/mixes.txt
  seed=$((seed + 1))
done
if [ $runs -eq 0 ]; then
  echo "no mix is named \"*$MIX*\""
  exit 2
fi
echo "ok: $runs runs of $each s, the last seed $((seed - 1))"
