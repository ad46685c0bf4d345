#!/bin/sh
# How far a network can be exploited: an adversary learns to beat it (tengen train --against), a control learns as long without an
# opponent; then both play it. Target: the adversary scores more than the control, with 95 % intervals apart.
#
# Usage: adversary.sh [VICTIM [GAME [MINUTES [GAMES [SEED]]]]]   (default go:9 120 100 1)
# TENGEN: the program; RUNS: folder of the two runs, which a rerun continues until they have had their time (default: a temporary one,
# removed at the end); THREADS (all cores); VISITS: of the two runs in the matches (200); the victim has 64. TOGETHER=1: both train at the
# same time, each with THREADS (1). SETTINGS: NAME=VALUE ... of both runs besides the script's own.
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
victim=${1:-default}
game=${2:-go:9}
minutes=${3:-120}
games=${4:-100}
seed=${5:-1}
visits=${VISITS:-200}
gumbel=visits=$visits,selection=gumbel,considered=8 # as in training
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=${RUNS:-$work}

score() { # NAME AGENT: its score against the victim, with the interval, in per cent
    "$tengen" match --game "$game" --agent "$2" --agent "victim=net:$victim,visits=64" --games "$games" --seed "$seed" --json \
        >"$work/$1.json" || exit 1
    number() { sed -n "s/.*\"$1\":\([-0-9.e]*\).*/\1/p" "$2" | head -n 1; }
    echo "$1 $(number score "$work/$1.json") $(number score_low "$work/$1.json") $(number score_high "$work/$1.json")"
}

trained() { # RUN: minutes of training so far
    [ -f "$1/run.db" ] && "$tengen" report "$1" --json | sed -n '1s/.*"seconds":\([0-9.]*\).*/\1/p' | awk '{ print $1 / 60 }'
}

train() { # RUN [OPTION...]: for the time that it has left
    run=$1
    shift
    left=$(trained "$runs/$run" | awk -v all="$minutes" '{ done = $1 } END { print all - done }')
    awk -v left="$left" 'BEGIN { exit !(left > 0.1) }' || return 0
    "$tengen" train "$runs/$run" --game "$game" --from "$victim" --seed "$seed" --minutes "$left" \
        --set first_rows=20000 --set window=100000 --set ladder_share=0 \
        $(printf -- '--set %s ' ${SETTINGS:-rate=0.005}) ${threads:+--threads "$threads"} "$@"
}

threads=${THREADS:-${TOGETHER:+1}}
if [ -n "${TOGETHER:-}" ]; then
    train adversary --against "$victim" &
    other=$!
    trap 'pkill -INT -P $other; exit 1' INT TERM # a shell's background commands ignore Ctrl-C
    train control || exit 1
    wait $other || exit 1
else
    train adversary --against "$victim" || exit 1
    train control || exit 1
fi
{
    score adversary "adversary=net:$runs/adversary,$gumbel,against=$victim,rationality=10"
    score plain "adversary=net:$runs/adversary,visits=$visits"
    score control "control=net:$runs/control,$gumbel"
} >"$work/scores"
awk -v minutes="$minutes" -v game="$game" '
    { score[$1] = 100 * $2; low[$1] = 100 * $3; high[$1] = 100 * $4 }
    END {
        says["adversary"] = "adversary"
        says["plain"] = "adversary, with an ordinary search,"
        says["control"] = "control"
        for (name in says)
            printf "adversary: %s after %g minutes on %s: %.1f %% (95 %%: %.1f..%.1f) against the victim with 64 visits\n", says[name],
                   minutes, game, score[name], low[name], high[name]
        apart = low["adversary"] > high["control"]
        printf "adversary: %s (target: the adversary above the control, intervals apart)\n", apart ? "met" : "missed"
        exit !apart
    }' "$work/scores"
