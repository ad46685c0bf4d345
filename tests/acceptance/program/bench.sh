#!/bin/sh
# tengen bench, as text and with --json: every part reports, every JSON line has the documented fields, evaluation through the
# evaluator interface reaches 70 % of the speed of the convolutions alone, the signature is repeatable, --against compares,
# and the growth table works. Prints the figures. Takes two minutes.
#
# Usage: bench.sh [BENCH OPTIONS...]   TENGEN: the program (default: the script at the root). On an idle machine.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
bad=0

"$tengen" bench --threads 2 "$@" || exit 1
"$tengen" bench --threads 2 --json "$@" >"$lines" || exit 1
for part in board net search selfplay train; do
    grep -q "\"part\":\"$part\"" "$lines" || { echo "no figure for $part"; bad=1; }
done
for field in part name game net dtype batch threads value unit peak fraction flops cost earlier ratio; do
    [ "$(grep -c "\"$field\":" "$lines")" -eq "$(wc -l <"$lines")" ] || { echo "a line lacks \"$field\""; bad=1; }
done
least=$(grep '"name":"evaluation,' "$lines" | sed 's/.*"fraction":\([0-9.]*\).*/\1/' | sort -n | head -n 1)
echo "bench: $(wc -l <"$lines") figures; evaluation at least ${least:-0} of the convolutions alone (target 0.70)"
awk -v f="${least:-0}" 'BEGIN { exit !(f >= 0.70) }' || bad=1
first=$("$tengen" bench --signature) && second=$("$tengen" bench --signature)
echo "bench: signature $first, again $second (target: equal)"
[ -n "$first" ] && [ "$first" = "$second" ] || bad=1

# Compared with itself: the same figures, all of them found; --fail-slower exits with 1, a file without matching figures with
# 2.
"$tengen" bench board --seconds 0.2 --against "$lines" | grep -q '^4 figures compared' ||
    { echo "--against does not match the figures"; bad=1; }
sed 's/"value":/"value":9/' "$lines" >"$lines.fast"
"$tengen" bench board --seconds 0.2 --against "$lines.fast" --fail-slower 10 >/dev/null 2>&1
[ $? -eq 1 ] || { echo "--fail-slower does not fail"; bad=1; }
"$tengen" bench board --seconds 0.2 --against "$lines" --game gomoku:7 >/dev/null 2>&1
[ $? -eq 2 ] || { echo "--against with nothing to compare does not exit with 2"; bad=1; }
rm -f "$lines.fast"
"$tengen" bench growth --seconds 0.2 --net 2x32 || { echo "growth does not run"; bad=1; }
exit $bad
