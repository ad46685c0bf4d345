#!/bin/sh
# Six checkpoints of a run in one pool with random, rollout:1000 and GNU Go, with Elo by a joint maximum likelihood fit. Target:
# the last checkpoint's interval is above the first's, and each third of the run is stronger than the one before.
#
# Usage: train_ladder.sh RUN [GAMES [VISITS [SEED]]]   RUN: a run's folder, of any length. TENGEN: the program.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
run=${1:?usage: train_ladder.sh RUN [GAMES [VISITS [SEED]]]}
games=${2:-20}
visits=${3:-64}
seed=${4:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

game=$("$tengen" report "$run" --json | sed -n 's/^{"game":"\([^"]*\)".*/\1/p')
[ -n "$game" ] || exit 2
count=$(ls "$run"/nets/gen-*.safetensors | wc -l)
[ "$count" -ge 6 ] || { echo "train_ladder: $run has $count checkpoints, six are needed; train it for longer"; exit 2; }
set --
i=0
for net in $(ls "$run"/nets/gen-*.safetensors | awk -v n="$count" '{ line[NR] = $0 }
        END { for (k = 0; k < 6; k++) print line[1 + int(k * (n - 1) / 5 + 0.5)] }'); do
    set -- "$@" --agent "c$i=net:$net,visits=$visits"
    i=$((i + 1))
done
case $game in
go:*)
    size=${game#go:}
    size=${size%%,*}
    set -- "$@" --agent "gnugo=gtp:gnugo --mode gtp --level 10 --chinese-rules --boardsize $size" ;;
esac
"$tengen" match --game "$game" "$@" --agent random=random --agent rollout=rollout:1000 --games "$games" --seed "$seed" \
    --json >"$work/match.json" || exit 1
tail -n 1 "$work/match.json" | tr '{' '\n' | sed -n \
    's/.*"name":"\([^"]*\)".*"score":\([^,]*\),"elo":\([^,]*\),"elo_low":\([^,]*\),"elo_high":\([^,}]*\).*/\1 \2 \3 \4 \5/p' \
    >"$work/table"
awk '{ printf "  %-8s score %.3f  Elo %6.0f (%.0f..%.0f)\n", $1, $2, $3, $4, $5 }' "$work/table"
awk '{ elo[$1] = $3; low[$1] = $4; high[$1] = $5 }
    END {
        early = elo["c0"] + elo["c1"]; middle = elo["c2"] + elo["c3"]; late = elo["c4"] + elo["c5"]
        printf "train_ladder: first %.0f (%.0f..%.0f), last %.0f (%.0f..%.0f) (target: apart); thirds %.0f %.0f %.0f" \
               " (target: rising)\n", elo["c0"], low["c0"], high["c0"], elo["c5"], low["c5"], high["c5"],
               early / 2, middle / 2, late / 2
        exit !(low["c5"] > high["c0"] && early < middle && middle < late)
    }' "$work/table"
