#!/bin/sh
# Kills a lab with SIGKILL at random moments of its training, its measures and its matches, and resumes it each time. Of
# same-data with a budget of steps the trainers' states and the results that are not times must be those of an unbroken lab; of a
# loop with a budget of processor time every arm must have spent it, once. Target: 0 differences after 20 kills, of which at
# least half must have met a lab that was still at work.
#
# Usage: lab_kill.sh [KILLS [SEED]]   (20: three minutes). TENGEN: the program (default: the release build).
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
kills=${1:-20}
seed=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
failed=0
killed=0

check() { # WHAT CONDITION...
    what=$1
    shift
    if "$@"; then echo "ok    $what"; else echo "FAIL  $what"; failed=$((failed + 1)); fi
}
random() { # how many: a number from 0 to that less 1
    seed=$(((seed * 1103515245 + 12345) & 2147483647))
    r=$(((seed >> 12) % $1))
}
# interrupt FILE FOLDER KILLS MILLISECONDS: kills the lab so often, each time within so long of its start, then lets it finish.
interrupt() {
    here=0
    while [ $here -lt "$3" ]; do
        random "$4"
        "$tengen" lab "$1" --out "$2" --threads 2 >out 2>err &
        pid=$!
        sleep "$(printf '%d.%03d' $((r / 1000)) $((r % 1000)))"
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        [ $? -eq 137 ] || break # finished before it was killed
        here=$((here + 1))
    done
    killed=$((killed + here))
    "$tengen" lab "$1" --out "$2" --threads 2 >out 2>err || { cat err; false; }
}
states() { # the newest state of each arm and seed
    for run in "$1"/runs/*; do
        echo "$(basename "$run") $(cksum <"$(find "$run/nets" -name 'state-*' | sort | tail -n 1)")"
    done
}
# values FILE COLUMN...: columns of a report by their names
values() {
    file=$1
    shift
    for column; do
        awk -F, -v name="$column" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i} {print $1, $2, $3, $at}' "$file"
    done
}

"$tengen" train data/run --game gomoku:5,line=4 --net 1x16 --seed 1 --deterministic --generations 30 >out 2>&1 ||
    { tail -n 3 out; exit 3; }
cat >stored.yaml <<'FILE'
kind: same-data
data: data/run
game: gomoku:5,line=4
seeds: [1, 2]
budget: {steps: 300}
slices: 3
settings: {net: 1x16, generation_seconds: 0.2, generation_steps: 10}
arms: [{name: slow, rate: 0.002}, {name: fast, rate: 0.02}]
compare: {games: 10, visits: 32, anchors: ["rollout:50"]}
FILE
start=$(date +%s%N)
"$tengen" lab stored.yaml --out whole --threads 2 >out 2>err || check "an unbroken lab ends well" false
took=$((($(date +%s%N) - start) / 1000000))
check "a killed lab of stored games ends well" interrupt stored.yaml parts $((kills - kills / 3)) $((took / 8))
states whole >a
states parts >b
check "the same trainers' states" cmp -s a b
columns='parameters steps samples games rows loss policy_loss value_loss held_out_loss elo_visits elo_visits_low elo_visits_high'
values whole/report.csv $columns >a
values parts/report.csv $columns >b
check "the same results" cmp -s a b

cat >loop.yaml <<'FILE'
game: gomoku:5,line=4
seeds: [1, 2]
budget: {seconds: 4}
slices: 2
settings: {net: 1x16, visits: 8, first_rows: 200, generation_seconds: 0.5, generation_steps: 10}
arms: [{name: slow, rate: 0.002}, {name: fast, rate: 0.02}]
compare: {games: 10, visits: 8}
FILE
check "a killed loop ends well" interrupt loop.yaml loop $((kills / 3)) 3000
values loop/report.csv processor_s | grep '^seed' >a
check "every arm spent its 4 seconds, and no more: $(cut -d' ' -f4 a | tr '\n' ' ')" \
    awk 'END {exit NR != 4 || bad} {bad = bad || $4 < 4 || $4 > 4.6}' a
check "$killed kills of $kills asked for" test $((2 * killed)) -ge "$kills"
echo "lab_kill: $failed differences after $killed kills (target 0)"
test $failed -eq 0
