#!/bin/sh
# Tic-tac-toe from scratch: three minutes of training, then 1,000 games at 32 visits against the perfect player (target:
# no loss) and 1,000 against random (target: at least 90 % won as first player).
#
# Usage: train_tictactoe.sh [SEED [MINUTES]]   TENGEN: the program; RUN: folder of the run (default: a temporary one).
set -u
here=$(cd "$(dirname "$0")/../../.." && pwd)
tengen=${TENGEN:-$here/tengen}
seed=${1:-1}
minutes=${2:-3}
game=gomoku:3,line=3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=${RUN:-$work/run}

number() { sed -n "s/.*\"$1\":\([-0-9.e]*\).*/\1/p" "$2" | head -n 1; }

"$tengen" train "$run" --game $game --seed "$seed" --minutes "$minutes" --json >"$work/train.log" || exit 1
grep seconds "$work/train.log" | tail -n 1
for opponent in perfect random; do
    "$tengen" match --game $game --agent "net:$run,visits=32" --agent $opponent --games 1000 --opening-plies 0 \
        --seed "$seed" --json >"$work/$opponent.json" || exit 1
done
losses=$(number losses "$work/perfect.json")
distinct=$(number distinct "$work/perfect.json")
# The score as first player is wins + draws / 2, so wins >= 2 score - games.
wins=$(awk -v p="$(number points_first "$work/random.json")" -v n="$(number games_first "$work/random.json")" \
    'BEGIN { printf "%.1f", 100 * (2 * p - n) / n }')
echo "train_tictactoe: seed $seed, $minutes min: $losses losses against perfect in 1000 games (target 0);" \
    "$wins % won first against random (target 90); distinct games: $distinct against perfect," \
    "$(number distinct "$work/random.json") against random"
[ "$losses" -eq 0 ] && awk -v w="$wins" 'BEGIN { exit !(w >= 90) }'
