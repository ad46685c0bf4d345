#!/bin/sh
# Two tournaments with their reports: on Go 9x9 a round-robin of random, rollout:200, rollout:2000, the shipped net and
# GNU Go, 200 games in parallel; on Gomoku 15x15 the net, rollouts and an external engine over the Gomocup protocol. Targets:
# all games played, none lost by a fault, the order random < rollout:200 < rollout:2000 and net and GNU Go above random with
# disjoint intervals, and reports in every format.
#
# Usage: match_tournament.sh [GAMES [GOMOKU_ENGINE [FOLDER]]]   (20 games a pair: six minutes). GOMOKU_ENGINE: the command
# line of a Gomocup engine (this program's own). FOLDER keeps the reports. TENGEN: another program than the release build.
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
games=${1:-20}
engine=${2:-$tengen gomocup --agent rollout:400}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${3:-$work/reports}
failed=0

check() { # WHAT CONDITION...
    what=$1
    shift
    if "$@"; then echo "ok    $what"; else echo "FAIL  $what"; failed=$((failed + 1)); fi
}
reports() { # NAME GAMES
    check "$1: $2 games, all with SGF" test "$(ls "$folder/$1/games" | wc -l)" -eq "$2"
    for file in report.txt report.json report.jsonl games.csv report.html match.db; do
        check "$1: $file" test -s "$folder/$1/$file"
    done
    check "$1: nothing from elsewhere in the page" sh -c "! grep -qE '(src|href)=|https?://|url\(' '$folder/$1/report.html'"
    check "$1: no loss by a fault" sh -c "! grep -qE ',(forfeit|time),' '$folder/$1/games.csv'"
}
# Whether the interval of one agent lies above that of another: from the last line of report.jsonl.
above() { # NAME HIGH LOW
    tail -n 1 "$folder/$1/report.jsonl" | tr '{' '\n' | sed -n \
        's/.*"name":"\([^"]*\)".*"elo_low":\([^,]*\),"elo_high":\([^,}]*\).*/\1 \2 \3/p' |
        awk -v a="$2" -v b="$3" '$1 == a { low = $2 } $1 == b { high = $3 } END { exit !(low > high) }'
}

"$tengen" match --game go:9 --games "$games" --seed 1 --out "$folder/go" --agent random --agent r200=rollout:200 \
    --agent r2000=rollout:2000 --agent net=net:default,visits=64 --agent "gnugo=gtp:gnugo --mode gtp --level 8" \
    --referee 'gtp:gnugo --mode gtp' 2>"$work/err" || { cat "$work/err"; failed=1; }
reports go $((10 * games))
for pair in 'r200 random' 'r2000 r200' 'net random' 'gnugo random'; do
    check "go: $pair: above, with intervals apart" above go ${pair% *} ${pair#* }
done

"$tengen" match --game gomoku:15 --games "$games" --seed 1 --out "$folder/gomoku" --format sgf --time 100ms/move \
    --time-margin 500 --agent random --agent r1000=rollout:1000 --agent net=net:default --agent "external=gomocup:$engine" \
    2>"$work/err" || { cat "$work/err"; failed=1; }
reports gomoku $((6 * games))
check "gomoku: external random: above, with intervals apart" above gomoku external random
echo "match_tournament: $failed checks failed (target 0)"
test $failed -eq 0
