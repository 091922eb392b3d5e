#!/usr/bin/env bash
# Makes the pictures of docs/top.md, docs/mirror.md and docs/reports.md: mmun beside a redis server under load.
# Needs redis, python3 and chromium, and a built mmun: eng/screenshots.sh [Debug|Release]
set -eu
cd "$(dirname "$0")/.."
mmun="$PWD/src/MmuNotifier.Tool/bin/${1:-Debug}/net10.0/mmun.dll"
work=$(mktemp -d)
port=7399
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

shoot() { # FILE URL WIDTH HEIGHT
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 --window-size="$3,$4" \
    --virtual-time-budget=4000 --screenshot="$1" "$2" >/dev/null 2>&1
}

redis-server --port $port --save '' --dir "$work" >/dev/null &
server=$!
sleep 1
redis-benchmark -p $port -c 4 -t set,lpush -n 100000000 -r 200000 -d 500 >/dev/null 2>&1 &

# The screen as it is after nine seconds, as a page.
{ sleep 9; echo 'keys 71'; sleep 3; } \
  | TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8 python3 tests/Targets/Python/terminal.py 124 30 \
    dotnet "$mmun" top --pid $server > "$work/top.ansi" 2>/dev/null
python3 eng/ansi2html.py < "$work/top.ansi" > "$work/top.html"
shoot docs/images/top.png "file://$work/top.html" 1008 548

{ sleep 10; echo 'keys 03'; sleep 3; } \
  | TERM=xterm-256color COLORTERM=truecolor LC_ALL=C.UTF-8 python3 tests/Targets/Python/terminal.py 124 24 \
    dotnet "$mmun" mirror --verify 2 --pid $server > "$work/mirror.ansi" 2>/dev/null
python3 eng/ansi2html.py < "$work/mirror.ansi" > "$work/mirror.html"
shoot docs/images/mirror.png "file://$work/mirror.html" 1008 428

dotnet "$mmun" record --pid $server -o "$work/redis.rec" --duration 12 --interval 0.1
dotnet "$mmun" report "$work/redis.rec"
dotnet "$mmun" report "$work/redis.rec" --html "$work/report.html"
shoot docs/images/report.png "file://$work/report.html" 1440 860
