#!/usr/bin/env bash
# Mirrors a tree of processes that fork, execute and make threads (tests/Targets/Native/tree.c), run after run with new seeds, and stops at
# the first fault: eng/checkmirror.sh [SECONDS [FIRST_SEED]]. MMUN says which mmun. Needs root, cc and python3.
set -u
cd "$(dirname "$0")/.."
seconds=${1:-3600} seed=${2:-1} each=${EACH:-60}
mmun=${MMUN:-dotnet $PWD/src/MmuNotifier.Tool/bin/Debug/net10.0/mmun.dll}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cc -O1 -g -pthread -o "$folder/tree" tests/Targets/Native/tree.c || exit 2

end=$((SECONDS + seconds)) runs=0 freezes=0 pages=0
while [ $SECONDS -lt $end ]; do
  # Twice the time and a minute: for the end of the run, and of mmun.
  timeout -k 5 $((each * 2 + 60)) $mmun mirror --json --verify 0.3 -- "$folder/tree" $each $seed </dev/null >"$folder/output" 2>&1
  status=$?
  # Pages and freezes; and what was mirrored and is none of the tree: no other process, whatever number it has.
  { read -r summary; read -r strangers; } < <(sed -n '/^{/p' "$folder/output" | python3 -c '
import json, sys
report = json.loads(sys.stdin.readlines()[-1])
print(report["pagesCompared"], len(report["freezes"]))
followed = {child["command"] for child in report["children"] if child["outcome"] == "followed"}
print(*(followed - {"tree", "true", "?"}))')
  if [ $status -ne 0 ] || [ -z "$summary" ] || [ -n "$strangers" ] || ! grep -qx ok "$folder/output"; then
    cat "$folder/output"
    echo "FAILED after $SECONDS s (exit code $status; strangers: ${strangers:-none}): mmun mirror --json --verify 0.3 -- tree $each $seed"
    exit 1
  fi
  runs=$((runs + 1)) seed=$((seed + 1))
  pages=$((pages + ${summary% *})) freezes=$((freezes + ${summary#* }))
done
echo "ok: $runs runs of $each s, $pages pages compared in $freezes freezes, the last seed $((seed - 1))"
