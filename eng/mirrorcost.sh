#!/usr/bin/env bash
# What mmun mirror costs by the size of its target: pause, memory, processor time. Needs cc, python3 and a release build of mmun:
#   dotnet build -c Release src/MmuNotifier.Tool && eng/mirrorcost.sh [SECONDS]
# A row: MiB in so many mappings (with gaps between them), of which the target writes 1,000 random pages a second.
set -u
cd "$(dirname "$0")/.."
seconds=${1:-10}
mmun=$PWD/src/MmuNotifier.Tool/bin/Release/net10.0/mmun.dll
[ -f $mmun ] || { echo "there is no $mmun: dotnet build -c Release src/MmuNotifier.Tool" >&2; exit 2; }
folder=$(mktemp -d)
target=
trap 'kill "$target" 2>/dev/null; rm -rf "$folder"' EXIT
cc -O2 -x c -o "$folder/target" - <<'C' || exit 2
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

int main(int argc, char **argv)
{
    size_t pages = strtoul(argv[1], 0, 10) * 256, mappings = strtoul(argv[2], 0, 10), each = pages / mappings, step = (each + 1) * 4096;
    char *base = mmap(0, mappings * step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (argc < 3 || base == MAP_FAILED || madvise(base, mappings * step, MADV_NOHUGEPAGE))
        return 1;
    for (size_t i = 0; i < mappings; i++)
        munmap(base + i * step + each * 4096, 4096);
    uint64_t random = 88172645463325252ull;
    for (size_t i = 0; i < mappings * each; i++) {
        uint64_t *page = (uint64_t *)(base + i / each * step + i % each * 4096);
        for (int word = 0; word < 512; word++)
            page[word] = random = random * 6364136223846793005ull + 1442695040888963407ull;
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        for (int i = 0; i < 100; i++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            size_t page = (random >> 20) % (mappings * each);
            *(volatile uint64_t *)(base + page / each * step + page % each * 4096) = random;
        }
        nanosleep(&(struct timespec){0, 100000000}, 0);
    }
}
C

echo "| target | mappings | keeps | pause, ms | of it compare, ms | memory of mmun, MiB | processor, % of one |"
echo "|---|---|---|---|---|---|---|"
row() {
  "$folder/target" "$1" "$2" >"$folder/ready" &
  target=$!
  until grep -q ready "$folder/ready"; do sleep 0.1; kill -0 $target || exit 1; done
  dotnet $mmun mirror --verify 1 --json --pid $target $3 >"$folder/report" 2>/dev/null &
  local mirror=$!
  # The first copy of everything is over: the costs are those of keeping it. On some machines new memory comes at 115 MB a second.
  local speed=500
  [ -z "$3" ] || speed=100
  sleep $((3 + $1 / speed))
  local before=$(awk '{print $14 + $15}' /proc/$mirror/stat)
  sleep "$seconds"
  local after=$(awk '{print $14 + $15}' /proc/$mirror/stat) memory=$(awk '/^VmHWM/ {print $2}' /proc/$mirror/status)
  kill -TERM $mirror
  wait $mirror || { echo "mmun mirror failed" >&2; exit 1; }
  kill $target
  wait $target 2>/dev/null
  python3 - "$folder/report" "$1" "$2" "${3:-hashes}" "$memory" $((after - before)) "$seconds" <<'P'
import json, statistics, sys
path, size, mappings, keeps, memory, ticks, seconds = sys.argv[1:]
report = json.loads(open(path).read().splitlines()[-1])
freezes = report["freezes"][len(report["freezes"]) // 2:]
assert report["pagesDiffering"] == 0 and report["eventsLost"] == 0 and len(freezes) > 1, report
def spread(name):
    values = sorted(freeze[name] / 1000 for freeze in freezes)
    return f"{statistics.median(values):.0f} ({values[0]:.0f}–{values[-1]:.0f})"
print(f"| {size} MiB | {int(mappings):,} | {keeps.strip('-')} | {spread('pauseMicros')} | {spread('compareMicros')} | "
      f"{int(memory) / 1024:.0f} | {int(ticks) / float(seconds):.0f} |")
P
}

for size in 100 1024 4096; do
  for mappings in 1000 10000; do
    row $size $mappings ""
    row $size $mappings --bytes
  done
done
