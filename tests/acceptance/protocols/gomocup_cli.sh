#!/bin/sh
# `tengen gomocup` with an independent manager, c-gomoku-cli: gomocup_cli.sh [GAMES [AGENT_A [AGENT_B]]]
# MANAGER is the command that starts it (c-gomoku-cli). Plays GAMES (4) of each rule (freestyle, standard, renju) at 20 s a
# game and 0.15 s a move. Prints games and how they ended; fails if one does not end by the rules.
cd "$(dirname "$0")/../../.." || exit 3
games=${1:-4}
first=${2:-net:default,visits=50}
second=${3:-rollout:200}
manager=${MANAGER:-c-gomoku-cli}
tengen=${TENGEN:-$PWD/build/release/tengen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$tengen" "$work/pbrain-tengen"
cd "$work" || exit 3
bad=0
for rule in 0 1 4; do
    timeout 900 $manager -each tc=20/0.15 -engine name=a cmd="$work/pbrain-tengen --agent $first" \
        -engine name=b cmd="$work/pbrain-tengen --agent $second" -rule $rule -boardsize 15 -games "$games" -rounds 1 \
        -repeat -concurrency 2 -sgf game.$rule.sgf >log.$rule 2>&1
    ended=$(grep -c 'Finished game' log.$rule)
    fair=$(grep 'Finished game' log.$rule | grep -c 'five connection\|Draw\|draw')
    echo "rule $rule: $ended of $games games, $fair ended by the rules (target: all);" \
        "$(grep 'Score of' log.$rule | tail -n 1)"
    [ "$ended" -eq "$games" ] && [ "$fair" -eq "$games" ] || { grep -E 'Finished|rror' log.$rule | tail -n 5; bad=1; }
done
exit $bad
