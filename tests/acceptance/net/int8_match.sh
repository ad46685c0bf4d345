#!/bin/sh
# int8 against f32, with the same net and visits, in paired games. Target: the lower bound of the 95 % interval of int8's Elo
# is above -20.
#
# Usage: int8_match.sh [GAMES [VISITS [GAME [NET [SEED]]]]]   TENGEN: the program.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
games=${1:-2000}
visits=${2:-32}
game=${3:-go:9}
net=${4:-default}
seed=${5:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$tengen" match --game "$game" --agent "int8=net:$net,visits=$visits,dtype=int8" \
    --agent "f32=net:$net,visits=$visits,dtype=f32" --anchor f32 --games "$games" --seed "$seed" --json \
    >"$work/match.json" || exit 1
tail -n 1 "$work/match.json" >"$work/last.json"
number() { sed -n "s/.*\"name\":\"int8\"[^}]*\"$1\":\([-0-9.e]*\).*/\1/p" "$work/last.json"; }
awk -v game="$game" -v n="$games" -v visits="$visits" -v score="$(number score)" -v elo="$(number elo)" \
    -v low="$(number elo_low)" -v high="$(number elo_high)" -v seed="$seed" 'BEGIN {
    printf "int8_match: %s, %d paired games at %d visits, seed %s: int8 scores %.1f %% against f32, Elo %+.1f " \
           "(95 %%: %+.1f..%+.1f), target: lower end above -20\n", game, n, visits, seed, 100 * score, elo, low, high
    exit !(low > -20) }'
