#!/bin/sh
# The shipped nets, with 64 visits: Go on 5x5, 7x7 and 9x9 and Gomoku 15x15 against rollout:1000 (target: the 95 %
# interval above 50 % on each; on 5x5 the colour decides many games), and Go 9x9 against GNU Go at level 10, without a
# target.
#
# Usage: shipped_nets.sh [GAMES [VISITS [SEED]]]   TENGEN: the program.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
games=${1:-100}
visits=${2:-64}
seed=${3:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

# GAME OPPONENT GAMES TARGET
against() {
    "$tengen" match --game "$1" --agent "net:default,visits=$visits" --agent "$2" --games "$3" --seed "$seed" --json \
        >"$work/match.json" 2>/dev/null || { echo "shipped_nets: $1 against $2 was not played"; missed=1; return; }
    set -- "$1" "$2" "$3" "$4" $(sed -n 's/.*"score":\([^,]*\),.*"score_low":\([^,]*\),.*"score_high":\([^,}]*\).*/\1 \2 \3/p' \
        "$work/match.json" | head -n 1) $(sed -n 's/.*"distinct":\([0-9]*\).*/\1/p' "$work/match.json" | head -n 1)
    awk -v g="$1" -v o="$2" -v n="$3" -v t="$4" -v s="$5" -v l="$6" -v h="$7" -v d="$8" 'BEGIN {
        printf "shipped_nets: %s against %s: %.1f %% (95 %%: %.1f..%.1f) of %d games (target: %s), %d distinct\n",
               g, o, 100 * s, 100 * l, 100 * h, n, t ? "interval above " t " %" : "none", d
        exit !(100 * l >= t) }' || missed=1
}

for game in go:5 go:7 go:9 gomoku:15; do
    against $game rollout:1000 "$games" 50
done
against go:9 "gtp:gnugo --mode gtp --level 10 --chinese-rules --boardsize 9" "$((games / 5))" 0
exit $missed
