#!/bin/sh
# tengen bench, plain and --json: every part reports, every JSON line has the promised fields, evaluation through the
# search's interface reaches 70 % of the bare tower, and the signature is the same twice. Prints the figures. A minute.
#
# Usage: bench.sh [BENCH OPTIONS...]   TENGEN: the program (default: the script at the root). On an idle machine.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
tengen=${TENGEN:-$here/tengen}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
bad=0

"$tengen" bench --threads 2 "$@" || exit 1
"$tengen" bench --threads 2 --json "$@" >"$lines" || exit 1
for part in board net search selfplay train; do
    grep -q "\"part\":\"$part\"" "$lines" || { echo "no figure for $part"; bad=1; }
done
for field in part name game net dtype batch threads value unit peak fraction; do
    [ "$(grep -c "\"$field\":" "$lines")" -eq "$(wc -l <"$lines")" ] || { echo "a line lacks \"$field\""; bad=1; }
done
least=$(grep '"name":"evaluation,' "$lines" | sed 's/.*"fraction":\([0-9.]*\).*/\1/' | sort -n | head -n 1)
echo "bench: $(wc -l <"$lines") figures; evaluation at least ${least:-0} of the bare tower (target 0.70)"
awk -v f="${least:-0}" 'BEGIN { exit !(f >= 0.70) }' || bad=1
first=$("$tengen" bench --signature) && second=$("$tengen" bench --signature)
echo "bench: signature $first, again $second (target: equal)"
[ -n "$first" ] && [ "$first" = "$second" ] || bad=1
exit $bad
