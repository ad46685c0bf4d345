#!/bin/sh
# Trains a net from scratch and plays 400 paired games at 64 visits against rollout:1000. Target: at least 90 % of the
# points, and at least 90 % of the games distinct. train_go7.sh and train_gomoku9.sh call it.
#
# Usage: learn_against.sh GAME [SEED [MINUTES [GAMES]]]   TENGEN: the program; RUN: folder of the run (default: a temporary
# one, removed at the end).
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
game=$1
seed=${2:-1}
minutes=${3:-20}
games=${4:-400}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=${RUN:-$work/run}

"$tengen" train "$run" --game "$game" --seed "$seed" --minutes "$minutes" || exit 1
"$tengen" match --game "$game" --agent "net:$run,visits=64" --agent rollout:1000 --games "$games" --seed "$seed" \
    --json >"$work/match.json" || exit 1
number() { sed -n "s/.*\"$1\":\([-0-9.e]*\).*/\1/p" "$work/match.json" | head -n 1; }
score=$(awk -v s="$(number score)" 'BEGIN { printf "%.1f", 100 * s }')
low=$(awk -v s="$(number score_low)" 'BEGIN { printf "%.1f", 100 * s }')
high=$(awk -v s="$(number score_high)" 'BEGIN { printf "%.1f", 100 * s }')
distinct=$(awk -v d="$(number distinct)" -v n="$games" 'BEGIN { printf "%.1f", 100 * d / n }')
echo "learn_against: $game, seed $seed, $minutes min: $score % (95 %: $low..$high) against rollout:1000 in $games games" \
    "(target 90); $distinct % of the games distinct (target 90)"
awk -v s="$score" -v d="$distinct" 'BEGIN { exit !(s >= 90 && d >= 90) }'
