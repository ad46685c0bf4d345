#!/bin/sh
# Kills a tournament with SIGKILL at random moments and resumes it: with the same seed and deterministic agents the final table
# must be that of an uninterrupted one, with every game in the journal once, no journalled game played again, and no process
# of an external engine left behind. Tests each schedule in turn, and a sequential test. Target: 0 differences after 20 kills.
#
# Usage: match_kill.sh [KILLS [SEED]]   (20: two minutes). TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
kills=${1:-20}
seed=${2:-1}
mark=match-kill-$$
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
killed=0
round=6 # the one with external engines first

check() { # WHAT CONDITION...
    what=$1
    shift
    if "$@"; then echo "ok    $what"; else echo "FAIL  $what"; failed=$((failed + 1)); fi
}
random() { # how many: a number from 0 to that less 1
    seed=$(((seed * 1103515245 + 12345) & 2147483647))
    r=$(((seed >> 12) % $1))
}
left() { # processes of external engines
    sleep 0.5 # their keepers see the end of the pipe, kill and go
    n=0
    for file in /proc/[0-9]*/cmdline; do
        { tr '\0' ' ' <"$file"; } 2>/dev/null | grep -q "fault.sh.*$mark" && n=$((n + 1))
    done
    echo $n
}
run() { # FOLDER OPTIONS...
    folder=$1
    shift
    exec "$tengen" match --seed 7 --threads 2 --json --out "$folder" "$@"
}
# Removes what may differ: durations.
plain() {
    sed 's/"seconds":[0-9.e+-]*/"seconds":0/' "$1/report.jsonl"
    cut -d, -f 1-11,13- "$1/games.csv"
}

while [ $killed -lt "$kills" ]; do
    round=$((round + 1))
    game=gomoku:9
    case $((round % 7)) in
        1) set -- --schedule round-robin --games 20 ;;
        2) set -- --schedule swiss --games 8 ;;
        3) set -- --schedule knockout --games 20 ;;
        4) set -- --schedule ladder --games 8 ;;
        5) set -- --schedule gauntlet --games 30 ;;
        6) set -- --sprt elo0=-20,elo1=20 --games 2000 ;;
        0) game=go:5 && set -- --schedule round-robin --games 30 ;;
    esac
    form=${2%%,*}
    set -- --game $game "$@" --agent a=rollout:150 --agent b=rollout:100
    if [ $game = go:5 ]; then
        set -- "$@" --agent "passes=gtp:sh '$root/tests/agents/external/fault.sh' fine $mark" \
            --agent "dies=gtp:sh '$root/tests/agents/external/fault.sh' exit $mark 1"
    elif [ "$form" != elo0=-20 ]; then
        set -- "$@" --agent c=rollout:50 --agent random --agent d=rollout:80
    fi
    rm -rf "$work/whole" "$work/parts"
    start=$(date +%s%N)
    (run "$work/whole" "$@") >"$work/out" 2>"$work/err" || check "$form: an unbroken run ends well" false
    took=$((($(date +%s%N) - start) / 1000000))
    here=0
    while [ $killed -lt "$kills" ] && [ $here -lt 4 ]; do
        random $((took / 2))
        (run "$work/parts" "$@") >"$work/out" 2>"$work/err" &
        pid=$!
        sleep "$(printf '%d.%03d' $((r / 1000)) $((r % 1000)))"
        if kill -9 $pid 2>/dev/null; then killed=$((killed + 1)); here=$((here + 1)); fi
        wait $pid 2>/dev/null
        grep -q 'finished":true' "$work/out" && break
    done
    check "$form of $game: no process of an engine left" test "$(left)" -eq 0
    (run "$work/parts" "$@") >"$work/out" 2>"$work/err" || check "$form: the resumed run ends well" false
    plain "$work/whole" >"$work/a"
    plain "$work/parts" >"$work/b"
    check "$form of $game: the same table and games after $here kills of a run of $took ms" cmp -s "$work/a" "$work/b"
    check "$form of $game: $(ls "$work/parts/games" | wc -l) games as files" test \
        "$(($(wc -l <"$work/parts/games.csv") - 1))" -eq "$(ls "$work/parts/games" | wc -l)"
done
echo "match_kill: $failed differences after $killed kills (target 0)"
test $failed -eq 0
