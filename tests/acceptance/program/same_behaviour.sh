#!/bin/sh
# Verifies that a refactoring did not change behaviour: with the same seeds, two programs must search, play and learn the same,
# bit for bit. It compares
#   - the signature of search and arithmetic (bench --signature),
#   - deterministic training of Go on two board sizes and of Gomoku: every stored move, policy and value, the weights
#     of every net and of the newest trainer state,
#   - matches with fixed visits, Go 9x9 and Gomoku 15x15: every move with the value and visits that its player
#     reported, and every result; without durations.
# Games are decoded first (with acceptance_contents of this tree), so that the storage format does not matter. For each part,
# prints both checksums, and `same` or `DIFFERENT` with the first line that differs; exits with 1 if there is a difference.
#
# Usage: same_behaviour.sh BINARY_BEFORE BINARY_AFTER   (two minutes)
#   NEW_SETTINGS   training settings that only BINARY_AFTER may have, with values that do not change its behaviour; each is
#                  passed to the programs that have it (komi_stdev=0 komi_even=0 features= cleanup=0)
#   CONTENTS       the decoder (build/release/tests/acceptance_contents)
#   GAMES          approximate number of games per training run (300)
set -u
root=$(cd "$(dirname "$0")/../../.." && pwd)
contents=${CONTENTS:-$root/build/release/tests/acceptance_contents}
new_settings=${NEW_SETTINGS-komi_stdev=0 komi_even=0 features= cleanup=0}
generations=5
round=$((${GAMES:-300} / generations))
[ $# -eq 2 ] && [ $round -ge 1 ] || { echo "usage: same_behaviour.sh BINARY_BEFORE BINARY_AFTER" >&2; exit 2; }
for program in "$1" "$2" "$contents"; do
    [ -x "$program" ] || { echo "$program is not an executable program" >&2; exit 2; }
done
before=$(realpath "$1")
after=$(realpath "$2")
contents=$(realpath "$contents")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/before" "$work/after"
different=0

fail() {
    echo "same_behaviour: $*" >&2
    [ ! -s "$work/log" ] || tail -n 5 "$work/log" >&2
    exit 2
}

# The signature is a checksum already.
checksum() { # FILE
    if [ $part = signature ]; then cat "$1"; else sha256sum <"$1" | cut -c 1-16; fi
}

# Prints --set NAME=VALUE for the new settings that a program lists in its help.
known_settings() { # BINARY
    for setting in $new_settings; do
        "$1" train --help | grep -q "^  ${setting%%=*} " && printf -- '--set %s ' "$setting"
    done
}

train() { # BINARY FOLDER OPTIONS...
    binary=$1
    folder=$2
    shift 2
    # shellcheck disable=SC2046 # one word per setting
    "$binary" train "$folder" --deterministic --seed 11 --games $round --generations $generations --dtype f32 \
        --set batch=64 --set first_rows=500 --set samples_per_row=2 $(known_settings "$binary") "$@" --json \
        >"$work/log" 2>&1 && "$contents" run "$folder" 2>>"$work/log"
}
match() { # BINARY FOLDER GAME
    "$1" match --game "$3" --agent net=net:default,visits=32 --agent roll=rollout:200 --games 6 --seed 12 --threads 1 \
        --out "$2" --json >"$work/log" 2>&1 && "$contents" journal "$2" "$3" 2>>"$work/log"
}

# The parts: each prints one program's text on stdout.
signature() { "$1" bench --signature 2>"$work/log"; }
train_go() { train "$1" "$2/go" --game go:7 --sizes 5,7 --net "conv:16 res:16 gpool:16"; }
# Features that the presets do not use: fast searches, tree reuse, random moves, balanced openings.
train_gomoku() {
    train "$1" "$2/gomoku" --game gomoku:9 --net "conv:16 res:16" --set full_share=0.5 --set fast_visits=6 \
        --set tree_reuse=1 --set random_moves=0.05 --set opening_balance=0.02
}
match_go() { match "$1" "$2/match-go" go:9; }
match_gomoku() { match "$1" "$2/match-gomoku" gomoku:15; }

for part in signature train_go train_gomoku match_go match_gomoku; do
    $part "$before" "$work/before" >"$work/before.txt" || fail "$part fails with $before"
    $part "$after" "$work/after" >"$work/after.txt" || fail "$part fails with $after"
    [ -s "$work/before.txt" ] || fail "$part tells nothing"
    verdict=same
    cmp -s "$work/before.txt" "$work/after.txt" || verdict=DIFFERENT
    printf '%-13s %6d lines  %s  %s  %s\n' $part "$(wc -l <"$work/before.txt")" \
        "$(checksum "$work/before.txt")" "$(checksum "$work/after.txt")" $verdict
    [ $verdict = same ] && continue
    different=$((different + 1))
    diff "$work/before.txt" "$work/after.txt" | head -n 4 | cut -c 1-200 | sed 's/^/    /'
done
echo "same_behaviour: $different of 5 parts differ (target 0)"
[ $different -eq 0 ]
