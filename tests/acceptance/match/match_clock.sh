#!/bin/sh
# Timed games with all cores busy. Target: no loss on time, and none by another fault. Two searches, one with the shipped net
# and one with rollouts, play as many games in parallel as there are cores and use most of their time. With more games in
# parallel each program has less than a core, which is harder, and takes less time.
#
# Usage: match_clock.sh [GAMES [CLOCK [GAME [AT_ONCE]]]]   (500 games at 10s+0.1s of go:9: about two hours on two cores)
# TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
games=${1:-500}
clock=${2:-10s+0.1s}
game=${3:-go:9}
at_once=${4:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$tengen" match --game "$game" --games "$games" --time "$clock" --time-margin 0 --seed 1 --threads "$at_once" --out "$work/out" \
    --agent net=net:default --agent rollout=rollout:100000000 >"$work/text" || exit 1
cat "$work/text"
awk -F, -v games="$games" -v clock="$clock" -v at_once="$at_once" 'NR > 1 { n++; time += $8 == "time"; fault += $8 == "forfeit"; s += $12 }
    END {
        printf "match_clock: %d games at %s, %d at once, %.1f s a game: %d losses on time, %d by other faults (target 0 and 0 of %d)\n",
            n, clock, at_once, s / n, time, fault, games
        exit !(n == games && time == 0 && fault == 0)
    }' "$work/out/games.csv"
