#!/bin/sh
# The commands open files of earlier versions (copies of tests/fixtures/v0.1): runs can be resumed, packs unpacked, reports
# and tournaments have the same contents, saved games load. tests/engine/compatibility/ checks the contents in detail.
# Runs the release build's tengen, or $TENGEN; TENGEN_FIXTURES overrides the folder of the files.
root=$(cd "$(dirname "$0")/../.." && pwd)
tengen=${TENGEN:-$root/build/release/tengen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "${TENGEN_FIXTURES:-$root/tests/fixtures/v0.1}/." "$work"
cd "$work" || exit 3
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
bad=0

# check WHAT COMMAND...: the command must succeed.
check() {
    what=$1
    shift
    "$@" >/dev/null 2>&1 && return
    echo "FAIL  $what: $*"
    tail -n 3 out err 2>/dev/null | sed 's/^/      /'
    bad=1
}
# tell ARGUMENTS...: runs tengen; its output goes to out and err.
tell() { timeout 120 "$tengen" "$@" >out 2>err </dev/null; }
# value NAME: a value of the last line of JSON in out.
value() { tail -n 1 out | grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d: -f2; }
# at_least NAME NUMBER
at_least() { [ "$(value "$1")" -ge "$2" ]; }

# First, because a journal requires its players' nets to be unchanged.
check "match" tell match cup.yaml --json
check "its games are taken from the journal" grep -q 'cup: resuming after 5 games' err
check "it plays only what is missing" test "$(value finished)" = true -a "$(ls cup/games | wc -l)" -eq 12
head -n 6 cup/games.csv >out
check "games that were kept stand in the report as they were played" cmp out cup-kept.csv
# Seven decimals: the roots of the intervals are found more exactly than before.
round() { sed 's/"seconds":[^,]*//; s/\(\.[0-9]\{7\}\)[0-9]*/\1/g' "$1"; }
round finished/report.json >before.json
cp finished/games.csv before.csv
check "a finished tournament" tell match finished.yaml --json
check "it plays nothing" grep -q 'finished: resuming after 8 games' err
round out >after.json
check "its result is the same" cmp after.json before.json
check "its games are the same" cmp finished/games.csv before.csv

for run in go gomoku; do
    check "report $run" tell report "./$run" --json
    # Said since 0.1: komi; processor time; more about each report; quality, strength, generations, settings, a verdict and all that is drawn.
    sed -i 's/"komi":\[[^]]*\],//; s/\("value_loss":[^,]*\),"unseen_policy_loss":[^}]*}/\1}/g; s/"processor_seconds":[^,]*,//; s/"self_play_share":[^,]*,//; s/,"quality":.*/}/' out
    check "report $run says what it said" cmp out $run-report.json
    check "train $run" tell train "./$run" --deterministic --generations 3 --dtype f32 --json
    check "report $run" tell report "./$run" --json
    check "the games of $run are counted on" test "$(value games)" -eq 12
    check "$run keeps to its one komi" test -z "$(grep -o '"stdev":[^0][^,]*' out)"
    check "$run has another generation" test "$(value generation)" -eq 3
    check "$run has learned from its games" at_least steps 22
done

# With another optimiser than it had, a run goes on from the same weights; said once.
check "train go with Muon" tell train ./go --deterministic --generations 4 --dtype f32 --set optimiser=muon --json
check "it says that the momentum starts anew" test "$(grep -c 'trained with sgd so far.*momentum of muon.*rate 0.002' err)" -eq 1
check "train on" tell train ./go --deterministic --generations 5 --dtype f32 --json
check "it goes on with Muon" test ! -s err
check "report ./go" tell report ./go --json
check "it tells the optimiser and its rate" grep -q '"optimiser":"muon".*"rate":"0.002' out

check "train --unpack" tell train ./unpacked --unpack gomoku.pack
check "it has the games of the run" grep -q ' 8 games with 130 training rows' out
check "train on from the pack" tell train ./unpacked --generations 3 --dtype f32 --json
check "report" tell report ./unpacked --json
check "the pack's games are counted on" test "$(value games)" -eq 12

for file in games/text.sgf games/text.psq games/gtp.sgf state/tengen/autosave.sgf finished/games/game-0007.sgf; do
    check "play $file" tell play --text --level 1 "$file"
    check "$file is shown" grep -q 'A B C D E' out
done
check "the settings' game is played" tell play --text --clock none
check "it is Gomoku 9x9" grep -q 'A B C D E F G H [IJ]$' out
printf 'loadsgf games/text.sgf\nquery_boardsize\nget_komi\nquit\n' |
    timeout 60 "$tengen" gtp --agent random >out 2>err
check "gtp loads a saved game" grep -q '^= 7\.5$' out
check "bench --against" tell bench board --game go:5 --seconds 0.01 --repeats 1 --against bench.json
check "it finds every figure of that time" grep -q '^4 figures compared' out
exit $bad
