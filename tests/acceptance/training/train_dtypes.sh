#!/bin/sh
# Compares training in bf16 (with self-play in int8) with f32: small, repeatable runs, two seeds each, with the same number of
# games and steps. Target: the mean loss over the last quarter of the steps differs between the
# number types by no more than between the seeds, or by 2 %.
#
# Usage: train_dtypes.sh [GAME [GENERATIONS [GAMES_A_ROUND]]]   TENGEN: the program.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
game=${1:-go:5,komi=25}
generations=${2:-24}
round=${3:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

train() { # DTYPE SEED
    "$tengen" train "$work/$1-$2" --game "$game" --seed "$2" --dtype "$1" --deterministic --games "$round" \
        --generations "$generations" --json --report 1 >"$work/$1-$2.json" 2>"$work/$1-$2.log" || {
        cat "$work/$1-$2.log"
        exit 1
    }
}
for seed in 1 2; do
    train f32 $seed &
    train auto $seed &
    wait
done
loss() { # DTYPE SEED: mean over the last quarter of the reports with a loss
    sed -n 's/.*"loss":\([0-9.e+-]*\).*/\1/p' "$work/$1-$2.json" |
        awk '{ x[NR] = $1 } END { for (i = int(NR * 3 / 4) + 1; i <= NR; i++) { s += x[i]; n++ } printf "%.5f", s / n }'
}
awk -v a="$(loss f32 1)" -v b="$(loss f32 2)" -v c="$(loss auto 1)" -v d="$(loss auto 2)" 'BEGIN {
    gap = (c + d - a - b) / 2; noise = a - b < 0 ? b - a : a - b; other = c - d < 0 ? d - c : c - d
    if (other > noise) noise = other
    if (noise < 0.02 * (a + b) / 2) noise = 0.02 * (a + b) / 2
    printf "train_dtypes: loss in f32 %.3f and %.3f, in the fastest types %.3f and %.3f: apart by %+.4f on average " \
           "(target: within %.4f)\n", a, b, c, d, gap, noise
    exit !(gap <= noise && -gap <= noise && a > 0) }'
