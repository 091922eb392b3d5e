#!/usr/bin/env bash
# Adds what is missing in the PublicAPI.Unshipped.txt of a project, and drops what is gone: eng/publicapi.sh src/MmuNotifier.Hmm
set -eu
project=$1
file=$project/PublicAPI.Unshipped.txt
log=$(dotnet build -v quiet -clp:NoSummary "$project" -t:Rebuild -p:BuildProjectReferences=false 2>&1 || true)
printf '%s\n' "$log" | sed -n "s/.*error RS0017: Symbol '\(.*\)' is part of the declared API.*/\1/p" | sort -u > "$file.gone"
printf '%s\n' "$log" | sed -n "s/.*error RS00\(16\|41\): Symbol '\(.*\)' is not part of the declared public API.*/\2/p" | sort -u > "$file.new"
{ grep -vxF -f "$file.gone" "$file" || true; cat "$file.new"; } > "$file.all"
{ echo '#nullable enable'; grep -v '^#nullable enable$' "$file.all" | LC_ALL=C sort -u; } > "$file"
rm -f "$file.gone" "$file.new" "$file.all"
