#!/bin/sh
# Whether options of the search in play make it stronger: each against the default by a sequential test of 0 against 15 Elo,
# at 0.1 s a move and at most 5,000 games, on Go 9x9 and Gomoku 15x15 (from balanced openings). Target: every test decides
# for the option.
#
# Usage: search_options.sh OPTION...   e.g. search_options.sh stdev=0.85 bias=0.35 hold=yes stdev=0.85,bias=0.35
# Rerun the command to resume: every match keeps its journal and report in OUT (default: search_options/).
# LIMIT: of each move (default time=100ms; visits=200 compares at equal visits). CLOCK: of a game instead, e.g. 4s, under which
# hold=yes takes no more time than the default. GAMES: the most (5000). PLAY: the games ("go:9 gomoku:15"). AT_ONCE: concurrent
# games (1); more than one for each core distorts the times. SEED: 1. NET: default. TENGEN: the program (default: ./tengen of
# this tree).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/tengen}
limit=${LIMIT:-time=100ms}
net=net:${NET:-default},$limit,threads=1
clock=
[ -z "${CLOCK:-}" ] || { limit=clock=$CLOCK net=net:${NET:-default},threads=1 clock="--time $CLOCK"; }
out=${OUT:-search_options}
games=${GAMES:-5000}
[ $# -gt 0 ] || { echo "usage: $0 OPTION..., e.g. $0 stdev=0.85 bias=0.35,stdev=0.85" >&2; exit 2; }

missed=0
for option in "$@"; do
    for game in ${PLAY:-go:9 gomoku:15}; do
        openings=
        case $game in gomoku:*) openings="--openings even" ;; esac
        folder=$out/$option/$game/$limit
        mkdir -p "$folder"
        # shellcheck disable=SC2086
        "$tengen" match --game "$game" --agent "on=$net,$option" --agent "off=$net" --sprt elo0=0,elo1=15 \
            --games "$games" --threads "${AT_ONCE:-1}" --seed "${SEED:-1}" --anchor off $clock $openings --out "$folder" \
            >"$folder/output"
        status=$?
        # A test that has not decided at the end fails, too, but is not an interruption.
        [ $status = 0 ] || { [ $status = 1 ] && grep -q "^$games of $games games" "$folder/report.txt"; } || exit $status
        verdict=$(sed -n 's/^SPRT ([^)]*): \([^,]*, LLR [^;]*\);.*/\1/p' "$folder/report.txt")
        [ -n "$verdict" ] || { echo "$folder/report.txt has no verdict"; exit 3; }
        result=$(awk '$1 == "on" && $2 ~ /^[0-9]+$/ { found = $3 " wins, " $4 " draws, " $5 " losses of " $2 " games: "
            sub(/^on +[0-9]+ +[0-9]+ +[0-9]+ +[0-9]+ +/, ""); gsub(/ +/, " "); print found $0 " Elo" }' "$folder/report.txt")
        echo "$option, $game, $limit: $result"
        echo "    0 against 15 Elo: $verdict (target: H1 accepted)"
        case $verdict in H1*) ;; *) missed=1 ;; esac
    done
done
exit $missed
